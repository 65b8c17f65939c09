"""Puts around a loss what it needs where several processes train it together: a loss's expression -> what stands for it."""

from __future__ import annotations

from stgen.language.spec_model import Loss as LossTable
from stgen.match.matching import Match
from stgen.rules.processes import ANCHORED, APART, CUT, EVENED, GATHERED
from stgen.values.expressions import Call, Expression, Name


def shared(match: Match, table: LossTable, loss: Expression, model: Name, weights: tuple[float, ...]) -> Expression:
    """The loss so that the mean over the processes is that of all their rows; `weights` are those of classes."""
    name = match.loss.name
    if name in GATHERED:
        return Call("GatheredLoss", (model, loss))
    if name in ANCHORED and isinstance(loss, Call) and table.params.get("contrast_anchors") is not False:
        return Call(ANCHORED[name], loss.args, loss.kwargs)
    if weights and match.trained_format.label == "class":
        return Call("EvenLoss", (model, loss, Call("count_by_class", (list(weights),))))
    if name in EVENED and not _cut(match, table):
        every = table.params.get("weighting_scheme") == "ndcg_loss1"  # which also counts pairs of equal documents
        return Call("EvenLoss", (model, loss, Name("count_pairs" if every else EVENED[name])))
    return loss


def regularized_together(loss: Expression, model: Name) -> Expression:
    """SpladeLoss so that the library's regularizer counts words over the texts of all processes."""
    if not isinstance(loss, Call) or not loss.function.endswith("SpladeLoss"):
        return loss
    given = dict(loss.kwargs)
    for side in ("document", "query"):
        if f"{side}_regularizer_weight" in given and f"{side}_regularizer" not in given:
            threshold = given.pop(f"{side}_regularizer_threshold", None)
            given[f"{side}_regularizer"] = Call("GatheredFlops", (model,) if threshold is None else (model, threshold))
    return Call(loss.function, loss.args, given)


def regularizer(weight: float, model: Name, devices: int) -> Expression:
    """The orthogonal regularizer, over the embeddings of all processes; both of its terms count `weight` times."""
    weights = {"mean_weight": weight, "second_moment_weight": weight}
    own = Call("losses.GlobalOrthogonalRegularizationLoss", (model,), weights)
    return Call("GatheredLoss", (model, own)) if devices > 1 else own


def why_apart(match: Match, table: LossTable) -> str:
    """What makes the loss of several processes another one than that of their rows together; "" where nothing does."""
    if _cut(match, table):
        return CUT
    rows = [match.loss, *([match.wrapper] if match.wrapper else [])]
    return next((APART[row.model, row.name] for row in rows if (row.model, row.name) in APART), "")


def _cut(match: Match, table: LossTable) -> bool:
    return match.loss.name in EVENED and table.params.get("k") is not None
