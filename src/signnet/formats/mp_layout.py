"""Which numbers of an `MP_Data` frame are which joints.

The length tells which parts a frame has, but not their order: copies of the original
tutorial put the hands or the face first. All numbers of a wrong order lie in plausible
ranges, so the order is judged by the joints that two parts share: the nose, the eyes
and the mouth are in the pose and in the face, the wrists in the pose and in the hands.
"""

from collections.abc import Sequence
from itertools import permutations, product

import numpy as np

from signnet.clip import Landmarks
from signnet.clip.shapes import Float32
from signnet.skeleton import FACE_COUNT, JOINT_COUNT, MESH_COUNT, PARTS

__all__ = ["LENGTHS", "to_landmarks"]

Parts = dict[str, tuple[int, int]]
"""For each part in its usual order, its points and the numbers of each point."""

Order = tuple[str, ...]

_HANDS: Parts = {"left_hand": (21, 3), "right_hand": (21, 3)}


def _lengths() -> dict[int, Parts]:
    """List the usual lengths; each has one combination of parts."""
    lengths: dict[int, Parts] = {}
    for body, face in product(((33, 4), (33, 3), None), (MESH_COUNT, FACE_COUNT, 0)):
        first = {"pose": body} if body else {}
        mesh = {"face": (face, 3)} if face else {}
        # The plan of SignNet-V2 (99 + 126 + 1404) has the face last.
        parts = first | _HANDS | mesh if body == (33, 3) else first | mesh | _HANDS
        lengths[sum(points * width for points, width in parts.values())] = parts
    return lengths


LENGTHS = _lengths()
"""The parts of a frame by its length: 1662 has the pose with visibilities, 468 points
of the face and both hands; 258 the pose and the hands; 126 the hands alone."""

_SAME = (
    ("pose", 0, "face", 1),
    ("pose", 3, "face", 263),
    ("pose", 6, "face", 33),
    ("pose", 9, "face", 291),
    ("pose", 10, "face", 61),
    ("pose", 15, "left_hand", 0),
    ("pose", 16, "right_hand", 0),
)
"""Points of two parts that are one: nose, outer eyes, corners of the mouth, wrists."""

_GOOD = 0.5
"""Discord, in shoulder widths and shares of frames, of an order that needs no doubt.

The right order of 1,635 real sequences has 0.12 in the median and 1.06 at most. All of
them kept it. Of 1,034 copies in another order 1,008 were recognised; the others had the
pose, without visibilities, between the hands.
"""

_FAR = 3.0
"""Shoulder widths beyond which a distance counts no more."""


def to_landmarks(
    numbers: Float32[np.ndarray, "time number"],
) -> tuple[Landmarks, Order | None]:
    """Put the numbers of frames at their joints.

    Parameters
    ----------
    numbers
        Frames of one of `LENGTHS`. A part of zeros was not seen; nor was a point with
        NaN.

    Returns
    -------
    landmarks, order
        Joints in the units of the numbers, NaN where not seen; the order of the parts
        if it is not the usual one.
    """
    parts, order = _split_best(numbers)
    landmarks = np.full((len(numbers), JOINT_COUNT, 3), np.nan, np.float32)
    for name, points in parts.items():
        seen = points.any(axis=(1, 2))
        start = PARTS[name].start
        landmarks[seen, start : start + points.shape[1]] = points[seen]
    landmarks[np.isnan(landmarks).any(axis=-1)] = np.nan
    return landmarks, order


def _split_best(numbers: np.ndarray) -> tuple[dict[str, np.ndarray], Order | None]:
    """Split frames in the usual order, or in one that clearly fits better."""
    usual = tuple(LENGTHS[numbers.shape[1]])
    parts = _split(numbers, usual)
    discord = _discord(parts)
    if discord <= _GOOD:
        return parts, None
    others = [order for order in _orders(usual) if order != usual]
    split = [_split(numbers, order) for order in others]
    discords = [_discord(one) for one in split]
    best = int(np.argmin(discords)) if discords else -1
    if best >= 0 and discords[best] < min(discord / 2, 2 * _GOOD):
        return split[best], others[best]
    return parts, None


def _orders(parts: Sequence[str]) -> list[Order]:
    """List the orders of parts; the left hand comes before the right one in all."""
    return [
        order
        for order in permutations(parts)
        if order.index("left_hand") < order.index("right_hand")
    ]


def _split(numbers: np.ndarray, order: Order) -> dict[str, np.ndarray]:
    """Cut frames into parts[time, point, 3]."""
    kinds, parts, start = LENGTHS[numbers.shape[1]], dict[str, np.ndarray](), 0
    for name in order:
        points, width = kinds[name]
        cut = numbers[:, start : start + points * width]
        parts[name] = cut.reshape(len(numbers), points, width)[..., :3]
        start += points * width
    return parts


def _discord(parts: dict[str, np.ndarray]) -> float:
    """Return how badly parts fit: zeros within parts, distances of points that are one.

    The distances are in shoulder widths; those of the face count as one.
    """
    zero = {
        name: np.asarray(np.all(points == 0, axis=-1)) for name, points in parts.items()
    }
    torn = sum(
        float((np.any(z, axis=-1) & ~np.all(z, axis=-1)).mean()) for z in zero.values()
    )
    if "pose" not in parts:
        return torn
    pose = parts["pose"][..., :2]
    across = np.linalg.norm(pose[:, 11] - pose[:, 12], axis=-1)
    width = _median(across[~zero["pose"][:, 11]])
    gaps: dict[str, list[float]] = {}
    for one, first, other, second in _SAME:
        if other in parts:
            seen = ~(zero[one][:, first] | zero[other][:, second])
            apart = parts[one][seen, first, :2] - parts[other][seen, second, :2]
            gap = _median(np.linalg.norm(apart, axis=-1)) / max(width, 1e-6)
            gaps.setdefault(other, []).append(min(gap, _FAR))
    return torn + sum(sum(one) / len(one) for one in gaps.values())


def _median(values: np.ndarray) -> float:
    """Return the median of the finite values; 0 if there are none."""
    values = values[np.isfinite(values)]
    return float(np.median(values)) if len(values) else 0.0
