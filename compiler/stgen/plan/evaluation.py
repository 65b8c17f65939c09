"""Plans the evaluation: the match -> the evaluator that fits the data, what picks the checkpoint, what the verdict is about."""

from __future__ import annotations

from typing import Literal

from stgen.diagnostics.diagnostic import Findings
from stgen.language.facts import (
    architecture,
    base_may_bring_prompts,
    class_names,
    encoders_of,
    prompts_of,
    routed,
    start_of,
)
from stgen.language.spec import Spec
from stgen.match.columns import column_names
from stgen.match.formats import Format
from stgen.match.matching import Match
from stgen.plan.best import PROBE, asks_for_nanobeir
from stgen.plan.custom_metrics import custom_metrics
from stgen.plan.defaults import params_of
from stgen.plan.pace import reading_of
from stgen.plan.planned_measures import EvaluationPlan
from stgen.plan.prompts import side_of
from stgen.rules.evaluators import (
    DECLARED,
    EVALUATORS,
    JUDGED,
    NANOBEIR,
    SETS_COSINE,
    SIDE_BLIND,
    SIMILARITY,
    TRANSLATED,
    UPPER_HALF,
)
from stgen.rules.measures import SPACELESS, build_of, measure_of
from stgen.rules.parameters import SIMILARITIES
from stgen.rules.parts import PARTS
from stgen.rules.pins import BM25, MEASURING
from stgen.rules.reported import reason_of
from stgen.rules.row import EvaluatorRow
from stgen.values.expressions import Call
from stgen.values.once import once

ROUTED, SIDED = "RoutedEvaluator", "SidedEvaluator"
"""The program's own, where the library's would embed both sides of a router alike."""

WORDS_MAY_DO = ("retrieval", "damaged", "rerank", "lists")
"""What inputs are built of where a search by words is a fair rival: not where it has chosen the candidates itself."""
MONITORS = ("collapse", "leakage")
WATCHED = {"dense": "embeddings", "sparse": "embeddings", "multi-vector": "tokens", "cross-encoder": "pairs"}
"""Model type -> the template of what is watched for collapse."""

PROMPTED = ("text", "text_1", "text_2", "damaged", "original", "anchor", "positive")  # columns of texts


def plan_evaluation(spec: Spec, index: int, match: Match, similarity: str, findings: Findings) -> EvaluationPlan:
    """Plan how the model is measured on data set `index`; report into `findings` what the data can't have."""
    row = _row(spec, index, match)
    measure = measure_of(row.evaluator, row.build, row.metric)
    build = build_of(row.build, row.evaluator, match.evaluated_format.name)
    metrics = tuple(metric.format(similarity=similarity) for metric in measure.metrics)
    main = row.metric.format(similarity=similarity)
    bm25 = build.template in WORDS_MAY_DO and not set(spec.project.languages) & set(SPACELESS)
    parts = _untrained_parts(spec)
    reason = reason_of(row.model, row.format, row.metric)
    nanobeir = NANOBEIR[spec.model.type] if asks_for_nanobeir(spec) else ""
    custom = custom_metrics(spec, Findings() if index else findings)
    streamed = spec.data[index].streaming
    # All rows of a stream would have to be read to find leaks among them.
    watchable = ("collapse",) if streamed else MONITORS
    monitors = watchable if spec.metrics.monitor is None else spec.metrics.monitor
    sided = (routed(spec) or base_may_bring_prompts(spec) or prompts_of(spec, index)) and row.evaluator in SIDE_BLIND
    judged = match.format.name == "retrieval" and build.template in ("retrieval", "rerank_others")
    return EvaluationPlan(
        evaluator=(ROUTED if routed(spec) else SIDED) if sided else measure.own or row.evaluator or PROBE,
        library=row.evaluator,
        routed=row.evaluator if sided else "",
        stack=_stack(spec, row),
        queries=_queries(match) if sided else (),
        build=build.template,
        measure=measure.template,
        statistic=measure.statistic,
        arguments=row.arguments,
        main=main,
        best=(row.picks or row.metric).format(similarity=similarity),
        metrics=metrics,
        similarity=similarity,
        graded=build.template == "lists" or (spec.metrics.relevant is not None and judged),
        relevant=spec.metrics.relevant,
        measures=row.measures,
        reported="; ".join(
            (row.measures, *_relevance(spec, build.template, judged), f"{reason.why} ({reason.source})")
        ),
        unit=measure.unit,
        baseline=bm25,
        untrained_parts=parts,
        part_names=_part_names(spec) if parts else {},
        nanobeir=nanobeir,
        dimensions=tuple(sorted((spec.data[index].loss or spec.loss).matryoshka or (), reverse=True)),
        custom=custom,
        collapse=WATCHED[spec.model.type] if "collapse" in monitors else "",
        training_rows=Call("stream.first_rows") if streamed else Call("data.load", ("train",)),
        class_rows=Call("stream.first_rows") if streamed else Call("data.read", ("train",)),
        leak_columns=_leak_columns(match, match.evaluated_format) if "leakage" in monitors else (),
        trained_leak_columns=_leak_columns(match, match.trained_format) if "leakage" in monitors else (),
        requirements=MEASURING | (BM25 if bm25 or build.by_words else {}),
        reading=reading_of(spec, index, match, build.template),
    )


