"""Confidence intervals of accuracy, and tests of whether two models differ.

Short closed forms and bootstraps in numpy, so that evaluating a shipped model needs
neither SciPy nor scikit-learn; the tests compare them with both.
"""

import math
from collections.abc import Sequence

import numpy as np

from signnet.clip.shapes import Bool
from signnet.errors import DatasetError

__all__ = ["holm", "mcnemar", "paired_interval", "signer_interval", "wilson_interval"]

_Z95 = 1.959963984540054  # the 97.5 % point of the normal distribution
_DRAWS = 10_000


def wilson_interval(correct: int, clips: int) -> tuple[float, float]:
    """Return the 95 % interval of a share of independent clips.

    Notes
    -----
    Wilson (1927), J. Am. Stat. Assoc. 22:209-212, without continuity correction. Clips
    of one signer or session resemble each other, so that the true interval is wider:
    see `signer_interval`.
    """
    if not clips:
        raise DatasetError("no clips to compute an interval from; give at least one")
    share, weight = correct / clips, _Z95**2 / clips
    centre = (share + weight / 2) / (1 + weight)
    spread = math.sqrt(weight * share * (1 - share) + weight**2 / 4) / (1 + weight)
    low = centre - spread if correct else 0.0
    high = centre + spread if correct < clips else 1.0
    return low, high


def signer_interval(
    correct: Bool[np.ndarray, " clip"],
    signers: Sequence[str | None],
    rng: np.random.Generator,
    *,
    fewest: int = 5,
) -> tuple[float, float] | None:
    """Return the 95 % interval of top-1 for similar signers; None for too few signers.

    Parameters
    ----------
    correct
        Whether each clip was recognised.
    signers
        Signer of each clip; clips without one count as one signer.
    rng
        Random generator of the bootstrap.
    fewest
        With fewer signers than this, the percentiles of a bootstrap are meaningless.

    Notes
    -----
    Percentile bootstrap that draws whole signers (Davison and Hinkley, 1997, section
    3.8), because clips of one signer are not independent.
    """
    names, owner = np.unique([signer or "" for signer in signers], return_inverse=True)
    if len(names) < fewest:
        return None
    clips = np.bincount(owner, minlength=len(names))
    right = np.bincount(owner, weights=correct, minlength=len(names))
    drawn = rng.integers(len(names), size=(_DRAWS, len(names)))
    shares = right[drawn].sum(axis=1) / clips[drawn].sum(axis=1)
    low, high = np.percentile(shares, [2.5, 97.5])
    return float(low), float(high)


def mcnemar(
    first: Bool[np.ndarray, " clip"], second: Bool[np.ndarray, " clip"]
) -> float:
    """Return the p-value of a difference between two models on the same clips.

    Parameters
    ----------
    first, second
        Whether each model recognised each clip, in the same order of clips.

    Returns
    -------
    float
        The two-sided exact p-value; 1.0 where the models differ on no clip.

    Notes
    -----
    McNemar (1947) with the exact binomial distribution of the clips on which exactly
    one of the two is right. It treats clips as independent.
    """
    only_first = int((first & ~second).sum())
    only_second = int((second & ~first).sum())
    discordant = only_first + only_second
    fewer = range(min(only_first, only_second) + 1)
    ways = sum(math.comb(discordant, count) for count in fewer)
    return min(1.0, 2 * ways / 2**discordant)


def holm(p_values: Sequence[float]) -> list[float]:
    """Adjust the p-values of several comparisons; their order is kept.

    Notes
    -----
    Holm (1979), Scandinavian Journal of Statistics 6:65-70: the k-th smallest of n is
    multiplied by n - k + 1, and none is smaller than the one before it.
    """
    order = sorted(range(len(p_values)), key=p_values.__getitem__)
    adjusted, largest = [0.0] * len(p_values), 0.0
    for rank, index in enumerate(order):
        largest = max(largest, min(1.0, (len(order) - rank) * p_values[index]))
        adjusted[index] = largest
    return adjusted


def paired_interval(
    first: Bool[np.ndarray, " clip"],
    second: Bool[np.ndarray, " clip"],
    rng: np.random.Generator,
) -> tuple[float, float]:
    """Return the 95 % interval of the second model's top-1 minus the first's.

    Notes
    -----
    Percentile bootstrap over clips (Efron and Tibshirani, 1993, chapter 13). A clip's
    difference is -1, 0 or 1, so that drawing clips is drawing three counts.
    """
    if not len(first):
        raise DatasetError("no clips to compare two models on; give at least one")
    gained, lost = (second & ~first).mean(), (first & ~second).mean()
    shares = [gained, lost, max(0.0, 1 - gained - lost)]
    counts = rng.multinomial(len(first), shares, size=_DRAWS)
    low, high = np.percentile((counts[:, 0] - counts[:, 1]) / len(first), [2.5, 97.5])
    return float(low), float(high)
