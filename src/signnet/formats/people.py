"""Clips from people in pixels, the form of trackers that write JSON."""

from typing import Any

import numpy as np

from signnet.clip import Clip
from signnet.clip.shapes import Float32
from signnet.errors import MediaError
from signnet.formats.joints import TRACKERS, from_tracker
from signnet.formats.source import ImportSettings, check_frames
from signnet.formats.units import from_pixels
from signnet.labels import Labels

__all__ = ["array_of_numbers", "clip_of", "largest_person", "numbers_of"]

Points = Float32[np.ndarray, "point 3"]
"""x, y in pixels and confidence; NaN where not seen."""


def clip_of(
    frames: dict[int, Points],
    tracker: str,
    label: str,
    name: str,
    labels: Labels,
    settings: ImportSettings,
) -> Clip:
    """Make a clip of the signer's points in each frame.

    Parameters
    ----------
    frames
        Points by frame number; the clip begins with the lowest, and absent frames are
        NaN.
    tracker
        A key of `TRACKERS`.
    label
        Name for messages and for the clip's source.
    name, labels
        Name and labels of the clip.
    settings
        Size of the pictures in pixels and frame rate, where the user knows them.

    Raises
    ------
    MediaError
        If the clip is longer than any sign, or nobody is seen.
    """
    joints = np.array(TRACKERS[tracker])
    first = min(frames)
    length = max(frames) - first + 1
    check_frames(length, label)
    points = np.full((length, len(joints), 3), np.nan, np.float32)
    for number, seen in frames.items():
        points[number - first] = seen
    if not np.isfinite(points[..., 0]).any():
        raise MediaError(f"{label}: nobody is seen in any of {len(frames)} frames")
    points[..., 2] = np.nan
    landmarks, note = from_pixels(from_tracker(points, joints), settings.size, label)
    return Clip(
        name=name,
        landmarks=landmarks,
        fps=settings.fps or float("nan"),
        source=f"{tracker} {label}, {note}",
        **labels,
    )


def array_of_numbers(content: Any) -> Float32[np.ndarray, "..."] | None:
    """Return JSON's nested lists as an array, NaN for null; None if no numbers.

    A list that is null among lists of points is NaN throughout.
    """
    if isinstance(content, list) and None in content:
        some = next((one for one in content if isinstance(one, list)), None)
        if some is not None:
            unseen = [None] * len(some)
            content = [unseen if one is None else one for one in content]
    try:
        array = np.array(content)
        if array.dtype.kind == "O":
            array = np.array(content, np.float64)
    except (ValueError, TypeError, OverflowError):
        return None
    if array.dtype.kind not in "fiu" or (np.abs(array) >= 1e6).any():
        return None
    return array.astype(np.float32)


def numbers_of(
    content: Any, shape: tuple[int, ...], label: str
) -> Float32[np.ndarray, "..."]:
    """Return JSON's nested lists as an array; NaN where they hold null or NaN.

    Raises
    ------
    MediaError
        If they are ragged, of another shape, not numbers, or beyond a million.
    """
    array = array_of_numbers(content)
    if array is None or array.shape != shape:
        raise MediaError(f"{label}: expected {list(shape)} numbers, below a million")
    return array


def largest_person(
    people: list[Float32[np.ndarray, "point 3"]], count: int
) -> Float32[np.ndarray, "point 3"]:
    """Return the person who fills most of the picture; the signer stands in front."""
    best, most = np.full((count, 3), np.nan, np.float32), 0.0
    for points in people:
        seen = points[np.isfinite(points[:, 0]), :2]
        if len(seen) > 1 and (area := float(np.ptp(seen, axis=0).prod())) > most:
            best, most = points, area
    return best
