"""Clips of other tools come in with their joints in their places, and go out again."""

import csv
import json
import shutil
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from foreign import (
    HEIGHT,
    WIDTH,
    shares_of,
    wholebody,
    write_as_openpose_did,
    write_gislr,
    write_openpose,
)
from signnet.clip import Clip
from signnet.dataset import Dataset
from signnet.errors import DatasetError, MediaError, SettingsError
from signnet.formats import (
    ImportReport,
    ImportSettings,
    import_clips,
    read,
)
from signnet.formats.joints import TRACKERS, reduce_to
from signnet.formats.pose import read_pose, write_poses
from signnet.formats.units import likely_aspect
from signnet.skeleton import FACE_OUTLINE, JOINTS, MIRROR, PARTS, index
from strategies import landmarks

SIZED = ImportSettings(size=(WIDTH, HEIGHT), fps=25.0)
FUZZ = settings(
    deadline=None,
    derandomize=True,
    max_examples=60,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


def brought_in(
    form: str, source: Path, out: Path, given: ImportSettings = SIZED
) -> tuple[ImportReport, list[Clip]]:
    report = import_clips(form, source, out, settings=given)
    return report, list(Dataset.open(out)) if report.clips else []


def same_place(first: np.ndarray, second: np.ndarray, within: float) -> bool:
    """Tell whether x and y agree, and NaN stands in the same places."""
    first, second = first[..., :2], second[..., :2]
    agree = np.abs(first - second) <= within
    return bool((agree | (np.isnan(first) & np.isnan(second))).all())


# The tables of joints.
def test_sides_of_the_face_mirror_each_other() -> None:
    first = PARTS["face"].start
    pairs = {0: 16, 17: 26, 21: 22, 31: 35, 36: 45, 39: 42, 41: 46, 48: 54, 60: 64}
    for right, left in pairs.items():
        mirrored = MIRROR[first + FACE_OUTLINE[right]] - first
        assert mirrored == FACE_OUTLINE[left], (right, left)


def test_the_face_points_lie_where_their_names_say(clip: Clip) -> None:
    face = clip.landmarks[0, PARTS["face"].joints, :2][list(FACE_OUTLINE)]
    brows, eyes, lips, jaw = face[17:27], face[36:48], face[48:68], face[0:17]
    assert brows[:, 1].max() < eyes[:, 1].min() < eyes[:, 1].max() < lips[:, 1].min()
    assert jaw[:, 1].argmax() == 8
    assert face[36, 0] < face[39, 0] < face[42, 0] < face[45, 0]


@pytest.mark.parametrize(
    ("tracker", "points"), [("openpose", 137), ("coco-wholebody", 133)]
)
def test_each_joint_has_one_point_at_most(tracker: str, points: int) -> None:
    joints = [joint for joint in TRACKERS[tracker] if joint >= 0]
    assert len(TRACKERS[tracker]) == points
    assert len(set(joints)) == len(joints)
    assert {"left_wrist", "right_hand_pinky_tip"} <= {JOINTS[joint] for joint in joints}


# .pose
def test_a_pose_file_comes_back_as_it_went_out(
    corpus: list[Clip], tmp_path: Path
) -> None:
    data = Dataset.of_clips(corpus[:4])
    assert write_poses(data, tmp_path / "poses") == 4
    known = ImportSettings(index=tmp_path / "poses" / "index.csv")
    report, clips = brought_in("pose", tmp_path / "poses", tmp_path / "out", known)
    assert report.failures == []
    for before, after in zip(data, clips, strict=True):
        np.testing.assert_allclose(before.landmarks, after.landmarks, atol=2e-3)
        assert (before.name, before.gloss, before.signer) == (
            after.name, after.gloss, after.signer,
        )  # fmt: skip
        assert after.fps == pytest.approx(before.fps)
    (tmp_path / "poses" / "index.csv").write_text("corrected by hand")
    with pytest.raises(DatasetError, match="already; give a new or empty folder"):
        write_poses(data, tmp_path / "poses")


def test_points_are_named_as_mediapipe_s_own_files_name_them(
    clip: Clip, data: Path, tmp_path: Path
) -> None:
    library = pytest.importorskip("pose_format", reason="needs the pose extra")
    write_poses(Dataset.of_clips([clip]), tmp_path)
    theirs, ours = (
        {one.name: one.points for one in library.Pose.read(content).header.components}
        for content in (
            (data / "pose_files" / "holistic_short.pose").read_bytes(),
            next(tmp_path.glob("*.pose")).read_bytes(),
        )
    )
    hand = "RIGHT_HAND_LANDMARKS"
    assert ours[hand] == theirs[hand]
    assert ours["POSE_LANDMARKS"] == theirs["POSE_LANDMARKS"]


def test_a_point_far_out_of_the_picture_is_unseen(clip: Clip, tmp_path: Path) -> None:
    library = pytest.importorskip("pose_format", reason="needs the pose extra")
    write_poses(Dataset.of_clips([clip]), tmp_path)
    (file,) = tmp_path.glob("*.pose")
    pose = library.Pose.read(file.read_bytes())
    pose.body.data[3, 0, index("left_wrist"), 1] = 1e20
    with file.open("wb") as stream:
        pose.write(stream)
    expected = clip.landmarks.copy()
    expected[3, index("left_wrist")] = np.nan
    assert same_place(read_pose(file, "a").landmarks, expected, 1e-3)


def test_a_normalised_pose_keeps_its_shape(clip: Clip, tmp_path: Path) -> None:
    library = pytest.importorskip("pose_format", reason="needs the pose extra")
    write_poses(Dataset.of_clips([clip]), tmp_path)
    (file,) = tmp_path.glob("*.pose")
    pose = library.Pose.read(file.read_bytes())
    pose.header.dimensions.width, pose.header.dimensions.height = 1920, 1080
    pose.normalize()
    with file.open("wb") as stream:
        pose.write(stream)
    given, found = (
        one - one[:, [index("nose")]]
        for one in (clip.landmarks[..., :2], read_pose(file, "a").landmarks[..., :2])
    )
    scale = np.nanmax(found[..., 1]) / np.nanmax(given[..., 1])
    np.testing.assert_allclose(found, given * scale, atol=0.01 * scale)
    assert scale > 1.2


@FUZZ
@given(landmarks())
def test_any_landmarks_survive_a_pose_file(tmp_path: Path, drawn: np.ndarray) -> None:
    drawn[0, 0, :2] = 0.5, 0.5
    clip = Clip(name="a", landmarks=drawn, fps=float("nan"))
    (tmp_path / "a.pose").unlink(missing_ok=True)
    (tmp_path / "index.csv").unlink(missing_ok=True)
    write_poses(Dataset.of_clips([clip]), tmp_path)
    back = read_pose(tmp_path / "a.pose", "a")
    assert same_place(back.landmarks, clip.landmarks, 1e-3)
    assert np.isnan(back.fps)


@pytest.mark.parametrize(
    ("name", "frames", "fps", "left_hand", "face_points"),
    [
        ("holistic_short", 5, 25.0, 1.0, 478),
        ("mediapipe", 170, 24.0, 0.0, 128),
        ("openpose", 93, 24.0, 45 / 93, 70),
    ],
)
def test_the_library_s_own_files_come_in(
    data: Path, name: str, frames: int, fps: float, left_hand: float, face_points: int
) -> None:
    clip = read_pose(data / "pose_files" / f"{name}.pose", name)
    assert (len(clip), clip.fps) == (frames, fps)
    assert clip.seen("left_hand").mean() == pytest.approx(left_hand)
    face = np.isfinite(clip.landmarks[:, PARTS["face"].joints, 0]).all(0)
    assert face.sum() == face_points
    nose, left, right = (
        clip.landmarks[0, index(joint)]
        for joint in ("face_1" if name == "holistic_short" else "left_shoulder",
                      "left_shoulder", "right_shoulder")
    )  # fmt: skip
    assert left[0] > right[0]
    assert nose[1] <= left[1]


def test_a_hand_of_the_library_s_files_hangs_on_its_arm(data: Path) -> None:
    clip = read_pose(data / "pose_files" / "holistic_short.pose", "a")
    for side in ("left", "right"):
        wrist = clip.landmarks[:, index(f"{side}_wrist"), :2]
        hand = clip.landmarks[:, index(f"{side}_hand_wrist"), :2]
        assert np.linalg.norm(wrist - hand, axis=-1).max() < 0.05


def test_without_the_library_one_line_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(__import__("sys").modules, "pose_format", None)
    with pytest.raises(SettingsError, match=r"signnet\[pose\]"):
        import_clips("pose", tmp_path, tmp_path / "out")


# OpenPose and COCO-WholeBody
def test_a_format_is_read_into_memory_as_it_is_imported(
    corpus: list[Clip], tmp_path: Path
) -> None:
    write_gislr(corpus[:3], tmp_path / "in", WIDTH / HEIGHT)
    found = read(str(tmp_path / "in"), "gislr", SIZED)
    import_clips("gislr", tmp_path / "in", tmp_path / "out", settings=SIZED)
    assert found.table.to_pylist() == Dataset(tmp_path / "out").table.to_pylist()
    next((tmp_path / "in").rglob("*.parquet")).write_bytes(b"damaged")
    with pytest.raises(MediaError, match="not a Parquet file of landmarks"):
        read(tmp_path / "in", "gislr")
    with pytest.raises(SettingsError, match=r"unknown format gisler.*gislr"):
        read(tmp_path / "in", "gisler")


def test_openpose_s_frames_make_clips(corpus: list[Clip], tmp_path: Path) -> None:
    clip = corpus[0]
    write_openpose(clip, tmp_path / "in" / "WATER", "a")
    write_openpose(corpus[1], tmp_path / "in" / "WATER", "b")
    report, clips = brought_in("openpose", tmp_path / "in", tmp_path / "out")
    assert (report.clips, report.failures) == (2, [])
    assert [one.gloss for one in clips] == ["WATER", "WATER"]
    expected = reduce_to(clip.landmarks, "openpose")
    assert same_place(clips[0].landmarks, expected, 1.5e-3)
    assert clips[0].fps == 25


def test_a_frame_that_openpose_skipped_is_unseen(clip: Clip, tmp_path: Path) -> None:
    files = write_openpose(clip, tmp_path / "in")
    files[3].unlink()
    _, (read,) = brought_in("openpose", tmp_path / "in", tmp_path / "out")
    assert len(read) == len(clip)
    assert np.isnan(read.landmarks[3]).all()
    assert np.isfinite(read.landmarks[4]).any()


def test_frames_are_read_as_pose_format_reads_them(clip: Clip, tmp_path: Path) -> None:
    library = pytest.importorskip(
        "pose_format.utils.openpose", reason="needs the pose extra"
    )
    for file in write_openpose(clip, tmp_path / "in"):
        content = json.loads(file.read_text())
        file.write_text(json.dumps({"people": content["people"][1:2]}))
    theirs = library.load_openpose_directory(
        str(tmp_path / "in"), fps=25, width=WIDTH, height=HEIGHT
    )
    with (tmp_path / "a.pose").open("wb") as file:
        theirs.write(file)
    _, (ours,) = brought_in("openpose", tmp_path / "in", tmp_path / "out")
    assert same_place(
        ours.landmarks, read_pose(tmp_path / "a.pose", "a").landmarks, 1e-3
    )


def test_a_real_recording_of_openpose_comes_in(data: Path, tmp_path: Path) -> None:
    pytest.importorskip("pose_format", reason="needs the pose extra")
    file = data / "pose_files" / "openpose.pose"
    write_as_openpose_did(file, tmp_path / "in")
    known = ImportSettings(size=(1280, 720), fps=24.0)
    _, (read,) = brought_in("openpose", tmp_path / "in", tmp_path / "out", known)
    expected = read_pose(file, "a", known)
    assert same_place(read.landmarks, expected.landmarks, 1e-3)
    assert read.seen("left_hand").mean() == pytest.approx(45 / 93)


@pytest.mark.parametrize("form", ["inferencer", "demo", "coco", "coco parts"])
def test_wholebody_json_comes_in(clip: Clip, tmp_path: Path, form: str) -> None:
    (tmp_path / "in").mkdir()
    file = tmp_path / "in" / "পানি__S01__d1__r1__happy.json"
    file.write_text(json.dumps(wholebody(clip, form)))
    report, clips = brought_in("coco-wholebody", tmp_path / "in", tmp_path / "out")
    assert report.failures == []
    assert (clips[0].gloss, clips[0].expression) == ("পানি", "happy")
    expected = reduce_to(clip.landmarks, "coco-wholebody")
    assert same_place(clips[0].landmarks, expected, 1.5e-3)


def test_points_that_the_network_only_guesses_are_unseen(
    clip: Clip, tmp_path: Path
) -> None:
    content = wholebody(clip, "inferencer")
    content[2]["instances"][0]["keypoint_scores"][91:112] = [0.1] * 21
    (tmp_path / "a.json").write_text(json.dumps(content))
    _, (read,) = brought_in("coco-wholebody", tmp_path / "a.json", tmp_path / "out")
    assert not read.seen("left_hand")[2]
    assert read.seen("left_hand")[1]


def test_a_guessed_height_keeps_the_shape(clip: Clip, tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text(json.dumps(wholebody(clip, "coco")))
    given = ImportSettings()
    _, (read,) = brought_in(
        "coco-wholebody", tmp_path / "a.json", tmp_path / "o", given
    )
    expected = reduce_to(clip.landmarks, "coco-wholebody")[..., :2]
    ratio = read.landmarks[..., :2] / expected
    known = ratio[np.isfinite(ratio) & (np.abs(expected) > 0.05)]
    assert np.ptp(known) < 0.02
    assert "guessed" in read.source


# GISLR and MP_Data
@pytest.mark.parametrize("aspect", [9 / 16, 4 / 3, 16 / 9])
def test_gislr_comes_in_with_its_shape_restored(
    corpus: list[Clip], tmp_path: Path, aspect: float
) -> None:
    write_gislr(corpus[:2], tmp_path / "in", aspect)
    given = ImportSettings(size=(round(1000 * aspect), 1000))
    report, clips = brought_in("gislr", tmp_path / "in", tmp_path / "out", given)
    assert report.failures == []
    assert [one.signer for one in clips] == [one.signer for one in corpus[:2]]
    by_gloss = {one.gloss: one for one in corpus[:2]}
    for found in clips:
        expected = by_gloss[found.gloss].landmarks.copy()
        expected[:, PARTS["face"].start + 468 :] = np.nan
        assert same_place(found.landmarks, expected, 3e-3)


@pytest.mark.parametrize("aspect", [9 / 16, 3 / 4, 4 / 3, 16 / 9])
def test_the_face_tells_the_picture_s_shape(clip: Clip, aspect: float) -> None:
    assert likely_aspect(shares_of(clip, aspect)) == pytest.approx(aspect)


# Bad input: one line each, and the rest comes in.
def one_bad(form: str, source: Path, out: Path, given: ImportSettings = SIZED) -> str:
    """Import one good and one bad clip; give the bad one's line."""
    report, clips = brought_in(form, source, out, given)
    assert len(clips) == 1, report
    (line,) = report.failures
    assert "\n" not in line
    return line


def pose_bytes(clip: Clip, folder: Path) -> bytes:
    if not folder.exists():
        write_poses(Dataset.of_clips([clip]), folder)
    (file,) = folder.glob("*.pose")
    return file.read_bytes()


def _version(content: bytes, version: float) -> bytes:
    return struct.pack("<f", version) + content[4:]


BAD_POSES: dict[str, tuple[Callable[[bytes], bytes], str]] = {
    "empty": (lambda _: b"", "0 bytes"),
    "truncated": (lambda whole: whole[: len(whole) // 2], "not a readable .pose"),
    "header only": (lambda whole: whole[:3000], "not a readable .pose"),
    "text": (lambda _: b"x,y,z\n" * 999, "not a readable .pose"),
    "npz": (lambda _: b"PK\x03\x04" + bytes(999), "not a readable .pose"),
    "another version": (lambda w: _version(w, 7.0), "not a readable .pose"),
    "many components": (
        lambda w: w[:10] + b"\xff\xff" + w[12:],
        "not a readable .pose",
    ),
}


@pytest.mark.parametrize("damage", BAD_POSES)
def test_a_bad_pose_file_costs_one_line(
    clip: Clip, tmp_path: Path, damage: str
) -> None:
    content = pose_bytes(clip, tmp_path / "in")
    make, reason = BAD_POSES[damage]
    (tmp_path / "in" / "bad.pose").write_bytes(make(content))
    line = one_bad("pose", tmp_path / "in", tmp_path / "out")
    assert reason in line
    assert "bad.pose" in line


def test_a_header_that_lies_about_frames_and_people_costs_one_line(
    clip: Clip, tmp_path: Path
) -> None:
    content = pose_bytes(clip, tmp_path / "in")
    start = content.index(struct.pack("<fI", clip.fps, len(clip)))
    for frames, people in ((2**32 - 1, 1), (len(clip), 65535), (0, 1), (len(clip), 0)):
        counts = struct.pack("<fIH", clip.fps, frames, people)
        bad = content[:start] + counts + content[start + len(counts) :]
        (tmp_path / "in" / "bad.pose").write_bytes(bad)
        line = one_bad("pose", tmp_path / "in", tmp_path / "out")
        assert "bad.pose" in line


@FUZZ
@given(st.data())
def test_no_damage_to_a_pose_file_goes_unexplained(
    clip: Clip, tmp_path: Path, data: st.DataObject
) -> None:
    content = bytearray(pose_bytes(clip, tmp_path / "in"))
    for _ in range(data.draw(st.integers(1, 4))):
        content[data.draw(st.integers(0, min(len(content), 9000) - 1))] = data.draw(
            st.integers(0, 255)
        )
    cut = data.draw(st.integers(0, len(content)))
    (tmp_path / "a.pose").write_bytes(content[: cut or None])
    report = import_clips("pose", tmp_path / "a.pose", tmp_path / "out")
    assert report.clips + len(report.failures) == 1
    assert all("\n" not in line for line in report.failures)


BAD_JSON: dict[str, tuple[str, str]] = {
    "empty": ("", "0 bytes"),
    "no json": ("frame,x,y\n1,2,3\n", "not readable JSON"),
    "truncated": ('{"people": [{"pose_keypoints_2d": [1, 2', "not readable JSON"),
    "a nesting bomb": ("[" * 200_000, "not readable JSON"),
    "a bomb of objects": ('{"a":' * 200_000, "not readable JSON"),
    "a huge number": ("[" + "9" * 6000 + "]", "not readable JSON"),
    "another tool": ('{"shapes": [], "version": "5.0"}', "expected"),
    "a list": ("[1, 2, 3]", "expected"),
    "null": ("null", "expected"),
}


@pytest.mark.parametrize("damage", BAD_JSON)
@pytest.mark.parametrize("form", ["openpose", "coco-wholebody"])
def test_bad_json_costs_one_line(
    clip: Clip, tmp_path: Path, form: str, damage: str
) -> None:
    content, reason = BAD_JSON[damage]
    folder = tmp_path / "in"
    if form == "openpose":
        write_openpose(clip, folder)
        bad = folder / "bad_000000000000_keypoints.json"
    else:
        folder.mkdir()
        (folder / "good.json").write_text(json.dumps(wholebody(clip, "demo")))
        bad = folder / "bad.json"
    bad.write_text(content)
    line = one_bad(form, folder, tmp_path / "out")
    assert reason in line
    assert "bad" in line


BAD_PEOPLE: dict[str, Any] = {
    "short": [1.0, 2.0, 0.5],
    "texts": ["a"] * 75,
    "nested": [[1.0, 2.0, 0.5]] * 25,
    "infinite": [1e400, 1.0, 0.5] * 25,
    "an object": {"x": 1},
}


@pytest.mark.parametrize("kind", BAD_PEOPLE)
def test_bad_numbers_of_openpose_cost_one_line(
    clip: Clip, tmp_path: Path, kind: str
) -> None:
    write_openpose(clip, tmp_path / "in")
    content = {"people": [{"pose_keypoints_2d": BAD_PEOPLE[kind]}]}
    bad = tmp_path / "in" / "bad_000000000000_keypoints.json"
    bad.write_text(json.dumps(content))
    line = one_bad("openpose", tmp_path / "in", tmp_path / "out")
    assert "pose_keypoints_2d: expected 75 or 54 or 45 numbers" in line


def test_a_huge_json_is_refused_before_it_is_read(clip: Clip, tmp_path: Path) -> None:
    (tmp_path / "good.json").write_text(json.dumps(wholebody(clip, "demo")))
    with (tmp_path / "huge.json").open("wb") as file:
        file.truncate(2**31)
    line = one_bad("coco-wholebody", tmp_path, tmp_path / "out")
    assert "huge.json: 2147483648 bytes" in line


def test_frame_numbers_far_apart_cost_one_line(clip: Clip, tmp_path: Path) -> None:
    write_openpose(clip, tmp_path / "in")
    for number in (0, 999_999_999):
        file = tmp_path / "in" / f"bad_{number:012d}_keypoints.json"
        file.write_text('{"people": []}')
    line = one_bad("openpose", tmp_path / "in", tmp_path / "out")
    assert "1000000000 frames" in line


def test_shares_of_an_unknown_picture_need_its_size(clip: Clip, tmp_path: Path) -> None:
    content = wholebody(clip, "coco")
    for entry in content:
        points = np.reshape(entry["keypoints"], (-1, 3)) / (WIDTH, HEIGHT, 1)
        entry["keypoints"] = points.ravel().tolist()
    (tmp_path / "a.json").write_text(json.dumps(content))
    bare = import_clips("coco-wholebody", tmp_path, tmp_path / "out")
    assert "--size WIDTHxHEIGHT" in bare.failures[0]
    _, (back,) = brought_in("coco-wholebody", tmp_path / "a.json", tmp_path / "out")
    expected = reduce_to(clip.landmarks, "coco-wholebody")
    assert same_place(back.landmarks, expected, 3e-3)


@pytest.fixture
def two_tables(corpus: list[Clip], tmp_path: Path) -> Path:
    """Write two GISLR clips of which tests spoil the second."""
    write_gislr(corpus[:2], tmp_path / "in", 4 / 3)
    return tmp_path / "in"


def second(folder: Path) -> Path:
    return sorted(folder.rglob("*.parquet"))[-1]


def wrong_types(path: Path) -> None:
    table = pd.read_parquet(path)
    table["x"] = "left"
    table.to_parquet(path)


def change(column: str, value: Any) -> Callable[[Path], None]:
    def spoil(path: Path) -> None:
        table = pd.read_parquet(path)
        table[column] = value
        table.to_parquet(path)

    return spoil


BAD_PARQUET: dict[str, tuple[Callable[[Path], None], str]] = {
    "missing": (lambda path: path.unlink(), "not a Parquet file"),
    "empty": (lambda path: path.write_bytes(b"") and None, "not a Parquet file"),
    "text": (lambda path: path.write_text("x,y") and None, "not a Parquet file"),
    "truncated": (
        lambda path: path.write_bytes(path.read_bytes()[:-40]) and None,
        "not a Parquet file",
    ),
    "texts for numbers": (wrong_types, "not a Parquet file"),
    "no column": (
        lambda path: pd.read_parquet(path).drop(columns="x").to_parquet(path),
        "not a Parquet file",
    ),
    "no rows": (lambda path: pd.read_parquet(path)[:0].to_parquet(path), "0 frames"),
    "another type": (change("type", "tail"), "unknown landmarks"),
    "another number": (change("landmark_index", 4711), "unknown landmarks"),
    "a number below zero": (change("landmark_index", -1), "unknown landmarks"),
    "frames without a number": (change("frame", None), "empty cells"),
    "infinite": (change("x", np.inf), "infinite"),
    "nothing seen": (change("x", np.nan), "none is seen"),
    "a late frame": (
        lambda path: pd.concat(
            [pd.read_parquet(path), pd.read_parquet(path)[:1].assign(frame=10**6)]
        ).to_parquet(path),
        "frames; expected",
    ),
}


@pytest.mark.parametrize("damage", BAD_PARQUET)
def test_a_bad_parquet_file_costs_one_line(
    two_tables: Path, tmp_path: Path, damage: str
) -> None:
    spoil, reason = BAD_PARQUET[damage]
    name = second(two_tables).name
    spoil(second(two_tables))
    line = one_bad("gislr", two_tables, tmp_path / "out")
    assert reason in line
    assert name in line


@pytest.mark.parametrize(
    "path",
    ["../secret.parquet", "/etc/passwd", "train_landmark_files/../../secret.parquet"],
)
def test_a_path_out_of_the_folder_is_refused(
    two_tables: Path, tmp_path: Path, path: str
) -> None:
    shutil.copy(second(two_tables), tmp_path / "secret.parquet")
    table = two_tables / "train.csv"
    rows = list(csv.reader(table.read_text("utf-8").splitlines()))
    rows[2][0] = path
    table.write_text("\n".join(map(",".join, rows)), "utf-8")
    assert "outside" in one_bad("gislr", two_tables, tmp_path / "out")


def test_a_table_with_a_mark_in_front_is_read(two_tables: Path, tmp_path: Path) -> None:
    table = two_tables / "train.csv"
    table.write_text(table.read_text("utf-8"), "utf-8-sig")
    report = import_clips("gislr", two_tables, tmp_path / "out")
    assert (report.clips, report.failures) == (2, [])


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"a.parquet,1,2,cow\n", "the first line is"),
        (b"", "the first line is"),
        (b"\xffbad", "is not UTF-8 text"),
        (
            b'path,participant_id,sequence_id,sign\na,1,2,"cow\nb,1,3,dog"\n',
            "check the quotation marks",
        ),
    ],
)
def test_a_table_without_its_header_is_one_line(
    two_tables: Path, tmp_path: Path, content: bytes, reason: str
) -> None:
    (two_tables / "train.csv").write_bytes(content)
    with pytest.raises(DatasetError, match=reason) as error:
        import_clips("gislr", two_tables, tmp_path / "out")
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    "form", ["pose", "openpose", "coco-wholebody", "gislr", "mp-data"]
)
@pytest.mark.parametrize("place", ["empty", "nowhere"])
def test_a_source_with_nothing_in_it_is_one_line(
    tmp_path: Path, form: str, place: str
) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(MediaError, match=place) as error:
        import_clips(form, tmp_path / place, tmp_path / "out")
    assert "\n" not in str(error.value)
