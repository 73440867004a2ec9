"""Recorded landmark streams of made-up signers, with the faults of real ones."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from signnet.clip import Landmarks
from signnet.synthetic import Camera, Signer, perform, perform_idle

__all__ = ["STREAMS", "Recorded", "joined"]

CAMERA = Camera(zoom=1.0, centre=(0.5, 0.5), slant=5.0)
SIGNER = Signer(name="P01", noise=1e-3, hand_dropout=0.05, camera=CAMERA)
FPS = 30.0
SIGNS = ("PALM-RAISE", "POINT-APART", "CHIN-BLOOM")


@dataclass(frozen=True)
class Recorded:
    """A stream: rising times in seconds, a frame for each, what must happen in it."""

    times: list[float]
    landmarks: Landmarks
    kinds: frozenset[str] = frozenset({"start", "rest"})


def idle(rng: np.random.Generator, seconds: float) -> Landmarks:
    """Give a signer whose hands are down; the tracker does not see them."""
    landmarks = perform_idle(SIGNER, rng, seconds, FPS).landmarks.copy()
    landmarks[:, 33:75] = np.nan
    return landmarks


def joined(
    *signs: str, pause: float = 1.0, seed: int = 0, cut: float = 0.0
) -> Recorded:
    """Join signs; `cut` is how much of each one's beginning and end is left out."""
    rng = np.random.default_rng(seed)
    parts = [idle(rng, 1.0)]
    for sign in signs:
        landmarks = perform(sign, SIGNER, rng, FPS).landmarks
        margin = round(cut * len(landmarks))
        parts.append(landmarks[margin : len(landmarks) - margin])
        if pause:
            parts.append(idle(rng, pause))
    parts.append(idle(rng, 1.0))
    landmarks = np.concatenate(parts)
    return Recorded((np.arange(len(landmarks)) / FPS).tolist(), landmarks)


def thinned(recorded: Recorded, fps: float, seed: int = 1) -> Recorded:
    """Keep about so many frames a second, at uneven times."""
    rng = np.random.default_rng(seed)
    end = recorded.times[-1]
    wanted = np.arange(0, end, 1 / fps)
    wanted = wanted + rng.uniform(-0.3, 0.3, len(wanted)) / fps
    kept = np.unique(np.searchsorted(recorded.times, wanted.clip(0, end)))
    shaken = np.array(recorded.times)[kept] + rng.uniform(0, 0.01, len(kept))
    return Recorded(shaken.tolist(), recorded.landmarks[kept], recorded.kinds)


def gappy() -> Recorded:
    """Give signs with frames in which nothing is seen, and a hand that is lost."""
    rng = np.random.default_rng(2)
    recorded = joined(*SIGNS, seed=2)
    landmarks = recorded.landmarks.copy()
    landmarks[rng.random(len(landmarks)) < 0.2] = np.nan
    landmarks[rng.random(len(landmarks)) < 0.3, 33:54] = np.nan
    return Recorded(recorded.times, landmarks)


def idle_hands() -> Recorded:
    """Give hands that hang in sight and fidget."""
    rng = np.random.default_rng(3)
    landmarks = perform_idle(SIGNER, rng, 6.0, FPS).landmarks
    return Recorded((np.arange(len(landmarks)) / FPS).tolist(), landmarks, frozenset())


def held() -> Recorded:
    """Give a sign whose end is held for two seconds before the hands go down."""
    recorded = joined("PALM-RAISE", seed=4)
    middle = 75
    frames = np.r_[: middle + 1, [middle] * 60, middle : len(recorded.times)]
    times = (np.arange(len(frames)) / FPS).tolist()
    return Recorded(times, recorded.landmarks[frames])


def without_body() -> Recorded:
    """Give hands only."""
    recorded = joined(*SIGNS, seed=5)
    landmarks = recorded.landmarks.copy()
    landmarks[:, :33] = np.nan
    return Recorded(recorded.times, landmarks)


def interrupted() -> Recorded:
    """Give a sign in whose middle the camera stops for three seconds."""
    recorded = joined(*SIGNS, seed=6)
    times = [time + 3 * (time > 1.9) for time in recorded.times]
    return Recorded(times, recorded.landmarks)


STREAMS: dict[str, Callable[[], Recorded]] = {
    "pauses": lambda: joined(*SIGNS),
    "pauses at 15 a second": lambda: thinned(joined(*SIGNS), 15),
    "pauses at 5 a second": lambda: thinned(joined(*SIGNS), 5),
    "no pauses": lambda: joined(*SIGNS, *SIGNS, pause=0, cut=0.2, seed=7),
    "no pauses at 8 a second": lambda: thinned(
        joined(*SIGNS, *SIGNS, pause=0, cut=0.2, seed=8), 8
    ),
    "gaps": gappy,
    "idle hands": idle_hands,
    "a held sign": held,
    "hands without a body": without_body,
    "a camera that stops": interrupted,
}
