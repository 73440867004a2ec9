"""The gallery: words beyond a model's vocabulary, found on the page by their sign."""

import base64
import json
from typing import Any

import numpy as np

from signnet.clip import Clip
from signnet.clip.shapes import Float32
from signnet.dataset import Dataset, Progress, no_progress
from signnet.recognise.recogniser import Recogniser
from signnet.recognise.sketch import SKETCH_JOINTS, SKETCH_SCALE, sketch_of

__all__ = ["pack_gallery"]


def pack_gallery(
    opened: Recogniser, data: Dataset, progress: Progress = no_progress
) -> bytes | None:
    """Write the words of a dataset that a model does not know as JSON.

    Parameters
    ----------
    opened
        A model that can be taught; its clips are compared in the last part of their
        embedding, which is the base's if it has one.
    data
        Clips with glosses. Clips without a gloss or without a hand are left out.
    progress
        Callback `(done, total)` before each clip.

    Returns
    -------
    bytes or None
        UTF-8 JSON with the keys axes, skeleton (joints, scale) and words: gloss, clips
        (their number), embedding (base64 of float32[axis], the mean of the clips) and
        skeleton (a sketch of the clip next to the mean, as in `taught.json`). None if
        no word is left, or the model cannot be taught.
    """
    if not opened.can_be_taught:
        return None
    axes = opened.taught.kernel.axes[-1]
    groups: dict[str, list[tuple[np.ndarray, int]]] = {}
    for at, clip in enumerate(data):
        progress(at, len(data))
        if clip.gloss and clip.gloss not in opened.vocabulary and clip.shows_hand:
            part = opened.see(clip.evenly_timed().landmarks).embedding[-axes:]
            groups.setdefault(clip.gloss, []).append((part, at))
    if not groups:
        return None
    words, shown = dict[str, dict[str, Any]](), list[int]()
    for gloss in sorted(groups):
        words[gloss], nearest = _word(gloss, groups[gloss])
        shown.append(nearest)
    for clip in data.at(sorted(shown)):  # read again, so that few clips are in memory
        words[clip.gloss or ""]["skeleton"] = _skeleton(clip)
    content = {
        "axes": axes,
        "skeleton": {"joints": SKETCH_JOINTS, "scale": SKETCH_SCALE},
        "words": [*words.values()],
    }
    return json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()


def _word(
    gloss: str, clips: list[tuple[np.ndarray, int]]
) -> tuple[dict[str, Any], int]:
    """Return a word without its skeleton, and which clip is next to its mean."""
    points: Float32[np.ndarray, "clip axis"] = np.stack([point for point, _ in clips])
    mean = points.mean(0)
    nearest = int(((points - mean) ** 2).sum(1).argmin())
    embedding = _text(mean.astype("<f4"))
    word = {"gloss": gloss, "clips": len(clips), "embedding": embedding}
    return word, clips[nearest][1]


def _skeleton(clip: Clip) -> dict[str, Any]:
    sketch = sketch_of(clip)
    return {
        "fps": sketch.fps,
        "frames": len(sketch.points),
        "points": _text(sketch.points),
    }


def _text(numbers: np.ndarray) -> str:
    return base64.b64encode(numbers.tobytes()).decode()
