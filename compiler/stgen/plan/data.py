"""Plans the data: one data set of the spec and its match -> what data.py reads, and what the loss and evaluators get."""

from __future__ import annotations

import re
from collections.abc import Mapping

from stgen.language.paths import COMPRESSED, Place, from_repo, hub_source, reader
from stgen.language.spec import BinaryColumn, Data, ScoreColumn, Spec
from stgen.match.columns import JUDGED, LABELS, column_names
from stgen.match.detect import named_roles, pair_alias
from stgen.match.matching import Match
from stgen.plan.parts import Context
from stgen.plan.plan import Decision
from stgen.plan.planned_data import SPLITS, Column, DataPlan, FileSource, ScoreRange
from stgen.plan.prepare import EVAL_SHARE, TEST_SHARE, source_of
from stgen.plan.steps import negatives_after
from stgen.values.expressions import Call, Expression, Name

TEXT_ID = Name("str")
QRELS_IDS = {"converters": {"query-id": TEXT_ID, "corpus-id": TEXT_ID}}
"""Option of the CSV reader: an id such as 007 is text."""


def plan_data(spec: Spec, index: int, match: Match, place: Place, rows_needed: int, prepared: bool) -> DataPlan:
    """Plan how data set `index` is read, and which columns come of it."""
    data = spec.data[index]
    context = Context(spec, data, data.loss or spec.loss, match, place)
    columns = _columns(data)
    texts = [
        column for column in columns if column.role not in LABELS and column.role not in ("documents", "relevance")
    ]
    negatives = tuple(column.name for column in columns if column.role == "negative")
    files, hub = _sources(data, place)
    given = named_roles(data.columns) if data.columns else {}
    score = given.get("score")
    binary, klass = given.get("binary"), data.columns.class_ if data.columns else None
    scaled = isinstance(score, ScoreColumn) and (score.min, score.max) != (0.0, 1.0)
    aside = spec.prepare is not None and spec.prepare.on_bad_row == "set-aside"
    lines = _lines(files) if data.retrieval is None else ()
    # The rows of a stream are checked as they are read.
    streamed = ("train",) if data.streaming else ()
    screened = tuple(split for split in lines if split not in streamed) if aside else ()
    return DataPlan(
        name=data.name or "",
        title=data.name or _origin(data),
        format=match.format.name,
        documented=match.format.documented,
        trained_format=match.trained_format.name,
        evaluated_format=match.evaluated_format.name,
        label=match.format.label,
        files=files,
        hub=hub,
        columns=columns,
        texts=tuple((column.name, Name(column.name)) for column in texts),
        negatives=negatives,
        score=(ScoreRange(score.min, score.max) if isinstance(score, ScoreColumn) else ScoreRange(0.0, 1.0))
        if match.format.label == "score"
        else None,
        class_names=tuple(getattr(klass, "names", None) or ()),
        positive=binary.positive if isinstance(binary, BinaryColumn) else None,
        scores_length=_scores_length(match.format.name, negatives),
        conflicts=match.format.label in ("class", "binary") and not data.streaming and not _removes_conflicts(spec),
        decoded=scaled or match.format.label in ("binary", "class"),
        prepared=prepared,
        by_line=bool(_lines(files)),
        screened=screened,
        sifted=aside and len(screened) + len(streamed) < len(files) + len(hub),
        lines=bool(screened or set(streamed) & set(lines)),
        trained_columns=column_names(match.trained_format.name, negatives_after(context)),
        evaluated_columns=column_names(match.evaluated_format.name, negatives_after(context, evaluated=True)),
        rows_needed=rows_needed,
    )


def _removes_conflicts(spec: Spec) -> bool:
    return bool(spec.prepare and spec.prepare.deduplicate and spec.prepare.deduplicate.exact)


def _origin(data: Data) -> str:
    """Where the training rows come from: the name of the file, or of the data set on the hub."""
    train = data.train or (data.retrieval.corpus if data.retrieval else "")
    return re.split("[@#]", train)[0].removeprefix("hf://") if train.startswith("hf://") else train.rpartition("/")[2]


def _lines(files: Mapping[str, FileSource]) -> tuple[str, ...]:
    """The splits whose files hold a row on each line."""
    endings = tuple(f".jsonl{compression}" for compression in ("", *COMPRESSED))
    return tuple(split for split, file in files.items() if file.path.lower().endswith(endings))


def explain_splits(data: Data, of: str = "") -> tuple[Decision, ...]:
    """Say what was decided about rows to evaluate on, where the spec is silent; `of` names one of several sets."""
    found = []
    named = source_of(data, "eval")
    if data.test is None and source_of(data, "test") is None and named is not None:
        why = "the spec names no test rows, so the eval rows serve as both; since they also select the checkpoint, test metrics are biased upwards"
        found.append(Decision(f"test rows{of}", named, why, "[[data]] test"))
    elif data.test is None and source_of(data, "test") is None:
        why = "the spec names no test rows, and without them no improvement can be measured"
        found.append(Decision(f"test rows{of}", f"{TEST_SHARE:.0%} of train", why, "[[data]] test"))
    if data.eval is None and named is None:
        why = "the spec names no eval rows; they select the best checkpoint"
        found.append(Decision(f"eval rows{of}", f"{EVAL_SHARE:.0%} of train", why, "[[data]] eval"))
    return tuple(found)


def _columns(data: Data) -> tuple[Column, ...]:
    """The columns in the order of the language's roles, which is that of every loss: texts first, label last."""
    if data.retrieval is not None:
        return tuple(Column(name, name, name) for name in JUDGED)
    if data.columns is None:
        return ()
    given = named_roles(data.columns)
    found = []
    for role, value in given.items():
        sources = value if isinstance(value, list) else [value]
        if role == "text_2" and len(sources) > 1:
            found += [Column(role, f"text_{n}", str(source)) for n, source in enumerate(sources, 2)]
            continue
        if role == "negative":
            names = ["negative"] if len(sources) == 1 else [f"negative_{n}" for n in range(1, len(sources) + 1)]
            found += [Column(role, name, str(source)) for name, source in zip(names, sources, strict=True)]
            continue
        role = pair_alias(role, set(given))
        found.append(Column(role, LABELS.get(role, role), str(getattr(sources[0], "column", sources[0]))))
    return tuple(found)


def _sources(data: Data, place: Place) -> tuple[dict[str, FileSource], dict[str, dict[str, str]]]:
    files: dict[str, FileSource] = {}
    hub: dict[str, dict[str, str]] = {}
    named = {split: source_of(data, split) for split in SPLITS}
    if data.test is None and named["test"] is None:
        named["test"] = named["eval"]
    if data.retrieval is not None:
        named |= {"queries": data.retrieval.queries, "corpus": data.retrieval.corpus}
    for name, text in named.items():
        if text is None:
            continue
        if source := hub_source(text):
            hub[name] = source
        elif found := reader(text):
            ids = QRELS_IDS if found[0] == "csv" and data.retrieval is not None and name in SPLITS else {}
            files[name] = FileSource(found[0], from_repo(text, place), found[1] | ids)
    return files, hub


def _scores_length(format: str, negatives: tuple[str, ...]) -> Expression:
    """How many scores a row must have: one for each document, or the positive's and then each negative's."""
    return Call("len", (Name("documents"),)) if format == "list" else 1 + len(negatives)
