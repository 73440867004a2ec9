"""The average motion of a gloss: what a model has seen, without any recorded clip.

It shows a learner what to sign, and lets a fresh installation try its model. Each is
the mean of several clips in the signer's own space, so that no recording can be
recovered from it.
"""

import warnings

import numpy as np

from signnet.clip import Clip
from signnet.clip.shapes import Float32
from signnet.dataset import Dataset
from signnet.skeleton import (
    BROWS,
    EYES,
    JOINT_COUNT,
    LIPS,
    NOSE,
    PARTS,
    index,
)

__all__ = ["average_motions"]

_SHOWN_FACE = sorted({*LIPS, *EYES, *BROWS, *NOSE})


def average_motions(data: Dataset, frames: int = 32, fewest: int = 2) -> list[Clip]:
    """Average the clips of each gloss.

    Parameters
    ----------
    data
        Clips with glosses. For each gloss, the clips of the signer with the most clips
        are averaged: signers differ in how they make a sign, and a mean of two ways is
        neither.
    frames
        Length of the average.
    fewest
        A gloss with fewer clips by one signer gets no average: of a single clip it
        would be a recording. Clips that never show both shoulders do not count.

    Returns
    -------
    list[Clip]
        One clip per gloss, 553 joints in picture heights around the middle of a
        picture; a part is NaN in frames where less than half of the clips show it, and
        face joints off the lips, eyes, brows and nose are always NaN.
    """
    groups: dict[str, dict[str, list[Clip]]] = {}
    for clip in data:
        if clip.gloss and _shows_shoulders(clip):
            by_signer = groups.setdefault(clip.gloss, {})
            by_signer.setdefault(clip.signer or "", []).append(clip)
    motions: list[Clip] = []
    for gloss in sorted(groups):
        clips = max(groups[gloss].values(), key=len)
        if len(clips) >= fewest:
            motions.append(_average(gloss, clips, frames))
    return motions


def _shows_shoulders(clip: Clip) -> bool:
    shoulders = [index("left_shoulder"), index("right_shoulder")]
    return bool(np.isfinite(clip.landmarks[:, shoulders, 0]).all(axis=1).any())


def _average(gloss: str, clips: list[Clip], frames: int) -> Clip:
    stacked = np.stack(
        [
            _resample(_in_own_space(clip.evenly_timed().landmarks), frames)
            for clip in clips
        ]
    )
    for part in PARTS.values():
        shown = np.isfinite(stacked[:, :, part.joints, 0]).any(2).mean(0)
        stacked[:, shown < 0.5, part.joints] = np.nan
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # means of nothing are NaN
        mean = np.nanmean(stacked, axis=0)
    hidden = np.setdiff1d(np.arange(PARTS["face"].count), _SHOWN_FACE)
    mean[:, PARTS["face"].start + hidden] = np.nan
    centred = mean * np.float32(0.4) + np.array([8 / 9, 0.55, 0], np.float32)
    return Clip(
        name=gloss,
        gloss=gloss,
        landmarks=centred.astype(np.float32),
        fps=15.0,
        source=f"average of {len(clips)} clips",
    )


def _in_own_space(
    landmarks: Float32[np.ndarray, "time joint 3"],
) -> Float32[np.ndarray, "time joint 3"]:
    """Express a clip in shoulder widths about the mid-shoulder point."""
    left = landmarks[:, [index("left_shoulder")]]
    right = landmarks[:, [index("right_shoulder")]]
    width = np.nanmean(np.linalg.norm((left - right)[..., :2], axis=-1))
    middle = (left + right) / 2 * np.array([1, 1, 0], np.float32)
    return ((landmarks - middle) / width).astype(np.float32)


def _resample(
    landmarks: Float32[np.ndarray, "time joint 3"], frames: int
) -> Float32[np.ndarray, "frame joint 3"]:
    """Resample the time in which a hand is seen, by the nearest frame."""
    hands = np.isfinite(landmarks[:, 33:75, 0]).any(axis=1)
    active = np.flatnonzero(hands) if hands.any() else np.arange(len(landmarks))
    chosen = np.linspace(active[0], active[-1], frames).round().astype(int)
    return landmarks[chosen].reshape(frames, JOINT_COUNT, 3)
