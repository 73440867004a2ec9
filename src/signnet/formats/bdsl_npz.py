"""Clips of the BdSL-55 corpus: one npz per clip, its labels in the file's name.

The corpus stores normalised landmarks with six faults, which are repaired here; what
cannot be recovered (the signer's position and size in the picture) is set to plausible
constants. Measured on its 546 public clips:

- left and right hand are swapped, and single frames are mislabelled besides;
- x was divided by the picture's width and y by its height (16:9);
- a missing part was all zeros, and 468-point faces lack the irises;
- each part was centred and scaled by itself, hands and body frame by frame;
- the face was only shifted (`f - centre / extent`), so its true size survives: it
  gives the body its scale back through the distance between the eyes;
- names are not always composed Unicode (NFC).
"""

from functools import partial
from pathlib import Path

import numpy as np

from signnet.clip import Clip, Landmarks
from signnet.clip.shapes import Float32
from signnet.errors import MediaError
from signnet.formats.source import (
    USUAL,
    ImportSettings,
    Source,
    array_of,
    lost_rows,
    read_npz,
)
from signnet.geometry import arm_agreement, choose_sides, stretch_width, swap_where
from signnet.labels import Labels, label_files, labels_of_name
from signnet.skeleton import FACE_COUNT, JOINT_COUNT, PARTS, index

__all__ = ["read_clip", "sources"]

ASPECT = 16 / 9

_CENTRE = np.array([ASPECT / 2, 0.6, 0], np.float32)
"""x, y, z of the mid-shoulder point in picture heights: in the middle, a bit low."""

_SHOULDER_WIDTH = 0.6
"""In picture heights, used where no face was seen; faces give 0.44-0.69."""

_HAND_PER_SHOULDER = 0.16
"""Length of a hand by shoulder width, used where no arm was seen."""

_FPS = {22: 11.0}
"""Clips of 22 frames show one sign each, like those of 60 frames at 30 a second."""


def sources(path: Path, settings: ImportSettings = USUAL) -> list[Source]:
    """List the clips of a folder, or the one clip of a file.

    Raises
    ------
    MediaError, DatasetError
        If there is no npz file, or the index is bad.
    """
    files = [path] if path.is_file() else sorted(path.glob("*.npz"))
    if not files:
        raise MediaError(
            f"{path} holds no .npz file; expected the corpus' clips folder"
        )
    folder = path if path.is_dir() else path.parent
    described, lost = label_files(files, folder, settings.index)
    return [
        *(
            Source(file.name, partial(_read_one, file, labels, settings.repair))
            for file, labels in zip(files, described, strict=True)
        ),
        *lost_rows(lost),
    ]


def _read_one(file: Path, labels: Labels, repair: bool) -> list[Clip]:
    return [read_clip(file, labels, repair=repair)]


def read_clip(file: Path, labels: Labels | None = None, *, repair: bool = True) -> Clip:
    """Read one clip and repair the faults of the corpus.

    Without `labels`, the labels are those of the file's name. Without repairs the
    numbers are those of the file with all faults, so that `signnet info` can show them.

    Raises
    ------
    MediaError
        If the file is not an npz, lacks an array, has another shape, infinite values or
        only zeros, or if neither the labels nor its name, which should be
        WORD__SIGNER__SESSION__REP__EXPRESSION, state its gloss.
    """
    labels = labels or labels_of_name(file)
    if not labels.get("gloss"):
        form = "WORD__SIGNER__SESSION__REP__EXPRESSION.npz"
        raise MediaError(
            f"{file.name}: the name should be {form}, or a row of --index name the file"
        )
    if repair:
        landmarks = assemble(**_read_arrays(file))
    else:
        landmarks = _as_stored(**_read_arrays(file, mend=False))
    return Clip(
        name=file.stem,
        landmarks=landmarks,
        fps=_FPS.get(len(landmarks), 30.0),
        source=f"bdsl-npz {file.name}" + ("" if repair else ", not repaired"),
        **labels,
    )


