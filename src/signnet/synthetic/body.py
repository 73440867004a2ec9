"""The body of the parametric signer, in metres around the mid-shoulder point.

x runs to the signer's left, y down, z away from the camera. All is right-handed here.
"""

from dataclasses import dataclass

import numpy as np

from signnet.clip.shapes import Float
from signnet.skeleton import JOINT_COUNT, MIRROR, PARTS, index
from signnet.synthetic.face import make_face
from signnet.synthetic.hand import make_hand, unit
from signnet.synthetic.signer import Signer

__all__ = ["Arm", "Body", "make_body", "mirror_body", "rotation"]

Points = Float[np.ndarray, "time 3"]
Body = Float[np.ndarray, "time joint 3"]
Course = Float[np.ndarray, " time"]

_FACE_HEIGHT = 0.17
_HEAD = (0, -0.205, -0.08)
_POSE_FROM_FACE = {
    "nose": 1,
    **{
        f"right_eye{part}": n
        for part, n in (("_inner", 133), ("", 468), ("_outer", 33))
    },
    **{
        f"left_eye{part}": n
        for part, n in (("_inner", 362), ("", 473), ("_outer", 263))
    },
    "mouth_right": 61,
    "mouth_left": 291,
    "right_ear": 234,
    "left_ear": 454,
}
_POSE_FROM_HAND = {"wrist": 0, "thumb": 3, "index": 5, "pinky": 17}
_LEGS = {"hip": (0.095, 0.47), "knee": (0.1, 0.9), "ankle": (0.1, 1.3)}
_FEET = {"heel": (0.1, 1.34, 0.03), "foot_index": (0.12, 1.35, -0.15)}


@dataclass(frozen=True)
class Arm:
    """The movement of one arm, in the coordinates of a right arm."""

    wrist: Points
    curl: Float[np.ndarray, "time 5"]
    spread: Course
    pointing: Points
    palm: Points


def _elbow(signer: Signer, shoulder: Points, wrist: Points) -> tuple[Points, Points]:
    """Bend the arm so that it reaches the wrist; an elbow hangs down and outwards.

    Returns the elbow and the wrist, which is drawn in where the arm is too short.
    """
    upper, fore = signer.upper_arm * signer.size, signer.forearm * signer.size
    reach = np.linalg.norm(wrist - shoulder, axis=-1, keepdims=True)
    way = (wrist - shoulder) / reach
    reach = np.clip(reach, abs(upper - fore) + 0.01, 0.99 * (upper + fore))
    along = (upper**2 - fore**2 + reach**2) / (2 * reach)
    pole = np.array([-0.45, 1, 0.25])
    aside = unit(pole - way * (way @ pole)[:, None])
    elbow = shoulder + along * way + np.sqrt(upper**2 - along**2) * aside
    return elbow, shoulder + reach * way


def _right_arm(signer: Signer, arm: Arm) -> Body:
    """Build a body with only the right arm and hand; the rest is NaN."""
    body = np.full((len(arm.wrist), JOINT_COUNT, 3), np.nan)
    shoulder = np.zeros_like(arm.wrist)
    shoulder[:, 0] = -signer.shoulders * signer.size / 2
    elbow, wrist = _elbow(signer, shoulder, arm.wrist)
    hand = make_hand(arm.curl, arm.spread, arm.pointing, arm.palm) * signer.hand
    hand = hand * signer.size + wrist[:, None]
    body[:, PARTS["right_hand"].joints] = hand
    body[:, index("right_shoulder")], body[:, index("right_elbow")] = shoulder, elbow
    for name, joint in _POSE_FROM_HAND.items():
        body[:, index(f"right_{name}")] = hand[:, joint]
    return body


def make_body(
    signer: Signer, lead: Arm, other: Arm, expression: str, degree: Course
) -> Body:
    """Build a whole right-handed body in metres around the mid-shoulder point."""
    left = mirror_body(_right_arm(signer, other))
    body = np.where(np.isnan(left), _right_arm(signer, lead), left)
    size = signer.size
    face = make_face(expression, degree) * _FACE_HEIGHT * signer.head * size
    face = face @ _head_turn(expression, degree) + np.array(_HEAD) * size
    body[:, PARTS["face"].joints] = face
    for name, joint in _POSE_FROM_FACE.items():
        body[:, index(name)] = face[:, joint]
    for name, point in (_LEGS | _FEET).items():
        for side, sign in (("left", 1), ("right", -1)):
            body[:, index(f"{side}_{name}")] = 0
            body[:, index(f"{side}_{name}"), : len(point)] = np.multiply(point, size)
            body[:, index(f"{side}_{name}"), 0] *= sign
    return body


def _head_turn(expression: str, degree: Course) -> Float[np.ndarray, "time 3 3"]:
    """Shake the head in a negation, lean it in a question; for row vectors."""
    shake = 0.25 * (expression == "negation") * degree
    lean = 0.12 * (expression == "question") * degree
    yaw = shake * np.sin(np.linspace(0, 5 * np.pi, len(degree)))
    return rotation(yaw, 1) @ rotation(lean, 2)


def rotation(angle: Course, axis: int) -> Float[np.ndarray, "time 3 3"]:
    """Rotate row vectors about an axis by an angle in radians."""
    first, second = (axis + 1) % 3, (axis + 2) % 3
    turn = np.zeros((len(angle), 3, 3))
    turn[:, axis, axis] = 1
    turn[:, first, first] = turn[:, second, second] = np.cos(angle)
    turn[:, first, second] = np.sin(angle)
    turn[:, second, first] = -np.sin(angle)
    return turn


def mirror_body(body: Body) -> Body:
    """Show the body as the left-handed signer would move it, in metres."""
    return body[:, MIRROR] * (-1, 1, 1)
