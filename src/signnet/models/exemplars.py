"""Exemplars: kernel regression on stored training clips, without gradient descent.

A few hundred clips are too few for a network to learn what a kernel assumes: clips
whose joints move alike show the same sign. Its scores are added to the network's, see
`checkpoint.Predictor`; docs/results.md compares both.
"""

import torch
from jaxtyping import Float
from torch import Tensor, nn

from signnet.config import ModelConfig
from signnet.models.frontend import FrontEnd

__all__ = ["Exemplars"]


class Exemplars(nn.Module):
    """Scores a clip by its similarity to each exemplar.

    The tensors are stored in half precision, at half the size.

    Parameters
    ----------
    config
        Settings of the front end.
    projection
        Float[feature, axis], from features to the axes in which clips are compared.
    offset
        Float[axis], subtracted after the projection.
    clips
        Float[exemplar, axis], the stored clips in these axes.
    weights
        Float[exemplar, gloss], score of each gloss per similarity to an exemplar.
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
        """Concatenate all streams and frames of each clip."""
        return torch.cat(streams, dim=-1).flatten(1)

    def forward(
        self, landmarks: Tensor, valid: Tensor | None = None
    ) -> Float[Tensor, "batch gloss"]:
        """Score the glosses; see `FrontEnd.forward` for the input."""
        streams, _ = self.front(landmarks, valid)
        return self.classify(streams)

    def classify(self, streams: list[Tensor]) -> Float[Tensor, "batch gloss"]:
        """Score the glosses, near 1 for the right one, from the front end's streams."""
        return self.score(self.embed(streams))

    def embed(self, streams: list[Tensor]) -> Float[Tensor, "batch axis"]:
        """Project clips onto the axes in which they are compared."""
        return self.features(streams) @ self.projection.float() - self.offset.float()

    def score(self, x: Float[Tensor, "batch axis"]) -> Float[Tensor, "batch gloss"]:
        """Score the glosses for embedded clips.

        Notes
        -----
        The Gaussian kernel exp(-d²); its width is part of the projection.
        """
        clips = self.clips.float()
        squares = x.square().sum(1, keepdim=True) + clips.square().sum(1)
        distance = (squares - 2 * x @ clips.T).clamp_min(0)
        return torch.exp(-distance) @ self.weights.float()
