"""The model before training: SPLADE, which weighs every word of the vocabulary for a text."""

from sentence_transformers import SparseEncoder
from sentence_transformers.sparse_encoder import modules

BASE = "distilbert/distilbert-base-uncased"


def build(base: str = BASE) -> SparseEncoder:
    """Load the base model, a masked language model, from the hub or a folder.

    Weights are float32 whatever the checkpoint holds: in half precision small updates would be rounded away.
    """
    try:
        encoder = SparseEncoder(base, model_kwargs={"dtype": "float32"})
    except Exception as error:  # the library raises whatever its parsers raise
        raise SystemExit(
            f"model: {base} can't be loaded; is there a typo, a file that is cut off, or no network? {error}"
        ) from error
    # Without a masked-language-modelling head the library would build another kind of sparse model, and not say so.
    if not isinstance(encoder[-1], modules.SpladePooling):
        raise SystemExit(
            f"model: {base} has no masked-language-modelling head, which SPLADE needs; name a masked language model"
        )
    encoder.max_seq_length = 64
    encoder.prompts, encoder.default_prompt_name = {}, None  # as in training, whatever --base may bring
    return encoder
