"""STG394 to STG396: what checkpoints are chosen by, and what counts as relevant."""

from __future__ import annotations

from stgen.diagnostics.codes.row import Code

# fmt: off
CODES: tuple[Code, ...] = (
    Code("STG394", "too few eval rows to select a checkpoint",
         "The checkpoint with the best metric on the eval rows is delivered, and early stopping ends a run by them. Under fifty rows the metric changes more by chance than by a few steps of training, so that the luckiest checkpoint is kept, and a run may end before it has begun to learn.",
         "Of 150 rows an eval set of 8, the 5 % that are held out by default.",
         "Hold out more, eval = { rows = 200 }, or name a file of more rows.", "note"),
    Code("STG395", "no grades that could count as relevant",
         "`relevant` under [metrics] is the least grade that counts as relevant. Pairs, triplets and classes have no grades: each positive is relevant.",
         "metrics = { relevant = 2 } beside columns = { anchor = \"question\", positive = \"answer\" }.",
         "Leave the key out.", "warning"),
)
# fmt: on
