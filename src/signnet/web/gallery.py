"""The gallery: words beyond a model's vocabulary, found on the page by their sign."""

import base64
import json
from typing import Any

import numpy as np

from signnet.clip import Clip
from signnet.clip.shapes import Float32
from signnet.dataset import Dataset
from signnet.recognise.recogniser import Recogniser
from signnet.recognise.sketch import SKETCH_JOINTS, SKETCH_SCALE, sketch_of

__all__ = ["pack_gallery"]


def pack_gallery(opened: Recogniser, data: Dataset) -> bytes | None:
    """Write the words of a dataset that a model does not know as JSON.

    Parameters
    ----------
    opened
        A model that can be taught; its clips are compared in the last part of their
        embedding, which is the base's if it has one.
    data
        Clips with glosses. Clips without a gloss or without a hand are left out.

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
    groups: dict[str, list[tuple[np.ndarray, Clip]]] = {}
    for clip in data:
        if clip.gloss and clip.gloss not in opened.vocabulary and clip.shows_hand:
            part = opened.see(clip.evenly_timed().landmarks).embedding[-axes:]
            groups.setdefault(clip.gloss, []).append((part, clip))
    if not groups:
        return None
    content = {
        "axes": axes,
        "skeleton": {"joints": SKETCH_JOINTS, "scale": SKETCH_SCALE},
        "words": [_word(gloss, groups[gloss]) for gloss in sorted(groups)],
    }
    return json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()


def _word(gloss: str, clips: list[tuple[np.ndarray, Clip]]) -> dict[str, Any]:
    points: Float32[np.ndarray, "clip axis"] = np.stack([point for point, _ in clips])
    mean = points.mean(0)
    nearest = int(((points - mean) ** 2).sum(1).argmin())
    sketch = sketch_of(clips[nearest][1])
    return {
        "gloss": gloss,
        "clips": len(clips),
        "embedding": _text(mean.astype("<f4")),
        "skeleton": {
            "fps": sketch.fps,
            "frames": len(sketch.points),
            "points": _text(sketch.points),
        },
    }


def _text(numbers: np.ndarray) -> str:
    return base64.b64encode(numbers.tobytes()).decode()
