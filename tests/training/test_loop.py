"""The training loop: repeatable, resumable, and it learns."""

import copy
import io
import math
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import pytest
import torch
from scipy.stats import beta, kstest
from torch import Tensor

from signnet.config import Recipe
from signnet.dataset import Dataset
from signnet.models import build
from signnet.splits import make_split
from signnet.training.batches import Clips, load
from signnet.training.loop import MixingStep, Trainer, draw_shares, probabilities
from signnet.training.progress import EpochReport

pytestmark = pytest.mark.slow

torch.set_num_threads(1)
GLOSSES = 4


def recipe_of(tiny: Recipe, **train: Any) -> Recipe:
    return replace(tiny, train=replace(tiny.train, **train))


@pytest.fixture(scope="module")
def sides(four_signs: Dataset, tiny: Recipe) -> tuple[Clips, Clips]:
    vocabulary = tuple(sorted(set(four_signs.require_glosses())))
    joints = build(tiny.model, GLOSSES).front.joints
    fold = make_split(four_signs, "clip", folds=3).folds[0]
    train, test = (four_signs.select(names) for names in (fold.train, fold.test))
    return load(train, vocabulary, joints), load(test, vocabulary, joints)


def trained(
    recipe: Recipe, sides: tuple[Clips, Clips | None], seed: int = 0
) -> Trainer:
    trainer = Trainer(recipe, sides[0], sides[1], GLOSSES, seed)
    list(trainer.epochs())
    return trainer


def saved(state: dict[str, Any]) -> dict[str, Any]:
    """Take a state through a file, as a run does."""
    file = io.BytesIO()
    torch.save(state, file)
    file.seek(0)
    return torch.load(file, weights_only=True)


def figures(reports: Iterable[EpochReport]) -> list[tuple[float, ...]]:
    """Keep what does not depend on the clock."""
    timing = {"seconds", "clips_per_second", "overhead"}
    return [
        tuple(value for key, value in one.to_dict().items() if key not in timing)
        for one in reports
    ]


def equal(first: dict[str, Tensor], second: dict[str, Tensor]) -> bool:
    assert first.keys() == second.keys()
    return all(torch.equal(first[key].cpu(), second[key].cpu()) for key in first)


def test_the_same_seed_gives_the_same_weights(
    tiny: Recipe, sides: tuple[Clips, Clips]
) -> None:
    recipe = recipe_of(tiny, epochs=2)
    first, second = (trained(recipe, sides).weights_to_keep() for _ in range(2))
    assert equal(first, second)
    assert not equal(first, trained(recipe, sides, seed=1).weights_to_keep())


@pytest.mark.parametrize("schedule", ["cosine", "onecycle"])
def test_going_on_equals_never_having_stopped(
    tiny: Recipe, sides: tuple[Clips, Clips], schedule: str
) -> None:
    recipe = recipe_of(tiny, epochs=4, schedule=schedule)
    whole = Trainer(recipe, *sides, GLOSSES, 5)
    reports = list(whole.epochs())
    begun = Trainer(recipe, *sides, GLOSSES, 5)
    epochs = begun.epochs()
    early = [next(epochs), next(epochs)]
    state = saved(begun.state())
    resumed = Trainer(recipe, *sides, GLOSSES, 99)
    resumed.resume(state)
    late = list(resumed.epochs())
    assert figures([*early, *late]) == figures(reports)
    assert equal(resumed.weights_to_keep(), whole.weights_to_keep())
    assert equal(resumed.network.state_dict(), whole.network.state_dict())


def test_it_learns_signs_that_single_frames_do_not_tell(
    tiny: Recipe, sides: tuple[Clips, Clips]
) -> None:
    trainer = Trainer(recipe_of(tiny, epochs=30), *sides, GLOSSES, 0)
    last = list(trainer.epochs())[-1]
    assert last.train_top1 > 0.9
    assert last.validation_top1 >= 0.75, "chance is 0.25"


def test_the_moving_average_answers(tiny: Recipe, sides: tuple[Clips, Clips]) -> None:
    trainer = trained(recipe_of(tiny, ema=0.9, epochs=2), sides)
    assert trainer.network_to_keep() is not trainer.network
    assert not equal(trainer.weights_to_keep(), trainer.network.state_dict())
    plain = trained(recipe_of(tiny, ema=0.0, epochs=2), sides)
    assert equal(plain.weights_to_keep(), plain.network.state_dict())


