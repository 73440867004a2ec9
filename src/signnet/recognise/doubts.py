"""Doubts about taught clips: they look like another gloss, or unlike their own."""

from dataclasses import replace

import numpy as np

from signnet.clip.shapes import Bool, Float
from signnet.errors import DatasetError
from signnet.recognise.teaching import Taught

__all__ = ["ANOTHER_WORD", "SAME", "UNLIKE", "find_doubts", "refuse_doubts"]

ANOTHER_WORD = 0.7
"""Score of another gloss above which a clip looks like it (docs/results.md)."""

UNLIKE = 0.2
"""Similarity below which two clips cannot be the same sign by the same signer."""

SAME = 0.95
"""Similarity above which two clips are practically the same recording."""


def find_doubts(taught: Taught, first: int = 0) -> list[str]:
    """List the doubts about taught clips, one line each.

    Parameters
    ----------
    taught
        The model with the clips.
    first
        Index of the first clip to check; those before it were accepted earlier.
    """
    if not taught.clips:
        return []
    earlier = replace(taught, clips=taught.clips[:first])
    points = np.stack([clip.embedding for clip in taught.clips])
    own = np.stack([clip.scores for clip in taught.clips])
    scores = earlier.scores(points, own)
    every, gone = (*earlier.glosses, *earlier.new), earlier.forgotten
    similarities = taught.kernel.similarity(points, points)
    np.fill_diagonal(similarities, -1)
    glosses = np.array([clip.gloss for clip in taught.clips])
    found: list[str] = []
    for row in range(first, len(glosses)):
        name = f"{taught.clips[row].name} ({glosses[row]})"
        found += [
            f"{name} {doubt}"
            for doubt in (
                _looks_like(scores[row], every, {str(glosses[row]), *gone}),
                *_contradictions(taught, similarities[row], glosses == glosses[row]),
            )
            if doubt
        ]
    return found


def _looks_like(
    scores: Float[np.ndarray, " gloss"], vocabulary: tuple[str, ...], leave: set[str]
) -> str | None:
    others = np.array([gloss not in leave for gloss in vocabulary], bool)
    if not others.any():
        return None
    best = int(np.argmax(np.where(others, scores, -np.inf)))
    return f"looks like {vocabulary[best]}" if scores[best] >= ANOTHER_WORD else None


def _contradictions(
    taught: Taught,
    similarities: Float[np.ndarray, " clip"],
    same: Bool[np.ndarray, " clip"],
) -> list[str]:
    """Compare a clip with the taught clips of its own and of other glosses."""
    found: list[str] = []
    nearest = int(np.argmax(np.where(same, -1, similarities)))
    if not same[nearest] and similarities[nearest] >= SAME:
        other = taught.clips[nearest]
        found.append(f"is the same as {other.name} ({other.gloss})")
    if same.sum() > 1 and similarities[same].max() < UNLIKE:
        found.append("is unlike the other clips of its word")
    return found


def refuse_doubts(taught: Taught, first: int) -> None:
    """Raise DatasetError with one line for each doubt about the newly taught clips."""
    if found := find_doubts(taught, first):
        raise DatasetError(
            "\n".join(found) + "\nnothing was changed; check these clips, or teach "
            "them anyway with --yes (in Python despite_doubts=True)"
        )
