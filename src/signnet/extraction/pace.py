"""Choose the frames of a video to track, and those in which to track the face too."""

import math
from collections.abc import Generator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path

from signnet.config.pace import Pace
from signnet.extraction.crowd import Pose
from signnet.extraction.decoder import Pixels
from signnet.extraction.tracker import Backend, Sighting, Tracker, everybody_in

__all__ = ["Beat", "open_tracker"]

_EARLY = 1e-4
"""Seconds by which a picture may come before its time, for rounded times."""


class Beat:
    """Tells which pictures are due, given their seconds in their order."""

    def __init__(self, rate: float) -> None:
        self._step = 1 / rate if rate else math.inf
        self._next = 0.0 if rate else math.inf

    def __call__(self, seconds: float) -> bool:
        """Return whether a picture is to be looked at; the first one is."""
        if seconds < self._next - _EARLY:
            return False
        self._next = max(self._next + self._step, seconds + self._step / 2)
        return True


class _SeldomFace:
    """A tracker with another one for the face, which is asked now and then."""

    def __init__(self, tracker: Tracker, face: Tracker, rate: float) -> None:
        self._tracker, self._face = tracker, face
        self._is_due = Beat(rate)

    def see(self, pixels: Pixels, milliseconds: int) -> Sighting:
        """Find landmarks in a picture; the face only if it is due."""
        found = self._tracker.see(pixels, milliseconds)
        if not self._is_due(milliseconds / 1000):
            return found
        return replace(found, face=self._face.see(pixels, milliseconds).face)

    def everybody(self, pixels: Pixels) -> Sequence[Pose]:
        """Find the poses of all people in a picture, if the tracker can."""
        return everybody_in(self._tracker, pixels)


@contextmanager
def open_tracker(
    backend: Backend, streams: Sequence[str], models: Mapping[str, Path], pace: Pace
) -> Generator[Tracker, None, None]:
    """Open a tracker that looks at the face at a pace of its own.

    Raises
    ------
    ModelError
        As for the backend.
    """
    others = tuple(stream for stream in streams if stream != "face")
    with ExitStack() as stack:
        if "face" not in streams or pace.face >= pace.rate or not others:
            yield stack.enter_context(backend(streams, models))
            return
        tracker = stack.enter_context(backend(others, models))
        if pace.face:
            face = stack.enter_context(backend(("face",), models))
            tracker = _SeldomFace(tracker, face, pace.face)
        yield tracker
