"""What the tests of the front end share: the shortest useful spec, and ways to lay something over it."""

from __future__ import annotations

import io
import re
from pathlib import Path

from stgen.diagnostics.diagnostic import Diagnostic
from stgen.language.load import load
from stgen.language.spec import Spec
from stgen.source.source import Source

SHORTEST = """\
stgen = 1

[model]
type = "dense"
base = "sentence-transformers/all-MiniLM-L6-v2"

[[data]]
train = "data/train.jsonl"
columns = { anchor = "question", positive = "answer" }
"""


def load_text(text: str | bytes) -> tuple[Spec | None, Source | None, list[Diagnostic]]:
    """What the front end makes of a text, as if it came from standard input."""
    return load("-", io.BytesIO(text.encode() if isinstance(text, str) else text))


def load_over(folder: Path, fragment: str) -> tuple[Spec | None, Source | None, list[Diagnostic]]:
    """What it makes of a fragment laid over the shortest spec; of a whole spec as it is."""
    if "stgen = " in fragment:
        return load_text(fragment)
    (folder / "base.toml").write_text(SHORTEST)
    path = folder / "spec.toml"
    # Before a table's header, else the key would stand in that table.
    path.write_text(fragment if "extends" in fragment else f'extends = "base.toml"\n{fragment}\n')
    return load(str(path))


def codes(findings: list[Diagnostic]) -> list[str]:
    return [item.code for item in findings]


def is_toml(example: str) -> bool:
    """Whether an example of the registry of diagnostics is a spec, or a part of one."""
    return re.match(r"(stgen = |[a-z]+ = |\[)", example) is not None
