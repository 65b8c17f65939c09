"""Counts tokens: by the base's own tokenizer where its file is here and `tokenizers` is installed, else by an estimate."""

from __future__ import annotations

import os
from collections.abc import Sequence

from stgen.language.facts import encoders_of
from stgen.language.paths import is_local
from stgen.language.spec import Spec
from stgen.profiling.counting import Measure
from stgen.rows.text_signs import tokens
from stgen.values.regular import open_regular

FILE = "tokenizer.json"
MOST_BYTES = 1 << 26  # of a tokenizer's file: the largest vocabularies take some 30 MiB
AT_ONCE = 1024  # texts


def measure_of(spec: Spec, folder: str) -> tuple[Measure, str]:
    """What counts the tokens of texts, and how: "tokenizer" or "estimate"."""
    bases = {one.base for one in encoders_of(spec) if one.base}
    path = os.path.join(folder_of_base(bases.pop(), folder), FILE) if len(bases) == 1 else ""
    found = _own(path) if path else None
    return (found, "tokenizer") if found else (estimate, "estimate")


def estimate(texts: Sequence[str]) -> list[int]:
    """About how many tokens each text has, those that begin and end it among them."""
    return [round(tokens(text)) + 2 for text in texts]


def folder_of_base(base: str, folder: str) -> str:
    """Where the files of a base are: its folder, or the snapshot that the hub's cache has; "" where there is neither."""
    if is_local(base):
        return os.path.join(folder, os.path.expanduser(base))
    home = os.environ.get("HF_HOME") or os.path.join(os.path.expanduser("~"), ".cache", "huggingface")
    cache = os.environ.get("HF_HUB_CACHE") or os.path.join(home, "hub")
    names = [base] if "/" in base else [f"sentence-transformers/{base}", base]
    for name in names:
        at = os.path.join(cache, f"models--{name.replace('/', '--')}")
        snapshot = _line(os.path.join(at, "refs", "main"))
        if snapshot and os.path.isdir(os.path.join(at, "snapshots", snapshot)):
            return os.path.join(at, "snapshots", snapshot)
    return ""


def _line(path: str) -> str:
    try:
        with open_regular(path) as file:
            found = file.read(64).decode("ascii").strip()
    except (OSError, ValueError):
        return ""
    return found if found.isalnum() else ""


def _own(path: str) -> Measure | None:
    try:
        from tokenizers import Tokenizer
    except ImportError:
        return None
    try:
        with open_regular(path) as file:
            data = file.read(MOST_BYTES + 1)
        if len(data) > MOST_BYTES:
            return None
        tokenizer = Tokenizer.from_str(data.decode())
    except Exception:  # the library raises a bare Exception for a file that it can't read
        return None
    tokenizer.no_truncation()
    tokenizer.no_padding()

    def measure(texts: Sequence[str]) -> list[int]:
        found: list[int] = []
        for start in range(0, len(texts), AT_ONCE):
            found += [len(one) for one in tokenizer.encode_batch_fast(list(texts[start : start + AT_ONCE]))]
        return found

    return measure
