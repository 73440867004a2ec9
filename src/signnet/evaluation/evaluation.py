"""Scores of a model's predictions: accuracy, intervals, confusions, calibration.

Scoring needs NumPy only, so that the same code scores a run, an exported model and
predictions from elsewhere. A clip whose gloss the model lacks counts as wrong.
"""

from collections import Counter
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from signnet.clip.shapes import Bool, Int
from signnet.evaluation.calibration import Calibration, calibrate
from signnet.evaluation.expressions import ExpressionScore, score_expressions
from signnet.evaluation.metrics import (
    Confusion,
    GlossScore,
    GroupScore,
    balanced_accuracy,
    frequent_confusions,
    macro_f1,
    per_gloss,
    per_group,
)
from signnet.evaluation.predictions import Predictions
from signnet.evaluation.selective import RiskCoverage, Sure, risk_coverage, score_sure
from signnet.evaluation.significance import signer_interval, wilson_interval

__all__ = ["Evaluation", "Mistake", "evaluate"]


@dataclass(frozen=True)
class Mistake:
    """A clip that was not recognised."""

    name: str
    truth: str
    answer: str
    """The gloss predicted instead."""

    probability: float
    """Probability of that wrong gloss."""

    rank: int | None
    """Rank of the true gloss, 1 for the best; None where the model lacks it."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Evaluation:
    """Scores of a model's predictions for clips.

    Shares lie between 0 and 1.
    """

    held_out: str
    """What training did not see, in words, such as `signer S01`."""

    clips: int
    clips_in_training: int
    """How many of the clips the model was trained on: with any, `top1` says little
    about new clips."""

    correct: Bool[np.ndarray, " clip"]
    """Whether each clip was recognised, in the order of the names."""

    names: tuple[str, ...]
    top1: float
    top1_ci95: tuple[float, float]
    """Wilson's 95 % interval for independent clips. Clips that share signers or
    sessions, as most do, are not: the true interval is wider."""

    top1_ci95_signers: tuple[float, float] | None
    """95 % interval for new signers like these; None for fewer than five signers."""

    top3: float
    top5: float
    macro_f1: float
    """Mean over the glosses that were shown or predicted."""

    balanced_accuracy: float
    """Mean top-1 over the glosses that were shown: the accuracy per gloss."""

    chance: float
    """Expected top-1 of guessing among the vocabulary."""

    majority: float
    """Top-1 of always predicting the most frequent gloss of these clips."""

    per_gloss: dict[str, GlossScore]
    """The glosses that were shown, in the order of the vocabulary."""

    per_signer: dict[str, GroupScore]
    per_session: dict[str, GroupScore]
    per_expression: dict[str, GroupScore]
    expression: ExpressionScore | None
    """Scores of the expression; None where the model or the clips have none."""

    labels: tuple[str, ...]
    """The vocabulary, then the glosses that the model lacks."""

    confusion: Int[np.ndarray, "gloss gloss"]
    """Clips by true (rows) and predicted gloss (columns), in the order of `labels`."""

    confusions: tuple[Confusion, ...]
    """Mistaken pairs, the most frequent first."""

    calibration: Calibration
    sure: Sure | None
    """The clips that the model is sure of; None for a model without a threshold."""

    risk_coverage: RiskCoverage
    unknown: tuple[str, ...]
    """Clips whose gloss the model lacks; they count as wrong."""

    mistakes: tuple[Mistake, ...]
    """Clips not recognised, the most confident mistake first."""

    @property
    def is_outside_vocabulary(self) -> bool:
        """Whether the model knows the gloss of none of the clips."""
        return len(self.unknown) == self.clips

    def to_json(self) -> dict[str, Any]:
        """Return the object that `signnet evaluate --json` prints.

        The full matrix can be rebuilt from `per_gloss` and `confusions`; the arrays
        with one entry per clip are left out.
        """
        left_out = {"correct", "names", "labels", "confusion"}
        fields = asdict(self).items()
        return {name: value for name, value in fields if name not in left_out}


def evaluate(predictions: Predictions, *, seed: int = 0) -> Evaluation:
    """Score predictions.

    Parameters
    ----------
    predictions
        Probabilities and true glosses. Equal probabilities are ranked in the order of
        the vocabulary.
    seed
        Seed of the bootstrap over signers.
    """
    order = np.argsort(-predictions.probabilities, axis=1, kind="stable")
    truth = predictions.targets()
    ranks = target_ranks(order, truth)
    correct = ranks == 0
    confidence = predictions.probabilities.max(axis=1).astype(np.float64)
    hands = predictions.show_hands
    trusted = confidence if hands is None else np.where(hands, confidence, 0.0)
    labels = all_labels(predictions)
    confusion = confusion_matrix(predictions, labels, order[:, 0])
    rng = np.random.default_rng(seed)
    return Evaluation(
        held_out=predictions.held_out,
        clips=len(correct),
        clips_in_training=predictions.clips_in_training,
        correct=correct,
        names=predictions.names,
        top1=float(correct.mean()),
        top1_ci95=wilson_interval(int(correct.sum()), len(correct)),
        top1_ci95_signers=signer_interval(correct, predictions.signers, rng),
        top3=float((ranks < 3).mean()),
        top5=float((ranks < 5).mean()),
        macro_f1=macro_f1(confusion),
        balanced_accuracy=balanced_accuracy(confusion),
        chance=1 / len(predictions.vocabulary),
        majority=max(Counter(predictions.glosses).values()) / len(correct),
        per_gloss=per_gloss(labels, confusion),
        per_signer=per_group(correct, predictions.signers),
        per_session=per_group(correct, predictions.sessions),
        per_expression=per_group(correct, predictions.expressions),
        expression=score_expressions(
            predictions.expressions, predictions.read_expressions
        ),
        labels=labels,
        confusion=confusion,
        confusions=frequent_confusions(labels, confusion),
        calibration=calibrate(predictions.probabilities, truth, correct),
        sure=score_sure(trusted, correct, predictions.abstain_below),
        risk_coverage=risk_coverage(confidence, correct),
        unknown=tuple(np.array(predictions.names)[truth < 0].tolist()),
        mistakes=list_mistakes(predictions, order[:, 0], ranks),
    )


def target_ranks(
    order: Int[np.ndarray, "clip gloss"], truth: Int[np.ndarray, " clip"]
) -> Int[np.ndarray, " clip"]:
    """Return the rank of each clip's gloss, 0 the best; beyond all if unknown."""
    found = order == truth[:, None]
    return np.where(truth >= 0, found.argmax(axis=1), order.shape[1] + 10)


