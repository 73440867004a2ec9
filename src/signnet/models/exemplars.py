"""Exemplars: kernel regression on stored training clips, without gradient descent.

A few hundred clips are too few for a network to learn what a kernel assumes: clips
whose joints move alike show the same sign. Clips are compared in the directions that
tell the words of the training apart and, with a base, in its embedding as well.
"""

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from signnet.clip.shapes import Float
from signnet.config import ModelConfig
from signnet.models.base import BaseEncoder
from signnet.models.frontend import FrontEnd

__all__ = ["Exemplars", "gaussian"]


def gaussian(
    x: Float[Tensor, "clip axis"], others: Float[Tensor, "other axis"]
) -> Float[Tensor, "clip other"]:
    """Compute the similarity exp(-distance²); its width is part of the embedding."""
    squares = x.square().sum(1, keepdim=True) + others.square().sum(1)
    return torch.exp(-(squares - 2 * x @ others.T).clamp_min(0))


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
        Float[exemplar, coordinate], the stored clips in these axes; with a base,
        followed by their scaled embeddings.
    weights
        Float[exemplar, gloss], score of each gloss per similarity to an exemplar.
    base
        The base, with the input of the front end, or None.
    reach
        Float[], factor of the base's embedding, which decides the kernel's width.
    """

    def __init__(
        self,
        config: ModelConfig,
        projection: Float[Tensor, "feature axis"],
        offset: Float[Tensor, " axis"],
        clips: Float[Tensor, "exemplar coordinate"],
        weights: Float[Tensor, "exemplar gloss"],
        base: BaseEncoder | None = None,
        reach: Float[Tensor, ""] | None = None,
    ) -> None:
        super().__init__()
        self.front = FrontEnd(config)
        self.projection, self.offset, self.clips, self.weights = (
            nn.Parameter(tensor.half(), requires_grad=False)
            for tensor in (projection, offset, clips, weights)
        )
        self.base = base.eval().requires_grad_(requires_grad=False) if base else None
        self.reach: Tensor
        self.register_buffer("reach", torch.ones(()) if reach is None else reach)

    @property
    def axes(self) -> tuple[int, ...]:
        """Length of each part of the embedding."""
        own = len(self.offset)
        return (own, self.clips.shape[1] - own) if self.base else (own,)

    @property
    def parts(self) -> Sequence[float]:
        """Weight of each part in the similarity."""
        return [1 / len(self.axes)] * len(self.axes)

    @staticmethod
    def features(streams: list[Tensor]) -> Float[Tensor, "batch feature"]:
        """Concatenate all streams and frames of each clip."""
        return torch.cat(streams, dim=-1).flatten(1)

    def forward(
        self, landmarks: Tensor, valid: Tensor | None = None
    ) -> Float[Tensor, "batch gloss"]:
        """Score the glosses; see `FrontEnd.forward` for the input."""
        return self.classify(*self.front(landmarks, valid))

    def classify(
        self, streams: list[Tensor], fresh: Tensor
    ) -> Float[Tensor, "batch gloss"]:
        """Score the glosses, near 1 for the right one, from the front end's streams."""
        return self.score(self.embed(streams, fresh))

    def embed(
        self, streams: list[Tensor], fresh: Float[Tensor, "batch frame stream"]
    ) -> Float[Tensor, "batch coordinate"]:
        """Express clips in the coordinates in which they are compared."""
        own = self.features(streams) @ self.projection.float() - self.offset.float()
        if self.base is None:
            return own
        learnt = self.base.embed(torch.cat([*streams, fresh], dim=-1))
        return torch.cat([own, learnt * self.reach], dim=-1)

    def score(
        self, x: Float[Tensor, "batch coordinate"]
    ) -> Float[Tensor, "batch gloss"]:
        """Score the glosses for embedded clips."""
        axes = list(self.axes)
        pairs = zip(x.split(axes, -1), self.clips.float().split(axes, -1), strict=True)
        similar = [
            weight * gaussian(one, stored)
            for weight, (one, stored) in zip(self.parts, pairs, strict=True)
        ]
        return torch.stack(similar).sum(0) @ self.weights.float()
