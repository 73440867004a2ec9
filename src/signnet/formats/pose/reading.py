"""Read `.pose` files.

The bodies of MediaPipe Holistic, OpenPose, COCO-WholeBody and AlphaPose are recognised
by the names of their points; see `names`.
"""

import struct
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np

from signnet.clip import Clip, Landmarks
from signnet.clip.shapes import Float32
from signnet.errors import MediaError, needs_extra
from signnet.formats.joints import from_tracker, lend_wrists
from signnet.formats.pose.names import joints_of, least_confidence
from signnet.formats.source import (
    USUAL,
    ImportSettings,
    Source,
    check_frames,
    one_a_file,
    read_limited,
)
from signnet.formats.units import from_pixels
from signnet.labels import Labels
from signnet.skeleton import index

__all__ = [
    "DAMAGED",
    "Layout",
    "check_header",
    "damaged",
    "layout_of",
    "place",
    "read_pose",
    "require_library",
    "seen_points",
    "sources",
]

_MOST_POINTS = 1024
"""Holistic with world landmarks and irises has 586."""

_FARTHEST = 1e6
"""Pixels; some files write 1e20 for what was not seen."""

_OFF_CENTRE = 0.25
"""Shoulder widths; a signer whose middle is nearer to the picture's upper left corner
would show only one hand. Moving bodies keep their middle only on average."""

DAMAGED = (
    *(struct.error, ValueError, TypeError, IndexError, KeyError, AttributeError),
    *(NotImplementedError, ArithmeticError, MemoryError),
)
"""Errors that the library raised for damaged files in a trial."""


def require_library() -> None:
    """Import pose-format; SettingsError says how to install it."""
    with needs_extra("pose", "reading and writing .pose"):
        import_module("pose_format")


def sources(path: Path, settings: ImportSettings = USUAL) -> list[Source]:
    """List the `.pose` files of a folder and its subfolders.

    Raises
    ------
    MediaError, SettingsError
        If there is none, or pose-format is not installed.
    """
    require_library()
    return one_a_file(path, ".pose", settings, _read)


def _read(
    file: Path, name: str, labels: Labels, settings: ImportSettings
) -> list[Clip]:
    return [read_pose(file, name, settings, **labels)]


def read_pose(
    file: Path,
    name: str,
    settings: ImportSettings = USUAL,
    **labels: Any,
) -> Clip:
    """Read one file; of several people, the one who is seen best.

    Raises
    ------
    MediaError
        If the file is damaged, empty, of an unknown body, or shows nobody.
    """
    header, body, size = _parse(read_limited(file), file.name)
    layout = layout_of(header, file.name)
    check_frames(len(body.confidence), file.name)
    points = seen_points(body, layout)
    if not np.isfinite(points[..., 0]).any():
        raise MediaError(f"{file.name}: no joint is seen in any frame")
    given = settings.size or (size if size[1] else None)
    landmarks, note = place(points, layout, given, file.name)
    fps = settings.fps or float(body.fps)
    return Clip(
        name=name,
        landmarks=landmarks,
        fps=fps if 0 < fps < 1000 else float("nan"),
        source=f"pose {file.name}, {note}",
        **labels,
    )


@dataclass(frozen=True)
class Layout:
    """What the points of a file are."""

    joints: np.ndarray
    """int[point]: our joint of each point, negative where we have none."""

    least: np.ndarray
    """float[point]: the confidence from which a point counts as seen."""


def layout_of(header: Any, label: str) -> Layout:
    """Recognise the body of a header by its names; MediaError if it is unknown."""
    components = tuple((c.name, tuple(c.points)) for c in header.components)
    joints = np.array(joints_of(components))
    if (joints < 0).all():
        raise MediaError(
            f"{label}: unknown body ({_outline(components)}); expected MediaPipe "
            "Holistic, OpenPose, COCO-WholeBody or AlphaPose, or their names of joints"
        )
    return Layout(joints, np.array(least_confidence(components)))


def seen_points(body: Any, layout: Layout) -> Float32[np.ndarray, "time point 3"]:
    """Take the points that are our joints, of the person who is seen best."""
    known = layout.joints >= 0
    return _main_person(body.data.data, body.confidence, known, layout.least)