def _read_arrays(file: Path, *, mend: bool = True) -> dict[str, np.ndarray]:
    """Read the parts as float32[time, joint, 3], undistorted, NaN where missing."""
    content = read_npz(file, leave=("stats",))
    frames = int(array_of(content, "raw_length", (), file.name))
    names = {"pose": "pose_sequence"}
    parts = {
        part: array_of(content, names.get(part, part), (None, None, 3), file.name)
        for part in PARTS
    }
    for part, array in parts.items():
        counts = (468, FACE_COUNT) if part == "face" else (PARTS[part].count,)
        if array.shape[1] not in counts or not 0 < frames <= len(array):
            raise MediaError(
                f"{file.name}: {part} is {list(array.shape)} for {frames} frames; "
                f"expected [at least {max(frames, 1)}, {counts[-1]}, 3]"
            )
    if not any(array[:frames].any() for array in parts.values()):
        raise MediaError(f"{file.name}: all landmarks are zero; record the clip again")
    return {
        part: _mend(array[:frames]) if mend else array[:frames].astype(np.float32)
        for part, array in parts.items()
    }


def _mend(array: np.ndarray) -> Float32[np.ndarray, "time joint 3"]:
    """Undo the squeezed width; all zeros in a frame means missing."""
    array = array.astype(np.float32)
    array[(array == 0).all(axis=(1, 2))] = np.nan
    return stretch_width(array, ASPECT)


def _as_stored(**parts: np.ndarray) -> Landmarks:
    landmarks = np.full((len(parts["pose"]), JOINT_COUNT, 3), np.nan, np.float32)
    for name, array in parts.items():
        landmarks[:, PARTS[name].start : PARTS[name].start + array.shape[1]] = array
    return landmarks


def assemble(
    pose: np.ndarray, left_hand: np.ndarray, right_hand: np.ndarray, face: np.ndarray
) -> Landmarks:
    """Put separately normalised parts back onto one body.

    The hands are named as in the corpus, which means swapped. The body is scaled
    so that its eyes are as far apart as those of the face, each hand so that it is as
    long as the end of its arm, both by the clip's median.
    """
    frames = len(pose)
    landmarks = np.full((frames, JOINT_COUNT, 3), np.nan, np.float32)
    if face.shape[1] < FACE_COUNT:
        irises = np.full((frames, FACE_COUNT - face.shape[1], 3), np.nan, np.float32)
        face = np.concatenate([face, irises], axis=1)
    scale = _eye_distance(face, 33, 263) / _eye_distance(pose, 6, 3)
    shoulder_width = _median(scale, _SHOULDER_WIDTH)
    to_heights = np.array([shoulder_width, shoulder_width, 1], np.float32)
    landmarks[:, PARTS["pose"].joints] = pose * to_heights + _CENTRE
    hands = np.stack([right_hand, left_hand], axis=1)
    hands = swap_where(hands, _mislabelled(landmarks, hands))
    for slot, side in enumerate(("left", "right")):
        hand = _attach_hand(landmarks, hands[:, slot], side, shoulder_width)
        landmarks[:, PARTS[f"{side}_hand"].joints] = hand
    landmarks[:, PARTS["face"].joints] = _attach_face(landmarks, face)
    return landmarks


def _mislabelled(landmarks: Landmarks, hands: np.ndarray) -> np.ndarray:
    cost = [
        [-arm_agreement(landmarks, hands[:, slot], side) for side in ("left", "right")]
        for slot in range(2)
    ]
    return choose_sides(np.transpose(cost, (2, 0, 1)), doubt=0.3)


def _eye_distance(part: np.ndarray, first: int, second: int) -> np.ndarray:
    return np.linalg.norm(part[:, first, :2] - part[:, second, :2], axis=-1)


def _median(values: np.ndarray, fallback: float) -> float:
    known = values[np.isfinite(values)]
    return float(np.median(known)) if len(known) else fallback


def _attach_hand(
    landmarks: Landmarks, hand: np.ndarray, side: str, shoulder_width: float
) -> np.ndarray:
    """Place a hand (wrist at zero, its own scale) at the wrist of its arm."""
    wrist = landmarks[:, [index(f"{side}_wrist")]]
    arm = _eye_distance(landmarks, index(f"{side}_wrist"), index(f"{side}_index"))
    scale = _median(
        arm / _eye_distance(hand, 0, 5), _HAND_PER_SHOULDER * shoulder_width
    )
    placed = (hand - hand[:, :1]) * np.array([scale, scale, 1], np.float32)
    return placed + wrist * np.array([1, 1, 0], np.float32)


def _attach_face(landmarks: Landmarks, face: np.ndarray) -> np.ndarray:
    """Move the face to where the pose has the nose."""
    nose = landmarks[:, [index("nose")]] * np.array([1, 1, 0], np.float32)
    offset = face[:, [1]] * np.array([1, 1, 0], np.float32)
    return face - offset + nose
