"""Measures of one clip's landmarks that show how it was recorded."""

import hashlib
from dataclasses import dataclass

import numpy as np

from signnet.clip import Clip, Landmarks
from signnet.clip.shapes import Float, Float32
from signnet.geometry import SIDES, arm_agreement, face_proportion
from signnet.skeleton import FINGERTIPS, PARTS, index

__all__ = ["Measures", "measure"]

_STILL = 1e-4
"""Picture heights: a tenth of a pixel of a picture 1080 high."""

_POINTS = (
    *(index(f"{side}_{joint}") for joint in ("elbow", "wrist") for side in SIDES),
    *(PARTS[f"{side}_hand"].start + tip for side in SIDES for tip in FINGERTIPS),
)
"""Joints by which two clips are compared."""


@dataclass(frozen=True, kw_only=True)
class Measures:
    """Measures of one clip; NaN where the joints they need were not seen."""

    name: str
    gloss: str | None
    signer: str | None
    frames: int
    missing: dict[str, float]
    """Share of frames without each part."""

    unseen_hands: float
    """Share of frames without any hand."""

    zeros: float
    """Share of seen parts whose x and y are exactly 0: unseen, but written as zeros."""

    largest: float
    """The largest |x| or |y|: picture heights do not go far beyond 2."""

    shoulders: float
    """Mean distance between the shoulders, in picture heights."""

    shoulders_vary: float
    """Standard deviation of that distance by its mean; 0 if each frame was scaled
    alone."""

    frozen: float
    """Share of steps from frame to frame in which no joint moves."""

    jumps: float
    """Share of frames in which a wrist leaps by a shoulder width and straight back."""

    smoothness: float
    """Correlation of a wrist's step with its next: movement 0.2 to 1, noise -0.5."""

    moved: float
    """Length of the path of both wrists, in shoulder widths."""

    own_arm: float
    """Mean cosine between a hand and the arm of its side."""

    other_arm: float
    """Mean cosine between a hand and the other arm; swapped hands continue that one."""

    detached: float
    """Median distance between a hand's wrist and its arm's, in shoulder widths."""

    face: float
    """Width of the face by its height, about 0.87; the 75th percentile over frames."""

    mirrored: float
    """Share of frames in which the left shoulder is left in the picture."""

    left_share: float
    """The left wrist's share of `moved`."""

    digest: bytes
    """Hash of the landmarks: equal for clips with the same bytes."""

    shape: Float32[np.ndarray, " number"]
    """Arms and fingertips over eight moments, in shoulder widths; 0 where unseen."""


def measure(clip: Clip) -> Measures:
    """Measure one clip; see `Measures` for units and NaN."""
    marks = clip.landmarks
    shoulders = marks[:, index("left_shoulder")] - marks[:, index("right_shoulder")]
    widths = np.linalg.norm(shoulders[:, :2], axis=-1)
    width = _mean(widths)
    scale = width if width > 0 else 1.0
    wrists = np.stack([_wrist(marks, side) for side in SIDES], axis=1) / scale
    steps = np.diff(wrists, axis=0)
    paths = np.nansum(np.linalg.norm(steps, axis=-1), axis=0)
    moved = float(paths.sum())
    own, other = _continuity(marks)
    seen = clip.seen("left_hand") | clip.seen("right_hand")
    return Measures(
        name=clip.name,
        gloss=clip.gloss,
        signer=clip.signer,
        frames=len(clip),
        missing=clip.missing(),
        unseen_hands=float(1 - seen.mean()),
        zeros=_zeros(marks),
        largest=float(np.nanmax(np.abs(marks[..., :2]), initial=0)),
        shoulders=width,
        shoulders_vary=float(np.nanstd(widths) / width) if width > 0 else np.nan,
        frozen=_frozen(marks),
        jumps=_jumps(wrists),
        smoothness=_smoothness(steps),
        moved=moved,
        own_arm=own,
        other_arm=other,
        detached=_detached(marks, scale),
        face=_face(marks),
        mirrored=_mean((shoulders[:, 0] < 0)[np.isfinite(widths)]),
        left_share=float(paths[0]) / moved if moved else np.nan,
        digest=hashlib.blake2b(marks.tobytes(), digest_size=16).digest(),
        shape=_shape(marks, scale),
    )


