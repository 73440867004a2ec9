"""Read the files of a dataset: all columns, or the labels and later the landmarks."""

from collections.abc import Generator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from signnet.dataset.footer import check_footer
from signnet.dataset.schema import (
    HEAVY,
    LABELS,
    REQUIRED,
    SCHEMA,
    TEXTS,
    labels_as_numbers,
)
from signnet.dataset.sizes import check_metadata, read_batches
from signnet.errors import DatasetError

__all__ = ["POSITION", "add_landmarks", "dataset_files", "read_labels", "read_table"]

POSITION = ("file", "group", "row")
"""Columns that locate landmarks that were left in their files."""

_HEAVY_SCHEMA = pa.schema([SCHEMA.field(name) for name in HEAVY])
_LIGHT_SCHEMA = pa.schema([field for field in SCHEMA if field.name not in HEAVY])


def dataset_files(path: Path) -> list[Path]:
    """List the Parquet files of a dataset folder by name; a single file lists itself.

    Hidden files are left out, as Arrow, Spark and Hugging Face Datasets do.
    """
    if path.is_file():
        return [path]
    return sorted(
        file
        for file in path.glob("*.[pP][aA][rR][qQ][uU][eE][tT]")
        if not file.name.startswith(".")
    )


def read_table(file: Path) -> pa.Table:
    """Read a whole file; DatasetError if it is broken or of another schema."""
    with _readable(file), _opened(file) as stored:
        table = read_batches(stored, _known(stored), file)
    return _checked(table, SCHEMA, file)


def _opened(file: Path) -> pq.ParquetFile:
    """Open a file so that no text of it is repeated in memory; check its sizes."""
    state = file.stat()
    content = _footer(file, state.st_size, state.st_mtime_ns)
    schema = content.schema
    columns = {schema.column(number).path for number in range(len(schema))}
    # In the only row nothing is repeated, and it is opened sooner.
    names = TEXTS if content.num_rows > 1 else LABELS
    texts = [name for name in names if name in columns]
    return pq.ParquetFile(file, metadata=content, read_dictionary=texts)


@lru_cache(maxsize=64)
def _footer(file: Path, _size: int, _time: int) -> pq.FileMetaData:
    """Read and check what a file says of itself, once for all its row groups."""
    content = pq.read_metadata(file)
    check_footer(content, file)
    check_metadata(content, file)
    return content


def _known(stored: pq.ParquetFile) -> list[str]:
    return [name for name in SCHEMA.names if name in stored.schema_arrow.names]


def read_labels(file: Path, number: int) -> pa.Table:
    """Read all but times and landmarks of a file.

    Parameters
    ----------
    file
        The file.
    number
        Index of the file within the dataset.

    Returns
    -------
    pa.Table
        The light columns, and `POSITION`: where each row's landmarks are.

    Raises
    ------
    DatasetError
        If the file is broken or of another schema.
    """
    with _readable(file), _opened(file) as stored:
        content = stored.metadata
        sizes = [content.row_group(k).num_rows for k in range(content.num_row_groups)]
        known = [name for name in _known(stored) if name not in HEAVY]
        table = read_batches(stored, known, file)
        _checked(stored.schema_arrow.empty_table(), SCHEMA, file)
    table = _checked(table, _LIGHT_SCHEMA, file)
    positions = (
        np.full(len(table), number),
        np.repeat(np.arange(len(sizes)), sizes),
        np.concatenate([np.arange(size) for size in sizes] or [[]]),
    )
    for name, position in zip(POSITION, positions, strict=True):
        table = table.append_column(name, pa.array(position, pa.int32()))
    return table


def add_landmarks(table: pa.Table, files: Sequence[Path]) -> pa.Table:
    """Add times and landmarks to rows in any order; each row group is read once."""
    stored = np.stack([table[name].to_numpy() for name in POSITION[:2]], axis=1)
    groups, numbers = np.unique(stored, axis=0, return_inverse=True)
    rows, numbers = table["row"].to_numpy(), numbers.reshape(-1)
    parts = [_HEAVY_SCHEMA.empty_table()]
    for number, (file, group) in enumerate(groups.tolist()):
        parts.append(_read_heavy(files[file], group, rows[numbers == number]))
    heavy = pa.concat_tables(parts)
    if len(groups) > 1:
        by_group = np.argsort(numbers, kind="stable")
        heavy = heavy.take(pa.array(np.argsort(by_group)))
    for name in HEAVY:
        table = table.append_column(name, heavy[name])
    return table.select(SCHEMA.names)


def _read_heavy(file: Path, group: int, rows: np.ndarray) -> pa.Table:
    """Read times and landmarks of rows of one row group."""
    with _readable(file), _opened(file) as stored:
        columns = [*HEAVY, "frames"]
        heavy = read_batches(stored, columns, file, [group]).take(pa.array(rows))
    return _checked(heavy, _HEAVY_SCHEMA, file)


@contextmanager
def _readable(file: Path) -> Generator[None]:
    try:
        yield
    except (pa.ArrowException, OSError, ValueError, KeyError) as error:
        reason = (str(error) or type(error).__name__).splitlines()[0]
        raise DatasetError(
            f"{file} is not a readable Parquet file: {reason}"
        ) from error


def _checked(table: pa.Table, schema: pa.Schema, file: Path) -> pa.Table:
    """Return the columns of the schema, labels as numbers in a list of the different.

    DatasetError if they are not there.
    """
    coded = labels_as_numbers(schema)
    try:
        table = table.select(schema.names)
        if not table.schema.equals(coded):  # pyarrow is slow to load what casts
            table = table.cast(schema).cast(coded)
    except (pa.ArrowException, KeyError, ValueError) as error:
        reason = str(error).splitlines()[0]
        raise DatasetError(
            f"{file} does not hold clips of signnet: {reason}"
        ) from error
    for name in {*REQUIRED} & {*schema.names}:
        if table[name].null_count:
            raise DatasetError(f"{file} has rows without {name}; write its clips again")
    for name in {*TEXTS} & {*schema.names}:
        _check_text(table[name], name, file)
    return table


def _check_text(column: pa.ChunkedArray, name: str, file: Path) -> None:
    """Check that texts are UTF-8: Arrow believes a file that says so."""
    try:
        for chunk in column.chunks:
            chunk.validate(full=True)
    except pa.ArrowException as error:
        raise DatasetError(
            f"{file}: {name} holds text that is not UTF-8; write its clips again"
        ) from error
