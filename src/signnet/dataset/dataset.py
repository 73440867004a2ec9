"""The clips of a dataset: by index, by name, in order, or as a sample."""

import operator
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from itertools import pairwise
from os import PathLike
from pathlib import Path
from typing import Any, SupportsIndex

import numpy as np
import pyarrow as pa

from signnet.clip import Clip
from signnet.dataset.reading import (
    POSITION,
    add_landmarks,
    dataset_files,
    read_labels,
    read_table,
)
from signnet.dataset.sampling import sample_indices
from signnet.dataset.schema import SCHEMA, clip_of_row, row_of_clip
from signnet.dataset.writing import group_sizes
from signnet.errors import DatasetError
from signnet.files import as_path, check_finished

__all__ = ["IN_MEMORY", "Dataset"]

IN_MEMORY = 256 * 2**20
"""Bytes up to which a dataset is held in memory (docs/scale.md)."""


class Dataset:
    """Clips as Arrow columns; landmarks are decoded when they are needed.

    `data[0]` and `data["name"]` are a `Clip`; `len(data)` and iteration work as for a
    list.

    Parameters
    ----------
    path
        A dataset folder or a single Parquet file.
    in_memory
        If the clips take more bytes than this in memory, the landmarks stay in the
        files and the clips keep their stored order; otherwise they are sorted by name.

    Raises
    ------
    DatasetError
        If there is no Parquet file, one of them is broken or of another schema, two
        clips have the same name, or the folder is being filled (see `signnet.files`).
    """

    table: pa.Table
    """The columns of `SCHEMA`; `POSITION` instead of times and landmarks if `files`.

    Labels that were read are numbers in a list of the different ones (dictionaries).
    """

    path: str
    """Where the clips come from, for messages."""

    files: tuple[Path, ...]
    """The files that hold the landmarks, if these do not fit in memory."""

    def __init__(self, path: str | PathLike[str], in_memory: int = IN_MEMORY) -> None:
        folder = as_path(path, "dataset")
        check_finished(folder, DatasetError)
        found = dataset_files(folder)
        if not found:
            reason = "holds no .parquet file" if folder.is_dir() else "does not exist"
            raise DatasetError(
                f"{folder} {reason}: expected a folder of .parquet files as written by "
                "`signnet import` or `signnet extract`"
            )
        table = _read_if_small(found, in_memory)
        if table is None:
            tables = [read_labels(file, number) for number, file in enumerate(found)]
            self._fill(pa.concat_tables(tables), str(folder), tuple(found))
            _check_unique(sorted(self.names), self.path)
        else:
            self._fill(_ordered(table, str(folder)), str(folder))

    def _fill(
        self, table: pa.Table, path: str, files: tuple[Path, ...] = ()
    ) -> "Dataset":
        self.table, self.path, self.files = table, path, files
        return self

    @classmethod
    def open(cls, path: str | PathLike[str], in_memory: int = IN_MEMORY) -> "Dataset":
        """Read a dataset folder or a single Parquet file, as `Dataset(path)` does."""
        return cls(path, in_memory)

    @classmethod
    def of_clips(cls, clips: Iterable[Clip], path: str = "") -> "Dataset":
        """Make a dataset of clips in memory."""
        rows = [row_of_clip(clip) for clip in clips]
        return cls.of_table(pa.Table.from_pylist(rows, schema=SCHEMA), path)

    @classmethod
    def of_table(cls, table: pa.Table, path: str = "") -> "Dataset":
        """Make a dataset of rows in memory; DatasetError if a name occurs twice."""
        return cls.__new__(cls)._fill(_ordered(table, path), path)

    def __len__(self) -> int:
        """Count the clips."""
        return self.table.num_rows

    def __getitem__(self, key: SupportsIndex | str) -> Clip:
        """Return a clip by its index (from 0) or its name.

        Raises
        ------
        DatasetError
            If the index is negative or too large, or no clip has this name; or if it is
            neither a whole number nor a text.
        """
        index = self._index_of(key) if isinstance(key, str) else key
        (clip,) = self.read([index])
        return clip

    def _index_of(self, name: str) -> int:
        if name not in self._indices:
            raise DatasetError(
                f"{self.path}: no clip is called {name}; `names` lists all "
                f"{len(self)} clips"
            )
        return self._indices[name]

    def __iter__(self) -> Iterator[Clip]:
        """Iterate over the clips: sorted by name, or as stored if not in memory."""
        for group in self.groups:
            yield from self.read(group)

    @cached_property
    def groups(self) -> list[range]:
        """Indices of the clips that are best read together, in clip order."""
        if not self.files:
            sizes = group_sizes(self.table["frames"].to_pylist())
            starts = np.cumsum([0, *sizes])[:-1]
        else:
            file, group = (self.table[name].to_numpy() for name in POSITION[:2])
            moved = (np.diff(file) != 0) | (np.diff(group) != 0)
            starts = np.concatenate([[0], np.flatnonzero(moved) + 1])
        return list(map(range, starts, [*starts[1:], len(self)]))

    def read(self, indices: Iterable[SupportsIndex]) -> Iterator[Clip]:
        """Decode the clips at these indices, in this order; an index may be repeated.

        Indices of one of the `groups` are the fastest to read together.

        Raises
        ------
        DatasetError
            If an index is negative, too large or no whole number, or the file has
            become unreadable.
        """
        yield from map(clip_of_row, self._rows(indices).to_pylist())

    def rows(self, indices: Iterable[SupportsIndex]) -> pa.Table:
        """Return the clips at these indices, in this order, as they are stored."""
        return self._rows(indices).cast(SCHEMA)

    def _rows(self, indices: Iterable[SupportsIndex]) -> pa.Table:
        table = self._taken(indices)
        return add_landmarks(table, self.files) if self.files else table

    def _taken(self, indices: Iterable[SupportsIndex]) -> pa.Table:
        """Return these rows of the table; DatasetError names the first bad index."""
        try:
            numbers = [operator.index(one) for one in indices]
        except TypeError as error:
            raise DatasetError(
                f"{self.path}: an index is not a whole number ({error}); give indices "
                "of clips from 0, or one clip's name"
            ) from error
        for number in numbers:
            if not 0 <= number < len(self):
                expected = f"0 to {len(self) - 1}" if len(self) else "none, it is empty"
                raise DatasetError(
                    f"{self.path}: no clip {number}; expected {expected}"
                )
        first = numbers[0] if numbers else 0
        if numbers == list(range(first, first + len(numbers))):
            return self.table.slice(first, len(numbers))
        # pa.array would import pandas where there is one, which takes half a second
        buffer = pa.py_buffer(np.asarray(numbers, np.int64))
        return self.table.take(
            pa.Array.from_buffers(pa.int64(), len(numbers), [None, buffer])
        )

    def column(self, name: str) -> list[str | None]:
        """Return a column of the table (gloss, signer, ...) in clip order.

        Raises
        ------
        DatasetError
            If there is no such column.
        """
        if name not in self.table.column_names:
            known = ", ".join(self.table.column_names)
            raise DatasetError(f"no column {name}; choose from: {known}")
        return values_of(self.table[name])

    @cached_property
    def names(self) -> list[str]:
        """The clips' names, in clip order."""
        return values_of(self.table["name"])

    @cached_property
    def _indices(self) -> dict[str, int]:
        return {name: index for index, name in enumerate(self.names)}

    def select(self, names: Iterable[str]) -> "Dataset":
        """Keep the clips with these names, in the order of this dataset.

        Raises
        ------
        DatasetError
            If a name is unknown.
        """
        if isinstance(names, str) or not isinstance(names, Iterable):
            raise DatasetError(f"names is {names!r:.60}; expected a list of clip names")
        wanted = dict.fromkeys(names)
        unknown = [name for name in wanted if name not in self._indices]
        if unknown:
            raise DatasetError(
                f"{self.path}: {len(unknown)} clips are not in the dataset, for "
                f"example {unknown[0]}; was the split made for other data?"
            )
        return self.at(sorted(self._indices[name] for name in wanted))

    def at(self, indices: Iterable[SupportsIndex]) -> "Dataset":
        """Keep the clips at these indices, in this order; see `read`."""
        return Dataset.__new__(Dataset)._fill(
            self._taken(indices), self.path, self.files
        )

    def sample(self, count: int | None, seed: int = 0) -> "Dataset":
        """Keep some clips, of row groups that are spread evenly over the dataset.

        Going through the sample reads only these row groups.

        Parameters
        ----------
        count
            Number of clips; None for all.
        seed
            Seed for choosing the clips of a row group.

        Raises
        ------
        SettingsError
            If the count is not positive.
        """
        chosen = sample_indices(self.groups, count, seed)
        return self if len(chosen) == len(self) else self.at(chosen)

    def require_glosses(self) -> list[str]:
        """Return the glosses in clip order; DatasetError names a clip without one."""
        glosses = self.column("gloss")
        bare = [
            name for name, gloss in zip(self.names, glosses, strict=True) if not gloss
        ]
        if bare:
            raise DatasetError(
                f"{self.path}: {len(bare)} clips have no gloss, for example {bare[0]}; "
                "label them (`signnet extract --index CSV`) or leave them out"
            )
        return [gloss for gloss in glosses if gloss]


