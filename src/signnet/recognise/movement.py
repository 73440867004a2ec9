"""Divide a stretch of signing into signs by the movement of the hands alone.

A model that does not know the signs cannot tell where one ends. The hands can: they
slow down or turn where a sign is over. `divide` looks at a whole stretch at once, so it
serves films, not live streams.
"""

import math
from dataclasses import dataclass

import numpy as np

from signnet.clip import Landmarks, nearest_frames
from signnet.clip.shapes import Float
from signnet.skeleton import FINGERTIPS, PARTS, index

__all__ = ["DivideSettings", "Stretch", "divide"]

Series = Float[np.ndarray, " time"]

Postures = Float[np.ndarray, "time point 2"]
"""Place of each wrist, and of its fingertips from the wrist, in shoulder widths."""


@dataclass(frozen=True, kw_only=True)
class DivideSettings:
    """How long signs are, and how still hands are between them.

    Chosen on joined training clips and invented signers (docs/results.md).
    """

    rate: float = 30.0
    """Frames a second at which the movement is looked at."""

    shortest: float = 0.2
    """Seconds of the shortest sign."""

    longest: float = 2.0
    """Seconds of the longest sign."""

    usual: float = 0.4
    """Seconds of a usual sign."""

    spread: float = 0.9
    """Standard deviation of the logarithm of a sign's seconds."""

    stillness: float = 0.5
    """Weight of the hands' speed at a limit against the usual length."""

    change: float = 2.0
    """Weight of how far the hands' posture changes at a limit, against the usual."""

    window: float = 0.35
    """Seconds before and after a limit over which postures are averaged."""

    sign_cost: float = 3.0
    """Cost of each limit."""

    rise: float = 0.4
    """Seconds within which hands that come up are fastest; 0 leaves the rise in."""

    deep: float = 0.75
    """Shoulder widths below the shoulders; a hand that is first or last seen higher
    signs there already."""

    slowed: float = 0.3
    """Share of that speed below which they have arrived."""

    smooth: float = 0.02
    """Standard deviation in seconds of the window that smooths the speed."""

    low: float = 1.05
    """Shoulder widths below the shoulders under which a hand is down."""

    reach: float = 0.85
    """No sign stays lower than this."""


@dataclass(frozen=True)
class Stretch:
    """Frames of a film at which the hands sign, at any rate."""

    times: Series
    landmarks: Landmarks


def divide(
    stretch: Stretch, settings: DivideSettings | None = None
) -> list[tuple[float, float]]:
    """Return start and end in seconds of each sign in a stretch, in their order.

    Hands that are down, or never come up, are no sign.

    Parameters
    ----------
    stretch
        Its times rise.
    settings
        See `DivideSettings`.
    """
    chosen = settings or DivideSettings()
    if len(stretch.times) < 3:
        return []
    grid = np.arange(stretch.times[0], stretch.times[-1] + 1e-6, 1 / chosen.rate)
    even = stretch.landmarks[nearest_frames(stretch.times, grid)]
    depth, speed, postures = _activity(even, chosen)
    found: list[tuple[float, float]] = []
    for begin, over in _raised(depth, chosen):
        part = slice(begin, over + 1)
        first, last = _arrived(depth[part], speed[part], chosen)
        first, last = begin + first, begin + last
        part = slice(first, last + 1)
        limits = _limits(speed[part], postures[part], chosen)
        found += [
            (float(grid[first + start]), float(grid[first + end]))
            for start, end in limits
            if depth[first + start : first + end + 1].min() <= chosen.reach
        ]
    return found


_FORBIDDEN = 100.0
"""Cost of a sign that is too short or too long, where there is no other way."""

_SPAN = (0, *FINGERTIPS)
_LONGEST_GAP = 0.3
"""Seconds over which the place of a hand that was not seen is filled in."""

_PALM_END = 9
_PALMS_PER_SHOULDER = 4.0
_NARROWEST = 0.05


