import json
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jaxtyping import Float32

from signnet.errors import DatasetError
from signnet.evaluation.calibration import calibrate
from signnet.evaluation.evaluation import evaluate
from signnet.evaluation.predictions import Predictions
from signnet.evaluation.selective import risk_coverage, score_sure
from signnet.evaluation.significance import (
    mcnemar,
    paired_interval,
    signer_interval,
    wilson_interval,
)
from signnet.training.thresholds import fit_temperature

GLOSSES = ("পানি", "বই", "মা", "স্কুল")

laws = settings(deadline=None, derandomize=True, max_examples=50)


def predictions(
    probabilities: Float32[np.ndarray, "clip gloss"],
    glosses: tuple[str, ...],
    *,
    vocabulary: tuple[str, ...] = GLOSSES,
    signers: tuple[str | None, ...] | None = None,
    expressions: tuple[str | None, ...] | None = None,
) -> Predictions:
    clips = len(glosses)
    return Predictions(
        names=tuple(f"clip{number}" for number in range(clips)),
        vocabulary=vocabulary,
        probabilities=probabilities,
        glosses=glosses,
        signers=signers or ("S01",) * clips,
        sessions=("S01/sess01",) * clips,
        expressions=expressions or (None,) * clips,
        held_out="signer S01",
    )


def sure(*best: int, of: int = 4) -> Float32[np.ndarray, "clip gloss"]:
    table = np.full((len(best), of), 0.1, np.float32)
    table[np.arange(len(best)), list(best)] = 1 - 0.1 * (of - 1)
    return table


def random_predictions(seed: int) -> Predictions:
    rng = np.random.default_rng(seed)
    clips, shown = int(rng.integers(2, 60)), int(rng.integers(1, len(GLOSSES) + 1))
    table = rng.dirichlet(np.full(len(GLOSSES), 0.5), clips).astype(np.float32)
    glosses = tuple(GLOSSES[index] for index in rng.integers(shown, size=clips))
    return predictions(table, glosses)


seeds = st.integers(0, 2**32 - 1)


def test_top_k_of_a_hand_computed_example() -> None:
    table = np.array([[0.4, 0.3, 0.2, 0.1]] * 4, np.float32)
    judged = evaluate(predictions(table, GLOSSES))
    assert (judged.top1, judged.top3, judged.top5) == (0.25, 0.75, 1.0)


def test_equal_probabilities_are_ranked_in_the_order_of_the_vocabulary() -> None:
    many = tuple(f"W{number:02}" for number in range(64))
    row = np.array([2, 1] * 32, np.float32) / 96
    judged = evaluate(predictions(np.tile(row, (64, 1)), many, vocabulary=many))
    found = {mistake.truth: mistake.rank for mistake in judged.mistakes}
    ranked = (*many[::2], *many[1::2])
    assert found == {gloss: index + 1 for index, gloss in enumerate(ranked) if index}


@laws
@given(seeds)
def test_scores_agree_with_scikit_learn(seed: int) -> None:
    metrics = pytest.importorskip("sklearn.metrics", reason="needs scikit-learn")
    some = random_predictions(seed)
    judged = evaluate(some)
    truth = list(some.glosses)
    table = some.probabilities.astype(np.float64)
    best = [GLOSSES[index] for index in table.argmax(axis=1)]
    f1 = metrics.f1_score(truth, best, average="macro", zero_division=0)
    assert judged.macro_f1 == pytest.approx(f1)
    recall = metrics.recall_score(
        truth, best, average="macro", labels=sorted(set(truth)), zero_division=0
    )
    assert judged.balanced_accuracy == pytest.approx(recall)
    assert judged.top1 == pytest.approx(metrics.accuracy_score(truth, best))
    matrix = metrics.confusion_matrix(truth, best, labels=list(GLOSSES))
    assert (judged.confusion == matrix).all()
    normal = table / table.sum(axis=1, keepdims=True)
    loss = metrics.log_loss(truth, normal, labels=list(GLOSSES))
    assert judged.calibration.log_loss == pytest.approx(loss, rel=1e-4)


@laws
@given(seeds)
def test_brier_score_is_the_squared_distance_to_the_truth(seed: int) -> None:
    some = random_predictions(seed)
    indices = [GLOSSES.index(gloss) for gloss in some.glosses]
    distance = some.probabilities - np.eye(len(GLOSSES))[indices]
    brier = (distance**2).sum(axis=1).mean()
    assert evaluate(some).calibration.brier == pytest.approx(brier, abs=1e-6)


