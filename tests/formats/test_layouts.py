"""Files of other tools come in whatever layout their versions write."""

import json
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from foreign import HEIGHT, WIDTH, points_of, write_gislr, write_openpose
from signnet.clip import Clip
from signnet.errors import MediaError
from signnet.formats import ImportSettings, read
from signnet.formats.joints import reduce_to
from signnet.formats.pose.names import joints_of, least_confidence
from signnet.skeleton import FACE_OUTLINE, JOINTS, PARTS, index

SIZED = ImportSettings(size=(WIDTH, HEIGHT), fps=25.0)

HALPE = [*range(17), -1, -1, -1, 17, 20, 18, 21, 19, 22, *range(23, 133)]
"""COCO-WholeBody's point for each of Halpe's 136."""

COCO_18 = [0, 1, 2, 3, 4, 5, 6, 7, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18]
"""BODY_25's point for each of COCO's 18."""

Frames = list[np.ndarray]


@pytest.fixture
def short(clip: Clip) -> Clip:
    return clip.with_landmarks(clip.landmarks[:6])


@pytest.fixture
def points(short: Clip) -> Frames:
    return list(points_of(short, "coco-wholebody"))


def only(path: Path, form: str, given: ImportSettings = SIZED) -> Clip:
    (clip,) = read(path, form, given)
    return clip


def assert_same(found: Clip, expected: np.ndarray, within: float = 1.5e-3) -> None:
    np.testing.assert_allclose(
        found.landmarks[..., :2], expected[..., :2], atol=within, equal_nan=True
    )


def person(frame: np.ndarray) -> dict[str, Any]:
    return {
        "keypoints": frame[:, :2].tolist(),
        "keypoint_scores": frame[:, 2].tolist(),
    }


def halpe(frame: np.ndarray, hands: float = 0.06) -> dict[str, Any]:
    """Write a person as AlphaPose does, whose hands have low scores."""
    points = np.where(np.array(HALPE)[:, None] < 0, 7.0, frame[HALPE])
    points[26:, 2] = np.where(points[26:, 2] > 0, hands, 0)
    return {"keypoints": points.ravel().tolist(), "score": 2.5, "idx": [0.0]}


def by_picture(frames: Frames, make: Callable[[np.ndarray], Any]) -> list[Any]:
    return [{"image_id": f"{n}.jpg"} | make(one) for n, one in enumerate(frames)]


def labelled(frame: np.ndarray) -> np.ndarray:
    """Give x, y and COCO's flag: 2 for a visible point, 0 for none."""
    return np.column_stack([frame[:, :2], 2 * (frame[:, 2] > 0)])


IN_ONE_FILE: dict[str, Callable[[Frames], Any]] = {
    "results of the inferencer": lambda f: [
        {"visualization": [], "predictions": [[person(one)]]} for one in f
    ],
    "one result of the inferencer": lambda f: {
        "visualization": [],
        "predictions": [[person(one)] for one in f],
    },
    "triples of MMPose 0.x": lambda f: [[{"keypoints": one.tolist()}] for one in f],
    "AlphaPose": lambda f: by_picture(f, halpe),
    "AlphaPose with metadata": lambda f: {
        "frames": by_picture(f, halpe),
        "metadata": {"fps": 25.0, "width": WIDTH, "height": HEIGHT},
    },
    "COCO's annotations": lambda f: {
        "images": [{"id": 70 + n, "file_name": f"{n:03d}.jpg"} for n in range(len(f))],
        "annotations": [
            {"image_id": 70 + n, "keypoints": labelled(one).ravel().tolist()}
            for n, one in enumerate(f)
        ],
    },
}  # fmt: skip


@pytest.mark.parametrize("layout", IN_ONE_FILE)
def test_a_film_in_one_file_comes_in(
    short: Clip, points: Frames, tmp_path: Path, layout: str
) -> None:
    (tmp_path / "a.json").write_text(json.dumps(IN_ONE_FILE[layout](points)))
    found = only(tmp_path / "a.json", "coco-wholebody")
    assert_same(found, reduce_to(short.landmarks, "coco-wholebody"))


@pytest.mark.parametrize("names", ["000{}.json", "image_0000{}.json", "clip7_{}.json"])
def test_a_file_for_each_picture_is_one_clip(
    short: Clip, points: Frames, tmp_path: Path, names: str
) -> None:
    folder = tmp_path / "WATER" / "clip7"
    folder.mkdir(parents=True)
    for number, frame in enumerate(points):
        (folder / names.format(number)).write_text(json.dumps([person(frame)]))
    (folder / names.format(2)).write_text("[]")
    found = only(tmp_path, "coco-wholebody")
    expected = reduce_to(short.landmarks, "coco-wholebody")
    expected[2] = np.nan
    assert_same(found, expected)
    assert found.name == "clip7"


def test_numbered_films_stay_clips_of_their_own(points: Frames, tmp_path: Path) -> None:
    content = json.dumps(by_picture(points, halpe))
    for number in (1, 2):
        (tmp_path / f"film_{number}.json").write_text(content)
    found = read(tmp_path, "coco-wholebody", SIZED)
    assert [(one.name, len(one)) for one in found] == [("film_1", 6), ("film_2", 6)]


