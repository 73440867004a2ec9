"""Runs: a folder that is whole, goes on exactly, and refuses to be another."""

import hashlib
import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

from signnet.config import Recipe, preset
from signnet.dataset import Dataset
from signnet.errors import DatasetError, ModelError, SettingsError
from signnet.models.base import BaseEncoder
from signnet.models.checkpoint import Checkpoint
from signnet.splits import Fold, make_split
from signnet.training.machine import free_threads
from signnet.training.progress import EpochReport
from signnet.training.run import RunSettings, train_run

pytestmark = pytest.mark.slow

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
    monkeypatch.setattr("signnet.training.run.export", lambda *_a, **_k: 0.0)


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


@pytest.mark.parametrize("resume", [False, True])
@pytest.mark.parametrize("name", ["member-0/diary.txt", "checkpoint.pt", "anchors.npy"])
def test_files_of_somebody_else_are_not_replaced_by_a_run(
    four_signs: Dataset,
    fold: Fold,
    settings: RunSettings,
    tmp_path: Path,
    name: str,
    resume: bool,
) -> None:
    (tmp_path / name).parent.mkdir(exist_ok=True)
    (tmp_path / name).write_text("mine")
    again = replace(settings, resume=resume)
    with pytest.raises(ModelError, match=r"no run\.json; choose another") as error:
        train_run(four_signs, fold, again, tmp_path)
    assert "\n" not in str(error.value)
    assert (tmp_path / name).read_text() == "mine"
    assert not (tmp_path / "run.json").exists()


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


def test_a_run_goes_on_with_the_threads_it_was_started_with(
    four_signs: Dataset, fold: Fold, settings: RunSettings, tmp_path: Path
) -> None:
    within = list[int]()

    def watch(_member: int, _report: EpochReport) -> None:
        within.append(torch.get_num_threads())
        if len(within) == 2:
            raise Stop

    with pytest.raises(Stop):
        train_run(four_signs, fold, settings, tmp_path, watch)
    torch.set_num_threads(2)
    try:
        asked = replace(settings, threads=None, resume=True)
        train_run(four_signs, fold, asked, tmp_path, watch)
    finally:
        torch.set_num_threads(1)
    assert within == [1, 1, 1]


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
        for index, name in enumerate(four_signs.names)
        if glosses.index(glosses[index]) == index
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
    (tmp_path / "member-0").mkdir()
    (tmp_path / "member-0" / "last.pt").write_text("hello")
    (tmp_path / "run.json").write_text("{")
    with pytest.raises(ModelError, match=r"run.json is broken"):
        train_run(four_signs, fold, asked, tmp_path, quiet)
    (tmp_path / "run.json").unlink()
    with pytest.raises(ModelError, match=r"last.pt is broken.*delete it"):
        train_run(four_signs, fold, asked, tmp_path, quiet)


@pytest.mark.parametrize("left", ["", "{"])
def test_a_card_that_a_full_disk_cut_stops_no_later_run(
    left: str,
    four_signs: Dataset,
    fold: Fold,
    settings: RunSettings,
    tmp_path: Path,
) -> None:
    (tmp_path / "run.json").write_text(left)
    train_run(four_signs, fold, replace(settings, resume=True), tmp_path, quiet)
    assert [line["epoch"] for line in log(tmp_path)] == [1, 2, 3]


def test_a_folder_that_cannot_be_made_is_named(
    four_signs: Dataset, fold: Fold, settings: RunSettings, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ModelError, match="cannot write"):
        train_run(four_signs, fold, settings, tmp_path / "file" / "run", quiet)


@pytest.mark.parametrize("change", [{"members": 0}, {"threads": 0}])
def test_numbers_that_make_no_training_are_refused(
    tiny: Recipe, change: dict[str, Any]
) -> None:
    with pytest.raises(SettingsError, match="1 or more"):
        RunSettings(recipe=tiny, **change)


def test_at_least_one_thread_is_free() -> None:
    assert free_threads() >= 1