def _relevance(spec: Spec, template: str, judged: bool) -> tuple[str, ...]:
    """What counts as relevant, in words, where there are grades."""
    if template != "lists" and not judged:
        return ()
    if spec.metrics.relevant is not None:
        return (DECLARED.format(least=spec.metrics.relevant),)
    return (UPPER_HALF if template == "lists" else JUDGED,)


def _queries(match: Match) -> tuple[str, ...]:
    format = match.evaluated_format.name
    return tuple(name for name in column_names(format) if side_of(name, format) == "query")


def _stack(spec: Spec, row: EvaluatorRow) -> str:
    """Evaluators of translations take the embeddings as a list."""
    if row.measures == TRANSLATED:
        return ""
    return "torch.stack" if spec.model.type == "sparse" else "np.stack"


def _leak_columns(match: Match, format: Format) -> tuple[str, ...]:
    """The columns of `format` that make two rows the same question: what is asked alone, or all texts that a label judges."""
    columns = column_names(format.name)
    if column_names(match.evaluated_format.name)[0] == "anchor":
        return columns[:1]  # where negatives were mined, the training rows may call it text_1
    return tuple(name for name in columns if name in PROMPTED)


def _row(spec: Spec, index: int, match: Match) -> EvaluatorRow:
    """The first row of the model type and the format of the eval rows whose classes the data has."""
    names = {name.lower() for name in class_names(spec.data[index])}
    for row in EVALUATORS:
        if (row.model, row.format) == (spec.model.type, match.evaluated_format.name) and set(row.classes) <= names:
            return row
    raise LookupError(f"no evaluator for {spec.model.type} on {match.evaluated_format.name}")


@once
def similarity_of(spec: Spec, index: int, match: Match) -> str:
    """What the loss compares embeddings by, as it stands in metric names; "" for cross-encoders."""
    usual = "cosine" if match.loss.name in SETS_COSINE else SIMILARITY.get(spec.model.type, "")
    table = spec.data[index].loss or spec.loss
    own = next((one.default for one in match.loss.parameters if one.name == "similarity_fct"), None)
    asked = params_of(spec, table, match).get("similarity_fct", own)
    return str(asked) if usual in SIMILARITIES and asked in SIMILARITIES else usual


def _untrained_parts(spec: Spec) -> Literal["", "seeded by the model", "seeded by torch"]:
    """Whether a base may lack weights, which then start at random, and who seeds them."""
    kind = architecture(spec)
    if spec.model.type == "sparse" and kind != "csr":
        return "seeded by torch"
    scratch = any(one.architecture == "static" and start_of(one) == "scratch" for one in encoders_of(spec))
    if spec.model.type == "dense" and spec.model.dimensions is None and not scratch:
        return ""
    return "seeded by the model"


def _part_names(spec: Spec) -> dict[str, str]:
    kind = f"{spec.model.type}/{architecture(spec)}"
    return PARTS[f"{kind}/pretrained" if kind == "dense/static" and start_of(spec.model) == "pretrained" else kind]
