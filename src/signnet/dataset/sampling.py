"""Choose some clips of a dataset, so that few row groups need to be read.

Landmarks make up nearly all of a dataset's bytes, and they are read a row group at a
time: a few clips of many groups say more about a dataset than all clips of a few.
"""

from collections.abc import Sequence

import numpy as np

from signnet.errors import SettingsError

__all__ = ["sample_indices"]

_FROM_A_GROUP = 8
"""Clips read of one group; neighbours resemble each other, so more say little more."""


def sample_indices(
    groups: Sequence[Sequence[int]], count: int | None, seed: int = 0
) -> list[int]:
    """Choose clips of groups that are spread evenly over the dataset.

    Parameters
    ----------
    groups
        Indices of the clips that are stored together, as `Dataset.groups`.
    count
        Number of clips, rounded up to the same number per group; None for all.
    seed
        Seed for choosing the clips of a group.

    Returns
    -------
    list of int
        Indices in rising order.

    Raises
    ------
    SettingsError
        If the count is not positive.
    """
    if count is not None and count < 1:
        raise SettingsError(f"a sample of {count} clips; expected 1 or more")
    if count is None or sum(map(len, groups)) <= count:
        return [index for group in groups for index in group]
    rng = np.random.default_rng(seed)
    few = max(1, -(-count // len(groups)), min(_FROM_A_GROUP, count))
    wanted = min(len(groups), -(-count // few))
    spread = np.linspace(0, len(groups) - 1, wanted).round().astype(int)
    chosen = list[int]()
    for group in (groups[number] for number in spread):
        rows = rng.choice(len(group), min(few, len(group)), replace=False)
        chosen += sorted(group[row] for row in rows)
    return chosen
