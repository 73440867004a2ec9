"""A dataset as the data doctor reads it: all labels, and the landmarks of some clips.

Labels are read column by column. Landmarks make up nearly all of the bytes, so of a
large dataset only a sample is read: some clips of row groups spread over all files.
"""

from collections.abc import Collection, Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from signnet.clip import Clip
from signnet.dataset import SCHEMA, Dataset
from signnet.errors import DatasetError

__all__ = ["Survey"]

_LABELS = [name for name in SCHEMA.names if name not in ("landmarks", "times")]
_FROM_A_GROUP = 8
"""Neighbouring clips resemble each other, so few of many groups tell more."""

Group = tuple[Path, int, int]
"""A file, the number of a row group in it, and its rows."""


@dataclass(frozen=True, eq=False)
class Survey:
    """The labels of all clips, and where the clips to look at are."""

    labels: pa.Table
    """The columns of a dataset without times and landmarks."""

    looked_at: int
    """How many clips `clips` gives."""

    _dataset: Dataset | None = None
    _places: tuple[tuple[Path, int, tuple[int, ...]], ...] = ()

    @classmethod
    def of_dataset(cls, data: Dataset) -> "Survey":
        """Look at all clips of a dataset in memory."""
        return cls(data.table.select(_LABELS), len(data), data)

    @classmethod
    def open(cls, path: Path, sample: int | None = 2000, seed: int = 0) -> "Survey":
        """Read the labels of a dataset folder or file and choose clips to look at.

        Parameters
        ----------
        path
            A folder of Parquet files, or one.
        sample
            How many clips to look at; None for all.
        seed
            Of the choice.

        Raises
        ------
        DatasetError
            If there is no Parquet file, or one of them holds no clips of signnet.
        """
        files = [path] if path.is_file() else sorted(path.glob("*.parquet"))
        if not files:
            Dataset.open(path)  # says what is missing
        tables, groups = list[pa.Table](), list[Group]()
        for file in files:
            with _opened(file) as opened:
                tables.append(opened.read(columns=_LABELS))
                rows = [
                    opened.metadata.row_group(number).num_rows
                    for number in range(opened.num_row_groups)
                ]
            groups += [(file, number, count) for number, count in enumerate(rows)]
        labels = pa.concat_tables(tables)
        if not labels.num_rows:
            raise DatasetError(f"{path} holds no clips; import or extract some")
        places = _choose(groups, sample, np.random.default_rng(seed))
        looked_at = sum(len(rows) for _, _, rows in places)
        return cls(labels, looked_at, None, places)

    def column(self, name: str) -> list[str | None]:
        """Give a label of all clips."""
        return self.labels[name].to_pylist()

    def clips(self, only: Collection[str] | None = None) -> Iterator[Clip]:
        """Go through the clips to look at, or those of them that are named."""
        if (data := self._dataset) is not None:
            yield from data if only is None else data.select(only)
            return
        for file, number, rows in self._places:
            with _opened(file) as opened:
                if only is not None:
                    names = opened.read_row_group(number, columns=["name"])["name"]
                    rows = [row for row in rows if names[row].as_py() in only]
                    if not rows:
                        continue
                table = opened.read_row_group(number, columns=SCHEMA.names)
                yield from Dataset.of_table(
                    table.take(list(rows)).cast(SCHEMA), str(file)
                )


@contextmanager
def _opened(file: Path) -> Generator[pq.ParquetFile]:
    try:
        with pq.ParquetFile(file) as opened:
            absent = set(SCHEMA.names) - set(opened.schema_arrow.names)
            if absent:
                raise DatasetError(
                    f"{file} does not hold clips of signnet: no {min(absent)}"
                )
            yield opened
    except (pa.ArrowException, OSError) as error:
        reason = str(error).splitlines()[0]
        raise DatasetError(
            f"{file} is not a readable Parquet file: {reason}"
        ) from error


def _choose(
    groups: list[Group], sample: int | None, rng: np.random.Generator
) -> tuple[tuple[Path, int, tuple[int, ...]], ...]:
    """Choose rows: all, or a few of each of some groups, spread evenly."""
    total = sum(rows for _, _, rows in groups)
    if sample is None or total <= sample:
        return tuple((file, number, tuple(range(n))) for file, number, n in groups)
    few = max(1, -(-sample // len(groups)), min(_FROM_A_GROUP, sample))
    wanted = min(len(groups), -(-sample // few))
    spread = np.linspace(0, len(groups) - 1, wanted).round().astype(int)
    chosen: list[tuple[Path, int, tuple[int, ...]]] = []
    for file, number, rows in (groups[place] for place in spread):
        taken = rng.choice(rows, min(few, rows), replace=False)
        chosen.append((file, number, tuple(sorted(taken.tolist()))))
    return tuple(chosen)
