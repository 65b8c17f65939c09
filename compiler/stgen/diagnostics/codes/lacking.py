"""STG477: what a base on this machine lacks for the model that is to come of it."""

from __future__ import annotations

from stgen.diagnostics.codes.row import Code

# fmt: off
CODES: tuple[Code, ...] = (
    Code("STG477", "no masked language model under SPLADE",
         "SPLADE weighs each word of the vocabulary with the head that guesses masked words. A model of embeddings is saved without it, and training stops as soon as it loads one.",
         'model = { type = "sparse", base = "./models/all-MiniLM-L6-v2" }',
         'Name a masked language model, as distilbert/distilbert-base-uncased is; or write architecture = "csr", which makes the embeddings of such a model sparse.'),
)
# fmt: on
