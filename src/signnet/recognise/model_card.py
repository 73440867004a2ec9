"""The card of a model: what `model.json` says, typed and checked.

It stands beside `model.onnx`, because ONNX Runtime in the browser cannot read metadata
from a graph. Training and teaching write it; everything else reads it through here.
"""

import json
import math
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from signnet.config.pace import EVERY_PICTURE, Pace
from signnet.errors import ModelError
from signnet.files import write_text
from signnet.skeleton import JOINT_COUNT

__all__ = ["CARD", "CARD_FORMAT", "GRAPH", "ModelCard", "Teaching", "TrainedClip"]

CARD = "model.json"
"""Name of the card's file in a model's folder."""

GRAPH = "model.onnx"
"""Name of the graph's file beside it."""

CARD_FORMAT = 1
"""Increased when an older version could not read the card correctly."""

INPUT = f"landmarks float32[1, time, {JOINT_COUNT}, 3], picture heights, NaN if unseen"
OUTPUT = (
    "probabilities float32[1, gloss]; of a model with exemplars also embedding "
    "float32[1, axis] and scores float32[1, gloss]"
)

TrainedClip = tuple[str, str | None, str | None]
"""Name, signer and session of a clip."""

_RATE = 12.0
"""Pictures a second that a model of few frames looks at (docs/results.md, Speed)."""

_FACE_RATE = 4.0
"""Pictures a second in which the expression is read."""

_FEW_FRAMES = 16
"""Frames to which such a model reduces a clip, at most."""

_REQUIRED = ("vocabulary", "trained_on", "abstain_below")


@dataclass(frozen=True, kw_only=True)
class Teaching:
    """What a model was taught after its training, in words."""

    new: tuple[str, ...] = ()
    """Glosses that the training did not know."""

    forgotten: tuple[str, ...] = ()
    """Glosses of the training that are no longer answered."""

    clips: tuple[dict[str, str | None], ...] = ()
    """Name, gloss, signer, session and `added` (a date) of each taught clip."""


@dataclass(frozen=True, kw_only=True)
class ModelCard:
    """What a model knows, and where it comes from."""

    vocabulary: tuple[str, ...]
    """The glosses, in the order of the outputs."""

    trained_on: tuple[TrainedClip, ...]
    """The clips that the model has seen, those it was taught included."""

    abstain_below: float
    """Probability below which the model is unsure."""

    name: str = "model"
    created: str | None = None
    """A date, such as 2026-01-31."""

    joints: int = JOINT_COUNT
    input: str = INPUT
    output: str = OUTPUT
    members: int | None = None
    """Networks of the ensemble; 0 for exemplars alone."""

    parameters: int | None = None
    held_out: str | None = None
    """What the training did not see, in words."""

    metrics: Mapping[str, float] = field(default_factory=dict[str, float])
    """Measured on what was held out; empty if nothing was."""

    seed: int | None = None
    recipe: Mapping[str, Any] = field(default_factory=dict[str, Any])
    expressions: tuple[str, ...] = ()
    """Expressions that `expression.npz` beside the model can read."""

    embedding: Mapping[str, Any] = field(default_factory=dict[str, Any])
    """`axes` and `weights` of the embedding's parts; empty for a single part."""

    base: Mapping[str, Any] = field(default_factory=dict[str, Any])
    """Name, sha256, words and clips of the base inside; empty for a model without."""

    enrolled: Teaching | None = None
    """None for a model that was never taught; not part of the file."""

    @property
    def pace(self) -> Pace:
        """How often the model has to look at a film; all of it if that is not known."""
        settings = self.recipe.get("model", self.recipe.get("input"))
        found = settings if isinstance(settings, Mapping) else {}
        frames, streams = found.get("frames"), found.get("streams")
        if not isinstance(frames, int) or not isinstance(streams, list | tuple):
            return EVERY_PICTURE
        rate = _RATE if frames <= _FEW_FRAMES else math.inf
        if "face" in streams:
            return Pace(rate=rate)
        return Pace(rate=rate, face=_FACE_RATE if self.expressions else 0.0)

    @classmethod
    def read(cls, path: Path) -> "ModelCard":
        """Read and check the card of a model.

        Keys that this version does not know are ignored.

        Parameters
        ----------
        path
            The file `model.json`.

        Raises
        ------
        ModelError
            In one line: the file cannot be read, has another format, lacks a key, or
            holds a value of the wrong type.
        """
        try:
            content = json.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError, RecursionError) as error:
            reason = str(error).splitlines()[0][:100]
            raise ModelError(f"{path} cannot be read: {reason}") from error
        try:
            return cls.from_json(content)
        except ModelError as error:
            raise ModelError(f"{path}: {error}; export the model again") from error

    @classmethod
    def from_json(cls, content: Any) -> "ModelCard":
        """Check the content of a card; ModelError names the first fault."""
        found: Any = content.get("format") if isinstance(content, dict) else None
        if isinstance(found, bool) or found != CARD_FORMAT:
            what = f"format {found!r}" if found is not None else "no format"
            raise ModelError(
                f"not a model card: {str(what)[:40]}, expected {CARD_FORMAT}"
            )
        if missing := [key for key in _REQUIRED if key not in content]:
            raise ModelError(f"the card lacks {', '.join(missing)}")
        card = cls(
            **{
                key: _checked(key, value)
                for key, value in content.items()
                if key in _CHECKS and (value is not None or key in _REQUIRED)
            }
        )
        if not card.vocabulary and not card.embedding:
            raise ModelError("vocabulary is [], expected a list of one or more glosses")
        return card

    def to_json(self) -> dict[str, Any]:
        """Return the object that is stored as `model.json`."""
        content = {"format": CARD_FORMAT} | asdict(self)
        for optional in ("expressions", "embedding", "base", "enrolled"):
            if not content[optional]:
                del content[optional]
        return content

    def write(self, path: Path) -> None:
        """Write the card, Bangla as it is; ModelError if it cannot be written."""
        text = json.dumps(self.to_json(), ensure_ascii=False, indent=1)
        write_text(path, text, ModelError)


