"""A project that `stgen new` shall write, and its spec: Project -> the spec's tree -> its text in TOML or JSON."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from stgen.values.quoting import comment, toml, toml_key

HINTS = (
    "`stgen compile` writes the training repo beside this file, `stgen validate` says what is wrong with it, and",
    "`stgen explain` why a loss was chosen. CONTRIBUTING.md says how to go on.",
)
SAMPLE_SPLITS = {"train": "data/train.jsonl", "eval": "data/dev.jsonl", "test": "data/test.jsonl"}
SMALL_TRAIN = {"batch_size": 16, "steps": 100}
SMALL_HINT = (
    "For few rows, as these are. For your own, leave both out: `stgen profile` counts the rows, and stgen chooses."
)


@dataclass(frozen=True, slots=True)
class Project:
    """What was asked for. `model`, `data` and `loss` are tables of the spec."""

    name: str
    use: str
    model: dict[str, Any]
    data: dict[str, Any]
    loss: dict[str, Any] = field(default_factory=dict)
    languages: tuple[str, ...] = ("en",)
    sample: str = ""  # folder of the sample data, "" where the data is the user's own
    small: bool = False  # the data has too few rows for the default batches
    copies: tuple[tuple[str, str], ...] = ()  # files of data -> where in the project they go
    spec_name: str = "stgen.toml"


def spec_tree(project: Project) -> dict[str, Any]:
    """The spec as a tree: what the file will hold."""
    tree: dict[str, Any] = {
        "stgen": 1,
        "project": {"name": project.name, "languages": list(project.languages)},
        "model": project.model,
        "data": [project.data],
        "loss": project.loss,
        "train": SMALL_TRAIN if project.small else {},
    }
    return {key: value for key, value in tree.items() if value}


def spec_text(project: Project) -> str:
    """The spec as text, without the last line's end. JSON has no comments, so there it is the tree alone."""
    tree = spec_tree(project)
    if project.spec_name.endswith(".json"):
        return json.dumps(tree, indent=2, ensure_ascii=False)
    blocks = ["\n".join(f"# {comment(line)}" for line in (project.use, *HINTS)) + f"\nstgen = {tree.pop('stgen')}"]
    for name, value in tree.items():
        header, table = (f"[[{name}]]", value[0]) if isinstance(value, list) else (f"[{name}]", value)
        lines = [f"# {SMALL_HINT}"] if name == "train" else []
        blocks.append("\n".join([*lines, header, *(f"{toml_key(key)} = {toml(item)}" for key, item in table.items())]))
    return "\n\n".join(blocks)
