"""One recorded sign: landmarks over time and what is known about them.

Coordinates are in picture heights. x runs from the picture's left edge to the right, y
from the top down, z away from the camera with the part's own origin (mid-hip for the
pose, wrist for a hand, head centre for the face). NaN means that the joint was not
seen. A wider picture has larger x, so that shapes are true whatever the camera.
"""

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from signnet.clip.shapes import Bool, Float, Float32, Int
from signnet.errors import DatasetError
from signnet.skeleton import JOINT_COUNT, PARTS

__all__ = ["Clip", "Landmarks", "frame_rate", "is_masked", "nearest_frames", "nfc"]

_LABELS = ("gloss", "signer", "session", "repetition", "expression")

_LONGEST = 20_000
"""Frames at an even rate; ten times as many as were recorded are always possible."""

Landmarks = Float32[np.ndarray, "time joint 3"]
"""Landmarks of a clip: x, y, z in picture heights, NaN where not seen."""


def nfc(text: str) -> str:
    """Write a text in Unicode's composed form, so that equal words are equal."""
    return unicodedata.normalize("NFC", text.strip())


@dataclass(frozen=True, kw_only=True, eq=False)
class Clip:
    """One recorded sign.

    Raises
    ------
    DatasetError
        If the landmarks are not float32[time, 553, 3] with at least one frame, or one
        of them is infinite; if the frame times do not fit the frames or do not rise.
    """

    name: str
    """Unique within a dataset; splits refer to it."""

    landmarks: Landmarks
    """float32[time, 553, 3], picture heights, NaN where unseen."""

    fps: float
    """Frames a second; NaN where the recording does not say."""

    gloss: str | None = None
    """The written label of the sign, NFC; None where unknown."""

    signer: str | None = None
    session: str | None = None
    repetition: str | None = None
    expression: str | None = None

    source: str = ""
    """The file that the clip comes from, and how it was read."""

    times: Float32[np.ndarray, " time"] | None = None
    """Seconds since the first frame, where the frame rate varies."""

    def __post_init__(self) -> None:
        """Check types and shapes, and write the texts in NFC."""
        self._check_types()
        object.__setattr__(self, "name", nfc(self.name))
        for field in _LABELS:
            text = getattr(self, field)
            object.__setattr__(self, field, nfc(text) or None if text else None)
        check_landmarks(self.name, self.landmarks)
        check_times(self.name, self.times, len(self.landmarks))

    def _check_types(self) -> None:
        for field in ("name", *_LABELS, "source"):
            value = getattr(self, field)
            if not isinstance(value, str) and (value is not None or field == "name"):
                raise DatasetError(f"{field} is {value!r:.60}; expected a text")
        is_number = isinstance(self.fps, float | int | np.floating | np.integer)
        if not is_number or self.fps <= 0 or self.fps == float("inf"):
            raise DatasetError(
                f"{self.name}: fps is {self.fps!r:.60}; expected a number above 0, or "
                "NaN where it is not known"
            )
        for field in ("landmarks", "times"):
            value = getattr(self, field)
            is_array = isinstance(value, np.ndarray) and not is_masked(value)
            if not is_array and (value is not None or field == "landmarks"):
                found = "None" if value is None else f"a {type(value).__name__}"
                raise DatasetError(
                    f"{self.name}: {field} is {found}; expected an array of numpy"
                )

    def __len__(self) -> int:
        """Count the frames."""
        return len(self.landmarks)

    @property
    def seconds(self) -> float:
        """Duration of the clip in seconds; NaN where the frame rate is unknown."""
        if self.times is not None:
            return float(self.times[-1])
        return len(self) / self.fps

    def seen(self, part: str) -> Bool[np.ndarray, " time"]:
        """Return the frames in which the tracker saw a part (pose, left_hand, ...)."""
        joints = self.landmarks[:, PARTS[part].joints, 0]
        return np.any(np.isfinite(joints), axis=1)

    @property
    def shows_hand(self) -> bool:
        """Whether the tracker saw a hand in any frame."""
        return bool((self.seen("left_hand") | self.seen("right_hand")).any())

    def missing(self) -> dict[str, float]:
        """Return for each part the fraction of frames in which it was not seen."""
        return {part: float(1 - self.seen(part).mean()) for part in PARTS}

    def with_landmarks(self, landmarks: Landmarks, **changes: Any) -> "Clip":
        """Return the same recording with other landmarks."""
        return replace(self, landmarks=landmarks, **changes)

    def evenly_timed(self) -> "Clip":
        """Return the clip at a constant frame rate, by the nearest frame in time.

        Notes
        -----
        Phones and browsers record at varying rates. A model counts frames, so a
        pause that was recorded with few frames would otherwise look like haste.
        """
        if self.times is None or len(self) < 3:
            return self
        rate = frame_rate(self.times)
        if not float(self.times[-1]) * rate < max(_LONGEST, 10 * len(self)):
            raise DatasetError(
                f"{self.name}: {len(self)} frames in {self.times[-1]:.3g} seconds, "
                f"usually {rate:.3g} a second; correct the frame times, or cut the clip"
            )
        grid = np.arange(0, self.times[-1] + 0.5 / rate, 1 / rate)
        frames = nearest_frames(self.times, grid)
        return replace(self, landmarks=self.landmarks[frames], fps=rate, times=None)

    def frame_times(self) -> Float[np.ndarray, " time"] | None:
        """Return the seconds of each frame; None if the frame rate is unknown."""
        if self.times is None and self.fps > 0:
            return np.arange(len(self)) / self.fps
        return self.times

    def timed_frames(self, advice: str) -> Iterator[tuple[float, np.ndarray]]:
        """Give pairs of seconds and float32[553, 3], NaN where unseen.

        Raises
        ------
        DatasetError
            If the frame rate is unknown; `advice` says what to do then.
        """
        times = self.frame_times()
        if times is None:
            raise DatasetError(f"{self.name}: unknown frame rate; {advice}")
        return zip(map(float, times), self.landmarks, strict=True)


