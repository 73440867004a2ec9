"""Cut the clips of a film, which is read and tracked once, from front to back."""

from bisect import bisect_right
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np

from signnet.clip import Clip
from signnet.errors import DatasetError, MediaError, SignnetError
from signnet.formats.elan.media import LANDMARK_SUFFIXES, Film
from signnet.formats.elan.selection import Sign
from signnet.labels import Labels

__all__ = ["FilmCutter"]

_BEFORE = 1.0
"""Seconds before a sign from which a film is tracked: the tracker finds the hands."""

_AFTER = 0.1


class FilmCutter:
    """Cuts one sign after the other out of a film; they must begin one after the other.

    Parameters
    ----------
    film
        A video, or landmarks.
    signs
        Sorted by their start.
    label
        Name of the annotation file in messages.
    """

    def __init__(self, film: Film, signs: Sequence[Sign], label: str) -> None:
        self._film, self._label = film, label
        self._spans = [
            ((one.start + film.origin) / 1000, (one.end + film.origin) / 1000)
            for one in signs
        ]
        self._frames: Iterator[tuple[float, np.ndarray]] | None = None
        self._held: deque[tuple[float, np.ndarray]] = deque()
        self._is_over = self._has_failed = False

    def cut(self, number: int, name: str, gloss: str, labels: Labels) -> list[Clip]:
        """Cut one sign; none if the film failed before, which was said then.

        Raises
        ------
        MediaError, DatasetError
            If the film cannot be read, or ends before the sign.
        """
        if self._has_failed:
            return []
        start, end = self._spans[number]
        try:
            self._read_until(end)
        except SignnetError as error:
            self._has_failed = True
            left = len(self._spans) - number
            raise MediaError(
                f"{self._label}: {left} signs are left out: {error}"
            ) from error
        while self._held and self._held[0][0] < start - 1e-6:
            self._held.popleft()
        inside = [one for one in self._held if one[0] <= end + 1e-6]
        if len(inside) < 2:
            why = "the video ends before it" if self._is_over else "it is too short"
            raise DatasetError(
                f"{self._label}: {gloss!r:.40} at {start:.3f} s has {len(inside)} "
                f"frames in {self._film.path.name}; {why}"
            )
        return [self._clip(inside, name, gloss, labels)]

    def _clip(
        self,
        frames: list[tuple[float, np.ndarray]],
        name: str,
        gloss: str,
        labels: Labels,
    ) -> Clip:
        span = f"{frames[0][0]:.3f}-{frames[-1][0]:.3f} s"
        source = f"elan {self._label}, {self._film.path.name} {span}"
        about = labels | {"name": name, "gloss": gloss, "source": source}
        return Clip.of_frames(frames, **about)

    def _read_until(self, end: float) -> None:
        if self._frames is None:
            self._frames = self._open()
        while not self._is_over and not (self._held and self._held[-1][0] > end):
            frame = next(self._frames, None)
            if frame is None:
                self._is_over = True
            else:
                self._held.append(frame)

    def _open(self) -> Iterator[tuple[float, np.ndarray]]:
        path = self._film.path
        if path.suffix.lower() == ".pose":
            from signnet.formats.pose import film_of_pose

            return film_of_pose(path)
        if path.suffix.lower() in LANDMARK_SUFFIXES:
            return _read_dataset(path).timed_frames("extract it again")
        from signnet.extraction import track_film

        return track_film(path, wanted=_inside(self._spans))


def _inside(spans: Sequence[tuple[float, float]]) -> Callable[[float], bool]:
    """Return a function that tells whether a time is in one of the spans, or near."""
    starts, ends = list[float](), list[float]()
    for start, end in spans:
        if ends and start - _BEFORE <= ends[-1]:
            ends[-1] = max(ends[-1], end + _AFTER)
        else:
            starts.append(start - _BEFORE)
            ends.append(end + _AFTER)

    def is_inside(seconds: float) -> bool:
        place = bisect_right(starts, seconds) - 1
        return place >= 0 and seconds <= ends[place]

    return is_inside


def _read_dataset(path: Path) -> Clip:
    from signnet.dataset import Dataset

    data = Dataset.open(path)
    if len(data) != 1:
        raise DatasetError(f"{path.name} holds {len(data)} clips; expected one film")
    return next(iter(data))