def test_threads_and_random_state_are_afterwards_as_before(
    four_signs: Dataset, fold: Fold, settings: RunSettings, tmp_path: Path
) -> None:
    within = list[int]()

    def watch(_member: int, _report: EpochReport) -> None:
        within.append(torch.get_num_threads())

    torch.manual_seed(11)
    before = torch.get_rng_state()
    torch.set_num_threads(2)
    try:
        train_run(four_signs, fold, settings, tmp_path / "one", watch)
        assert torch.get_num_threads() == 2
        left = replace(settings, threads=None)
        train_run(four_signs, fold, left, tmp_path / "left", watch)
        assert torch.get_num_threads() == 2
    finally:
        torch.set_num_threads(1)
    assert within == [1, 1, 1, 2, 2, 2]
    assert torch.equal(torch.get_rng_state(), before)


def test_memory_is_kept_only_if_asked_for(
    four_signs: Dataset,
    fold: Fold,
    settings: RunSettings,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    called = list[bool]()
    monkeypatch.setattr("signnet.training.run.keep_memory", lambda: called.append(True))
    for keep in (False, True):
        asked = replace(settings, keep_memory=keep)
        train_run(four_signs, fold, asked, tmp_path / str(keep), quiet)
        assert bool(called) == keep


def test_every_stage_after_the_last_epoch_is_reported_from_begin_to_end(
    four_signs: Dataset, fold: Fold, settings: RunSettings, tmp_path: Path, tiny: Recipe
) -> None:
    recipe = replace(tiny, model=replace(tiny.model, exemplars=8.0))
    seen = dict[str, list[tuple[int, int]]]()

    def stage(name: str, done: int, total: int) -> None:
        seen.setdefault(name, []).append((done, total))

    asked = replace(settings, recipe=recipe)
    train_run(four_signs, fold, asked, tmp_path, quiet, stage)
    assert list(seen) == [
        "varying clips", "fitting exemplars", "calibrating", "fitting the threshold",
        "fitting expressions",
    ]  # fmt: skip
    for steps in seen.values():
        done = [step for step, _ in steps]
        total = steps[0][1]
        assert done == sorted(set(done))
        assert (done[0], done[-1]) == (0, total)
    assert len(seen["varying clips"]) > 5
    assert len(seen["fitting exemplars"]) > 3


@pytest.fixture
def alone(settings: RunSettings, tiny: Recipe) -> RunSettings:
    """Give settings of a training without a network."""
    model = replace(tiny.model, architecture="none", exemplars=12.0)
    return replace(settings, recipe=replace(tiny, model=model))


def test_exemplars_alone_are_trained_without_an_epoch(
    four_signs: Dataset, fold: Fold, alone: RunSettings, tmp_path: Path
) -> None:
    def never(_member: int, _report: EpochReport) -> None:
        pytest.fail("there is no epoch")

    found = train_run(four_signs, fold, alone, tmp_path, never)
    assert found.members == ()
    assert found.parts == "exemplars alone"
    assert found.metrics["top1"] > 0.5
    assert not list(tmp_path.glob("member-*"))
    read = Checkpoint.load(tmp_path / "checkpoint.pt")
    assert read.exemplars is not None
    with pytest.raises(ModelError, match="neither a network nor exemplars"):
        replace(read, exemplars=None).predictor()


def test_patience_is_not_named_where_no_network_stops_early(
    four_signs: Dataset, fold: Fold, alone: RunSettings, tmp_path: Path
) -> None:
    recipe = replace(alone.recipe, train=replace(alone.recipe.train, patience=5))
    asked = replace(alone, recipe=recipe)
    found = train_run(four_signs, fold, asked, tmp_path, quiet)
    assert found.held_out == fold.held_out


def test_an_ensemble_without_a_network_is_refused(alone: RunSettings) -> None:
    with pytest.raises(SettingsError, match="ensemble of 2 without a network"):
        replace(alone, members=2)


def test_a_state_of_another_version_is_refused_in_one_line(
    four_signs: Dataset, fold: Fold, settings: RunSettings, tmp_path: Path
) -> None:
    train_run(four_signs, fold, settings, tmp_path, quiet)
    last = tmp_path / "member-0" / "last.pt"
    state = torch.load(last, weights_only=True)
    state["dice"] = state.pop("rng_states")
    torch.save(state, last)
    with pytest.raises(ModelError, match="another version of signnet wrote"):
        train_run(four_signs, fold, replace(settings, resume=True), tmp_path, quiet)


@pytest.fixture
def based(settings: RunSettings, small_base: tuple[Path, BaseEncoder]) -> RunSettings:
    """Give settings of the default recipe on a tiny base."""
    return replace(settings, recipe=preset("default"), base=small_base[0])


def altered(base: Path, folder: Path, change: Any) -> Path:
    """Copy a base whose card was changed."""
    shutil.copytree(base, folder)
    card = json.loads((folder / "model.json").read_text("utf-8"))
    change(card)
    (folder / "model.json").write_text(json.dumps(card), "utf-8")
    return folder


def test_a_run_on_a_base_says_so_and_keeps_it_in_the_checkpoint(
    four_signs: Dataset,
    fold: Fold,
    based: RunSettings,
    small_base: tuple[Path, BaseEncoder],
    tmp_path: Path,
) -> None:
    found = train_run(four_signs, fold, based, tmp_path / "run", quiet)
    assert found.parts == "exemplars and base together"
    assert found.metrics["top1"] > 0.5
    graph = (small_base[0] / "model.onnx").read_bytes()
    facts = {"name": "small", "words": 12, "clips": 72}
    facts |= {"sha256": hashlib.sha256(graph).hexdigest()}
    assert found.base == facts
    assert json.loads((tmp_path / "run" / "run.json").read_text())["base"] == facts
    predictor = Checkpoint.load(tmp_path / "run" / "checkpoint.pt").predictor()
    assert predictor.exemplars is not None
    assert predictor.exemplars.base is not None
    assert not any(one.requires_grad for one in predictor.exemplars.parameters())


def test_a_run_is_not_continued_on_another_base(
    four_signs: Dataset,
    fold: Fold,
    based: RunSettings,
    small_base: tuple[Path, BaseEncoder],
    tmp_path: Path,
) -> None:
    train_run(four_signs, fold, based, tmp_path / "run", quiet)
    other = altered(
        small_base[0], tmp_path / "other", lambda card: card.update(name="x")
    )
    again = replace(based, resume=True)
    with pytest.raises(ModelError, match="holds a run with another base"):
        train_run(four_signs, fold, replace(again, base=other), tmp_path / "run", quiet)
    alone = replace(again, recipe=preset("exemplars"))
    with pytest.raises(ModelError, match="holds a run with another recipe"):
        train_run(four_signs, fold, alone, tmp_path / "run", quiet)
    train_run(four_signs, fold, again, tmp_path / "run", quiet)


def test_a_base_of_another_input_is_refused_before_anything_is_written(
    four_signs: Dataset, fold: Fold, based: RunSettings, tmp_path: Path
) -> None:
    model = replace(preset("default").model, streams=("pose",), frames=32)
    asked = replace(based, recipe=replace(preset("default"), model=model))
    with pytest.raises(
        SettingsError, match=r"small reads another streams, frames .* --base none"
    ):
        train_run(four_signs, fold, asked, tmp_path / "run", quiet)
    assert not (tmp_path / "run").exists()


def test_a_base_beside_a_network_is_used_by_the_exemplars(
    four_signs: Dataset, fold: Fold, based: RunSettings, tmp_path: Path, tiny: Recipe
) -> None:
    model = replace(
        preset("default").model, architecture="bilstm", width=16, stream_width=16
    )
    asked = replace(based, recipe=replace(tiny, model=model))
    found = train_run(four_signs, fold, asked, tmp_path, quiet)
    assert found.parts == "network, exemplars and base together"
