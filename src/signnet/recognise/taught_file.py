"""The file of what was taught, `taught.json`: one format for Python and the page.

It stands beside an unchanged `model.onnx` and names it by its sha256, since embeddings
hold only for the very model that made them.
"""

import base64
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from signnet.clip import nfc
from signnet.errors import ModelError
from signnet.files import write_text
from signnet.recognise.exemplars import Kernel
from signnet.recognise.sketch import FASTEST, SKETCH_JOINTS, SKETCH_SCALE, Sketch
from signnet.recognise.teaching import (
    LONGEST_GLOSS,
    LONGEST_LABEL,
    MOST_CLIPS,
    Taught,
    TaughtClip,
)

__all__ = ["TAUGHT", "read_taught", "write_taught"]

TAUGHT = "taught.json"
"""Name of the file in a model's folder."""

_FORMAT = "signnet taught"
_VERSION = 2
_LARGEST_FILE = 100_000_000
_LARGEST_VALUE = 100.0

_READINGS = ("transliteration", "english")

_DAMAGES = KeyError, TypeError, ValueError, AttributeError, OverflowError
"""What a value of another kind than expected raises."""


def write_taught(taught: Taught, path: Path, name: str, sha256: str) -> None:
    """Write what was taught to a model, whole or not at all.

    Parameters
    ----------
    taught
        What was taught.
    path
        The file.
    name, sha256
        The model's name, and the hash of its graph.

    Raises
    ------
    ModelError
        If it cannot be written.
    """
    words: dict[str, list[dict[str, Any]]] = {}
    for clip in taught.clips:
        words.setdefault(clip.gloss, []).append(_clip_to_json(clip))
    content = {
        "format": _FORMAT,
        "version": _VERSION,
        "model": {"name": name, "sha256": sha256},
        "forgotten": list(taught.forgotten),
        "skeleton": {"joints": list(SKETCH_JOINTS), "scale": SKETCH_SCALE},
        "words": [
            {"gloss": gloss}
            | dict(zip(_READINGS, taught.readings.get(gloss, ("", "")), strict=True))
            | {"clips": clips}
            for gloss, clips in words.items()
        ],
    }
    text = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
    write_text(path, text, ModelError)


def _clip_to_json(clip: TaughtClip) -> dict[str, Any]:
    sketch = clip.sketch
    drawn = sketch and {
        "fps": sketch.fps,
        "frames": len(sketch.points),
        "points": _packed(sketch.points, "<i2"),
    }
    labels = {key: one for key, one in clip.labels.items() if key != "gloss"}
    return labels | {
        "embedding": _packed(clip.embedding, "<f4"),
        "scores": _packed(clip.scores, "<f4"),
        "skeleton": drawn,
    }


def read_taught(
    path: Path,
    model: Taught,
    sha256: str,
) -> Taught:
    """Read what was taught to a model.

    Parameters
    ----------
    path
        The file.
    model
        The same model, untaught.
    sha256
        Hash of the model's graph.

    Raises
    ------
    ModelError
        In one line: the file is no such file, damaged, too large, or belongs to another
        model.
    """
    content = _read_json(path)
    if content.get("format") != _FORMAT:
        raise ModelError(f"{path} holds no taught words; leave it out")
    if content.get("version") != _VERSION:
        raise ModelError(
            f"{path} has version {_shown(content.get('version'), 20)}, expected "
            f"{_VERSION}; teach the words again"
        )
    try:
        found = dict(content["model"])
        if found["sha256"] != sha256:
            raise ModelError(
                f"{path} was taught to another model ({_shown(found.get('name'), 60)});"
                " copy both files of the same model, or teach the words again"
            )
        return _taught_from_json(content, model)
    except _DAMAGES as error:
        raise ModelError(
            f"{path} is damaged ({_shown(error, 80)}); copy it again or teach again"
        ) from error


