"""A network and its exemplars, taught: what changes, and what is there afterwards."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from runs import train_remembering
from signnet.clip import Clip
from signnet.config import Recipe
from signnet.dataset import Dataset
from signnet.errors import DatasetError, ModelError
from signnet.recognise.exemplars import SHARPNESS
from signnet.recognise.model import Model
from signnet.recognise.model_card import ModelCard
from signnet.recognise.recogniser import DEFAULT_MODEL
from signnet.recognise.taught_file import TAUGHT
from signnet.recognise.teaching import ABSTAIN_BELOW
from signnet.synthetic import make_corpus

pytestmark = pytest.mark.slow

torch.set_num_threads(1)

NEW = ("CHIN-BLINK", "PALM-CIRCLE")
"""Glosses that the trained model is not shown."""

OLD = ("CHIN-FOLD", "PALM-LOWER", "POINT-APART", "POINT-PEDAL")


@pytest.fixture(scope="module")
def performances() -> list[Clip]:
    return make_corpus(signers=3, repetitions=2, seed=7)


@pytest.fixture(scope="module")
def model(
    performances: list[Clip],
    tiny: Recipe,
    tmp_path_factory: pytest.TempPathFactory,
) -> Model:
    """Train a network and exemplars on all glosses but the new ones."""
    out = tmp_path_factory.mktemp("runs") / "remembering"
    known = (clip for clip in performances if clip.gloss in OLD)
    return Model.open(train_remembering(known, tiny, out))


@pytest.fixture(scope="module")
def words(performances: list[Clip]) -> list[Clip]:
    """Give the clips of the new glosses, those that are taught first."""
    chosen = [clip for clip in performances if clip.gloss in NEW]
    return sorted(chosen, key=lambda clip: clip.repetition or "")


@pytest.fixture(scope="module")
def taught(model: Model, words: list[Clip]) -> Model:
    return model.teach(words[:6], despite_doubts=True)


@pytest.fixture(scope="module")
def old(performances: list[Clip]) -> list[Clip]:
    return [clip for clip in performances if clip.gloss in OLD]


def rows(model: Model, clips: list[Clip]) -> np.ndarray:
    return np.stack([model.recogniser.probabilities(clip) for clip in clips])


def right(model: Model, clips: list[Clip]) -> float:
    return float(np.mean([model(clip).gloss == clip.gloss for clip in clips]))


def test_the_graph_has_a_network_and_exemplars(model: Model) -> None:
    assert model.card.members == 1
    assert model.recogniser.can_be_taught
    assert len(model.recogniser.taught.anchors) == 24
    assert model.card.embedding["weights"] == [1.0]
    assert model.recogniser.taught.kernel.size == sum(model.card.embedding["axes"])


def test_new_words_are_recognised_in_clips_that_were_not_taught(
    taught: Model, words: list[Clip]
) -> None:
    assert right(taught, words[6:]) > 0.8  # one in six would be chance


def test_old_words_are_recognised_as_before(
    model: Model, taught: Model, old: list[Clip]
) -> None:
    """Words unlike the new ones hardly move; those of their groups may, a little."""
    unlike = [clip for clip in old if clip.gloss in OLD[2:]]
    moved = rows(taught, unlike)[:, : len(OLD)] - rows(model, unlike)
    assert np.abs(moved).max() < 0.02
    assert right(taught, old) > 0.8


def test_the_network_keeps_its_say(
    model: Model, taught: Model, old: list[Clip]
) -> None:
    """Teaching adds to what network and exemplars say, not to exemplars alone."""
    for clip in old[::5]:
        seen = model.recogniser.see(clip.evenly_timed().landmarks)
        scores = taught.recogniser.taught.scores(
            seen.embedding[None], seen.scores[None]
        )
        change = scores[0, : len(OLD)] - seen.scores
        after = taught.recogniser.probabilities(clip)[: len(OLD)]
        added = centred(np.log(after) - np.log(seen.probabilities))
        np.testing.assert_allclose(added, centred(SHARPNESS * change), atol=0.01)
        alone = centred(SHARPNESS * seen.scores)
        assert np.abs(centred(np.log(seen.probabilities)) - alone).max() > 1


def centred(values: np.ndarray) -> np.ndarray:
    return values - values.mean()


def test_forgetting_what_was_taught_gives_the_very_model_back(
    model: Model, taught: Model, performances: list[Clip], tmp_path: Path
) -> None:
    forgot = taught
    for gloss in NEW:
        forgot = forgot.forget(gloss)
    assert forgot.card == model.card
    some = performances[::5]
    np.testing.assert_array_equal(rows(forgot, some), rows(model, some))
    for one, name in ((forgot, "forgot"), (model, "copy")):
        one.save(tmp_path / name)
    names = ["anchors.npy", "expression.npz", "model.json", "model.onnx"]
    for name in ("forgot", "copy"):
        assert sorted(one.name for one in (tmp_path / name).iterdir()) == names
    for name in names:
        original = (model.folder / name).read_bytes()
        assert (tmp_path / "forgot" / name).read_bytes() == original


def by_name(card: ModelCard) -> ModelCard:
    """Sort the clips of a card; a file keeps them word by word."""
    assert card.enrolled
    clips = sorted(card.enrolled.clips, key=lambda one: str(one["name"]))
    return replace(
        card,
        trained_on=tuple(sorted(card.trained_on)),
        enrolled=replace(card.enrolled, clips=tuple(clips)),
    )


def test_a_saved_model_is_the_same_files_and_one_more(
    model: Model, taught: Model, performances: list[Clip], tmp_path: Path
) -> None:
    saved = taught.save(tmp_path / "taught")
    for name in ("anchors.npy", "expression.npz", "model.json", "model.onnx"):
        assert (saved / name).read_bytes() == (model.folder / name).read_bytes()
    assert (saved / TAUGHT).is_file()
    again = Model.open(saved)
    assert by_name(again.card) == by_name(taught.card)
    some = performances[::5]
    np.testing.assert_allclose(rows(again, some), rows(taught, some), atol=1e-6)


def test_a_taught_model_is_taught_further_from_its_folder(
    taught: Model, words: list[Clip], performances: list[Clip], tmp_path: Path
) -> None:
    again = Model.open(taught.save(tmp_path / "once"))
    more = again.teach(words[6:7], despite_doubts=True)
    assert more.card.enrolled
    assert len(more.card.enrolled.clips) == 7
    at_once = taught.teach(words[6:7], despite_doubts=True)
    some = performances[::5]
    np.testing.assert_allclose(rows(more, some), rows(at_once, some), atol=1e-6)


def test_a_word_of_the_training_can_be_forgotten_and_taught_again(
    model: Model, old: list[Clip], tmp_path: Path
) -> None:
    own = [clip for clip in old if clip.gloss == OLD[0]]
    forgot = Model.open(model.forget(OLD[0]).save(tmp_path / "without"))
    assert forgot.vocabulary == OLD[1:]
    assert forgot.card.enrolled
    assert forgot.card.enrolled.forgotten == (OLD[0],)
    assert forgot.card.abstain_below == model.card.abstain_below
    assert OLD[0] not in {forgot(clip).gloss for clip in own}
    named = [replace(clip, name=f"{clip.name}-again") for clip in own[:3]]
    again = forgot.teach(named)
    assert again.vocabulary == OLD
    assert right(again, own) == 1


def test_the_card_says_what_was_taught(
    model: Model, taught: Model, words: list[Clip]
) -> None:
    card = taught.card
    assert card.enrolled
    assert [one["name"] for one in card.enrolled.clips] == [
        clip.name for clip in words[:6]
    ]
    assert card.vocabulary == (*model.vocabulary, *NEW)
    last = words[5]
    assert card.trained_on[-1] == (last.name, last.signer, last.session)
    assert card.abstain_below == ABSTAIN_BELOW
    assert not card.metrics
    assert card.held_out == "nothing: not measured since it was taught"


def handless(clip: Clip) -> Clip:
    landmarks = clip.landmarks.copy()
    landmarks[:, 33:75] = np.nan
    return replace(clip, name="handless", landmarks=landmarks)


def test_a_clip_that_teaches_nothing_is_refused(
    taught: Model, words: list[Clip]
) -> None:
    with pytest.raises(DatasetError, match="no frame of handless shows a hand"):
        taught.teach([handless(words[7])])
    with pytest.raises(DatasetError, match="1 clips have no gloss"):
        taught.teach([replace(words[7], gloss=None)])
    with pytest.raises(DatasetError, match="was taught to this model before"):
        taught.teach([words[0]])


def test_a_clip_of_a_known_word_is_doubted_under_another(
    model: Model, old: list[Clip]
) -> None:
    wrong = replace(old[0], name="wrong", gloss="SOMETHING-ELSE")
    with pytest.raises(DatasetError, match=rf"looks like {old[0].gloss}"):
        model.teach([wrong])
    assert model.forget(old[0].gloss or "").teach([wrong]).vocabulary[-1] == wrong.gloss


def test_a_model_without_exemplars_cannot_be_taught(
    finished_run: Path, words: list[Clip]
) -> None:
    with pytest.raises(ModelError, match="neither exemplars nor a base"):
        Model.open(finished_run).teach(words[:1])


def test_what_was_taught_to_another_model_is_refused(
    taught: Model, tmp_path: Path
) -> None:
    saved = taught.save(tmp_path / "mine")
    other = Model.open(DEFAULT_MODEL).save(tmp_path / "other")
    (saved / TAUGHT).rename(other / TAUGHT)
    with pytest.raises(ModelError, match="was taught to another model") as caught:
        Model.open(other)
    assert "\n" not in str(caught.value)


def test_nothing_is_overwritten_and_nothing_half_written_stays(
    taught: Model, tmp_path: Path
) -> None:
    saved = taught.save(tmp_path / "taught")
    before = {one.name: one.read_bytes() for one in saved.iterdir()}
    with pytest.raises(ModelError, match="exists already"):
        taught.save(saved)
    assert {one.name: one.read_bytes() for one in saved.iterdir()} == before
    assert [one.name for one in tmp_path.iterdir()] == ["taught"]


def test_the_shipped_model_learns_a_word_instead_of_another(tmp_path: Path) -> None:
    shipped = Model.open(DEFAULT_MODEL)
    motions = list(Dataset.open(shipped.folder / "motions.parquet"))
    first = motions[0]
    renamed = replace(first, name="own", gloss="NEW")
    own = shipped.forget(first.gloss or "").teach([renamed])
    again = Model.open(own.save(tmp_path / "own"))
    assert again(first).gloss == "NEW"
    assert first.gloss not in again.vocabulary
    assert again(first).expression == shipped(first).expression
    assert (tmp_path / "own" / "motions.parquet").is_file()
    assert right(again, motions[1:]) > 0.9
