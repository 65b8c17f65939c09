"""Keys that are in the language and whose work this version doesn't build: a spec that uses one is told so."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from stgen.diagnostics.diagnostic import Diagnostic, KeyPath
from stgen.values.record import Record


class Unbuilt(Record):
    """One key. `*` stands for any element of a list, a number for that element; values in `built` are built."""

    key: str
    meanwhile: str
    built: tuple[object, ...] = ()


# fmt: off
ROWS: tuple[Unbuilt, ...] = (
    #       key                          what to do meanwhile                                                      values that are built
    Unbuilt("hardware.strategy",         "leave the key out: devices share the work by DDP",                       ("auto", "ddp", "fsdp")),
)
# fmt: on


def unbuilt(data: dict[str, Any]) -> list[Diagnostic]:
    """An error for every key of the spec's data whose work isn't built: never silently ignored."""
    return [
        Diagnostic(
            "STG027",
            f"`{_dotted(path)}` is in the language, but this version of stgen does not build {'this value' if row.built else 'it'} yet",
            path,
            f"meanwhile: {row.meanwhile}",
            about="key",
        )
        for row in ROWS
        for path, value in _matches(data, row.key.split("."), ())
        if not any(type(value) is type(built) and value == built for built in row.built)
    ]


def _dotted(path: KeyPath) -> str:
    return ".".join(part for part in path if isinstance(part, str))


def _matches(data: Any, parts: list[str], path: KeyPath) -> Iterator[tuple[KeyPath, Any]]:
    """The paths in `data` that a row's key stands for, with their values."""
    if not parts:
        yield path, data
        return
    head, rest = parts[0], parts[1:]
    if isinstance(data, dict) and head in data:
        yield from _matches(data[head], rest, (*path, head))
    elif isinstance(data, list):
        for index, item in enumerate(data):
            if head in ("*", str(index)):
                yield from _matches(item, rest, (*path, index))
