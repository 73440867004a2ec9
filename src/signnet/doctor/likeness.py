"""Which clips and words look alike to the base: twins, variants and odd clips.

Embeddings are compared by cosine. Thresholds were tried on real clips of nine people: a
word split into two names at random was found again as twins, two words under one name
and a known regional form as variants, and no other pair of words was (docs/data.md).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from signnet.clip.shapes import Float32, Int
from signnet.dataset import Dataset, Progress, no_progress
from signnet.errors import ModelError
from signnet.recognise.recogniser import Recogniser

__all__ = ["Likeness", "Near", "Twins", "Variants", "compare_forms", "compare_vectors"]

_NEAREST = 3
"""Words listed for each clip."""

_TWINS = 0.25
"""Share of each word's clips that are nearer to the other word than to their own."""

_GAP = 0.2
"""Cosine by which two forms of a word differ more than the clips of each."""

_ODD = 0.1
"""Cosine by which a clip is nearer to another word than to its own."""

Vectors = Float32[np.ndarray, "clip axis"]
Cosines = Float32[np.ndarray, "clip clip"]


@dataclass(frozen=True)
class Near:
    """A word near a clip, and the cosine to its nearest other clip of that word."""

    gloss: str
    cosine: float
    clip: str


@dataclass(frozen=True)
class Twins:
    """Two words that look like one form."""

    glosses: tuple[str, str]
    shares: tuple[float, float]
    """Share of each word's clips that are nearer to the other word."""

    clips: tuple[str, str]
    """The clip of each word that is nearest to the other."""


@dataclass(frozen=True)
class Variants:
    """A word that looks like two forms."""

    gloss: str
    forms: tuple[tuple[str, ...], tuple[str, ...]]
    """The clips of each form, the most typical first."""

    gap: float
    """Cosine within the forms less that between them."""


@dataclass(frozen=True)
class Likeness:
    """What the base finds alike in a dataset."""

    nearest: dict[str, tuple[Near, ...]]
    """For each clip with a hand, the nearest words, best first."""

    odd: tuple[str, ...]
    """Clips that look more like another word than like their own, oddest first."""

    twins: tuple[Twins, ...]
    variants: tuple[Variants, ...]


def compare_forms(
    data: Dataset, base: Recogniser, progress: Progress = no_progress
) -> Likeness:
    """Compare all clips of a dataset by the base's embedding.

    Parameters
    ----------
    data
        Clips with glosses; those without gloss or hand are left out, and of fewer than
        two clips nothing is said.
    base
        A model that embeds clips.
    progress
        Callback `(done, total)` before each clip.

    Raises
    ------
    ModelError
        If the model embeds no clips.
    """
    if not base.can_be_taught:
        raise ModelError(f"{base.card.name} embeds no clips; use the base")
    names, glosses, vectors = list[str](), list[str](), list[np.ndarray]()
    for done, clip in enumerate(data):
        progress(done, len(data))
        if clip.gloss and clip.shows_hand:
            embedding = base.see(clip.evenly_timed().landmarks).embedding
            vectors.append(embedding / max(float(np.linalg.norm(embedding)), 1e-9))
            names.append(clip.name)
            glosses.append(clip.gloss)
    if len(names) < 2:
        return Likeness({}, (), (), ())
    return compare_vectors(names, glosses, np.stack(vectors).astype(np.float32))


def compare_vectors(names: list[str], glosses: list[str], vectors: Vectors) -> Likeness:
    """Compare two or more clips by their embeddings, which have length 1."""
    cosines = vectors @ vectors.T
    np.fill_diagonal(cosines, -np.inf)
    words: dict[str, np.ndarray] = {
        word: np.flatnonzero([gloss == word for gloss in glosses])
        for word in dict.fromkeys(glosses)
    }
    best = np.stack([cosines[:, rows].max(axis=1) for rows in words.values()], axis=1)
    nearest = {
        name: tuple(_near(cosines[row], best[row], words, names))
        for row, name in enumerate(names)
    }
    own = best[np.arange(len(names)), [list(words).index(g) for g in glosses]]
    excess = best.max(axis=1) - own
    odd = [int(row) for row in np.argsort(-excess) if excess[row] > _ODD]
    return Likeness(
        nearest=nearest,
        odd=tuple(names[row] for row in odd if np.isfinite(own[row])),
        twins=tuple(_twins(words, cosines, names)),
        variants=tuple(_variants(words, cosines, vectors, names)),
    )


