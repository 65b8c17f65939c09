"""Advice on what to try next: for each objective of a loss the metrics that go with it, and the configurations worth a run."""

from __future__ import annotations

from stgen.values.record import Record


class Advice(Record):
    """A row of advice for losses of one objective (`Loss.objective`)."""

    objective: str  # "texts": in-batch, of texts that nobody has paired
    metrics: str  # those that such a loss improves
    then: str  # what to try next, as keys of the spec


# fmt: off
ADVICE: tuple[Advice, ...] = (
    Advice("in-batch",  "MRR, recall@k and nDCG of a search",             "a larger batch, mined hard negatives, for dense models a guide"),
    Advice("texts",     "the task's own metric on a few labelled rows",   "SimCSE (texts paired with themselves), more texts; for a base that is trained on pairs already, rows with labels"),
    Advice("list",      "MRR and nDCG of a ranking",                      "another listwise loss under [compare], longer lists"),
    Advice("labels",    "what the label says: Spearman for scores, AP and F1 for labelled pairs, accuracy for classes", "the other losses of the format under [compare]"),
    Advice("classes",   "accuracy by the nearest centroid or neighbour",  "the other of triplets of a batch (BatchAllTripletLoss) and pairs sampled by class, batches of more classes, another margin"),
    Advice("vectors",   "MSE to the teacher, and the task's own metric",  "EmbedDistillLoss, a teacher that is better at the task"),
    Advice("teacher",   "MRR and nDCG of a search",                       "the other of margins (MarginMSE) and distributions (KL), more negatives, another temperature of the teacher"),
    Advice("denoising", "the task's own metric on a few labelled rows",   "ContrastiveTensionLossInBatchNegatives, then training on labelled rows from there"),
    Advice("tension",   "the task's own metric on a few labelled rows",   "ContrastiveTensionLossInBatchNegatives, SimCSE (texts paired with themselves)"),
)
# fmt: on


def advice_for(objective: str) -> str:
    """One sentence for people; every objective has a row."""
    row = next(row for row in ADVICE if row.objective == objective)
    return f"Such a loss improves {row.metrics}. Try next: {row.then}."
