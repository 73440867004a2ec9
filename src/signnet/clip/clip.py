"""One recorded sign: landmarks over time and what is known about them.

Coordinates are in picture heights. x runs from the picture's left edge to the right, y
from the top down, z away from the camera with the part's own origin (mid-hip for the
pose, wrist for a hand, head centre for the face). NaN means that the joint was not
seen. A wider picture has larger x, so that shapes are true whatever the camera.
"""

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from signnet.clip.shapes import Bool, Float, Float32
from signnet.clip.times import (
    Times,
    check_times,
    frame_rate,
    nearest_frames,
    timing,
)
from signnet.errors import DatasetError
from signnet.skeleton import JOINT_COUNT, PARTS

__all__ = ["Clip", "Landmarks", "check_landmarks", "is_masked", "nfc"]

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

    times: Times | None = None
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

    @classmethod
    def of_frames(
        cls, frames: Sequence[tuple[float, np.ndarray]], **about: Any
    ) -> "Clip":
        """Make a clip of two or more frames of a longer film.

        Parameters
        ----------
        frames
            Pairs of seconds, which rise, and landmarks [553, 3].
        about
            Name, gloss, source and so on.
        """
        times = np.array([seconds for seconds, _ in frames])
        fps, uneven = timing((times - times[0]).astype(np.float32), float("nan"))
        landmarks = np.stack([joints for _, joints in frames]).astype(np.float32)
        return cls(landmarks=landmarks, fps=fps, times=uneven, **about)

    def __len__(self) -> int:
        """Count the frames."""
        return len(self.landmarks)

    @property
    def seconds(self) -> float:
        """Duration of the clip in seconds; NaN where the frame rate is unknown."""
        if self.times is not None:
            return float(self.times[-1] - self.times[0])
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
        rate, last = frame_rate(self.times), self.seconds
        if not last * rate < max(_LONGEST, 10 * len(self)):
            raise DatasetError(
                f"{self.name}: {len(self)} frames in {last:.3g} seconds, "
                f"usually {rate:.3g} a second; correct the frame times, or cut the clip"
            )
        grid = np.arange(0, last + 0.5 / rate, 1 / rate)
        frames = nearest_frames(self.times - self.times[0], grid)
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
