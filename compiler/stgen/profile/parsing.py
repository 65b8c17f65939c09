"""Reads a profile: bytes of a file that anybody can have written -> a Profile, or what is wrong with it."""

from __future__ import annotations

import json
import math
import types
from collections.abc import Mapping
from typing import Any, NoReturn, Union, get_args, get_origin, get_type_hints

from stgen.profile.record import FORMAT, SPLITS, Lengths, Profile, SetProfile, Split, TextColumn
from stgen.values.record import Record
from stgen.values.surrogates import has_surrogate

MOST_ITEMS = 10_000  # of a list or table: no data set has more columns, files or counted classes
LONGEST = 4096  # characters of a text: a path at most
LARGEST = 2**53  # of a number, beyond which JSON's readers differ


class ProfileError(ValueError):
    """The file is no profile; the message says why."""


def parse(data: bytes) -> Profile:
    """The profile in the bytes of a file. Raises ProfileError."""
    try:
        found = json.loads(data.decode(), object_pairs_hook=_once, parse_constant=_no_number)
    except ProfileError:
        raise
    except (ValueError, RecursionError) as error:
        raise ProfileError(f"it isn't JSON: {_short(error)}") from None
    if not isinstance(found, dict) or type(found.get("profile")) is not int:
        raise ProfileError("it has no `profile` version")
    if found.pop("profile") != FORMAT:
        raise ProfileError(f"it has another format than {FORMAT}, which this stgen reads")
    profile: Profile = _record(Profile, found, "")
    if profile.tokens not in ("tokenizer", "estimate"):
        raise ProfileError("`tokens` is neither tokenizer nor estimate")
    if profile.languages not in ("", "py3langid", "scripts"):
        raise ProfileError("`languages` is neither py3langid nor scripts")
    for one in profile.sets:
        _check_set(one)
    return profile


def _check_set(one: SetProfile) -> None:
    for name, split in one.splits.items():
        where = f"`{name}` of {one.name or 'the data'}"
        if name not in SPLITS:
            raise ProfileError(f"{where} is no split")
        _check_split(split, where)


def _check_split(split: Split, where: str) -> None:
    """Figures that contradict each other are nobody's count."""
    counted = any(label.counts for label in split.labels)
    read = split.texts or split.lists or counted  # else the hub has counted the rows
    if (read and not split.files) or split.rows < 1 or not 0 < split.distinct <= split.made:
        raise ProfileError(f"the rows of {where} don't add up")
    for column in split.texts:
        if not 0 < column.distinct <= column.rows <= split.made or column.pairs > _pairs(column):
            raise ProfileError(f"the texts of `{column.column}` in {where} don't add up")
        for lengths in (column.characters, column.words, column.tokens):
            _check_lengths(lengths, where)
        if not all(0 < share <= 1 for share in (column.languages or {}).values()):
            raise ProfileError(f"the languages of `{column.column}` in {where} don't add up")
    for label in split.labels:
        if (
            sum(label.counts) > split.made
            or (label.counts and not any(label.counts))
            or not 0 <= (label.positive or 0) <= 1
        ):
            raise ProfileError(f"the labels of `{label.column}` in {where} don't add up")
    for listed in split.lists:
        for lengths in (listed.items, *([listed.tokens] if listed.tokens else [])):
            _check_lengths(lengths, where)


def _pairs(column: TextColumn) -> int:
    return column.rows * (column.rows - 1) // 2


def _check_lengths(lengths: Lengths, where: str) -> None:
    ordered = (lengths.p50, lengths.p90, lengths.p95, lengths.p99, lengths.longest)
    if sorted(ordered) != list(ordered) or not 0 <= lengths.mean <= lengths.longest:
        raise ProfileError(f"lengths in {where} don't rise")


def _record(kind: type[Any], value: object, where: str) -> Any:
    if not isinstance(value, dict):
        raise ProfileError(f"{_at(where)} is not a table")
    hints = get_type_hints(kind)
    missing = set(kind._fields) - value.keys() - kind._defaults.keys()
    if odd_ones := missing | (value.keys() - set(kind._fields)):
        odd = sorted(odd_ones)[0][:LONGEST]
        raise ProfileError(
            f"{_at(where)} lacks `{odd}`, or should" if odd in hints else f"`{odd}` is no key of {_at(where)}"
        )
    given = [name for name in kind._fields if name in value]
    return kind(**{name: _value(hints[name], value[name], f"{where}.{name}".strip(".")) for name in given})


def _value(hint: Any, value: object, where: str) -> Any:
    origin, inside = get_origin(hint), get_args(hint)
    if origin in (Union, types.UnionType):
        return None if value is None else _value(next(one for one in inside if one is not types.NoneType), value, where)
    if origin is tuple:
        return tuple(_value(inside[0], item, where) for item in _items(value, list, where))
    if origin is Mapping:
        found = _items(value, dict, where)
        return {_text(key, where): _value(inside[1], item, f"{where}.{key[:60]}") for key, item in found.items()}
    if isinstance(hint, type) and issubclass(hint, Record):
        return _record(hint, value, where)
    return _text(value, where) if hint is str else _number(hint, value, where)


def _items(value: object, kind: type[Any], where: str) -> Any:
    if not isinstance(value, kind) or len(value) > MOST_ITEMS:
        raise ProfileError(f"{_at(where)} is no {'list' if kind is list else 'table'} of at most {MOST_ITEMS:,}")
    return value


def _text(value: object, where: str) -> str:
    if not isinstance(value, str) or len(value) > LONGEST or has_surrogate(value):
        raise ProfileError(f"{_at(where)} is not a text of at most {LONGEST:,} characters")
    return value


def _number(hint: type[Any], value: object, where: str) -> int | float:
    whole = hint is int
    if isinstance(value, bool) or not isinstance(value, int if whole else int | float):
        raise ProfileError(f"{_at(where)} is not a {'whole ' if whole else ''}number")
    if abs(value) > LARGEST or not math.isfinite(value) or (whole and value < 0):
        raise ProfileError(f"{_at(where)} is out of range")
    return value if whole else float(value)


def _at(where: str) -> str:
    return f"`{where}`" if where else "it"


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) < len(pairs):
        raise ProfileError("it names a key twice")
    return made


def _no_number(name: str) -> NoReturn:
    raise ProfileError(f"it holds {name}, which is no number of JSON")


def _short(error: Exception) -> str:
    return str(error)[:200]
