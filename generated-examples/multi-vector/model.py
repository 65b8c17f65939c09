"""The model before training: one embedding for each token, compared token by token (late interaction)."""

import torch
from sentence_transformers import MultiVectorEncoder

from seed import SEED

BASE = "answerdotai/ModernBERT-base"


def build(base: str = BASE, seed: int = SEED) -> MultiVectorEncoder:
    """Load the base model from the hub or a folder; a projection that it lacks starts at random.

    Weights are float32 whatever the checkpoint holds: in half precision small updates would be rounded away.
    """
    torch.manual_seed(seed)  # the projection starts the same in train.py and evaluate.py
    try:
        encoder = MultiVectorEncoder(base, model_kwargs={"dtype": "float32"})
    except Exception as error:  # the library raises whatever its parsers raise
        raise SystemExit(
            f"model: {base} can't be loaded; is there a typo, a file that is cut off, or no network? {error}"
        ) from error
    encoder.max_seq_length = 128
    encoder.prompts, encoder.default_prompt_name = {}, None  # as in training, whatever --base may bring
    return encoder
