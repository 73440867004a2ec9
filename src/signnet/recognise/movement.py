"""Divide a stretch of signing into signs by the movement of the hands alone.

A model that does not know the signs cannot tell where one ends. The hands can: they
slow down or turn where a sign is over. `divide` looks at a whole stretch at once, so it
serves films, not live streams.
"""

import math
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from signnet.clip import Landmarks
from signnet.skeleton import FINGERTIPS, PARTS, index

__all__ = ["DivideSettings", "Stretch", "divide"]

Series = Float[np.ndarray, " time"]


@dataclass(frozen=True, kw_only=True)
class DivideSettings:
    """How long signs are, and how still hands are between them."""

    rate: float = 30.0
    """Frames a second at which the movement is looked at."""

    shortest: float = 0.2
    """Seconds of the shortest sign."""

    longest: float = 2.0
    """Seconds of the longest sign."""

    usual: float = 0.6
    """Seconds of a usual sign."""

    spread: float = 0.5
    """Standard deviation of the logarithm of a sign's seconds."""

    stillness: float = 1.5
    """Weight of the hands' speed at a limit against the usual length."""

    smooth: float = 0.06
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
    even = _nearest(stretch, grid)
    depth, speed = _activity(even, chosen)
    found: list[tuple[float, float]] = []
    for first, last in _raised(depth, chosen):
        limits = _limits(speed[first : last + 1], chosen)
        found += [
            (float(grid[first + start]), float(grid[first + end]))
            for start, end in limits
            if depth[first + start : first + end + 1].min() <= chosen.reach
        ]
    return found


def _nearest(stretch: Stretch, grid: Series) -> Landmarks:
    right = np.clip(np.searchsorted(stretch.times, grid), 1, len(stretch.times) - 1)
    left_is_nearer = grid - stretch.times[right - 1] < stretch.times[right] - grid
    return stretch.landmarks[np.where(left_is_nearer, right - 1, right)]


_SPAN = (0, *FINGERTIPS)
_LONGEST_GAP = 0.3
"""Seconds over which the place of a hand that was not seen is filled in."""

_PALM_END = 9
_PALMS_PER_SHOULDER = 4.0
_NARROWEST = 0.05


def _activity(even: Landmarks, settings: DivideSettings) -> tuple[Series, Series]:
    """Return depth below the shoulders of the higher hand, and speed of the faster.

    In shoulder widths, and shoulder widths a second; a hand that is down has no speed.
    """
    unit, middle = _shoulders(even)
    depth = np.full(len(even), math.inf)
    speed = np.zeros(len(even))
    for side in ("left", "right"):
        points, seen = _hand(even, side, settings.rate)
        height = (points[:, 0, 1] - middle) / unit
        is_up = seen & (height <= settings.low)
        depth = np.where(is_up, np.fmin(depth, height), depth)
        path = np.zeros(len(even))
        steps = np.linalg.norm(points[2:] - points[:-2], axis=-1).mean(-1)
        path[1:-1] = np.nan_to_num(steps) / 2 * settings.rate / unit
        speed = np.maximum(speed, np.where(is_up, path, 0))
    return depth, _smoothed(speed, settings.smooth * settings.rate)


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


def _limits(speed: Series, settings: DivideSettings) -> list[tuple[int, int]]:
    """Choose limits that are slow and leave signs of a usual length."""
    inner = np.flatnonzero((speed[1:-1] <= speed[:-2]) & (speed[1:-1] < speed[2:])) + 1
    limits = [0, *inner.tolist(), len(speed) - 1]
    usual = float(np.median(speed)) or 1.0
    best = [(0.0, -1)]
    for last in range(1, len(limits)):
        options = [
            (
                best[first][0]
                + _cost(limits[first], limits[last], speed, usual, settings),
                first,
            )
            for first in range(last)
        ]
        best.append(min(options))
    chosen, last = list[tuple[int, int]](), len(limits) - 1
    while last > 0:
        first = best[last][1]
        chosen.append((limits[first], limits[last]))
        last = first
    return chosen[::-1]


def _cost(
    start: int, end: int, speed: Series, usual: float, settings: DivideSettings
) -> float:
    seconds = (end - start) / settings.rate
    unusual = (math.log(max(seconds, 1e-3) / settings.usual) / settings.spread) ** 2 / 2
    outside = 100.0 if not settings.shortest <= seconds <= settings.longest else 0.0
    is_inner = end < len(speed) - 1
    fast = settings.stillness * speed[end] / usual if is_inner else 0.0
    return unusual + outside + fast
