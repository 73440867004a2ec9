"""Kernel regression on remembered clips: the part of a model that needs no training.

A few hundred clips are too few for a network to learn what a kernel is given: that
clips whose joints move alike mean the same. Its scores join the network's, see
`checkpoint.Predictor`; docs/results.md tells what each of the two is worth.
"""

import torch
from jaxtyping import Float
from torch import Tensor, nn

from signnet.config import ModelConfig
from signnet.models.frontend import FrontEnd

__all__ = ["Exemplars"]


class Exemplars(nn.Module):
    """Scores a clip by its likeness to each remembered one.

    The tensors are kept in half precision, at half the size.

    Parameters
    ----------
    config
        Settings of the network beside it.
    projection
        Float[feature, axis], from features to the axes in which clips are compared.
    offset
        Float[axis], subtracted after the projection.
    clips
        Float[exemplar, axis], the remembered clips.
    weights
        Float[exemplar, gloss], what likeness to each says of the glosses.
    """

    def __init__(
        self,
        config: ModelConfig,
        projection: Float[Tensor, "feature axis"],
        offset: Float[Tensor, " axis"],
        clips: Float[Tensor, "exemplar axis"],
        weights: Float[Tensor, "exemplar gloss"],
    ) -> None:
        super().__init__()
        self.front = FrontEnd(config)
        self.projection, self.offset, self.clips, self.weights = (
            nn.Parameter(tensor.half(), requires_grad=False)
            for tensor in (projection, offset, clips, weights)
        )

    @staticmethod
    def features(streams: list[Tensor]) -> Float[Tensor, "batch feature"]:
        """Lay all streams and frames of each clip side by side."""
        return torch.cat(streams, dim=-1).flatten(1)

    def forward(
        self, landmarks: Tensor, valid: Tensor | None = None
    ) -> Float[Tensor, "batch gloss"]:
        """Score the glosses; see `FrontEnd.forward` for the input."""
        streams, _ = self.front(landmarks, valid)
        return self.classify(streams)

    def classify(self, streams: list[Tensor]) -> Float[Tensor, "batch gloss"]:
        """Score the glosses, near 1 for the right one, from what the front end made."""
        return self.score(self.embed(streams))

    def embed(self, streams: list[Tensor]) -> Float[Tensor, "batch axis"]:
        """Express clips in the axes in which they are compared."""
        return self.features(streams) @ self.projection.float() - self.offset.float()

    def score(self, x: Float[Tensor, "batch axis"]) -> Float[Tensor, "batch gloss"]:
        """Score the glosses for clips that were embedded.

        Notes
        -----
        The Gaussian kernel exp(-d²); its width is part of the projection.
        """
        clips = self.clips.float()
        squares = x.square().sum(1, keepdim=True) + clips.square().sum(1)
        distance = (squares - 2 * x @ clips.T).clamp_min(0)
        return torch.exp(-distance) @ self.weights.float()
