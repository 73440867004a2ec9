"""K-shot scores: hand-computed examples, and laws that hold for every similarity."""

import numpy as np
import pytest

from signnet.errors import DatasetError
from signnet.evaluation.kshot import draw_task, equal_error_rate, k_shot

GLOSSES = [word for word in "ABCD" for _ in range(6)]
SIGNERS = [f"P{number % 3}" for number in range(24)]


def test_no_query_shares_a_signer_with_the_references_of_its_word() -> None:
    for seed in range(20):
        task = draw_task(GLOSSES, SIGNERS, 2, 4, np.random.default_rng(seed))
        for query, target in zip(task.queries, task.targets, strict=True):
            own = task.references[target]
            assert GLOSSES[query] == GLOSSES[own[0]]
            assert SIGNERS[query] not in {SIGNERS[one] for one in own}
            assert query not in own


def test_a_similarity_that_knows_the_word_is_always_right() -> None:
    words = np.array(GLOSSES)

    def knows(queries: np.ndarray, references: list[np.ndarray]) -> np.ndarray:
        named = np.array([words[some[0]] for some in references])
        return (words[queries][:, None] == named).astype(float)

    score = k_shot(knows, GLOSSES, SIGNERS, k=1, candidates=4, draws=3)
    assert (score.top1, score.top5, score.mrr, score.eer) == (1, 1, 1, 0)
    assert score.top1_ci95 == (1, 1)


def test_guessing_is_as_good_as_chance() -> None:
    rng = np.random.default_rng(0)

    def guesses(queries: np.ndarray, references: list[np.ndarray]) -> np.ndarray:
        return rng.random((len(queries), len(references)))

    score = k_shot(guesses, GLOSSES, SIGNERS, k=1, candidates=4, draws=200)
    assert score.top1 == pytest.approx(0.25, abs=0.03)
    assert score.eer == pytest.approx(0.5, abs=0.03)
    assert score.mrr == pytest.approx((1 + 1 / 2 + 1 / 3 + 1 / 4) / 4, abs=0.03)


def test_the_equal_error_rate_of_a_small_example() -> None:
    same, other = np.array([0.9, 0.8, 0.4]), np.array([0.7, 0.2, 0.1])
    assert equal_error_rate(same, other) == pytest.approx(1 / 3)


def test_scores_that_are_all_equal_tell_nothing() -> None:
    assert equal_error_rate(np.zeros(3), np.zeros(9)) == 0.5


def test_too_few_words_are_named() -> None:
    with pytest.raises(
        DatasetError, match=r"4 words have 2 references .* 9 are needed"
    ):
        draw_task(GLOSSES, SIGNERS, 2, 9, np.random.default_rng(0))
