"""The motions that the words' pages show, in one file of small integers."""

import json

import numpy as np

from signnet.clip import Clip
from signnet.clip.shapes import Int16
from signnet.skeleton import BROWS, EYES, LIPS, PARTS

__all__ = ["MOTION_JOINTS", "MOTION_SCALE", "pack_motions"]

_FACE = PARTS["face"].start
MOTION_JOINTS: tuple[int, ...] = (
    *range(25),  # the pose down to the hips
    *range(PARTS["left_hand"].start, PARTS["right_hand"].stop),
    *(_FACE + number for number in sorted({*LIPS, *EYES, *BROWS})),
)
"""The joints that a word's page draws."""

MOTION_SCALE = 4096
"""Steps of a stored motion per picture height."""

_UNSEEN = -32768


def pack_motions(motions: list[Clip]) -> bytes:
    """Write motions as a line of JSON and 16-bit integers.

    Parameters
    ----------
    motions
        Clips with glosses.

    Returns
    -------
    bytes
        UTF-8 JSON with the keys scale, joints and motions (gloss, frames, fps, in the
        order of the data) and a line feed, after a space where their length would be
        odd; then x and y [frame, joint, 2] of each motion, little-endian; `scale` steps
        are a picture height, -32768 is unseen.
    """
    head = {
        "scale": MOTION_SCALE,
        "joints": MOTION_JOINTS,
        "motions": [
            {"gloss": motion.gloss, "frames": len(motion), "fps": motion.fps}
            for motion in motions
        ],
    }
    text = json.dumps(head, ensure_ascii=False).encode() + b"\n"
    text = text if len(text) % 2 == 0 else b" " + text
    return text + b"".join(_steps(motion).tobytes() for motion in motions)


def _steps(motion: Clip) -> Int16[np.ndarray, "time joint 2"]:
    steps = motion.landmarks[:, MOTION_JOINTS, :2] * MOTION_SCALE
    seen = np.isfinite(steps)
    limited = np.clip(np.where(seen, steps, 0).round(), -32767, 32767)
    return np.where(seen, limited, _UNSEEN).astype("<i2")
