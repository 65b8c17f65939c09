"""What stands around the losses of the library."""

import torch
from sentence_transformers.sparse_encoder.losses import FlopsLoss
from sentence_transformers.util.distributed import all_gather_with_grad
from torch import Tensor


class GatheredFlops(FlopsLoss):
    """Counts words over the texts of all processes: of the few of one a word that they share is a larger part."""

    def compute_loss_from_embeddings(self, embeddings: Tensor) -> Tensor:
        """Return the FLOPS of the texts of all processes, of which these are the embeddings of one."""
        if torch.distributed.is_initialized():
            embeddings = all_gather_with_grad(embeddings)
        value: Tensor = super().compute_loss_from_embeddings(embeddings)
        return value