def _activity(
    even: Landmarks, settings: DivideSettings
) -> tuple[Series, Series, Postures]:
    """Return the higher hand's depth, the faster hand's speed, and the postures.

    Depth is below the shoulders, in shoulder widths; speed is in shoulder widths a
    second. A hand that is down has no speed, and always the same posture.
    """
    unit, middle = _shoulders(even)
    depth = np.full(len(even), math.inf)
    speed = np.zeros(len(even))
    postures = list[np.ndarray]()
    for side in ("left", "right"):
        points, seen = _hand(even, side, settings.rate)
        height = (points[:, 0, 1] - middle) / unit
        is_up = seen & (height <= settings.low)
        depth = np.where(is_up, np.fmin(depth, height), depth)
        path = np.zeros(len(even))
        steps = np.linalg.norm(points[2:] - points[:-2], axis=-1).mean(-1)
        path[1:-1] = np.nan_to_num(steps) / 2 * settings.rate / unit
        speed = np.maximum(speed, np.where(is_up, path, 0))
        shape = points - points[:, :1]
        shape[:, 0] = points[:, 0] - _rest_place(middle)
        known = is_up[:, None, None] & np.isfinite(shape)
        postures.append(np.where(known, shape, 0) / unit)
    return (
        depth,
        _smoothed(speed, settings.smooth * settings.rate),
        np.concatenate(postures, axis=1),
    )


def _rest_place(middle: float) -> Float[np.ndarray, " 2"]:
    return np.array([0.0, middle if math.isfinite(middle) else 0.0])


def _shoulders(even: Landmarks) -> tuple[float, float]:
    """Return the shoulders' usual width and height; by the palms without a body."""
    sides = [even[:, index(f"{side}_shoulder"), :2] for side in ("left", "right")]
    width = np.linalg.norm(sides[0] - sides[1], axis=-1)
    if np.isfinite(width).any():
        middle = float(np.nanmedian((sides[0][:, 1] + sides[1][:, 1]) / 2))
        return max(float(np.nanmedian(width)), _NARROWEST), middle
    palms = [
        np.linalg.norm(even[:, start, :2] - even[:, start + _PALM_END, :2], axis=-1)
        for start in (PARTS[f"{side}_hand"].start for side in ("left", "right"))
    ]
    known = np.concatenate(palms)
    known = known[np.isfinite(known)]
    palm = float(np.median(known)) if len(known) else 1.0
    return max(palm * _PALMS_PER_SHOULDER, _NARROWEST), math.inf


def _hand(
    even: Landmarks, side: str, rate: float
) -> tuple[Float[np.ndarray, "time point 2"], np.ndarray]:
    """Return wrist and fingertips with short gaps filled, and where they are known."""
    start = PARTS[f"{side}_hand"].start
    points = even[:, [start + joint for joint in _SPAN], :2].astype(float)
    seen = np.isfinite(points[:, 0, 0])
    if not seen.any():
        return points, seen
    known = np.flatnonzero(seen)
    every = np.arange(len(points))
    filled = np.stack(
        [
            np.stack(
                [np.interp(every, known, points[known, one, axis]) for axis in (0, 1)],
                axis=-1,
            )
            for one in range(len(_SPAN))
        ],
        axis=1,
    )
    right = np.clip(np.searchsorted(known, every), 0, len(known) - 1)
    left = np.clip(right - 1, 0, len(known) - 1)
    gap = np.minimum(np.abs(known[right] - every), np.abs(every - known[left]))
    return filled, gap <= _LONGEST_GAP * rate


def _smoothed(values: Series, sigma: float) -> Series:
    reach = max(1, math.ceil(3 * sigma))
    window = np.exp(-0.5 * (np.arange(-reach, reach + 1) / max(sigma, 1e-6)) ** 2)
    padded = np.pad(values, reach, mode="edge")
    return np.convolve(padded, window / window.sum(), mode="valid")


