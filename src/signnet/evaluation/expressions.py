"""Scores of the facial expressions that a model predicts."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from signnet.evaluation.significance import wilson_interval

__all__ = ["ExpressionPredictions", "ExpressionScore", "score_expressions"]


@dataclass(frozen=True)
class ExpressionPredictions:
    """Predicted facial expressions of clips."""

    read: tuple[str | None, ...]
    """Most probable expression of each clip; None where no face was seen."""

    commonest: str
    """Most frequent expression of the training clips."""


@dataclass(frozen=True, kw_only=True)
class ExpressionScore:
    """Accuracy of the predicted expressions, beside that of constant guesses."""

    clips: int
    """Number of clips whose expression is stated."""

    faceless: int
    """Number of these clips without a face; they count as wrong."""

    top1: float
    top1_ci95: tuple[float, float]
    """Wilson's interval, for independent clips."""

    commonest_of_training: str
    training_guess: float
    """Top-1 of always predicting that expression."""

    commonest_of_test: str
    test_guess: float
    """Top-1 of always predicting that expression, which no model can know
    beforehand."""


def score_expressions(
    truth: Sequence[str | None], predictions: ExpressionPredictions | None
) -> ExpressionScore | None:
    """Score predicted expressions; None without predictions or labels.

    Parameters
    ----------
    truth
        Expression of each clip; clips without one are left out.
    predictions
        Predicted expressions, in the same order of clips.
    """
    if predictions is None or not any(truth):
        return None
    pairs = zip(truth, predictions.read, strict=True)
    stated = [(one, read) for one, read in pairs if one]
    right, clips = sum(one == read for one, read in stated), len(stated)
    counts = Counter(one for one, _ in stated)
    usual, most = counts.most_common(1)[0]
    return ExpressionScore(
        clips=clips,
        faceless=sum(read is None for _, read in stated),
        top1=right / clips,
        top1_ci95=wilson_interval(right, clips),
        commonest_of_training=predictions.commonest,
        training_guess=counts[predictions.commonest] / clips,
        commonest_of_test=usual,
        test_guess=most / clips,
    )
