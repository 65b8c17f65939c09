"""What stands around the losses of the library."""

from collections.abc import Callable
from typing import Any

import torch
from sentence_transformers import CrossEncoder
from torch import Tensor, nn


class EvenLoss(nn.Module):
    """Weighs the loss of each process by what it is the mean of: of that one process may have more than another."""

    def __init__(self, model: CrossEncoder, loss: nn.Module, count: Callable[[Any], float]) -> None:
        """Stand before `loss`, which divides by what `count` finds in the labels of a batch."""
        super().__init__()
        self.model = model  # which the trainer replaces by the one that several processes share
        self.loss = loss
        self.count = count

    def forward(self, inputs: list[Any], labels: Any, prompt: str | None = None, task: str | None = None) -> Tensor:
        """Return the loss of this process, so that the mean over all of them is that of their rows together."""
        value: Tensor = self.loss(inputs, labels, prompt=prompt, task=task)
        if not torch.distributed.is_initialized():
            return value
        own = torch.tensor(self.count(labels), device=value.device)
        mean = own.clone()
        torch.distributed.all_reduce(mean)
        mean /= torch.distributed.get_world_size()
        return value * own / mean.clamp(min=torch.finfo().tiny)

    def get_config_dict(self) -> dict[str, Any]:
        """Return what the model card says about the loss."""
        describe = getattr(self.loss, "get_config_dict", dict)  # a few losses have nothing to say
        return {"loss": type(self.loss).__name__, **describe()}

    @property
    def citation(self) -> str:
        """Return the papers for the model card."""
        return str(getattr(self.loss, "citation", ""))


def count_ordered_pairs(lists: list[Tensor]) -> float:
    """Count the pairs of a better and a worse document."""
    return float(sum((grades[:, None] > grades[None, :]).sum() for grades in lists))
