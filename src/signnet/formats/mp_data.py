"""`MP_Data` folders, a common way to store MediaPipe Holistic's results.

MP_Data/GLOSS/SEQUENCE/FRAME.npy, or the same deeper: MP_Data/SIGNER/GLOSS/SEQUENCE. A
frame is a row of numbers: 33 points of the body with x, y, z and visibility, 468 of the
face and 21 of the left and of the right hand with x, y, z (1662 in all), or some of
these parts. x is in picture widths, y in picture heights; a part that was not seen is
all zeros.
"""

import os
import re
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import numpy as np

from signnet.clip import Clip
from signnet.clip.shapes import Float32
from signnet.errors import MediaError
from signnet.files import NOT_AN_ARRAY, read_array
from signnet.formats.mp_layout import LENGTHS, to_landmarks
from signnet.formats.source import (
    USUAL,
    ImportSettings,
    Source,
    check_frames,
    describe_files,
    lost_rows,
    read_limited,
)
from signnet.formats.units import from_shares
from signnet.labels import Labels

__all__ = ["sources"]

_FRAME = re.compile(r"\d{1,9}\.npy")

_LARGEST = 2**20
"""Bytes of one frame; the longest needs 13,664."""

Frames = dict[int, Path]


def sources(path: Path, settings: ImportSettings = USUAL) -> list[Source]:
    """List the sequences of a folder.

    A row of the index names a sequence by its folder, GLOSS/SEQUENCE.

    Raises
    ------
    MediaError, DatasetError
        If there is none, or the index is bad.
    """
    found = dict(_sequences(path)) if path.is_dir() else {}
    places = {folder: folder.relative_to(path).as_posix() for folder in found}
    clips = [folder for folder in found if found[folder] and "/" in places[folder]]
    if not clips:
        raise MediaError(
            f"{path} holds no GLOSS/SEQUENCE/FRAME.npy; give the MP_Data folder itself"
        )
    described, lost = describe_files(
        clips,
        path,
        settings,
        carried=[{"gloss": folder.parent.name} for folder in clips],
        aliases=[path / _name(places[folder]) for folder in clips],
    )
    left = [
        (str(folder), "not in a folder for its gloss" if frames else "cannot be read")
        for folder, frames in found.items()
        if not frames or "/" not in places[folder]
    ]
    return [
        *(
            Source(
                places[folder],
                partial(_read, places[folder], found[folder], labels, own),
            )
            for folder, (labels, own) in zip(clips, described, strict=True)
        ),
        *lost,
        *lost_rows(left),
    ]


def _name(place: str) -> str:
    return place.replace("/", "__")


def _sequences(
    folder: Path, above: frozenset[Path] = frozenset()
) -> Iterator[tuple[Path, Frames]]:
    """Yield the folders with frames, and without any those that cannot be read.

    Links are followed, loops are not.
    """
    real = folder.resolve()
    if real in above:
        return
    frames, inner = Frames(), list[str]()
    try:
        with os.scandir(folder) as entries:
            for entry in entries:
                if _FRAME.fullmatch(entry.name):
                    frames[int(entry.name[:-4])] = Path(entry.path)
                elif not entry.name.startswith(".") and Path(entry.path).is_dir():
                    inner.append(entry.name)
    except OSError:
        yield folder, Frames()
        return
    if frames:
        yield folder, frames
    for name in sorted(inner):
        yield from _sequences(folder / name, above | {real})


def _read(
    place: str, frames: Frames, labels: Labels, settings: ImportSettings
) -> list[Clip]:
    name = _name(place)
    landmarks, order = to_landmarks(_read_frames(frames, name))
    if not np.isfinite(landmarks).any():
        raise MediaError(f"{name}: nothing is seen in any frame")
    landmarks, note = from_shares(landmarks, settings.size)
    if order:
        note += f", parts in the order {' '.join(order)}"
    return [
        Clip(
            name=name,
            landmarks=landmarks,
            fps=settings.fps or float("nan"),
            source=f"mp-data {place}, {note}",
            **labels,
        )
    ]


def _read_frames(frames: Frames, name: str) -> Float32[np.ndarray, "time number"]:
    """Read the frames of a sequence; zeros where the numbering has a gap."""
    first, last = min(frames), max(frames)
    check_frames(last - first + 1, name)
    rows = {number: _read_frame(frames[number], name) for number in sorted(frames)}
    length = len(rows[first])
    numbers = np.zeros((last - first + 1, length), np.float32)
    for number, row in rows.items():
        if len(row) != length:
            raise MediaError(
                f"{name}: {frames[number].name} has {len(row)} numbers and "
                f"{frames[first].name} has {length}; expected one length per sequence"
            )
        numbers[number - first] = row
    return numbers


def _read_frame(file: Path, name: str) -> Float32[np.ndarray, " number"]:
    """Read a frame as one row; it may be stored as a matrix of points."""
    label, content = f"{name}/{file.name}", read_limited(file, _LARGEST)
    try:
        array = read_array(content)
    except NOT_AN_ARRAY as error:
        reason = (str(error) or type(error).__name__).splitlines()[0][:100]
        raise MediaError(f"{label} is not a readable npy file: {reason}") from error
    shape = array.shape
    if array.dtype.kind not in "fiu":
        raise MediaError(f"{label}: no array of numbers; expected one frame of them")
    widths = {width for _, width in LENGTHS.get(array.size, {}).values()}
    if not widths or not (array.size in shape or (shape[-1] == 3 and widths == {3})):
        raise MediaError(f"{label}: {_refusal(shape)}")
    row = array.reshape(-1).astype(np.float32)
    if (np.abs(row) >= 1e4).any():
        raise MediaError(f"{label}: infinite or huge landmarks; extract it again")
    return row


def _refusal(shape: tuple[int, ...]) -> str:
    """Say what numbers of an unknown shape may be."""
    known = ", ".join(map(str, sorted(LENGTHS)))
    hints: dict[tuple[int, ...], str] = {
        (63,): " (one hand; save both, zeros for the unseen one)",
        (42,): " (one hand without depth; save both with x, y, z)",
        (84,): " (two hands without depth; save x, y, z)",
        (99,): " (the body alone; save the hands too)",
        (132,): " (the body alone; save the hands too)",
    }
    hint = hints.get(shape, "")
    if len(shape) == 2 and shape[1] in LENGTHS:
        hint = f" (a whole sequence; save each of its {shape[0]} rows as FRAME.npy)"
    return f"numbers of shape {shape}{hint}; expected one of {known}"
