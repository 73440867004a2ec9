"""`MP_Data` folders, a common way to store MediaPipe Holistic's results.

MP_Data/GLOSS/SEQUENCE/FRAME.npy, each 1662 numbers: 33 points of the body with x, y, z
and visibility, 468 of the face and 21 of the left and of the right hand with x, y, z.
x is in picture widths, y in picture heights; a part that was not seen is all zeros.
"""

import re
from functools import partial
from io import BytesIO
from pathlib import Path

import numpy as np

from signnet.clip import Clip
from signnet.errors import MediaError
from signnet.formats.source import (
    USUAL,
    ImportSettings,
    Source,
    check_frames,
    lost_rows,
    read_limited,
)
from signnet.formats.units import from_shares
from signnet.labels import Labels, label_files
from signnet.skeleton import JOINT_COUNT, PARTS

__all__ = ["sources"]

_LENGTH = 33 * 4 + 468 * 3 + 2 * 21 * 3

Frames = dict[int, Path]


def sources(path: Path, settings: ImportSettings = USUAL) -> list[Source]:
    """List the sequences of a folder.

    A row of the index names a sequence as GLOSS/SEQUENCE.

    Raises
    ------
    MediaError, DatasetError
        If there is none, or the index is bad.
    """
    clips: dict[Path, Frames] = {}
    for file in sorted(path.glob("*/*/*.npy")):
        if re.fullmatch(r"\d{1,9}", file.stem):
            clips.setdefault(file.parent, {})[int(file.stem)] = file
    if not clips:
        raise MediaError(
            f"{path} holds no GLOSS/SEQUENCE/FRAME.npy; give the MP_Data folder itself"
        )
    described, lost = label_files(
        list(clips),
        path,
        settings.index,
        carried=[{"gloss": folder.parent.name} for folder in clips],
        aliases=[path / _name(folder) for folder in clips],
    )
    return [
        *(
            Source(
                str(folder.relative_to(path)),
                partial(_read, folder, frames, labels, settings),
            )
            for (folder, frames), labels in zip(clips.items(), described, strict=True)
        ),
        *lost_rows(lost),
    ]


def _name(folder: Path) -> str:
    return f"{folder.parent.name}__{folder.name}"


def _read(
    folder: Path, frames: Frames, labels: Labels, settings: ImportSettings
) -> list[Clip]:
    name = _name(folder)
    first = min(frames)
    check_frames(max(frames) - first + 1, name)
    landmarks = np.full((max(frames) - first + 1, JOINT_COUNT, 3), np.nan, np.float32)
    for number, file in frames.items():
        _fill(landmarks[number - first], _read_frame(file, f"{name}/{file.name}"))
    if not np.isfinite(landmarks).any():
        raise MediaError(f"{name}: nothing is seen in any frame")
    landmarks, note = from_shares(landmarks, settings.size)
    return [
        Clip(
            name=name,
            landmarks=landmarks,
            fps=settings.fps or float("nan"),
            source=f"mp-data {folder.parent.name}/{folder.name}, {note}",
            **labels,
        )
    ]


def _read_frame(file: Path, label: str) -> np.ndarray:
    content = read_limited(file, 2**20)
    try:
        array = np.load(BytesIO(content), allow_pickle=False)
    except (ValueError, EOFError, SyntaxError, MemoryError) as error:
        reason = (str(error) or type(error).__name__).splitlines()[0][:100]
        raise MediaError(f"{label} is not a readable npy file: {reason}") from error
    if getattr(array, "shape", None) != (_LENGTH,) or array.dtype.kind not in "fiu":
        shape = getattr(array, "shape", "several")
        raise MediaError(f"{label}: {shape} numbers; expected ({_LENGTH},)")
    if not (np.abs(array) < 1e4).all():
        raise MediaError(f"{label}: infinite or huge landmarks; extract it again")
    return array.astype(np.float32)


def _fill(landmarks: np.ndarray, numbers: np.ndarray) -> None:
    """Copy a frame's numbers to their joints; parts of zeros stay NaN."""
    body, rest = numbers[: 33 * 4].reshape(33, 4)[:, :3], numbers[33 * 4 :]
    points = rest.reshape(-1, 3)
    face, left, right = np.split(points, [468, 468 + 21])
    parts = {"pose": body, "face": face, "left_hand": left, "right_hand": right}
    for name, values in parts.items():
        if values.any():
            start = PARTS[name].start
            landmarks[start : start + len(values)] = values
