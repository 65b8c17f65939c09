"""The model before training: it reads two texts together and returns one score."""

import torch
from sentence_transformers import CrossEncoder

from seed import SEED

BASE = "cross-encoder/ms-marco-MiniLM-L6-v2"


def build(base: str = BASE, seed: int = SEED) -> CrossEncoder:
    """Load the base model from the hub or a folder; a head that it lacks starts at random.

    Weights are float32 whatever the checkpoint holds: in half precision small updates would be rounded away.
    """
    torch.manual_seed(seed)  # the head starts the same in train.py and evaluate.py
    try:
        encoder = CrossEncoder(
            base,
            num_labels=1,
            max_length=128,
            # What predict() applies to the outputs: it goes with the loss, and is saved with the model.
            activation_fn=torch.nn.Identity(),
            # The head of a base that was made for another number of outputs is replaced.
            model_kwargs={"dtype": "float32", "ignore_mismatched_sizes": True},
        )
    except Exception as error:  # the library raises whatever its parsers raise
        raise SystemExit(
            f"model: {base} can't be loaded; is there a typo, a file that is cut off, or no network? {error}"
        ) from error
    encoder.prompts, encoder.default_prompt_name = {}, None  # as in training, whatever --base may bring
    return encoder
