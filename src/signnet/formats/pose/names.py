"""Which joint a point of a `.pose` file is, by its name and its component's.

A component may hold one part or all of them: the names of the points decide, and the
name of the component where those repeat (`WRIST` of both hands) or are numbers. World
landmarks, in metres around the hips, are left out: they repeat the same body.
"""

import re
from functools import lru_cache

from signnet.formats.joints import COCO_BODY, OPENPOSE_BODY
from signnet.skeleton import FACE_COUNT, FACE_OUTLINE, HAND_COUNT, JOINTS, PARTS, index

__all__ = ["joints_of", "least_confidence"]

Component = tuple[str, tuple[str, ...]]
"""The name of a component and those of its points."""

_NUMBER = re.compile(r"(?:^|[a-z_])(\d{1,3})$")

_FINGERS = {
    "thumb": ("cmc", "mcp", "ip", "tip"),
    **dict.fromkeys(("index", "middle", "ring", "pinky"), ("mcp", "pip", "dip", "tip")),
}
_ALIASES = {"fore": "index", "little": "pinky", "small": "pinky", "root": "wrist"}
_NUMBERED = re.compile(
    r"(?:hand|keypoints?|landmarks?|points?|joints?|kp|p)?_?(\d{1,2})"
)
"""Names of a hand's points that are only numbers."""

_OPENPOSE_HAND = """base t_stt t_bcmc t_mcp t_ip i_cmc i_mcp i_pip i_dip m_cmc m_mcp
    m_pip m_dip r_cmc r_mcp r_pip r_dip p_cmc p_mcp p_pip p_dip""".split()
"""The hand of pose-format's OpenPose, in its order."""

_BODY_135_HAND = [
    f"{finger}{number}{joint}"
    for finger, joints in {
        "thumb": "cmc knuckles ip fingertip",
        **dict.fromkeys(
            ("index", "middle", "ring", "pinky"), "knuckles pip dip fingertip"
        ),
    }.items()
    for number, joint in enumerate(joints.split(), 1)
]
"""The hand of BODY_135 after its wrist, in its order; each with L or R in front."""

_BODY_135_FACE = [
    *(f"facecontour{n}" for n in range(17)),
    *(f"reyebrow{n}" for n in range(5)),
    *(f"leyebrow{n}" for n in range(4, -1, -1)),
    *(f"noseupper{n}" for n in range(4)),
    *(f"noselower{n}" for n in range(5)),
    *(f"reye{n}" for n in range(6)),
    *(f"leye{n}" for n in range(6)),
    *(f"omouth{n}" for n in range(12)),
    *(f"imouth{n}" for n in range(8)),
    "rpupil",
    "lpupil",
]
"""The face of BODY_135, in iBUG's order."""


def _hand_joint(side: str, number: int) -> int:
    return PARTS[f"{side}_hand"].start + number if 0 <= number < HAND_COUNT else -1


def _of_body_135() -> dict[str, int]:
    sides = {"l": "left", "r": "right"}
    hands = {
        f"{letter}{name}": _hand_joint(side, number)
        for letter, side in sides.items()
        for number, name in enumerate(_BODY_135_HAND, 1)
    }
    start = PARTS["face"].start
    face = {name: start + FACE_OUTLINE[n] for n, name in enumerate(_BODY_135_FACE)}
    return hands | face


_KNOWN = _of_body_135() | {
    theirs.lower(): index(ours)
    for theirs, ours in {**OPENPOSE_BODY, **COCO_BODY}.items()
    if ours
}
_HAND_NAMES = [
    name.removeprefix("left_hand_") for name in JOINTS[PARTS["left_hand"].joints]
]


@lru_cache(maxsize=16)
def joints_of(components: tuple[Component, ...]) -> tuple[int, ...]:
    """Return our joint of each point; -1 for none."""
    found = list[int]()
    for name, points in components:
        lowered = [re.sub(r"[\s\-.]+", "_", point.lower()) for point in points]
        mesh = _is_mesh(lowered)
        found += [
            _joint_of(name.lower(), point, number, mesh)
            for number, point in enumerate(lowered)
        ]
    return tuple(found)


