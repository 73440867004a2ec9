"""Scores of predictions: accuracy per group, precision and recall per gloss, F1.

In a confusion matrix rows are the true glosses and columns the predicted ones, both in
the order of the same labels.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from signnet.clip.shapes import Bool, Float, Int
from signnet.evaluation.significance import wilson_interval

__all__ = [
    "Confusion",
    "GlossScore",
    "GroupScore",
    "balanced_accuracy",
    "frequent_confusions",
    "macro_f1",
    "per_gloss",
    "per_group",
]

Matrix = Int[np.ndarray, "gloss gloss"]
"""Clips by true (rows) and predicted gloss (columns)."""


UNKNOWN = "unknown"
"""The group of clips whose signer, session or expression is not stated."""


@dataclass(frozen=True)
class GroupScore:
    """How many clips of one signer, session or expression were recognised."""

    clips: int
    top1: float
    top1_ci95: tuple[float, float]
    """Wilson's interval, for independent clips."""


@dataclass(frozen=True)
class GlossScore:
    """How well one gloss is recognised, and what it is taken for."""

    clips: int
    correct: int
    top1: float
    predicted: int
    """Clips predicted as this gloss, rightly or not."""

    precision: float
    """Share of correct clips among those predicted as this gloss; 0 for none."""

    recall: float
    """The same as top1, under the name that is used beside precision."""

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
        predicted=predicted,
        precision=correct / predicted if predicted else 0.0,
        recall=correct / clips,
        f1=f1,
        confused_with=labels[wrong.argmax()] if wrong.any() else None,
    )


def frequent_confusions(
    labels: tuple[str, ...], confusion: Matrix
) -> tuple[Confusion, ...]:
    """List the confused pairs, the most frequent first."""
    wrong = confusion - np.diag(confusion.diagonal())
    rows, columns = np.nonzero(wrong)
    pairs = [
        Confusion(labels[row], labels[column], int(wrong[row, column]))
        for row, column in zip(rows, columns, strict=True)
    ]
    return tuple(sorted(pairs, key=lambda pair: -pair.clips))


def per_group(
    correct: Bool[np.ndarray, " clip"], groups: Sequence[str | None]
) -> dict[str, GroupScore]:
    """Score each signer, session or expression; empty where none is stated."""
    if not any(groups):
        return {}
    stated = np.array([group or UNKNOWN for group in groups])
    return {
        str(name): _group_score(correct[stated == name]) for name in np.unique(stated)
    }


def _group_score(correct: Bool[np.ndarray, " clip"]) -> GroupScore:
    interval = wilson_interval(int(correct.sum()), len(correct))
    return GroupScore(len(correct), float(correct.mean()), interval)
