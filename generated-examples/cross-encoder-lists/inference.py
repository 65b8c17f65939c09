"""How a model runs where nothing is learned: in the precision of the hardware, with batches that keep nothing for gradients."""

from functools import partial
from typing import Any, TypeVar

import torch
from sentence_transformers import CrossEncoder
from torch import nn

# A small model: its kernels mostly wait with the library's batch of 32, and nothing is kept for gradients.
BATCH = 256 if torch.cuda.is_available() else 32
DEVICE = "cuda"
# What a model computes in here: on a CPU float32 is fastest.
PRECISION = "bf16" if torch.cuda.is_available() else "fp32"

Encoder = TypeVar("Encoder", bound=nn.Module)


def ready(encoder: Encoder) -> Encoder:
    """Let a model on a GPU compute in bfloat16, as it trained; its weights and what it returns stay float32."""
    if next(encoder.parameters()).device.type == DEVICE:
        keep_scores_apart(encoder)
        vars(encoder)["forward"] = partial(forward, encoder)  # stands before the method of the class
    return encoder


def forward(encoder: nn.Module, *given: Any, **named: Any) -> dict[str, Any]:
    """Compute in bfloat16 what PyTorch holds to be safe in it."""
    with torch.autocast(DEVICE, torch.bfloat16):
        features: dict[str, Any] = type(encoder).forward(encoder, *given, **named)
    halves = {name: value for name, value in features.items() if torch.is_tensor(value) and value.is_floating_point()}
    return features | {name: value.float() for name, value in halves.items()}


def keep_scores_apart(encoder: nn.Module) -> None:
    """Compute the last layer in float32: of documents with nearly one score half precision would make ties."""
    if isinstance(encoder, CrossEncoder):
        linear = [name for name, part in encoder.named_modules() if type(part) is nn.Linear]
        encoder.set_keep_in_fp32_modules(linear[-1:])
