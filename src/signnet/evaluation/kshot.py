"""K-shot recognition: words known from k references by other signers."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from signnet.clip.shapes import Bool, Float, Int
from signnet.errors import DatasetError

__all__ = ["KShot", "KShotScore", "draw_task", "k_shot", "score_k_shot"]

Similarity = Callable[
    [Int[np.ndarray, " query"], list[Int[np.ndarray, " reference"]]], np.ndarray
]
"""Similarity [query, word] of clips to the references of each word."""


@dataclass(frozen=True)
class KShot:
    """One task: references of each candidate word, and clips to name."""

    references: list[Int[np.ndarray, " reference"]]
    """Indices of the k references of each candidate word."""

    queries: Int[np.ndarray, " query"]
    targets: Int[np.ndarray, " query"]
    """Index of each query's word among the candidates."""


@dataclass(frozen=True, kw_only=True)
class KShotScore:
    """Scores over many tasks; the intervals are bootstrapped over words."""

    k: int
    candidates: int
    queries: int
    top1: float
    top1_ci95: tuple[float, float]
    top5: float
    mrr: float
    """Mean reciprocal rank of the right word."""

    eer: float
    """Equal error rate of "is this that sign?": misses and false alarms alike."""


def draw_task(
    glosses: Sequence[str],
    signers: Sequence[str],
    k: int,
    candidates: int,
    rng: np.random.Generator,
) -> KShot:
    """Draw candidate words, k references of each, and queries by other signers.

    Raises
    ------
    DatasetError
        If there are not enough words with k references and a query by another signer.
    """
    by_word = {word: np.flatnonzero(np.array(glosses) == word) for word in set(glosses)}
    who = np.array(signers)
    references, queries, targets = [], [], []
    for word in rng.permutation(sorted(by_word)):
        clips = rng.permutation(by_word[str(word)])
        chosen = clips[:k]
        others = clips[k:][~np.isin(who[clips[k:]], who[chosen])]
        if len(chosen) < k or not len(others):
            continue
        queries.append(others)
        targets.append(np.full(len(others), len(references)))
        references.append(chosen)
        if len(references) == candidates:
            return KShot(references, np.concatenate(queries), np.concatenate(targets))
    raise DatasetError(
        f"{len(references)} words have {k} references and a clip by another signer; "
        f"{candidates} are needed"
    )


def k_shot(
    similarity: Similarity,
    glosses: Sequence[str],
    signers: Sequence[str],
    *,
    k: int,
    candidates: int,
    draws: int = 20,
    seed: int = 0,
) -> KShotScore:
    """Score a similarity on many tasks.

    Parameters
    ----------
    similarity
        Function from query indices and each word's reference indices to
        Float[query, word].
    glosses, signers
        Labels of the clips. Clips of unknown signers should be left out before.
    k
        References of each word.
    candidates
        Words to choose from.
    draws
        Number of tasks.
    seed
        Seed for words and references, and for the bootstrap.

    Raises
    ------
    DatasetError
        If too few words have enough clips.
    """
    rng = np.random.default_rng(seed)
    names, ranks, same, other = [], [], [], []
    for _ in range(draws):
        task = draw_task(glosses, signers, k, candidates, rng)
        table = similarity(task.queries, task.references)
        order = np.argsort(-table, axis=1, kind="stable")
        ranks.append((order == task.targets[:, None]).argmax(1))
        names.append(np.array(glosses)[task.queries])
        right = np.arange(candidates) == task.targets[:, None]
        same.append(table[right])
        other.append(table[~right])
    return score_k_shot(
        np.concatenate(ranks),
        np.concatenate(names),
        equal_error_rate(np.concatenate(same), np.concatenate(other)),
        k=k,
        candidates=candidates,
        rng=rng,
    )


def score_k_shot(
    ranks: Int[np.ndarray, " query"],
    words: np.ndarray,
    eer: float,
    *,
    k: int,
    candidates: int,
    rng: np.random.Generator,
) -> KShotScore:
    """Score ranks of the right word, 0 for the best; `words` per query."""
    correct = ranks == 0
    return KShotScore(
        k=k,
        candidates=candidates,
        queries=len(ranks),
        top1=float(correct.mean()),
        top1_ci95=_over_words(correct, words, rng),
        top5=float((ranks < 5).mean()),
        mrr=float((1 / (1 + ranks)).mean()),
        eer=eer,
    )


def equal_error_rate(
    same: Float[np.ndarray, " pair"], other: Float[np.ndarray, " other_pair"]
) -> float:
    """Return the error at the threshold where misses and false alarms are equal.

    No threshold lies between equal scores. If none makes both errors equal, it is the
    mean of the two where they are nearest.
    """
    limits = np.unique(np.concatenate([same, other, [np.inf]]))
    misses = np.searchsorted(np.sort(same), limits) / len(same)
    alarms = 1 - np.searchsorted(np.sort(other), limits) / len(other)
    nearest = int(np.abs(misses - alarms).argmin())
    return float((misses[nearest] + alarms[nearest]) / 2)


def _over_words(
    correct: Bool[np.ndarray, " query"],
    words: np.ndarray,
    rng: np.random.Generator,
    resamples: int = 1000,
) -> tuple[float, float]:
    """Bootstrap top-1 over words: clips of one word are not independent."""
    _, number = np.unique(words, return_inverse=True)
    right = np.bincount(number, correct)
    clips = np.bincount(number)
    drawn = rng.integers(len(clips), size=(resamples, len(clips)))
    shares = right[drawn].sum(1) / clips[drawn].sum(1)
    low, high = np.percentile(shares, [2.5, 97.5])
    return float(low), float(high)
