"""Runs: a folder that is whole, goes on exactly, and refuses to be another."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

from signnet.config import Recipe
from signnet.dataset import Dataset
from signnet.errors import DatasetError, ModelError, SettingsError
from signnet.models.checkpoint import Checkpoint
from signnet.splits import Fold, make_split
from signnet.train.loop import EpochReport
from signnet.train.machine import free_threads
from signnet.train.run import RunSettings, train_run

torch.set_num_threads(1)


class Stop(Exception):
    """Stands for a kill between two epochs."""


def quiet(_member: int, _report: EpochReport) -> None:
    pass


@pytest.fixture(scope="module")
def fold(four_signs: Dataset) -> Fold:
    return make_split(four_signs, "clip", folds=3).folds[0]


@pytest.fixture
def settings(tiny: Recipe) -> RunSettings:
    return RunSettings(recipe=tiny, threads=1)


@pytest.fixture(autouse=True)
def _without_export(finished_run: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave out the export, which takes seconds; it has tests of its own."""
    assert (finished_run / "model.onnx").is_file(), "made before, with its export"
    monkeypatch.setattr("signnet.train.run.export", lambda *_a, **_k: 0.0)


def weights(run: Path) -> list[dict[str, torch.Tensor]]:
    return list(Checkpoint.load(run / "checkpoint.pt").members)


def log(run: Path, member: int = 0) -> list[dict[str, Any]]:
    lines = (run / f"member-{member}" / "metrics.jsonl").read_text().splitlines()
    return [json.loads(line) for line in lines]


def test_a_finished_run_is_whole(finished_run: Path, tiny: Recipe) -> None:
    names = {path.name for path in finished_run.iterdir()}
    assert names == {
        "run.json", "checkpoint.pt", "model.onnx", "model.json", "member-0",
        "expression.npz",
    }  # fmt: skip
    found = Checkpoint.load(finished_run / "checkpoint.pt")
    assert found.recipe == tiny
    assert found.held_out.startswith("signer ")
    assert len(found.vocabulary) == 4
    assert set(found.metrics) == {"top1", "abstain_below", "false_alarms", "withheld"}
    assert len(found.trained_on) == 16


def test_each_epoch_is_one_line_of_the_log(finished_run: Path) -> None:
    assert [line["epoch"] for line in log(finished_run)] == [1, 2, 3]
    assert {"train_loss", "validation_loss", "validation_top1"} <= set(
        log(finished_run)[0]
    )


def test_tensorboard_shows_the_same_figures(finished_run: Path) -> None:
    board = EventAccumulator(str(finished_run / "member-0")).Reload()
    tags: Any = board.Tags()["scalars"]
    assert "validation/loss" in tags
    shown = [scalar.value for scalar in board.Scalars("train/loss")]
    logged = [line["train_loss"] for line in log(finished_run)]
    np.testing.assert_allclose(shown, logged, rtol=1e-6)


def test_an_existing_run_is_not_overwritten(
    finished_run: Path, four_signs: Dataset, fold: Fold, settings: RunSettings
) -> None:
    before = (finished_run / "checkpoint.pt").stat().st_mtime_ns
    with pytest.raises(ModelError, match="already holds a run; add --resume"):
        train_run(four_signs, fold, settings, finished_run, quiet)
    assert (finished_run / "checkpoint.pt").stat().st_mtime_ns == before


@pytest.mark.parametrize(
    ("change", "named"),
    [({"seed": 3}, "seed"), ({"members": 2}, "members"), ({}, "clips")],
)
def test_another_run_is_not_gone_on_with(
    finished_run: Path,
    four_signs: Dataset,
    fold: Fold,
    settings: RunSettings,
    change: dict[str, Any],
    named: str,
) -> None:
    other = replace(settings, resume=True, **change)
    with pytest.raises(ModelError, match=f"another .*{named}"):
        train_run(four_signs, fold, other, finished_run, quiet)


@pytest.mark.parametrize("members", [1, 2])
def test_a_killed_run_goes_on_exactly(
    members: int,
    four_signs: Dataset,
    fold: Fold,
    settings: RunSettings,
    tmp_path: Path,
) -> None:
    asked = replace(settings, members=members)

    def stop(member: int, report: EpochReport) -> None:
        if (member, report.epoch) == (members - 1, 2):
            raise Stop

    whole, broken = tmp_path / "whole", tmp_path / "broken"
    train_run(four_signs, fold, asked, whole, quiet)
    with pytest.raises(Stop):
        train_run(four_signs, fold, asked, broken, stop)
    assert not (broken / "checkpoint.pt").exists()
    seen = list[tuple[int, int]]()
    train_run(
        four_signs,
        fold,
        replace(asked, resume=True),
        broken,
        lambda member, report: seen.append((member, report.epoch)),
    )
    assert seen == [(members - 1, 3)]
    for one, other in zip(weights(whole), weights(broken), strict=True):
        assert all(torch.equal(one[key], other[key]) for key in one)
    for member in range(members):
        losses = [
            [line["validation_loss"] for line in log(run, member)]
            for run in (whole, broken)
        ]
        assert losses[0] == losses[1]


