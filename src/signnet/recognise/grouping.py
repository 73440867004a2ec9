"""Group segments that look alike, one after the other.

Memory grows with the number of different signs, not with the film's length.
"""

import numpy as np

from signnet.clip.shapes import Float32
from signnet.recognise.exemplars import Kernel

__all__ = ["ALIKE", "Groups"]

ALIKE = 0.6
"""Similarity to a group's mean from which a segment belongs to it (docs/results.md)."""


class Groups:
    """Numbers for segments: the same number for those that look alike.

    Parameters
    ----------
    kernel
        Compares embeddings.
    alike
        Least similarity to the mean of a group.
    """

    def __init__(self, kernel: Kernel, alike: float = ALIKE) -> None:
        self._kernel = kernel
        self._alike = alike
        self._sums: list[np.ndarray] = []
        self._counts: list[int] = []

    def add(self, embedding: Float32[np.ndarray, " axis"]) -> int:
        """Return the number of the group that the segment joins or founds, from 1."""
        if self._sums:
            means = np.stack(self._sums) / np.array(self._counts)[:, None]
            similarities = self._kernel.similarity(embedding[None], means)[0]
            best = int(np.argmax(similarities))
            if similarities[best] >= self._alike:
                self._sums[best] = self._sums[best] + embedding
                self._counts[best] += 1
                return best + 1
        self._sums.append(embedding.astype(np.float64))
        self._counts.append(1)
        return len(self._sums)