def _raised(depth: Series, settings: DivideSettings) -> list[tuple[int, int]]:
    """Return first and last frame of each time a hand is up long enough."""
    up = np.isfinite(depth) | (depth == -math.inf)
    edges = np.diff(np.concatenate([[False], up, [False]]).astype(int))
    runs = zip(np.flatnonzero(edges == 1), np.flatnonzero(edges == -1) - 1, strict=True)
    shortest = settings.shortest * settings.rate
    return [(int(a), int(b)) for a, b in runs if b - a >= shortest]


def _limits(
    speed: Series, postures: Postures, settings: DivideSettings
) -> list[tuple[int, int]]:
    """Choose limits at which the hands are slow and their posture changes."""
    inner = np.flatnonzero((speed[1:-1] <= speed[:-2]) & (speed[1:-1] < speed[2:])) + 1
    limits = [0, *inner.tolist(), len(speed) - 1]
    usual = max(float(np.median(speed)), 0.05)
    changes = _changes(postures, settings)
    costs = [0.0] * len(limits)
    for place, frame in enumerate(inner.tolist(), 1):
        costs[place] = (
            settings.stillness * float(speed[frame]) / usual
            - settings.change * float(changes[frame])
            + settings.sign_cost
        )
    return _cheapest(limits, costs, settings)


def _cheapest(
    limits: list[int], costs: list[float], settings: DivideSettings
) -> list[tuple[int, int]]:
    """Choose the limits whose costs, with those of the signs' lengths, are least."""
    best = [(0.0, -1)]
    for last in range(1, len(limits)):
        lengths = (
            _length_cost((limits[last] - limits[first]) / settings.rate, settings)
            for first in range(last)
        )
        options = [
            (best[first][0] + length + costs[last], first)
            for first, length in enumerate(lengths)
        ]
        best.append(min(options))
    chosen, last = list[tuple[int, int]](), len(limits) - 1
    while last > 0:
        first = best[last][1]
        chosen.append((limits[first], limits[last]))
        last = first
    return chosen[::-1]


def _length_cost(seconds: float, settings: DivideSettings) -> float:
    unusual = math.log(max(seconds, 1e-3) / settings.usual) / settings.spread
    outside = not settings.shortest <= seconds <= settings.longest
    return unusual**2 / 2 + (_FORBIDDEN if outside else 0.0)


def _changes(postures: Postures, settings: DivideSettings) -> Series:
    """Return how far the mean postures before and after each frame are apart.

    As a multiple of what is usual in the stretch: some sign large and some small.
    """
    reach = max(1, round(settings.window * settings.rate))
    total = np.concatenate([np.zeros((1, *postures.shape[1:])), postures.cumsum(0)])
    frames = np.arange(len(postures))
    first, last = np.maximum(frames - reach, 0), np.minimum(frames + reach, frames[-1])
    before = (total[frames] - total[first]) / np.maximum(frames - first, 1)[
        :, None, None
    ]
    after = (total[last + 1] - total[frames + 1]) / np.maximum(last - frames, 1)[
        :, None, None
    ]
    apart = np.linalg.norm(after - before, axis=-1).sum(axis=-1)
    apart[[0, -1]] = 0
    return apart / max(float(apart.mean()), 0.05)


def _arrived(depth: Series, speed: Series, settings: DivideSettings) -> tuple[int, int]:
    """Return the frames between which the hands neither rise to sign nor sink.

    A sign begins where the hand arrives at its place and ends where it leaves it: the
    hand that comes up is slower there than `slowed` of its fastest.
    """
    first = _slowed(depth, speed, settings)
    last = len(depth) - 1 - _slowed(depth[::-1], speed[::-1], settings)
    least = settings.shortest * settings.rate
    return (first, last) if last - first >= least else (0, len(depth) - 1)


def _slowed(depth: Series, speed: Series, settings: DivideSettings) -> int:
    """Return the frame at which a rise that begins low has become slow."""
    reach = round(settings.rise * settings.rate)
    if not reach or depth[0] < settings.deep:
        return 0
    fastest = int(np.argmax(speed[:reach]))
    for frame in range(fastest, min(2 * reach, len(speed))):
        if speed[frame] <= settings.slowed * speed[fastest]:
            return frame
    return 0
