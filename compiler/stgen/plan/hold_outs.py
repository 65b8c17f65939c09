"""Looks for train/eval leakage between data sets of one file: what one holds out of it and another trains on. Spec -> findings."""

from __future__ import annotations

from stgen.diagnostics.diagnostic import Diagnostic, Findings
from stgen.language.rows_named import share_rows, whole_of
from stgen.language.spec import Spec
from stgen.language.spec_data import Data
from stgen.match.detect import named_roles
from stgen.plan.planned_data import HeldOut
from stgen.plan.splits import held_out, source_of

KEYS = ("anchor", "text_1", "text")  # the role by which rows are held out: the first text of each format
MOST = 20  # data sets of one file that each is compared with


def check_hold_outs(spec: Spec, findings: Findings) -> None:
    """STG054: rows that a data set holds out of its file, and that another one trains on."""
    readers: dict[str, list[int]] = {}
    for index, data in enumerate(spec.data):
        readers.setdefault(whole_of(source_of(data, "train") or ""), []).append(index)
    for indices in readers.values():
        for index in indices:
            data = spec.data[index]
            leaks = (other for other in indices[:MOST] if other != index and _trains_on(data, spec.data[other]))
            if held_out(data) and (leaked := next(leaks, None)) is not None:
                findings.add(_finding(spec, index, leaked))


def _trains_on(data: Data, other: Data) -> bool:
    """Whether a data set trains on rows that another one holds out. Equal hold-outs are the same rows on both sides."""
    return _hold_out(data) != _hold_out(other) and share_rows(
        source_of(data, "train") or "", source_of(other, "train") or ""
    )


def _hold_out(data: Data) -> tuple[object, tuple[HeldOut, ...]]:
    """What decides which rows are held out: the texts by which they are ordered, and how many."""
    roles = named_roles(data.columns) if data.columns else {}
    return next((roles[name] for name in KEYS if name in roles), ""), () if data.streaming else held_out(data)


def _finding(spec: Spec, index: int, other: int) -> Diagnostic:
    name, trains = spec.data[index].name, spec.data[other].name
    splits = " and ".join(row.split for row in held_out(spec.data[index]))
    key = "train" if spec.data[index].retrieval is None else "retrieval"
    return Diagnostic(
        "STG054",
        f'train/eval leakage: the {splits} rows that "{name}" holds out of its file are trained on by "{trains}", which reads the same file',
        ("data", index, key),
        f'name eval and test files for "{name}", of rows that no data set trains on',
        (
            "two data sets hold out the same rows only where the first text has the same column and eval and test are alike",
        ),
    )
