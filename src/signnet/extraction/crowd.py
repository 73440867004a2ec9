"""Several people in the pictures of a film: who is who, and whose hands move."""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np

from signnet.clip.shapes import Float, Float32
from signnet.skeleton import index

__all__ = ["Crowd", "Person", "Pose", "person_of"]

_SHOULDERS = [index("left_shoulder"), index("right_shoulder")]
_WRISTS = [index("left_wrist"), index("right_wrist")]

_ELBOWS = [index("left_elbow"), index("right_elbow")]

Pose = Float32[np.ndarray, "33 4"]
"""x, y, z and visibility of the joints of a pose."""

_VISIBLE = 0.6
"""Visibility from which a wrist is believed; below it mostly is a guess."""

_HELD_UP = 0.1
"""Shoulder widths of way that a raised hand counts in each look: some signs move the
fingers alone."""

_NARROWEST = 0.03
"""Picture heights; who stands sideways has no shoulder width to speak of."""

_STEP = 1.0
"""Shoulder widths that a person moves at most from one look to the next."""

_SELDOM = 0.2
"""Who is found in a smaller share of the looks is no person, or has gone."""

_CLEARLY = 1.5
"""The next signer's hands do so many times as much as those of the one before."""


@dataclass(frozen=True)
class Person:
    """Where somebody is in a picture, in picture heights."""

    place: Float[np.ndarray, "2"]
    """Middle of the shoulders."""

    width: float
    """Between the shoulders."""

    wrists: Float[np.ndarray, "2 2"]
    """Left and right; NaN if they are hidden or out of the picture."""

    raised: int
    """Wrists that are seen above their elbows."""


def person_of(pose: Pose, aspect: float) -> Person:
    """Take from a pose what a crowd is told apart by.

    Parameters
    ----------
    pose
        x in picture widths, y in picture heights; visibility from 0 to 1.
    aspect
        Width of the picture divided by its height.
    """
    points = pose[:, :2] * np.array([aspect, 1])
    shoulders, wrists = points[_SHOULDERS], points[_WRISTS]
    width = max(float(np.linalg.norm(shoulders[0] - shoulders[1])), _NARROWEST)
    inside = ((wrists > 0) & (wrists < [aspect, 1])).all(axis=1)
    seen = inside & (pose[_WRISTS, 3] > _VISIBLE)
    raised = int((seen & (wrists[:, 1] < points[_ELBOWS, 1])).sum())
    wrists = np.where(seen[:, None], wrists, np.nan)
    return Person(shoulders.mean(axis=0), width, wrists, raised)


@dataclass(eq=False)
class _Track:
    """The looks in which one person was found."""

    seen: deque[tuple[float, Person]] = field(default_factory=deque)

    def at(self, seconds: float) -> Person:
        """Return the person in the look that is nearest in time."""
        return min(self.seen, key=lambda one: abs(one[0] - seconds))[1]

    def signing(self) -> float:
        """Return how much the hands do: their way from the body, and held up."""
        apart = [(one.wrists - one.place) / one.width for _, one in self.seen]
        way = sum(float(np.nansum(np.abs(b - a))) for a, b in pairwise(apart))
        return way + _HELD_UP * sum(one.raised for _, one in self.seen)


class Crowd:
    """Follows people from look to look, and tells which of them signs."""

    def __init__(self) -> None:
        self._looks = deque[float]()
        self._tracks: list[_Track] = []
        self._signer: _Track | None = None

    def add(self, seconds: float, people: Sequence[Person]) -> None:
        """Take the people of a look; each joins the nearest track, or begins one."""
        self._looks.append(seconds)
        pairs = [
            (float(np.linalg.norm(one.place - last.place)) / last.width, number, track)
            for number, one in enumerate(people)
            for track in self._tracks
            for _, last in [track.seen[-1]]
        ]
        joined = dict[int, _Track]()
        for apart, number, track in sorted(pairs, key=lambda pair: pair[0]):
            if apart < _STEP and number not in joined and track not in joined.values():
                joined[number] = track
        for number, one in enumerate(people):
            if number not in joined:
                joined[number] = _Track()
                self._tracks.append(joined[number])
            joined[number].seen.append((seconds, one))

    def forget(self, before: float) -> None:
        """Leave out the looks before a time."""
        while self._looks and self._looks[0] < before:
            self._looks.popleft()
        for track in self._tracks:
            while track.seen and track.seen[0][0] < before:
                track.seen.popleft()
        self._tracks = [track for track in self._tracks if track.seen]

    def signer_and_others(self, seconds: float) -> tuple[Person, list[Person]] | None:
        """Return the one who signs and the others as they are at a time, if there are.

        The signer of the time before stays it until another's hands do clearly
        more.
        """
        least = _SELDOM * len(self._looks)
        present = [track for track in self._tracks if len(track.seen) >= least]
        if len(present) < 2:
            return None
        busiest = max(present, key=_Track.signing)
        before = self._signer
        if before not in present or busiest.signing() > _CLEARLY * before.signing():
            self._signer = before = busiest
        others = [track.at(seconds) for track in present if track is not before]
        return before.at(seconds), others
