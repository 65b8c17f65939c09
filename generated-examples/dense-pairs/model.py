"""The model before training."""

from sentence_transformers import SentenceTransformer

BASE = "sentence-transformers/all-MiniLM-L6-v2"


def build(base: str = BASE) -> SentenceTransformer:
    """Load the base model from the hub or a folder.

    Weights are float32 whatever the checkpoint holds: in half precision small updates would be rounded away.
    """
    try:
        encoder = SentenceTransformer(base, model_kwargs={"dtype": "float32"})
    except Exception as error:  # the library raises whatever its parsers raise
        raise SystemExit(
            f"model: {base} can't be loaded; is there a typo, a file that is cut off, or no network? {error}"
        ) from error
    encoder.max_seq_length = 128
    encoder.prompts, encoder.default_prompt_name = {}, None  # as in training, whatever --base may bring
    # By what the loss compares embeddings, whatever the base was made for.
    encoder.similarity_fn_name = "cosine"
    return encoder