def all_labels(predictions: Predictions) -> tuple[str, ...]:
    """Return the vocabulary and, after it, the glosses that it lacks."""
    lacking = sorted(set(predictions.glosses) - set(predictions.vocabulary))
    return (*predictions.vocabulary, *lacking)


def confusion_matrix(
    predictions: Predictions, labels: tuple[str, ...], best: Int[np.ndarray, " clip"]
) -> Int[np.ndarray, "gloss gloss"]:
    """Count the clips by true (rows) and predicted gloss (columns)."""
    index = {gloss: row for row, gloss in enumerate(labels)}
    matrix = np.zeros((len(labels), len(labels)), np.int64)
    for gloss, predicted in zip(predictions.glosses, best, strict=True):
        matrix[index[gloss], predicted] += 1
    return matrix


def list_mistakes(
    predictions: Predictions,
    best: Int[np.ndarray, " clip"],
    ranks: Int[np.ndarray, " clip"],
) -> tuple[Mistake, ...]:
    """List the clips that were not recognised, the most confident first."""
    known = len(predictions.vocabulary)
    mistakes = [
        Mistake(
            name=predictions.names[clip],
            truth=predictions.glosses[clip],
            answer=predictions.vocabulary[best[clip]],
            probability=float(predictions.probabilities[clip, best[clip]]),
            rank=int(ranks[clip]) + 1 if ranks[clip] < known else None,
        )
        for clip in np.flatnonzero(ranks)
    ]
    return tuple(sorted(mistakes, key=lambda mistake: -mistake.probability))
