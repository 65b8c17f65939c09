"""Looks at what a loss wants of a data set with `streaming = true`: Spec, Match -> findings."""

from __future__ import annotations

from collections.abc import Iterator

from stgen.diagnostics.diagnostic import Diagnostic, KeyPath
from stgen.language.facts import class_names
from stgen.language.spec import Spec
from stgen.match.matching import Match
from stgen.rules.steps import BY_CONVERSION
from stgen.rules.streaming import BY_ROW, ROWS_OF_A_CLASS


def check_streamed_match(spec: Spec, index: int, match: Match, batch: int) -> Iterator[Diagnostic]:
    """What follows from the loss: its conversions and its batches of `batch` rows."""
    own = spec.data[index].loss is not None
    path: KeyPath = ("data", index, "loss") if own else ("loss",)
    for row in match.way.rows:
        step = BY_CONVERSION[row.name]
        if step.template not in BY_ROW:
            yield Diagnostic(
                "STG277",
                f"{match.loss.name} needs {row.target} data, and the conversion to it {step.does}: that takes all rows at once",
                (*path, "convert") if row.cost else ("data", index, "streaming"),
                "leave `streaming` out, so that prepare.py converts the rows; a stream can then read its prepared/rows/train.parquet",
            )
    if match.loss.sampler != "group_by_label":
        return
    classes = len(class_names(spec.data[index]))
    if classes and batch < ROWS_OF_A_CLASS * classes:
        yield Diagnostic(
            "STG278",
            f"{match.loss.name} needs several rows of a class in each batch, and a stream brings {batch} rows of {classes} classes as they come",
            ("data", index, "streaming"),
            f"write batch_size = {ROWS_OF_A_CLASS * classes} or more under [train], or leave `streaming` out",
        )
