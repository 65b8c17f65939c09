"""Checks the BEIR layout: documents, queries and qrels that refer to each other."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from operator import or_

from stgen.diagnostics.diagnostic import Diagnostic, KeyPath
from stgen.diagnostics.suggest import closest
from stgen.examine.contract import broken_lines, told
from stgen.examine.exam import SplitName, finding, percent, tallied, where
from stgen.examine.repeats import ALL
from stgen.match.schema import CALLED, Schema
from stgen.rows.survey import Survey

# fmt: off
COLUMNS: dict[str, tuple[str, ...]] = {  # file of the layout -> its required columns
    "corpus": ("_id", "text"), "queries": ("_id", "text"),
    "qrels": ("query-id", "corpus-id", "score"), "eval_qrels": ("query-id", "corpus-id", "score"), "test_qrels": ("query-id", "corpus-id", "score"),
}
# fmt: on
JUDGEMENTS: dict[str, SplitName] = {"qrels": "train", "eval_qrels": "eval", "test_qrels": "test"}
FEW = 0.01
HELP = {"STG210": "fill them in, or remove the rows", "STG211": "remove the rows: an empty document matches nothing"}


def retrieval(parts: Mapping[str, Survey], path: KeyPath) -> Iterator[Diagnostic]:
    """Check the surveys of the layout's files against each other; `path` is that of `retrieval` in the spec."""
    lacking = list(_missing(parts, path))
    yield from lacking
    if lacking:
        return
    for name, survey in parts.items():
        yield from broken_lines(survey, (*path, name), "error")
        yield from _broken_rows(survey, (*path, name))
    for name in ("corpus", "queries"):
        if name in parts:
            yield from _twice(parts[name], (*path, name))
    for name in JUDGEMENTS:
        if name in parts:
            yield from _dangling(parts, name, path)
            yield from _irrelevant(parts[name], (*path, name))
    yield from _leaks(parts, path)


def called_as_in_beir(survey: Survey, read: Schema) -> Survey:
    """A survey whose columns have the names that BEIR gives them, whatever the file and the spec call them."""
    others = [item for item in read.columns if item.source != item.name]
    for item in others:
        survey.names.pop(item.name, None)
        survey.columns.pop(item.name, None)
    for item in others:
        if item.source in survey.columns:
            survey.names[item.name] = None
            survey.columns[item.name] = survey.columns[item.source]
    return survey


def _broken_rows(survey: Survey, path: KeyPath) -> Iterator[Diagnostic]:
    for (code, source), problem in survey.problems.items():
        if source:
            yield finding(code, told(problem, survey), path, HELP.get(code, "correct these rows, or remove them"))


def _missing(parts: Mapping[str, Survey], path: KeyPath) -> Iterator[Diagnostic]:
    for name, survey in parts.items():
        for column in COLUMNS[name]:
            if column not in survey.names:
                near = closest(column, survey.names)
                rename = f"rename `{near}`" if near else "add it"
                if name in JUDGEMENTS and _is_trec(survey):
                    rename = "if the file is TREC's (query 0 document grade), write trec = true beside it"
                listed = ", ".join(f"`{known}`" for known in list(survey.names)[:8])
                message = f"{survey.shown} has no column `{column}`, which the BEIR layout requires of {name}"
                yield finding(
                    "STG206", message, (*path, name), f"{rename}; {_said(name, column)}", (f"its columns are {listed}",)
                )


def _said(name: str, column: str) -> str:
    """The line of a spec that says what a column is called."""
    part = name if name in CALLED else "qrels"
    return f'or say what it is called: columns = {{ {part} = {{ {CALLED[part][column]} = "..." }} }}'


def _is_trec(survey: Survey) -> bool:
    """Whether the names of the columns are a judgement: the first line of a file without a header."""
    fields = " ".join(survey.names).split()
    return len(fields) in (3, 4) and fields[-1].lstrip("-").isdecimal()  # one that is there twice is told once


def _twice(survey: Survey, path: KeyPath) -> Iterator[Diagnostic]:
    counts = Counter(filter(None, survey.columns["_id"].keys))
    surplus = counts.total() - len(counts)
    if surplus:
        message = f"{surplus:,} of {survey.rows:,} rows of {survey.shown} have a duplicate `_id`"
        yield finding("STG248", message, path, "give each row a unique id: of duplicates only one is kept")


def _dangling(parts: Mapping[str, Survey], name: str, path: KeyPath) -> Iterator[Diagnostic]:
    judged = parts[name]
    anywhere = [False] * judged.kept
    for column, target in (("query-id", "queries"), ("corpus-id", "corpus")):
        if target not in parts:
            continue
        known = set(parts[target].columns["_id"].keys)
        odd = [key not in known for key in judged.columns[column].keys]
        lost = tallied(odd)
        anywhere = list(map(or_, anywhere, odd))
        if lost.count:
            message = f"{where(judged, lost)} have a `{column}` that isn't in {parts[target].shown}"
            hint = (
                "check that the files are of one release"
                if lost.count > judged.rows / 2
                else "remove these rows, or add the missing ids"
            )
            yield finding("STG248", message, (*path, name), hint, ("such judgements are dropped",))
    if all(anywhere) and judged.kept == judged.rows:
        message = f"no judgement of {JUDGEMENTS[name]} names a query and a document that are there"
        yield finding("STG248", message, (*path, name), "are the files of one release?", severity="error")


def _irrelevant(survey: Survey, path: KeyPath) -> Iterator[Diagnostic]:
    score = survey.columns["score"]
    if score.of("number").count and score.high <= 0:
        message = f"no row of {survey.shown} has a `score` above 0: nothing is relevant to any query"
        yield finding("STG230", message, path, "judge relevant documents with 1 or more")


def _leaks(parts: Mapping[str, Survey], path: KeyPath) -> Iterator[Diagnostic]:
    """STG218: eval or test judgements that are trained on; STG219: their queries alone."""
    train = parts.get("qrels")
    for name in tuple(JUDGEMENTS)[1:]:
        if train is None or name not in parts:
            continue
        judged = parts[name]
        known = set(_judgements(train))
        shared = tallied(map(known.__contains__, _judgements(judged)))
        if shared.count >= ALL * judged.kept:
            message = f"train/eval leakage: {where(judged, shared)} are in {train.shown} too ({percent(shared.count, judged.kept)})"
            hint = (
                f"put each query into one split, or leave retrieval.{name} out: judgements are then held out of qrels"
            )
            yield finding(
                "STG218",
                message,
                (*path, name),
                hint,
                ("metrics on rows that were trained on measure memorisation",),
                "error",
            )
        else:
            yield from _shared_queries(train, judged, (*path, name))


def _judgements(judged: Survey) -> Iterator[tuple[int, int]]:
    return zip(judged.columns["query-id"].keys, judged.columns["corpus-id"].keys, strict=True)


def _shared_queries(train: Survey, judged: Survey, path: KeyPath) -> Iterator[Diagnostic]:
    known = set(train.columns["query-id"].keys) - {0}
    queries = set(judged.columns["query-id"].keys) - {0}
    shared = len(known & queries)
    if shared > FEW * len(queries):
        message = f"{shared:,} of {len(queries):,} queries of {judged.shown} ({percent(shared, len(queries))}) are judged in {train.shown} too"
        hint = "put each query into one split"
        yield finding("STG219", message, path, hint, ("the model was trained on these queries, with other documents",))
