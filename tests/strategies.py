"""Hypothesis strategies for landmarks, hands and frame times."""

import numpy as np
from hypothesis import strategies as st

from signnet.clip import Landmarks
from signnet.skeleton import HAND_COUNT, JOINT_COUNT

__all__ = ["generators", "hands", "landmarks", "points", "rising_times"]


@st.composite
def generators(draw: st.DrawFn) -> np.random.Generator:
    """Draw the dice; arrays from them are faster than drawing each number."""
    return np.random.default_rng(draw(st.integers(0, 2**32 - 1)))


@st.composite
def landmarks(draw: st.DrawFn, max_frames: int = 6) -> Landmarks:
    """Draw landmarks in and around the picture, some of them unseen."""
    rng = draw(generators())
    frames = draw(st.integers(1, max_frames))
    drawn = rng.uniform(-1, 2, (frames, JOINT_COUNT, 3)).astype(np.float32)
    unseen = rng.random((frames, JOINT_COUNT)) < draw(st.floats(0, 1))
    drawn[unseen] = np.nan
    return drawn


@st.composite
def points(draw: st.DrawFn, count: int = 5) -> np.ndarray:
    """Draw float64[count, 2] vectors that are not too short to have a direction."""
    rng = draw(generators())
    angle, length = rng.uniform(0, 2 * np.pi, count), rng.uniform(0.01, 10, count)
    return np.stack([length * np.cos(angle), length * np.sin(angle)], axis=-1)


@st.composite
def hands(draw: st.DrawFn) -> np.ndarray:
    """Draw two hands far apart on smooth ways: float32[time, 2, 21, 3].

    Hands are missing for up to three frames at a time, never both in the first frame.
    """
    rng = draw(generators())
    frames = draw(st.integers(2, 40))
    moment = np.arange(frames)[:, None] / 25
    centre = np.array([[[0.4, 0.6]], [[1.2, 0.5]]])
    swing = 0.2 * np.sin(moment * rng.uniform(1, 4, 2) + rng.uniform(0, 6, 2))
    shape = rng.normal(0, 0.05, (2, 1, HAND_COUNT, 3))
    shape[:, :, 0] = 0
    drawn = np.repeat(shape, frames, axis=1)
    drawn[..., :2] += (centre + swing)[:, :, None]
    for hand in range(2):
        for start in rng.integers(1, frames, draw(st.integers(0, 2))):
            drawn[hand, start : start + 3] = np.nan
    return np.swapaxes(drawn, 0, 1).astype(np.float32)


@st.composite
def rising_times(draw: st.DrawFn, max_frames: int = 60) -> np.ndarray:
    """Draw frame times of a camera with varying rate, from 0: float32[time]."""
    rng = draw(generators())
    steps = rng.uniform(0.01, 0.12, draw(st.integers(2, max_frames - 1)))
    return np.concatenate([[0], np.cumsum(steps)]).astype(np.float32)
