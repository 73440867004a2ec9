"""COCO-WholeBody's 133 points as JSON: MMPose, RTMPose, DWPose, HRNet, AlphaPose.

One file per clip, in one of three forms:

- MMPose's inferencer: a list of {"frame_id", "instances": [{"keypoints": [[x, y]],
  "keypoint_scores"}]};
- MMPose's demos: the same list as "instance_info" beside "meta_info";
- COCO's results (HRNet, AlphaPose): a list of {"image_id", "keypoints": [x, y, score,
  ...]}, 399 numbers, or 51 with "foot_kpts", "face_kpts", "lefthand_kpts" and
  "righthand_kpts" beside.
"""

import re
from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import Float32

from signnet.clip import Clip
from signnet.errors import MediaError
from signnet.formats.people import clip_of, largest_person, numbers_of
from signnet.formats.source import (
    USUAL,
    ImportSettings,
    Source,
    one_a_file,
    read_json,
)
from signnet.labels import Labels

__all__ = ["sources"]

_POINTS = 133
_LEAST_SCORE = 0.3
"""The lowest score of a point that MMPose draws. Its networks give every point
coordinates, so only the score tells a hidden hand from a visible one."""

_PARTS = {"foot_kpts": 6, "face_kpts": 68, "lefthand_kpts": 21, "righthand_kpts": 21}

Person = Float32[np.ndarray, "133 3"]


def sources(path: Path, settings: ImportSettings = USUAL) -> list[Source]:
    """List the JSON files of a folder and its subfolders, one clip each.

    Raises
    ------
    MediaError
        If there is none.
    """
    return one_a_file(path, ".json", settings, _read)


def _read(
    file: Path, name: str, labels: Labels, settings: ImportSettings
) -> list[Clip]:
    frames = {
        number: largest_person(people, _POINTS)
        for number, people in _frames(read_json(file), file.name).items()
    }
    return [clip_of(frames, "coco-wholebody", file.name, name, labels, settings)]


def _frames(content: Any, label: str) -> dict[int, list[Person]]:
    """Return the people of each frame, for any of the three forms."""
    if isinstance(content, dict):
        content = content.get("instance_info")
    if not isinstance(content, list) or not all(isinstance(e, dict) for e in content):
        raise MediaError(
            f"{label}: expected a list of frames or of people, or an object with "
            "instance_info, as MMPose writes it"
        )
    frames: dict[int, list[Person]] = {}
    for entry in content:
        if "instances" in entry:
            number = _number(entry.get("frame_id", len(frames)), label)
            people = entry["instances"]
        else:
            number, people = _number(entry.get("image_id"), label), [entry]
        if not isinstance(people, list):
            raise MediaError(f"{label}: instances are not a list")
        found = frames.setdefault(number, [])
        found += [_person(person, label) for person in people[:100]]
    if not frames:
        raise MediaError(f"{label}: holds no frames")
    return frames


def _number(frame: Any, label: str) -> int:
    """Read the frame's number: 12, or the last digits of a picture's name."""
    if isinstance(frame, str) and (found := re.search(r"(\d{1,12})\D*$", frame)):
        return int(found[1])
    if isinstance(frame, int):
        return frame
    raise MediaError(f"{label}: a frame has no number, but {str(frame)[:40]!r}")


def _person(person: Any, label: str) -> Person:
    """Read x, y, score of one person; NaN below the least score."""
    if not isinstance(person, dict) or "keypoints" not in person:
        raise MediaError(f"{label}: a person has no keypoints")
    if "keypoint_scores" in person:
        points = numbers_of(person["keypoints"], (_POINTS, 2), f"{label}: keypoints")
        scores = numbers_of(person["keypoint_scores"], (_POINTS,), f"{label}: scores")
        points = np.concatenate([points, scores[:, None]], axis=1)
    else:
        points = _flat(person, label)
    points[~(points[:, 2] >= _LEAST_SCORE)] = np.nan
    return points


def _flat(person: dict[str, Any], label: str) -> Person:
    if all(part in person for part in _PARTS):
        wanted = {"keypoints": 17} | _PARTS
        lists = [
            numbers_of(person[part], (3 * count,), f"{label}: {part}")
            for part, count in wanted.items()
        ]
        return np.concatenate(lists).reshape(_POINTS, 3)
    flat = numbers_of(person["keypoints"], (3 * _POINTS,), f"{label}: keypoints")
    return flat.reshape(_POINTS, 3)
