"""Perform invented signs: from a movement to a clip."""

from dataclasses import replace

import numpy as np
from numpy.random import Generator

from signnet.clip import Clip
from signnet.clip.shapes import Float
from signnet.synthetic.body import Arm, make_body
from signnet.synthetic.film import film
from signnet.synthetic.signer import Signer, make_signer
from signnet.synthetic.signs import (
    FLAT,
    Course,
    Points,
    Sign,
    form_of,
    signs,
    still,
)

__all__ = ["EXPRESSIONS", "make_corpus", "perform", "perform_idle"]

EXPRESSIONS = ("neutral", "happy", "sad", "question", "negation")

_AMPLITUDE = 0.075
"""Half the length of a stroke, in metres."""


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
    spec = form_of(sign, dialect=signer.dialect)
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
    """Let a signer stand and fidget without signing."""
    frames = max(2, round(seconds * fps))
    moment = np.arange(frames) / fps
    spec = Sign((0.08, -0.3, 0.2), still, 1, FLAT)
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
    spec: Sign, signer: Signer, stroke: Course, raised: Course, rng: Generator
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
