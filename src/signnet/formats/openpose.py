"""OpenPose's JSON: one file per frame, NAME_000000000012_keypoints.json.

25, 18 or 15 points of the body, and optionally 70 or 68 of the face and 21 of each
hand, each x, y and confidence; 0, 0, 0 means not seen. Format: OpenPose,
doc/02_output.md. Keys end in _2d, in early versions in nothing, and with several
cameras in _3d. DWPose and ComfyUI write the same beside canvas_width and canvas_height,
also as a list of frames in one file; AlphaPose writes an object of frames.
"""

from pathlib import Path
from typing import Any

import numpy as np

from signnet.clip import Clip
from signnet.clip.shapes import Float32
from signnet.errors import MediaError, SignnetError
from signnet.formats.joints import OPENPOSE_BODIES, OPENPOSE_BODY
from signnet.formats.numbered import Frames, name_clips, series_of
from signnet.formats.people import array_of_numbers, clip_of, largest_person
from signnet.formats.source import (
    USUAL,
    ImportSettings,
    Source,
    check_frames,
    find_files,
    read_json,
    with_facts,
)
from signnet.labels import Labels
from signnet.skeleton import HAND_COUNT

__all__ = ["sources"]

_PARTS = {
    "pose": OPENPOSE_BODIES,
    "face": {70: tuple(range(70)), 68: tuple(range(68))},
    "hand_left": {HAND_COUNT: tuple(range(HAND_COUNT))},
    "hand_right": {HAND_COUNT: tuple(range(HAND_COUNT))},
}
"""In the order of `TRACKERS["openpose"]`: for each number of points in a list, the
place of each in its part."""

_COUNTS = {"pose": len(OPENPOSE_BODY), "face": 70} | dict.fromkeys(
    ("hand_left", "hand_right"), HAND_COUNT
)
_POINTS = sum(_COUNTS.values())

_LEAST = 0.05
"""OpenPose's render_threshold. Hands that are not seen have 0.003 to 0.02."""

_LARGEST_METRES = 3.0
"""Larger numbers of three dimensions are millimetres, or pixels."""

Points = Float32[np.ndarray, "point 3"]


def sources(path: Path, settings: ImportSettings = USUAL) -> list[Source]:
    """List the clips of a folder: the frames that share a folder and a name.

    A row of the index names a clip as FOLDER/NAME, as the video it was made from, or by
    its folder.

    Raises
    ------
    MediaError
        If there is no JSON file.
    """
    files = find_files(path, ".json")
    usual = [file for file in files if file.name.endswith("_keypoints.json")]
    return name_clips(series_of(usual or files, _is_picture), path, settings, _read)


def _is_picture(file: Path) -> bool | None:
    try:
        return len(_frames(read_json(file), file.name)) == 1
    except SignnetError:
        return None


def _read(
    frames: Frames, name: str, labels: Labels, settings: ImportSettings
) -> list[Clip]:
    check_frames(max(frames) - min(frames) + 1, name)  # before any is read
    seen, size = dict[int, Points](), None
    for number, file in frames.items():
        found = _frames(read_json(file), file.name)
        if len(frames) > 1 and len(found) != 1:
            raise MediaError(
                f"{file.name}: {len(found)} frames; expected one, as in the others"
            )
        for at, frame in found.items():
            place = number if len(frames) > 1 else at
            people = [_person(one, file.name) for one in _people(frame, file.name)]
            seen[place] = largest_person(people, _POINTS)
            size = _canvas(frame) or size
    given = with_facts(settings, size)
    return [clip_of(seen, "openpose", name, name, labels, given)]


def _frames(content: Any, label: str) -> dict[int, Any]:
    """Return the frames of a file by number: one, a list, or an object by picture."""
    if isinstance(content, dict) and not _holds_people(content):
        content = list(content.values())  # AlphaPose: {"0.jpg": frame, ...}
    frames = content if isinstance(content, list) else [content]
    if not frames or not all(_holds_people(frame) for frame in frames):
        if _is_coco(frames):
            raise MediaError(f"{label}: COCO's layout; import it as coco-wholebody")
        raise MediaError(f"{label}: no list of people; expected OpenPose's JSON")
    return dict(enumerate(frames))


def _is_coco(frames: list[Any]) -> bool:
    keys = {"keypoints", "instances", "predictions"}
    return bool(frames) and isinstance(frames[0], dict) and bool(keys & {*frames[0]})


def _holds_people(frame: Any) -> bool:
    return isinstance(frame, dict) and any(
        isinstance(frame.get(key), list) for key in ("people", "bodies")
    )


def _people(frame: dict[str, Any], label: str) -> list[Any]:
    people = frame.get("people")
    people = frame["bodies"] if people is None else people
    if not isinstance(people, list):
        raise MediaError(f"{label}: no list of people; expected OpenPose's JSON")
    return people[:100]


def _canvas(frame: dict[str, Any]) -> tuple[int, int] | None:
    sides = frame.get("canvas_width"), frame.get("canvas_height")
    width, height = (side if type(side) is int else 0 for side in sides)
    return (width, height) if 0 < width <= 100_000 and 0 < height <= 100_000 else None


def _person(person: Any, label: str) -> Points:
    """Read x, y, confidence of one person; NaN where not seen."""
    if not isinstance(person, dict):
        raise MediaError(f"{label}: a person is {type(person).__name__}, not an object")
    ends = ("_2d", "", "_3d")
    end = next(
        (e for e in ends if any(person.get(f"{p}_keypoints{e}") for p in _PARTS)), ""
    )
    points = np.concatenate([_part(person, part, end, label) for part in _PARTS])
    points[~(points[:, 2] >= _LEAST)] = np.nan
    return points


def _part(person: dict[str, Any], part: str, end: str, label: str) -> Points:
    """Read the points of one part; NaN throughout without a list of them."""
    placed = np.full((_COUNTS[part], 3), np.nan, np.float32)
    key = f"{part}_keypoints{end}"
    if part == "pose" and key not in person:
        key = "joints"  # AlphaPose's bodies
    if not person.get(key):
        return placed
    points = _points(person[key], part, 4 if end == "_3d" else 3, f"{label}: {key}")
    layout = np.array(_PARTS[part][len(points)])
    placed[layout[layout >= 0]] = points[layout >= 0]
    return placed


def _points(numbers: Any, part: str, width: int, label: str) -> Points:
    """Read a list of x, y (, z) and confidence as x, y and confidence."""
    found = array_of_numbers(numbers)
    counts = _PARTS[part]
    if (
        found is None
        or found.ndim != 1
        or found.size not in [width * n for n in counts]
    ):
        wanted = " or ".join(str(width * count) for count in counts)
        what = "a list of other things" if found is None else f"shape {[*found.shape]}"
        raise MediaError(
            f"{label}: expected {wanted} numbers, below a million; found {what}"
        )
    points = found.reshape(-1, width)[:, [0, 1, -1]]
    if width == 4 and np.nanmax(np.abs(points[:, :2]), initial=0) <= _LARGEST_METRES:
        points[:, :2] *= 1000  # metres; the scale of a clip is free, see from_pixels
    return points
