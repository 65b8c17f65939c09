"""STG290 to STG299: what rows of data say against each other, as `validate --data` finds it."""

from __future__ import annotations

from stgen.diagnostics.codes.row import Code

# fmt: off
CODES: tuple[Code, ...] = (
    Code("STG290", "conflicting labels",
         "The same texts have different labels in different rows. Their gradients cancel, and as eval rows no model can get both right.",
         "The text \"cancel my card\" as `cancel` in row 3, and as `block` in row 90.",
         "Decide on one label; or remove such rows: prepare = { deduplicate = { exact = true } }.", "warning"),
    Code("STG291", "false negatives in the batch",
         "An in-batch loss takes every other row of the batch for a negative. Rows of the same class are false negatives, and the fewer classes there are, the more of them share a batch.",
         "Texts of four classes converted to pairs, in batches of 128: a quarter of the negatives are of the anchor's own class.",
         "Use a loss for classes, smaller batches, or a loss with a guide model that masks false negatives.", "warning"),
)
# fmt: on
