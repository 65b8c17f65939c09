"""Holds a spec against the rows of its local files: Spec -> diagnostics about the data, each at the key that it concerns."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from itertools import permutations
from typing import Literal

from stgen.diagnostics.diagnostic import Diagnostic, Findings, KeyPath, few
from stgen.examine import chosen, classes, conflicts, contract, labels, lists, repeats, signs, teacher, texts
from stgen.examine.base import base_findings
from stgen.examine.exam import Exam, Field, SplitName, column, finding
from stgen.examine.length import length_of_run
from stgen.examine.outside import are_outside, as_allowed, unquoted
from stgen.examine.retrieval import COLUMNS, JUDGEMENTS, called_as_in_beir, retrieval
from stgen.examine.texts_by_id import is_outside, text_or_nothing, texts_by_id, unread
from stgen.language.facts import class_names
from stgen.language.load import allowed, check
from stgen.language.paths import is_on_hub
from stgen.language.sources import ITEMS, negatives_of, sources_in
from stgen.language.sources import Source as Origin
from stgen.language.spec import Spec
from stgen.language.spec_data import Data, ScoreColumn
from stgen.match.beside import profile_beside
from stgen.match.detect import named_roles, pair_alias
from stgen.match.matching import Match, match
from stgen.match.reading import columns_of, rules_of
from stgen.match.schema import layout_of, lookups, schema_of
from stgen.profile.record import Profile
from stgen.reader.classes import KnownClass, class_name
from stgen.reader.contract import Column, ContractError
from stgen.reader.joined import Join, Joined
from stgen.reader.nested import Nested
from stgen.reader.texts import identifier
from stgen.rows.batches import UnreadableError
from stgen.rows.cell_types import number_in
from stgen.rows.dialect import with_line
from stgen.rows.sources import files_of
from stgen.rows.survey import Schema, Survey, survey
from stgen.source.source import Source, locate

SPLITS: tuple[SplitName, ...] = ("train", "eval", "test")
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
    Check("train",  ("margin",),              lists.margins),
    Check("train",  ("margin",),              teacher.teacher_margins),
    Check("each",   ("embedding",),           lists.vectors),
    Check("each",   (),                       texts.equal_texts),
    Check("train",  (),                       texts.not_texts),
    Check("each",   (),                       signs.lists_in_texts),
    Check("each",   (),                       signs.escaped_quotes),
    Check("each",   (),                       signs.several_columns_in_one),
    Check("train",  (),                       signs.markup),
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


def examine_source(source: Source) -> tuple[list[Diagnostic], str]:
    """What `examine` finds for a spec file, located, without what the spec allows, and how long the run will be.

    Nothing where the spec is invalid.
    """
    spec, _ = check(source)
    if spec is None:
        return [], ""
    exams: list[Exam] = []
    profile = profile_beside(source, spec, Findings())
    found = examine(spec, source.folder, None if source.outside else source.tree, exams, profile)
    line, short = length_of_run(exams)
    return locate(few(allowed([*found, *short], spec)), source), line


def examine(
    spec: Spec,
    folder: str,
    tree: str | None = None,
    exams: list[Exam] | None = None,
    profile: Profile | None = None,
) -> list[Diagnostic]:
    """Read the local files of a spec, whose paths start from `folder`, and say all that is wrong with the rows.

    Nothing is quoted of files outside of `tree`, where one is given. The findings aren't located, and those that the
    spec allows are among them. What was looked at is left in `exams`, where such a list is given.
    """
    found = list(base_findings(spec, folder, tree))
    exams = [] if exams is None else exams
    for index, data in enumerate(spec.data):
        if data.retrieval is not None:
            found += _layout(data, index, folder, tree)
        elif data.columns is not None:
            exams.append(_exam(spec, index, folder, profile))
            found += _rows(exams[-1], folder, tree)
    for trained, measured in permutations(exams, 2):
        found += repeats.leaks_between(trained, measured)
    return found


def examine_files(spec: Spec, files: list[tuple[str, str]]) -> list[Diagnostic]:
    """The same for the training rows of a spec's first data set, which are read from these files."""
    exam = _exam(spec, 0, "")
    rows = survey(files, _wanted(exam), _schema(exam, "train"))
    exam.surveys["train"] = rows
    return list(_check(exam, rows, "train"))


def _wanted(exam: Exam) -> frozenset[str]:
    """The columns that are looked at: others that look like labels too, as they may say that some pairs are none."""
    lists = (item.source.partition(ITEMS)[0] for item in exam.fields if item.source)
    return frozenset((*(item.column for item in exam.fields), *lists)) | labels.LABELS


