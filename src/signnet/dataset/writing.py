"""Write clips into the files of a dataset."""

import hashlib
import os
from collections.abc import Callable, Generator, Iterable, Sequence
from contextlib import ExitStack, contextmanager
from itertools import islice
from os import PathLike
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from signnet.clip import Clip
from signnet.dataset.schema import SCHEMA, check_clip, row_of_clip
from signnet.errors import DatasetError
from signnet.files import as_path, storable, whole_file, whole_folder

__all__ = [
    "ROW_GROUP",
    "clip_path",
    "growing_file",
    "write_clips",
    "write_dataset",
    "write_rows",
    "write_table",
]

ROW_GROUP = 64
"""Clips in a row group, which is read as one."""

_COMPRESSION = "lz4"

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


def write_rows(rows: Sequence[dict[str, object]], path: Path) -> None:
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
    rows, writers = list[dict[str, object]](), list[pq.ParquetWriter]()

    def write(stack: ExitStack) -> None:
        if not writers:
            temporary = stack.enter_context(whole_file(path, DatasetError))
            writer = pq.ParquetWriter(temporary, SCHEMA, compression=_COMPRESSION)
            writers.append(stack.enter_context(writer))
        writers[0].write_table(pa.Table.from_pylist(rows, schema=SCHEMA))
        rows.clear()

    with ExitStack() as stack:

        def add(clip: Clip) -> None:
            rows.append(row_of_clip(clip))
            if len(rows) == ROW_GROUP:
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
        Clips in a file.

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
    rest, names, files = iter(clips), set[str](), 0
    with whole_folder(as_path(folder, "folder"), DatasetError) as draft:
        while held := list(islice(rest, clips_per_file)):
            for clip in held:
                check_clip(clip)
                if clip.name in names:
                    raise DatasetError(f"two clips are called {clip.name}; rename one")
                names.add(clip.name)
            write_clips(held, draft / f"clips-{files:05d}.parquet")
            files += 1
        if not names:
            raise DatasetError(f"no clips to write into {folder}")
    return len(names)


def write_table(table: pa.Table, path: Path) -> None:
    """Write rows into one Parquet file; see `write_clips`."""
    with whole_file(path, DatasetError) as temporary:
        pq.write_table(
            table.cast(SCHEMA),
            temporary,
            compression=_COMPRESSION,
            row_group_size=ROW_GROUP,
        )


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
