"""Perform made-up signs: from a movement to a clip."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from jaxtyping import Float
from numpy.random import Generator

from signnet.clip import Clip
from signnet.synthetic.body import Arm, make_body
from signnet.synthetic.film import film
from signnet.synthetic.hand import stack
from signnet.synthetic.signer import Signer, make_signer

__all__ = ["EXPRESSIONS", "make_corpus", "perform", "perform_idle", "signs"]

EXPRESSIONS = ("neutral", "happy", "sad", "question", "negation")

Points = Float[np.ndarray, "time 3"]
Course = Float[np.ndarray, " time"]


def _line(stroke: Course, sign: int) -> Points:
    """Move along a line, starting and ending slowly; `sign` is the direction."""
    return stack(0 * stroke, -sign * np.cos(np.pi * stroke), 0 * stroke)


def _across(stroke: Course, sign: int) -> Points:
    return _line(stroke, sign)[:, [1, 0, 2]]


def _ring(stroke: Course, sign: int) -> Points:
    """Move around a ring one and a half times."""
    angle = 3 * np.pi * sign * stroke
    return stack(np.sin(angle), np.cos(angle), 0 * stroke)


def _still(stroke: Course, sign: int) -> Points:
    return stack(*(0.15 * sign * np.sin(np.pi * stroke),) * 3)


@dataclass(frozen=True)
class _Sign:
    """A made-up sign; `place` is outwards, up and towards the camera, in metres."""

    place: tuple[float, float, float]
    movement: Callable[[Course, int], Points]
    direction: int
    closed: tuple[float, ...]
    """Curl of the thumb and the four fingers when the hand is closed."""

    opening: tuple[float, float, float] = (0.0, 0.0, 0.0)
    """How open the hand is at the start, in the middle and at the end."""

    hands: int = 1
    turn: float = 0.0
    """By how many turns the other hand lags on a ring."""


_FLAT, _POINT, _FIST = (0.2, *(0.0,) * 4), (0.8, 0.0, *(1.0,) * 3), (0.9,) * 5
_CHEST, _FRONT, _CHIN = (0.06, -0.12, 0.27), (0.13, -0.1, 0.3), (0.06, 0.1, 0.27)

_SIGNS = {
    "PALM-RAISE": _Sign(_CHEST, _line, 1, _FLAT),
    "PALM-LOWER": _Sign(_CHEST, _line, -1, _FLAT),
    "PALM-CIRCLE": _Sign(_CHEST, _ring, 1, _FLAT),
    "PALM-UNWIND": _Sign(_CHEST, _ring, -1, _FLAT),
    "POINT-APART": _Sign(_FRONT, _across, 1, _POINT, hands=2),
    "POINT-TOGETHER": _Sign(_FRONT, _across, -1, _POINT, hands=2),
    "POINT-PEDAL": _Sign(_FRONT, _ring, 1, _POINT, hands=2, turn=0.5),
    "POINT-BACKPEDAL": _Sign(_FRONT, _ring, -1, _POINT, hands=2, turn=0.5),
    "CHIN-BLOOM": _Sign(_CHIN, _still, 1, _FIST, (0.0, 0.5, 1.0)),
    "CHIN-FOLD": _Sign(_CHIN, _still, 1, _FIST, (1.0, 0.5, 0.0)),
    "CHIN-FLASH": _Sign(_CHIN, _still, 1, _FIST, (0.0, 1.0, 0.0)),
    "CHIN-BLINK": _Sign(_CHIN, _still, 1, _FIST, (1.0, 0.0, 1.0)),
}

_AMPLITUDE = 0.075
"""Half the length of a stroke, in metres."""


def signs() -> tuple[str, ...]:
    """Return the glosses of the made-up signs."""
    return tuple(_SIGNS)


def perform(
    sign: str,
    signer: Signer,
    rng: Generator,
    fps: float = 25.0,
    expression: str = "neutral",
) -> Clip:
    """Let a signer perform a sign once, from rest and back to rest.

    Raises
    ------
    KeyError
        If the sign is not one of `signs()`.
    """
    spec = _SIGNS[sign]
    frames = max(8, round(fps * 1.8 / signer.tempo * rng.uniform(0.9, 1.15)))
    moment = np.linspace(0, 1, frames)
    start, end = rng.uniform(0.15, 0.25), rng.uniform(0.75, 0.85)
    stroke = np.clip((moment - start) / (end - start), 0, 1)
    raised = _ramp(moment / start) * _ramp((1 - moment) / (1 - end))
    other_raised = raised if spec.hands == 2 else 0.02 * raised
    lead = _arm(spec, signer, stroke, raised, rng)
    other = _arm(spec, signer, stroke + spec.turn / 1.5, other_raised, rng)
    body = make_body(signer, lead, other, expression, raised * rng.uniform(0.6, 1))
    return Clip(
        name=f"{sign}__{signer.name}",
        landmarks=film(body, signer, rng),
        fps=fps,
        gloss=sign,
        signer=signer.name,
        expression=expression,
        source="synthetic",
    )


def perform_idle(
    signer: Signer, rng: Generator, seconds: float = 3.0, fps: float = 25.0
) -> Clip:
    """Let a signer stand there, with hands that fidget but sign nothing."""
    frames = max(2, round(seconds * fps))
    moment = np.arange(frames) / fps
    spec = _Sign((0.08, -0.3, 0.2), _still, 1, _FLAT)
    lifts = [
        0.15 * (1 + np.sin(moment * rng.uniform(0.5, 2) + rng.uniform(0, 6)))
        for _ in range(2)
    ]
    lead, other = (_arm(spec, signer, 0 * moment, lift, rng) for lift in lifts)
    body = make_body(signer, lead, other, "neutral", 0 * moment)
    name = f"IDLE__{signer.name}"
    landmarks = film(body, signer, rng)
    return Clip(
        name=name, landmarks=landmarks, fps=fps, signer=signer.name, source="synthetic"
    )


def _ramp(course: Course) -> Course:
    """Rise smoothly from 0 to 1."""
    course = np.clip(course, 0, 1)
    return course * course * (3 - 2 * course)


def _arm(
    spec: _Sign, signer: Signer, stroke: Course, raised: Course, rng: Generator
) -> Arm:
    """Draw how one arm performs a sign; `raised` is 0 at rest and 1 in the sign."""
    path = spec.movement(stroke, spec.direction) * _AMPLITUDE * rng.uniform(0.85, 1.15)
    shift = rng.normal(0, signer.place_spread, 3) * (1, 1, 0.3)
    target = (np.array(spec.place) + np.clip(shift, -0.2, 0.2) + path) * (-1, -1, -1)
    target[:, 0] -= (0.34 - signer.shoulders) / 2
    rest = np.multiply(signer.rest, (-1, 1, 1)) + rng.normal(0, 0.01, 3)
    up = raised[:, None]
    opening = np.interp(stroke % 1.0001, (0, 0.5, 1), spec.opening)[:, None]
    curl = np.array(spec.closed) * (1 - opening) + rng.normal(0, 0.06, 5)
    return Arm(
        wrist=signer.size * (rest + up * (target - rest)),
        curl=np.clip(0.3 + up * (curl - 0.3), 0, 1),
        spread=up[:, 0] * (0.05 + 0.15 * opening[:, 0]),
        pointing=_toward((0.6, 0.6, -0.6), (0.25, -1.0, -0.25), up, rng),
        palm=_toward((0.5, 0.2, 0.8), (0.2, -0.1, -1.0), up, rng),
    )


def _toward(
    rest: tuple[float, ...],
    active: tuple[float, ...],
    up: Float[np.ndarray, "time 1"],
    rng: Generator,
) -> Points:
    """Turn from a resting direction to that of the sign."""
    aim = np.array(active) + rng.normal(0, 0.12, 3)
    return np.array(rest) * (1 - up) + aim * up


def make_corpus(signers: int = 6, repetitions: int = 4, seed: int = 0) -> list[Clip]:
    """Let several signers perform all signs in two sessions each, camera moved between.

    The names are WORD__SIGNER__SESSION__REPETITION__EXPRESSION.
    """
    rng = np.random.default_rng(seed)
    clips = list[Clip]()
    for number in range(1, signers + 1):
        signer = make_signer(number, rng)
        moved = replace(signer.camera, slant=signer.camera.slant + rng.uniform(-8, 8))
        for repetition in range(repetitions):
            again = repetition >= (repetitions + 1) // 2
            actor = replace(signer, camera=moved) if again else signer
            for sign in signs():
                expression = str(rng.choice(EXPRESSIONS))
                clip = perform(sign, actor, rng, expression=expression)
                labels = {
                    "session": f"sess{again + 1:02d}",
                    "repetition": f"rep{repetition + 1:02d}",
                }
                name = "__".join([sign, signer.name, *labels.values(), expression])
                clips.append(replace(clip, name=name, **labels))
    return clips
