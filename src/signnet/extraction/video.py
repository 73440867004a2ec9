"""Frames of a video, in the order and at the times at which they are shown.

Files state wrong facts: the number of frames is a guess, the frame rate may be 90000,
timestamps may stand still. So frames are read until there are no more, and a time that
does not rise is replaced by the usual step.
"""

import os
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
from jaxtyping import Float32, UInt8

from signnet.clip import frame_rate
from signnet.errors import MediaError

__all__ = ["Pixels", "Video", "check_length", "decode_picture", "timing"]

Pixels = UInt8[np.ndarray, "height width 3"]
"""A picture, RGB, upright."""

Times = Float32[np.ndarray, " time"]

# FFmpeg and OpenCV report problems with a file on standard error; those that matter
# raise a MediaError. FFmpeg reads its log level once, when the first file is opened.
os.environ.setdefault("OPENCV_FFMPEG_LOGLEVEL", "-8")

_SANE_FPS = (1.0, 240.0)
_USUAL_FPS = 30.0
_LONGEST_PAUSE = 10.0
"""Seconds between frames; a longer one is taken for a broken timestamp."""

_LARGEST_SIDE = 4096
"""Pixels of a single picture's longer side; a 4K camera has 3840."""


class Video:
    """A video file that yields (frame, seconds since the first frame).

    Rotation is applied, so that the picture is upright. It can be iterated once.

    Raises
    ------
    MediaError
        If the file is missing, empty, not a video, without pictures, or cut off before
        the first one.
    """

    def __init__(self, path: Path) -> None:
        if not path.is_file():
            raise MediaError(f"{path}: there is no such file; check the path")
        if not path.stat().st_size:
            raise MediaError(f"{path}: the file is empty; copy or record it again")
        self.path = path
        self._capture = _open(path)
        if not self._capture.isOpened():
            raise MediaError(
                f"{path}: not a readable video (another kind of file, cut off, or "
                "sound only); convert it to mp4 or record it again"
            )
        stated = self._capture.get(cv2.CAP_PROP_FPS)
        is_sane = _SANE_FPS[0] <= stated <= _SANE_FPS[1]
        self.fps = stated if is_sane else float("nan")
        """The frame rate that the file states; NaN if it states nonsense."""

    def __iter__(self) -> Iterator[tuple[Pixels, float]]:
        """Read frame by frame; MediaError if there is none at all."""
        usual = 1 / self.fps if np.isfinite(self.fps) else 1 / _USUAL_FPS
        seconds, last = 0.0, None
        try:
            while (frame := self._read()) is not None:
                now = self._capture.get(cv2.CAP_PROP_POS_MSEC) / 1000
                if last is not None:
                    seconds += now - last if 0 < now - last < _LONGEST_PAUSE else usual
                last = now
                yield frame, seconds
        finally:
            self._capture.release()
        if last is None:
            raise MediaError(
                f"{self.path}: the video holds no picture that can be decoded; record "
                "it again"
            )

    def _read(self) -> Pixels | None:
        found, frame = self._capture.read()
        return cv2.cvtColor(frame, cv2.COLOR_BGR2RGB) if found else None


def check_length(path: Path, longest_seconds: float) -> None:
    """Check that a file is a video and not too long; MediaError if not.

    Frames are decoded up to the limit: the length that a file states may be wrong.
    """
    for _, seconds in Video(path):
        if seconds > longest_seconds:
            raise MediaError(
                f"{path}: longer than {longest_seconds:g} s; cut it to one sign"
            )


def decode_picture(content: bytes) -> Pixels:
    """Decode one picture, such as a JPEG, upright.

    Raises
    ------
    MediaError
        If it is not a picture, or larger than any camera's.
    """
    try:
        flat = np.frombuffer(content, np.uint8)
        found = cv2.imdecode(flat, cv2.IMREAD_COLOR) if len(flat) else None
    except cv2.error:
        found = None
    if found is None:
        raise MediaError(
            f"{len(content)} bytes that are not a readable picture; send a JPEG"
        )
    height, width = found.shape[:2]
    if max(height, width) > _LARGEST_SIDE:
        raise MediaError(
            f"a picture of {width}×{height} pixels; send it with at most "
            f"{_LARGEST_SIDE} on a side"
        )
    return cv2.cvtColor(found, cv2.COLOR_BGR2RGB)


def _open(path: Path) -> cv2.VideoCapture:
    older = getattr(cv2, "setLogLevel", None)  # OpenCV 4, which Solutions needs
    (older or cv2.utils.logging.setLogLevel)(0)  # LOG_LEVEL_SILENT
    return cv2.VideoCapture(str(path), cv2.CAP_FFMPEG)


def timing(times: Times, stated_fps: float) -> tuple[float, Times | None]:
    """Return the frame rate of a video, and its frame times if the rate varies.

    Parameters
    ----------
    times
        Seconds since the first frame, rising.
    stated_fps
        The rate that the file states, NaN if none; preferred where the times agree.

    Returns
    -------
    fps, times
        Times are None where the frame rate is constant apart from rounding: no frame is
        half a frame off, and no step is that of a dropped frame.
    """
    if len(times) < 2:
        return stated_fps, None
    step = float(times[-1]) / (len(times) - 1)
    drift = np.abs(times - np.arange(len(times)) * step)
    steps = np.diff(times)
    if drift.max() > 0.5 * step or steps.max() > 1.6 * np.median(steps):
        return frame_rate(times), times
    agrees = abs(stated_fps * step - 1) < 0.02 or abs(1 / stated_fps - step) < 0.001
    return (stated_fps if agrees else 1 / step), None
