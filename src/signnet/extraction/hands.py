"""Tell the signer's left hand from the right one.

A tracker's own label is wrong in about one detection of twenty (measured on 105 videos
of 27 signers), and it may call both hands the same. The pose knows the arms, so a
hand belongs to the arm whose wrist is nearest: the median hand lies 0.06 shoulder
widths from its wrist, 99 % of them less than 0.26. Direction and label only break ties.
"""

import numpy as np

from signnet.clip import Landmarks
from signnet.clip.shapes import Bool, Float, Float32
from signnet.geometry import (
    SIDES,
    Hands,
    arm_agreement,
    choose_sides,
    follow_slots,
    swap_where,
)
from signnet.skeleton import index

__all__ = ["Leftness", "assign_sides", "by_arms", "by_tracks"]

Leftness = Float32[np.ndarray, "time hand"]
"""The tracker's confidence that a hand is a left one: 1 left, 0 right, NaN unseen."""

_DIRECTION_WEIGHT = 0.1
_LABEL_WEIGHT = 0.1
"""In shoulder widths; larger direction weights made lone hands jump between sides."""

_FAR = 0.5
"""Shoulder widths; no true hand was as far from its wrist."""

_OVERLAP = 0.4
"""Palm lengths between equal joints of two detections that are one hand."""

_VOTERS = 15
"""Frames before and after whose labels count for the side of a track."""

_WRIST, _PALM_END = 0, 9


def assign_sides(hands: Hands, leftness: Leftness, landmarks: Landmarks) -> Hands:
    """Put the signer's left hand first and the right one second, in every frame.

    Parameters
    ----------
    hands
        Up to two hands a frame in order of detection; picture heights, NaN if unseen.
    leftness
        The tracker's label of each, in the signer's own sense.
    landmarks
        The clip with its pose; frames without a pose are named by tracks and labels.
    """
    wrists = landmarks[:, [index("left_wrist"), index("right_wrist")], 0]
    posed = np.asarray(np.isfinite(wrists).all(axis=1))
    arms = by_arms(hands, leftness, landmarks)
    known = np.where(posed[:, None, None, None], arms, hands)
    named = np.array([1, 0], np.float32)
    tracks = by_tracks(known, np.where(posed[:, None], named, leftness))
    return np.where(posed[:, None, None, None], arms, tracks)


def by_arms(hands: Hands, leftness: Leftness, landmarks: Landmarks) -> Hands:
    """Assign each hand to the arm that it fits better; of two on one arm, keep one."""
    away = _distances(hands, landmarks)
    swap = choose_sides(away + _doubts(hands, leftness, landmarks))
    away = np.where(swap[:, None, None], away[:, ::-1], away)
    hands = swap_where(hands, swap)
    strays = _strays(away, _overlap(hands))
    return np.where(strays[:, :, None, None], np.nan, hands)


def _distances(hands: Hands, landmarks: Landmarks) -> Float32[np.ndarray, "time 2 2"]:
    """Return shoulder widths from each hand to the left and to the right wrist."""
    shoulders = [landmarks[:, index(f"{side}_shoulder"), :2] for side in SIDES]
    widths = np.linalg.norm(shoulders[0] - shoulders[1], axis=-1)
    known = widths[np.isfinite(widths)]
    # A signer in profile has no shoulder width to speak of.
    unit = max(float(np.median(known)), 0.05) if len(known) else 1.0
    wrists = np.stack([landmarks[:, index(f"{side}_wrist")] for side in SIDES], axis=1)
    apart = hands[:, :, None, _WRIST, :2] - wrists[:, None, :, :2]
    return np.linalg.norm(apart, axis=-1) / unit


def _doubts(
    hands: Hands, leftness: Leftness, landmarks: Landmarks
) -> Float32[np.ndarray, "time 2 2"]:
    """Return the cost of each side by the hand's direction and its label."""
    agreement = [
        [arm_agreement(landmarks, hands[:, slot], side) for side in SIDES]
        for slot in range(2)
    ]
    direction = np.nan_to_num(1 - np.transpose(agreement, (2, 0, 1)))
    label = np.stack([1 - leftness, leftness], axis=-1)
    return _DIRECTION_WEIGHT * direction + _LABEL_WEIGHT * np.nan_to_num(label)


def _strays(
    away: Float32[np.ndarray, "time 2 2"], overlap: Bool[np.ndarray, " time"]
) -> Bool[np.ndarray, "time 2"]:
    """Return which hands lie at the other hand's wrist: that hand was found twice."""
    own, other = away[:, [0, 1], [0, 1]], away[:, [0, 1], [1, 0]]
    both = np.isfinite(own).all(axis=1, keepdims=True)
    return both & (other < own) & ((own > _FAR) | overlap[:, None])


def _overlap(hands: Hands) -> Bool[np.ndarray, " time"]:
    """Return where two detections lie on each other, joint on joint."""
    apart = np.linalg.norm(hands[:, 0, :, :2] - hands[:, 1, :, :2], axis=-1).mean(-1)
    palms = np.linalg.norm(
        hands[:, :, _PALM_END, :2] - hands[:, :, _WRIST, :2], axis=-1
    )
    return apart < _OVERLAP * palms.mean(axis=1)


def by_tracks(hands: Hands, leftness: Leftness) -> Hands:
    """Follow hands from frame to frame and name each track by its labels' majority."""
    hands, leftness = _drop_doubles(hands, leftness)
    tracks = follow_slots(hands)
    moved = ~_same(tracks[:, 0], hands[:, 0])
    votes = np.where(moved[:, None], leftness[:, ::-1], leftness) - 0.5
    against = np.nan_to_num(votes[:, 1]) - np.nan_to_num(votes[:, 0])
    window = np.ones(2 * _VOTERS + 1)
    near = np.convolve(against, window)[_VOTERS : _VOTERS + len(hands)]
    return swap_where(tracks, near > 0)


def _drop_doubles(hands: Hands, leftness: Leftness) -> tuple[Hands, Leftness]:
    """Leave out the less certain of two detections that lie on each other."""
    certainty = np.abs(leftness - 0.5)
    first_is_worse = certainty[:, 0] < certainty[:, 1]
    worse = (
        np.stack([first_is_worse, ~first_is_worse], axis=1) & _overlap(hands)[:, None]
    )
    return (
        np.where(worse[:, :, None, None], np.nan, hands),
        np.where(worse, np.nan, leftness),
    )


def _same(
    first: Float[np.ndarray, "time 21 3"], second: Float[np.ndarray, "time 21 3"]
) -> Bool[np.ndarray, " time"]:
    equal = (first == second) | (np.isnan(first) & np.isnan(second))
    return equal.all(axis=(1, 2))