@pytest.mark.parametrize("unseen", [[None, None], None, [math.nan, math.nan]])
def test_a_point_without_numbers_is_unseen(
    short: Clip, points: Frames, tmp_path: Path, unseen: Any
) -> None:
    frames: list[Any] = [
        {"frame_id": n, "instances": [person(one)]} for n, one in enumerate(points)
    ]
    frames[3]["instances"][0]["keypoints"][9] = unseen
    (tmp_path / "a.json").write_text(json.dumps(frames))
    expected = reduce_to(short.landmarks, "coco-wholebody")
    expected[3, index("left_wrist")] = np.nan
    assert_same(only(tmp_path / "a.json", "coco-wholebody"), expected)


@pytest.mark.parametrize(("count", "part"), [(17, "left_wrist"), (26, "left_heel")])
def test_bodies_without_hands_come_in(
    short: Clip, points: Frames, tmp_path: Path, count: int, part: str
) -> None:
    order = HALPE if count == 26 else list(range(17))
    flat = [
        {"frame_id": n, "keypoints": one[order[:count]].ravel().tolist()}
        for n, one in enumerate(points)
    ]
    (tmp_path / "a.json").write_text(json.dumps(flat))
    found = only(tmp_path / "a.json", "coco-wholebody")
    expected = short.landmarks[:, index(part), :2]
    np.testing.assert_allclose(found.landmarks[:, index(part), :2], expected, atol=1e-3)
    assert not found.shows_hand


def test_hands_that_alphapose_only_guesses_are_unseen(
    points: Frames, tmp_path: Path
) -> None:
    guessed = by_picture(points, lambda one: halpe(one, hands=0.008))
    (tmp_path / "a.json").write_text(json.dumps(guessed))
    found = only(tmp_path / "a.json", "coco-wholebody")
    assert not found.shows_hand
    assert found.seen("pose").all()


REFUSED: dict[str, tuple[Any, str]] = {
    "a hand": ([{"frame_id": 0, "keypoints": [[1, 2, 1]] * 21}], "21 points; expected"),
    "no frames": ([{"keypoints": [[1, 2, 1]] * 133}] * 2, "2 people without frame_id"),
    "OpenPose": ([{"people": []}], "import it as openpose"),
    "folders": (
        {
            "images": [{"id": n, "file_name": f"{n}/1.jpg"} for n in range(2)],
            "annotations": [],
        },
        "pictures in 2 folders",
    ),
    "pictures of two films": (
        [{"image_id": f"{n}/1.jpg", "keypoints": []} for n in range(2)],
        "pictures in 2 folders",
    ),
    "two films": (
        [{"frame_id": 1, "instances": []}] * 2,
        "frame 1 is there twice",
    ),
}


@pytest.mark.parametrize("kind", REFUSED)
def test_what_cannot_be_known_is_refused_by_name(tmp_path: Path, kind: str) -> None:
    content, reason = REFUSED[kind]
    (tmp_path / "a.json").write_text(json.dumps(content))
    with pytest.raises(MediaError, match=reason):
        read(tmp_path / "a.json", "coco-wholebody")


def old_keys(person: dict[str, Any]) -> dict[str, Any]:
    return {key.removesuffix("_2d"): value for key, value in person.items()}


def in_3d(person: dict[str, Any]) -> dict[str, Any]:
    """Give x, y, z, confidence under keys of their own; the usual ones are empty."""
    deep = {
        key.replace("_2d", "_3d"): np.insert(
            np.reshape(value, (-1, 3)), 2, 100.0, axis=1
        ).ravel().tolist()
        for key, value in person.items()
        if key.endswith("_2d")
    }  # fmt: skip
    return {key: [] for key in person} | deep


def coco_18(person: dict[str, Any]) -> dict[str, Any]:
    body = np.reshape(person["pose_keypoints_2d"], (-1, 3))[COCO_18]
    face = person["face_keypoints_2d"][: 3 * 68]
    return person | {
        "pose_keypoints_2d": body.ravel().tolist(),
        "face_keypoints_2d": face,
    }


def change(files: list[Path], make: Callable[[dict[str, Any]], Any]) -> None:
    for file in files:
        signer = json.loads(file.read_text())["people"][1]
        file.write_text(json.dumps({"people": [make(signer)]}))


@pytest.mark.parametrize("make", [old_keys, in_3d])
def test_openpose_s_other_keys_come_in(
    short: Clip, tmp_path: Path, make: Callable[[dict[str, Any]], Any]
) -> None:
    change(write_openpose(short, tmp_path), make)
    assert_same(only(tmp_path, "openpose"), reduce_to(short.landmarks, "openpose"))


