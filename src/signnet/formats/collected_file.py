"""The file of collected signs: check what it holds, and decode its numbers.

`format` is "signnet collected", `version` 1, `parts` those below; `signer`, `session`,
`handedness` (right, left, both or unknown) and `consent` (version, text, accepted) hold
for all `clips`. A clip has `name`, `gloss`, `repetition`, `recorded` (when), `aspect`
(the picture's width / height), `frames`, and as base64 of little-endian numbers `times`
(float32[frames], seconds) and `landmarks` (float16[frames, joint of the parts, 3], x
and y in picture heights, NaN where not seen). Left and right are the signer's own.
There is no face.
"""

import base64
from pathlib import Path
from typing import Any

import numpy as np

from signnet.clip import Landmarks
from signnet.clip.shapes import Float32
from signnet.errors import MediaError, one_line
from signnet.formats.source import read_json
from signnet.labels import Labels
from signnet.skeleton import JOINT_COUNT, PARTS

__all__ = [
    "AGAIN",
    "describe_session",
    "landmarks_of",
    "object_of",
    "read_session",
    "shown",
    "text_of",
    "times_of",
]

_FORMAT = "signnet collected"
_VERSION = 1
_PARTS = ["pose", "left_hand", "right_hand"]
_JOINTS = sum(PARTS[part].count for part in _PARTS)

_LONGEST_TEXT = 200
"""Characters of a name or label."""

_JOINERS = "\u200c\u200d"
"""Invisible letters that Bangla needs, as in র‍্যাব."""

_LARGEST_VALUE = 100.0
"""No joint is further from the picture, in picture heights."""

_SHORTEST_STEP = 1e-4
"""Seconds between two frames."""

_HANDEDNESS = ("right", "left", "both", "unknown")

AGAIN = "export it again from the page"
"""What to do about a damaged file."""


def read_session(file: Path) -> dict[str, Any]:
    """Read a file and check what holds for all its clips.

    Raises
    ------
    MediaError
        If it is no readable file of collected signs, is of another version, or lacks a
        label, the consent or any clip.
    """
    content = read_json(file)
    if not isinstance(content, dict) or content.get("format") != _FORMAT:
        raise MediaError(
            f"{file.name} holds no collected signs (no format {_FORMAT!r}); give a "
            "file that the page's #/collect exported"
        )
    version = content.get("version")
    if version != _VERSION:
        raise MediaError(
            f"{file.name} has version {shown(version)}, expected {_VERSION}; update "
            "signnet"
        )
    if content.get("parts") != _PARTS:
        raise MediaError(
            f"{file.name}: the parts are {shown(content.get('parts'))}, expected "
            f"{', '.join(_PARTS)}; {AGAIN}"
        )
    if not isinstance(content.get("clips"), list) or not content["clips"]:
        raise MediaError(f"{file.name} holds no clip; {AGAIN}")
    describe_session(content, file.name)
    return content


def describe_session(content: dict[str, Any], label: str) -> tuple[Labels, str]:
    """Give the labels of a session, and what else is known of it in words."""
    texts = {key: text_of(content, key, label) for key in ("signer", "session")}
    hand = content.get("handedness")
    if hand not in _HANDEDNESS:
        raise MediaError(
            f"{label}: handedness is {shown(hand)}, expected one of "
            f"{', '.join(_HANDEDNESS)}; {AGAIN}"
        )
    consent = content.get("consent")
    if not isinstance(consent, dict):
        raise MediaError(f"{label} states no consent; {AGAIN}")
    text_of(consent, "accepted", label)
    version = text_of(consent, "version", label)
    return texts, f"handedness {hand}, consent {version}"


def object_of(value: Any, label: str) -> dict[str, Any]:
    """Give a value that is an object; MediaError if it is not."""
    if not isinstance(value, dict):
        raise MediaError(f"{label} is {shown(value)}, expected an object; {AGAIN}")
    return value


def times_of(
    one: dict[str, Any], frames: int, label: str
) -> Float32[np.ndarray, " time"]:
    """Give a clip's seconds since its first frame; MediaError if they do not rise."""
    times = _numbers(one, "times", "<f4", frames, label)
    steps = np.diff(times.astype(np.float64))
    if not np.isfinite(times).all() or not (steps >= _SHORTEST_STEP).all():
        raise MediaError(
            f"{label}: the frame times do not rise from frame to frame; {AGAIN}"
        )
    return times - times[0]


def landmarks_of(one: dict[str, Any], frames: int, label: str) -> Landmarks:
    """Place the parts of a clip among all joints.

    A joint that lacks a coordinate is NaN as a whole.

    Raises
    ------
    MediaError
        If the numbers are damaged, too many or too few, infinite or huge, or show no
        hand.
    """
    stored = _numbers(one, "landmarks", "<f2", frames * _JOINTS * 3, label)
    marks = stored.reshape(frames, _JOINTS, 3)
    marks[np.isnan(marks).any(axis=-1)] = np.nan
    if (np.abs(marks) > _LARGEST_VALUE).any():
        raise MediaError(f"{label}: infinite or huge landmarks; record the sign again")
    landmarks, start = np.full((frames, JOINT_COUNT, 3), np.nan, np.float32), 0
    for part in (PARTS[name] for name in _PARTS):
        landmarks[:, part.joints] = marks[:, start : start + part.count]
        start += part.count
    if np.isnan(marks[:, PARTS["pose"].count :]).all():
        raise MediaError(f"{label} shows no hand in any frame; record the sign again")
    return landmarks


def _numbers(
    one: dict[str, Any], key: str, kind: str, count: int, label: str
) -> Float32[np.ndarray, " number"]:
    """Decode base64 of `count` numbers of a kind."""
    text: Any = one.get(key)
    size = np.dtype(kind).itemsize
    try:
        content = base64.b64decode(text, validate=True)
    except (ValueError, TypeError) as error:
        raise MediaError(f"{label}: {key} is not base64; {AGAIN}") from error
    if len(content) != count * size:
        raise MediaError(
            f"{label}: {key} has {len(content)} bytes, expected {count * size} for "
            f"{one.get('frames')} frames; {AGAIN}"
        )
    return np.frombuffer(content, kind).astype(np.float32)


def text_of(content: dict[str, Any], key: str, label: str) -> str:
    """Give a text of 1 to 200 letters on one line; MediaError if it is none."""
    text = content.get(key)
    if not isinstance(text, str) or not _is_readable(text):
        raise MediaError(
            f"{label}: {key} is {shown(text)}, expected a text of 1 to "
            f"{_LONGEST_TEXT} letters; {AGAIN}"
        )
    return text


def _is_readable(text: str) -> bool:
    """Refuse control characters, and half a surrogate pair, which JSON can hold."""
    is_right_length = 0 < len(text.strip()) <= _LONGEST_TEXT
    return is_right_length and all(c.isprintable() or c in _JOINERS for c in text)


def shown(value: object) -> str:
    """Show part of a value of a file on one line."""
    return one_line(ascii(value), 40)
