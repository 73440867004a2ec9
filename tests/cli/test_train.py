"""The commands train and presets: what they take, show and print."""

import json
from pathlib import Path

import numpy as np
import pytest

from commands import Command, assert_one_line
from signnet.cli.progress import training_display
from signnet.clip import Clip
from signnet.config import PRESETS, preset, read_recipe
from signnet.dataset import Dataset, write_clips
from signnet.models.checkpoint import Checkpoint
from signnet.recognise.recogniser import Recogniser
from signnet.splits import make_split, write_split
from signnet.training.progress import EpochReport

pytestmark = pytest.mark.slow

SMALL = ("--set", "model.architecture=none", "--set", "model.exemplars=12.0")


@pytest.fixture(scope="module")
def split(four_signs: Dataset, tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("splits") / "split.json"
    write_split(make_split(four_signs, "signer", hold_out="P03"), file)
    return file


def test_the_presets_are_listed_with_one_line_each(signnet: Command) -> None:
    lines = signnet("presets").out.splitlines()
    assert [line.split()[0] for line in lines] == list(PRESETS)
    assert all(len(line) <= 88 for line in lines)


def test_a_printed_preset_is_a_recipe_file(signnet: Command, tmp_path: Path) -> None:
    file = tmp_path / "mine.toml"
    file.write_text(signnet("presets", "spoter").out, "utf-8")
    assert read_recipe(file) == preset("spoter")
    assert_one_line(signnet("presets", "best"), "best", "exemplars", "spoter")


def test_exemplars_alone_train_recognise_and_are_taught(
    signnet: Command,
    dataset_folder: Path,
    four_signs: Dataset,
    split: Path,
    tmp_path: Path,
) -> None:
    run = tmp_path / "run"
    words = ("train", dataset_folder, "--out", run, "--split", split)
    ended = signnet(*words, "--preset", "exemplars", "--threads", 1)
    assert ended.status == 0, ended.err
    assert "(exemplars alone, calibrated); held out: signer P03" in ended.out
    assert "fitting exemplars: done in " in ended.err
    assert "epoch" not in ended.err
    assert "nan" not in ended.err
    card = json.loads((run / "model.json").read_text("utf-8"))
    assert (card["members"], card["held_out"]) == (0, "signer P03")
    judged = signnet("evaluate", run, dataset_folder, "--split", split, "--json")
    top1 = json.loads(judged.out)["top1"]
    assert f"top-1 {top1:.3f} on 8 clips" in ended.out
    taught = tmp_path / "taught"
    clips = [clip for clip in four_signs if clip.signer == "P03"][:2]
    write_clips(clips, tmp_path / "lesson.parquet")
    lesson = ("enrol", run, tmp_path / "lesson.parquet", "--gloss", "নতুন")
    assert signnet(*lesson, "--out", taught, "--yes").status == 0
    best = Recogniser.open(taught).recognise(clips[0]).top[0]
    assert best.gloss == "নতুন"


def test_without_held_out_clips_a_taught_model_starts_from_the_same_probabilities(
    signnet: Command, dataset_folder: Path, clip: Clip, tmp_path: Path
) -> None:
    run, same = tmp_path / "run", tmp_path / "same"
    words = ("train", dataset_folder, "--out", run, "--preset", "exemplars")
    assert signnet(*words).status == 0
    write_clips([clip], tmp_path / "lesson.parquet")
    lesson = ("enrol", run, tmp_path / "lesson.parquet", "--gloss", "X", "--yes")
    assert signnet(*lesson, "--out", tmp_path / "taught").status == 0
    forget = ("enrol", tmp_path / "taught", "--forget", "X", "--out", same)
    assert signnet(*forget).status == 0
    found = [Recogniser.open(model).probabilities(clip) for model in (run, same)]
    np.testing.assert_allclose(found[0], found[1], atol=1e-5)


def test_settings_come_from_a_file_and_from_the_line(
    signnet: Command, dataset_folder: Path, tmp_path: Path
) -> None:
    file = tmp_path / "mine.toml"
    file.write_text("[augment]\nrotation = 5.0\n[train]\nepochs = 9\n", "utf-8")
    words = ("train", dataset_folder, "--out", tmp_path / "run", "--recipe", file)
    words += ("--base", "none")
    ended = signnet(*words, *SMALL, "--epochs", 4, "--set", "train.batch_size=12")
    assert ended.status == 0, ended.err
    recipe = Checkpoint.load(tmp_path / "run" / "checkpoint.pt").recipe
    assert (recipe.augment.rotation, recipe.train.epochs) == (5.0, 4)
    assert (recipe.train.batch_size, recipe.model.architecture) == (12, "none")
    assert recipe.train.learning_rate == preset("default").train.learning_rate


@pytest.mark.parametrize(
    ("options", "named"),
    [
        (("--set", "train.learning_rat=1"), "did you mean train.learning_rate"),
        (("--set", "train.epochs=many"), "train.epochs is 'many'; it should be a wh"),
        (("--set", "train.epochs"), "write table.name=value"),
        (("--recipe", "none.toml"), "none.toml is not a recipe: No such file"),
        (("--recipe", "a.toml", "--preset", "spoter"), "exclude each other"),
        (("--preset", "exemplars", "--ensemble", 2), "ensemble of 2 without a network"),
        (("--threads", 0), "0 threads; it should be 1 or more"),
        (("--base", "nowhere"), "no model at nowhere"),
        (("--base", "bdsl55"), "is a model of 55 glosses, not a base"),
        (("--preset", "spoter", "--base", "base"), "a base works through the exemp"),
    ],
)
@pytest.mark.usefixtures("without_shape_checks")
def test_a_wrong_setting_is_one_line_before_anything_is_written(
    signnet: Command,
    dataset_folder: Path,
    tmp_path: Path,
    options: tuple[object, ...],
    named: str,
) -> None:
    run = tmp_path / "run"
    assert_one_line(signnet("train", dataset_folder, "--out", run, *options), named)
    assert not run.exists()


@pytest.mark.parametrize(
    ("networks", "loss", "shown"),
    [
        (1, 1.25, "epoch   1  network alone: train loss 2.000 top-1 0.500, held out "),
        (2, 1.25, "network 1/2 alone: train loss"),
        (1, float("nan"), "top-1 0.500  10 clips/s"),
    ],
)
def test_an_epoch_says_what_its_figures_are_of(
    capsys: pytest.CaptureFixture[str], networks: int, loss: float, shown: str
) -> None:
    report = EpochReport(1, 2.0, 0.5, loss, loss, 1e-3, 1.0, 10.0, 0.1, True)
    with training_display(3, networks) as (watch, _):
        watch(0, report)
    told = capsys.readouterr().err
    assert shown in told
    assert "nan" not in told


def test_a_held_out_part_without_a_known_gloss_has_no_figure(
    signnet: Command, four_signs: Dataset, tmp_path: Path
) -> None:
    clips = list(four_signs)
    alone = min(four_signs.require_glosses())
    write_clips(clips, tmp_path / "data" / "all.parquet")
    listed = [clip.name for clip in clips if clip.gloss == alone]
    (tmp_path / "val.txt").write_text("\n".join(listed), "utf-8")
    words = ("train", tmp_path / "data", "--out", tmp_path / "run", *SMALL)
    words += ("--base", "none")
    ended = signnet(*words, "--split", tmp_path / "val.txt")
    assert ended.status == 0, ended.err
    assert f"none of the {len(listed)} held-out clips shows a gloss that" in ended.out


def test_the_default_recipe_compares_clips_on_the_shipped_base(
    signnet: Command, dataset_folder: Path, split: Path, tmp_path: Path
) -> None:
    run = tmp_path / "run"
    ended = signnet("train", dataset_folder, "--out", run, "--split", split)
    assert ended.status == 0, ended.err
    assert "(exemplars and base together, calibrated); held out: sig" in ended.out
    card = json.loads((run / "model.json").read_text("utf-8"))
    assert card["base"]["name"] == "base"
    assert card["metrics"]["top1"] > 0.5
    assert signnet("export", run, tmp_path / "out").status == 0
    assert_one_line(signnet("train", dataset_folder, "--out", tmp_path / "pose",
        "--streams", "pose"), "base reads another streams", "--base none")  # fmt: skip


def test_base_none_trains_without_the_base(
    signnet: Command, dataset_folder: Path, tmp_path: Path
) -> None:
    words = ("train", dataset_folder, "--out", tmp_path / "run", "--base", "none")
    ended = signnet(*words, "--streams", "hands")
    assert ended.status == 0, ended.err
    found = Checkpoint.load(tmp_path / "run" / "checkpoint.pt")
    assert (found.base, found.parts) == ({}, "exemplars alone")
    assert not found.recipe.model.base
