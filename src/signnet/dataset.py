"""A dataset: a folder of Parquet files, one row per clip.

The columns are the fields of a clip; the landmarks are the bytes of a C-ordered
float16[time, 553, 3] array (picture heights, NaN where unseen), so that any Parquet
reader opens them: `np.frombuffer(row.landmarks, np.float16).reshape(-1, 553, 3)`.

A dataset of more than `IN_MEMORY` bytes leaves the landmarks in its files; they are
read a row group at a time.
"""

import os
from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from signnet.clip import Clip
from signnet.errors import DatasetError
from signnet.skeleton import JOINT_COUNT

__all__ = [
    "IN_MEMORY",
    "LABELS",
    "SCHEMA",
    "Dataset",
    "clip_path",
    "pack",
    "write_clips",
]

IN_MEMORY = 256 * 2**20
"""Bytes of files up to which a dataset is held in memory (docs/scale.md)."""

LABELS = ("gloss", "signer", "session", "repetition", "expression")
"""The columns that describe a clip and may be empty."""

SCHEMA = pa.schema(
    [
        ("name", pa.string()),
        *((label, pa.string()) for label in LABELS),
        ("source", pa.string()),
        ("fps", pa.float32()),
        ("frames", pa.int32()),
        ("times", pa.list_(pa.float32())),
        ("landmarks", pa.binary()),
    ],
    metadata={"signnet": "1", "joints": str(JOINT_COUNT), "unit": "picture heights"},
)


_REQUIRED = ("name", "source", "fps", "frames", "landmarks")

_FEW = 64
"""Clips in a row group: what is read at a time."""

_PLACE = ("file", "group", "row")
"""Columns that say where the landmarks are, if they were left in their files."""

_HEAVY = ("times", "landmarks")
_HEAVY_SCHEMA = pa.schema([SCHEMA.field(name) for name in _HEAVY])


def write_clips(clips: Sequence[Clip], path: Path) -> None:
    """Write clips into one Parquet file, whole or not at all.

    Raises
    ------
    DatasetError
        If the file cannot be written (disk full, no permission), or landmarks are too
        large for picture heights; nothing is left.
    """
    rows = [_to_row(clip) for clip in clips]
    table = pa.Table.from_pylist(rows, schema=SCHEMA)
    _write_table(table, path)


def _write_table(table: pa.Table, path: Path) -> None:
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        pq.write_table(table, temporary, compression="lz4", row_group_size=_FEW)
        temporary.replace(path)
    except OSError as error:
        reason = error.strerror or str(error)
        raise DatasetError(f"cannot write {path}: {reason}") from error
    finally:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)


def _to_row(clip: Clip) -> dict[str, object]:
    return {
        "name": clip.name,
        **{label: getattr(clip, label) for label in LABELS},
        "source": clip.source,
        "fps": clip.fps,
        "frames": len(clip),
        "times": None if clip.times is None else clip.times.tolist(),
        "landmarks": _to_half(clip).tobytes(),
    }


def _to_half(clip: Clip) -> np.ndarray:
    with np.errstate(over="ignore"):
        half = clip.landmarks.astype(np.float16)
    if np.isinf(half).any():
        raise DatasetError(
            f"{clip.name}: landmarks up to {np.nanmax(np.abs(clip.landmarks)):.0f}; "
            "expected picture heights, so divide pixels by the picture's height"
        )
    return half


def _to_clip(row: dict[str, object]) -> Clip:
    fields = dict(row)
    frames = fields.pop("frames")
    flat = np.frombuffer(fields.pop("landmarks"), np.float16)  # type: ignore[arg-type]
    if flat.size != frames * JOINT_COUNT * 3:  # type: ignore[operator]
        raise DatasetError(
            f"{fields['name']}: {flat.size} numbers for {frames} frames of "
            f"{JOINT_COUNT} joints; write the clip again"
        )
    landmarks = flat.reshape(-1, JOINT_COUNT, 3).astype(np.float32)
    times = fields.pop("times")
    if times is not None:
        times = np.asarray(times, np.float32)
    return Clip(landmarks=landmarks, times=times, **fields)  # type: ignore[arg-type]


def clip_path(folder: Path, name: str) -> Path:
    """Give the file of a clip that is stored alone."""
    return folder / f"{name.replace('/', '_')}.parquet"


