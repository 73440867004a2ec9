"""Commands on corpora, comparison and teaching: what they print and write."""

import json
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from commands import Command, assert_one_line
from foreign import HEIGHT, WIDTH, write_openpose
from runs import train_remembering
from signnet.clip import Clip
from signnet.config import Recipe
from signnet.dataset import Dataset, write_clips
from signnet.formats.joints import reduce_to
from signnet.splits import make_split, write_split

pytestmark = pytest.mark.slow


def test_openpose_comes_in_with_its_size_and_a_bad_frame_is_named(
    signnet: Command, clip: Clip, tmp_path: Path
) -> None:
    write_openpose(clip, tmp_path / "in" / "HELLO", "good")
    write_openpose(clip, tmp_path / "in" / "HELLO", "torn")[1].write_text("{")
    words = ("import", "openpose", tmp_path / "in", tmp_path / "out")
    ended = signnet(*words, "--size", f"{WIDTH}x{HEIGHT}", "--fps", 25)
    assert (ended.status, ended.out.startswith("1 clip imported")) == (2, True)
    assert "torn" in ended.err
    (read,) = Dataset.open(tmp_path / "out")
    assert (read.gloss, read.fps) == ("HELLO", 25.0)
    expected = reduce_to(clip.landmarks, "openpose")[..., :2]
    np.testing.assert_allclose(read.landmarks[..., :2], expected, atol=3e-3)


@pytest.mark.parametrize("size", ["1280", "0x720", "1280x-1", "wide"])
def test_a_size_without_meaning_is_one_line(
    signnet: Command, tmp_path: Path, size: str
) -> None:
    ended = signnet("import", "openpose", tmp_path, tmp_path / "o", "--size", size)
    assert_one_line(ended, size, "1280x720")


def test_poses_go_out_and_come_back_with_their_labels(
    signnet: Command, dataset_folder: Path, tmp_path: Path
) -> None:
    pytest.importorskip("pose_format", reason="needs the extra: signnet[pose]")
    poses, back = tmp_path / "poses", tmp_path / "back"
    ended = signnet("export-pose", dataset_folder, poses)
    assert (ended.status, ended.out.split()[:2]) == (0, ["24", "files"])
    signnet("import", "pose", poses, back, "--index", poses / "index.csv")
    before, after = Dataset.open(dataset_folder), Dataset.open(back)
    for kind in ("gloss", "signer", "session"):
        told = dict(zip(before.names, before.column(kind), strict=True))
        assert dict(zip(after.names, after.column(kind), strict=True)) == told


@pytest.fixture
def two_models(finished_run: Path, tmp_path: Path) -> tuple[Path, Path]:
    """Give a run and its likeness that answers with its glosses turned round."""
    other = tmp_path / "other"
    shutil.copytree(finished_run, other)
    card = json.loads((other / "model.json").read_text("utf-8"))
    card["vocabulary"].reverse()
    (other / "model.json").write_text(json.dumps(card), "utf-8")
    return finished_run, other


def test_two_models_are_compared_on_the_clips_held_out(
    signnet: Command, two_models: tuple[Path, Path], dataset_folder: Path,
    tmp_path: Path,
) -> None:  # fmt: skip
    first, second = two_models
    data = Dataset.open(dataset_folder)
    split = tmp_path / "split.json"
    write_split(make_split(data, "signer", hold_out="P03"), split)
    words = ("compare", first, second, "--data", dataset_folder, "--split", split)
    ended = signnet(*words, "--json", "--out", tmp_path / "page")
    assert ended.status == 0, ended.err
    told = json.loads(ended.out)
    right = [told["models"][str(model)]["top1"] for model in two_models]
    alone = ("evaluate", first, dataset_folder, "--split", split, "--json")
    assert right[0] == json.loads(signnet(*alone).out)["top1"] != right[1]
    assert told["pairs"][0]["difference"] == pytest.approx(right[1] - right[0])
    assert told["clips"] == 8
    assert "comparison.html" in ended.err
    html = (tmp_path / "page" / "comparison.html").read_text("utf-8")
    assert "2 models on signs" in html
    lines = signnet(*words).out.splitlines()
    assert [line.partition(": top-1")[0] for line in lines[:2]] == [
        *map(str, two_models)
    ]
    assert f"{second} minus {first}: {right[1] - right[0]:+.3f} (" in lines[2]


