"""What stands around the losses of the library."""

from collections.abc import Iterable
from typing import Any

import torch
from sentence_transformers import SentenceTransformer
from sentence_transformers.util.distributed import all_gather, all_gather_with_grad
from torch import Tensor, nn


class GatheredLoss(nn.Module):
    """Gives a loss that holds rows against each other those of all processes: each process knows its own alone."""

    def __init__(self, model: SentenceTransformer, loss: Any) -> None:
        """Stand before `loss`, which can do with the embeddings of texts."""
        super().__init__()
        self.model = model  # which the trainer replaces by the one that several processes share
        self.loss = loss

    def forward(self, sentence_features: Iterable[dict[str, Tensor]], labels: Tensor | None = None) -> Any:
        """Return the loss over the rows of all processes."""
        return self.compute_loss_from_embeddings(
            [self.model(column)["sentence_embedding"] for column in sentence_features], labels
        )

    def compute_loss_from_embeddings(self, embeddings: list[Tensor], labels: Tensor | None = None) -> Any:
        """Return the loss over the rows of all processes, of which these are the embeddings of one."""
        if torch.distributed.is_initialized():
            embeddings = [all_gather_with_grad(column) for column in embeddings]
            labels = None if labels is None else all_gather(labels)
        return self.loss.compute_loss_from_embeddings(embeddings, labels)

    def get_config_dict(self) -> dict[str, Any]:
        """Return what the model card says about the loss."""
        describe = getattr(self.loss, "get_config_dict", dict)  # a few losses have nothing to say
        return {"loss": type(self.loss).__name__, **describe()}

    @property
    def citation(self) -> str:
        """Return the papers for the model card."""
        return str(getattr(self.loss, "citation", ""))