@dataclass(frozen=True, eq=False)
class Dataset:
    """Clips as Arrow columns; landmarks are decoded when asked for."""

    table: pa.Table
    path: str = ""
    files: tuple[Path, ...] = ()
    """Where the landmarks are, if they are too many for memory."""

    @classmethod
    def open(cls, path: Path, in_memory: int = IN_MEMORY) -> "Dataset":
        """Read a dataset folder or a single Parquet file.

        Parameters
        ----------
        path
            The folder or file.
        in_memory
            With more bytes of files than this the landmarks stay in the files, and the
            clips keep the order in which they are stored.

        Raises
        ------
        DatasetError
            If there is no Parquet file, one of them is broken or of another schema,
            or two clips have the same name.
        """
        files = [path] if path.is_file() else sorted(path.glob("*.parquet"))
        if not files:
            found = "is empty" if path.is_dir() else "does not exist"
            raise DatasetError(
                f"{path} {found}: expected a folder of .parquet files as written by "
                "`signnet import` or `signnet extract`"
            )
        if sum(file.stat().st_size for file in files) > in_memory:
            tables = [_read_labels(file, number) for number, file in enumerate(files)]
            made = cls(pa.concat_tables(tables), str(path), tuple(files))
            _check_unique(sorted(made.names), str(path))
            return made
        table = pa.concat_tables([_read_table(file) for file in files])
        return cls.of_table(table, str(path))

    @classmethod
    def of_clips(cls, clips: Iterable[Clip], path: str = "") -> "Dataset":
        """Make a dataset of clips in memory."""
        rows = [_to_row(clip) for clip in clips]
        return cls.of_table(pa.Table.from_pylist(rows, schema=SCHEMA), path)

    @classmethod
    def of_table(cls, table: pa.Table, path: str) -> "Dataset":
        """Check that the names are unique and order the clips by them."""
        names = table["name"].to_pylist()
        order = sorted(range(len(names)), key=names.__getitem__)
        if order != list(range(len(names))):
            table, names = table.take(order), [names[row] for row in order]
        _check_unique(names, path)
        return cls(table, path)

    def __len__(self) -> int:
        """Count the clips."""
        return self.table.num_rows

    def __iter__(self) -> Iterator[Clip]:
        """Go through the clips: by name, or as they are stored if not in memory."""
        for group in self.groups:
            yield from self.read(group)

    @cached_property
    def groups(self) -> list[range]:
        """Places of the clips that are best read together, in clip order."""
        if not self.files:
            starts = np.arange(0, len(self), _FEW)
        else:
            file, group = (self.table[name].to_numpy() for name in _PLACE[:2])
            moved = (np.diff(file) != 0) | (np.diff(group) != 0)
            starts = np.concatenate([[0], np.flatnonzero(moved) + 1])
        return list(map(range, starts, [*starts[1:], len(self)]))

    def read(self, places: Sequence[int]) -> Iterator[Clip]:
        """Decode the clips at these places, in this order; a place may come again.

        Places of one of the `groups` are the fastest to read together.

        Raises
        ------
        DatasetError
            If the file has become unreadable.
        """
        yield from map(_to_clip, self.rows(places).to_pylist())

    def rows(self, places: Sequence[int]) -> pa.Table:
        """Give the clips at these places, in this order, as they are stored."""
        table = self.table.take(pa.array(places, pa.int64()))
        return _with_landmarks(table, self.files) if self.files else table

    def column(self, name: str) -> list[str | None]:
        """Give a column of the table (gloss, signer, ...) in clip order."""
        return self.table[name].to_pylist()

    @cached_property
    def names(self) -> list[str]:
        """The clips' names, in clip order."""
        return self.table["name"].to_pylist()

    def select(self, names: Iterable[str]) -> "Dataset":
        """Keep the clips named.

        Raises
        ------
        DatasetError
            If a name is unknown.
        """
        places = {name: place for place, name in enumerate(self.names)}
        wanted = list(names)
        unknown = [name for name in wanted if name not in places]
        if unknown:
            raise DatasetError(
                f"{self.path}: {len(unknown)} clips are not in the dataset, for "
                f"example {unknown[0]}; was the split made for other data?"
            )
        return self.at(sorted(places[name] for name in wanted))

    def at(self, places: Sequence[int]) -> "Dataset":
        """Keep the clips at these places, in rising order."""
        rows = self.table.take(pa.array(places, pa.int64()))
        return Dataset(rows, self.path, self.files)

    def require_glosses(self) -> list[str]:
        """Give the glosses in clip order; DatasetError names a clip without one."""
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


def _check_unique(names: Sequence[str], path: str) -> None:
    """Refuse sorted names of which two are equal."""
    twice = {one for one, other in pairwise(names) if one == other}
    if twice:
        raise DatasetError(
            f"{path}: {len(twice)} clip names occur twice, for example "
            f"{min(twice)}; remove one of each"
        )


