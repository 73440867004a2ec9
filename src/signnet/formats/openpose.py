"""OpenPose's JSON: one file per frame, NAME_000000000012_keypoints.json.

BODY_25 and optionally 70 points of the face and 21 of each hand, each x, y and
confidence; 0, 0, 0 means not seen. Format: OpenPose, doc/02_output.md.
"""

import re
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import Float32

from signnet.clip import Clip
from signnet.errors import MediaError
from signnet.formats.joints import OPENPOSE_BODY
from signnet.formats.people import clip_of, largest_person, numbers_of
from signnet.formats.source import (
    USUAL,
    ImportSettings,
    Source,
    check_frames,
    describe_files,
    find_files,
    read_json,
)
from signnet.labels import Labels, unique_names
from signnet.skeleton import HAND_COUNT

__all__ = ["sources"]

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

    A row of the index names a clip as FOLDER/NAME, or the video it was made from.

    Raises
    ------
    MediaError
        If there is no file named like OpenPose's.
    """
    clips: dict[Path, Frames] = {}
    for file in find_files(path, "_keypoints.json"):
        if found := _NAME.match(file.name):
            clip = found["clip"] or file.parent.name
            path_of_clip = file.parent / clip if found["clip"] else file.parent
            clips.setdefault(path_of_clip, {})[int(found["frame"])] = file
    if not clips:
        raise MediaError(f"{path} holds no file named like clip_000012_keypoints.json")
    folder = path if path.is_dir() else path.parent
    folder = folder.parent if folder in clips else folder
    described, lost = describe_files(list(clips), folder, settings)
    names = unique_names(list(clips), folder)
    found = zip(names, described, clips.values(), strict=True)
    return [
        *(
            Source(name, partial(_read, frames, name, labels, own))
            for name, (labels, own), frames in found
        ),
        *lost,
    ]


def _read(
    frames: Frames, name: str, labels: Labels, settings: ImportSettings
) -> list[Clip]:
    check_frames(max(frames) - min(frames) + 1, name)  # before any is read
    seen = {number: _read_frame(file) for number, file in frames.items()}
    return [clip_of(seen, "openpose", name, name, labels, settings)]


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
