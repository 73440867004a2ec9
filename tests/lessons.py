"""What was taught to a model: taught.json, and the formulas of its answers in numpy."""

import base64
from collections.abc import Sequence
from typing import Any

import numpy as np

from signnet.recognise.exemplars import SHARPNESS
from signnet.recognise.familiarity import (
    HANDICAP,
    UNRELATED,
    UNRELATED_PER_DOUBLING,
    WORD_SHARPNESS,
)
from signnet.recognise.teaching import NEW_RIDGE, OLD_RIDGE
from signnet.skeleton import PARTS
from signnet.web.motions import MOTION_SCALE

__all__ = [
    "JOINTS",
    "a_clip",
    "a_file",
    "a_skeleton",
    "a_word",
    "added_weights",
    "floats",
    "new_word_scores",
    "similarities",
    "taught_answers",
    "taught_base_answers",
]

JOINTS = (*range(25), *range(PARTS["left_hand"].start, PARTS["right_hand"].stop))
"""Joints of a thinned skeleton: the pose down to the hips, and both hands."""


def floats(*values: float) -> str:
    """Write numbers as taught.json does."""
    return base64.b64encode(np.array(values, "<f4").tobytes()).decode()


def a_skeleton(frames: int = 2) -> dict[str, Any]:
    """Make a thinned skeleton of which one joint was not seen."""
    points = np.arange(frames * len(JOINTS) * 2, dtype="<i2")
    points[:2] = -32768
    text = base64.b64encode(points.tobytes()).decode()
    return {"fps": 7.5, "frames": frames, "points": text}


def a_clip(**other: Any) -> dict[str, Any]:
    """Make a clip of two axes and three glosses, with other values if given."""
    labels = {"name": "a__b", "added": "2026-11-25", "signer": "P01", "session": None}
    numbers = {"embedding": floats(0.1, -0.2), "scores": floats(0.5, 0.1, 0)}
    return {**labels, **numbers, "skeleton": a_skeleton(), **other}


def a_word(**other: Any) -> dict[str, Any]:
    """Make a word with one clip."""
    texts = {"gloss": "পাখি", "transliteration": "pakhi", "english": "bird"}
    return {**texts, "clips": [a_clip()], **other}


def a_file(**other: Any) -> dict[str, Any]:
    """Make the content of a taught.json with one word."""
    return {
        "format": "signnet taught",
        "version": 2,
        "model": {"name": "bdsl55", "sha256": "abc"},
        "forgotten": [],
        "skeleton": {"joints": JOINTS, "scale": MOTION_SCALE},
        "words": [a_word()],
        **other,
    }


def similarities(
    some: np.ndarray, others: np.ndarray, parts: dict[str, Any]
) -> np.ndarray:
    """Add up the similarities [one, other] of the parts of embeddings [clip, axis]."""
    squares = (some[:, None] - others[None]) ** 2
    each = np.split(squares, np.cumsum(parts["axes"])[:-1], axis=-1)
    weighted = zip(each, parts["weights"], strict=True)
    return np.sum([weight * np.exp(-one.sum(-1)) for one, weight in weighted], axis=0)


def added_weights(
    anchors: np.ndarray, points: np.ndarray, missing: np.ndarray, parts: dict[str, Any]
) -> np.ndarray:
    """Solve the ridge regression [anchor and clip, gloss] on what the scores lack."""
    every = np.concatenate([anchors, points])
    above = np.zeros((len(anchors), missing.shape[1]))
    ridge = np.repeat([OLD_RIDGE, NEW_RIDGE], [len(anchors), len(points)])
    kernel = similarities(every, every, parts) + np.diag(ridge)
    return np.linalg.solve(kernel, np.concatenate([above, missing]))


def new_word_scores(
    points: np.ndarray, right: np.ndarray, asked: np.ndarray, words: int, axes: int
) -> np.ndarray:
    """Score new words [clip, word] by themselves, in the base's axes, which are last.

    `right` is the word of each taught clip.
    """
    parts = {"axes": [axes], "weights": [1]}
    rows = points[:, -axes:]
    weights = added_weights(rows[:0], rows, np.eye(words)[right], parts)
    below = HANDICAP + UNRELATED_PER_DOUBLING * np.log2(np.bincount(right))
    return similarities(asked[:, -axes:], rows, parts) @ weights - below


def taught_answers(
    change: np.ndarray,
    scores: np.ndarray,
    probabilities: np.ndarray,
    forgotten: Sequence[int] = (),
) -> np.ndarray:
    """Compute the probabilities [clip, gloss] after teaching.

    `change` is what the taught clips add to the scores of all glosses, `scores` and
    `probabilities` are the model's own, of its own glosses.
    """
    evidence = SHARPNESS * change
    if known := scores.shape[1]:
        total = _log_sum_exp(SHARPNESS * scores)
        evidence[:, :known] += np.log(np.maximum(probabilities, 1e-12)) + total
    evidence[:, list(forgotten)] = -np.inf
    return np.exp(evidence - _log_sum_exp(evidence))


def taught_base_answers(scores: np.ndarray, clips: np.ndarray) -> np.ndarray:
    """Compute the probabilities [clip, gloss] of a base, whose rest is another sign.

    `clips` is the number of taught clips of each gloss.
    """
    unrelated = UNRELATED + UNRELATED_PER_DOUBLING * np.log2(clips)
    raised = np.exp(WORD_SHARPNESS * (scores - unrelated))
    return raised / (1 + raised.sum(-1, keepdims=True))


def _log_sum_exp(values: np.ndarray) -> np.ndarray:
    highest = values.max(-1, keepdims=True)
    return highest + np.log(np.exp(values - highest).sum(-1, keepdims=True))
