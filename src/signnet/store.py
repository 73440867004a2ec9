"""A dataset: a folder of Parquet files, one row per clip.

The columns are the fields of a clip; the landmarks are the bytes of a C-ordered
float16[time, 553, 3] array (picture heights, NaN where unseen), so that any Parquet
reader opens them: `np.frombuffer(row.landmarks, np.float16).reshape(-1, 553, 3)`.
"""

import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
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

__all__ = ["LABELS", "SCHEMA", "Dataset", "clip_path", "pack", "write_clips"]

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
        pq.write_table(table, temporary, compression="lz4", row_group_size=64)
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
    """Clips in memory as Arrow columns; landmarks are decoded when asked for."""

    table: pa.Table
    path: str = ""

    @classmethod
    def open(cls, path: Path) -> "Dataset":
        """Read a dataset folder or a single Parquet file.

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
        twice = {one for one, other in pairwise(names) if one == other}
        if twice:
            raise DatasetError(
                f"{path}: {len(twice)} clip names occur twice, for example "
                f"{min(twice)}; remove one of each"
            )
        return cls(table, path)

    def __len__(self) -> int:
        """Count the clips."""
        return self.table.num_rows

    def __iter__(self) -> Iterator[Clip]:
        """Go through the clips in the order of their names."""
        for batch in self.table.to_batches(max_chunksize=64):
            for row in batch.to_pylist():
                yield _to_clip(row)

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
        rows = sorted(places[name] for name in wanted)
        return Dataset(self.table.take(pa.array(rows, pa.int64())), self.path)

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


def _read_table(file: Path) -> pa.Table:
    try:
        table = pq.read_table(file)
    except (pa.ArrowException, OSError) as error:
        reason = str(error).splitlines()[0]
        raise DatasetError(
            f"{file} is not a readable Parquet file: {reason}"
        ) from error
    try:
        table = table.select(SCHEMA.names).cast(SCHEMA)
    except (pa.ArrowException, KeyError, ValueError) as error:
        reason = str(error).splitlines()[0]
        raise DatasetError(
            f"{file} does not hold clips of signnet: {reason}"
        ) from error
    for name in _REQUIRED:
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
    """
    if any(out.glob("*.parquet")):
        raise DatasetError(f"{out} has .parquet files already; pack into a new folder")
    table = Dataset.open(source).table
    starts = range(0, table.num_rows, clips_per_shard)
    for number, start in enumerate(starts):
        shard = table.slice(start, clips_per_shard)
        _write_table(shard, out / f"shard-{number:05d}.parquet")
    return len(starts)
