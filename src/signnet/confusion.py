"""Which glosses are taken for which: scores of a confusion matrix.

Rows are what the clips show, columns what the model answered, both in the order of the
same labels.
"""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Int

__all__ = [
    "Confusion",
    "GlossScore",
    "balanced_accuracy",
    "frequent_confusions",
    "macro_f1",
    "per_gloss",
]

Matrix = Int[np.ndarray, "gloss gloss"]
"""Clips by truth (rows) and answer (columns)."""


@dataclass(frozen=True)
class GlossScore:
    """How well one gloss is recognised, and what it is taken for."""

    clips: int
    correct: int
    top1: float
    precision: float
    """The share of right answers among the clips answered with it; 0 for none."""

    recall: float
    """The same as top1, under the name that goes with precision."""

    f1: float
    confused_with: str | None
    """The most frequent wrong answer; None where all clips were recognised."""


@dataclass(frozen=True)
class Confusion:
    """How often one gloss was taken for another."""

    truth: str
    answer: str
    clips: int


def f1_scores(
    confusion: Matrix,
) -> Float[np.ndarray, " gloss"]:
    """Give each gloss's F1; NaN where it was neither shown nor answered."""
    total = confusion.sum(axis=0) + confusion.sum(axis=1)
    with np.errstate(invalid="ignore"):
        return 2 * confusion.diagonal() / total


def macro_f1(confusion: Matrix) -> float:
    """Average F1 over the glosses that were shown or answered, as scikit-learn does."""
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
    answered = int(confusion[:, row].sum())
    wrong = confusion[row].copy()
    wrong[row] = 0
    return GlossScore(
        clips=clips,
        correct=correct,
        top1=correct / clips,
        precision=correct / answered if answered else 0.0,
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
