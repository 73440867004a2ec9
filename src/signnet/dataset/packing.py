"""Merge a dataset of many small files into a few large ones."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from signnet.dataset.dataset import Dataset
from signnet.dataset.reading import dataset_files
from signnet.dataset.writing import shards, write_table
from signnet.errors import DatasetError
from signnet.files import whole_folder

__all__ = ["pack"]


def pack(source: Path, out: Path, clips_per_shard: int = 1024) -> int:
    """Merge a dataset of many small files into a few shards; return their number.

    Parameters
    ----------
    source
        The dataset.
    out
        A new or empty folder; it gets all shards at once.
    clips_per_shard
        Clips in a file; it holds fewer if they are long.

    Raises
    ------
    DatasetError
        If the source is not a dataset, or `out` is not empty or cannot be written.

    Notes
    -----
    One shard is in memory at a time. The clips are distributed in a random order,
    always the same, so that a row group that is read for training holds many glosses.
    """
    if dataset_files(out):
        raise DatasetError(f"{out} has .parquet files already; pack into a new folder")
    data = Dataset(source)
    number = 0
    with whole_folder(out, DatasetError) as draft:
        for number, indices in enumerate(_deal(data, clips_per_shard), 1):
            write_table(data.rows(indices), draft / f"shard-{number - 1:05d}.parquet")
    return number


def _deal(data: Dataset, clips_per_shard: int) -> Iterator[list[int]]:
    """Yield the clips of each shard: one row group after another, in random order."""
    groups: Sequence[Sequence[int]] = data.groups
    if not data.files:
        groups = [[index] for index in range(len(data))]
    frames = data.table["frames"].to_pylist()
    order = np.random.default_rng(0).permutation(len(groups))
    indices = (index for group in order for index in groups[group])
    return shards(indices, clips_per_shard, frames.__getitem__)
