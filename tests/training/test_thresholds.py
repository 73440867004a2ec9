"""Saying "I do not know this sign"."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from signnet.config import Recipe
from signnet.dataset import Dataset, write_clips
from signnet.models import Exemplars, build
from signnet.models.checkpoint import Checkpoint
from signnet.synthetic import make_corpus
from signnet.training import thresholds
from signnet.training.batches import Clips, load
from signnet.training.exemplars import Varied, fit_varied, vary
from signnet.training.loop import in_batches
from signnet.training.thresholds import (
    FALSE_ALARMS,
    USUAL_THRESHOLD,
    WITHHELD,
    abstaining,
)

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
) -> tuple[Checkpoint, Varied]:
    torch.manual_seed(0)
    varied = vary(recipe, clips, None, 0)
    exemplars = fit_varied(recipe, varied, len(vocabulary), 0)
    made = Checkpoint(
        recipe=recipe,
        vocabulary=vocabulary,
        members=(build(recipe.model, len(vocabulary)).state_dict(),),
        exemplars=dict(exemplars.state_dict()),
        temperature=2.0,
    )
    return made, varied


def test_words_never_shown_pass_no_more_often_than_stated(
    data: Dataset, recipe: Recipe, glosses: tuple[str, ...]
) -> None:
    known = tuple(gloss for index, gloss in enumerate(glosses) if index % 3)
    training = clips_of(data, recipe, known, held_out=False)
    training = training.where(training.glosses >= 0)
    held_out = clips_of(data, recipe, known, held_out=True)
    model, varied = checkpoint_of(recipe, training, known)
    found = abstaining(model, varied, held_out.where(held_out.glosses >= 0))
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
    model, varied = checkpoint_of(recipe, training, glosses)
    found = abstaining(model, varied, held_out)
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
    model, varied = checkpoint_of(recipe, training, glosses[:2])
    assert abstaining(model, varied, held_out)["withheld"] <= WITHHELD


def test_without_a_right_answer_nothing_is_withheld(
    data: Dataset, recipe: Recipe, glosses: tuple[str, ...]
) -> None:
    training = clips_of(data, recipe, glosses, held_out=False)
    nothing = training.where(torch.zeros(len(training), dtype=torch.bool))
    model, varied = checkpoint_of(recipe, training, glosses)
    assert abstaining(model, varied, nothing) == {"abstain_below": USUAL_THRESHOLD}


def test_the_threshold_is_found_without_the_clips_of_hidden_glosses(
    data: Dataset,
    recipe: Recipe,
    glosses: tuple[str, ...],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    training = clips_of(data, recipe, glosses, held_out=False)
    held_out = clips_of(data, recipe, glosses, held_out=True)
    model, varied = checkpoint_of(recipe, training, glosses)
    fitted: list[Varied] = []

    def fit(recipe: Recipe, known: Varied, count: int, seed: int) -> Exemplars:
        fitted.append(known)
        return fit_varied(recipe, known, count, seed)

    monkeypatch.setattr(thresholds, "fit_varied", fit)
    abstaining(model, varied, held_out)
    assert len(fitted) == 5
    for group, known in enumerate(fitted):
        hidden = {index for index in range(len(glosses)) if index % 5 == group}
        assert not hidden & {*known.glosses.tolist()}
        assert {*known.glosses.tolist()} | hidden == {*range(len(glosses))}
        assert len(known.features) == len(known.glosses) < len(varied.glosses)


def test_some_exemplars_are_taken_with_their_embeddings() -> None:
    varied = Varied(np.eye(3), np.arange(6.0).reshape(3, 2), np.array([0, 1, 0]))
    chosen = varied.where(varied.glosses == 0)
    assert chosen.learnt is not None
    np.testing.assert_array_equal(chosen.features, np.eye(3)[[0, 2]])
    np.testing.assert_array_equal(chosen.learnt, [[0, 1], [4, 5]])
    assert chosen.glosses.tolist() == [0, 0]
    alone = Varied(np.eye(3), None, np.array([0, 1, 0]))
    assert alone.where(alone.glosses == 1).learnt is None
