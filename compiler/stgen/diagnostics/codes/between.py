"""STG290 to STG299: what rows of data say against each other, as `validate --data` finds it."""

from __future__ import annotations

from stgen.diagnostics.codes.row import Code

# fmt: off
CODES: tuple[Code, ...] = (
    Code("STG290", "two labels for the same texts",
         "One row says that these texts belong together, or are of a class, and another says that they don't. Each undoes what the other teaches, and measured on such rows no model can be right.",
         "The text \"cancel my card\" as `cancel` in row 3, and as `block` in row 90.",
         "Decide on one label; or remove such rows: prepare = { deduplicate = { exact = true } }.", "warning"),
    Code("STG291", "answers among the negatives",
         "An in-batch loss takes every other row of the batch for wrong. Rows of the same class, or pairs with the same text, are no such thing, and the fewer classes there are, the more of them meet.",
         "Texts of four classes made to pairs, in batches of 128: a quarter of the negatives are of the anchor's own class.",
         "Use a loss for classes, smaller batches, or a loss with a guide that spots them.", "warning"),
)
# fmt: on
