"""Signs collected with the live page (`#/collect`): a JSON file per signer and session.

`format` is "signnet collected", `version` 1, `parts` those below; `signer`, `session`,
`handedness` (right, left, both or unknown) and `consent` (version, text, accepted) hold
for all `clips`. A clip has `name`, `gloss`, `repetition`, `recorded` (when), `aspect`
(the picture's width / height), `frames`, and as base64 of little-endian numbers `times`
(float32[frames], seconds) and `landmarks` (float16[frames, joint of the parts, 3], x
and y in picture heights, NaN where not seen). Left and right are the signer's own.
There is no face.

A session may be exported twice: of clips of one name, the one recorded last counts.
"""

import base64
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import Float32

from signnet.clip import Clip, Landmarks, frame_rate
from signnet.errors import MediaError, one_line
from signnet.formats.source import (
    USUAL,
    ImportSettings,
    Source,
    check_frames,
    describe_files,
    failing,
    find_files,
    read_json,
)
from signnet.labels import Labels
from signnet.skeleton import JOINT_COUNT, PARTS

__all__ = ["sources"]

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
_AGAIN = "export it again from the page"


@dataclass(frozen=True)
class _Entry:
    """A clip of a file: where it stands, and what is known without its landmarks."""

    file: Path
    number: int
    name: str
    recorded: str
    carried: Labels
    about: str


@dataclass
class _Reader:
    """Reads files and keeps the last: a file's clips are read one after the other."""

    last: Path | None = None
    content: dict[str, Any] = field(default_factory=dict[str, Any])

    def open(self, file: Path) -> dict[str, Any]:
        if file != self.last:
            self.content, self.last = _read_file(file), file
        return self.content


def sources(path: Path, settings: ImportSettings = USUAL) -> list[Source]:
    """List the clips of a file, or of all `.json` files of a folder.

    A row of the index names a clip by its name.

    Raises
    ------
    MediaError, DatasetError
        If there is no such file, the one file is no file of collected signs, or the
        index is bad.
    """
    folder = path if path.is_dir() else path.parent
    reader, bad, latest = _Reader(), list[Source](), dict[str, _Entry]()
    for file in find_files(path, ".json"):
        try:
            content = reader.open(file)
        except MediaError as error:
            if path.is_file():
                raise
            bad.append(failing(file.name, str(error)))
            continue
        for found in _entries(file, content):
            if isinstance(found, Source):
                bad.append(found)
            elif _is_later(found, latest.get(found.name)):
                latest[found.name] = found
    entries = list(latest.values())
    described, lost = describe_files(
        [folder / entry.name for entry in entries],
        folder,
        settings,
        carried=[entry.carried for entry in entries],
    )
    return [
        *(
            Source(entry.name, partial(_read, reader, entry, labels))
            for entry, (labels, _) in zip(entries, described, strict=True)
        ),
        *bad,
        *lost,
    ]


def _is_later(entry: _Entry, other: _Entry | None) -> bool:
    return other is None or entry.recorded > other.recorded


def _read_file(file: Path) -> dict[str, Any]:
    """Read a file and check what holds for all its clips."""
    content = read_json(file)
    if not isinstance(content, dict) or content.get("format") != _FORMAT:
        raise MediaError(
            f"{file.name} holds no collected signs (no format {_FORMAT!r}); give a "
            "file that the page's #/collect exported"
        )
    version = content.get("version")
    if version != _VERSION:
        raise MediaError(
            f"{file.name} is of version {_shown(version)}, expected {_VERSION}; update "
            "signnet"
        )
    if content.get("parts") != _PARTS:
        raise MediaError(
            f"{file.name}: the parts are {_shown(content.get('parts'))}, expected "
            f"{', '.join(_PARTS)}; {_AGAIN}"
        )
    if not isinstance(content.get("clips"), list) or not content["clips"]:
        raise MediaError(f"{file.name} holds no clip; {_AGAIN}")
    _about(content, file.name)
    return content


def _about(content: dict[str, Any], label: str) -> tuple[Labels, str]:
    """Give the labels of a session, and what else is known of it in words."""
    texts = {key: _text(content, key, label) for key in ("signer", "session")}
    hand = content.get("handedness")
    if hand not in _HANDEDNESS:
        raise MediaError(
            f"{label}: handedness is {_shown(hand)}, expected one of "
            f"{', '.join(_HANDEDNESS)}; {_AGAIN}"
        )
    consent = content.get("consent")
    if not isinstance(consent, dict):
        raise MediaError(f"{label} states no consent; {_AGAIN}")
    _text(consent, "accepted", label)
    version = _text(consent, "version", label)
    return texts, f"handedness {hand}, consent {version}"


