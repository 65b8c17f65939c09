"""Says how long the run will be, now that the rows are counted, and which decisions were made without knowing: Exams -> lines, findings."""

from __future__ import annotations

from collections.abc import Sequence

from stgen.diagnostics.diagnostic import Diagnostic
from stgen.examine.exam import Exam, finding
from stgen.language.facts import set_name
from stgen.language.spec import Train
from stgen.plan.counts import ENOUGH_STEPS, epochs_of, rows_trained, steps_of
from stgen.plan.grounds import facts_anywhere
from stgen.plan.schedule import guessed
from stgen.plan.sets import leading
from stgen.profile.record import LabelColumn, Lengths, ListColumn, Profile, SetProfile, Split
from stgen.rows.batches import counted as count
from stgen.rows.cell_types import number_in
from stgen.rows.survey import Survey


def length_of_run(exams: Sequence[Exam]) -> tuple[str, list[Diagnostic]]:
    """The number of steps, as a line for people, and STG407 where they are few; nothing where rows aren't here to be counted."""
    matches = tuple(exam.match for exam in exams if exam.match is not None and exam.train is not None)
    if not exams or len(matches) < len(exams[0].spec.data) or not all(exam.train and exam.train.rows for exam in exams):
        return "", []
    spec, lead = exams[0].spec, leading(matches)
    exam = next(one for one in exams if one.index == lead.index)
    rows = rows_trained(spec, lead.replaced(profile=_counted(exams)), planned=lead.profile is not None)
    if rows is None:
        return "", []
    epochs = epochs_of(spec, facts_anywhere(spec, lead))
    steps = spec.train.steps or steps_of(rows, exam.batch, epochs)
    length = f"{count(rows, 'row')} in batches of {exam.batch}" + ("" if spec.train.steps else f", {_epochs(epochs)}")
    line = f"{length}: {count(steps, 'step')}" + (f"; {_told(spec.train)}" if lead.profile is None else "")
    if steps >= ENOUGH_STEPS:
        return line, []
    key = "steps" if spec.train.steps else "batch_size"
    hint = _longer(spec.train, lead.profile is not None)
    return line, [
        finding(
            "STG407", f"{length}: {count(steps, 'step')}, and a run needs about {ENOUGH_STEPS}", ("train", key), hint
        )
    ]


def _longer(train: Train, counted: bool) -> str:
    """What makes the run longer: what the spec says itself, or more rows where all is decided by their number."""
    open_ = guessed(train)
    if not counted:
        by_count = (
            "`stgen profile` counts the rows, and batch and epochs are decided by them; or write them under [train]"
        )
        return by_count if "batch_size" in open_ else "write a smaller batch_size, or more epochs, under [train]"
    said = {
        "a smaller batch_size": "batch_size" not in open_,
        "more steps": train.steps is not None,
        "more epochs": train.epochs is not None,
    }
    if named := [words for words, holds in said.items() if holds]:
        return f"write {', or '.join(named)}, under [train]"
    return "collect more rows: batch and epochs are chosen for so few already, and so short a run changes little"


def _told(train: Train) -> str:
    """Which decisions rest on rows that nobody has counted, and what ends that."""
    names = guessed(train)
    if not names:
        return "the spec fixes what depends on the rows"
    return f"{', '.join(names)} {'is a guess' if len(names) == 1 else 'are guesses'} until `stgen profile` has counted the rows"


def _epochs(number: float) -> str:
    return f"{number:g} {'epoch' if number == 1 else 'epochs'}"


def _counted(exams: Sequence[Exam]) -> Profile:
    """As much of a profile as the number of steps depends on, from the rows that were just looked at."""
    sets = tuple(
        SetProfile(
            set_name(exam.spec, exam.index),
            {},
            {name: _split(exam, survey) for name, survey in exam.surveys.items()},
        )
        for exam in exams
    )
    return Profile(None, "estimate", sets)


def _split(exam: Exam, survey: Survey) -> Split:
    sizes = [
        (item, survey.columns[item.column].lists.lengths)
        for item in exam.fields
        if item.role == "documents" and item.column in survey.columns
    ]
    lists = tuple(
        ListColumn(
            item.role,
            item.column,
            Lengths(
                size.total() and sum(n * k for n, k in size.items()) / size.total(), 0, 0, 0, 0, max(size, default=0)
            ),
            None,
        )
        for item, size in sizes
    )
    return Split((), survey.rows, survey.rows, (), _judged(exam, survey), lists)


def _judged(exam: Exam, survey: Survey) -> tuple[LabelColumn, ...]:
    """The grades of judgements, where they are few: those above 0 are trained on."""
    grades = survey.columns["score"].values if exam.data.retrieval and "score" in survey.columns else None
    if not grades:
        return ()
    numbers = ((number_in(grade), times) for grade, times in grades.items())
    above = sum(times for grade, times in numbers if isinstance(grade, int | float) and grade > 0)
    return (LabelColumn("score", "score", None, None, len(grades), (), above / grades.total()),)