def _taught_from_json(content: dict[str, Any], model: Taught) -> Taught:
    joints = tuple(content["skeleton"]["joints"]), content["skeleton"]["scale"]
    drawable = joints == (SKETCH_JOINTS, SKETCH_SCALE)
    words = _list(content["words"])
    clips = [
        _clip_from_json(one, word, model.kernel, len(model.glosses), drawable)
        for word in words
        for one in _list(word["clips"])
    ]
    if len({clip.name for clip in clips}) < len(clips) or len(clips) > MOST_CLIPS:
        raise ValueError("too many clips, or two of one name")
    forgotten = {nfc(_text(one)): None for one in _list(content["forgotten"])}
    if unknown := set(forgotten) - set(model.glosses):
        raise ValueError(f"the model never knew {min(unknown)}")
    again = {clip.gloss for clip in clips}  # answered, as in `with_clips`
    return replace(
        model,
        clips=tuple(clips),
        forgotten=tuple(one for one in forgotten if one not in again),
        readings={nfc(word["gloss"]): _readings(word) for word in words},
    )


def _readings(word: dict[str, Any]) -> tuple[str, str]:
    first, second = (
        _text(word[key], LONGEST_GLOSS) if word.get(key) else "" for key in _READINGS
    )
    return first, second


def _shown(value: object, longest: int) -> str:
    """Show part of a value of a file on one line."""
    return " ".join(str(value)[:longest].split())


def _read_json(path: Path) -> dict[str, Any]:
    try:
        if path.stat().st_size > _LARGEST_FILE:
            raise ModelError(
                f"{path} has {path.stat().st_size} bytes; at most {_LARGEST_FILE} are "
                "read"
            )
        content = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        reason = str(error).splitlines()[0][:100]
        raise ModelError(f"{path} cannot be read: {reason}") from error
    return content if isinstance(content, dict) else {}


def _clip_from_json(
    content: dict[str, Any],
    word: dict[str, Any],
    kernel: Kernel,
    glosses: int,
    drawable: bool,
) -> TaughtClip:
    drawn = content.get("skeleton") if drawable else None
    return TaughtClip(
        name=_text(content["name"]),
        gloss=nfc(_text(word["gloss"], LONGEST_GLOSS)),
        signer=_label(content.get("signer")),
        session=_label(content.get("session")),
        added=_label(content.get("added")),
        embedding=_floats(content["embedding"], kernel.size),
        scores=_floats(content["scores"], glosses),
        sketch=_sketch(drawn) if drawn else None,
    )


def _sketch(content: dict[str, Any]) -> Sketch:
    frames, fps = content["frames"], float(content["fps"])
    points = np.frombuffer(base64.b64decode(content["points"], validate=True), "<i2")
    if not isinstance(frames, int) or not 0 < frames <= 600 or not 0 < fps <= FASTEST:
        raise ValueError("a skeleton without frames")
    return Sketch(points.reshape(frames, len(SKETCH_JOINTS), 2), fps)


def _floats(text: str, size: int) -> np.ndarray:
    values = np.frombuffer(base64.b64decode(text, validate=True), "<f4")
    if len(values) != size or not (np.abs(values) < _LARGEST_VALUE).all():
        raise ValueError(f"{len(values)} numbers where {size} belong, or huge ones")
    return values.astype(np.float32)


def _packed(values: np.ndarray, kind: str) -> str:
    return base64.b64encode(np.ascontiguousarray(values, kind).tobytes()).decode()


def _label(value: Any) -> str | None:
    return None if value is None else _text(value)


def _text(value: Any, longest: int = LONGEST_LABEL) -> str:
    if not isinstance(value, str) or not 0 < len(value) <= longest:
        raise TypeError(f"{str(value)[:30]!r} where a text belongs")
    value.encode()  # half a surrogate pair, which JSON can hold, is a ValueError
    return value


def _list(value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise TypeError(f"{type(value).__name__} where a list belongs")
    return value