def _checked(key: str, value: Any) -> Any:
    """Convert one value of a card to its type; ModelError if it has another."""
    check, expected = _CHECKS[key]
    try:
        return check(value)
    except (TypeError, ValueError, KeyError) as error:
        found = json.dumps(value, ensure_ascii=False)[:40]
        raise ModelError(f"{key} is {found}, expected {expected}") from error


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError
    return value


def _text_or_none(value: Any) -> str | None:
    return None if value is None else _text(value)


def _number(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeError
    if not math.isfinite(value):
        raise ValueError
    return value


def _count(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise TypeError
    return value


def _list(value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise TypeError
    return value


def _texts(value: Any) -> tuple[str, ...]:
    return tuple(map(_text, _list(value)))


def _vocabulary(value: Any) -> tuple[str, ...]:
    glosses = _texts(value)
    if not glosses:
        return glosses
    gloss, times = Counter(glosses).most_common(1)[0]
    if times > 1:
        raise ModelError(f"the vocabulary has {gloss[:40]} twice")
    return glosses


def _trained_on(value: Any) -> tuple[TrainedClip, ...]:
    return tuple(
        (_text(name), _text_or_none(signer), _text_or_none(session))
        for name, signer, session in map(_list, _list(value))
    )


def _mapping(value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise TypeError
    return value


def _metrics(value: Any) -> dict[str, float]:
    return {key: _number(one) for key, one in _mapping(value).items()}


def _embedding(value: Any) -> dict[str, Any]:
    content = _mapping(value)
    if not content:
        return {}
    axes = [_count(one) for one in _list(content["axes"])]
    weights = [_number(one) for one in _list(content["weights"])]
    if not axes or not all(axes) or len(axes) != len(weights):
        raise ValueError
    return {"axes": axes, "weights": weights}


_CHECKS: dict[str, tuple[Callable[[Any], Any], str]] = {
    "vocabulary": (_vocabulary, "a list of one or more glosses"),
    "trained_on": (_trained_on, "a list of [name, signer, session]"),
    "abstain_below": (_number, "a number"),
    "name": (_text, "a text"),
    "created": (_text, "a date as text"),
    "joints": (_count, "a number of joints"),
    "input": (_text, "a text"),
    "output": (_text, "a text"),
    "members": (_count, "a number of networks"),
    "parameters": (_count, "a number of parameters"),
    "held_out": (_text, "a text"),
    "metrics": (_metrics, "numbers by their name"),
    "seed": (_count, "a whole number"),
    "recipe": (_mapping, "settings by their name"),
    "expressions": (_texts, "a list of expressions"),
    "embedding": (_embedding, "axes and weights of as many parts"),
    "base": (_mapping, "facts about the base by their name"),
}
"""How each value is checked, and what a message says was expected."""
