"""Write clips into the files of a dataset."""

import hashlib
import os
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from os import PathLike
from pathlib import Path
from typing import Any, TypeVar

import pyarrow as pa
import pyarrow.parquet as pq

from signnet.clip import Clip
from signnet.dataset.schema import LONGEST, SCHEMA, check_clip, row_of_clip
from signnet.errors import DatasetError
from signnet.files import as_path, storable, whole_file, whole_folder

__all__ = [
    "ROW_GROUP",
    "clip_path",
    "group_sizes",
    "growing_file",
    "shards",
    "write_clips",
    "write_dataset",
    "write_rows",
    "write_table",
]

ROW_GROUP = 64
"""Most clips in a row group, which is read as one; see `group_sizes`."""

_FRAMES_PER_FILE = 4 * LONGEST
"""265 MB of landmarks."""

_COMPRESSION = "lz4"

Item = TypeVar("Item")

_LONGEST_STEM = 255 - len(".parquet")
"""Bytes; no file system of Linux, macOS or Windows takes more than 255 for a name."""

_CUT_STEM = 180
"""Bytes that are kept of a longer one; temporary names are longer by some twenty."""


def write_clips(clips: Sequence[Clip], path: Path) -> None:
    """Write clips into one Parquet file, whole or not at all.

    Raises
    ------
    DatasetError
        If the file cannot be written (disk full, no permission), or landmarks are too
        large for picture heights; nothing is left.
    """
    write_rows([row_of_clip(clip) for clip in clips], path)


def write_rows(rows: Sequence[dict[str, Any]], path: Path) -> None:
    """Write rows of `row_of_clip` into one Parquet file; see `write_clips`."""
    write_table(pa.Table.from_pylist(list(rows), schema=SCHEMA), path)


@contextmanager
def growing_file(path: Path) -> Generator[Callable[[Clip], None]]:
    """Yield a function that adds a clip to a new file; it is in place at the end.

    Few clips are in memory at a time. Without a clip there is no file.

    Raises
    ------
    DatasetError
        As in `write_clips`; nothing is left, nor if anything else is raised meanwhile.
    """
    rows, writers = list[dict[str, Any]](), list[pq.ParquetWriter]()

    def write(stack: ExitStack) -> None:
        if not writers:
            temporary = stack.enter_context(whole_file(path, DatasetError))
            writer = pq.ParquetWriter(temporary, SCHEMA, compression=_COMPRESSION)
            writers.append(stack.enter_context(writer))
        _write(writers[0], pa.Table.from_pylist(rows, schema=SCHEMA))
        rows.clear()

    with ExitStack() as stack:

        def add(clip: Clip) -> None:
            rows.append(row_of_clip(clip))
            frames = sum(row["frames"] for row in rows)
            if len(rows) == ROW_GROUP or frames >= LONGEST:
                write(stack)

        yield add
        if rows:
            write(stack)


def write_dataset(
    clips: Iterable[Clip], folder: str | PathLike[str], clips_per_file: int = 256
) -> int:
    """Write clips as a whole dataset folder; return their number.

    Parameters
    ----------
    clips
        The clips; from a generator, only those of one file are in memory at a time.
    folder
        A new or empty folder; it gets all files at once.
    clips_per_file
        Clips in a file; it holds fewer if they are long.

    Raises
    ------
    DatasetError
        If there are no clips, two have the same name, the folder holds something
        already, or it cannot be written; nothing is left then.
    """
    if isinstance(clips, str | Clip) or not isinstance(clips, Iterable):
        raise DatasetError(
            f"clips is of type {type(clips).__name__}; expected a list of clips"
        )
    names = set[str]()
    with whole_folder(as_path(folder, "folder"), DatasetError) as draft:
        held = shards(_unique(clips, names), clips_per_file, len)
        for number, shard in enumerate(held):
            write_clips(shard, draft / f"clips-{number:05d}.parquet")
        if not names:
            raise DatasetError(f"no clips to write into {folder}")
    return len(names)


def _unique(clips: Iterable[Clip], names: set[str]) -> Iterator[Clip]:
    """Yield clips, and add their names; DatasetError if one is there or is no clip."""
    for clip in clips:
        check_clip(clip)
        if clip.name in names:
            raise DatasetError(f"two clips are called {clip.name}; rename one")
        names.add(clip.name)
        yield clip


def write_table(table: pa.Table, path: Path) -> None:
    """Write rows into one Parquet file; see `write_clips`."""
    with (
        whole_file(path, DatasetError) as temporary,
        pq.ParquetWriter(temporary, SCHEMA, compression=_COMPRESSION) as writer,
    ):
        _write(writer, table.cast(SCHEMA))


def _write(writer: pq.ParquetWriter, table: pa.Table) -> None:
    first = 0
    for size in group_sizes(table["frames"].to_pylist()):
        writer.write_table(table.slice(first, size), row_group_size=size)
        first += size


def group_sizes(frames: Iterable[int]) -> list[int]:
    """Divide clips into groups that fit in memory, whatever their length.

    Parameters
    ----------
    frames
        Frames of each clip.

    Returns
    -------
    list[int]
        Clips of each group in turn: at most `ROW_GROUP`, and together at most
        `LONGEST` frames.
    """
    sizes, held = list[int](), 0
    for count in frames:
        if not sizes or sizes[-1] == ROW_GROUP or held + count > LONGEST:
            sizes.append(0)
            held = 0
        sizes[-1] += 1
        held += count
    return sizes


def shards(
    clips: Iterable[Item], most: int, frames: Callable[[Item], int]
) -> Iterator[list[Item]]:
    """Divide clips into lists that fit in memory, whatever their length.

    Parameters
    ----------
    clips
        Clips, their rows or their indices.
    most
        Clips of a list.
    frames
        Returns the frames of a clip.

    Yields
    ------
    list
        As many clips as asked for; fewer if they have `_FRAMES_PER_FILE` frames.
    """
    held, length = list[Item](), 0
    for clip in clips:
        held.append(clip)
        length += frames(clip)
        if len(held) >= most or length >= _FRAMES_PER_FILE:
            yield held
            held, length = [], 0
    if held:
        yield held


def clip_path(folder: Path, name: str) -> Path:
    """Return the file of a clip that is stored on its own.

    A name that is too long for a file is cut and marked with its hash: a film may have
    a name of 255 bytes, and this file has a longer suffix.
    """
    stem = name.replace("/", "_")
    content = os.fsencode(stem)
    if len(content) > _LONGEST_STEM:
        digest = hashlib.sha256(content).hexdigest()[:16]
        stem = f"{content[:_CUT_STEM].decode(errors='ignore')}~{digest}"
    return folder / storable(f"{stem}.parquet")
