"""Follow the person who signs when there are several in the picture.

MediaPipe's trackers follow whom they find first. So everybody is looked for now and
then. Of several people the one whose hands do most is taken for the signer, and
the others are painted over before a picture is tracked.
"""

from collections.abc import Callable, Generator, Sequence
from pathlib import Path

import numpy as np

from signnet.errors import MediaError
from signnet.extraction.crowd import Crowd, Person, Pose, person_of
from signnet.extraction.decoder import Pixels
from signnet.extraction.video import Video

__all__ = ["Everybody", "SignerOnly", "paint_over"]

Everybody = Callable[[Pixels], Sequence[Pose]]
"""Finds the poses of all in a picture; x in picture widths, y in picture heights."""

_ALONE = 2.0
"""Seconds between looks for everybody, while one person is seen."""

_TOGETHER = 0.25
"""Seconds between looks while there are more."""

_AROUND = 5.0
"""Seconds before and after a picture in which it counts what the hands do."""


class SignerOnly:
    """Leaves only the signer in the pictures of a film.

    Parameters
    ----------
    path
        The film; of several people, it is read ahead to see who will sign.
    everybody
        Finds all people in a picture.
    """

    def __init__(self, path: Path, everybody: Everybody) -> None:
        self._path, self._everybody = path, everybody
        self._next = 0.0
        self._crowd: Crowd | None = None
        self._ahead: Generator[tuple[Pixels, float], None, None] | None = None
        self._reached = 0.0

    def __call__(self, pixels: Pixels, seconds: float) -> Pixels:
        """Return a picture with the signer alone; times rise from call to call."""
        if self._crowd is None:
            if seconds < self._next:
                return pixels
            self._next = seconds + _ALONE
            if len(self._everybody(pixels)) < 2:
                return pixels
            self._crowd, self._next = Crowd(), seconds
        self._look_ahead(self._crowd, seconds)
        found = self._crowd.signer_and_others(seconds)
        if found is None:
            self._crowd, self._next = None, seconds + _ALONE
            return pixels
        return paint_over(pixels, *found)

    def close(self) -> None:
        """End the reading ahead."""
        if self._ahead is not None:
            self._ahead.close()

    def _look_ahead(self, crowd: Crowd, seconds: float) -> None:
        """Look at the film until some seconds after a time."""
        if self._ahead is None:
            self._ahead = _pictures(self._path)
        while self._reached < seconds + _AROUND:
            pixels, self._reached = next(self._ahead, (None, np.inf))
            if pixels is not None and self._reached >= self._next:
                self._next = self._reached + _TOGETHER
                aspect = pixels.shape[1] / pixels.shape[0]
                poses = self._everybody(pixels)
                crowd.add(self._reached, [person_of(pose, aspect) for pose in poses])
        crowd.forget(seconds - _AROUND)


def _pictures(path: Path) -> Generator[tuple[Pixels, float], None, None]:
    """Read a film as far as it can be; who tracks it reports what is wrong."""
    try:
        yield from Video(path)
    except MediaError:
        return


def paint_over(pixels: Pixels, signer: Person, others: Sequence[Person]) -> Pixels:
    """Paint black what lies beyond the middle between the signer and each other person.

    The middle is that of the shoulders that face each other; between people above each
    other, as in a conference call, that of their places.
    """
    height, width = pixels.shape[:2]
    painted = pixels.copy()
    for other in others:
        across, down = other.place - signer.place
        if abs(across) >= abs(down):
            inward = np.sign(across) * (signer.width - other.width) / 2
            edge = (signer.place[0] + other.place[0] + inward) / 2
            column = int(np.clip(edge * height, 0, width))
            painted[:, slice(column, None) if across > 0 else slice(column)] = 0
        else:
            row = int(
                np.clip((signer.place[1] + other.place[1]) / 2 * height, 0, height)
            )
            painted[slice(row, None) if down > 0 else slice(row)] = 0
    return painted
