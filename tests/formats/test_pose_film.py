"""A `.pose` file of a whole film is read in parts, as it would be at once."""

import tracemalloc
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from signnet.clip import Clip
from signnet.dataset import Dataset
from signnet.errors import DatasetError, MediaError
from signnet.formats.pose import film_of_pose, read_pose, write_poses
from signnet.recognise.films import list_films, open_film
from signnet.skeleton import index

library = pytest.importorskip("pose_format", reason="needs the pose extra")


@pytest.fixture
def file(clip: Clip, tmp_path: Path) -> Path:
    write_poses(Dataset.of_clips([clip]), tmp_path / "poses")
    return next((tmp_path / "poses").glob("*.pose"))


@pytest.fixture(params=[7, 1000])
def _parts(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("signnet.formats.pose.film._PART", request.param)


def rewritten(file: Path, change: Any) -> Path:
    pose = library.Pose.read(file.read_bytes())
    pose = change(pose) or pose
    with file.open("wb") as stream:
        pose.write(stream)
    return file


def assert_is_read_as_a_clip(file: Path) -> None:
    clip = read_pose(file, "a")
    times, joints = zip(*film_of_pose(file), strict=True)
    np.testing.assert_allclose(joints, clip.landmarks, rtol=0, atol=1e-6)
    assert times == pytest.approx(np.arange(len(joints)) / clip.fps)


@pytest.mark.usefixtures("_parts")
def test_frames_are_those_of_the_clip(file: Path) -> None:
    assert_is_read_as_a_clip(file)


@pytest.mark.usefixtures("_parts")
@pytest.mark.parametrize("name", ["holistic_short", "openpose"])
def test_frames_of_real_files_are_those_of_their_clips(data: Path, name: str) -> None:
    assert_is_read_as_a_clip(data / "pose_files" / f"{name}.pose")


def test_films_to_transcribe_are_read_so(file: Path) -> None:
    ((label, frames),) = list_films(file)
    assert label == str(file)
    assert len(list(frames)) == len(list(open_film(file))) > 10


def test_a_film_of_an_hour_needs_little_memory(file: Path) -> None:
    frames = 30_000

    def lengthen(pose: Any) -> Any:
        pose = pose.get_components(["POSE_LANDMARKS"])
        pose.body.data = np.ma.concatenate([pose.body.data[:1]] * frames)
        pose.body.confidence = np.concatenate([pose.body.confidence[:1]] * frames)
        return pose

    rewritten(file, lengthen)
    with pytest.raises(MediaError, match="30000 frames"):
        read_pose(file, "a")
    tracemalloc.start()
    try:
        assert sum(1 for _ in film_of_pose(file)) == frames
        assert tracemalloc.get_traced_memory()[1] < 60e6  # 200 MB as landmarks
    finally:
        tracemalloc.stop()


@pytest.mark.usefixtures("_parts")
def test_of_two_people_the_one_seen_best_in_the_whole_film_is_followed(
    file: Path, clip: Clip
) -> None:
    def add_somebody(pose: Any) -> None:
        """Put a second person first, who is surer at the start and then gone."""
        data, sure = pose.body.data, pose.body.confidence
        other = sure.copy()
        other[5:] = 0
        pose.body.data = np.ma.concatenate([data + 50, data], axis=1)
        pose.body.confidence = np.concatenate([other, sure * 0.9], axis=1)

    rewritten(file, add_somebody)
    nose = [joints[index("nose"), 0] for _, joints in film_of_pose(file)]
    np.testing.assert_allclose(nose, clip.landmarks[:, index("nose"), 0], atol=1e-3)


@pytest.mark.parametrize("rate", [0.0, -25.0, np.nan])
def test_a_film_without_a_frame_rate_is_refused(file: Path, rate: float) -> None:
    def spoil(pose: Any) -> None:
        pose.body.fps = rate

    with pytest.raises(DatasetError, match="unknown frame rate"):
        list(film_of_pose(rewritten(file, spoil)))


def test_a_film_that_shows_nobody_is_refused(file: Path) -> None:
    def hide(pose: Any) -> None:
        pose.body.confidence[:] = 0

    with pytest.raises(MediaError, match="no joint is seen"):
        list(film_of_pose(rewritten(file, hide)))


@pytest.mark.parametrize("share", [0.0, 0.001, 0.1, 0.5, 0.9])
def test_a_cut_film_costs_one_line(file: Path, share: float) -> None:
    content = file.read_bytes()
    file.write_bytes(content[: int(share * len(content))])
    with pytest.raises(MediaError) as error:
        list(film_of_pose(file))
    assert "\n" not in str(error.value)
    assert file.name in str(error.value)
