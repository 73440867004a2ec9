"""A sample of a dataset's clips, so that landmarks need not all be read.

Landmarks make up nearly all of a dataset's bytes, and they are read a row group at a
time: a few clips of many groups say more about a dataset than all clips of a few.
"""

from collections.abc import Sequence

import numpy as np

from signnet.dataset import Dataset

__all__ = ["sample_indices"]

_FROM_A_GROUP = 8
"""Clips read of one group; neighbours resemble each other, so more say little more."""


def sample_indices(
    data: Dataset, count: int | None, seed: int = 0
) -> list[Sequence[int]]:
    """Choose clips, spread evenly over the dataset.

    Parameters
    ----------
    data
        The dataset.
    count
        How many clips to choose, rounded up to the same number per group; None for all.
    seed
        Seed for choosing the clips of a group.

    Returns
    -------
    list
        Indices of clips in rising order, a list per group that `Dataset.read` reads at
        once.
    """
    if count is None or len(data) <= count:
        return list(data.groups)
    rng = np.random.default_rng(seed)
    groups = data.groups
    few = max(1, -(-count // len(groups)), min(_FROM_A_GROUP, count))
    wanted = min(len(groups), -(-count // few))
    spread = np.linspace(0, len(groups) - 1, wanted).round().astype(int)
    return [_some_of(groups[number], few, rng) for number in spread]


def _some_of(group: range, few: int, rng: np.random.Generator) -> list[int]:
    chosen = rng.choice(len(group), min(few, len(group)), replace=False)
    return sorted(group.start + int(row) for row in chosen)
