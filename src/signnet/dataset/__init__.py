"""A dataset: a folder of Parquet files, one row per clip.

The columns are the fields of a clip; the landmarks are the bytes of a C-ordered
float16[time, 553, 3] array (picture heights, NaN where unseen), so that any Parquet
reader opens them: `np.frombuffer(row.landmarks, np.float16).reshape(-1, 553, 3)`.

A dataset of more than `IN_MEMORY` bytes leaves the landmarks in its files; they are
read a row group at a time.
"""

from signnet.dataset.dataset import IN_MEMORY, Dataset
from signnet.dataset.packing import pack
from signnet.dataset.progress import Progress, no_progress
from signnet.dataset.reading import dataset_files
from signnet.dataset.schema import LABELS, LONGEST, SCHEMA, row_of_clip
from signnet.dataset.writing import (
    clip_path,
    growing_file,
    shards,
    write_clips,
    write_dataset,
    write_rows,
)

__all__ = [
    "IN_MEMORY",
    "LABELS",
    "LONGEST",
    "SCHEMA",
    "Dataset",
    "Progress",
    "clip_path",
    "dataset_files",
    "growing_file",
    "no_progress",
    "pack",
    "row_of_clip",
    "shards",
    "write_clips",
    "write_dataset",
    "write_rows",
]
