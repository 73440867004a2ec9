"""Kaggle's "Isolated Sign Language Recognition": train.csv and a Parquet file per clip.

train.csv has the columns path, participant_id, sequence_id and sign. Each Parquet file
has a row for every landmark of every frame: frame, type (face, left_hand, pose,
right_hand), landmark_index, x, y, z in picture widths and heights; NaN or a null where
not seen. The pictures' shape and rate are not recorded.

Programs that record such files live write them without train.csv, without z, with
"left hand" for left_hand, without rows for what was not seen, and one recording after
the other. Where the frame numbers begin again, so does another clip.
"""

import re
from functools import partial
from itertools import pairwise
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
    one_a_file,
)
from signnet.formats.units import from_shares
from signnet.labels import Labels, read_rows
from signnet.skeleton import FACE_COUNT, JOINT_COUNT, PARTS

__all__ = ["sources"]

_COLUMNS = ("path", "participant_id", "sequence_id", "sign")
_MOST_RECORDINGS = 100
_VALUES = ("frame", "type", "landmark_index", "x", "y", "z")


def sources(path: Path, settings: ImportSettings = USUAL) -> list[Source]:
    """List the clips that train.csv names, or without one the folder's Parquet files.

    A row of the index names a clip by its path in train.csv, or by the clip's name.

    Raises
    ------
    MediaError, DatasetError
        If there is neither, train.csv's first line does not name the columns, or the
        index is bad.
    """
    table = path if path.is_file() else path / "train.csv"
    if table.suffix.lower() == ".parquet" or not table.is_file():
        return _without_table(path, settings)
    rows = _read_table(table)
    described, lost = describe_files(
        [table.parent / row["path"] for row in rows],
        table.parent,
        settings,
        carried=[
            {"gloss": row["sign"], "signer": row["participant_id"]} for row in rows
        ],
        aliases=[table.parent / _name(row) for row in rows],
    )
    return [
        *(
            Source(row["path"], partial(_read, table.parent, row, labels, own))
            for row, (labels, own) in zip(rows, described, strict=True)
        ),
        *lost,
    ]


def _without_table(path: Path, settings: ImportSettings) -> list[Source]:
    try:
        return one_a_file(path, ".parquet", settings, _read_alone)
    except MediaError as error:
        raise MediaError(
            f"{path} holds neither train.csv nor a .parquet file; give the folder that "
            "does"
        ) from error


def _read_table(table: Path) -> list[dict[str, str]]:
    rows = read_rows(table, _COLUMNS, ", ".join(_COLUMNS))
    return [
        {column: row.get(column, "") for column in _COLUMNS}
        for row in rows
        if any(row.values())
    ]


def _read(
    folder: Path, row: dict[str, str], labels: Labels, settings: ImportSettings
) -> list[Clip]:
    if not all(row.values()):
        raise MediaError(f"train.csv: a row lacks a value: {list(row.values())}")
    if "\0" in row["path"]:
        raise MediaError(f"train.csv: {row['path']!a} is not a path; correct the row")
    file = (folder / row["path"]).resolve()
    if not file.is_relative_to(folder.resolve()):
        raise MediaError(f"train.csv: {row['path']} lies outside {folder}; refused")
    return _clips(file, row["path"], _name(row), labels, settings)


def _name(row: dict[str, str]) -> str:
    return f"{row['sign']}__{row['participant_id']}__{row['sequence_id']}"


def _read_alone(
    file: Path, name: str, labels: Labels, settings: ImportSettings
) -> list[Clip]:
    return _clips(file, file.name, name, labels, settings)


def _clips(
    file: Path, label: str, name: str, labels: Labels, settings: ImportSettings
) -> list[Clip]:
    """Read the recordings of one file, which is one unless frames begin again."""
    clips = list[Clip]()
    for marks in _recordings(file, label):
        landmarks, note = from_shares(marks, settings.size)
        clips.append(
            Clip(
                name=f"{name}__{len(clips) + 1}" if clips else name,
                landmarks=landmarks,
                fps=settings.fps or float("nan"),
                source=f"gislr {label}, {note}",
                **labels,
            )
        )
    return clips


