"""Landmarks of a running stream of pictures, one picture at a time."""

import math
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from jaxtyping import Float32

from signnet.errors import MediaError
from signnet.extraction.backends import BACKENDS, check_backend, models_for
from signnet.extraction.pictures import decode_picture
from signnet.extraction.tracker import Tracker, assemble, check_streams

__all__ = ["LiveTracker", "open_live"]


class LiveTracker:
    """Follows one signer through the pictures of one stream, in one thread.

    Hands are told apart in each picture alone, as in the browser.
    """

    def __init__(self, tracker: Tracker) -> None:
        self._tracker = tracker
        self._milliseconds = -1

    def see(self, picture: bytes, seconds: float) -> Float32[np.ndarray, "joint 3"]:
        """Find the joints in a picture.

        Parameters
        ----------
        picture
            A JPEG or PNG; unmirrored.
        seconds
            When it was taken, in seconds; times must not fall.

        Returns
        -------
        Float32["553 3"]
            Picture heights, NaN where unseen.

        Raises
        ------
        MediaError
            If it is not a picture, its time is not valid, or it cannot be tracked.
        """
        if not 0 <= seconds < math.inf:
            raise MediaError(f"a picture at {seconds} s; expected 0 or more")
        pixels = decode_picture(picture)
        self._milliseconds = max(self._milliseconds + 1, round(seconds * 1000))
        try:
            sighting = self._tracker.see(pixels, self._milliseconds)
        except (RuntimeError, ValueError) as error:
            reason = str(error).splitlines()[0]
            raise MediaError(f"the picture cannot be tracked: {reason}") from error
        return assemble([sighting], pixels.shape[1] / pixels.shape[0])[0]


@contextmanager
def open_live(
    streams: Sequence[str] = ("pose", "hands"),
    backend: str = "tasks",
    models: Mapping[str, Path] | None = None,
) -> Generator[LiveTracker, None, None]:
    """Open a tracker for one stream of pictures; it is closed at the end.

    Raises
    ------
    ModelError, SettingsError
        As for `extract_video`.
    """
    check_backend(backend)
    streams = check_streams(streams)
    with BACKENDS[backend](streams, models or models_for(backend)) as tracker:
        yield LiveTracker(tracker)
