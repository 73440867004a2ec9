"""What the hands do from frame to frame: how high they are and how fast they move.

The shoulders are the measure, so neither the distance to the camera nor the picture's
size matters, and speed is taken over a time, so the frame rate does not either.
"""

import math
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from jaxtyping import Float32

from signnet.errors import SettingsError
from signnet.skeleton import FINGERTIPS, PARTS, index

__all__ = ["Activity", "Frame", "Joints", "StreamSettings"]

Joints = Float32[np.ndarray, "joint 3"]
"""One frame's 553 joints in picture heights, NaN where unseen."""


@dataclass(frozen=True, kw_only=True)
class StreamSettings:
    """When hands sign and when they rest; written beside the model for the browser."""

    raised: float = 0.95
    """A hand is up if its wrist is less than this below the shoulders (in shoulder
    widths; hips lie at 1.3 to 1.5)."""

    lowered: float = 1.05
    """A hand that is up goes down where it is more than this below the shoulders."""

    moving: float = 0.8
    """Shoulder widths a second with which a raised hand starts a sign."""

    still: float = 0.4
    """Shoulder widths a second below which a hand is held still."""

    reach: float = 0.85
    """No sign stays lower than this below the shoulders: hands rest on the belly."""

    speed_seconds: float = 0.15
    """Speed is measured over at least this time."""

    lost_seconds: float = 0.5
    """A raised arm counts this long after its hand was seen last."""

    rest_seconds: float = 0.8
    """Hands that are still for this long rest, wherever they are."""

    down_seconds: float = 0.1
    """Hands that are down for this long have ended the sign."""

    lead_seconds: float = 0.4
    """How much from before the first movement belongs to a sign at most."""

    shortest_seconds: float = 0.6
    """A movement shorter than this is no sign."""

    hop_seconds: float = 0.25
    """Time between guesses, and between the possible limits of words."""

    window_seconds: tuple[float, float] = (0.6, 2.5)
    """The shortest and the longest word in signing without pauses."""

    split_seconds: float = 1.3
    """Signing that lasts longer than this may be several words."""

    again_seconds: float = 0.5
    """A word that comes again within this time is the rest of the same sign."""

    settle_seconds: float = 0.25
    """A word in running signing is said this long after its end."""

    word_cost: float = 0.7
    """Evidence that a word costs, so that one sign is not taken for two."""

    gap_seconds: float = 1.0
    """A longer time without any frame ends the stream."""

    rate: float = 30.0
    """Frames a second of what the model is given; between frames it is NaN."""

    abstain_below: float = 0.5
    """The model's threshold, from its card,"""

    leniency: float = 0.75
    """and what of it is asked for in a stream, where a sign had to begin and end,"""

    floor: float = 0.4
    """but no less than this: a model without a threshold would name any movement."""

    @property
    def needed(self) -> float:
        """How probable a word has to be before it is said."""
        return max(self.floor, self.leniency * self.abstain_below)

    def __post_init__(self) -> None:
        """Refuse settings that contradict each other with a SettingsError."""
        shortest, longest = self.window_seconds
        rising = (
            ("reach, raised, lowered", (self.reach, self.raised, self.lowered)),
            ("0, still, moving", (0, self.still, self.moving)),
            ("0, rest_seconds", (0, self.rest_seconds)),
            (
                "0, hop_seconds, window_seconds",
                (0, self.hop_seconds, shortest, longest),
            ),
            (
                "0, speed_seconds, gap_seconds",
                (0, self.speed_seconds, self.gap_seconds),
            ),
            ("0, rate", (0, self.rate)),
        )
        for names, values in rising:
            if not all(one < other for one, other in pairwise(values)):
                raise SettingsError(f"{names} are {values}; they should rise")


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
    """Give how far a hand, or else its wrist, has moved since an earlier frame."""
    steps = [_apart(now, hand + joint, then, hand + joint) for joint in _SPAN]
    path = sum(steps) / len(steps)
    if not math.isfinite(path):
        path = _apart(now, wrist, then, wrist)
    return path if math.isfinite(path) else 0.0