@laws
@given(seeds)
def test_the_order_of_the_clips_changes_no_score(seed: int) -> None:
    some = random_predictions(seed)
    order = np.random.default_rng(seed).permutation(len(some.names))
    glosses = tuple(some.glosses[index] for index in order)
    first = evaluate(some)
    second = evaluate(predictions(some.probabilities[order], glosses))
    assert second.per_gloss == first.per_gloss
    assert second.top1_ci95 == first.top1_ci95
    assert second.calibration.error == pytest.approx(first.calibration.error)
    assert second.risk_coverage.area == pytest.approx(first.risk_coverage.area)


def test_a_gloss_tells_what_it_is_taken_for() -> None:
    glosses = ("পানি", "পানি", "পানি", "বই")
    score = evaluate(predictions(sure(0, 1, 1, 1), glosses)).per_gloss
    assert score["পানি"].confused_with == "বই"
    assert (score["পানি"].clips, score["পানি"].correct) == (3, 1)
    assert score["বই"].precision == pytest.approx(1 / 3)
    assert score["বই"].confused_with is None


def test_a_gloss_that_was_not_shown_has_no_score() -> None:
    judged = evaluate(predictions(sure(0, 3), ("পানি", "পানি")))
    assert list(judged.per_gloss) == ["পানি"]


def test_confusions_come_most_frequent_first() -> None:
    judged = evaluate(predictions(sure(1, 2, 2), ("পানি", "বই", "বই")))
    found = [(pair.truth, pair.answer, pair.clips) for pair in judged.confusions]
    assert found == [("বই", "মা", 2), ("পানি", "বই", 1)]


def test_a_clip_outside_the_vocabulary_is_wrong_and_listed() -> None:
    judged = evaluate(predictions(sure(0, 1), ("পানি", "নদী")))
    assert judged.top5 == judged.top1 == 0.5
    assert judged.unknown == ("clip1",)
    assert judged.mistakes[0].rank is None
    assert judged.per_gloss["নদী"].confused_with == "বই"


def test_no_clip_inside_the_vocabulary_leaves_the_log_loss_out() -> None:
    judged = evaluate(predictions(sure(0), ("নদী",)))
    assert judged.calibration.log_loss is None
    assert json.dumps(judged.to_json(), allow_nan=False)


def test_a_gloss_in_another_unicode_form_is_the_same_gloss() -> None:
    composed, split = "\u09aa\u09dc\u09be", "\u09aa\u09a1\u09bc\u09be"
    judged = evaluate(predictions(sure(0, of=2), (split,), vocabulary=(composed, "বই")))
    assert judged.top1 == 1


def test_mistakes_come_surest_first_with_the_place_of_the_truth() -> None:
    table = np.array([[0.4, 0.3, 0.2, 0.1], [0.1, 0.7, 0.15, 0.05]], np.float32)
    judged = evaluate(predictions(table, ("মা", "মা")))
    assert [(m.name, m.rank) for m in judged.mistakes] == [("clip1", 2), ("clip0", 3)]
    assert judged.mistakes[0].probability == pytest.approx(0.7)


def test_signers_and_expressions_are_scored_apart() -> None:
    judged = evaluate(
        predictions(
            sure(0, 1, 2),
            ("পানি", "বই", "বই"),
            signers=("S01", "S01", "S02"),
            expressions=("happy", None, "happy"),
        )
    )
    assert {name: score.top1 for name, score in judged.per_signer.items()} == {
        "S01": 1,
        "S02": 0,
    }
    assert judged.per_expression["unknown"].clips == 1
    assert judged.per_expression["happy"].top1 == 0.5


def test_groups_that_nobody_stated_are_left_out() -> None:
    assert evaluate(predictions(sure(0), ("পানি",))).per_expression == {}


def test_baselines_are_those_of_guessing_and_of_the_commonest_gloss() -> None:
    judged = evaluate(predictions(sure(0, 1, 2), ("বই", "বই", "মা")))
    assert judged.chance == 0.25
    assert judged.majority == pytest.approx(2 / 3)


