"""How many clips a model is sure of, how often it is right, and risk by coverage."""

from dataclasses import dataclass

import numpy as np

from signnet.clip.shapes import Bool, Float
from signnet.evaluation.significance import wilson_interval

__all__ = ["RiskCoverage", "RiskPoint", "Sure", "risk_coverage", "score_sure"]

_MOST_POINTS = 100


@dataclass(frozen=True)
class Sure:
    """How many clips a model is sure of, and how many of these it recognises."""

    threshold: float
    """Probability from which the model is sure: `abstain_below` of its card."""

    clips: int
    """Clips that it is sure of."""

    share: float
    share_ci95: tuple[float, float]
    """Wilson's interval, for independent clips."""

    correct: int
    """Clips recognised among those that it is sure of."""

    top1: float | None
    """Their share; None where it is sure of no clip."""

    top1_ci95: tuple[float, float] | None


@dataclass(frozen=True)
class RiskPoint:
    """The error of a model that answers the clips of highest confidence only."""

    clips: int
    coverage: float
    """Share of the clips answered."""

    risk: float
    """Share of mistakes among them."""

    probability: float
    """The least confidence among them: the threshold that gives this coverage."""


@dataclass(frozen=True)
class RiskCoverage:
    """Risk against coverage."""

    area: float
    """Area under the curve: the mean risk over all coverages; 0 is best."""

    points: tuple[RiskPoint, ...]
    """At most 100 points of the curve, evenly spread, the last at full coverage."""


def score_sure(
    confidence: Float[np.ndarray, " clip"],
    correct: Bool[np.ndarray, " clip"],
    threshold: float,
) -> Sure | None:
    """Score the clips that a model is sure of; None for a model without a threshold.

    Parameters
    ----------
    confidence
        Probability of each clip's predicted gloss; 0 if the clip shows no hand.
    correct
        Whether each clip was recognised.
    threshold
        The model is sure from this probability on; 0 for none.
    """
    if threshold <= 0:
        return None
    is_sure = confidence >= threshold
    clips, right = int(is_sure.sum()), int(correct[is_sure].sum())
    return Sure(
        threshold=threshold,
        clips=clips,
        share=clips / len(correct),
        share_ci95=wilson_interval(clips, len(correct)),
        correct=right,
        top1=right / clips if clips else None,
        top1_ci95=wilson_interval(right, clips) if clips else None,
    )


def risk_coverage(
    confidence: Float[np.ndarray, " clip"], correct: Bool[np.ndarray, " clip"]
) -> RiskCoverage:
    """Compute the error among the most confident clips, for each number of them.

    Notes
    -----
    Risk and coverage: Geifman and El-Yaniv (2017), Selective Classification for Deep
    Neural Networks, section 2. Area under the curve: Geifman, Uziel and El-Yaniv
    (2019), Bias-Reduced Uncertainty Estimation for Deep Neural Classifiers, section 3.
    Clips of equal confidence have no order: each counts as the mean of them all, which
    is what a random order gives on average.
    """
    order = np.argsort(-confidence, kind="stable")
    ranked = confidence[order]
    _, tie, size = np.unique(-ranked, return_inverse=True, return_counts=True)
    wrong = (np.bincount(tie, weights=~correct[order]) / size)[tie]
    answered = np.arange(1, len(ranked) + 1)
    risk = wrong.cumsum() / answered
    steps = min(len(ranked), _MOST_POINTS)
    shown = np.ceil(np.arange(1, steps + 1) * len(ranked) / steps).astype(int) - 1
    return RiskCoverage(
        area=float(risk.mean()),
        points=tuple(
            RiskPoint(
                clips=int(answered[last]),
                coverage=float(answered[last] / len(ranked)),
                risk=float(risk[last]),
                probability=float(ranked[last]),
            )
            for last in shown.tolist()
        ),
    )
