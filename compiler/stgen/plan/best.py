"""Plans what picks the checkpoint: [metrics] and how each data set is measured -> one metric of all of theirs."""

from __future__ import annotations

from collections.abc import Sequence

from stgen.diagnostics.diagnostic import Diagnostic, Findings
from stgen.diagnostics.suggest import closest
from stgen.language.facts import set_name
from stgen.language.spec import Spec
from stgen.language.spec_data import Rows
from stgen.match.matching import Match
from stgen.plan.plan import Best
from stgen.plan.planned_measures import EvaluationPlan
from stgen.plan.splits import BY_CHANCE, ENOUGH
from stgen.rules.evaluators import NANOBEIR
from stgen.rules.measures import MEASURES
from stgen.rules.reported import WORDS_ALONE

PROBE = "Probe"
"""The evaluator that the generated program has of its own, where the library has none that fits."""

LOWER = {name for row in MEASURES for name in row.lower}


def plan_best(
    spec: Spec, matches: tuple[Match, ...], evaluations: tuple[EvaluationPlan, ...], findings: Findings
) -> Best:
    """Pick the metric; report into `findings` metrics and evaluators by name that no data set has."""
    names = [set_name(spec, index) for index in range(len(matches))]
    _check_rows(spec, findings)
    _check_relevant(spec, evaluations, findings)
    _check_evaluators(spec, tuple((one.library, one.measures) for one in evaluations), findings)
    greater = {
        metric_of(name, metric): metric not in LOWER
        for name, one in zip(names, evaluations, strict=True)
        for metric in one.metrics
    }
    # Rows that the loss can't take have no loss: negatives are mined for the training rows alone.
    losses = {
        metric_of(name, "loss"): False
        for name, match in zip(names, matches, strict=True)
        if match.evaluated_format == match.trained_format
    }
    greater |= losses
    main = main_set(matches)
    metric = _pick(spec, tuple(greater), metric_of(names[main], evaluations[main].best), findings)
    return Best(metric, greater[metric])


def _check_rows(spec: Spec, findings: Findings) -> None:
    """Report that so few eval rows are asked for that no checkpoint can be chosen by them."""
    for index, data in enumerate(spec.data):
        if isinstance(data.eval, Rows) and data.eval.rows < ENOUGH:
            findings.add(
                Diagnostic(
                    code="STG394",
                    message=f"{data.eval.rows} rows choose the checkpoint",
                    path=("data", index, "eval", "rows"),
                    help=f"hold out more, {4 * ENOUGH} or so",
                    notes=(BY_CHANCE,),
                    severity="note",
                )
            )


def _check_relevant(spec: Spec, evaluations: tuple[EvaluationPlan, ...], findings: Findings) -> None:
    """Report a grade that nothing measures by."""
    if spec.metrics.relevant is None or any(one.graded for one in evaluations):
        return
    message = "this data has no grades: each positive is relevant"
    findings.add(
        Diagnostic("STG395", message, ("metrics", "relevant"), "leave the key out", severity="warning", about="key")
    )


def main_set(matches: tuple[Match, ...]) -> int:
    """The data set whose metric picks the checkpoint: the first that says what is right, else the first of all."""
    return next((at for at, one in enumerate(matches) if one.evaluated_format.name not in WORDS_ALONE), 0)


def metric_of(name: str, metric: str) -> str:
    """What the trainer calls a metric of the data set of that name, "" for an only one."""
    return f"{name}_{metric}" if name else metric


def _pick(spec: Spec, metrics: tuple[str, ...], main: str, findings: Findings) -> str:
    """The metric that picks the checkpoint: the spec's, else the main one."""
    if spec.metrics.best is None:
        return main
    wanted = spec.metrics.best.removeprefix("eval_")
    if wanted in metrics:
        return wanted
    same = [metric for metric in metrics if metric.endswith(f"_{wanted}") or metric.startswith(f"{wanted}_")]
    near = same[0] if same else closest(wanted, metrics)
    findings.add(
        Diagnostic(
            code="STG180",
            message=f"no evaluator of this data returns `{spec.metrics.best}`",
            path=("metrics", "best"),
            help=f'write best = "{near}"' if near else f"leave the key out: {main} picks the checkpoint",
            notes=(f"there are {', '.join(metrics)}",),
        )
    )
    return main


def _check_evaluators(spec: Spec, fitting: tuple[tuple[str, str], ...], findings: Findings) -> None:
    """Report evaluators by name that aren't among those that fit: the data holds nothing that they could measure.

    `fitting` holds the evaluator of each data set, "" for the program's own, and what it measures.
    """
    measures = ", ".join(f"{evaluator or PROBE} measures the {what}" for evaluator, what in fitting)
    for index, name in enumerate(_named(spec)):
        if _names_nanobeir(spec, name):
            _check_language(spec, index, findings)
        elif name not in [evaluator for evaluator, _ in fitting]:
            findings.add(
                Diagnostic(
                    code="STG181",
                    message=f"{name} can't measure this model on this data",
                    path=("metrics", "evaluators", index),
                    help=f"leave the key out: {measures}",
                )
            )


def asks_for_nanobeir(spec: Spec) -> bool:
    """Whether NanoBEIR is among the evaluators that the spec names."""
    return any(_names_nanobeir(spec, name) for name in _named(spec))


def _named(spec: Spec) -> Sequence[str]:
    """The evaluators that the spec names; none where it leaves the choice to the compiler."""
    return () if spec.metrics.evaluators == "auto" else spec.metrics.evaluators


def _names_nanobeir(spec: Spec, name: str) -> bool:
    return name.lower() == "nanobeir" or name == NANOBEIR[spec.model.type]


def _check_language(spec: Spec, index: int, findings: Findings) -> None:
    """NanoBEIR says little of a model that is made for other languages."""
    if "en" in spec.project.languages:
        return
    message = f"NanoBEIR is in English, and this project is in {', '.join(spec.project.languages)}"
    help = 'leave it out, or write languages = ["en"] where the model shall know English too'
    findings.add(Diagnostic("STG179", message, ("metrics", "evaluators", index), help, severity="warning"))