def test_a_model_is_not_compared_with_itself(
    signnet: Command, finished_run: Path, dataset_folder: Path
) -> None:
    words = ("compare", finished_run, finished_run, "--data", dataset_folder)
    assert_one_line(signnet(*words), "two or more different models")


@pytest.fixture(scope="module")
def remembering(
    four_signs: Dataset, tiny: Recipe, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """Give the run of a model that remembers its clips, one of four signs left out."""
    known = [clip for clip in four_signs if clip.gloss != new_word(four_signs)]
    out = tmp_path_factory.mktemp("runs") / "remembering"
    return train_remembering(known, tiny, out)


def new_word(data: Dataset) -> str:
    return min(data.require_glosses())


@pytest.fixture
def lesson(four_signs: Dataset, tmp_path: Path) -> Path:
    """Give two clips of the new word by one signer."""
    clips = [clip for clip in four_signs if clip.gloss == new_word(four_signs)]
    write_clips([c for c in clips if c.signer == "P01"], tmp_path / "lesson.parquet")
    return tmp_path / "lesson.parquet"


def test_a_word_is_taught_predicted_and_forgotten(
    signnet: Command, remembering: Path, lesson: Path, four_signs: Dataset,
    tmp_path: Path,
) -> None:  # fmt: skip
    taught, without = tmp_path / "taught", tmp_path / "without"
    words = ("enrol", remembering, lesson, "--gloss", "পাখি", "--out", taught)
    ended = signnet(*words)
    assert "looks like" in ended.err
    assert not taught.exists()
    ended = signnet(*words, "--yes")
    assert "2 clips taught, 4 glosses, of them new: পাখি" in ended.out, ended
    other = [
        clip
        for clip in four_signs
        if (clip.gloss, clip.signer) == (new_word(four_signs), "P02")
    ]
    write_clips(other, tmp_path / "other.parquet")
    ended = signnet("predict", tmp_path / "other.parquet", "--model", taught, "--json")
    said = [row["predictions"][0]["gloss"] for row in json.loads(ended.out)]
    assert said == ["পাখি"] * 2
    ended = signnet("enrol", taught, "--forget", "পাখি", "--out", without)
    assert "0 clips taught, 3 glosses\n" in ended.out


def test_teaching_without_clips_or_a_known_word_is_one_line(
    signnet: Command, remembering: Path, tmp_path: Path
) -> None:
    words = ("enrol", remembering, "--out", tmp_path / "o")
    assert_one_line(signnet(*words), "nothing to do")
    assert_one_line(signnet(*words, "--forget", "নদী"), "নদী")
    assert not (tmp_path / "o").exists()


def test_a_sign_is_looked_up_among_others(
    signnet: Command, remembering: Path, four_signs: Dataset, dataset_folder: Path,
    tmp_path: Path,
) -> None:  # fmt: skip
    asked = next(clip for clip in four_signs if clip.gloss != new_word(four_signs))
    write_clips([replace(asked, name="asked")], tmp_path / "asked.parquet")
    words = ("search", tmp_path / "asked.parquet", dataset_folder)
    ended = signnet(*words, "--model", remembering, "--most", 3, "--json")
    found = json.loads(ended.out)
    assert [one["gloss"] for one in found] == [asked.gloss] * 3
    assert found[0]["clip"] == asked.name
    ended = signnet(*words, "--model", remembering, "--most", 1)
    assert ended.out.split("\t")[1:] == [asked.gloss, asked.signer, f"{asked.name}\n"]
    assert_one_line(signnet(*words, "--most", 0), "most is 0")
    several = ("search", dataset_folder / "all.parquet", dataset_folder)
    assert_one_line(signnet(*several, "--model", remembering), "24 clips; give one")