def test_calibration_error_of_a_hand_computed_example() -> None:
    table = np.array([[0.9, 0.1], [0.9, 0.1], [0.6, 0.4], [0.6, 0.4]], np.float32)
    truth = np.array([0, 1, 0, 0])
    scores = calibrate(table, truth, truth == 0)
    assert scores.error == pytest.approx((2 * abs(0.5 - 0.9) + 2 * abs(1 - 0.6)) / 4)
    assert [row.clips for row in scores.bins] == [2, 2]


def test_risk_against_coverage_of_a_hand_computed_example() -> None:
    confidence = np.array([0.4, 0.9, 0.8, 0.6])
    curve = risk_coverage(confidence, np.array([False, True, False, True]))
    assert [point.clips for point in curve.points] == [1, 2, 3, 4]
    assert [point.coverage for point in curve.points] == [0.25, 0.5, 0.75, 1]
    assert [point.probability for point in curve.points] == [0.9, 0.8, 0.6, 0.4]
    assert [point.risk for point in curve.points] == pytest.approx(
        [0, 1 / 2, 1 / 3, 1 / 2]
    )
    assert curve.area == pytest.approx((0 + 1 / 2 + 1 / 3 + 1 / 2) / 4)


def test_equal_confidence_tells_right_and_wrong_clips_not_apart() -> None:
    curve = risk_coverage(np.full(250, 0.7), np.arange(250) < 100)
    assert len(curve.points) == 100
    assert curve.points[-1].clips == 250
    assert {round(point.risk, 9) for point in curve.points} == {0.6}


def test_a_model_is_sure_from_its_threshold_on() -> None:
    confidence, correct = np.array([0.5, 0.9, 0.49]), np.array([True, False, True])
    found = score_sure(confidence, correct, 0.5)
    assert found is not None
    assert (found.clips, found.correct, found.top1) == (2, 1, 0.5)
    assert found.share_ci95 == wilson_interval(2, 3)
    assert found.top1_ci95 == wilson_interval(1, 2)
    unsure = score_sure(confidence, correct, 0.95)
    assert unsure is not None
    assert (unsure.clips, unsure.top1, unsure.top1_ci95) == (0, None, None)
    assert score_sure(confidence, correct, 0.0) is None


def test_json_has_the_keys_that_scripts_rely_on() -> None:
    judged = evaluate(
        predictions(sure(0, 2), ("পানি", "বই"), expressions=("sad", "sad"))
    )
    printed = json.loads(json.dumps(judged.to_json(), allow_nan=False))
    wanted = {"clips", "top1", "top1_ci95", "top5", "macro_f1", "held_out"}
    wanted |= {"per_signer", "per_expression", "per_gloss", "sure", "risk_coverage"}
    assert wanted <= set(printed)
    assert printed["per_gloss"]["পানি"]["top1"] == 1.0
    assert printed["per_signer"]["S01"]["clips"] == 2
    assert isinstance(printed["top1_ci95"], list)


@pytest.mark.parametrize(
    ("table", "glosses", "message"),
    [
        (np.zeros((0, 4), np.float32), (), "no clips to evaluate"),
        (sure(0, of=3), ("বই",), "probabilities are"),
        (sure(0) * 3, ("বই",), "clip0: probabilities add up to 3, expected"),
        (np.full((1, 4), np.nan, np.float32), ("বই",), "clip0: probabilities"),
    ],
)
def test_broken_answers_are_refused_in_one_line(
    table: np.ndarray, glosses: tuple[str, ...], message: str
) -> None:
    with pytest.raises(DatasetError, match=message):
        predictions(table, glosses)


def test_a_gloss_twice_in_the_vocabulary_is_refused() -> None:
    with pytest.raises(DatasetError, match="has বই twice"):
        predictions(sure(0), ("বই",), vocabulary=("বই", "মা", "বই", "পানি"))


def test_wilson_interval_agrees_with_the_published_example() -> None:
    low, high = wilson_interval(81, 263)  # Newcombe (1998), table I
    assert (round(low, 4), round(high, 4)) == (0.2553, 0.3662)


