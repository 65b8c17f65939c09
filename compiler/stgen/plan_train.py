"""Plans the training arguments: [train] and [hardware] over the decision tables -> what train.py passes to the trainer."""

from __future__ import annotations

from stgen.diagnostics import Findings
from stgen.expressions import Expression
from stgen.facts import architecture
from stgen.match import Match
from stgen.plan import Decision, EvaluationPlan, TrainPlan
from stgen.spec import Spec


def plan_train(
    spec: Spec, match: Match, evaluation: EvaluationPlan, findings: Findings
) -> tuple[TrainPlan, str, tuple[Decision, ...]]:
    """Return the plan, the precision on a GPU, and what was decided."""
    train = spec.train
    batch = 64 if train.batch_size == "auto" else train.batch_size
    arguments: dict[str, Expression] = {
        "num_train_epochs": train.epochs or 1,
        "learning_rate": train.learning_rate or (2e-5 if architecture(spec) != "static" else 0.2),
        "warmup_steps": 0.1 if train.warmup is None else train.warmup,
        "lr_scheduler_type": train.scheduler or "linear",
        "batch_sampler": match.loss.sampler,
        "eval_strategy": "steps",
        "eval_steps": 0.1,
        "save_strategy": "steps",
        "save_steps": 0.1,
        "save_total_limit": train.keep or 2,
        "load_best_model_at_end": True,
        "metric_for_best_model": f"eval_{evaluation.metric}",
        "greater_is_better": evaluation.greater_is_better,
        "logging_steps": 0.02,
        "report_to": train.tracker,
    }
    return TrainPlan(batch, train.steps or -1, arguments, ()), "bf16", ()
