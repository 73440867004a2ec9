"""Teaching a model words and signers, forgetting, and looking signs up."""

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from runs import train_remembering
from signnet.clip import Clip
from signnet.config import Recipe
from signnet.dataset import Dataset
from signnet.errors import DatasetError, ModelError, SignnetError
from signnet.evaluation.predictions import predict_dataset
from signnet.recognise.doubts import find_doubts, refuse_doubts
from signnet.recognise.exemplars import ANCHORS, Exemplars, similarity
from signnet.recognise.recogniser import DEFAULT_MODEL, Recogniser, find_model
from signnet.recognise.search import recall, search
from signnet.recognise.taught_model import save_taught
from signnet.recognise.teaching import ABSTAIN_BELOW, Taught
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
def folder(
    performances: list[Clip],
    tiny: Recipe,
    tmp_path_factory: pytest.TempPathFactory,
) -> Path:
    """Train a model that remembers its clips, on all glosses but the new ones."""
    out = tmp_path_factory.mktemp("runs") / "remembering"
    return train_remembering((c for c in performances if c.gloss in OLD), tiny, out)


@pytest.fixture(scope="module")
def words(performances: list[Clip]) -> list[Clip]:
    """Give the clips of the new glosses, those that are taught first."""
    chosen = [clip for clip in performances if clip.gloss in NEW]
    return sorted(chosen, key=lambda clip: clip.repetition or "")


@pytest.fixture(scope="module")
def taught(folder: Path, words: list[Clip]) -> Taught:
    return Taught.open(folder).with_clips(words[:6])


@pytest.fixture
def saved(taught: Taught, folder: Path, tmp_path: Path) -> Path:
    save_taught(taught, tmp_path / "taught", folder)
    return tmp_path / "taught"


def scores_of(taught: Taught, clips: Sequence[Clip]) -> np.ndarray:
    return taught.exemplars().scores(taught.base.embed(clips))


def test_the_graph_scores_clips_as_the_run_did(
    folder: Path, performances: list[Clip]
) -> None:
    exemplars, clips = Exemplars.open(folder), performances[::4]
    whole = Recogniser.open(folder)
    scores = exemplars.scores(exemplars.embed(clips))
    known = [row for row, clip in enumerate(clips) if clip.gloss in OLD]
    right = [whole.vocabulary.index(clips[row].gloss or "") for row in known]
    assert (scores[known].argmax(1) == right).all()


def test_new_words_are_recognised_in_clips_that_were_not_taught(
    saved: Path, words: list[Clip]
) -> None:
    recogniser = Recogniser.open(saved)
    predictions = predict_dataset(recogniser, Dataset.of_clips(words[6:]))
    best = [recogniser.vocabulary[row.argmax()] for row in predictions.probabilities]
    right = [one == gloss for one, gloss in zip(best, predictions.glosses, strict=True)]
    assert np.mean(right) > 0.8  # one in six would be chance


def test_old_words_are_recognised_as_before(
    saved: Path, performances: list[Clip]
) -> None:
    recogniser = Recogniser.open(saved)
    old = [clip for clip in performances if clip.gloss in OLD]
    best = [recogniser.recognise(clip).top[0].gloss for clip in old]
    right = [one == clip.gloss for one, clip in zip(best, old, strict=True)]
    assert np.mean(right) > 0.8


def test_teaching_in_steps_and_in_any_order_is_teaching_at_once(
    folder: Path, taught: Taught, words: list[Clip], performances: list[Clip]
) -> None:
    steps = Taught.open(folder)
    for clip in words[:6][::-1]:
        steps = steps.with_clips([clip])
    found, expected = (scores_of(one, performances) for one in (steps, taught))
    assert steps.vocabulary == taught.vocabulary
    np.testing.assert_allclose(found, expected, atol=0.01)  # half precision


def test_a_taught_model_is_taught_further_from_its_folder(
    saved: Path, taught: Taught, words: list[Clip], performances: list[Clip]
) -> None:
    again = Taught.open(saved).with_clips(words[6:7])
    at_once = taught.with_clips(words[6:7])
    np.testing.assert_array_equal(
        scores_of(again, performances), scores_of(at_once, performances)
    )


def test_forgetting_what_was_taught_gives_the_model_back(
    saved: Path, folder: Path, performances: list[Clip]
) -> None:
    forgot = Taught.open(saved)
    for gloss in NEW:
        forgot = forgot.without(gloss)
    before = Taught.open(folder)
    assert forgot.vocabulary == before.vocabulary
    np.testing.assert_array_equal(
        scores_of(forgot, performances), scores_of(before, performances)
    )


def test_a_word_of_the_training_can_be_forgotten_and_taught_anew(
    folder: Path, performances: list[Clip], tmp_path: Path
) -> None:
    word = OLD[0]
    forgot = Taught.open(folder).without(word)
    assert word not in forgot.vocabulary
    own = [clip for clip in performances if clip.gloss == word]
    save_taught(forgot, tmp_path / "without", folder)
    again = Taught.open(tmp_path / "without").with_clips(own[:3])
    assert again.new == (word,)
    column = again.vocabulary.index(word)
    assert (scores_of(again, own[:3])[:, column] > 0.5).all()


def test_the_page_can_go_on_teaching(saved: Path, folder: Path, taught: Taught) -> None:
    anchors = np.load(saved / ANCHORS, allow_pickle=False)
    before = np.load(folder / ANCHORS, allow_pickle=False)
    assert (anchors[: len(before)] == before).all()
    assert (anchors[len(before) :] == taught.points).all()