def _entries(file: Path, content: dict[str, Any]) -> Iterator[_Entry | Source]:
    """Describe each clip of a file; one that cannot be described fails as a source."""
    labels, about = _about(content, file.name)
    for number, one in enumerate(content["clips"]):
        label = f"{file.name}: clip {number + 1}"
        try:
            yield _entry(file, number, _object(one, label), labels, about)
        except MediaError as error:
            yield failing(label, str(error))


def _entry(
    file: Path, number: int, one: dict[str, Any], labels: Labels, about: str
) -> _Entry:
    label = f"{file.name}: clip {number + 1}"
    name = _text(one, "name", label)
    if "/" in name or "\\" in name:
        raise MediaError(f"{label}: the name {_shown(name)} is a path; {_AGAIN}")
    repetition, aspect = one.get("repetition"), one.get("aspect")
    if type(repetition) is not int or not 0 < repetition < 10_000:
        raise MediaError(
            f"{label}: repetition is {_shown(repetition)}, expected 1, 2, ...; {_AGAIN}"
        )
    if type(aspect) not in (int, float) or not 0.01 < aspect < 100:
        raise MediaError(
            f"{label}: aspect is {_shown(aspect)}, expected the picture's width / "
            f"height; {_AGAIN}"
        )
    recorded = _text(one, "recorded", label)
    carried = labels | {
        "gloss": _text(one, "gloss", label),
        "repetition": str(repetition),
    }
    about = f"recorded {recorded}, {about}"
    return _Entry(file, number, name, recorded, carried, about)


def _object(value: Any, label: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise MediaError(f"{label} is {_shown(value)}, expected an object; {_AGAIN}")
    return value


def _read(reader: _Reader, entry: _Entry, labels: Labels) -> list[Clip]:
    clips = reader.open(entry.file)["clips"]
    one = clips[entry.number] if entry.number < len(clips) else None
    label = f"{entry.file.name}: {one_line(entry.name)}"
    if not isinstance(one, dict) or one.get("name") != entry.name:
        raise MediaError(f"{label} is no longer there; import the file again")
    frames = one.get("frames")
    if type(frames) is not int:
        raise MediaError(f"{label}: frames is {_shown(frames)}, expected a number")
    check_frames(frames, label)
    times = _times(one, frames, label)
    return [
        Clip(
            name=entry.name,
            landmarks=_landmarks(one, frames, label),
            times=times,
            fps=frame_rate(times),
            source=f"collected {entry.file.name}, {entry.about}",
            **labels,
        )
    ]


def _times(
    one: dict[str, Any], frames: int, label: str
) -> Float32[np.ndarray, " time"]:
    times = _numbers(one, "times", "<f4", frames, label)
    steps = np.diff(times.astype(np.float64))
    if not np.isfinite(times).all() or not (steps >= _SHORTEST_STEP).all():
        raise MediaError(
            f"{label}: the frame times do not rise from frame to frame; {_AGAIN}"
        )
    return times - times[0]


def _landmarks(one: dict[str, Any], frames: int, label: str) -> Landmarks:
    """Place the parts among all joints; a joint that lacks a coordinate is unseen."""
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
        raise MediaError(f"{label}: {key} is no base64; {_AGAIN}") from error
    if len(content) != count * size:
        raise MediaError(
            f"{label}: {key} has {len(content)} bytes, expected {count * size} for "
            f"{one.get('frames')} frames; {_AGAIN}"
        )
    return np.frombuffer(content, kind).astype(np.float32)


def _text(content: dict[str, Any], key: str, label: str) -> str:
    text = content.get(key)
    if not isinstance(text, str) or not _is_readable(text):
        raise MediaError(
            f"{label}: {key} is {_shown(text)}, expected a text of 1 to "
            f"{_LONGEST_TEXT} letters; {_AGAIN}"
        )
    return text


def _is_readable(text: str) -> bool:
    """Refuse control characters, and half a surrogate pair, which JSON can hold."""
    is_right_length = 0 < len(text.strip()) <= _LONGEST_TEXT
    return is_right_length and all(c.isprintable() or c in _JOINERS for c in text)


def _shown(value: object) -> str:
    """Show part of a value of a file on one line."""
    return one_line(ascii(value), 40)
