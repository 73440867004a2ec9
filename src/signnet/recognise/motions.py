"""The average motion of a gloss: what a model has seen, without any recorded clip.

It shows a learner what to sign, and lets a fresh installation try its model. Each is
the mean of several clips in the signer's own space, so that no recording can be
recovered from it.
"""

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

_FACE = PARTS["face"].start
_SHOWN = (*range(_FACE), *(_FACE + at for at in sorted({*LIPS, *EYES, *BROWS, *NOSE})))
"""The joints of an average."""

_MIDDLE = np.array([8 / 9, 0.55, 0], np.float32)
"""Of a picture 16 wide and 9 high, in picture heights."""


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
    averages = dict[str, _Average]()
    for clip in data.at(_shown_best(data, fewest)):
        gloss = clip.gloss or ""
        averages.setdefault(gloss, _Average(frames)).add(clip)
    return [averages[gloss].motion(gloss) for gloss in sorted(averages)]


def _shown_best(data: Dataset, fewest: int) -> list[int]:
    """Choose the clips of each gloss by the signer who has most of them."""
    groups = dict[str, dict[str, list[int]]]()
    for at, clip in enumerate(data):
        if clip.gloss and _shows_shoulders(clip):
            by_signer = groups.setdefault(clip.gloss, {})
            by_signer.setdefault(clip.signer or "", []).append(at)
    most = [max(by_signer.values(), key=len) for by_signer in groups.values()]
    return sorted(at for clips in most if len(clips) >= fewest for at in clips)


def _shows_shoulders(clip: Clip) -> bool:
    shoulders = [index("left_shoulder"), index("right_shoulder")]
    return bool(np.isfinite(clip.landmarks[:, shoulders, 0]).all(axis=1).any())


class _Average:
    """The mean of clips that are added one by one; none of them is kept."""

    def __init__(self, frames: int) -> None:
        self._clips = 0
        self._sum = np.zeros((frames, len(_SHOWN), 3), np.float32)
        self._seen = np.zeros((frames, len(_SHOWN), 1), np.int32)
        self._shown = np.zeros((frames, len(PARTS)), np.int32)

    def add(self, clip: Clip) -> None:
        """Add a clip of the gloss."""
        own = _in_own_space(clip.evenly_timed().landmarks)
        moments = _resample(own, len(self._sum))
        known = np.isfinite(moments[..., :1])
        for number, part in enumerate(PARTS.values()):
            self._shown[:, number] += known[:, part.joints, 0].any(1)
        self._clips += 1
        self._seen += known[:, _SHOWN]
        self._sum += np.where(known, moments, 0)[:, _SHOWN]

    def motion(self, gloss: str) -> Clip:
        """Return the mean in the middle of a picture."""
        with np.errstate(invalid="ignore"):  # nothing by nothing is NaN
            mean = self._sum / self._seen
        marks = np.full((len(mean), JOINT_COUNT, 3), np.nan, np.float32)
        marks[:, _SHOWN] = mean * np.float32(0.4) + _MIDDLE
        for number, part in enumerate(PARTS.values()):
            marks[self._shown[:, number] < self._clips / 2, part.joints] = np.nan
        return Clip(
            name=gloss,
            gloss=gloss,
            landmarks=marks,
            fps=15.0,
            source=f"average of {self._clips} clips",
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
