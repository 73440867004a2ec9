"""Which hand made a sign: the left, the right, or both.

A hand takes part in a frame if it is seen, or was within half a second, and is up: its
wrist is less than 0.95 shoulder widths below the shoulders, as in the stream. Without a
body, and if no hand comes up, a hand that is seen takes part. The hand that takes part
for longer made the sign. Both did if they take part together for at least half of that
time, and the one that moves less goes at least a quarter as far as the other, or is
held still within 0.6 shoulder widths of it. If it does neither, it only rests there.
"""

from typing import Literal

import numpy as np

from signnet.clip import Clip, Landmarks
from signnet.clip.shapes import Bool
from signnet.recognise.stream_settings import StreamSettings
from signnet.skeleton import FINGERTIPS, PARTS, index

__all__ = ["Hand", "hand_of_clip", "signing_hand"]

Hand = Literal["left", "right", "both"]
"""The signer's own left or right hand, or both."""

_SIDES = ("left", "right")
_SHARE = 0.5
_MOVES = 0.25
_CLOSE = 0.6
"""Shares of time and way, and shoulder widths between the palms; see above."""

_PALM_END = 9
_PALMS_PER_SHOULDER = 4.0
"""Shoulder width by palm length, where no body is seen."""

_USUAL_RATE = 30.0
"""Frames a second of a clip that does not say."""


def hand_of_clip(clip: Clip) -> Hand | None:
    """Return which hand made the sign of a clip; None if none was seen."""
    even = clip.evenly_timed()
    rate = even.fps if even.fps > 0 else _USUAL_RATE
    return signing_hand(even.landmarks, rate)


def signing_hand(landmarks: Landmarks, rate: float = _USUAL_RATE) -> Hand | None:
    """Return which hand made a sign; None if none was seen.

    Parameters
    ----------
    landmarks
        The frames of the sign, in picture heights, NaN where unseen.
    rate
        Frames a second.
    """
    unit, middle = _body(landmarks)
    gap = StreamSettings().lost_seconds * rate
    seen = [landmarks[:, PARTS[f"{side}_hand"].start, 0] for side in _SIDES]
    near = [_within(np.isfinite(x), gap) for x in seen]
    up = [
        _is_up(landmarks, side, one, unit, middle)
        for side, one in zip(_SIDES, near, strict=True)
    ]
    if not any(one.any() for one in up):
        up = near  # hands that never come up are all there is
    if not any(one.any() for one in up):
        return None
    paths = [_path(landmarks, side, one) for side, one in zip(_SIDES, up, strict=True)]
    first = max((0, 1), key=lambda n: (int(up[n].sum()), paths[n]))
    together = up[0] & up[1]
    if together.sum() < _SHARE * up[first].sum():
        return _SIDES[first]
    moves = min(paths) >= _MOVES * max(paths)
    return "both" if moves or _close(landmarks, together, unit) else _moving(paths)


def _moving(paths: list[float]) -> Hand:
    return "left" if paths[0] > paths[1] else "right"


def _close(
    landmarks: Landmarks, frames: Bool[np.ndarray, " time"], unit: float
) -> bool:
    """Return whether the hands are close to each other in most of these frames."""
    left, right = (
        landmarks[frames, PARTS[f"{side}_hand"].start + _PALM_END, :2]
        for side in _SIDES
    )
    apart = np.linalg.norm(left - right, axis=-1) / unit
    known = apart[np.isfinite(apart)]
    return bool(len(known)) and bool(np.median(known) < _CLOSE)


def _body(landmarks: Landmarks) -> tuple[float, float]:
    """Return the shoulders' usual width and height; by the palms without a body."""
    left, right = (landmarks[:, index(f"{s}_shoulder"), :2] for s in _SIDES)
    width = np.linalg.norm(left - right, axis=-1)
    if np.isfinite(width).any():
        middle = (left[:, 1] + right[:, 1]) / 2
        return max(float(np.nanmedian(width)), 1e-3), float(np.nanmedian(middle))
    starts = [PARTS[f"{side}_hand"].start for side in _SIDES]
    palms = np.concatenate(
        [landmarks[:, at, :2] - landmarks[:, at + _PALM_END, :2] for at in starts]
    )
    palm = np.linalg.norm(palms, axis=-1)
    known = palm[np.isfinite(palm)]
    palm_length = float(np.median(known)) if len(known) else 1.0
    return max(palm_length * _PALMS_PER_SHOULDER, 1e-3), np.nan


def _is_up(
    landmarks: Landmarks,
    side: str,
    near: Bool[np.ndarray, " time"],
    unit: float,
    middle: float,
) -> Bool[np.ndarray, " time"]:
    """Return the frames in which a hand is there and up."""
    if np.isnan(middle):
        return near
    hand = landmarks[:, PARTS[f"{side}_hand"].start, 1]
    wrist = landmarks[:, index(f"{side}_wrist"), 1]
    depth = (np.where(np.isfinite(wrist), wrist, hand) - middle) / unit
    with np.errstate(invalid="ignore"):
        return near & (depth < StreamSettings().raised)


def _within(seen: np.ndarray, gap: float) -> np.ndarray:
    """Return the frames that are at most `gap` frames from one that is true."""
    known, every = np.flatnonzero(seen), np.arange(len(seen))
    if not len(known):
        return seen
    after = np.searchsorted(known, every).clip(max=len(known) - 1)
    before = (after - 1).clip(min=0)
    return np.minimum(abs(known[after] - every), abs(every - known[before])) <= gap


def _path(landmarks: Landmarks, side: str, up: np.ndarray) -> float:
    """Return how far wrist and fingertips go while the hand is up."""
    start = PARTS[f"{side}_hand"].start
    points = landmarks[up][:, [start + joint for joint in (0, *FINGERTIPS)], :2]
    points = points[np.isfinite(points[..., 0]).all(axis=1)]
    return float(np.linalg.norm(np.diff(points, axis=0), axis=-1).mean(axis=1).sum())
