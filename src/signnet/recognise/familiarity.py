"""How far to trust the score of a taught word: other signs score something too.

A base that was taught one word would otherwise find that word in any movement, and a
new word of a trained model would be lost among words of many clips.
"""

import numpy as np

from signnet.clip.shapes import Float, Float32, Int

__all__ = [
    "HANDICAP",
    "SURE_ABOVE",
    "UNRELATED",
    "UNRELATED_PER_DOUBLING",
    "WORD_SHARPNESS",
    "familiar_probabilities",
    "handicap",
]

WORD_SHARPNESS = 16.0
"""Scores are multiplied by it before they become probabilities."""

UNRELATED = 0.21
"""Score at which the sign may as well be another one, for a word of one taught clip."""

UNRELATED_PER_DOUBLING = 0.10
"""That score grows so much with each doubling of the word's clips."""

HANDICAP = 0.05
"""Score by which a new word of a trained model has to outdo the model's own words."""

SURE_ABOVE = 0.5
"""Probability from which a taught base is sure; see docs/results.md."""


def familiar_probabilities(
    scores: Float[np.ndarray, " gloss"], clips: Int[np.ndarray, " gloss"]
) -> Float32[np.ndarray, " gloss"]:
    """Compute the probability of each taught word, or of none of them.

    Parameters
    ----------
    scores
        Near 1 for the right word.
    clips
        Number of taught clips of each word, one or more.

    Returns
    -------
    Probabilities of the words. What they lack of a sum of 1 is the probability that the
    sign is none of them.
    """
    unrelated = UNRELATED + UNRELATED_PER_DOUBLING * np.log2(clips)
    evidence = WORD_SHARPNESS * (scores.astype(np.float64) - unrelated)
    total = np.logaddexp.reduce(np.append(evidence, 0.0))
    return np.exp(evidence - total).astype(np.float32)


def handicap(clips: Int[np.ndarray, " gloss"]) -> Float[np.ndarray, " gloss"]:
    """Return by how much a new word of a trained model must outdo the model's own.

    Parameters
    ----------
    clips
        Number of taught clips of each new word.
    """
    return HANDICAP + UNRELATED_PER_DOUBLING * np.log2(clips)
