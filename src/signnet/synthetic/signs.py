"""The invented signs: where each is made, how the hand moves, and its shape."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from signnet.clip.shapes import Float
from signnet.synthetic.hand import stack

__all__ = [
    "FLAT",
    "Course",
    "Points",
    "Sign",
    "dialect_signs",
    "form_of",
    "signs",
    "still",
]

Points = Float[np.ndarray, "time 3"]
"""A path of the wrist in metres: outwards, up, towards the camera."""

Course = Float[np.ndarray, " time"]
"""How far the stroke has come, from 0 to 1."""


def line(stroke: Course, sign: int) -> Points:
    """Go along a line, starting and ending slowly; sign gives the direction."""
    return stack(0 * stroke, -sign * np.cos(np.pi * stroke), 0 * stroke)


def across(stroke: Course, sign: int) -> Points:
    """Go along a line to the side."""
    return line(stroke, sign)[:, [1, 0, 2]]


def ring(stroke: Course, sign: int) -> Points:
    """Go round one and a half times."""
    angle = 3 * np.pi * sign * stroke
    return stack(np.sin(angle), np.cos(angle), 0 * stroke)


def still(stroke: Course, sign: int) -> Points:
    """Hardly move: such signs differ in how the hand opens and closes."""
    return stack(*(0.15 * sign * np.sin(np.pi * stroke),) * 3)


@dataclass(frozen=True)
class Sign:
    """What distinguishes a sign; places are outwards, up, towards the camera."""

    place: tuple[float, float, float]
    movement: Callable[[Course, int], Points]
    direction: int
    closed: tuple[float, ...]
    """Curl of the thumb and the four fingers when the hand is closed."""

    opening: tuple[float, float, float] = (0.0, 0.0, 0.0)
    """How open the hand is at the start, in the middle and at the end."""

    hands: int = 1
    turn: float = 0.0
    """How much later the other hand is on a ring, in turns."""


FLAT, _POINT, _FIST = (0.2, *(0.0,) * 4), (0.8, 0.0, *(1.0,) * 3), (0.9,) * 5
_CHEST, _FRONT, _CHIN = (0.06, -0.12, 0.27), (0.13, -0.1, 0.3), (0.06, 0.1, 0.27)

_SIGNS = {
    "PALM-RAISE": Sign(_CHEST, line, 1, FLAT),
    "PALM-LOWER": Sign(_CHEST, line, -1, FLAT),
    "PALM-CIRCLE": Sign(_CHEST, ring, 1, FLAT),
    "PALM-UNWIND": Sign(_CHEST, ring, -1, FLAT),
    "POINT-APART": Sign(_FRONT, across, 1, _POINT, hands=2),
    "POINT-TOGETHER": Sign(_FRONT, across, -1, _POINT, hands=2),
    "POINT-PEDAL": Sign(_FRONT, ring, 1, _POINT, hands=2, turn=0.5),
    "POINT-BACKPEDAL": Sign(_FRONT, ring, -1, _POINT, hands=2, turn=0.5),
    "CHIN-BLOOM": Sign(_CHIN, still, 1, _FIST, (0.0, 0.5, 1.0)),
    "CHIN-FOLD": Sign(_CHIN, still, 1, _FIST, (1.0, 0.5, 0.0)),
    "CHIN-FLASH": Sign(_CHIN, still, 1, _FIST, (0.0, 1.0, 0.0)),
    "CHIN-BLINK": Sign(_CHIN, still, 1, _FIST, (1.0, 0.0, 1.0)),
}

_DIALECT = {
    "PALM-RAISE": Sign(_CHIN, across, 1, _POINT),
    "PALM-CIRCLE": Sign(_FRONT, across, -1, _FIST, hands=2),
    "POINT-APART": Sign(_CHEST, line, 1, _FIST, hands=2),
    "POINT-PEDAL": Sign(_CHEST, ring, 1, _FIST),
    "CHIN-BLOOM": Sign(_FRONT, still, 1, _FIST, (0.0, 0.5, 1.0), hands=2),
    "CHIN-FLASH": Sign(_CHIN, ring, 1, FLAT),
}
"""Other forms of half of the signs, as people of another region would make them."""


def signs() -> tuple[str, ...]:
    """Return the glosses of the invented signs."""
    return tuple(_SIGNS)


def dialect_signs() -> tuple[str, ...]:
    """Return the glosses that have another form in the dialect."""
    return tuple(_DIALECT)


def form_of(gloss: str, *, dialect: bool = False) -> Sign:
    """Return how a sign is made; KeyError if it is none of `signs()`."""
    standard = _SIGNS[gloss]
    return _DIALECT.get(gloss, standard) if dialect else standard
