"""Events in a stream of frames: by index for machines, by gloss for people."""

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from signnet.clip.shapes import Float32
from signnet.recognise.hands import Hand
from signnet.recognise.recogniser import Prediction

__all__ = ["Event", "Kind", "Probabilities", "SignEvent", "best_of"]

Probabilities = Float32[np.ndarray, " gloss"]

Kind = Literal["start", "guess", "sign", "unsure", "rest"]
"""The hands begin to move; the model guesses; a sign is over, recognised or not; the
hands rest."""


@dataclass(frozen=True)
class Event:
    """Something that happened in a stream; times in seconds of the stream."""

    kind: Kind
    time: float
    start: float | None = None
    end: float | None = None
    index: int | None = None
    """Index of the gloss in the vocabulary."""

    probability: float | None = None
    predictions: tuple[tuple[int, float], ...] | None = None
    """Index in the vocabulary and probability of the five best, best first."""

    hand: Hand | None = None
    """Which hand made the sign, for `sign` and `unsure`."""

    def as_json(self) -> dict[str, Any]:
        """Return the object that the browser's version has, without empty fields."""
        fields = {key: value for key, value in vars(self).items() if value is not None}
        fields.pop("hand", None)
        if self.predictions is not None:
            fields["predictions"] = [
                {"index": index, "probability": probability}
                for index, probability in self.predictions
            ]
        return fields

    def named(self, vocabulary: tuple[str, ...]) -> "SignEvent":
        """Return the same event with glosses in place of indices."""
        return SignEvent(
            kind=self.kind,
            time=self.time,
            gloss=None if self.index is None else vocabulary[self.index],
            start=self.start,
            end=self.end,
            probability=self.probability,
            hand=self.hand,
            top=tuple(
                Prediction(vocabulary[index], probability)
                for index, probability in self.predictions or ()
            ),
        )


@dataclass(frozen=True, kw_only=True)
class SignEvent:
    """Something that happened in a stream; times in seconds of the stream."""

    kind: Kind
    time: float
    """Time at which the event was known."""

    gloss: str | None
    """The recognised sign; None unless the kind is `sign`."""

    start: float | None
    """Start of the sign; None unless the kind is `sign` or `unsure`."""

    end: float | None
    probability: float | None
    """Probability of the gloss."""

    hand: Hand | None
    """Which hand made the sign: left, right or both; None unless the kind is `sign` or
    `unsure`, and if no hand was seen."""

    top: tuple[Prediction, ...]
    """The five best, best first, for `guess`, `sign` and `unsure`; otherwise empty."""


def best_of(probabilities: Probabilities) -> tuple[tuple[int, float], ...]:
    """Return index and probability of the five best, best first."""
    order = np.argsort(-probabilities, kind="stable")[:5]
    return tuple((int(index), float(probabilities[index])) for index in order)
