"""What the hands do from frame to frame: how high they are and how fast they move.

Lengths are in shoulder widths, so the distance to the camera and the picture's size do
not matter; speed is measured over a fixed time, so the frame rate does not either.
"""

import math
from dataclasses import dataclass

import numpy as np

from signnet.clip.shapes import Float32
from signnet.recognise.stream_settings import StreamSettings
from signnet.skeleton import FINGERTIPS, PARTS, index

__all__ = ["Activity", "Frame", "Joints"]

Joints = Float32[np.ndarray, "joint 3"]
"""One frame's 553 joints in picture heights, NaN where unseen."""


@dataclass(frozen=True)
class Frame:
    """A frame of the stream and what its hands do."""

    time: float
    joints: Joints
    depth: float
    """How far the higher active hand is below the shoulders; infinite without one."""

    speed: float
    """Shoulder widths a second of the faster active hand."""

    hands: bool
    """Whether any hand is seen."""


_SPAN = (0, *FINGERTIPS)
_SIDES = tuple(
    (PARTS[f"{side}_hand"].start, index(f"{side}_wrist")) for side in ("left", "right")
)
_SHOULDERS = index("left_shoulder"), index("right_shoulder")
_PALM_END = 9
_PALMS_PER_SHOULDER = 4.0
"""Shoulder width by palm length, where no body is seen."""

_NARROWEST = 0.05
"""Picture heights; a signer in profile has no shoulder width to speak of."""

_UNIT_SECONDS = 1.0
"""The shoulder width follows a signer who comes nearer within this time."""


def _apart(first: Joints, one: int, second: Joints, other: int) -> float:
    x = float(first[one, 0]) - float(second[other, 0])
    y = float(first[one, 1]) - float(second[other, 1])
    return math.sqrt(x * x + y * y)


class Activity:
    """Follows where the shoulders are and what the hands do."""

    def __init__(self, settings: StreamSettings) -> None:
        self._settings = settings
        self._unit = self._middle = self._time = math.nan
        self._seen = [-math.inf, -math.inf]

    def frame(self, time: float, joints: Joints, before: Frame | None) -> Frame:
        """Describe a frame; `before` is an earlier one to measure speed with."""
        self._follow_shoulders(time, joints)
        depth, speed = math.inf, 0.0
        for side, (hand, wrist) in enumerate(_SIDES):
            if math.isfinite(joints[hand, 0]):
                self._seen[side] = time
            if time - self._seen[side] > self._settings.lost_seconds:
                continue
            depth = min(depth, self._depth(joints, hand, wrist))
            if before is not None:
                path = _path(joints, before.joints, hand, wrist) / self._unit
                speed = max(speed, path / (time - before.time))
        return Frame(time, joints, depth, speed, time in self._seen)

    def _follow_shoulders(self, time: float, joints: Joints) -> None:
        left, right = _SHOULDERS
        width = _apart(joints, left, joints, right)
        if math.isfinite(width):
            self._middle = (float(joints[left, 1]) + float(joints[right, 1])) / 2
        elif math.isnan(self._middle):
            palms = [
                _apart(joints, hand, joints, hand + _PALM_END) for hand, _ in _SIDES
            ]
            known = [palm for palm in palms if math.isfinite(palm)]
            width = max(known) * _PALMS_PER_SHOULDER if known else math.nan
        if math.isfinite(width):
            width = max(width, _NARROWEST)
            if math.isnan(self._unit):
                self._unit, self._time = width, time
            share = min(1.0, (time - self._time) / _UNIT_SECONDS)
            self._unit += share * (width - self._unit)
            self._time = time

    def _depth(self, joints: Joints, hand: int, wrist: int) -> float:
        if math.isnan(self._middle):
            return 0.0  # a hand without a body is taken as raised
        joint = wrist if math.isfinite(joints[wrist, 1]) else hand
        depth = (float(joints[joint, 1]) - self._middle) / self._unit
        return depth if math.isfinite(depth) else math.inf


def _path(now: Joints, then: Joints, hand: int, wrist: int) -> float:
    """Return how far a hand, or else its wrist, has moved since an earlier frame."""
    steps = [_apart(now, hand + joint, then, hand + joint) for joint in _SPAN]
    path = sum(steps) / len(steps)
    if not math.isfinite(path):
        path = _apart(now, wrist, then, wrist)
    return path if math.isfinite(path) else 0.0
