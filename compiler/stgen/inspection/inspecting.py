"""Looks into a data file: a path -> what its columns hold, the roles that they seem to play, and the losses that it can feed."""

from __future__ import annotations

import math
import os
import re
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from stgen.diagnostics.diagnostic import Diagnostic, Findings
from stgen.inspection.beir import JUDGED, beir_folder, beir_layout
from stgen.inspection.natures import nature
from stgen.inspection.offers import Offer, offers
from stgen.inspection.proposal import Guess
from stgen.inspection.proposing import KEPT, propose, spec_of
from stgen.inspection.split_files import split_files
from stgen.language.facts import class_names
from stgen.language.paths import is_on_hub
from stgen.language.spec_data import Data, Retrieval
from stgen.match.detect import detect
from stgen.match.formats import Format
from stgen.rows.column import Column
from stgen.rows.dialect import decimal_commas
from stgen.rows.sources import files_of
from stgen.rows.survey import Schema, Survey
from stgen.rows.surveying import require_rows, survey
from stgen.rows.text_signs import are_numbers, commonest, lists_as_text, quantiles, tokens
from stgen.values.quoting import toml

HISTOGRAM = 12  # values of a label that are shown
PARTS = 10  # of the range of numbers that are no whole ones


@dataclass(frozen=True, slots=True)
class ColumnFacts:
    """What is shown of a column. `words` and `tokens` are those below which 50%, 95% and all texts of the sample lie."""

    name: str
    kind: str
    rows: int  # with a value
    none: int
    empty: int
    distinct: int | None
    characters: float  # mean
    words: tuple[int, ...] = ()
    tokens: tuple[int, ...] = ()
    low: float | None = None
    high: float | None = None
    items: tuple[int, int] | None = None  # of the shortest and the longest list
    histogram: tuple[tuple[Any, int], ...] = ()
    repeated: int = 0  # rows whose text stands in an earlier row


@dataclass(frozen=True, slots=True)
class Inspection:
    """All that is said of one file, or of one part of a BEIR folder."""

    shown: str
    rows: int
    size: int  # bytes
    columns: tuple[ColumnFacts, ...]
    repeated: int  # rows whose texts all stand in an earlier row
    searched: int  # rows in which duplicates and distinct texts are counted
    sampled: int  # rows whose words and tokens are counted, spread evenly
    guess: Guess
    line: str  # what a spec would say of the data
    format: Format | None = None
    offers: tuple[Offer, ...] = ()
    remarks: tuple[Diagnostic, ...] = ()
    parts: dict[str, Inspection] = field(default_factory=dict)


def inspect_data(named: str) -> Inspection:
    """Look into a file, a pattern, a folder of splits, or one in the BEIR layout, which one of its files stands for. Raises UnreadableError."""
    if os.path.isdir(named) and (splits := split_files(named)):
        return _file(files_of(splits.train, ""), splits.train)
    if folder := beir_folder(named):
        return _folder(folder)
    return _file(files_of(named, ""), named)


# --- a file ----------------------------------------------------------------------------------------------------------


def _file(files: list[tuple[str, str]], shown: str) -> Inspection:
    made = propose(files, shown)
    found = made.rows
    natures = {name: nature(found, column) for name, column in found.columns.items()}
    texts = tuple(name for name, kind in natures.items() if kind == "text")
    return Inspection(
        shown=shown,
        rows=found.rows,
        size=sum(os.path.getsize(path) for path, _ in files if not is_on_hub(path)),
        columns=tuple(_facts(found, column) for column in found.columns.values()),
        repeated=found.repeated_rows(texts).surplus if texts else 0,
        searched=found.kept,
        sampled=found.sampled,
        guess=made.guess,
        line=made.guess.line,
        format=made.format,
        offers=offers(made.format.name, class_names(made.data)) if made.format and made.data else (),
        remarks=made.remarks,
    )


def _part(path: str, trec: bool = False) -> Inspection:
    """One file of a layout, whose columns have their roles by it."""
    file = Retrieval(corpus="", queries="", qrels=path, trec=True) if trec else None
    found = survey([(path, path)], None, Schema((), file=file) if trec else None, KEPT)
    require_rows(found)
    return Inspection(
        shown=path,
        rows=found.rows,
        size=os.path.getsize(path),
        columns=tuple(_facts(found, column) for column in found.columns.values()),
        repeated=0,
        searched=found.kept,
        sampled=found.sampled,
        guess=Guess(),
        line="",
        remarks=(),
    )


