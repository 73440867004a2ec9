"""Saying "I do not know this sign"."""

from dataclasses import replace

import pytest
import torch

from signnet.config import Recipe
from signnet.dataset import Dataset, write_clips
from signnet.models import build
from signnet.models.checkpoint import Checkpoint
from signnet.synthetic import make_corpus
from signnet.training.batches import Clips, load
from signnet.training.exemplars import fit_exemplars
from signnet.training.loop import in_batches
from signnet.training.thresholds import FALSE_ALARMS, WITHHELD, abstaining

pytestmark = pytest.mark.slow

torch.set_num_threads(1)


@pytest.fixture(scope="module")
def recipe(tiny: Recipe) -> Recipe:
    return replace(tiny, model=replace(tiny.model, exemplars=16.0, distances=True))


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    path = tmp_path_factory.mktemp("abstaining") / "clips.parquet"
    write_clips(make_corpus(signers=5, repetitions=2, seed=4), path)
    return Dataset.open(path)


@pytest.fixture(scope="module")
def glosses(data: Dataset) -> tuple[str, ...]:
    return tuple(sorted(set(data.require_glosses())))


def clips_of(
    data: Dataset, recipe: Recipe, vocabulary: tuple[str, ...], *, held_out: bool
) -> Clips:
    signers = sorted({str(name) for name in data.column("signer")})
    names = [
        name
        for name, signer in zip(data.names, data.column("signer"), strict=True)
        if (signer in signers[-2:]) == held_out
    ]
    joints = build(recipe.model, len(vocabulary)).front.joints
    return load(data.select(names), vocabulary, joints)


def checkpoint_of(
    recipe: Recipe, clips: Clips, vocabulary: tuple[str, ...]
) -> Checkpoint:
    torch.manual_seed(0)
    exemplars = fit_exemplars(recipe, clips, len(vocabulary), 0)
    assert exemplars is not None
    return Checkpoint(
        recipe=recipe,
        vocabulary=vocabulary,
        members=(build(recipe.model, len(vocabulary)).state_dict(),),
        exemplars=dict(exemplars.state_dict()),
        temperature=2.0,
    )


def test_words_never_shown_pass_no_more_often_than_stated(
    data: Dataset, recipe: Recipe, glosses: tuple[str, ...]
) -> None:
    known = tuple(gloss for index, gloss in enumerate(glosses) if index % 3)
    training = clips_of(data, recipe, known, held_out=False)
    training = training.where(training.glosses >= 0)
    held_out = clips_of(data, recipe, known, held_out=True)
    model = checkpoint_of(recipe, training, known)
    found = abstaining(model, training, held_out.where(held_out.glosses >= 0))
    strange = held_out.where(held_out.glosses < 0)
    assert len(strange) >= 16
    sure = in_batches(model.predictor().of_joints, strange).amax(1)
    passed = float((sure >= found["abstain_below"]).float().mean())
    assert passed <= max(FALSE_ALARMS, found["false_alarms"]) + 0.15


def test_the_stated_shares_are_those_of_the_held_out_clips(
    data: Dataset, recipe: Recipe, glosses: tuple[str, ...]
) -> None:
    training = clips_of(data, recipe, glosses, held_out=False)
    held_out = clips_of(data, recipe, glosses, held_out=True)
    model = checkpoint_of(recipe, training, glosses)
    found = abstaining(model, training, held_out)
    best, answer = in_batches(model.predictor().of_joints, held_out).max(1)
    right = best[answer == held_out.glosses]
    below = float((right < found["abstain_below"]).float().mean())
    assert found["withheld"] == pytest.approx(below)
    assert found["withheld"] <= WITHHELD
    assert 0 < found["abstain_below"] < 1
    enough = found["false_alarms"] <= FALSE_ALARMS + 0.05
    assert enough or found["withheld"] >= WITHHELD - 0.1


def test_a_model_of_two_glosses_still_answers(
    data: Dataset, recipe: Recipe, glosses: tuple[str, ...]
) -> None:
    training = clips_of(data, recipe, glosses[:2], held_out=False)
    held_out = clips_of(data, recipe, glosses[:2], held_out=True)
    training, held_out = (
        clips.where(clips.glosses >= 0) for clips in (training, held_out)
    )
    model = checkpoint_of(recipe, training, glosses[:2])
    assert abstaining(model, training, held_out)["withheld"] <= WITHHELD


def test_without_a_right_answer_nothing_is_withheld(
    data: Dataset, recipe: Recipe, glosses: tuple[str, ...]
) -> None:
    training = clips_of(data, recipe, glosses, held_out=False)
    nothing = training.where(torch.zeros(len(training), dtype=torch.bool))
    model = checkpoint_of(recipe, training, glosses)
    assert abstaining(model, training, nothing) == {"abstain_below": 0.0}
