"""Looking a sign up among clips."""

from pathlib import Path

import numpy as np
import pytest

from signnet.clip import Clip
from signnet.dataset import Dataset
from signnet.errors import DatasetError, ModelError
from signnet.models.base import BaseEncoder
from signnet.recognise.exemplars import Kernel
from signnet.recognise.recogniser import Recogniser
from signnet.recognise.search import nearest, recall, search


@pytest.fixture(scope="module", params=["model", "base"])
def model(
    request: pytest.FixtureRequest,
    on_base: Path,
    small_base: tuple[Path, BaseEncoder],
) -> Recogniser:
    return Recogniser.open(on_base if request.param == "model" else small_base[0])


def test_a_sign_is_found_among_other_signers(
    model: Recogniser, four_signs: Dataset
) -> None:
    query = four_signs[0]
    others = Dataset.of_clips(one for one in four_signs if one.signer != query.signer)
    found = search(model, query, others, 5)
    assert len(found) == 5
    assert query.gloss == found[0].gloss
    assert [one.similarity for one in found] == sorted(
        (one.similarity for one in found), reverse=True
    )
    np.testing.assert_allclose(
        [one.similarity for one in found], [np.exp(-(one.distance**2)) for one in found]
    )


def test_the_query_itself_is_not_found(model: Recogniser, four_signs: Dataset) -> None:
    found = search(model, four_signs[0], four_signs, 3)
    assert four_signs[0].name not in {one.clip for one in found}


def test_clips_without_hands_are_neither_asked_nor_found(
    model: Recogniser, four_signs: Dataset, clip: Clip
) -> None:
    bare = clip.landmarks.copy()
    bare[:, 33:75] = np.nan
    handless = clip.with_landmarks(bare)
    with pytest.raises(DatasetError, match=rf"no frame of {clip.name} shows a hand"):
        search(model, handless, four_signs, 3)
    with pytest.raises(DatasetError, match="no clip with a hand"):
        search(model, four_signs[0], Dataset.of_clips([handless]), 3)


def test_a_model_that_embeds_nothing_cannot_search(
    finished_run: Path, four_signs: Dataset
) -> None:
    with pytest.raises(ModelError, match="embeds no clips"):
        search(Recogniser.open(finished_run), four_signs[0], four_signs, 3)


def test_the_nearest_by_all_parts_come_first() -> None:
    """Part one favours the first clip, part two the second, and it weighs more."""
    points = np.array([[0.0, 0.0]])
    gallery = np.array([[0.0, 1.0], [1.0, 0.0], [2.0, 2.0]])
    similar, order = nearest(Kernel((1, 1), (0.25, 0.75)), points, gallery)
    assert order.tolist() == [[1, 0, 2]]
    assert similar[0, 0] == pytest.approx(0.25 + 0.75 * np.exp(-1))
    _, other = nearest(Kernel((1, 1), (0.75, 0.25)), points, gallery)
    assert other.tolist() == [[0, 1, 2]]


def test_recall_counts_queries_whose_gloss_is_shown() -> None:
    order = np.array([[0, 1, 2], [2, 1, 0]])
    shares = [recall(order, ["a", "a"], ["a", "b", "c"], most) for most in (1, 2, 3)]
    assert shares == [0.5, 0.5, 1.0]