def _mean(values: np.ndarray) -> float:
    known = values[np.isfinite(values)]
    return float(known.mean()) if len(known) else float("nan")


def _wrist(marks: Landmarks, side: str) -> Float32[np.ndarray, "time 2"]:
    """Return the wrist of the hand, or that of the arm where no hand was seen."""
    hand = marks[:, index(f"{side}_hand_wrist"), :2]
    arm = marks[:, index(f"{side}_wrist"), :2]
    attached = np.isfinite(arm).all() and _mean(np.abs(hand - arm)) > 0.3
    return arm if attached else np.where(np.isfinite(hand), hand, arm)


def _zeros(marks: Landmarks) -> float:
    parts = [marks[:, part.joints, :2] for part in PARTS.values()]
    zero = sum(int((part == 0).all(axis=(1, 2)).sum()) for part in parts)
    seen = sum(int(np.isfinite(part[..., 0]).any(axis=1).sum()) for part in parts)
    return zero / seen if seen else 0.0


def _frozen(marks: Landmarks) -> float:
    change = np.abs(np.diff(marks[:, : PARTS["face"].start, :2], axis=0))
    if not len(change):
        return 0.0
    known = np.isfinite(change)
    still = np.where(known, change, 0).max(axis=(1, 2)) < _STILL
    return float((still & known.any(axis=(1, 2))).mean())


def _jumps(wrists: Float[np.ndarray, "time 2 2"]) -> float:
    if len(wrists) < 3:
        return 0.0
    middle = (wrists[:-2] + wrists[2:]) / 2
    away = np.linalg.norm(wrists[1:-1] - middle, axis=-1)
    return float((np.nan_to_num(away) > 1).any(axis=1).mean())


def _smoothness(steps: Float[np.ndarray, "step 2 2"]) -> float:
    """Correlate each step with the next one, as for a first-order process."""
    product, power = steps[1:] * steps[:-1], (steps[1:] ** 2 + steps[:-1] ** 2) / 2
    known = np.isfinite(product)
    total = power[known].sum()
    return float(product[known].sum() / total) if total > 0 else float("nan")


def _continuity(marks: Landmarks) -> tuple[float, float]:
    own, other = list[np.ndarray](), list[np.ndarray]()
    for side, opposite in (SIDES, SIDES[::-1]):
        hand = marks[:, PARTS[f"{side}_hand"].joints]
        own.append(arm_agreement(marks, hand, side))
        other.append(arm_agreement(marks, hand, opposite))
    return _mean(np.concatenate(own)), _mean(np.concatenate(other))


def _detached(marks: Landmarks, scale: float) -> float:
    away = [
        np.linalg.norm(
            (marks[:, index(f"{side}_hand_wrist")] - marks[:, index(f"{side}_wrist")])[
                :, :2
            ],
            axis=-1,
        )
        for side in SIDES
    ]
    known = np.concatenate(away)
    known = known[np.isfinite(known)]
    return float(np.median(known) / scale) if len(known) else float("nan")


def _face(marks: Landmarks) -> float:
    proportion = face_proportion(marks)
    known = proportion[np.isfinite(proportion) & (proportion > 0)]
    return float(np.percentile(known, 75)) if len(known) else float("nan")


def _shape(marks: Landmarks, scale: float) -> Float32[np.ndarray, " number"]:
    moments = np.linspace(0, len(marks) - 1, 8).round().astype(int)
    middle = marks[:, [index("left_shoulder"), index("right_shoulder")], :2].mean(1)
    centred = (marks[moments][:, _POINTS, :2] - middle[moments, None]) / scale
    return np.nan_to_num(centred).astype(np.float32).ravel()
