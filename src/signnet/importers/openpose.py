"""OpenPose's JSON: one file a frame, NAME_000000000012_keypoints.json.

BODY_25, and where they were asked for, 70 points of the face and 21 of each hand, each
x, y and confidence; 0, 0, 0 means not seen. Format: OpenPose, doc/02_output.md.
"""

import re
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import Float32

from signnet.clip import Clip
from signnet.errors import MediaError
from signnet.importers.joints import OPENPOSE_BODY, TRACKERS, place
from signnet.importers.source import (
    USUAL,
    ImportSettings,
    Labels,
    Source,
    check_frames,
    describe,
    find_files,
    read_json,
)
from signnet.importers.units import from_pixels
from signnet.skeleton import HAND_COUNT

__all__ = ["largest_person", "sources"]

_NAME = re.compile(r"^(?:(?P<clip>.*)_)?(?P<frame>\d{1,12})_keypoints\.json$")

_PARTS = {
    "pose_keypoints_2d": len(OPENPOSE_BODY),
    "face_keypoints_2d": 70,
    "hand_left_keypoints_2d": HAND_COUNT,
    "hand_right_keypoints_2d": HAND_COUNT,
}
"""In the order of `TRACKERS["openpose"]`, with the number of points."""

Frames = dict[int, Path]


def sources(path: Path, settings: ImportSettings = USUAL) -> list[Source]:
    """List the clips of a folder: the frames that share a folder and a name.

    Raises
    ------
    MediaError
        If there is no file named like OpenPose's.
    """
    clips: dict[Path, Frames] = {}
    for file in find_files(path, "_keypoints.json"):
        if found := _NAME.match(file.name):
            clip = found["clip"] or file.parent.name
            place = file.parent / clip if found["clip"] else file.parent
            clips.setdefault(place, {})[int(found["frame"])] = file
    if not clips:
        raise MediaError(f"{path} holds no file named like clip_000012_keypoints.json")
    folder = path if path.is_dir() else path.parent
    folder = folder.parent if folder in clips else folder
    described = describe(list(clips), folder, settings.index)
    return [
        Source(name, partial(_read, frames, name, labels, settings))
        for (name, labels), frames in zip(described, clips.values(), strict=True)
    ]


def _read(
    frames: Frames, name: str, labels: Labels, settings: ImportSettings
) -> list[Clip]:
    first = min(frames)
    check_frames(max(frames) - first + 1, name)
    points = np.full(
        (max(frames) - first + 1, sum(_PARTS.values()), 3), np.nan, np.float32
    )
    for number, file in frames.items():
        points[number - first] = _read_frame(file)
    if not np.isfinite(points[..., 0]).any():
        raise MediaError(f"{name}: nobody is seen in any of {len(frames)} frames")
    points[..., 2] = np.nan
    landmarks = place(points, np.array(TRACKERS["openpose"]))
    landmarks, note = from_pixels(landmarks, settings.size, name)
    return [
        Clip(
            name=name,
            landmarks=landmarks,
            fps=settings.fps or float("nan"),
            source=f"openpose {name}, {note}",
            **labels,
        )
    ]


def _read_frame(file: Path) -> Float32[np.ndarray, "point 3"]:
    """Read x, y, confidence of the largest person; NaN where not seen."""
    content = read_json(file)
    people = content.get("people") if isinstance(content, dict) else None
    if not isinstance(people, list):
        raise MediaError(f"{file.name}: no list of people; expected OpenPose's JSON")
    found = [_person(person, file.name) for person in people[:100]]
    return largest_person(found, sum(_PARTS.values()))


def _person(person: Any, label: str) -> Float32[np.ndarray, "point 3"]:
    if not isinstance(person, dict):
        raise MediaError(f"{label}: a person is {type(person).__name__}, not an object")
    parts = [_part(person.get(key), key, n, label) for key, n in _PARTS.items()]
    points = np.concatenate(parts)
    points[~(points[:, 2] > 0)] = np.nan
    return points


def _part(
    numbers: Any, key: str, count: int, label: str
) -> Float32[np.ndarray, "point 3"]:
    """Read one list of x, y, confidence; an absent or empty one is not seen."""
    if not numbers:
        return np.zeros((count, 3), np.float32)
    flat = numbers_of(numbers, (count * 3,), f"{label}: {key}")
    return flat.reshape(count, 3)


def numbers_of(
    content: Any, shape: tuple[int, ...], label: str
) -> Float32[np.ndarray, "..."]:
    """Make an array of JSON's lists.

    Raises
    ------
    MediaError
        If they are ragged, of another shape, no numbers, or beyond a million.
    """
    try:
        array = np.array(content)
        fits = array.dtype.kind in "fiu" and array.shape == shape
    except (ValueError, OverflowError):
        fits, array = False, np.zeros(0)
    if not fits or not (np.abs(array) < 1e6).all():
        raise MediaError(f"{label}: expected {list(shape)} numbers, below a million")
    return array.astype(np.float32)


def largest_person(
    people: list[Float32[np.ndarray, "point 3"]], count: int
) -> Float32[np.ndarray, "point 3"]:
    """Take who fills most of the picture: the signer stands before the others."""
    best, most = np.full((count, 3), np.nan, np.float32), 0.0
    for points in people:
        seen = points[np.isfinite(points[:, 0]), :2]
        if len(seen) > 1 and (area := float(np.ptp(seen, axis=0).prod())) > most:
            best, most = points, area
    return best