def test_the_card_says_what_was_taught(saved: Path, words: list[Clip]) -> None:
    card = json.loads((saved / "model.json").read_text("utf-8"))
    taught = card["enrolled"]["clips"]
    assert [one["name"] for one in taught] == [clip.name for clip in words[:6]]
    assert card["vocabulary"][-2:] == sorted({one["gloss"] for one in taught})
    assert card["trained_on"][-1] == [
        taught[-1][key] for key in ("name", "signer", "session")
    ]
    assert card["abstain_below"] == ABSTAIN_BELOW
    assert not card["metrics"]


def handless(clip: Clip) -> Clip:
    landmarks = clip.landmarks.copy()
    landmarks[:, 33:75] = np.nan
    return replace(clip, name="handless", landmarks=landmarks)


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (handless, "no frame of handless shows a hand"),
        (lambda clip: replace(clip, gloss=None), "have no gloss"),
        (lambda clip: clip, "was taught to this model before"),
    ],
)
def test_a_clip_that_teaches_nothing_is_refused(
    taught: Taught, words: list[Clip], spoil: Callable[[Clip], Clip], said: str
) -> None:
    with pytest.raises(DatasetError, match=said):
        taught.with_clips([spoil(words[0])])


def test_no_clip_is_too_few(taught: Taught) -> None:
    with pytest.raises(DatasetError, match="no clips to teach"):
        taught.with_clips([])


def test_a_clip_that_looks_like_another_word_is_doubted(
    folder: Path, performances: list[Clip]
) -> None:
    known = next(clip for clip in performances if clip.gloss == OLD[0])
    wrong = replace(known, name="wrong", gloss="SOMETHING-ELSE")
    with pytest.raises(DatasetError, match=rf"looks like {known.gloss}\n") as caught:
        refuse_doubts(Taught.open(folder).with_clips([wrong]), 0)
    assert "--yes" in str(caught.value)


def test_clips_that_contradict_each_other_are_doubted(
    folder: Path, words: list[Clip], performances: list[Clip]
) -> None:
    first = words[0]
    other = next(clip for clip in words if clip.gloss != first.gloss)
    start = Taught.open(folder)
    twice = [first, replace(first, name="again", gloss=other.gloss)]
    assert any("is the same as" in one for one in find_doubts(start.with_clips(twice)))
    points = start.base.embed([first, *performances])
    unlike = performances[int(similarity(points[:1], points[1:]).argmin())]
    mixed = [first, replace(unlike, name="mixed", gloss=first.gloss)]
    assert any("is unlike" in one for one in find_doubts(start.with_clips(mixed)))
    alike = [clip for clip in words if clip.gloss == first.gloss][:2]
    assert not any("is unlike" in one for one in find_doubts(start.with_clips(alike)))


def test_a_model_without_exemplars_cannot_be_taught(finished_run: Path) -> None:
    with pytest.raises(ModelError, match="has no exemplars"):
        Taught.open(finished_run)


def test_a_card_of_another_model_is_refused(saved: Path, folder: Path) -> None:
    (saved / "model.json").write_bytes((folder / "model.json").read_bytes())
    with pytest.raises(ModelError, match="copy both files"):
        Taught.open(saved)


def test_nothing_is_overwritten_and_nothing_half_written_stays(
    saved: Path, taught: Taught, folder: Path
) -> None:
    before = (saved / "model.onnx").read_bytes()
    with pytest.raises(ModelError, match="exists already"):
        save_taught(taught, saved, folder)
    assert (saved / "model.onnx").read_bytes() == before
    assert [one.name for one in saved.parent.iterdir()] == ["taught"]


def test_what_is_unknown_cannot_be_forgotten(taught: Taught) -> None:
    with pytest.raises(SignnetError, match="does not know NOTHING"):
        taught.without("NOTHING")


def test_the_shipped_model_learns_a_word(tmp_path: Path) -> None:
    folder = find_model(DEFAULT_MODEL)
    motions = list(Dataset.open(folder / "motions.parquet"))
    first = motions[0]
    renamed = replace(first, name="own", gloss="NEW")
    taught = Taught.open(folder).without(first.gloss or "").with_clips([renamed])
    save_taught(taught, tmp_path / "own", folder)
    recogniser = Recogniser.open(tmp_path / "own")
    assert recogniser.recognise(first).top[0].gloss == "NEW"
    assert first.gloss not in recogniser.vocabulary
    assert recogniser.recognise(first).expression == Recogniser.open(folder).expression(
        first
    )
    best = [recogniser.recognise(one).top[0].gloss for one in motions[1:]]
    right = [gloss == one.gloss for gloss, one in zip(best, motions[1:], strict=True)]
    assert np.mean(right) > 0.9


def test_a_sign_is_found_among_other_signers(
    folder: Path, performances: list[Clip]
) -> None:
    exemplars = Exemplars.open(folder)
    query = performances[0]
    others = Dataset.of_clips(c for c in performances if c.signer != query.signer)
    found = search(exemplars, query, others, 5)
    assert query.gloss in {one.gloss for one in found}
    assert [one.similarity for one in found] == sorted(
        (one.similarity for one in found), reverse=True
    )
    np.testing.assert_allclose(
        [one.similarity for one in found], [np.exp(-(one.distance**2)) for one in found]
    )


def test_the_query_itself_is_not_found(folder: Path, performances: list[Clip]) -> None:
    found = search(
        Exemplars.open(folder), performances[0], Dataset.of_clips(performances), 3
    )
    assert performances[0].name not in {one.clip for one in found}


def test_recall_counts_queries_whose_gloss_is_shown() -> None:
    order = np.array([[0, 1, 2], [2, 1, 0]])
    shares = [recall(order, ["a", "a"], ["a", "b", "c"], most) for most in (1, 2, 3)]
    assert shares == [0.5, 0.5, 1.0]
