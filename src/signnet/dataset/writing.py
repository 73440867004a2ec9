"""Write clips into the files of a dataset."""

from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from signnet.clip import Clip
from signnet.dataset.schema import SCHEMA, row_of_clip
from signnet.errors import DatasetError
from signnet.files import whole_file

__all__ = ["ROW_GROUP", "clip_path", "write_clips", "write_table"]

ROW_GROUP = 64
"""Clips in a row group: so many are read at a time."""


def write_clips(clips: Sequence[Clip], path: Path) -> None:
    """Write clips into one Parquet file, whole or not at all.

    Raises
    ------
    DatasetError
        If the file cannot be written (disk full, no permission), or landmarks are too
        large for picture heights; nothing is left.
    """
    rows = [row_of_clip(clip) for clip in clips]
    write_table(pa.Table.from_pylist(rows, schema=SCHEMA), path)


def write_table(table: pa.Table, path: Path) -> None:
    """Write rows into one Parquet file; see `write_clips`."""
    with whole_file(path, DatasetError) as temporary:
        pq.write_table(table, temporary, compression="lz4", row_group_size=ROW_GROUP)


def clip_path(folder: Path, name: str) -> Path:
    """Return the file of a clip that is stored alone."""
    return folder / f"{name.replace('/', '_')}.parquet"
