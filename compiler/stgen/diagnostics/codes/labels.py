"""STG390 to STG393: labels that say how sure they are."""

from __future__ import annotations

from stgen.diagnostics.codes.row import Code

# fmt: off
CODES: tuple[Code, ...] = (
    Code("STG390", "probabilities that don't sum to 1",
         "A list of probabilities has one for each class, and a text is in one class: they sum to 1. The cross-entropy takes any numbers as its target: with sums of 2 it weighs such rows twice.",
         "probabilities = \"votes\" over counts such as [3, 1, 0].",
         "Divide each number by the sum of its list; of logits take the softmax."),
)
# fmt: on
