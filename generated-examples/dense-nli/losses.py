"""What stands around the losses of the library."""

from collections.abc import Iterable
from typing import Any

import torch
from sentence_transformers import SentenceTransformer
from torch import Tensor, nn


class SharedLoss(nn.Module):
    """Keeps the weights that a loss has of its own alike in all processes: DDP looks after those of the model alone."""

    def __init__(self, model: SentenceTransformer, loss: nn.Module) -> None:
        """Watch over those weights of `loss` that aren't the model's."""
        super().__init__()
        self.model = model  # which the trainer replaces by the one that several processes share
        self.loss = loss
        trained = {id(weight) for weight in model.parameters()}
        self.own = [weight for weight in loss.parameters() if id(weight) not in trained]
        self.alike = False
        for weight in self.own:
            weight.register_post_accumulate_grad_hook(average_gradient)

    def forward(self, sentence_features: Iterable[dict[str, Tensor]], labels: Tensor | None = None) -> Tensor:
        """Return the loss; before the first step every process takes over the weights of the first one."""
        if not self.alike and torch.distributed.is_initialized():
            for weight in self.own:
                torch.distributed.broadcast(weight.data, src=0)
            self.alike = True
        value: Tensor = self.loss(sentence_features, labels)
        return value

    def get_config_dict(self) -> dict[str, Any]:
        """Return what the model card says about the loss."""
        describe = getattr(self.loss, "get_config_dict", dict)  # a few losses have nothing to say
        return {"loss": type(self.loss).__name__, **describe()}

    @property
    def citation(self) -> str:
        """Return the papers for the model card."""
        return str(getattr(self.loss, "citation", ""))


def average_gradient(weight: Tensor) -> None:
    """Give all processes the mean of their gradients of a weight."""
    if torch.distributed.is_initialized() and weight.grad is not None:
        torch.distributed.all_reduce(weight.grad)
        weight.grad /= torch.distributed.get_world_size()
