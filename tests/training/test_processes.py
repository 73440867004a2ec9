"""Two processes of a CPU learn what one does."""

from dataclasses import replace
from pathlib import Path

import pytest
import torch

from signnet.config import Recipe
from signnet.dataset import Dataset
from signnet.errors import SettingsError
from signnet.splits import make_split
from signnet.training.progress import EpochReport
from signnet.training.run import RunSettings, train_run

pytestmark = pytest.mark.slow

torch.set_num_threads(1)

TOLERANCE = 5e-3
"""Largest difference of a weight after some eight steps at a rate of 3e-3.

Sums come in another order, and Adam makes whole steps of the smallest gradients.
"""

SAME_LOSS = 1e-5


def run(
    data: Dataset, recipe: Recipe, out: Path, processes: int
) -> tuple[dict[str, torch.Tensor], list[EpochReport]]:
    fold = make_split(data, "clip", folds=3).folds[0]
    settings = RunSettings(recipe=recipe, processes=processes, threads=processes)
    reports = list[EpochReport]()
    made = train_run(data, fold, settings, out, lambda _, one: reports.append(one))
    return made.members[0], reports


@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::UserWarning")
def test_two_processes_learn_what_one_does(
    four_signs: Dataset, tiny: Recipe, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The export takes longer than the training, and has tests of its own.
    monkeypatch.setattr("signnet.training.run.export", lambda *_a, **_k: 0.0)
    # Mixup and an uneven last batch included; dropout has other dice per process.
    recipe = replace(
        tiny,
        model=replace(tiny.model, dropout=0.0),
        augment=replace(tiny.augment, mixup=0.4),
        train=replace(tiny.train, batch_size=5, epochs=2),
    )
    alone, reports = run(four_signs, recipe, tmp_path / "one", 1)
    shared, told = run(four_signs, recipe, tmp_path / "two", 2)
    assert alone.keys() == shared.keys()
    for name, weights in alone.items():
        torch.testing.assert_close(
            shared[name], weights, rtol=0, atol=TOLERANCE, msg=lambda m, n=name: n + m
        )
    for one, other in zip(reports, told, strict=True):
        assert other.train_loss == pytest.approx(one.train_loss, abs=SAME_LOSS)
        assert other.train_top1 == pytest.approx(one.train_top1)
    lines = (tmp_path / "two" / "member-0" / "metrics.jsonl").read_text().splitlines()
    assert len(lines) == 2, "one process alone writes"


def test_less_than_one_process_is_refused(tiny: Recipe) -> None:
    with pytest.raises(SettingsError, match="0 processes"):
        RunSettings(recipe=tiny, processes=0)
