"""Kaggle's "Isolated Sign Language Recognition": train.csv and a Parquet file per clip.

train.csv has the columns path, participant_id, sequence_id and sign. Each Parquet file
has a row for every landmark of every frame: frame, type (face, left_hand, pose,
right_hand), landmark_index, x, y, z in picture widths and heights; NaN or a null where
not seen. The pictures' shape and rate are not recorded.
"""

import csv
from functools import partial
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from signnet.clip import Clip
from signnet.errors import MediaError
from signnet.formats.source import (
    LONGEST,
    USUAL,
    ImportSettings,
    Source,
    check_frames,
    describe_files,
)
from signnet.formats.units import from_shares
from signnet.labels import Labels
from signnet.skeleton import JOINT_COUNT, PARTS

__all__ = ["sources"]

_COLUMNS = ("path", "participant_id", "sequence_id", "sign")
_VALUES = ("frame", "type", "landmark_index", "x", "y", "z")


def sources(path: Path, settings: ImportSettings = USUAL) -> list[Source]:
    """List the clips that train.csv names, in the folder that holds it.

    A row of the index names a clip by its path in train.csv.

    Raises
    ------
    MediaError, DatasetError
        If there is no train.csv, its first line does not name the columns, or the
        index is bad.
    """
    table = path if path.is_file() else path / "train.csv"
    rows = _read_table(table)
    described, lost = describe_files(
        [table.parent / row["path"] for row in rows],
        table.parent,
        settings,
        carried=[
            {"gloss": row["sign"], "signer": row["participant_id"]} for row in rows
        ],
    )
    return [
        *(
            Source(row["path"], partial(_read, table.parent, row, labels, own))
            for row, (labels, own) in zip(rows, described, strict=True)
        ),
        *lost,
    ]


def _read_table(table: Path) -> list[dict[str, str]]:
    try:
        lines = csv.DictReader(table.read_text("utf-8-sig").splitlines())
        columns, rows = lines.fieldnames or [], list(lines)
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        reason = str(error).splitlines()[0]
        raise MediaError(f"{table}: cannot be read as a CSV table: {reason}") from error
    if not set(_COLUMNS) <= set(columns):
        raise MediaError(
            f"{table}: the first line is {','.join(columns)[:60]!r}; expected "
            f"{','.join(_COLUMNS)}"
        )
    return [{column: row.get(column) or "" for column in _COLUMNS} for row in rows]


def _read(
    folder: Path, row: dict[str, str], labels: Labels, settings: ImportSettings
) -> list[Clip]:
    if not all(row.values()):
        raise MediaError(f"train.csv: a row lacks a value: {list(row.values())}")
    if "\0" in row["path"]:
        raise MediaError(f"train.csv: {row['path']!a} is no path; correct the row")
    file = (folder / row["path"]).resolve()
    if not file.is_relative_to(folder.resolve()):
        raise MediaError(f"train.csv: {row['path']} lies outside {folder}; refused")
    landmarks, note = from_shares(_landmarks(file, row["path"]), settings.size)
    return [
        Clip(
            name=f"{row['sign']}__{row['participant_id']}__{row['sequence_id']}",
            landmarks=landmarks,
            fps=settings.fps or float("nan"),
            source=f"gislr {row['path']}, {note}",
            **labels,
        )
    ]


def _landmarks(file: Path, label: str) -> np.ndarray:
    """Read float32[time, joint, 3] in picture widths and heights, NaN where unseen."""
    frame, part, number, points = _rows(file, label)
    check_frames(len(frame) and int(frame.max() - frame.min()) + 1, label)
    starts = {name: PARTS[name].start for name in PARTS}
    counts = np.array([PARTS[name].count for name in PARTS])
    if (part < 0).any() or ((number < 0) | (number >= counts[part])).any():
        raise MediaError(
            f"{label}: unknown landmarks; expected types {', '.join(PARTS)} and their "
            "numbers in MediaPipe"
        )
    landmarks = np.full(
        (int(frame.max() - frame.min()) + 1, JOINT_COUNT, 3), np.nan, np.float32
    )
    joints = np.array(list(starts.values()))[part] + number
    landmarks[frame - frame.min(), joints] = points
    landmarks[np.isnan(landmarks[..., :2]).any(axis=-1)] = np.nan
    if np.isinf(landmarks).any() or np.isnan(landmarks[..., 0]).all():
        raise MediaError(f"{label}: landmarks are infinite or none is seen")
    return landmarks


def _rows(file: Path, label: str) -> tuple[np.ndarray, ...]:
    """Read frame, part (-1 if unknown), number and x, y, z of each row."""
    try:
        with pq.ParquetFile(file, read_dictionary=["type"]) as opened:
            if opened.metadata.num_rows > LONGEST * JOINT_COUNT:
                raise MediaError(f"{label}: {opened.metadata.num_rows} rows; too many")
            table = opened.read(columns=list(_VALUES))
        columns = [table[name] for name in _VALUES]
        part = _part_numbers(columns[1].cast(pa.string()))
        whole = [columns[0], columns[2]]
        frame, number = (c.cast(pa.int64()).to_numpy() for c in whole)
        points = [c.cast(pa.float32()).to_numpy() for c in columns[3:]]
    except (pa.ArrowException, OSError, KeyError, ValueError) as error:
        reason = str(error).splitlines()[0][:100]
        raise MediaError(
            f"{label} is no Parquet file of landmarks ({', '.join(_VALUES)}): {reason}"
        ) from error
    if frame.dtype.kind == "f" or number.dtype.kind == "f":
        raise MediaError(f"{label}: frame or landmark_index has empty cells")
    return frame, part, number, np.stack(points, axis=1)


def _part_numbers(types: pa.ChunkedArray) -> np.ndarray:
    """Return the index of each type in `PARTS`; -1 for another one, or none."""
    coded = types.combine_chunks().dictionary_encode()
    known = {name: number for number, name in enumerate(PARTS)}
    numbers = [known.get(name, -1) for name in coded.dictionary.to_pylist()]
    return np.array([*numbers, -1])[coded.indices.fill_null(-1).to_numpy()]