def _recordings(file: Path, label: str) -> list[np.ndarray]:
    """Read float32[time, joint, 3] in picture widths and heights, NaN where unseen."""
    frame, part, number, points = _rows(file, label)
    counts = np.array([PARTS[name].count for name in PARTS])
    if (part < 0).any() or ((number < 0) | (number >= counts[part])).any():
        raise MediaError(
            f"{label}: unknown landmarks; expected types {', '.join(PARTS)} and their "
            "numbers in MediaPipe"
        )
    cuts = _restarts(frame, part * FACE_COUNT + number, label)
    edges = [0, *cuts, len(frame)]
    return [
        _placed(frame[a:b], part[a:b], number[a:b], points[a:b], label)
        for a, b in pairwise(edges)
    ]


def _restarts(frame: np.ndarray, landmark: np.ndarray, label: str) -> list[int]:
    """Return the rows at which another recording begins.

    There the frame of a landmark is lower than in its row before. Live programs repeat
    the rows of a face that was lost, with the frame it was seen in: that is not lower.
    """
    order = np.argsort(landmark, kind="stable")
    back = (np.diff(landmark[order]) == 0) & (np.diff(frame[order]) < 0)
    rows, before = order[1:][back], order[:-1][back]
    cuts = list[int]()
    while len(rows):
        cuts.append(int(rows.min()))
        if len(cuts) >= _MOST_RECORDINGS:
            raise MediaError(
                f"{label}: frame numbers begin again over {_MOST_RECORDINGS} times; "
                "expected the rows in the order of their frames"
            )
        later = before >= cuts[-1]
        rows, before = rows[later], before[later]
    return cuts


def _placed(
    frame: np.ndarray,
    part: np.ndarray,
    number: np.ndarray,
    points: np.ndarray,
    label: str,
) -> np.ndarray:
    """Put the rows of one recording at their frames and joints; first rows count."""
    length = len(frame) and int(frame.max() - frame.min()) + 1
    check_frames(length, label)
    landmarks = np.full((length, JOINT_COUNT, 3), np.nan, np.float32)
    joints = np.array([PARTS[name].start for name in PARTS])[part] + number
    landmarks[(frame - frame.min())[::-1], joints[::-1]] = points[::-1]
    landmarks[np.isnan(landmarks[..., :2]).any(axis=-1)] = np.nan
    if np.isinf(landmarks).any() or np.isnan(landmarks[..., 0]).all():
        raise MediaError(f"{label}: landmarks are infinite or none is seen")
    return landmarks


def _rows(
    file: Path, label: str
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Read frame, part (-1 if unknown), number and x, y, z of each row."""
    try:
        with pq.ParquetFile(file, read_dictionary=["type"]) as opened:
            if opened.metadata.num_rows > LONGEST * JOINT_COUNT:
                raise MediaError(f"{label}: {opened.metadata.num_rows} rows; too many")
            known = set(opened.schema_arrow.names)
            columns = [name for name in _VALUES if name != "z" or name in known]
            table = opened.read(columns=columns)
        part = _part_numbers(table["type"].cast(pa.string()))
        whole = (table[name] for name in ("frame", "landmark_index"))
        frame, number = (c.cast(pa.int64()).to_numpy() for c in whole)
        points = np.full((len(table), 3), np.nan, np.float32)
        for axis, name in enumerate(columns[3:]):
            points[:, axis] = table[name].cast(pa.float32()).to_numpy()
    except (pa.ArrowException, OSError, KeyError, ValueError) as error:
        reason = str(error).splitlines()[0][:100]
        raise MediaError(
            f"{label} is not a Parquet file of landmarks ({', '.join(_VALUES)}): "
            f"{reason}"
        ) from error
    if frame.dtype.kind == "f" or number.dtype.kind == "f":
        raise MediaError(f"{label}: frame or landmark_index has empty cells")
    return frame, part, number, points


def _part_numbers(types: pa.ChunkedArray) -> np.ndarray:
    """Return the index of each type in `PARTS`; -1 for another one, or none."""
    coded = types.combine_chunks().dictionary_encode()
    known = {name: number for number, name in enumerate(PARTS)}
    names = [re.sub(r"[\s-]+", "_", name) for name in coded.dictionary.to_pylist()]
    numbers = [known.get(name.lower(), -1) for name in names]
    return np.array([*numbers, -1])[coded.indices.fill_null(-1).to_numpy()]