def test_a_list_of_frames_of_dwpose_comes_in(short: Clip, tmp_path: Path) -> None:
    files = write_openpose(short, tmp_path / "in")
    change(files, coco_18)
    canvas = {"canvas_width": WIDTH, "canvas_height": HEIGHT}
    frames = [json.loads(file.read_text()) | canvas for file in files]
    (tmp_path / "poses_1.json").write_text(json.dumps(frames))
    expected = reduce_to(short.landmarks, "openpose")
    expected[:, [index(f"{s}_{p}") for s in ("left", "right") for p in ("heel", "foot_index")]] = np.nan  # fmt: skip  # noqa: E501
    expected[:, PARTS["face"].start + np.array(FACE_OUTLINE[68:])] = np.nan
    assert_same(only(tmp_path / "poses_1.json", "openpose", ImportSettings()), expected)


def test_the_folders_of_wlasl_are_clips(short: Clip, tmp_path: Path) -> None:
    for folder in ("00295", "00333"):
        for file in write_openpose(short, tmp_path / "in" / folder, "image"):
            number = int(file.name.split("_")[1])
            file.rename(file.with_name(f"image_{number + 1:05d}_keypoints.json"))
    table = tmp_path / "labels.csv"
    table.write_text("file,gloss\n00295,book\n00333,drink\n")
    found = read(tmp_path / "in", "openpose", ImportSettings(index=table))
    assert [(one.name, one.gloss, len(one)) for one in found] == [
        ("00295", "book", 6), ("00333", "drink", 6),
    ]  # fmt: skip


def live(file: Path, drop: int) -> pd.DataFrame:
    """Write a table as a live program does: no z, other names, a row lost."""
    table = (
        pd.read_parquet(file).drop(columns=["z"]).rename(columns={"row_id": "row-id"})
    )
    table["type"] = table["type"].str.replace("_", " ")
    return pd.DataFrame(table[table["x"].notna()]).drop(index=drop)


def test_live_recordings_in_one_file_are_clips(short: Clip, tmp_path: Path) -> None:
    write_gislr([short], tmp_path / "in", WIDTH / HEIGHT, first_frame=0)
    (file,) = (tmp_path / "in").rglob("*.parquet")
    one = live(file, drop=7)
    stale = one[(one["frame"] == 5) & (one["type"] == "face")]
    target = tmp_path / "live.parquet"
    pd.concat([one, stale, one.iloc[: len(one) // 2]]).to_parquet(target)
    first, second = read(target, "gislr", SIZED)
    expected = short.landmarks.copy()
    expected[:, PARTS["face"].start + 468 :] = np.nan
    expected[0, PARTS["face"].start + 7] = np.nan
    assert_same(first, expected, 3e-3)
    assert (first.name, second.name, len(second)) == ("live", "live__2", 3)


def test_joints_are_named_in_every_component() -> None:
    whole = joints_of((("ALL", tuple(name.upper() for name in JOINTS)),))
    assert whole == tuple(range(len(JOINTS)))
    few = joints_of(
        (("RIGHT_HAND_LANDMARKS", ("INDEX_FINGER_TIP", "RING_FINGER_MCP")),)
    )
    assert [JOINTS[one] for one in few] == [
        "right_hand_index_tip",
        "right_hand_ring_mcp",
    ]
    dense = joints_of(
        (("BODY_135", ("LWrist", "RRing4FingerTip", "LEyeBrow4", "Neck")),)
    )
    assert [JOINTS[one] if one >= 0 else None for one in dense] == [
        "left_wrist", "right_hand_ring_tip", f"face_{FACE_OUTLINE[22]}", None,
    ]  # fmt: skip


def test_a_tool_s_own_confidence_decides_in_pose_files() -> None:
    assert least_confidence((("POSE_LANDMARKS", ("NOSE",)),)) == (0.0,)
    parts = (("BODY_136", ("nose",)), ("LEFT_HAND_136", ("hand_0",)))
    assert least_confidence(parts) == (0.4, 0.025)


def test_a_wrist_that_arm_and_hand_share_is_lent_to_the_hand(
    short: Clip, tmp_path: Path
) -> None:
    library = pytest.importorskip("pose_format", reason="needs the pose extra")
    from pose_format.numpy import NumPyPoseBody
    from pose_format.utils.openpose_135 import OpenPose_Components

    joints = np.array(joints_of((("BODY_135", tuple(OpenPose_Components[0].points)),)))
    points = np.where(joints[:, None] < 0, np.nan, short.landmarks[:, joints] * HEIGHT)
    header = library.pose_header.PoseHeader(
        0.2,
        library.pose_header.PoseHeaderDimensions(WIDTH, HEIGHT, 0),
        OpenPose_Components,
    )
    seen = np.isfinite(points[:, None, :, 0]).astype(np.float32)
    body = NumPyPoseBody(25.0, np.nan_to_num(points[:, None, :, :2]), seen)
    with (tmp_path / "a.pose").open("wb") as file:
        library.Pose(header, body).write(file)
    found = only(tmp_path / "a.pose", "pose")
    wrist = found.landmarks[:, PARTS["left_hand"].start, :2]
    np.testing.assert_allclose(wrist, short.landmarks[:, index("left_wrist"), :2], atol=1e-3)  # fmt: skip  # noqa: E501
    assert found.seen("left_hand").all()
