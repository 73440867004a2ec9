"""Recorded landmark streams of invented signers, with the faults of real ones."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from signnet.clip import Landmarks
from signnet.dataset import Dataset
from signnet.recognise.recogniser import find_model
from signnet.skeleton import PARTS, index
from signnet.synthetic import Camera, Signer, perform, perform_idle

__all__ = ["STREAMS", "Recorded", "joined", "motion_stream", "thinned"]

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
    ends: tuple[float, ...] = ()
    """When each sign ends and the hands begin to go down, where that is known."""


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
    return replace(recorded, times=shaken.tolist(), landmarks=recorded.landmarks[kept])


def at_rest(frame: np.ndarray) -> np.ndarray:
    """Let both arms of a frame hang, with the hands out of the picture."""
    rest = frame.copy()
    shoulders = frame[[index("left_shoulder"), index("right_shoulder")]]
    width = shoulders[0, 0] - shoulders[1, 0]
    for side, shoulder in zip(("left", "right"), shoulders, strict=True):
        for name in ("wrist", "pinky", "index", "thumb"):
            rest[index(f"{side}_{name}"), :2] = shoulder[:2]
            rest[index(f"{side}_{name}"), 1] += 1.4 * width
        rest[PARTS[f"{side}_hand"].joints] = np.nan
    return rest


def between(first: np.ndarray, last: np.ndarray, frames: int) -> Landmarks:
    """Go from one frame to another; hands ride on their wrists while both are up."""
    share = np.linspace(0, 1, frames + 2)[1:-1, None, None]
    share = share * share * (3 - 2 * share)
    way = first + (last - first) * share
    for side in ("left", "right"):
        hand, wrist = PARTS[f"{side}_hand"].joints, index(f"{side}_wrist")
        shown = first if np.isfinite(first[hand]).all() else last
        riding = shown[hand] - shown[wrist] * (1, 1, 0) + way[:, [wrist]] * (1, 1, 0)
        middle = way[:, [index("left_shoulder"), index("right_shoulder")]]
        width = (middle[:, 0, 0] - middle[:, 1, 0])[:, None, None]
        depth = (
            way[:, [wrist], 1:2] - middle[:, :, 1:2].mean(1, keepdims=True)
        ) / width
        way[:, hand] = np.where(depth < 1.05, riding, np.nan)
    return way.astype(np.float32)


def motion_stream(
    *words: str, pause: float = 1.0, hold: float = 0.1, fps: float = FPS
) -> Recorded:
    """Join average motions of the shipped model, raised and lowered in 0.3 s."""
    motions = {
        one.gloss: one for one in Dataset.open(find_model("bdsl55") / "motions.parquet")
    }
    parts, ends, count = list[Landmarks](), list[float](), 0

    def add(landmarks: Landmarks) -> None:
        nonlocal count
        parts.append(landmarks)
        count += len(landmarks)

    way = round(0.3 * fps)
    last = at_rest(motions[words[0]].landmarks[0])
    add(np.repeat(last[None], round(fps), axis=0))
    for word in words:
        motion = motions[word]
        seconds = len(motion) / motion.fps * 0.7  # averages are shown slowly
        frames = np.linspace(0, len(motion) - 1, round(seconds * fps)).round()
        landmarks = motion.landmarks[frames.astype(int)]
        add(between(last, landmarks[0], way))
        add(landmarks)
        add(np.repeat(landmarks[-1:], round(hold * fps), axis=0))
        ends.append((count - 1) / fps)
        last = landmarks[-1]
        if pause:
            rest = at_rest(last)
            add(between(last, rest, way))
            add(np.repeat(rest[None], round(pause * fps), axis=0))
            last = rest
    add(between(last, at_rest(last), way))
    add(np.repeat(at_rest(last)[None], round(fps), axis=0))
    times = (np.arange(count) / fps).tolist()
    return Recorded(times, np.concatenate(parts), ends=tuple(ends))


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


def resting_in_sight() -> Recorded:
    """Give hands that lie at the belly in sight and move to and fro."""
    raised = motion_stream("বই").landmarks[60]
    shoulders = raised[[index("left_shoulder"), index("right_shoulder")]]
    width = shoulders[0, 0] - shoulders[1, 0]
    frame = raised.copy()
    for side in ("left", "right"):
        hand, wrist = PARTS[f"{side}_hand"].joints, index(f"{side}_wrist")
        joints = [wrist, *range(hand.start, hand.stop)]
        frame[joints, 1] += shoulders[:, 1].mean() + 0.9 * width - raised[wrist, 1]
    moment = np.arange(300)[:, None] / FPS
    sway = 0.3 * width * np.maximum(0, np.sin(2 * np.pi * moment))
    landmarks = np.repeat(frame[None], 300, axis=0)
    landmarks[:, 11:75, 0] += sway
    return Recorded((moment[:, 0]).tolist(), landmarks.astype(np.float32), frozenset())


def nobody() -> Recorded:
    """Give a picture in which nothing is seen."""
    landmarks = np.full((90, 553, 3), np.nan, np.float32)
    return Recorded((np.arange(90) / FPS).tolist(), landmarks, frozenset())


STREAMS: dict[str, Callable[[], Recorded]] = {
    "pauses": lambda: joined(*SIGNS),
    "pauses at 15 a second": lambda: thinned(joined(*SIGNS), 15),
    "pauses at 5 a second": lambda: thinned(joined(*SIGNS), 5),
    "no pauses": lambda: replace(
        joined(*SIGNS, *SIGNS, pause=0, cut=0.2, seed=7),
        kinds=frozenset({"start", "guess", "rest"}),
    ),
    "no pauses at 8 a second": lambda: thinned(
        joined(*SIGNS, *SIGNS, pause=0, cut=0.2, seed=8), 8
    ),
    "gaps": gappy,
    "idle hands": idle_hands,
    "hands that rest in sight": resting_in_sight,
    "nobody": nobody,
    "a held sign": held,
    "words": lambda: replace(
        motion_stream("বই", "আমি", "সাহায্য"),
        kinds=frozenset({"start", "guess", "sign", "rest"}),
    ),
    "words without a pause": lambda: replace(
        thinned(motion_stream("বই", "আমি", "সাহায্য", pause=0), 12),
        kinds=frozenset({"start", "guess", "sign", "rest"}),
    ),
    "hands without a body": without_body,
    "a camera that stops": interrupted,
}