def _near(
    cosines: np.ndarray,
    best: np.ndarray,
    words: dict[str, np.ndarray],
    names: list[str],
) -> Iterator[Near]:
    for place in np.argsort(-best, kind="stable")[:_NEAREST]:
        gloss, rows = list(words.items())[place]
        if np.isfinite(best[place]):
            nearest = rows[int(np.argmax(cosines[rows]))]
            yield Near(gloss, round(float(best[place]), 3), names[nearest])


def _twins(
    words: dict[str, np.ndarray], cosines: Cosines, names: list[str]
) -> list[Twins]:
    found = list[Twins]()
    for (one, first), (other, second) in combinations(words.items(), 2):
        between = cosines[np.ix_(first, second)]
        own = cosines[np.ix_(first, first)], cosines[np.ix_(second, second)]
        if min(len(first), len(second)) < 2:
            continue
        shares = (
            float((between.max(axis=1) > own[0].max(axis=1)).mean()),
            float((between.max(axis=0) > own[1].max(axis=1)).mean()),
        )
        if min(shares) >= _TWINS:
            row, column = np.unravel_index(int(between.argmax()), between.shape)
            clips = names[first[row]], names[second[column]]
            found.append(Twins((one, other), shares, clips))
    return sorted(found, key=lambda twins: -sum(twins.shares))


def _variants(
    words: dict[str, np.ndarray], cosines: Cosines, vectors: Vectors, names: list[str]
) -> list[Variants]:
    found = list[Variants]()
    for gloss, rows in words.items():
        second = _second_form(cosines[np.ix_(rows, rows)], vectors[rows])
        if min(second.sum(), (~second).sum()) < 2:
            continue
        same = second[:, None] == second[None]
        within = np.ma.masked_invalid(cosines[np.ix_(rows, rows)])
        gap = float(np.ma.median(within[same]) - np.ma.median(within[~same]))
        if gap >= _GAP:
            forms = (
                _typical(rows[~second], cosines, names),
                _typical(rows[second], cosines, names),
            )
            found.append(Variants(gloss, forms, round(gap, 3)))
    return sorted(found, key=lambda variants: -variants.gap)


def _second_form(cosines: Cosines, vectors: Vectors) -> np.ndarray:
    """Divide clips into two forms by 2-means from the pair that is least alike."""
    if len(vectors) < 4:
        return np.zeros(len(vectors), bool)
    some = np.where(np.isfinite(cosines), cosines, 1.0)
    one, other = np.unravel_index(int(some.argmin()), some.shape)
    second = vectors @ vectors[other] > vectors @ vectors[one]
    for _ in range(10):
        if second.all() or not second.any():
            break
        means = [vectors[side].mean(axis=0) for side in (~second, second)]
        means = [mean / max(float(np.linalg.norm(mean)), 1e-9) for mean in means]
        again = vectors @ means[1] > vectors @ means[0]
        if (again == second).all():
            break
        second = again
    return second


def _typical(
    rows: Int[np.ndarray, " form"], cosines: Cosines, names: list[str]
) -> tuple[str, ...]:
    """List the clips of a form, those first that are most like the others."""
    likeness = np.ma.masked_invalid(cosines[np.ix_(rows, rows)]).mean(axis=1)
    order = np.argsort(-np.asarray(likeness), kind="stable")
    return tuple(names[rows[place]] for place in order)
