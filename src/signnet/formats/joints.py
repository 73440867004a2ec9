"""Map the points of other trackers to our joints.

OpenPose's BODY_25 with hands and face (137 points) and COCO-WholeBody (133 points) have
no face mesh but 68 points of the face's outline, brows, nose, eyes and lips in iBUG's
order; OpenPose adds two pupils. Points without a counterpart here (neck, middle of the
hips, small toes) are left out. Smaller and older layouts of the same trackers are put
in these two orders first.
"""

import numpy as np

from signnet.clip import Landmarks
from signnet.clip.shapes import Float32, Int
from signnet.skeleton import FACE_OUTLINE, HAND_COUNT, JOINT_COUNT, PARTS, index

__all__ = [
    "COCO_BODY",
    "COCO_LAYOUTS",
    "HALPE_BODY",
    "OPENPOSE_BODIES",
    "OPENPOSE_BODY",
    "TRACKERS",
    "from_tracker",
    "lend_wrists",
    "reduce_to",
]


def _pairs(text: str) -> dict[str, str]:
    """Read `theirs=ours`; `same` stands for `same=same`, `theirs=` for none."""
    pairs = (pair.partition("=") for pair in text.split())
    return {theirs: ours if sign else theirs for theirs, sign, ours in pairs}


OPENPOSE_BODY = _pairs("""
    Nose=nose Neck= RShoulder=right_shoulder RElbow=right_elbow RWrist=right_wrist
    LShoulder=left_shoulder LElbow=left_elbow LWrist=left_wrist MidHip= RHip=right_hip
    RKnee=right_knee RAnkle=right_ankle LHip=left_hip LKnee=left_knee LAnkle=left_ankle
    REye=right_eye LEye=left_eye REar=right_ear LEar=left_ear LBigToe=left_foot_index
    LSmallToe= LHeel=left_heel RBigToe=right_foot_index RSmallToe= RHeel=right_heel
""")
"""BODY_25 in its order (OpenPose, doc/02_output.md) and our joints; empty for none."""

COCO_BODY = _pairs("""
    nose left_eye right_eye left_ear right_ear left_shoulder right_shoulder left_elbow
    right_elbow left_wrist right_wrist left_hip right_hip left_knee right_knee
    left_ankle right_ankle left_big_toe=left_foot_index left_small_toe= left_heel
    right_big_toe=right_foot_index right_small_toe= right_heel
""")
"""Body and feet of COCO-WholeBody in its order (MMPose, coco_wholebody.py)."""

HALPE_BODY = tuple(
    """
    nose left_eye right_eye left_ear right_ear left_shoulder right_shoulder left_elbow
    right_elbow left_wrist right_wrist left_hip right_hip left_knee right_knee
    left_ankle right_ankle head_top neck pelvis left_big_toe right_big_toe
    left_small_toe right_small_toe left_heel right_heel
    """.split()
)
"""Halpe's body in its order (AlphaPose, docs/MODEL_ZOO.md), named as in `COCO_BODY`."""

_COCO_18 = """Nose Neck RShoulder RElbow RWrist LShoulder LElbow LWrist RHip RKnee
    RAnkle LHip LKnee LAnkle REye LEye REar LEar""".split()
_MPI_15 = """HeadTop Neck RShoulder RElbow RWrist LShoulder LElbow LWrist RHip RKnee
    RAnkle LHip LKnee LAnkle Chest""".split()

OPENPOSE_BODIES: dict[int, tuple[int, ...]] = {
    len(names): tuple(
        list(OPENPOSE_BODY).index(name) if name in OPENPOSE_BODY else -1
        for name in names
    )
    for names in (list(OPENPOSE_BODY), _COCO_18, _MPI_15)
}
"""For each number of body points that OpenPose and its kin write (BODY_25, COCO, MPI),
the place of each in BODY_25; -1 for none."""


def _coco_layouts() -> dict[int, tuple[int, ...]]:
    body = list(COCO_BODY)
    halpe = [body.index(name) if name in body else -1 for name in HALPE_BODY]
    face, hands = list(range(23, 91)), list(range(91, 133))
    layouts = (
        list(range(17)),
        list(range(23)),
        halpe,
        halpe + hands,
        list(range(133)),
        halpe + face + hands,
    )
    return {len(layout): tuple(layout) for layout in layouts}


COCO_LAYOUTS = _coco_layouts()
"""For each number of points that COCO's trackers write, the place of each among
COCO-WholeBody's 133; -1 for none. 17 is COCO's body, 23 with feet; 26, 68 and 136 are
Halpe's body, with hands, and with face and hands."""


def _targets(body: dict[str, str], pupils: int) -> tuple[int, ...]:
    face = [PARTS["face"].start + vertex for vertex in FACE_OUTLINE[: 68 + pupils]]
    hands = [
        PARTS[f"{side}_hand"].start + joint
        for side in ("left", "right")
        for joint in range(HAND_COUNT)
    ]
    known = (index(name) if name else -1 for name in body.values())
    return (*known, *face, *hands)


TRACKERS: dict[str, tuple[int, ...]] = {
    "openpose": _targets(OPENPOSE_BODY, 2),
    "coco-wholebody": _targets(COCO_BODY, 0),
}
"""Our joint of each point of a tracker; -1 for none. Order: body, face, left hand,
right hand."""


def from_tracker(
    points: Float32[np.ndarray, "time point 3"], joints: Int[np.ndarray, " point"]
) -> Landmarks:
    """Return another tracker's points as our joints; NaN for those it does not give."""
    landmarks = np.full((len(points), JOINT_COUNT, 3), np.nan, np.float32)
    known = joints >= 0
    landmarks[:, joints[known]] = points if known.all() else points[:, known]
    return landmarks


def lend_wrists(landmarks: Landmarks, joints: Int[np.ndarray, " point"]) -> Landmarks:
    """Give hands the wrists of the arms if no point of a layout is a hand's wrist.

    Layouts of one component name a wrist once, for arm and hand.
    """
    lent = landmarks.copy()
    for side in ("left", "right"):
        hand = PARTS[f"{side}_hand"].joints
        if hand.start not in joints:
            seen = np.isfinite(landmarks[:, hand, 0]).any(axis=1)
            lent[seen, hand.start] = landmarks[seen, index(f"{side}_wrist")]
    return lent


def reduce_to(landmarks: Landmarks, tracker: str) -> Landmarks:
    """Set the joints and the depth that another tracker does not give to NaN."""
    joints = [joint for joint in TRACKERS[tracker] if joint >= 0]
    kept = np.full_like(landmarks, np.nan)
    kept[:, joints, :2] = landmarks[:, joints, :2]
    return kept
