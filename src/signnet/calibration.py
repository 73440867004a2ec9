"""Whether a model's probabilities mean what they say."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float, Float32, Int

__all__ = ["Bin", "Calibration", "calibrate", "fit_temperature", "usual_temperature"]

_BINS = 15

_TEMPERATURES = np.geomspace(0.5, 8, 81)
"""What a temperature is looked for in: a few clips never make it extreme."""


@dataclass(frozen=True)
class Bin:
    """Clips whose answers were about equally sure."""

    low: float
    high: float
    clips: int
    confidence: float
    """The mean probability of the answers."""

    top1: float


@dataclass(frozen=True)
class Calibration:
    """Whether the probabilities mean what they say."""

    error: float
    """Mean gap between confidence and top-1, weighted by clips."""

    bins: tuple[Bin, ...]
    """The bins that have clips."""

    log_loss: float | None
    """Over the clips whose gloss the model knows; None where there is none."""

    brier: float
    """From 0, always sure and right, to 2, always sure and wrong."""


def calibrate(
    probabilities: Float32[np.ndarray, "clip gloss"],
    truth: Int[np.ndarray, " clip"],
    correct: Bool[np.ndarray, " clip"],
) -> Calibration:
    """Hold the probabilities against what was right.

    Parameters
    ----------
    probabilities
        The model's belief in each gloss.
    truth
        The column of each clip's gloss; -1 where the model lacks it.
    correct
        Whether each clip was recognised.

    Notes
    -----
    Expected calibration error over 15 equal bins of the best answer's probability: Guo
    et al. (2017), On Calibration of Modern Neural Networks, section 2. Brier (1950),
    Monthly Weather Review 78:1-3, over all glosses; one that the model lacks has
    probability 0. The log loss would then be infinite, so it leaves such clips out.
    """
    table = probabilities.astype(np.float64)
    bins = calibration_bins(table.max(axis=1), correct)
    gaps = [row.clips * abs(row.top1 - row.confidence) for row in bins]
    believed = np.where(truth >= 0, table[np.arange(len(table)), truth], 0.0)
    known = np.maximum(believed[truth >= 0], np.finfo(np.float32).tiny)
    return Calibration(
        error=float(sum(gaps) / len(correct)),
        bins=bins,
        log_loss=float(-np.log(known).mean()) if len(known) else None,
        brier=float(((table**2).sum(axis=1) - 2 * believed + 1).mean()),
    )


def calibration_bins(
    confidence: Float[np.ndarray, " clip"], correct: Bool[np.ndarray, " clip"]
) -> tuple[Bin, ...]:
    """Sort clips by confidence into 15 equal bins; empty ones are left out."""
    edges = np.linspace(0, 1, _BINS + 1)
    place = np.clip(np.digitize(confidence, edges[1:-1], right=True), 0, _BINS - 1)
    return tuple(
        Bin(
            low=float(edges[number]),
            high=float(edges[number + 1]),
            clips=int((place == number).sum()),
            confidence=float(confidence[place == number].mean()),
            top1=float(correct[place == number].mean()),
        )
        for number in np.unique(place)
    )


def usual_temperature(exemplars: float) -> float:
    """Give the temperature of a model that held no clips out to fit one on.

    Parameters
    ----------
    exemplars
        The weight of remembered clips beside the network.

    Notes
    -----
    With the weight of 16 the best temperatures were 3.0 (P5), 1.8 (P2) and 1.8 (P4);
    a network alone is sure enough as it is.
    """
    return max(1.0, exemplars / 8)


def fit_temperature(
    probabilities: Float32[np.ndarray, "clip gloss"], truth: Int[np.ndarray, " clip"]
) -> float:
    """Find what to divide log probabilities by, so that they mean what they say.

    Parameters
    ----------
    probabilities
        The model's belief in each gloss, for clips it was not trained on.
    truth
        The column of each clip's gloss; clips with -1 are left out, and with no other
        the temperature is 1.

    Notes
    -----
    The least log loss: Guo et al. (2017), section 4.2. A grid is searched, 3.5 % apart.
    """
    known = truth >= 0
    if not known.any():
        return 1.0
    scores = np.log(np.maximum(probabilities[known].astype(np.float64), 1e-12))
    own = scores[np.arange(len(scores)), truth[known]]
    losses = [
        np.log(np.exp(scores / one).sum(1)).mean() - (own / one).mean()
        for one in _TEMPERATURES
    ]
    return float(_TEMPERATURES[np.argmin(losses)])
