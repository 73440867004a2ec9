"""How well the probabilities of a model agree with its accuracy."""

from dataclasses import dataclass

import numpy as np

from signnet.clip.shapes import Bool, Float, Float32, Int

__all__ = ["Bin", "Calibration", "calibrate"]

_BINS = 15
"""Bins of the expected calibration error."""


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
    """Log loss over the clips whose gloss the model knows; None where there are
    none."""

    brier: float
    """Brier score, from 0 (always certain and right) to 2 (always certain and
    wrong)."""


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
