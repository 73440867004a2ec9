"""How similar two embedded clips are: the kernel of a model's exemplars.

A model's `embedding` joins one or more parts: the clip in the directions that tell the
words of its training apart, and in those that the base learnt from many other words.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from signnet.clip.shapes import Float, Float32
from signnet.errors import ModelError
from signnet.files import NOT_AN_ARRAY, read_array

__all__ = ["ANCHORS", "MOST_ANCHORS", "SHARPNESS", "Kernel", "read_anchors"]

ANCHORS = "anchors.npy"
"""File beside a model: the exemplars whose scores teaching keeps."""

MOST_ANCHORS = 1500
"""Largest number of exemplars whose scores are kept: time grows with the cube."""

SHARPNESS = 12.0
"""Scores are multiplied by it before they become probabilities (docs/results.md)."""


@dataclass(frozen=True)
class Kernel:
    """The similarity of embedded clips: a weighted sum over parts of the embedding."""

    axes: tuple[int, ...]
    """Length of each part."""

    weights: tuple[float, ...]
    """Weight of each part; their sum is 1."""

    @classmethod
    def of(cls, embedding: Mapping[str, Any], axes: int) -> "Kernel":
        """Read a card's `embedding`; without one, all axes are a single part."""
        if not embedding:
            return cls((axes,), (1.0,))
        return cls(tuple(embedding["axes"]), tuple(embedding["weights"]))

    @property
    def size(self) -> int:
        """Length of an embedding."""
        return sum(self.axes)

    @property
    def base(self) -> "Kernel | None":
        """The kernel of the base's part, which is the last of several, alone."""
        return Kernel(self.axes[-1:], (1.0,)) if len(self.axes) > 1 else None

    def similarity(
        self,
        points: Float[np.ndarray, "point axis"],
        others: Float[np.ndarray, "other axis"],
    ) -> Float[np.ndarray, "point other"]:
        """Compute the weighted mean of exp(-distance²) over parts; 1 for the same."""
        total = np.zeros((len(points), len(others)))
        start = 0
        for axes, weight in zip(self.axes, self.weights, strict=True):
            part = slice(start, start + axes)
            total += weight * _gaussian(points[:, part], others[:, part])
            start += axes
        return total


def _gaussian(
    points: Float[np.ndarray, "point axis"], others: Float[np.ndarray, "other axis"]
) -> Float[np.ndarray, "point other"]:
    squares = (points**2).sum(1)[:, None] + (others**2).sum(1)
    return np.exp(-np.maximum(squares - 2 * points @ others.T, 0))


def read_anchors(file: Path, axes: int) -> Float32[np.ndarray, "anchor axis"]:
    """Read the anchors beside a model; none if there is no such file.

    Raises
    ------
    ModelError
        If the file is broken, or belongs to a model with another embedding.
    """
    if not file.is_file():
        return np.zeros((0, axes), np.float32)
    try:
        found = read_array(file.read_bytes()).astype(np.float32)
    except NOT_AN_ARRAY as error:
        reason = (str(error) or type(error).__name__).splitlines()[0][:100]
        raise ModelError(
            f"{file} cannot be read: {reason}; export the model again"
        ) from error
    if found.ndim != 2 or found.shape[1] != axes or not np.isfinite(found).all():
        raise ModelError(
            f"{file} holds no anchors of this model (shape {found.shape}, expected "
            f"{axes} axes); export the model again"
        )
    return found