def test_without_a_moving_average_none_is_stored(
    tiny: Recipe, sides: tuple[Clips, Clips]
) -> None:
    recipe = recipe_of(tiny, ema=0.0, epochs=3)
    whole = trained(recipe, sides, seed=5)
    begun = Trainer(recipe, *sides, GLOSSES, 5)
    next(begun.epochs())
    state = saved(begun.state())
    assert not state["average"]
    resumed = Trainer(recipe, *sides, GLOSSES, 99)
    resumed.resume(state)
    list(resumed.epochs())
    assert equal(resumed.weights_to_keep(), whole.weights_to_keep())


def test_the_moving_average_is_what_validation_measures(
    tiny: Recipe, sides: tuple[Clips, Clips]
) -> None:
    trainer = Trainer(recipe_of(tiny, epochs=2), *sides, GLOSSES, 0)
    last = list(trainer.epochs())[-1]
    chances = probabilities(trainer.network_to_keep(), sides[1])
    right = chances.argmax(1) == sides[1].glosses
    assert last.validation_top1 == pytest.approx(float(right.float().mean()))


def test_weights_kept_are_a_copy(tiny: Recipe, sides: tuple[Clips, Clips]) -> None:
    trainer = Trainer(recipe_of(tiny, epochs=2), *sides, GLOSSES, 0)
    epochs = trainer.epochs()
    next(epochs)
    kept = trainer.weights_to_keep()
    before = copy.deepcopy(kept)
    next(epochs)
    assert equal(kept, before)


def test_patience_ends_a_training_that_gets_no_better(
    tiny: Recipe, sides: tuple[Clips, Clips]
) -> None:
    recipe = recipe_of(tiny, epochs=50, patience=2, learning_rate=1e-12, ema=0.0)
    reports = list(Trainer(recipe, *sides, GLOSSES, 0).epochs())
    best = max(report.epoch for report in reports if report.best)
    assert len(reports) == best + 2 < 50


def test_patience_needs_held_out_clips(
    tiny: Recipe, sides: tuple[Clips, Clips]
) -> None:
    recipe = recipe_of(tiny, epochs=4, patience=1)
    reports = list(Trainer(recipe, sides[0], None, GLOSSES, 0).epochs())
    assert len(reports) == 4
    assert math.isnan(reports[-1].validation_loss)


@pytest.mark.parametrize("schedule", ["cosine", "onecycle"])
@pytest.mark.parametrize("epochs", [1, 2, 9])
def test_schedules_of_few_steps_work(
    tiny: Recipe, sides: tuple[Clips, Clips], schedule: str, epochs: int
) -> None:
    recipe = recipe_of(tiny, epochs=epochs, schedule=schedule, batch_size=64)
    trainer = Trainer(recipe, sides[0], None, GLOSSES, 0)
    rates = [report.learning_rate for report in trainer.epochs()]
    assert all(0 <= rate <= 3e-3 for rate in rates)
    assert rates[-1] < 3e-3 or epochs == 1


def test_an_unmixed_clip_is_scored_as_it_is(
    tiny: Recipe, sides: tuple[Clips, Clips]
) -> None:
    network = build(tiny.model, GLOSSES).eval()
    landmarks, ones = sides[0].landmarks.clone(), torch.ones(len(sides[0]))
    landmarks[0, :, network.front.cuts[1] : network.front.cuts[2]] = torch.nan
    valid = torch.arange(landmarks.shape[1]) < sides[0].lengths[:, None]
    partner = torch.arange(len(sides[0])).flip(0)
    mixed = MixingStep(network)(landmarks, valid, partner, ones)
    torch.testing.assert_close(mixed, network(landmarks, valid))


@pytest.mark.parametrize("alpha", [0.4, 1.0])
def test_shares_of_mixup_are_of_the_beta_distribution(alpha: float) -> None:
    shares = draw_shares(alpha, 10_000, torch.Generator().manual_seed(0)).numpy()
    larger = kstest(shares, lambda x: 2 * beta.cdf(x, alpha, alpha) - 1)
    assert larger.statistic < 0.02


@pytest.mark.parametrize("name", ["mixup", "balance"])
def test_mixing_and_balance_train(
    tiny: Recipe, sides: tuple[Clips, Clips], name: str
) -> None:
    recipe = recipe_of(tiny, epochs=1, balance="gloss")
    if name == "mixup":
        recipe = replace(tiny, augment=replace(tiny.augment, mixup=0.4))
    reports = list(Trainer(recipe, *sides, GLOSSES, 0).epochs())
    assert all(math.isfinite(report.train_loss) for report in reports)


def test_reports_say_how_fast_it_went(tiny: Recipe, sides: tuple[Clips, Clips]) -> None:
    (report,) = Trainer(recipe_of(tiny, epochs=1), *sides, GLOSSES, 0).epochs()
    assert report.clips_per_second == pytest.approx(len(sides[0]) / report.seconds)
    assert 0 <= report.overhead < 1
