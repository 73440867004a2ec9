"""Pure functions on landmarks: directions, hand assignment, tracks, mirror.

Axes are named in the order of the arrays; coordinates are picture heights (see
`signnet.clip.clip`); NaN means not seen and stays NaN.
"""

import numpy as np

from signnet.clip import Landmarks
from signnet.clip.shapes import Bool, Float, Float32
from signnet.skeleton import MESH_COUNT, MIRROR, PARTS, index

__all__ = [
    "SIDES",
    "arm_agreement",
    "choose_sides",
    "cosine",
    "face_proportion",
    "follow_slots",
    "mirror",
    "stretch_width",
]

SIDES = ("left", "right")

Hands = Float32[np.ndarray, "time hand 21 3"]
"""Hands as a tracker found them, in no order that can be trusted."""

_WRIST, _INDEX_ROOT = 0, 5


def stretch_width(
    landmarks: Float32[np.ndarray, "*batch 3"], aspect: float
) -> Float32[np.ndarray, "*batch 3"]:
    """Turn coordinates in picture widths and heights into picture heights.

    Parameters
    ----------
    landmarks
        x and z in picture widths, y in picture heights, as MediaPipe gives them.
    aspect
        Width of the picture divided by its height.
    """
    return landmarks * np.array([aspect, 1, aspect], np.float32)


def mirror(landmarks: Landmarks) -> Landmarks:
    """Show the sign as a signer with the other dominant hand would make it.

    x changes its sign (the picture is mirrored about its left edge) and each joint
    takes the name of the one opposite; mirroring twice changes nothing.
    """
    return landmarks[:, MIRROR, :] * np.array([-1, 1, 1], np.float32)


def cosine(
    first: Float[np.ndarray, "*batch 2"], second: Float[np.ndarray, "*batch 2"]
) -> Float[np.ndarray, "*batch"]:
    """Return the cosine of the angle between directions; NaN where one is missing."""
    lengths = np.linalg.norm(first, axis=-1) * np.linalg.norm(second, axis=-1)
    with np.errstate(invalid="ignore", divide="ignore"):
        return (first * second).sum(-1) / lengths


def arm_agreement(
    landmarks: Landmarks, hand: Float32[np.ndarray, "time 21 3"], side: str
) -> Float32[np.ndarray, " time"]:
    """Return how well a hand continues an arm: 1 same direction, -1 opposite.

    The hand's wrist-to-index direction is compared with the one that the pose tracker
    gives for the arm of `side`; NaN where either was not seen.
    """
    arm = landmarks[:, index(f"{side}_index")] - landmarks[:, index(f"{side}_wrist")]
    return cosine((hand[:, _INDEX_ROOT] - hand[:, _WRIST])[:, :2], arm[:, :2])


def choose_sides(
    cost: Float[np.ndarray, "time 2 2"], doubt: float = 0.0
) -> Bool[np.ndarray, " time"]:
    """Return the frames in which the two hands must be swapped.

    Parameters
    ----------
    cost
        How badly each found hand (axis 1) fits the signer's left and right arm (axis
        2); NaN where that hand was not seen.
    doubt
        Hands are swapped only if that lowers the cost by more than this.

    Returns
    -------
    Bool[" time"]
        True where hand 0 belongs to the right arm and hand 1 to the left one. A frame
        without any hand is False.
    """
    known = np.where(np.isfinite(cost), cost, 0)
    straight = known[:, 0, 0] + known[:, 1, 1]
    crossed = known[:, 0, 1] + known[:, 1, 0]
    return crossed < straight - doubt


def swap_where(hands: Hands, swap: Bool[np.ndarray, " time"]) -> Hands:
    """Exchange the two hands in the selected frames."""
    return np.where(swap[:, None, None, None], hands[:, ::-1], hands)


def follow_slots(hands: Hands, gap_frames: int = 15) -> Hands:
    """Put each hand into the same slot from frame to frame.

    Parameters
    ----------
    hands
        Two hands in order of detection, which may change between frames.
    gap_frames
        After this many frames without a hand, its last position no longer counts.

    Notes
    -----
    In each frame the order is kept that moves the wrists less since each slot's last
    sighting. A lone hand joins the nearer slot.
    """
    followed = np.full_like(hands, np.nan)
    last = np.full((2, 2), np.nan)
    age = np.zeros(2)
    for frame, pair in enumerate(hands):
        known = np.where((age <= gap_frames)[:, None], last, np.nan)
        if _moves_less_when_swapped(known, pair[:, _WRIST, :2]):
            pair = pair[::-1]
        followed[frame] = pair
        here = np.isfinite(pair[:, _WRIST, 0])
        last[here] = pair[here, _WRIST, :2]
        age = np.where(here, 0, age + 1)
    return followed


def _moves_less_when_swapped(
    last: Float[np.ndarray, "2 2"], wrists: Float[np.ndarray, "2 2"]
) -> bool:
    steps = np.linalg.norm(wrists[:, None] - last[None], axis=-1)
    strange = 0.25  # picture heights: what joining a slot that was empty costs
    steps = np.where(np.isfinite(steps), steps, strange)
    steps[~np.isfinite(wrists[:, 0])] = 0
    return bool(steps[0, 1] + steps[1, 0] < steps[0, 0] + steps[1, 1])


def face_proportion(landmarks: Landmarks) -> Float32[np.ndarray, " time"]:
    """Return the width of the face divided by its height; about 0.87 in real life.

    The irises lie within the mesh and do not count, since many trackers lack them.
    """
    start = PARTS["face"].start
    face = landmarks[:, start : start + MESH_COUNT, :2]
    width, height = np.moveaxis(face.max(axis=1) - face.min(axis=1), -1, 0)
    with np.errstate(invalid="ignore", divide="ignore"):
        return width / height
