"""The checks of the rows: which splits each is for, and in which order they look."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

from stgen.diagnostics.diagnostic import Diagnostic
from stgen.examine import (
    as_written,
    classes,
    classes_in_texts,
    conflicts,
    contract,
    labels,
    lists,
    repeats,
    signs,
    teacher,
    texts,
)
from stgen.examine.exam import Exam, SplitName
from stgen.rows.survey import Survey

FEW = 0.1  # broken lines for each row up to which the others still say something
Look = Callable[[Exam, Survey], Iterator[Diagnostic]]


@dataclass(frozen=True, slots=True)
class Check:
    """A check of the rows: which splits it is for, the roles that the data must have, the function."""

    rows: Literal["each", "train", "others"]
    roles: tuple[str, ...]
    look: Look


# fmt: off
CHECKS: tuple[Check, ...] = (
    Check("train",  (),                       contract.more_than_kept),
    Check("each",   (),                       contract.broken_rows),
    Check("each",   ("score",),               labels.scaled_already),
    Check("each",   ("score",),               labels.same_scores),
    Check("each",   ("binary",),              labels.binary_values),
    Check("each",   ("binary",),              labels.balance),
    Check("train",  ("binary",),              labels.inverted),
    Check("train",  ("score",),               labels.inverted),
    Check("train",  (),                       labels.unused_labels),
    Check("train",  ("class",),               classes.classes_of_training),
    Check("train",  ("class",),               classes.spelled_alike),
    Check("train",  ("class",),               classes_in_texts.several_in_one),
    Check("train",  ("class",),               classes_in_texts.beside_entailment),
    Check("train",  ("class",),               classes.degrees),
    Check("others", ("class",),               classes.new_classes),
    Check("others", ("class",),               classes.too_few_of_a_class),
    Check("others", ("score",),               labels.one_score),
    Check("each",   (),                       conflicts.two_labels),
    Check("train",  ("class",),               conflicts.answers_as_negatives),
    Check("train",  ("negative",),            conflicts.negatives_of_other_rows),
    Check("each",   ("documents", "scores"),  lists.useless_lists),
    Check("each",   ("documents",),           lists.repeated_documents),
    Check("train",  ("negative",),            lists.number_of_negatives),
    Check("train",  ("scores",),              lists.scale_of_labels),
    Check("train",  ("scores",),              lists.order_of_documents),
    Check("train",  ("scores",),              teacher.teacher_scores),
    Check("train",  ("score",),               teacher.teacher_pair_scores),
    Check("train",  ("margin",),              lists.margins),
    Check("train",  ("margin",),              teacher.teacher_margins),
    Check("each",   ("embedding",),           lists.vectors),
    Check("each",   (),                       texts.equal_texts),
    Check("train",  (),                       texts.not_texts),
    Check("each",   (),                       signs.lists_in_texts),
    Check("each",   (),                       signs.escaped_quotes),
    Check("each",   (),                       signs.several_columns_in_one),
    Check("train",  (),                       signs.markup),
    Check("train",  (),                       signs.first_items),
    Check("train",  (),                       signs.further_items),
    Check("train",  (),                       texts.prompts_inside),
    Check("train",  ("anchor", "positive"),   texts.reversed_roles),
    Check("train",  ("text_1", "text_2"),     texts.reversed_roles),
    Check("train",  (),                       texts.cut_off),
    Check("train",  (),                       repeats.constant_columns),
    Check("train",  (),                       repeats.collisions),
    Check("train",  (),                       repeats.repeated_rows),
    Check("train",  (),                       repeats.too_few),
)
# fmt: on


def check_split(exam: Exam, rows: Survey, split: SplitName) -> Iterator[Diagnostic]:
    """Say all that is wrong with the rows of a split by themselves."""
    yield from contract.broken_lines(rows, ("data", exam.index, split), contract.severity_of(exam, not rows.rows))
    yield from as_written.read_otherwise(exam, rows, ("data", exam.index, "file"))
    yield from as_written.names_as_a_row(exam, rows, ("data", exam.index, "file"))
    lacking = list(contract.missing_columns(exam, rows)) if rows.names else []
    unnamed = list(signs.first_row_as_names(exam, rows, ("data", exam.index, split)))
    yield from unnamed
    yield from lacking if not unnamed else []
    if lacking and contract.has_columns(exam, rows):  # a path leads nowhere: the repo stops at its first row
        yield from contract.broken_rows(exam, rows)
    if lacking:
        return
    if rows.broken > FEW * rows.rows or any(code == "STG202" for code, _ in rows.problems):
        # What is left of a file says little, and in a wrong encoding no text is what it looks like.
        yield from contract.broken_rows(exam, rows)
        return
    for row in CHECKS:
        applies = row.rows == "each" or (row.rows == "train") == (split == "train")
        if applies and all(contract.has_values(exam, rows, role) for role in row.roles):
            yield from row.look(exam, rows)
