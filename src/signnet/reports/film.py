"""A clip as a moving skeleton: a strip of frames that a style sheet steps through.

It needs no script; readers who prefer reduced motion see the first frame.
"""

from html import escape

import numpy as np

from signnet.clip import Clip, Landmarks
from signnet.clip.shapes import Float32
from signnet.skeleton import BONES, FACE_OUTLINE, PARTS, index

__all__ = ["moving_skeleton"]

_SIDE = 100
"""Units of a frame; the style sheet decides how large it is shown."""

_MOST_FRAMES = 24
_LINES = (range(17), (*range(48, 60), 48))
"""Jaw and lips of the face, in the order of iBUG's 68 points."""

Drawn = Float32[np.ndarray, "frame joint 2"]


def moving_skeleton(clip: Clip, caption: str) -> str:
    """Draw a clip as HTML.

    Parameters
    ----------
    clip
        The clip; at most 24 of its frames are drawn, evenly spread.
    caption
        HTML below the skeleton.
    """
    marks = clip.landmarks
    chosen = np.unique(np.linspace(0, len(marks) - 1, _MOST_FRAMES).round().astype(int))
    frames = _to_frame(marks[chosen])
    paths = "".join(
        f'<g transform="translate({_SIDE * number})"><path d="{_bones(frame)}"/>'
        f'<path class="left hand" d="{_bones(frame, "left_hand")}"/>'
        f'<path class="right hand" d="{_bones(frame, "right_hand")}"/></g>'
        for number, frame in enumerate(frames)
    )
    width = _SIDE * len(frames)
    seconds = clip.seconds if 0.2 < clip.seconds < 20 else 2.0
    return (
        f'<figure class="clip"><div class="film"><svg viewBox="0 0 {width} {_SIDE}" '
        f'style="width:{100 * len(frames)}%;animation:film {seconds:.2f}s '
        f'steps({len(frames)}) infinite" role="img" '
        f'aria-label="{escape(clip.name)}">{paths}</svg></div>'
        f"<figcaption>{caption}</figcaption></figure>"
    )


def _to_frame(marks: Landmarks) -> Drawn:
    """Fit a clip's arms, hands and head into the frame; one scale for all frames."""
    upper = [*range(17), *range(PARTS["left_hand"].start, PARTS["face"].start)]
    points = marks[..., :2]
    shown = points[:, upper].reshape(-1, 2)
    shown = shown[np.isfinite(shown).all(axis=1)]
    if not len(shown):
        return np.full_like(points, np.nan)
    low, high = np.percentile(shown, [0.5, 99.5], axis=0)
    scale = 0.9 * _SIDE / max(float((high - low).max()), 1e-6)
    return ((points - (low + high) / 2) * scale + _SIDE / 2).astype(np.float32)


def _bones(frame: Float32[np.ndarray, "joint 2"], part: str = "pose") -> str:
    joints = range(PARTS[part].start, PARTS[part].stop)
    pairs = [(a, b) for a, b in BONES if a in joints]
    lines = _face_lines(frame) if part == "pose" else []
    lines += [frame[[a, b]] for a, b in pairs]
    return "".join(map(_line, lines))


def _face_lines(frame: Float32[np.ndarray, "joint 2"]) -> list[np.ndarray]:
    face = frame[PARTS["face"].joints][list(FACE_OUTLINE)]
    if np.isfinite(face[:, 0]).any():
        return [face[list(points)] for points in _LINES]
    ears = [index(name) for name in ("left_ear", "nose", "right_ear")]
    return [frame[ears]]


def _line(points: np.ndarray) -> str:
    """Join points; those unseen, or far outside the frame, interrupt the line."""
    if not (np.abs(points - _SIDE / 2) < _SIDE).all():
        return ""
    return "M" + "L".join(f"{x:.0f} {y:.0f}" for x, y in points.tolist())