def test_a_line_behind_the_saved_state_is_dropped(
    four_signs: Dataset, fold: Fold, settings: RunSettings, tmp_path: Path
) -> None:
    def stop(_member: int, report: EpochReport) -> None:
        if report.epoch == 2:
            raise Stop

    with pytest.raises(Stop):
        train_run(four_signs, fold, settings, tmp_path, stop)
    with (tmp_path / "member-0" / "metrics.jsonl").open("a") as lines:
        lines.write('{"epoch": 3}\n')
    train_run(four_signs, fold, replace(settings, resume=True), tmp_path, quiet)
    assert [line["epoch"] for line in log(tmp_path)] == [1, 2, 3]
    assert all("train_loss" in line for line in log(tmp_path))


def test_members_of_an_ensemble_differ(
    four_signs: Dataset, fold: Fold, settings: RunSettings, tmp_path: Path
) -> None:
    train_run(four_signs, fold, replace(settings, members=2), tmp_path, quiet)
    first, second = weights(tmp_path)
    assert not all(torch.equal(first[key], second[key]) for key in first)


def test_patience_keeps_the_best_weights(
    four_signs: Dataset, fold: Fold, settings: RunSettings, tmp_path: Path, tiny: Recipe
) -> None:
    train = replace(tiny.train, patience=5, epochs=3)
    asked = replace(settings, recipe=replace(tiny, train=train))
    found = train_run(four_signs, fold, asked, tmp_path, quiet)
    best = torch.load(tmp_path / "member-0" / "best.pt", weights_only=True)["weights"]
    assert all(torch.equal(best[key], found.members[0][key]) for key in best)
    assert found.held_out.endswith("(also used to stop early)")


def test_without_a_split_all_clips_are_trained_on(
    four_signs: Dataset, settings: RunSettings, tmp_path: Path
) -> None:
    everything = Fold("nothing", tuple(four_signs.names), ())
    found = train_run(four_signs, everything, settings, tmp_path, quiet)
    assert len(found.trained_on) == len(four_signs)
    assert found.metrics == {}
    assert found.held_out == "nothing"


def test_one_clip_of_a_gloss_is_enough_to_train(
    four_signs: Dataset, settings: RunSettings, tmp_path: Path
) -> None:
    glosses = four_signs.require_glosses()
    lone = [
        name
        for place, name in enumerate(four_signs.names)
        if glosses.index(glosses[place]) == place
    ]
    found = train_run(
        four_signs, Fold("nothing", tuple(lone), ()), settings, tmp_path, quiet
    )
    assert len(found.vocabulary) == len(lone) == 4


def test_one_gloss_is_refused(
    four_signs: Dataset, settings: RunSettings, tmp_path: Path
) -> None:
    fold = Fold("nothing", tuple(four_signs.names[:1]), ())
    with pytest.raises(DatasetError, match="at least two"):
        train_run(four_signs, fold, settings, tmp_path, quiet)
    assert not list(tmp_path.iterdir())


def test_a_broken_card_or_state_is_named(
    four_signs: Dataset, fold: Fold, settings: RunSettings, tmp_path: Path
) -> None:
    asked = replace(settings, resume=True)
    (tmp_path / "run.json").write_text("{")
    with pytest.raises(ModelError, match=r"run.json is broken"):
        train_run(four_signs, fold, asked, tmp_path, quiet)
    (tmp_path / "run.json").unlink()
    (tmp_path / "member-0").mkdir()
    (tmp_path / "member-0" / "last.pt").write_text("hello")
    with pytest.raises(ModelError, match=r"last.pt is broken.*delete it"):
        train_run(four_signs, fold, asked, tmp_path, quiet)


def test_a_folder_that_cannot_be_made_is_named(
    four_signs: Dataset, fold: Fold, settings: RunSettings, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ModelError, match="cannot write to"):
        train_run(four_signs, fold, settings, tmp_path / "file" / "run", quiet)


@pytest.mark.parametrize("change", [{"members": 0}, {"threads": 0}])
def test_numbers_that_make_no_training_are_refused(
    tiny: Recipe, change: dict[str, Any]
) -> None:
    with pytest.raises(SettingsError, match="1 or more"):
        RunSettings(recipe=tiny, **change)


def test_at_least_one_thread_is_free() -> None:
    assert free_threads() >= 1
