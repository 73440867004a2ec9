"""A base on the command line: it knows no word, and is taught any."""

import json
from pathlib import Path

import pytest

from commands import Command, assert_one_line
from signnet.dataset import Dataset, write_clips
from signnet.models.base import BaseEncoder

Made = tuple[Path, BaseEncoder]


@pytest.fixture(scope="module")
def lesson(four_signs: Dataset, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give the clips of the four signs by one signer."""
    file = tmp_path_factory.mktemp("lessons") / "lesson.parquet"
    write_clips([clip for clip in four_signs if clip.signer == "P01"], file)
    return file


@pytest.fixture(scope="module")
def others(four_signs: Dataset, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give the clips by all others as a dataset."""
    folder = tmp_path_factory.mktemp("others")
    clips = [clip for clip in four_signs if clip.signer != "P01"]
    write_clips(clips, folder / "all.parquet")
    return folder


@pytest.fixture
def enrolled(signnet: Command, small_base: Made, lesson: Path, tmp_path: Path) -> Path:
    out = tmp_path / "enrolled"
    ended = signnet("enrol", small_base[0], lesson, "--out", out, "--yes")
    assert ended.status == 0, ended.err
    assert "8 clips taught, 4 glosses, of them new: " in ended.out
    return out


@pytest.mark.parametrize("command", ["predict", "evaluate"])
def test_a_base_says_in_one_line_that_it_knows_no_word_and_what_to_type(
    signnet: Command, small_base: Made, others: Path, command: str
) -> None:
    words = {
        "predict": (others, others, "nowhere.mp4", "--model", small_base[0]),
        "evaluate": (small_base[0], others),
    }[command]
    ended = signnet(command, *words)
    assert_one_line(
        ended,
        f"{small_base[0]} knows no word yet",
        f"`signnet enrol {small_base[0]} CLIPS --out MODEL`",
    )
    assert ended.out == ""


def test_a_shipped_base_is_called_by_its_name(signnet: Command, others: Path) -> None:
    ended = signnet("predict", others, "--model", "base")
    assert_one_line(ended, "base knows no word yet; teach", "`signnet enrol base CLIPS")


def test_an_enrolled_base_is_a_model_for_every_command(
    signnet: Command, enrolled: Path, four_signs: Dataset, others: Path
) -> None:
    glosses = {*four_signs.require_glosses()}
    ended = signnet("predict", others, "--model", enrolled, "--json")
    assert ended.status == 0, ended.err
    answers = json.loads(ended.out)
    assert len(answers) == 16
    for one in answers:
        assert {said["gloss"] for said in one["predictions"]} == glosses
        total = sum(said["probability"] for said in one["predictions"])
        assert 0 < total <= 1 + 1e-5  # the rest: none of these words
    judged = json.loads(signnet("evaluate", enrolled, others, "--json").out)
    assert judged["clips"] == 16
    assert judged["top1"] > 0.6  # one in four would be chance


def test_an_enrolled_base_is_judged_on_its_lesson_as_trained_on(
    signnet: Command, enrolled: Path, lesson: Path
) -> None:
    judged = json.loads(signnet("evaluate", enrolled, lesson, "--json").out)
    assert (judged["clips"], judged["clips_in_training"]) == (8, 8)
    assert judged["top1"] == 1


@pytest.mark.parametrize("taught", [False, True])
def test_a_base_looks_signs_up_taught_or_not(
    signnet: Command,
    small_base: Made,
    enrolled: Path,
    lesson: Path,
    others: Path,
    tmp_path: Path,
    taught: bool,
) -> None:
    asked = Dataset.open(lesson)[0]
    write_clips([asked], tmp_path / "asked.parquet")
    model = enrolled if taught else small_base[0]
    words = ("search", tmp_path / "asked.parquet", others, "--model", model, "--json")
    found = json.loads(signnet(*words).out)
    assert found[0]["gloss"] == asked.gloss
    assert len(found) == 10


def test_forgetting_everything_gives_the_very_base_back(
    signnet: Command, small_base: Made, enrolled: Path, tmp_path: Path
) -> None:
    card = json.loads((enrolled / "taught.json").read_text("utf-8"))
    forget = [["--forget", word["gloss"]] for word in card["words"]]
    words = [part for pair in forget for part in pair]
    ended = signnet("enrol", enrolled, *words, "--out", tmp_path / "again")
    assert "0 clips taught, 0 glosses" in ended.out, ended.err
    again = sorted((tmp_path / "again").iterdir())
    assert [one.name for one in again] == ["model.json", "model.onnx"]
    for one in again:
        assert one.read_bytes() == (small_base[0] / one.name).read_bytes()


def test_an_enrolled_base_is_taught_more_words(
    signnet: Command, enrolled: Path, others: Path, tmp_path: Path
) -> None:
    clips = [clip for clip in Dataset.open(others) if clip.signer == "P02"][:1]
    write_clips(clips, tmp_path / "more.parquet")
    words = ("enrol", enrolled, tmp_path / "more.parquet", "--gloss", "পাখি")
    ended = signnet(*words, "--out", tmp_path / "more", "--yes")
    assert "1 clip taught, 5 glosses" in ended.out, ended.err
    ended = signnet(
        "predict", tmp_path / "more.parquet", "--model", tmp_path / "more", "--json"
    )
    assert json.loads(ended.out)[0]["predictions"][0]["gloss"] == "পাখি"


def test_a_hostile_file_of_taught_words_is_one_line(
    signnet: Command, enrolled: Path, others: Path
) -> None:
    file = enrolled / "taught.json"
    whole = file.read_text("utf-8")
    for content in (
        "[" * 100_000,
        whole[:-9],
        whole.replace('"version":2', '"version":1'),
    ):
        file.write_text(content, "utf-8")
        ended = signnet("predict", others, "--model", enrolled)
        assert_one_line(ended, "taught.json")