def _facts(found: Survey, column: Column) -> ColumnFacts:
    texts = found.texts(column.name)
    given = found.rows - column.of("none").count
    again = column.repeats()
    lengths = column.lists.lengths
    return ColumnFacts(
        name=column.name,
        kind=_kind(column) if column.kind != "text" else _kind_of_texts(texts),
        rows=given,
        none=column.of("none").count,
        empty=column.empty.count + column.lists.none.count,
        distinct=len(column.values) if column.values else again.distinct or None,
        characters=column.characters / max(1, column.of("text").count),
        words=_rounded([len(text.split()) for text in texts]),
        tokens=_rounded([tokens(text) for text in texts]),
        low=column.low if column.low <= column.high else None,
        high=column.high if column.low <= column.high else None,
        items=(min(lengths), max(lengths)) if lengths else None,
        histogram=_histogram(column, found.rows),
        repeated=again.surplus,
    )


def _kind(column: Column) -> str:
    if fields := dict.fromkeys(re.split(r"[.\[]", path.partition(".")[2])[0] for path in column.paths if "." in path):
        objects = "object" if column.kind == "object" else "list of objects"
        return f"{objects} ({', '.join(fields)})"
    if column.kind == "list":
        return "list of texts" if column.lists.texts >= column.lists.numbers else "list of numbers"
    if column.kind == "number":
        return "whole number" if column.whole else "number"
    return {"truth": "true/false", "none": "nothing"}.get(column.kind, column.kind)


def _kind_of_texts(texts: list[str]) -> str:
    if lists_as_text(texts):
        return "text (lists)"
    return "text (numbers)" if are_numbers(texts) or decimal_commas(texts) else "text"


def _rounded(values: list[Any]) -> tuple[int, ...]:
    return tuple(round(value) for value in quantiles(values, (0.5, 0.95, 1.0))) if values else ()


def _histogram(column: Column, rows: int) -> tuple[tuple[Any, int], ...]:
    """What a label's values are: each with its rows when they are few, else the commonest, numbers in ten equal parts."""
    if column.kind == "number" and not column.whole and column.low < column.high:
        return _parts(column)
    if not column.values or len(column.values) > max(2, rows // 5):
        return ()
    if len(column.values) <= HISTOGRAM:
        return tuple(sorted(column.values.items(), key=lambda item: (isinstance(item[0], str), item[0])))
    return tuple(commonest(column.values, HISTOGRAM))


def _parts(column: Column) -> tuple[tuple[Any, int], ...]:
    step = (column.high - column.low) / PARTS
    counts = Counter(
        min(PARTS - 1, int((value - column.low) / step)) for value in column.numbers if math.isfinite(value)
    )
    return tuple(
        (f"{column.low + part * step:.3g} to {column.low + (part + 1) * step:.3g}", counts[part])
        for part in range(PARTS)
    )


# --- a folder in the BEIR layout -------------------------------------------------------------------------------------


def _folder(named: str) -> Inspection:
    found = beir_layout(named)
    layout = found.said
    inspected = {name: _part(path, found.trec and name in JUDGED) for name, path in found.parts.items()}
    proposed = Guess(dict(layout), {"retrieval": "the files of the BEIR layout"})
    data = Data.model_validate({"retrieval": layout}) if "qrels" in layout else None
    format = detect(data, (), Findings()) if data else None
    return Inspection(
        shown=named,
        rows=sum(part.rows for part in inspected.values()),
        size=sum(part.size for part in inspected.values()),
        columns=(),
        repeated=0,
        searched=0,
        sampled=0,
        guess=proposed,
        line=f"retrieval = {toml(layout)}",
        format=format,
        offers=offers(format.name) if format else (),
        remarks=_layout_remarks(data) if data else (),
        parts=inspected,
    )


def _layout_remarks(data: Data) -> tuple[Diagnostic, ...]:
    from stgen.examine.examining import examine

    return tuple(examine(spec_of("dense", data), ""))