def place(
    points: Float32[np.ndarray, "time point 3"],
    layout: Layout,
    size: tuple[int, int] | None,
    label: str,
) -> tuple[Landmarks, str]:
    """Bring points to picture heights.

    Parameters
    ----------
    points
        Some of them seen; changed in place.
    layout
        What the points are.
    size
        Width and height of the picture in pixels, if known.
    label
        The file's name, for messages.

    Returns
    -------
    tuple[Landmarks, str]
        float32[time, 553, 3], NaN where unseen, and what the unit was taken from.

    Raises
    ------
    MediaError
        If the unit cannot be known.
    """
    joints = layout.joints[layout.joints >= 0]
    if _is_normalised(points, joints):
        note = "in shoulder widths"
    else:
        points, note = from_pixels(_depth(points, size), size, label)
    return lend_wrists(from_tracker(points, joints), joints), note


def _parse(content: bytes, label: str) -> tuple[Any, Any, tuple[int, int]]:
    """Read the header, the body, and the picture's width and height."""
    from pose_format.numpy import NumPyPoseBody
    from pose_format.pose_header import PoseHeader
    from pose_format.utils.reader import BufferReader, ConstStructs

    try:
        width, height, _ = ConstStructs.triple_ushort.unpack_from(content, 4)
        # The library remembers the last header by its bytes. Without the picture's
        # size those of a corpus are equal, and reading it is half of the work.
        reader = BufferReader(content[:4] + bytes(6) + content[10:])
        header = PoseHeader.read(reader)
        check_header(header)
        if not header.version:  # its frames are read one by one, however many it claims
            start = reader.read_offset
            _, frames = ConstStructs.double_ushort.unpack_from(content, start)
            check_frames(frames, label)
        with np.errstate(invalid="ignore"):
            body = NumPyPoseBody.read(header, reader)
    except DAMAGED as error:
        raise damaged(label, error) from error
    return header, body, (width, height)


def check_header(header: Any) -> None:
    """Check the size of a frame; ValueError if no body has so many points."""
    points, dims = header.total_points(), header.num_dims()
    if not 0 < points <= _MOST_POINTS or dims not in (2, 3):
        raise ValueError(f"{points} points of {dims} dimensions")


def damaged(label: str, error: BaseException) -> MediaError:
    """Say on one line what the library found wrong."""
    reason = (str(error) or type(error).__name__).splitlines()[0][:100]
    return MediaError(f"{label} is not a readable .pose file: {reason}")


def _outline(components: tuple[tuple[str, tuple[str, ...]], ...]) -> str:
    """Return the components with some of their points, for a message."""
    named = (f"{name}: {' '.join(points[:3])}" for name, points in components)
    return "; ".join(named)[:120]


def _main_person(
    data: np.ndarray, confidence: np.ndarray, known: np.ndarray, least: np.ndarray
) -> Float32[np.ndarray, "time point 3"]:
    """Take the known points of the most confident person, NaN where unseen.

    A point is seen if its confidence is above 0 and not below its tool's `least`.
    """
    frames, people, _, axes = data.shape
    points = np.full((frames, int(known.sum()), 3), np.nan, np.float32)
    if not people:
        return points
    totals = np.nan_to_num(confidence).sum(axis=(0, 2)) if people > 1 else [1]
    best, chosen = int(np.argmax(totals)), slice(None) if known.all() else known
    taken = data[:, best, chosen]
    sure = confidence[:, best, chosen]
    seen = (sure > 0) & (sure >= least[chosen])
    with np.errstate(invalid="ignore"):
        for axis in (0, 1):
            seen &= np.abs(taken[..., axis]) < _FARTHEST
    points[..., :axes] = np.where(seen[..., None], taken, np.float32(np.nan))
    return points


def _is_normalised(points: np.ndarray, joints: np.ndarray) -> bool:
    """Return whether shoulders are 1 wide around the origin, as pose-format puts them.

    The axes then have one unit, whatever the header says of the picture, whose corner
    is the origin otherwise.
    """
    sides = (joints == index("left_shoulder"), joints == index("right_shoulder"))
    if not all(side.any() for side in sides):
        return False
    left, right = (points[:, side, :2] for side in sides)
    width = np.linalg.norm(left - right, axis=-1)
    if not np.isfinite(width).any() or not 0.5 < np.nanmedian(width) < 2:
        return False
    middle = np.linalg.norm(left + right, axis=-1) / 2
    return bool(np.nanmedian(middle) < _OFF_CENTRE)


def _depth(points: np.ndarray, size: tuple[int, int] | None) -> np.ndarray:
    """Bring z to pixels: files keep MediaPipe's picture widths, or pixels already."""
    depth = points[..., 2]
    some = depth[:: 1 + len(depth) // 8]
    usual = np.abs(some[np.isfinite(some)])
    if size and len(usual) and np.median(usual) < 10:
        depth *= size[0]
    with np.errstate(invalid="ignore"):
        depth[~(np.abs(depth) < _FARTHEST)] = np.nan
    return points
