"""Frames of films: of videos of any length, files of landmarks, clips and arrays."""

import math
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

from signnet.clip import Clip
from signnet.dataset import Dataset
from signnet.errors import DatasetError, MediaError
from signnet.files import as_path
from signnet.recognise.inputs import Source, landmark_kind, read_clips, read_one
from signnet.skeleton import JOINT_COUNT

__all__ = ["Frames", "checked_frames", "frames_of_clip", "list_films", "open_film"]

PICTURES = 15.0
"""Pictures tracked a second of a video, at most: signs are found about as well as with
30 (docs/results.md), in half the time."""

Frames = Iterator[tuple[float, np.ndarray]]
"""Pairs of seconds and float32[553, 3] in picture heights, NaN where unseen."""


def frames_of_clip(clip: Clip) -> Frames:
    """Give the frames of a clip with their times.

    Raises
    ------
    DatasetError
        If the frame rate is unknown.
    """
    return clip.timed_frames("give pairs of seconds and landmarks")


def open_film(source: Source, fps: float | None = None) -> Frames:
    """Give the frames of one film; a video is tracked while they are taken.

    Parameters
    ----------
    source
        A video of any length, a file with one clip of landmarks, a clip or an array.
    fps
        Frames a second of an array.

    Raises
    ------
    SignnetError
        If the source cannot be read, or holds more or less than one clip.
    """
    if isinstance(source, Clip | np.ndarray):
        return frames_of_clip(read_one(source, fps))
    path = as_path(source, "film")
    if _is_pose_file(path):
        return _of_pose(path)
    if landmark_kind(path) or path.is_dir():
        return frames_of_clip(read_one(path, fps))
    return _tracked(path)


def list_films(path: Path) -> Iterator[tuple[str, Frames]]:
    """Give the film of a video, or each clip of a file of landmarks, with its label.

    Raises
    ------
    SignnetError
        If the file cannot be read.
    """
    if _is_pose_file(path):
        yield str(path), _of_pose(path)
    elif landmark_kind(path):
        for label, clip in read_clips(path):
            yield label, _when_taken(clip)
    else:
        yield str(path), _tracked(path)


def _when_taken(clip: Clip) -> Frames:
    """Give a clip's frames; one that has no times stops none of the other clips."""
    yield from frames_of_clip(clip)


def _is_pose_file(path: Path) -> bool:
    return path.is_file() and landmark_kind(path) == ".pose"


def _of_pose(path: Path) -> Frames:
    """Read the file while its frames are taken: it may be an hour long."""
    from signnet.formats.pose import film_of_pose

    return film_of_pose(path)


def _tracked(path: Path) -> Frames:
    if not path.is_file():
        raise MediaError(f"{path}: there is no such file; check the path")
    from signnet.extraction import Beat, track_film

    return track_film(path, wanted=Beat(PICTURES))


def checked_frames(
    pairs: Iterable[tuple[float, np.ndarray]],
) -> Iterator[tuple[float, np.ndarray]]:
    """Check each frame when it is asked for.

    Raises
    ------
    DatasetError
        If an element is no pair of seconds and landmarks, times do not rise, or a frame
        has another shape.
    """
    if not isinstance(pairs, Iterable) or isinstance(pairs, str | np.ndarray | Dataset):
        raise DatasetError(
            f"frames is of type {type(pairs).__name__}; expected a clip, or pairs of "
            "seconds and landmarks"
        )
    last = -math.inf
    for pair in pairs:
        seconds, joints = _checked_pair(pair)
        if not last < seconds < math.inf:
            raise DatasetError(
                f"a frame at {seconds:g} s after one at {last:g} s; times must rise "
                "from frame to frame"
            )
        last = seconds
        yield seconds, joints


def _checked_pair(pair: Any) -> tuple[float, np.ndarray]:
    try:
        time, frame = pair
        seconds, joints = float(time), np.asarray(frame)
    except (TypeError, ValueError) as error:
        raise DatasetError(
            "an element of frames is not a pair of seconds and landmarks "
            f"(found {type(pair).__name__})"
        ) from error
    if joints.shape != (JOINT_COUNT, 3) or joints.dtype.kind not in "fiu":
        raise DatasetError(
            f"a frame of shape {joints.shape} of {joints.dtype}; expected numbers of "
            f"shape ({JOINT_COUNT}, 3)"
        )
    if np.isinf(joints).any():
        raise DatasetError("infinite landmarks in a frame; unseen ones should be NaN")
    return seconds, joints.astype(np.float32, copy=False)
