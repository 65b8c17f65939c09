"""Holds a spec against the rows of its local files: Spec -> diagnostics about the data, each at the key that it concerns."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import permutations

from stgen.diagnostics.diagnostic import Diagnostic, Findings, KeyPath, few
from stgen.examine import chosen, labels, repeats
from stgen.examine.base import base_findings
from stgen.examine.checks import check_split
from stgen.examine.exam import Exam, Field, SplitName, first_of, positions_of
from stgen.examine.length import length_of_run
from stgen.examine.model_folders import missing_models
from stgen.examine.outside import as_allowed
from stgen.examine.retrieval import COLUMNS, JUDGEMENTS, called_as_in_beir, retrieval
from stgen.examine.surveying import schema_of_split, survey_named
from stgen.examine.texts_by_id import is_outside, texts_by_id, unread
from stgen.examine.tongues import foreign_texts
from stgen.language.load import allowed, check
from stgen.language.sources import ITEMS, negatives_of, sources_in
from stgen.language.sources import Source as Origin
from stgen.language.spec import Spec
from stgen.language.spec_data import Data
from stgen.match.beside import profile_beside
from stgen.match.detect import named_roles, pair_alias
from stgen.match.matching import Match, match
from stgen.match.reading import columns_of, rules_of
from stgen.match.schema import layout_of
from stgen.profile.record import Profile
from stgen.reader.contract import ContractError
from stgen.reader.texts import identifier
from stgen.rows.cell_types import number_in
from stgen.rows.survey import Schema, Survey
from stgen.rows.surveying import Asked
from stgen.source.source import Source, locate

SPLITS: tuple[SplitName, ...] = ("train", "eval", "test")


def examine_source(source: Source) -> tuple[list[Diagnostic], str]:
    """What `examine` finds for a spec file and which models aren't there, located, without what the spec allows; and how long the run will be.

    Nothing where the spec is invalid.
    """
    spec, _ = check(source)
    if spec is None:
        return [], ""
    exams: list[Exam] = []
    profile = profile_beside(source, spec, Findings())
    tree = None if source.outside else source.tree
    found = [*missing_models(spec, source.folder, tree), *examine(spec, source.folder, tree, exams, profile)]
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
            exams.append(_exam(spec, index, folder, profile))
            found += _layout(exams[-1], folder, tree)
        elif data.columns is not None:
            exams.append(_exam(spec, index, folder, profile))
            found += _rows(exams[-1], folder, tree)
    for trained, measured in permutations([one for one in exams if one.fields], 2):
        found += repeats.leaks_between(trained, measured)
    return [*found, *foreign_texts(spec, exams, profile)]


def exam_of_rows(spec: Spec) -> tuple[Exam, Asked]:
    """The exam of a spec's first data set, and how its training rows are looked at."""
    exam = _exam(spec, 0, "")
    return exam, (_wanted(exam), schema_of_split(exam, "train"))


def examine_rows(exam: Exam, rows: Survey) -> list[Diagnostic]:
    """The same for training rows that were looked at so."""
    exam.surveys["train"] = rows
    return list(check_split(exam, rows, "train"))


def _wanted(exam: Exam) -> frozenset[str]:
    """The columns that are looked at: others that look like labels too, as they may say that some pairs are none."""
    lists = (item.source.partition(ITEMS)[0] for item in exam.fields if item.source)
    firsts = filter(None, map(first_of, exam.fields))
    columns = (item.column for item in exam.fields)
    return frozenset((*columns, *lists, *firsts, *positions_of(exam.fields))) | labels.LABELS


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
            surveyed = survey_named(
                named, folder, tree, _wanted(exam), place, schema_of_split(exam, split), exam.data.streaming
            )
            if isinstance(surveyed, Diagnostic):
                yield surveyed
                continue
            read[named] = surveyed
            surveyed.outside = surveyed.outside or (bool(exam.texts_by_id) and is_outside(exam, tree))
            yield from as_allowed(check_split(exam, surveyed, split), surveyed)
        exam.surveys[split] = read[named]
    for split in SPLITS[1:]:
        if split in exam.surveys:
            yield from repeats.leaks(exam, split)
    yield from repeats.eval_in_test(exam)
    yield from chosen.too_few_to_choose(exam)


def _exam(spec: Spec, index: int, folder: str, profile: Profile | None = None) -> Exam:
    from stgen.examine.model import max_lengths, most_tokens, width
    from stgen.plan.lengths import max_length_of

    matched = match(spec, index, Findings(), profile)
    batch, sampler, least = _planned(spec, index, matched)
    decided = max_length_of(spec, matched) if matched else None
    return Exam(
        spec=spec,
        index=index,
        match=matched,
        fields=_fields(spec.data[index], index),
        batch=batch,
        sampler=sampler,
        least=least,
        max_lengths={side: decided or length for side, length in max_lengths(spec, folder).items()},
        texts_by_id=texts_by_id(spec.data[index], folder),
        most_tokens=most_tokens(spec, folder),
        width=width(spec, folder),
    )


def _planned(spec: Spec, index: int, matched: Match | None) -> tuple[int, str, int]:
    """The batch size and the sampler that the plan has, the spec's own or what the tables decide; and the least batch."""
    from stgen.match.decide import decide
    from stgen.plan.batch import plan_batch, plan_precision
    from stgen.plan.decider import Decider
    from stgen.plan.grounds import facts_of, find_gpu
    from stgen.plan.launch import largest_launch
    from stgen.plan.ledger import smallest_batch
    from stgen.plan.strategy import plan_strategy
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


def _id_or_value(value: object) -> object:
    try:
        return identifier(value)
    except ContractError:
        return value


def _layout(exam: Exam, folder: str, tree: str | None) -> Iterator[Diagnostic]:
    """Survey the files of the BEIR layout, keep those of judgements in their exam, and say what is wrong with them."""
    path: KeyPath = ("data", exam.index, "retrieval")
    data = exam.data
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
        surveyed = survey_named(named, folder, tree, wanted, (*path, name), schema)
        if isinstance(surveyed, Diagnostic):
            yield surveyed
        else:
            parts[name] = called_as_in_beir(surveyed, read)
            if name in JUDGEMENTS:
                exam.surveys[JUDGEMENTS[name]] = parts[name]
    yield from as_allowed(retrieval(parts, path), *parts.values())
