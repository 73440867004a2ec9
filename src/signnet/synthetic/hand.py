"""The right hand of the parametric signer: 21 joints from curl and direction."""

import numpy as np

from signnet.clip.shapes import Float

__all__ = ["make_hand", "stack", "unit"]

Points = Float[np.ndarray, "time 3"]
Course = Float[np.ndarray, " time"]

# Per finger: root (towards the thumb, along the palm), direction of the straight
# finger in the palm, and the lengths of its three bones, in metres.
_FINGERS = (
    ((0.025, 0.025), 0.75, (0.042, 0.032, 0.026)),
    ((0.024, 0.088), 0.08, (0.043, 0.026, 0.022)),
    ((0.002, 0.090), 0.00, (0.047, 0.030, 0.023)),
    ((-0.018, 0.084), -0.08, (0.044, 0.028, 0.023)),
    ((-0.036, 0.075), -0.18, (0.034, 0.020, 0.020)),
)
_BEND = np.radians([75, 100, 60])
_THUMB_BEND = np.radians([35, 40, 45])


def make_hand(
    curl: Float[np.ndarray, "time 5"], spread: Course, pointing: Points, palm: Points
) -> Float[np.ndarray, "time 21 3"]:
    """Build a right hand with its wrist at the origin.

    `curl` is 0 for a straight finger, 1 for a bent one; `spread` turns the outer
    fingers apart (radians); `pointing` is the direction from the wrist to the root
    of the middle finger, `palm` the one that the palm faces.
    """
    pointing = unit(pointing)
    palm = unit(palm - pointing * (palm * pointing).sum(-1, keepdims=True))
    frame = np.stack([np.cross(pointing, palm), pointing, palm], axis=1)
    joints = [np.zeros_like(pointing)]
    for finger, (root, angle, lengths) in enumerate(_FINGERS):
        bend = _THUMB_BEND if finger == 0 else _BEND
        fan = angle + np.sign(angle) * spread
        joints += _finger(curl[:, finger, None] * bend, fan, root, lengths)
    return np.einsum("tja,tab->tjb", np.stack(joints, axis=1), frame)


def _finger(
    bend: Float[np.ndarray, "time 3"],
    fan: Course,
    root: tuple[float, float],
    lengths: tuple[float, ...],
) -> list[Points]:
    """Chain three bones from a root; the axes are thumbwards, along, palmwards."""
    joint = stack(root[0] + 0 * fan, root[1] + 0 * fan, 0 * fan)
    joints = [joint]
    for angle, length in zip(np.cumsum(bend, axis=1).T, lengths, strict=True):
        along, out = np.cos(angle), np.sin(angle)
        joint = joint + length * stack(np.sin(fan) * along, np.cos(fan) * along, out)
        joints.append(joint)
    return joints


def unit(directions: Points) -> Points:
    """Scale to length 1."""
    return directions / np.linalg.norm(directions, axis=-1, keepdims=True)


def stack(*axes: Course) -> Points:
    """Put coordinates together; numbers stand for all frames."""
    return np.stack(np.broadcast_arrays(*axes), axis=-1)
