"""What the tests of the plan share: the plan of a small spec, and the codes of what was found in it."""

from __future__ import annotations

import json
from typing import Any

from stgen.compile import plan_source
from stgen.language.paths import Place
from stgen.plan.plan import Plan
from stgen.source.source import Source


def plan_of(
    model: dict[str, Any],
    columns: dict[str, Any],
    loss: dict[str, Any] | None = None,
    spec_folder: str = "/specs",
    repo: str = "/specs",
    **tables: Any,
) -> tuple[Plan | None, list[str]]:
    """The plan of a spec with these columns: a dense model from a hub base unless `model` says otherwise."""
    given = {"type": "dense", "base": "org/base", **model}
    data = {
        "stgen": 1,
        "model": {key: value for key, value in given.items() if value is not None},
        "data": [{"train": "train.jsonl", "columns": columns}],
        "loss": loss or {},
        **tables,
    }
    source = Source(f"{spec_folder}/spec.json", json.dumps(data), "json", data, data)
    plan, found = plan_source(source, Place(spec_folder, repo))
    return plan, [item.code for item in found]
