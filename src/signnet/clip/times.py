"""Times of frames: rates, even beats, and the frames that are nearest to them."""

import numpy as np

from signnet.clip.shapes import Float, Float32, Int
from signnet.errors import DatasetError

__all__ = ["Times", "check_times", "frame_rate", "nearest_frames", "timing"]

Times = Float32[np.ndarray, " time"]
"""Seconds since the first frame."""


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


def frame_rate(times: Times) -> float:
    """Return the usual frame rate of frame times in seconds; NaN for one frame."""
    steps = np.diff(times)
    return float(1 / np.median(steps)) if len(steps) else float("nan")


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


def check_times(name: str, times: np.ndarray | None, frames: int) -> None:
    """Check that there is a time per frame, and that times rise."""
    if times is None:
        return
    if times.shape != (frames,):
        raise DatasetError(f"{name}: {len(times)} frame times for {frames} frames")
    if not (np.diff(times) > 0).all():  # a NaN does not rise either
        raise DatasetError(f"{name}: frame times must rise from frame to frame")