def is_masked(array: np.ndarray) -> bool:
    """Return whether an array is of numpy.ma, which need not be loaded for that."""
    return hasattr(array, "mask")


def nearest_frames(
    times: Float[np.ndarray, " time"], grid: Float[np.ndarray, " moment"]
) -> Int[np.ndarray, " moment"]:
    """Return the index of the frame that is nearest in time to each moment.

    Parameters
    ----------
    times
        Seconds of the frames, rising; two or more.
    grid
        The moments, in seconds.
    """
    right = np.clip(np.searchsorted(times, grid), 1, len(times) - 1)
    left_is_nearer = grid - times[right - 1] < times[right] - grid
    return np.where(left_is_nearer, right - 1, right)


def frame_rate(times: Float32[np.ndarray, " time"]) -> float:
    """Return the usual frame rate of frame times in seconds; NaN for one frame."""
    steps = np.diff(times)
    return float(1 / np.median(steps)) if len(steps) else float("nan")


def check_landmarks(name: str, landmarks: np.ndarray) -> None:
    """Check the shape, the number of frames and that values are finite or NaN."""
    shape, kind = landmarks.shape, landmarks.dtype
    if landmarks.ndim != 3 or shape[1:] != (JOINT_COUNT, 3) or kind != np.float32:
        wanted = f"float32[time, {JOINT_COUNT}, 3]"
        raise DatasetError(f"{name}: landmarks are {kind}{list(shape)}, not {wanted}")
    if not len(landmarks):
        raise DatasetError(f"{name}: the clip has no frames; record it again")
    if np.isinf(landmarks).any():
        raise DatasetError(f"{name}: infinite landmarks; unseen ones should be NaN")


def check_times(name: str, times: np.ndarray | None, frames: int) -> None:
    """Check that there is a time per frame, and that times rise."""
    if times is None:
        return
    if times.shape != (frames,):
        raise DatasetError(f"{name}: {len(times)} frame times for {frames} frames")
    if not (np.diff(times) > 0).all():  # a NaN does not rise either
        raise DatasetError(f"{name}: frame times must rise from frame to frame")
