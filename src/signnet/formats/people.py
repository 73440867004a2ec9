"""Clips from people in pixels, as trackers that write JSON store them."""

from typing import Any

import numpy as np
from jaxtyping import Float32

from signnet.clip import Clip
from signnet.errors import MediaError
from signnet.formats.joints import TRACKERS, from_tracker
from signnet.formats.source import ImportSettings, check_frames
from signnet.formats.units import from_pixels
from signnet.labels import Labels

__all__ = ["clip_of", "largest_person", "numbers_of"]

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


def numbers_of(
    content: Any, shape: tuple[int, ...], label: str
) -> Float32[np.ndarray, "..."]:
    """Return JSON's nested lists as an array.

    Raises
    ------
    MediaError
        If they are ragged, of another shape, not numbers, or beyond a million.
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
    """Return the person who fills most of the picture; the signer stands in front."""
    best, most = np.full((count, 3), np.nan, np.float32), 0.0
    for points in people:
        seen = points[np.isfinite(points[:, 0]), :2]
        if len(seen) > 1 and (area := float(np.ptp(seen, axis=0).prod())) > most:
            best, most = points, area
    return best
