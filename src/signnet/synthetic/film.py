"""Film the parametric signer: a camera's view with a tracker's faults."""

import numpy as np
from numpy.random import Generator

from signnet.clip.shapes import Bool, Float
from signnet.skeleton import PARTS, index
from signnet.synthetic.body import Body, mirror_body, rotation
from signnet.synthetic.signer import Signer

__all__ = ["film"]


def film(body: Body, signer: Signer, rng: Generator) -> Float[np.ndarray, "time 553 3"]:
    """See a body through the signer's camera and a tracker with its faults."""
    camera = signer.camera
    sway = np.cumsum(rng.normal(0, 0.001, (len(body), 1, 2)), axis=0)
    body = mirror_body(body) if signer.left_handed else body.copy()
    body[..., :2] += sway
    slant, tilt = np.radians([[camera.slant], [camera.tilt]])
    view = rotation(slant, 1) @ rotation(tilt, 2)
    seen = body @ view * camera.zoom
    for part in PARTS.values():
        seen[:, part.joints, 2] -= _origin_depth(seen, part.name)
    seen[..., :2] += np.multiply(camera.centre, (camera.aspect, 1))
    seen += rng.normal(0, signer.noise, seen.shape)
    lost = _lost(seen, signer, rng)
    for part, frames in lost.items():
        seen[frames, PARTS[part].joints] = np.nan
    return seen.astype(np.float32)


def _origin_depth(seen: Body, part: str) -> Float[np.ndarray, "time 1"]:
    """Depth counts from the mid-hip, the wrist or the middle of the head."""
    if part == "pose":
        hips = seen[:, [index("left_hip"), index("right_hip")], 2]
        return hips.mean(axis=1, keepdims=True)
    joints = seen[:, PARTS[part].joints, 2]
    return joints[:, :1] if part != "face" else joints.mean(axis=1, keepdims=True)


def _lost(
    seen: Body, signer: Signer, rng: Generator
) -> dict[str, Bool[np.ndarray, " time"]]:
    """Draw which parts the tracker loses when; hands outside the picture always."""
    everything = rng.random(len(seen)) < signer.frame_dropout
    lost = dict.fromkeys(PARTS, everything)
    for hand in ("left_hand", "right_hand"):
        # Losses last two frames: tracking is found again only by a new detection.
        starts = rng.random(len(seen)) < signer.hand_dropout / 2
        bursts = starts | np.concatenate([[False], starts[:-1]])
        middle = seen[:, PARTS[hand].start + 9, 1]
        lost[hand] = everything | bursts | (middle > 1)
    return lost