@laws
@given(st.integers(1, 400).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_wilson_interval_agrees_with_scipy(counts: tuple[int, int]) -> None:
    stats = pytest.importorskip("scipy.stats", reason="needs SciPy")
    theirs = stats.binomtest(*counts).proportion_ci(method="wilson")
    assert wilson_interval(*counts) == pytest.approx((theirs.low, theirs.high))


@laws
@given(st.integers(0, 60), st.integers(0, 60), st.integers(1, 60))
def test_mcnemar_agrees_with_scipy(gained: int, lost: int, same: int) -> None:
    stats = pytest.importorskip("scipy.stats", reason="needs SciPy")
    first = np.array([True] * lost + [False] * gained + [True] * same)
    second = np.array([False] * lost + [True] * gained + [True] * same)
    theirs = stats.binomtest(lost, lost + gained).pvalue if lost + gained else 1.0
    assert mcnemar(first, second) == pytest.approx(theirs)


def test_mcnemar_stays_exact_for_thousands_of_clips() -> None:
    first = np.arange(6000) < 2900
    assert 0 < mcnemar(first, ~first) < 0.05


def test_the_same_seed_gives_the_same_paired_interval() -> None:
    first = np.random.default_rng(1).random(200) < 0.6
    second = np.random.default_rng(2).random(200) < 0.8
    draws = [paired_interval(first, second, np.random.default_rng(3)) for _ in "ab"]
    assert draws[0] == draws[1]


def test_paired_interval_agrees_with_drawing_the_clips_themselves() -> None:
    rng = np.random.default_rng(5)
    first, second = rng.random(300) < 0.6, rng.random(300) < 0.75
    gain = second.astype(float) - first
    means = gain[rng.integers(300, size=(10_000, 300))].mean(axis=1)
    plain = np.percentile(means, [2.5, 97.5])
    assert paired_interval(first, second, rng) == pytest.approx(plain, abs=0.01)


def test_a_model_against_itself_differs_by_nothing() -> None:
    correct = np.array([True, False, True])
    assert mcnemar(correct, correct) == 1
    rng = np.random.default_rng(0)
    assert paired_interval(correct, correct, rng) == (0.0, 0.0)


def test_four_signers_are_too_few_for_an_interval_over_signers() -> None:
    correct, rng = np.array([True, False] * 4), np.random.default_rng(0)
    assert signer_interval(correct, tuple("aabbccdd"), rng) is None


def test_signers_that_differ_make_the_interval_wider_than_wilsons() -> None:
    correct = np.repeat([True, True, True, False, False, True], 50)
    signers = tuple(np.repeat(list("abcdef"), 50).tolist())
    low, high = evaluate_interval(correct, signers)
    narrow = wilson_interval(int(correct.sum()), len(correct))
    assert low < narrow[0] < narrow[1] < high


def evaluate_interval(
    correct: np.ndarray, signers: tuple[str, ...]
) -> tuple[float, float]:
    table = sure(*np.where(correct, 0, 1).tolist())
    judged = evaluate(predictions(table, ("পানি",) * len(correct), signers=signers))
    assert judged.top1_ci95_signers is not None
    return judged.top1_ci95_signers


def test_alike_signers_leave_nothing_in_doubt() -> None:
    correct = np.array([True, False] * 5)
    interval = signer_interval(correct, tuple("aabbccddee"), np.random.default_rng(0))
    assert interval == (0.5, 0.5)


def test_no_clips_give_no_interval() -> None:
    with pytest.raises(DatasetError, match="no clips"):
        wilson_interval(0, 0)
    with pytest.raises(DatasetError, match="no clips"):
        paired_interval(np.zeros(0, bool), np.zeros(0, bool), np.random.default_rng(0))


def test_the_interval_never_leaves_the_possible() -> None:
    assert wilson_interval(0, 3)[0] == 0
    assert wilson_interval(3, 3)[1] == 1
    assert not math.isnan(wilson_interval(1, 1)[0])


@pytest.mark.parametrize("sharpened", [0.7, 1.0, 3.0])
def test_the_temperature_that_sharpened_is_found(sharpened: float) -> None:
    rng = np.random.default_rng(4)
    honest = rng.dirichlet(np.full(6, 0.3), 4000)
    truth = np.array([rng.choice(6, p=row) for row in honest])
    claimed = np.maximum(honest, 1e-9) ** sharpened
    claimed = (claimed / claimed.sum(1, keepdims=True)).astype(np.float32)
    assert fit_temperature(claimed, truth) == pytest.approx(sharpened, rel=0.1)


def test_without_a_known_gloss_the_temperature_is_one() -> None:
    rows = np.full((3, 4), 0.25, np.float32)
    assert fit_temperature(rows, np.full(3, -1)) == 1
