"""Frames of a video, in the order and at the times at which they are shown.

Files state wrong facts: the number of frames is a guess, the frame rate may be 90000,
timestamps may stand still. So frames are read until there are no more, and a time that
does not rise is replaced by the usual step. Every film is read through here.
"""

import os
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Any

import cv2
import numpy as np

from signnet.clip.shapes import UInt8
from signnet.errors import MediaError
from signnet.extraction.decoder import DecodeLimits, Decoder, Pixels

__all__ = [
    "NOT_UTF_8",
    "Video",
    "check_file",
    "check_length",
    "printable",
]

_SANE_FPS = (1.0, 240.0)
_USUAL_FPS = 30.0
_LONGEST_PAUSE = 10.0
"""Seconds between frames; a longer one is taken for a broken timestamp."""

_MOST_FPS = 120.0
"""Frames a second of a film whose length is limited; slow motion has no more."""

_PART_READ, _PART_SECONDS = 0.8, 0.5
"""A film is said to be cut off if less than this share of the stated length can be
read, and this number of seconds is missing; stated lengths are rounded."""


NOT_UTF_8 = "the name is not valid UTF-8; rename the file or its folder"
"""Why a file is refused whose name no dataset and no JSON could hold."""


class Video:
    """A video file that yields (frame, seconds since the first frame).

    Frames are upright, unmirrored and of square pixels, whatever the file says how to
    show them. Of several films in one file the default one is read, or the largest.

    Parameters
    ----------
    path
        The file; only containers of films are read, no playlists.
    limits
        What decoding may use.

    Raises
    ------
    MediaError
        If the file is missing or empty, now; if it is not a video, without pictures,
        cut off, or beyond the limits, when the frames are read.

    Notes
    -----
    It can be iterated once. As a context manager it starts decoding at once, and the
    decoding process is ended at the end.
    """

    def __init__(self, path: Path, limits: DecodeLimits | None = None) -> None:
        check_file(path)
        self.path = path
        self.fps = float("nan")
        """The frame rate that the file states, once it is read; NaN for nonsense."""
        self._limits = limits or DecodeLimits()
        self._decoder: Decoder | None = None

    def __enter__(self) -> "Video":
        """Start decoding."""
        self._decoder = self._decoder or Decoder(self.path, self._limits)
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        """End the decoding process."""
        if self._decoder is not None:
            self._decoder.close()

    def __iter__(self) -> Iterator[tuple[Pixels, float]]:
        """Read frame by frame; MediaError if there is none, or a part is missing."""
        with self:
            assert self._decoder is not None
            opened, _ = self._decoder.receive()
            stated = opened["fps"] or 0.0
            if _SANE_FPS[0] <= stated <= _SANE_FPS[1]:
                self.fps = stated
            yield from self._frames(self._decoder)

    def _frames(self, decoder: Decoder) -> Iterator[tuple[Pixels, float]]:
        usual = 1 / self.fps if np.isfinite(self.fps) else 1 / _USUAL_FPS
        seconds, last = 0.0, None
        while "end" not in (message := decoder.receive())[0]:
            facts, content = message
            stated = facts["milliseconds"]
            now = (last or 0.0) + usual if stated is None else stated / 1000
            if last is not None:
                seconds += now - last if 0 < now - last < _LONGEST_PAUSE else usual
            last = now
            yield _upright(facts, content), seconds
        self._check_end(decoder, message[0])

    def _check_end(self, decoder: Decoder, facts: dict[str, Any]) -> None:
        if not facts["end"]:
            raise MediaError(
                f"{self.path}: the video holds no frame that can be decoded; record "
                "it again"
            )
        read, stated = facts["read"], facts["seconds"]
        if stated and read < _PART_READ * stated and stated - read > _PART_SECONDS:
            raise decoder.part(read, stated)


def _upright(facts: dict[str, Any], content: bytearray) -> Pixels:
    """Return a picture as it is to be shown."""
    height, width, stride = facts["height"], facts["width"], facts["stride"]
    rows = np.frombuffer(content, np.uint8).reshape(-1, stride)[:height, : 3 * width]
    return _turn(rows.reshape(height, width, 3), *facts["turn"])


def _turn(
    picture: Pixels, swap: bool, mirror_x: bool, mirror_y: bool
) -> UInt8[np.ndarray, "turned_height turned_width 3"]:
    """Swap rows and columns, and then mirror; OpenCV is ten times as fast as numpy."""
    if swap:
        picture = cv2.transpose(picture)
    if mirror_x or mirror_y:
        picture = cv2.flip(picture, -1 if mirror_x and mirror_y else int(mirror_x))
    return np.ascontiguousarray(picture)


def check_file(path: Path) -> None:
    """Check that a file can be read and named in a dataset; MediaError if not."""
    if printable(path) != str(path):
        raise MediaError(f"{printable(path)}: {NOT_UTF_8}")
    try:
        size = path.stat().st_size if path.is_file() else None
    except OSError as error:
        raise MediaError(f"{path}: {error.strerror}; check the path") from error
    if size is None:
        raise MediaError(f"{path}: there is no such file; check the path")
    if not size:
        raise MediaError(f"{path}: the file is empty; copy or record it again")


def printable(name: str | Path) -> str:
    """Write a name that is not valid UTF-8 with escapes."""
    return os.fsencode(name).decode("utf-8", "backslashreplace")


def check_length(path: Path, longest_seconds: float) -> None:
    """Check that a file is a video and not too long; MediaError if not.

    Frames are decoded up to the limit: the length that a file states may be wrong.
    Decoding may take as long as the film may be, and a minute at least.
    """
    limits = DecodeLimits(
        frames=int(longest_seconds * _MOST_FPS), film_seconds=max(longest_seconds, 60.0)
    )
    for _, seconds in Video(path, limits):
        if seconds > longest_seconds:
            raise MediaError(
                f"{path}: longer than {longest_seconds:g} s; cut it to one sign"
            )