def _is_mesh(points: list[str]) -> bool:
    """Return whether numbers of a face are vertices, rather than in iBUG's order."""
    faces = [point for point in points if point.isdecimal() or "face" in point]
    numbers = [int(match[1]) for point in faces if (match := _NUMBER.search(point))]
    return max(numbers, default=0) >= len(FACE_OUTLINE)


def _joint_of(component: str, point: str, number: int, mesh: bool) -> int:
    if "world" in component or "world" in point:
        return -1
    side = next((s for s in ("left", "right") if s in component), None)
    if side and "hand" in component:
        return _hand_point(side, point, number)
    if (at := _named_face(point, mesh, "face" in component)) is not None:
        return at
    if (joint := _KNOWN.get(point)) is not None:
        return joint
    if point in JOINTS[: PARTS["pose"].stop]:
        return index(point)
    return _named_hand(point)


def _named_face(point: str, mesh: bool, is_face: bool) -> int | None:
    """Find a vertex of the mesh ("33"), or a point in iBUG's order ("FE_36")."""
    if not is_face and not re.match(r"face_?(landmarks?)?_?\d", point):
        return None
    match = _NUMBER.search(point)
    if match is None:
        return _KNOWN.get(point, -1)
    number, start = int(match[1]), PARTS["face"].start
    if point.isdecimal() or mesh:
        return start + number if number < FACE_COUNT else -1
    if point in _KNOWN:
        return _KNOWN[point]
    return start + FACE_OUTLINE[number] if number < len(FACE_OUTLINE) else -1


def _hand_point(side: str, point: str, number: int) -> int:
    """Find a point of a component that is one hand, by name or else by its place."""
    if point in _OPENPOSE_HAND:
        return _hand_joint(side, _OPENPOSE_HAND.index(point))
    plain = _finger(re.sub(rf"^(?:{side}_?|{side[0]}_)?(?:hand_?)?", "", point))
    if plain in _HAND_NAMES:
        return _hand_joint(side, _HAND_NAMES.index(plain))
    numbered = _NUMBERED.fullmatch(plain)
    return _hand_joint(side, int(numbered[1]) if numbered else number)


def _named_hand(point: str) -> int:
    """Find a hand's point whose name has the side: left_hand_5, RIGHT_INDEX_TIP."""
    match = re.match(r"(left|right)_(hand_?)?(landmarks?_?)?(.+)", point)
    match = match or re.match(r"hand_?(left|right)_()()(.+)", point)
    if match is None:
        return -1
    side, rest = match[1], _finger(match[4])
    if rest.isdecimal() and ("hand" in point):
        return _hand_joint(side, int(rest))
    return _hand_joint(side, _HAND_NAMES.index(rest)) if rest in _HAND_NAMES else -1


def _finger(name: str) -> str:
    """Write a finger's joint as ours: index_mcp for forefinger1 or index_finger_mcp."""
    for other, ours in _ALIASES.items():
        name = name.replace(other, ours)
    match = re.match("|".join(_FINGERS), name)
    if match is None:
        return name
    joint, joints = (
        name[match.end() :].replace("finger", "").strip("_"),
        _FINGERS[match[0]],
    )
    if joint in ("1", "2", "3", "4"):
        joint = joints[int(joint) - 1]
    return f"{match[0]}_{joint}"


_LEAST = {"openpose": (0.05, 0.05), "mmpose": (0.3, 0.3), "alphapose": (0.4, 0.025)}
"""The least confidence of the body, and of face and hands; see `coco_points`."""


@lru_cache(maxsize=16)
def least_confidence(components: tuple[Component, ...]) -> tuple[float, ...]:
    """Return for each point the lowest confidence at which its tool has seen it."""
    names = {name.lower() for name, _ in components}
    tool = _tool_of(names)
    body, rest = _LEAST[tool] if tool else (0.0, 0.0)
    return tuple(
        body if "body" in name.lower() or "pose" in name.lower() else rest
        for name, points in components
        for _ in points
    )


def _tool_of(names: set[str]) -> str | None:
    """Return the tool that names components so; None for MediaPipe and others."""
    if any(name.endswith(("_133", "_136")) for name in names):
        return "alphapose"
    if "body" in names:
        return "mmpose"
    usual = ("keypoints_2d", "body_135", "body_25")
    return "openpose" if any(name.endswith(usual) for name in names) else None