def _rows(exam: Exam, folder: str, tree: str | None) -> Iterator[Diagnostic]:
    """Survey the files of a data set, keep the surveys in its exam, and say what is wrong with the rows."""
    unreadable = list(unread(exam, tree))
    yield from unreadable
    if unreadable:
        return
    read: dict[str, Survey] = {}
    for split in SPLITS:
        named = getattr(exam.data, split)
        if not isinstance(named, str):
            continue
        if named not in read:
            place = ("data", exam.index, split)
            surveyed = _survey(named, folder, tree, _wanted(exam), place, _schema(exam, split), exam.data.streaming)
            if isinstance(surveyed, Diagnostic):
                yield surveyed
                continue
            read[named] = surveyed
            surveyed.outside = surveyed.outside or (bool(exam.texts_by_id) and is_outside(exam, tree))
            yield from as_allowed(_check(exam, surveyed, split), surveyed)
        exam.surveys[split] = read[named]
    for split in SPLITS[1:]:
        if split in exam.surveys:
            yield from repeats.leaks(exam, split)
    yield from repeats.eval_in_test(exam)
    yield from chosen.too_few_to_choose(exam)


def _check(exam: Exam, rows: Survey, split: SplitName) -> Iterator[Diagnostic]:
    yield from contract.broken_lines(rows, ("data", exam.index, split), contract.severity_of(exam, not rows.rows))
    lacking = list(contract.missing_columns(exam, rows)) if rows.rows else []
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


def _exam(spec: Spec, index: int, folder: str, profile: Profile | None = None) -> Exam:
    from stgen.examine.model import max_lengths, most_tokens, width

    matched = match(spec, index, Findings(), profile)
    batch, sampler, least = _planned(spec, index, matched)
    return Exam(
        spec=spec,
        index=index,
        match=matched,
        fields=_fields(spec.data[index], index),
        batch=batch,
        sampler=sampler,
        least=least,
        max_lengths=max_lengths(spec, folder),
        texts_by_id=texts_by_id(spec.data[index], folder),
        most_tokens=most_tokens(spec, folder),
        width=width(spec, folder),
    )


def _planned(spec: Spec, index: int, matched: Match | None) -> tuple[int, str, int]:
    """The batch size and the sampler that the plan has, the spec's own or what the tables decide; and the least batch."""
    from stgen.plan.decide import decide
    from stgen.plan.launch import largest_launch
    from stgen.plan.ledger import smallest_batch
    from stgen.plan.strategy import plan_strategy
    from stgen.plan.train import Decider, facts_of, find_gpu, plan_batch, plan_precision
    from stgen.rules import decisions as tables

    if matched is None:
        return 0, "", 1
    devices = largest_launch(spec, [matched])
    told_elsewhere = Findings()  # by the plan
    gpu = find_gpu(spec.hardware, told_elsewhere)
    choose = Decider(facts_of(spec, matched, gpu, devices))
    precision = plan_precision(spec, choose)
    strategy = plan_strategy(spec, matched, gpu, precision, choose, choose.facts, told_elsewhere)
    fitted = plan_batch(spec, matched, gpu, precision, devices, strategy, choose, told_elsewhere)
    sampler = spec.train.extra.get("batch_sampler") or decide(tables.SAMPLER, choose.facts).value
    return fitted.batch, str(sampler), smallest_batch(matched, devices)


def _fields(data: Data, index: int) -> tuple[Field, ...]:
    if data.columns is None:
        return ()
    path: KeyPath = ("data", index, "columns")
    named = set(named_roles(data.columns))
    return tuple(
        field
        for role, source in sources_in(data.columns)
        for field in _fields_of(pair_alias(role, named), source, path, negatives_of(data.columns))
    )


def _fields_of(role: str, source: Origin, path: KeyPath, count: int) -> Iterator[Field]:
    """What is looked at of a source: of a list of negatives those that the loss can get, by their positions."""
    joined = source.columns if len(source.columns) > 1 else ()
    if role != "negative" or not source.within:
        said = source.path[:-1] if source.path[-1] == "column" else source.path
        yield Field(role, source.name, (*path, *said), joined=joined)
        return
    for position in range(count):
        names = tuple(name.replace(ITEMS, f"[{position}]") for name in source.columns)
        yield Field(role, " + ".join(names), (*path, *source.path), source.name, names if joined else ())


