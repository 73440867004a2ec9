"""The interface of trackers, and how their sightings become landmarks.

A backend is a function that opens a tracker for one clip. Everything else, from reading
the video to telling left from right, is the same for all of them.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, closing
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Protocol, runtime_checkable

import numpy as np

from signnet.clip import Landmarks, Times
from signnet.clip.shapes import Float32
from signnet.errors import MediaError, SettingsError
from signnet.extraction.crowd import Pose
from signnet.extraction.decoder import Pixels
from signnet.extraction.hands import assign_sides
from signnet.extraction.signer import SignerOnly
from signnet.extraction.video import Video
from signnet.geometry import stretch_width
from signnet.skeleton import HAND_COUNT, JOINT_COUNT, PARTS

__all__ = [
    "STREAMS",
    "Backend",
    "Lookout",
    "Sighting",
    "Tracker",
    "assemble",
    "check_streams",
    "everybody_in",
    "follow",
    "sightings_of",
]

STREAMS = ("pose", "hands", "face")
"""Parts of the signer that a tracker can follow."""


@dataclass(frozen=True)
class Sighting:
    """What a tracker saw in one frame: x, z in picture widths, y in picture heights."""

    pose: Float32[np.ndarray, "33 3"] | None = None
    hands: Sequence[tuple[Float32[np.ndarray, "21 3"], float]] = field(
        default_factory=list[tuple[np.ndarray, float]]
    )
    """Each with the confidence that it is the signer's left hand: 1 left, 0 right."""
    face: Float32[np.ndarray, "face 3"] | None = None
    """The 478 points of the face mesh, or the first 468 of them."""


@runtime_checkable
class Tracker(Protocol):
    """Finds landmarks in the frames of one clip, in their order."""

    def see(self, pixels: Pixels, milliseconds: int) -> Sighting:
        """Find landmarks in a frame; times must rise from call to call."""
        ...


@runtime_checkable
class Lookout(Protocol):
    """A tracker that can also look for all people in a single picture."""

    def everybody(self, pixels: Pixels) -> Sequence[Pose]:
        """Find the poses of all; x in picture widths, y in picture heights."""
        ...


def everybody_in(tracker: Tracker, pixels: Pixels) -> Sequence[Pose]:
    """Find the poses of all in a picture; none if the tracker cannot look for them."""
    return tracker.everybody(pixels) if isinstance(tracker, Lookout) else ()


Backend = Callable[[Sequence[str], Mapping[str, Path]], AbstractContextManager[Tracker]]
"""Opens a tracker for streams, given the model file of each stream."""


def check_streams(streams: Sequence[str]) -> tuple[str, ...]:
    """Put the streams into their usual order; SettingsError for an unknown one."""
    if isinstance(streams, str) or not isinstance(streams, Iterable):
        raise SettingsError(
            f"streams is {streams!r:.60}; expected a list of {', '.join(STREAMS)}"
        )
    unknown = [stream for stream in streams if stream not in STREAMS]
    if unknown or not streams:
        found = unknown[0] if unknown else "none"
        raise SettingsError(
            f"unknown stream {found}; choose from: {', '.join(STREAMS)}"
        )
    return tuple(stream for stream in STREAMS if stream in streams)


def follow(
    video: Video, tracker: Tracker, wanted: Callable[[float], bool] | None = None
) -> tuple[Landmarks, Times]:
    """Track the frames of a video; see `sightings_of`.

    Returns
    -------
    landmarks, times
        float32[time, 553, 3] in picture heights, left and right the signer's own;
        seconds since the first frame.

    Raises
    ------
    MediaError
        If the video has no frame, or the tracker fails on one.
    """
    sightings, times, aspects = list[Sighting](), list[float](), list[float]()
    for seconds, sighting, aspect in sightings_of(video, tracker, wanted):
        sightings.append(sighting)
        times.append(seconds)
        aspects.append(aspect)
    return assemble(sightings, aspects), np.array(times, np.float32)


def sightings_of(
    video: Video, tracker: Tracker, wanted: Callable[[float], bool] | None = None
) -> Iterator[tuple[float, Sighting, float]]:
    """Track a video frame by frame.

    Parameters
    ----------
    video, tracker
        The frames, and what finds landmarks in them.
    wanted
        Tells whether the frame at so many seconds is needed; all by default.

    Yields
    ------
    tuple[float, Sighting, float]
        Seconds, what the tracker saw, and the picture's width divided by its height.

    Raises
    ------
    MediaError
        As for `follow`.
    """
    milliseconds = -1
    for pixels, seconds in _with_signer_only(video, tracker, wanted):
        milliseconds = max(milliseconds + 1, round(seconds * 1000))
        try:
            sighting = tracker.see(pixels, milliseconds)
        except (RuntimeError, ValueError) as error:
            reason = str(error).splitlines()[0]
            raise MediaError(
                f"{video.path}: the frame at {seconds:.2f} s cannot be tracked: "
                f"{reason}"
            ) from error
        yield seconds, sighting, pixels.shape[1] / pixels.shape[0]


def _with_signer_only(
    video: Video, tracker: Tracker, wanted: Callable[[float], bool] | None
) -> Iterator[tuple[Pixels, float]]:
    """Give the pictures that are needed; of several people only the signer is left."""
    with closing(SignerOnly(video.path, partial(everybody_in, tracker))) as signer_only:
        for pixels, seconds in video:
            if wanted is None or wanted(seconds):
                yield signer_only(pixels, seconds), seconds


def assemble(
    sightings: Sequence[Sighting], aspect: float | Sequence[float]
) -> Landmarks:
    """Put the sightings of all frames into one array of landmarks.

    Parameters
    ----------
    sightings
        One for each frame; x and z in picture widths, y in picture heights.
    aspect
        Width of the picture divided by its height; of each picture, where films change
        it.
    """
    landmarks = np.full((len(sightings), JOINT_COUNT, 3), np.nan, np.float32)
    hands = np.full((len(sightings), 2, HAND_COUNT, 3), np.nan, np.float32)
    leftness = np.full((len(sightings), 2), np.nan, np.float32)
    for frame, sighting in enumerate(sightings):
        for part, points in (("pose", sighting.pose), ("face", sighting.face)):
            if points is not None:
                start = PARTS[part].start
                landmarks[frame, start : start + len(points)] = points
        for slot, (points, is_left) in enumerate(sighting.hands[:2]):
            hands[frame, slot], leftness[frame, slot] = points, is_left
    aspects = np.broadcast_to(np.asarray(aspect, float), len(sightings))
    for frame, ratio in enumerate(aspects):
        landmarks[frame] = stretch_width(landmarks[frame], ratio)
        hands[frame] = stretch_width(hands[frame], ratio)
    sides = assign_sides(hands, leftness, landmarks)
    landmarks[:, PARTS["left_hand"].joints] = sides[:, 0]
    landmarks[:, PARTS["right_hand"].joints] = sides[:, 1]
    return landmarks
