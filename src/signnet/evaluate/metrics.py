"""Scores of predictions: precision and recall per gloss, macro F1, calibration.

In a confusion matrix rows are the true glosses and columns the predicted ones, both in
the order of the same labels.
"""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float, Float32, Int

__all__ = [
    "Bin",
    "Calibration",
    "Confusion",
    "GlossScore",
    "balanced_accuracy",
    "calibrate",
    "frequent_confusions",
    "macro_f1",
    "per_gloss",
]

_BINS = 15
"""Bins of the expected calibration error."""

Matrix = Int[np.ndarray, "gloss gloss"]
"""Clips by true (rows) and predicted gloss (columns)."""


@dataclass(frozen=True)
class GlossScore:
    """How well one gloss is recognised, and what it is taken for."""

    clips: int
    correct: int
    top1: float
    precision: float
    """Share of correct clips among those predicted as this gloss; 0 for none."""

    recall: float
    """The same as top1, under the name that goes with precision."""

    f1: float
    confused_with: str | None
    """Most frequent wrong prediction; None where all clips were recognised."""


@dataclass(frozen=True)
class Confusion:
    """How often one gloss was taken for another."""

    truth: str
    answer: str
    clips: int


def f1_scores(
    confusion: Matrix,
) -> Float[np.ndarray, " gloss"]:
    """Return each gloss's F1; NaN where it was neither shown nor predicted."""
    total = confusion.sum(axis=0) + confusion.sum(axis=1)
    with np.errstate(invalid="ignore"):
        return 2 * confusion.diagonal() / total


def macro_f1(confusion: Matrix) -> float:
    """Average F1 over the glosses shown or predicted, as scikit-learn does."""
    return float(np.nanmean(f1_scores(confusion)))


def balanced_accuracy(confusion: Matrix) -> float:
    """Average top-1 over the glosses that were shown."""
    shown = confusion.sum(axis=1)
    return float((confusion.diagonal()[shown > 0] / shown[shown > 0]).mean())


def per_gloss(labels: tuple[str, ...], confusion: Matrix) -> dict[str, GlossScore]:
    """Score each gloss that was shown."""
    shown, f1 = confusion.sum(axis=1), f1_scores(confusion)
    return {
        labels[row]: _gloss_score(labels, confusion, row, float(f1[row]))
        for row in np.flatnonzero(shown).tolist()
    }


def _gloss_score(
    labels: tuple[str, ...], confusion: Matrix, row: int, f1: float
) -> GlossScore:
    clips, correct = int(confusion[row].sum()), int(confusion[row, row])
    predicted = int(confusion[:, row].sum())
    wrong = confusion[row].copy()
    wrong[row] = 0
    return GlossScore(
        clips=clips,
        correct=correct,
        top1=correct / clips,
        precision=correct / predicted if predicted else 0.0,
        recall=correct / clips,
        f1=f1,
        confused_with=labels[wrong.argmax()] if wrong.any() else None,
    )


def frequent_confusions(
    labels: tuple[str, ...], confusion: Matrix
) -> tuple[Confusion, ...]:
    """List the mistaken pairs, the most frequent first."""
    wrong = confusion - np.diag(confusion.diagonal())
    rows, columns = np.nonzero(wrong)
    pairs = [
        Confusion(labels[row], labels[column], int(wrong[row, column]))
        for row, column in zip(rows, columns, strict=True)
    ]
    return tuple(sorted(pairs, key=lambda pair: -pair.clips))


@dataclass(frozen=True)
class Bin:
    """Clips predicted with about the same confidence."""

    low: float
    high: float
    clips: int
    confidence: float
    """Mean probability of the predicted gloss."""

    top1: float


@dataclass(frozen=True)
class Calibration:
    """How well the probabilities agree with the accuracy."""

    error: float
    """Mean gap between confidence and top-1, weighted by clips."""

    bins: tuple[Bin, ...]
    """The bins that have clips."""

    log_loss: float | None
    """Over the clips whose gloss the model knows; None where there is none."""

    brier: float
    """From 0 (always certain and right) to 2 (always certain and wrong)."""


def calibrate(
    probabilities: Float32[np.ndarray, "clip gloss"],
    truth: Int[np.ndarray, " clip"],
    correct: Bool[np.ndarray, " clip"],
) -> Calibration:
    """Compare the probabilities with what was recognised.

    Parameters
    ----------
    probabilities
        Probability of each gloss; a row adds up to one.
    truth
        Column of each clip's gloss; -1 where the model lacks it.
    correct
        Whether each clip was recognised.

    Notes
    -----
    Expected calibration error over 15 equal bins of the highest probability: Guo
    et al. (2017), On Calibration of Modern Neural Networks, section 2. Brier (1950),
    Monthly Weather Review 78:1-3, over all glosses; one that the model lacks has
    probability 0. The log loss would then be infinite, so it leaves such clips out.
    """
    table = probabilities.astype(np.float64)
    bins = calibration_bins(table.max(axis=1), correct)
    gaps = [row.clips * abs(row.top1 - row.confidence) for row in bins]
    of_truth = np.where(truth >= 0, table[np.arange(len(table)), truth], 0.0)
    known = np.maximum(of_truth[truth >= 0], np.finfo(np.float32).tiny)
    return Calibration(
        error=float(sum(gaps) / len(correct)),
        bins=bins,
        log_loss=float(-np.log(known).mean()) if len(known) else None,
        brier=float(((table**2).sum(axis=1) - 2 * of_truth + 1).mean()),
    )


def calibration_bins(
    confidence: Float[np.ndarray, " clip"], correct: Bool[np.ndarray, " clip"]
) -> tuple[Bin, ...]:
    """Sort clips by confidence into 15 equal bins; empty ones are left out."""
    edges = np.linspace(0, 1, _BINS + 1)
    index = np.clip(np.digitize(confidence, edges[1:-1], right=True), 0, _BINS - 1)
    return tuple(
        Bin(
            low=float(edges[number]),
            high=float(edges[number + 1]),
            clips=int((index == number).sum()),
            confidence=float(confidence[index == number].mean()),
            top1=float(correct[index == number].mean()),
        )
        for number in np.unique(index)
    )
