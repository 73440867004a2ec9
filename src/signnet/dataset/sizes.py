"""Limits of what a Parquet file may ask for, checked before it is decoded.

A few kilobytes can be compressed, or repeated by a dictionary, from gigabytes. A clip
says how many frames it has, so its landmarks have a known size; a file of clips is at
most some hundred times smaller than they are (nearly all joints unseen).
"""

from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from signnet.dataset.schema import BYTES_PER_FRAME, LONGEST, TEXTS
from signnet.errors import DatasetError

__all__ = ["check_metadata", "read_batches"]

_ALWAYS_READ = 64 * 2**20
"""Bytes that a file may ask for, however small it is."""

_USUAL_GAIN = 256
"""LZ4 compresses to 1/255 at best."""

_BATCH = 64
"""Rows decoded at once."""

_LONGEST_TEXT = 100_000
"""Bytes of one text; a path or gloss of a user has far fewer."""


def check_metadata(content: pq.FileMetaData, file: Path) -> None:
    """Check what a file says about its sizes; DatasetError if it is absurd."""
    needed = content.num_rows * len(TEXTS) * 4
    for number in range(content.num_row_groups):
        group = content.row_group(number)
        for column in map(group.column, range(group.num_columns)):
            needed += max(0, column.total_uncompressed_size)
            if column.path_in_schema.startswith("times."):
                needed += 4 * column.num_values
    _check_needed(needed, file)


def _check_needed(needed: int, file: Path) -> None:
    size = file.stat().st_size
    if needed > _ALWAYS_READ + _USUAL_GAIN * size:
        raise DatasetError(
            f"{file} has {size} bytes and asks for {needed // 2**20} MiB of memory, "
            "far more than clips do; write its clips again"
        )


def read_batches(
    stored: pq.ParquetFile,
    columns: Sequence[str],
    file: Path,
    groups: Sequence[int] | None = None,
) -> pa.Table:
    """Read columns a few rows at a time, so that a lie about sizes shows early.

    Parameters
    ----------
    stored
        The opened file, its texts as dictionaries.
    columns
        Columns to read; `frames` must be among them where `landmarks` is.
    file
        Its path, for messages.
    groups
        Row groups to read; all by default.

    Raises
    ------
    DatasetError
        If a clip has too many frames, or its landmarks or texts are too large.
    """
    parts, needed = list[pa.RecordBatch](), 0
    for batch in stored.iter_batches(_BATCH, row_groups=groups, columns=columns):
        _check_batch(batch, file)
        needed += batch.nbytes
        _check_needed(needed, file)
        parts.append(batch)
    if parts:
        return pa.Table.from_batches(parts).unify_dictionaries()
    return stored.schema_arrow.empty_table().select(columns)


def _check_batch(batch: pa.RecordBatch, file: Path) -> None:
    names = batch.schema.names
    if "frames" in names and pa.types.is_integer(batch["frames"].type):
        most = max(filter(None, batch["frames"].to_pylist()), default=0)
        if most > LONGEST:
            raise DatasetError(
                f"{file}: a clip of {most} frames; expected at most {LONGEST}, one "
                "sign per clip"
            )
        if "landmarks" in names and pa.types.is_binary(batch["landmarks"].type):
            limit = LONGEST * BYTES_PER_FRAME
            if _longest(batch["landmarks"], limit) > limit:
                raise DatasetError(
                    f"{file}: a clip has more than {LONGEST} frames; expected one sign"
                )
    for name in {*TEXTS} & {*names}:
        _check_texts(batch[name], name, file)


def _check_texts(column: pa.Array, name: str, file: Path) -> None:
    if isinstance(column, pa.DictionaryArray):
        column = column.dictionary
    if not pa.types.is_string(column.type) and not pa.types.is_large_string(
        column.type
    ):
        return
    longest = _longest(column, _LONGEST_TEXT)
    if longest > _LONGEST_TEXT:
        raise DatasetError(
            f"{file}: {name} holds a text of {longest} bytes; expected at most "
            f"{_LONGEST_TEXT}"
        )


def _longest(column: pa.Array, limit: int) -> int:
    """Return the bytes of the longest value; 0 if all of them are within the limit."""
    if column.nbytes <= limit:
        return 0
    import pyarrow.compute as pc  # a tenth of the start of a command

    sizes = pc.call_function("binary_length", [column])
    return pc.call_function("max", [sizes]).as_py() or 0
