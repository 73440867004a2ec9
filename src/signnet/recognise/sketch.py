"""A sketch: a few joints of a few frames of a taught clip, enough to draw a figure."""

from dataclasses import dataclass

import numpy as np

from signnet.clip import Clip
from signnet.clip.shapes import Int16
from signnet.skeleton import PARTS

__all__ = ["FASTEST", "SKETCH_JOINTS", "SKETCH_SCALE", "Sketch", "sketch_of"]

SKETCH_JOINTS: tuple[int, ...] = (
    *range(25),  # the pose down to the hips
    *range(PARTS["left_hand"].start, PARTS["right_hand"].stop),
)
"""The joints of a sketch; never the face."""

SKETCH_SCALE = 4096
"""Steps per picture height."""

FASTEST = 1000.0
"""Largest frame rate of a sketch."""

_SLOWEST = 0.001
UNSEEN = -32768

_FRAMES = 16
_USUAL_FPS = 15.0


@dataclass(frozen=True, eq=False)
class Sketch:
    """A figure's joints over time."""

    points: Int16[np.ndarray, "frame joint 2"]
    """x and y in steps of 1/4096 picture height; -32768 is unseen."""

    fps: float
    """Frames a second at which it moves as the clip did."""


def sketch_of(clip: Clip) -> Sketch:
    """Sketch the time of a clip in which a hand is seen."""
    clip = clip.evenly_timed()
    landmarks = clip.landmarks
    hands = np.isfinite(landmarks[:, 33:75, 0]).any(axis=1)
    active = np.flatnonzero(hands) if hands.any() else np.arange(len(landmarks))
    span = active[-1] - active[0] + 1
    count = min(_FRAMES, span)
    chosen = np.linspace(active[0], active[-1], count).round().astype(int)
    steps = landmarks[chosen][:, SKETCH_JOINTS, :2] * SKETCH_SCALE
    seen = np.isfinite(steps)
    limited = np.clip(np.where(seen, steps, 0).round(), -32767, 32767)
    points = np.where(seen, limited, UNSEEN).astype("<i2")
    fps = clip.fps if clip.fps > 0 else _USUAL_FPS
    slowed = round(float(fps * count / span), 3)
    return Sketch(points, min(max(slowed, _SLOWEST), FASTEST))
