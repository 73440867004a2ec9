"""One person of COCO's trackers as COCO-WholeBody's 133 points.

Networks give every point coordinates, so only its score tells a hidden hand from a
visible one, and each tool has its own least score.
"""

from typing import Any, Literal

import numpy as np

from signnet.clip.shapes import Float32
from signnet.errors import MediaError
from signnet.formats.joints import COCO_LAYOUTS
from signnet.formats.people import array_of_numbers, numbers_of

__all__ = ["POINTS", "Person", "hide_guesses", "person_of", "tool_of"]

POINTS = 133

Person = Float32[np.ndarray, "133 3"]
"""x, y and score; NaN for points that the layout lacks."""

Tool = Literal["mmpose", "alphapose"]

_BODY = 23
_LEAST = {"mmpose": (0.3, 0.3), "alphapose": (0.4, 0.025)}
"""The least score of the body, and of face and hands. MMPose draws points from 0.3 on
(kpt_thr), AlphaPose from 0.4 and 0.05 (vis_thres in writer.py): it takes face and hands
from a regression, whose scores of good hands lie about 0.02 to 0.08."""

_PARTS = {"foot_kpts": 6, "face_kpts": 68, "lefthand_kpts": 21, "righthand_kpts": 21}
_SCORES = ("keypoint_scores", "keypoints_scores", "scores")


def tool_of(person: dict[str, Any]) -> Tool:
    """Return which tool wrote a person; AlphaPose names pictures or adds box, idx."""
    named = isinstance(person.get("image_id"), str) and "score" in person
    return "alphapose" if named or "idx" in person or "box" in person else "mmpose"


def hide_guesses(people: list[Person], tool: Tool) -> None:
    """Set points below the tool's least score to NaN, in place."""
    if not people:
        return
    scores = np.stack([person[:, 2] for person in people])
    body, rest = _LEAST[tool]
    if tool == "alphapose" and not (scores[:, :_BODY] >= body).any():
        body = rest  # a network that takes all points from a regression
    least = np.repeat([body, rest], [_BODY, POINTS - _BODY])
    for person in people:
        person[~(person[:, 2] >= least)] = np.nan


def person_of(person: Any, label: str) -> Person:
    """Read x, y, score of one person, in any layout of its points.

    Raises
    ------
    MediaError
        If there are no keypoints, or not as many as a known layout has.
    """
    if not isinstance(person, dict) or person.get("keypoints") is None:
        raise MediaError(f"{label}: a person has no keypoints")
    if all(part in person for part in _PARTS):
        wanted = {"keypoints": 17} | _PARTS
        lists = [
            numbers_of(person[part], (3 * count,), f"{label}: {part}")
            for part, count in wanted.items()
        ]
        return np.concatenate(lists).reshape(POINTS, 3)
    points = _triples(person, label)
    layout = np.array(COCO_LAYOUTS[len(points)])
    placed = np.full((POINTS, 3), np.nan, np.float32)
    placed[layout[layout >= 0]] = points[layout >= 0]
    return placed


def _triples(person: dict[str, Any], label: str) -> Float32[np.ndarray, "point 3"]:
    """Return x, y, score: as triples, a row of them, or pairs with scores beside."""
    found = array_of_numbers(person["keypoints"])
    scores = next((person[key] for key in _SCORES if key in person), None)
    if found is not None and found.ndim == 3 and len(found) == 1:
        found = found[0]  # MMPose keeps the axis of a batch in some versions
        scores = scores[0] if isinstance(scores, list) and len(scores) == 1 else scores
    width = 3 if scores is None else 2
    if found is not None and found.ndim == 1 and found.size % width == 0:
        found = found.reshape(-1, width)
    if found is None or found.ndim != 2 or found.shape[1] not in (2, 3):
        raise _unknown(label, "no list of x, y or x, y, score below a million")
    if len(found) not in COCO_LAYOUTS:
        raise _unknown(label, f"{len(found)} points")
    if scores is None:
        seen = np.ones((len(found), 1), np.float32)
        return found if found.shape[1] == 3 else np.concatenate([found, seen], axis=1)
    column = numbers_of(scores, (len(found),), f"{label}: scores")
    return np.concatenate([found[:, :2], column[:, None]], axis=1)


def _unknown(label: str, what: str) -> MediaError:
    return MediaError(
        f"{label}: keypoints: {what}; expected 133 (COCO-WholeBody), 17 or 23 (COCO), "
        "136, 68 or 26 (Halpe)"
    )