def _looked_at(exam: Exam) -> list[Column]:
    """The positions of lists of negatives as columns, and the lists by themselves."""
    found: list[Column] = []
    for item in exam.fields:
        if not item.source:
            continue
        found.append(Nested(item.column, item.source.partition(ITEMS)[0], str))
        join = Join("\n", needed=False)
        found.append(
            Joined(item.column, item.column, join, sources=item.joined)
            if item.joined
            else Nested(item.column, item.column, str)
        )
    return found


def _schema(exam: Exam, split: SplitName) -> Schema:
    """What is read of a split, by the reader that the generated repo has."""
    read = schema_of(exam.data)
    columns = columns_of(read, {"CLASS_NAMES": class_names(exam.data), **exam.texts_by_id})
    known = _known_classes(exam) if split != "train" else None
    if known:
        columns = [replace(column, take=known) if column.take is class_name else column for column in columns]
    seen = {item.source: SEEN[item.role] for item in read.columns if item.role in SEEN}
    seen |= {item.source: partial(_score_or_value, exam.data) for item in read.columns if item.role == "score"}
    roles = {role: exam.texts_by_id[name] for name, item in lookups(exam.data).items() for role in item.roles}
    seen |= {
        item.column: partial(text_or_nothing, roles[item.path[3]]) for item in exam.fields if item.path[3] in roles
    }
    each = [item.source for item in read.columns if read.spread and item.name in read.spread.each]
    return Schema(columns, rules_of(read), seen, exam.data.file, _looked_at(exam), each)


def _known_classes(exam: Exam) -> KnownClass | None:
    """The classes of the training rows, which others can't go beyond; None where they are too many to be known."""
    if exam.train is None or not exam.has("class") or class_names(exam.data):
        return None
    values = column(exam.train, exam.field("class")).values
    return KnownClass(list(values)) if values else None


def _class_or_value(value: object) -> object:
    try:
        return class_name(value)
    except ContractError:
        return value


def _score_or_value(data: Data, value: object) -> object:
    """A score as its number, whether a word stands for it, or a text that spells it."""
    score = data.columns.score if data.columns else None
    if isinstance(score, ScoreColumn) and score.values:
        return score.values.get(str(value), value)
    comma = data.file is not None and data.file.decimal == ","
    return number_in(value.replace(",", ".") if comma and isinstance(value, str) else value)


SEEN: dict[str, Callable[[object], object]] = {"margin": number_in, "relevance": number_in, "class": _class_or_value}
"""Role -> what a survey takes its values for."""


def _survey(
    named: str,
    folder: str,
    tree: str | None,
    wanted: frozenset[str],
    path: KeyPath,
    schema: Schema,
    streamed: bool = False,
) -> Survey | Diagnostic:
    if is_on_hub(named) and streamed:
        message = f"{named} is on the hub and streamed, and its rows aren't checked here"
        return finding(
            "STG208", message, path, "nothing needs to be done", ("the generated program checks them before it trains",)
        )
    outside = False
    files: list[tuple[str, str]] = []
    try:
        files = files_of(named, folder)
        outside = are_outside((file for file, _ in files if not is_on_hub(file)), tree)
        found = survey(files, wanted, schema)
    except UnreadableError as told:
        error = with_line(told, *files[0], schema.file) if told.code in ("STG202", "STG204") else told
        item = finding(error.code, error.message, path, error.help, error.notes)
        return unquoted(item, named) if outside else item
    found.outside = outside
    return found


def _id_or_value(value: object) -> object:
    try:
        return identifier(value)
    except ContractError:
        return value


def _layout(data: Data, index: int, folder: str, tree: str | None) -> Iterator[Diagnostic]:
    path: KeyPath = ("data", index, "retrieval")
    assert data.retrieval is not None
    parts: dict[str, Survey] = {}
    for name in COLUMNS:
        named = getattr(data.retrieval, name)
        if named is None:
            continue
        read = layout_of(data.retrieval)[name]
        seen = {item.source: _id_or_value for item in read.columns if item.name.endswith("id")}
        file = data.retrieval if name in JUDGEMENTS else None
        seen |= {item.source: number_in for item in read.columns if item.name == "score"}
        schema = Schema(columns_of(read), rules_of(read), seen, file)
        wanted = frozenset(item.source for item in read.columns)
        surveyed = _survey(named, folder, tree, wanted, (*path, name), schema)
        if isinstance(surveyed, Diagnostic):
            yield surveyed
        else:
            parts[name] = called_as_in_beir(surveyed, read)
    yield from as_allowed(retrieval(parts, path), *parts.values())
