import numpy as np
import pytest

from signnet.skeleton import (
    BONES,
    BROWS,
    EYES,
    FACE_COUNT,
    JOINT_COUNT,
    JOINTS,
    LIPS,
    MIRROR,
    NOSE,
    PARTS,
    index,
)

FACE = PARTS["face"].start


def test_there_are_553_joints_with_unique_names() -> None:
    assert JOINT_COUNT == len(JOINTS) == len(set(JOINTS)) == 553


def test_parts_tile_the_joint_axis() -> None:
    joints = [
        joint for part in PARTS.values() for joint in range(part.start, part.stop)
    ]
    assert joints == list(range(JOINT_COUNT))
    assert [part.count for part in PARTS.values()] == [33, 21, 21, 478]


def test_part_names_and_joint_names_agree() -> None:
    for name in ("left_hand", "right_hand", "face"):
        assert all(joint.startswith(name) for joint in JOINTS[PARTS[name].joints])


def test_mirroring_names_twice_changes_nothing() -> None:
    assert [MIRROR[joint] for joint in MIRROR] == list(range(JOINT_COUNT))


def test_mirroring_swaps_left_and_right_names() -> None:
    for joint, name in enumerate(JOINTS[:FACE]):
        swapped = name.replace("left", "LEFT").replace("right", "left")
        assert JOINTS[MIRROR[joint]] == swapped.replace("LEFT", "right")


@pytest.mark.parametrize("group", [LIPS, EYES, BROWS, NOSE])
def test_mirroring_keeps_a_group_of_the_face(group: tuple[int, ...]) -> None:
    assert {MIRROR[FACE + joint] - FACE for joint in group} == set(group)


def test_groups_of_the_face_share_no_joint() -> None:
    joints = [*LIPS, *EYES, *BROWS, *NOSE]
    assert len(joints) == len(set(joints)) == 40 + 32 + 20 + 10
    assert max(joints) < FACE_COUNT


@pytest.mark.parametrize(
    ("right", "left"),
    [
        *((33, 263), (133, 362), (61, 291), (234, 454), (70, 300), (159, 386)),
        *((105, 334), (78, 308), (468, 473), (469, 476), (470, 475), (471, 474)),
    ],
)
def test_known_joints_of_the_face_are_opposite(right: int, left: int) -> None:
    assert MIRROR[FACE + right] == FACE + left


@pytest.mark.parametrize("joint", [1, 10, 152, 168, 0, 17])
def test_the_mid_line_of_the_face_is_its_own_mirror_image(joint: int) -> None:
    assert MIRROR[FACE + joint] == FACE + joint


def test_bones_are_the_same_on_both_sides() -> None:
    bones = {frozenset(bone) for bone in BONES}
    assert {frozenset((MIRROR[a], MIRROR[b])) for a, b in BONES} == bones
    assert len(bones) == len(BONES) == 8 + 2 * 21


def test_a_hand_is_one_tree_of_bones_from_the_wrist() -> None:
    reached = {index("left_hand_wrist")}
    for _ in range(6):
        reached |= {b for a, b in BONES if a in reached}
    assert reached == set(range(*PARTS["left_hand"].joints.indices(JOINT_COUNT)))


def test_an_unknown_joint_is_refused() -> None:
    with pytest.raises(KeyError):
        index("third_hand_wrist")


def test_the_mirror_table_matches_a_symmetric_face() -> None:
    # The face is laid out by contours, so its mirror image must land on itself.
    from signnet.synthetic.face import make_face

    face = make_face("neutral", np.zeros(1))[0]
    opposite = np.array(MIRROR[FACE:]) - FACE
    np.testing.assert_allclose(face[opposite] * (-1, 1, 1), face, atol=1e-9)