def values_of(column: pa.ChunkedArray) -> list[Any]:
    """Return a column's values; texts that are equal are one object in memory."""
    shared = dict[Any, Any]()
    values = list[Any]()
    for chunk in column.chunks:
        if len(chunk) > 1 and isinstance(chunk, pa.DictionaryArray):
            chunk = chunk.dictionary_decode()
        values += [shared.setdefault(one, one) for one in chunk.to_pylist()]
    return values


def _read_if_small(files: Sequence[Path], most: int) -> pa.Table | None:
    """Read all columns; None if they take more than `most` bytes.

    Files do not tell: clips of hands alone take twenty times as much as their files.
    """
    if sum(file.stat().st_size for file in files) > most:
        return None
    tables, held = list[pa.Table](), 0
    for file in files:
        tables.append(read_table(file))
        held += tables[-1].nbytes
        if held > most:
            return None
    return pa.concat_tables(tables)


def _ordered(table: pa.Table, path: str) -> pa.Table:
    """Order rows by name; DatasetError if a name occurs twice."""
    names = values_of(table["name"])
    order = sorted(range(len(names)), key=names.__getitem__)
    if order != list(range(len(names))):
        table, names = table.take(order), [names[row] for row in order]
    _check_unique(names, path)
    return table


def _check_unique(names: Sequence[str], path: str) -> None:
    """Check that no two sorted names are equal; DatasetError if they are."""
    twice = {one for one, other in pairwise(names) if one == other}
    if twice:
        raise DatasetError(
            f"{path}: {len(twice)} clip names occur twice, for example "
            f"{min(twice)}; remove one of each"
        )