def _read_table(file: Path) -> pa.Table:
    """Read a whole file."""
    with _readable(file):
        table = pq.read_table(file)
    return _checked(table, SCHEMA, file)


def _read_labels(file: Path, number: int) -> pa.Table:
    """Read all but times and landmarks of a file, and where they are."""
    with _readable(file), pq.ParquetFile(file) as stored:
        content = stored.metadata
        sizes = [content.row_group(k).num_rows for k in range(content.num_row_groups)]
        light = [name for name in SCHEMA.names if name not in _HEAVY]
        known = [name for name in light if name in stored.schema_arrow.names]
        table = stored.read(columns=known)
        _checked(stored.schema_arrow.empty_table(), SCHEMA, file)
    table = _checked(table, pa.schema([SCHEMA.field(name) for name in light]), file)
    places = (
        np.full(len(table), number),
        np.repeat(np.arange(len(sizes)), sizes),
        np.concatenate([np.arange(size) for size in sizes] or [[]]),
    )
    for name, place in zip(_PLACE, places, strict=True):
        table = table.append_column(name, pa.array(place, pa.int32()))
    return table


def _with_landmarks(table: pa.Table, files: Sequence[Path]) -> pa.Table:
    """Add times and landmarks to rows in any order; each row group is read once."""
    stored = np.stack([table[name].to_numpy() for name in _PLACE[:2]], axis=1)
    groups, numbers = np.unique(stored, axis=0, return_inverse=True)
    rows, numbers = table["row"].to_numpy(), numbers.reshape(-1)
    parts = [_HEAVY_SCHEMA.empty_table()]
    for number, (file, group) in enumerate(groups.tolist()):
        parts.append(_read_heavy(files[file], group, rows[numbers == number]))
    heavy = pa.concat_tables(parts)
    if len(groups) > 1:
        by_group = np.argsort(numbers, kind="stable")
        heavy = heavy.take(pa.array(np.argsort(by_group)))
    for name in _HEAVY:
        table = table.append_column(name, heavy[name])
    return table.select(SCHEMA.names)


def _read_heavy(file: Path, group: int, rows: np.ndarray) -> pa.Table:
    """Read times and landmarks of rows of one row group."""
    with _readable(file), pq.ParquetFile(file) as stored:
        heavy = stored.read_row_group(group, columns=list(_HEAVY)).take(pa.array(rows))
    return _checked(heavy, _HEAVY_SCHEMA, file)


@contextmanager
def _readable(file: Path) -> Generator[None, None, None]:
    try:
        yield
    except (pa.ArrowException, OSError) as error:
        reason = str(error).splitlines()[0]
        raise DatasetError(
            f"{file} is not a readable Parquet file: {reason}"
        ) from error


def _checked(table: pa.Table, schema: pa.Schema, file: Path) -> pa.Table:
    """Give the columns of the schema; DatasetError if they are not there."""
    try:
        table = table.select(schema.names).cast(schema)
    except (pa.ArrowException, KeyError, ValueError) as error:
        reason = str(error).splitlines()[0]
        raise DatasetError(
            f"{file} does not hold clips of signnet: {reason}"
        ) from error
    for name in {*_REQUIRED} & {*schema.names}:
        if table[name].null_count:
            raise DatasetError(f"{file} has rows without {name}; write its clips again")
    return table


def pack(source: Path, out: Path, clips_per_shard: int = 1024) -> int:
    """Merge a dataset of many small files into few shards; return how many.

    Raises
    ------
    DatasetError
        If the source is no dataset, or `out` has Parquet files already: clips that
        stood in both would count twice.

    Notes
    -----
    One shard is in memory at a time. The clips are dealt out in a random order, always
    the same, so that a row group that is read for training holds many glosses.
    """
    if any(out.glob("*.parquet")):
        raise DatasetError(f"{out} has .parquet files already; pack into a new folder")
    data = Dataset.open(source)
    groups = data.groups if data.files else [[place] for place in range(len(data))]
    order = np.random.default_rng(0).permutation(len(groups))
    held, shards = list[pa.Table](), 0
    for number, group in enumerate(order, 1):
        held.append(data.rows(groups[group]))
        if number == len(order) or sum(map(len, held)) >= clips_per_shard:
            _write_table(pa.concat_tables(held), out / f"shard-{shards:05d}.parquet")
            held, shards = [], shards + 1
    return shards
