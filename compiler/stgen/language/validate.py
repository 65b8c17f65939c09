"""Turns a Source's data into a Spec, or says everything that keeps it from being one."""

from __future__ import annotations

import copy
from typing import Any

from stgen.diagnostics.diagnostic import Diagnostic, KeyPath
from stgen.language.spec import Spec
from stgen.source.kind import Kind


def validate(data: dict[str, Any], kind: Kind) -> tuple[Spec | None, list[Diagnostic]]:
    """The Spec that the data of a Source make; or None, and all that is wrong with keys, types and values.

    pydantic decides whether the data are a Spec. Why they aren't is told by `mistakes`, one finding a mistake, since
    pydantic's own errors name each branch of a union.
    """
    from pydantic import ValidationError

    try:
        return Spec.model_validate(data), []
    except ValidationError as error:
        from stgen.language.mistakes import mistakes

        found = mistakes(Spec, data, kind)
        return None, found or [
            Diagnostic("STG030", f"`{_dotted(item['loc'])}` is refused: {item['msg'].lower()}", item["loc"])
            for item in error.errors(include_url=False, include_context=False, include_input=False)
        ]


def salvage(data: dict[str, Any], wrong: list[Diagnostic], kind: Kind) -> Spec | None:
    """The Spec that is left without what is wrong, for looking further in the same run; None when none is left."""
    rest = copy.deepcopy(data)
    # From the back: to remove an element of a list moves those behind it.
    for path in sorted({item.path for item in wrong if item.path}, key=_from_the_back):
        _remove(rest, path)
    return validate(rest, kind)[0]


def _from_the_back(path: KeyPath) -> list[tuple[int, str]]:
    return [(-part, "") if isinstance(part, int) else (0, part) for part in path]


def _remove(data: Any, path: KeyPath) -> None:
    *parents, last = path
    for part in parents:
        try:
            data = data[part]
        except (KeyError, IndexError, TypeError):
            return
    if isinstance(data, dict):
        data.pop(last, None)
    elif isinstance(data, list) and isinstance(last, int) and last < len(data):
        del data[last]


def _dotted(path: KeyPath) -> str:
    return ".".join(str(part) for part in path)
