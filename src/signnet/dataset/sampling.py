"""Choose some clips of a dataset, so that few row groups need to be read.

Landmarks make up nearly all of a dataset's bytes, and they are read a row group at a
time: a few clips of many groups say more about a dataset than all clips of a few.
"""

from collections.abc import Sequence
from typing import SupportsIndex

import numpy as np

from signnet.errors import SettingsError

__all__ = ["sample_indices"]

_FROM_A_GROUP = 8
"""Clips read of one group; neighbours are alike, so more add little."""


def sample_indices(
    groups: Sequence[Sequence[int]], count: int | None, seed: int = 0
) -> list[int]:
    """Choose clips of groups that are spread evenly over the dataset.

    Parameters
    ----------
    groups
        Indices of the clips that are stored together, as `Dataset.groups`.
    count
        Number of clips; None for all. Groups of very different sizes may give fewer.
    seed
        Seed for choosing the clips of a group.

    Returns
    -------
    list of int
        Indices in rising order.

    Raises
    ------
    SettingsError
        If the count is not positive, or the seed is negative.
    """
    if count is not None and (not isinstance(count, SupportsIndex) or int(count) < 1):
        raise SettingsError(f"a sample of {count} clips; expected 1 or more")
    if not isinstance(seed, SupportsIndex) or int(seed) < 0:
        raise SettingsError(f"seed is {seed}; expected a whole number, 0 or more")
    if count is None or sum(map(len, groups)) <= count:
        return [index for group in groups for index in group]
    rng = np.random.default_rng(seed)
    chosen, left = list[int](), count
    spread = _spread(groups, count)
    for done, group in enumerate(sorted(spread, key=len)):
        few = min(len(group), -(-left // (len(spread) - done)))
        chosen += [group[row] for row in rng.choice(len(group), few, replace=False)]
        left -= few
    return sorted(chosen)


def _spread(groups: Sequence[Sequence[int]], count: int) -> list[Sequence[int]]:
    """Choose as many groups, at even distances, as are needed for `count` clips."""
    from_each = np.mean([min(len(group), _FROM_A_GROUP) for group in groups])
    wanted = min(len(groups), int(np.ceil(count / from_each)))
    numbers = np.linspace(0, len(groups) - 1, wanted).round().astype(int)
    return [groups[number] for number in numbers]
