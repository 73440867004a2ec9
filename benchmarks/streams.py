"""How well words are found in running streams, at falling frame rates.

    python benchmarks/streams.py DATA --clips val.txt --model RUN [--idle VIDEOS_DATA]

Joins clips that the model was not trained on into long streams of one signer each.
`paused`: whole clips with the hands lowered and at rest between them (hands down, the
signer gone, hands drifting in sight). `running`: only the frames in which the hands
move, with 0.3 s from one sign to the next. Rest is the signer's own, from before the
first hand of each clip. `--idle` takes the beginnings and ends of real videos, before
and after a hand is seen. Frames are thinned by time, with jitter.

Prints word error rate, missed and extra words, delay of the decision after the clip's
last frame, false alarms a minute of rest, and top-1 of the single clips.
"""

import argparse
import json
import time
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field, fields, replace
from pathlib import Path

import numpy as np
from numpy.random import Generator

from signnet.clip import Clip, Landmarks, nfc
from signnet.dataset import Dataset
from signnet.recognise.recogniser import Recogniser
from signnet.recognise.stream import Event, StreamingRecogniser, StreamSettings
from signnet.skeleton import PARTS, index
from signnet.synthetic import make_signer, perform_idle

LOWERING_SECONDS = 0.35
BETWEEN_SECONDS = 0.3
WORDS_PER_STREAM = 12
SHOULDERS = [index("left_shoulder"), index("right_shoulder")]
ARMS = {
    "left": [index(f"left_{name}") for name in ("wrist", "pinky", "index", "thumb")],
    "right": [index(f"right_{name}") for name in ("wrist", "pinky", "index", "thumb")],
}


@dataclass
class Word:
    """A sign that was put into a stream."""

    gloss: str
    start: float
    end: float


@dataclass
class Stream:
    """Frames at the times given, and what was signed."""

    times: list[float] = field(default_factory=list)
    frames: list[np.ndarray] = field(default_factory=list)
    words: list[Word] = field(default_factory=list)
    rate: float = 30.0
    signer: str = ""

    @property
    def now(self) -> float:
        """The time of the next frame."""
        return self.times[-1] + 1 / self.rate if self.times else 0.0

    def add(self, landmarks: Landmarks, fps: float) -> None:
        """Go on with these frames."""
        begin = self.now
        self.times += [begin + frame / fps for frame in range(len(landmarks))]
        self.frames += list(landmarks)
        self.rate = fps


@dataclass
class Tally:
    """What is counted over streams."""

    words: int = 0
    wrong: int = 0
    missed: int = 0
    extra: int = 0
    unsure: int = 0
    delays: list[float] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def errors_made(self) -> int:
        """Count what word error rate counts."""
        return self.wrong + self.missed + self.extra


def hands_seen(landmarks: Landmarks) -> np.ndarray:
    """Tell which frames show a hand."""
    return np.isfinite(landmarks[:, 33:75, 0]).any(axis=1)


def depths(landmarks: Landmarks) -> np.ndarray:
    """Give shoulder widths from the shoulders down to each wrist: [time, 2]."""
    shoulders = landmarks[:, SHOULDERS, :2]
    width = np.nanmedian(np.linalg.norm(shoulders[:, 0] - shoulders[:, 1], axis=-1))
    wrists = landmarks[:, [index("left_wrist"), index("right_wrist")], 1]
    return (wrists - shoulders[..., 1].mean(1, keepdims=True)) / width


def rest_of(clip: Clip) -> Landmarks:
    """Give the frames before the hands rise; may be none."""
    down = ~hands_seen(clip.landmarks) & (depths(clip.landmarks) > 1.15).all(axis=1)
    first = int(np.argmin(down)) if not down.all() else len(down)
    return clip.landmarks[: max(0, first - 1)]


def linger(rest: Landmarks, frames: int) -> Landmarks:
    """Go to and fro over frames of rest until there are enough of them."""
    there_and_back = np.concatenate([rest, rest[::-1]])
    return there_and_back[np.arange(frames) % len(there_and_back)]


def move(start: np.ndarray, end: np.ndarray, frames: int, *, lower: bool) -> Landmarks:
    """Go smoothly from one frame to another; hands ride on their wrists.

    Lowered hands are lost where they leave the picture at the hips.
    """
    share = (np.arange(1, frames + 1) / (frames + 1))[:, None, None]
    share = share * share * (3 - 2 * share)
    path = (start + (end - start) * share).astype(np.float32)
    for side in ("left", "right"):
        hand, wrist = PARTS[f"{side}_hand"].joints, index(f"{side}_wrist")
        on_wrist = start[hand] - start[wrist] * (1, 1, 0)
        carried = on_wrist + path[:, [wrist]] * (1, 1, 0)
        if not lower:
            both = np.isfinite(path[:, hand])
            carried = np.where(both, path[:, hand], carried)
        path[:, hand] = carried
    if lower:
        deep = depths(path) > 1.05
        path[deep[:, 0], PARTS["left_hand"].joints] = np.nan
        path[deep[:, 1], PARTS["right_hand"].joints] = np.nan
    return path


def drift(clip: Clip, frames: int, rng: Generator) -> Landmarks:
    """Let hands hang in sight at the belly and move slowly, as if at rest there.

    They have the shape in which they come into sight, before the sign has begun.
    """
    loose = clip.landmarks[np.flatnonzero(hands_seen(clip.landmarks))[0]]
    still = np.repeat(loose[None], frames, axis=0)
    width = float(np.linalg.norm(loose[SHOULDERS[0], :2] - loose[SHOULDERS[1], :2]))
    phase = 2 * np.pi * np.arange(frames) / 30 / rng.uniform(3, 6)
    for side, depth in zip(("left", "right"), depths(loose[None])[0], strict=True):
        joints = [*ARMS[side], *range(553)[PARTS[f"{side}_hand"].joints]]
        down = (rng.uniform(0.95, 1.1) - depth) * width
        still[:, joints, 1] += (down + 0.08 * width * np.sin(phase))[:, None]
        still[:, joints, 0] += (0.15 * width * np.cos(phase))[:, None]
    return still


def moving_part(clip: Clip) -> Landmarks:
    """Cut off what comes before the rise of the hands and the stillness at the end."""
    landmarks = clip.landmarks
    seen = np.flatnonzero(hands_seen(landmarks))
    palms = landmarks[:, [33, 54], :2]
    step = max(1, round(clip.fps * 0.15))
    paths = np.linalg.norm(palms[step:] - palms[:-step], axis=-1)
    width = np.nanmedian(
        np.linalg.norm(
            landmarks[:, SHOULDERS[0], :2] - landmarks[:, SHOULDERS[1], :2], axis=-1
        )
    )
    fast = np.nan_to_num(paths).max(axis=1) / width * clip.fps / step > 0.4
    last = np.flatnonzero(fast)[-1] + step if fast.any() else seen[-1]
    return landmarks[seen[0] : max(seen[0] + step * 4, last) + step]


def make_paused(clips: list[Clip], rng: Generator) -> Stream:
    """Join whole clips with rest of three kinds between them."""
    stream = Stream(signer=clips[0].signer or "")
    rests = [rest for clip in clips if len(rest := rest_of(clip)) >= 3]
    stream.add(linger(rests[0], 30), 30)
    for clip in clips:
        rest = rests[rng.integers(len(rests))]
        landmarks = clip.landmarks
        begin = stream.now
        first = int(np.flatnonzero(hands_seen(landmarks))[0])
        stream.add(landmarks, clip.fps)
        end = begin + (len(landmarks) - 1) / clip.fps
        stream.words.append(Word(clip.gloss or "", begin + first / clip.fps, end))
        frames = round(LOWERING_SECONDS * 30)
        stream.add(move(landmarks[-1], rest[0], frames, lower=True), 30)
        frames = round(rng.uniform(0.6, 3.0) * 30)
        kind = rng.choice(["down", "down", "gone", "drift"])
        stream.add(linger(rest, round(0.3 * 30)), 30)
        if kind == "drift":
            hanging = drift(clip, frames, rng)
            stream.add(move(rest[0], hanging[0], 10, lower=False), 30)
            stream.add(hanging, 30)
            stream.add(move(hanging[-1], rest[0], 10, lower=True), 30)
        elif kind == "gone":
            stream.add(np.full((frames, 553, 3), np.nan, np.float32), 30)
        else:
            stream.add(linger(rest, frames), 30)
    return stream


def make_running(clips: list[Clip], rng: Generator) -> Stream:
    """Join the moving parts of clips with a short way from sign to sign."""
    stream = Stream(signer=clips[0].signer or "")
    rests = [rest for clip in clips if len(rest := rest_of(clip)) >= 3]
    rest = rests[rng.integers(len(rests))]
    stream.add(linger(rest, 30), 30)
    for clip in clips:
        part = moving_part(clip)
        if stream.words:
            frames = round(BETWEEN_SECONDS * 30)
            stream.add(move(stream.frames[-1], part[0], frames, lower=False), 30)
        begin = stream.now
        stream.add(part, clip.fps)
        stream.words.append(Word(clip.gloss or "", begin, stream.times[-1]))
    frames = round(LOWERING_SECONDS * 30)
    stream.add(move(stream.frames[-1], rest[0], frames, lower=True), 30)
    stream.add(linger(rest, 45), 30)
    return stream


def thin(times: np.ndarray, fps: float, rng: Generator) -> np.ndarray:
    """Choose frames at about a rate, unevenly; numbers of frames, rising."""
    wanted = np.arange(times[0] + rng.uniform(0, 1 / fps), times[-1], 1 / fps)
    wanted = wanted + rng.uniform(-0.25, 0.25, len(wanted)) / fps
    return np.unique(np.searchsorted(times, wanted).clip(0, len(times) - 1))


def run(
    recogniser: StreamingRecogniser, stream: Stream, fps: float, rng: Generator
) -> list[Event]:
    """Push a stream frame by frame."""
    times = np.array(stream.times)
    events = list[Event]()
    recogniser.reset()
    for frame in thin(times, fps, rng):
        events += recogniser.push(float(times[frame]), stream.frames[frame])
    return events + recogniser.flush()


def align(said: list[str], meant: list[str]) -> list[tuple[int | None, int | None]]:
    """Match two lists with the fewest edits: pairs of indices, None where one lacks."""
    cost = np.zeros((len(said) + 1, len(meant) + 1), int)
    cost[:, 0], cost[0] = np.arange(len(said) + 1), np.arange(len(meant) + 1)
    for i, one in enumerate(said, 1):
        for j, other in enumerate(meant, 1):
            both = cost[i - 1, j - 1] + (one != other)
            cost[i, j] = min(both, cost[i - 1, j] + 1, cost[i, j - 1] + 1)
    pairs, i, j = [], len(said), len(meant)
    while i or j:
        differ = i and j and said[i - 1] != meant[j - 1]
        if i and j and cost[i, j] == cost[i - 1, j - 1] + differ:
            i, j = i - 1, j - 1
            pairs.append((i, j))
        elif i and cost[i, j] == cost[i - 1, j] + 1:
            i -= 1
            pairs.append((i, None))
        else:
            j -= 1
            pairs.append((None, j))
    return pairs[::-1]


def count(
    tally: Tally, stream: Stream, events: list[Event], glosses: list[str]
) -> None:
    """Compare what was said with what was signed."""
    said = [event for event in events if event.kind == "sign"]
    pairs = align(
        [glosses[event.index or 0] for event in said], [w.gloss for w in stream.words]
    )
    tally.words += len(stream.words)
    tally.unsure += sum(event.kind == "unsure" for event in events)
    tally.seconds += stream.times[-1]
    for one, other in pairs:
        if one is None:
            tally.missed += 1
            word = stream.words[other or 0]
            tally.errors.append(f"missed {word.gloss} {word.start:.1f}-{word.end:.1f}")
        elif other is None:
            tally.extra += 1
            event = said[one]
            tally.errors.append(
                f"extra {glosses[event.index or 0]} {event.start:.1f}-{event.end:.1f}"
                f" {event.probability:.2f}"
            )
        else:
            event, word = said[one], stream.words[other]
            if glosses[event.index or 0] == word.gloss:
                tally.delays.append(event.time - word.end)
            else:
                tally.wrong += 1
                tally.errors.append(
                    f"wrong {glosses[event.index or 0]} for {word.gloss} "
                    f"{event.start:.1f}-{event.end:.1f} of {word.start:.1f}-"
                    f"{word.end:.1f}"
                )


def chosen_clips(data: Path, names: Path | None) -> list[Clip]:
    """Read the clips that show a hand, of a list of names if there is one."""
    dataset = Dataset.open(data)
    if names is not None:
        if names.suffix == ".json":
            listed = json.loads(names.read_text("utf-8"))["folds"][0]["test"]
        else:
            listed = [nfc(line) for line in names.read_text("utf-8").splitlines()]
        wanted = {name.removesuffix(".npz") for name in listed if name}
        dataset = dataset.select(wanted)
    return [clip for clip in dataset if hands_seen(clip.landmarks).sum() > 5]


def by_signer(clips: list[Clip], rng: Generator) -> Iterator[list[Clip]]:
    """Give groups of clips of one signer in random order."""
    groups = defaultdict[str, list[Clip]](list)
    for number in rng.permutation(len(clips)):
        groups[clips[number].signer or ""].append(clips[number])
    for group in groups.values():
        parts = max(1, round(len(group) / WORDS_PER_STREAM))
        for part in np.array_split(np.arange(len(group)), parts):
            yield [group[number] for number in part]


def idle_streams(clips: list[Clip], videos: Path | None) -> dict[str, list[Stream]]:
    """Collect rest by its kind: real and invented."""
    rng = np.random.default_rng(5)
    found = defaultdict[str, list[Stream]](list)
    rests = [rest for clip in clips if len(rest := rest_of(clip)) >= 3]
    joined = Stream()
    for rest in rests:
        joined.add(rest, 30)
    found["the signers' own rest, real frames"].append(joined)
    hanging = Stream()
    for clip in clips[:30]:
        part = drift(clip, 120, rng)
        if hanging.frames:
            hanging.add(move(hanging.frames[-1], part[0], 15, lower=False), 30)
        hanging.add(part, 30)
    found["hands drifting in sight"].append(hanging)
    for number in range(20):
        clip = perform_idle(make_signer(number, rng), rng, seconds=6)
        stream = Stream()
        stream.add(clip.landmarks, clip.fps)
        found["invented signers who fidget"].append(stream)
    for clip in Dataset.open(videos) if videos else ():
        for part in handless_ends(clip):
            stream = Stream()
            stream.add(part, clip.fps)
            found["real videos before and after the hands"].append(stream)
    return found


def handless_ends(clip: Clip) -> Iterator[Landmarks]:
    """Give the beginning and the end of a video in which no hand is seen."""
    seen = np.flatnonzero(hands_seen(clip.landmarks))
    if len(seen) and seen[0] > 5:
        yield clip.landmarks[: seen[0]]
    if len(seen) and len(clip) - seen[-1] > 6:
        yield clip.landmarks[seen[-1] + 1 :]


def top1(model: Recogniser, clips: list[Clip], fps: float, rng: Generator) -> float:
    """Give top-1 of single clips at a frame rate."""
    right = 0
    for clip in clips:
        times = (np.arange(len(clip)) / clip.fps).astype(np.float32)
        kept = thin(times, fps, rng)
        thinned = replace(
            clip, landmarks=clip.landmarks[kept], times=times[kept] - times[kept][0]
        )
        chances = model.probabilities(thinned)
        right += model.vocabulary[int(np.argmax(chances))] == clip.gloss
    return right / len(clips)


def main() -> None:
    """Measure and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("--clips", type=Path, help="names, one a line; or a split")
    parser.add_argument("--model", default="bdsl55")
    parser.add_argument("--idle", type=Path, help="dataset of videos")
    parser.add_argument("--fps", default="30,15,10,6,5")
    parser.add_argument("--rounds", type=int, default=2, help="orders of the clips")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--set", default="", help="name=value of StreamSettings, ...")
    parser.add_argument("--errors", action="store_true", help="list each error")
    asked = parser.parse_args()
    clips = chosen_clips(asked.data, asked.clips)
    model = Recogniser.open(asked.model)
    measure(asked, clips, model)


def settings_of(text: str, threshold: float) -> StreamSettings:
    """Read settings from name=value,name=value."""
    given = dict(pair.split("=") for pair in text.split(",") if pair)
    unknown = set(given) - {one.name for one in fields(StreamSettings)}
    if unknown:
        raise SystemExit(f"no setting {unknown}")
    values = {name: float(value) for name, value in given.items()}
    return StreamSettings(**{"abstain_below": threshold, **values})  # type: ignore[arg-type]


def measure(asked: argparse.Namespace, clips: list[Clip], model: Recogniser) -> None:
    """Run all streams at all rates."""
    settings = settings_of(asked.set, model.card.abstain_below)
    calls = [0]

    def classify(landmarks: Landmarks) -> np.ndarray:
        calls[0] += 1
        return model.probabilities(Clip(name="", landmarks=landmarks, fps=30.0))

    recogniser = StreamingRecogniser(classify, settings)
    glosses = list(model.vocabulary)
    print(f"{len(clips)} clips; {settings}")
    print(
        "| streams | fps | WER | words | wrong | missed | extra | unsure | "
        "delay median / 95 % | asks/s | top-1 of clips |"
    )
    print("|---|---|---|---|---|---|---|---|---|---|---|")
    per_signer = defaultdict[tuple[str, str], tuple[int, int]](lambda: (0, 0))
    for kind, make in (("paused", make_paused), ("running", make_running)):
        rng = np.random.default_rng(asked.seed)
        streams = [
            make(group, rng)
            for _ in range(asked.rounds)
            for group in by_signer(clips, rng)
        ]
        for fps in map(float, asked.fps.split(",")):
            dice = np.random.default_rng(asked.seed)
            tally, calls[0] = Tally(), 0
            for stream in streams:
                before = tally.errors_made
                count(tally, stream, run(recogniser, stream, fps, dice), glosses)
                made, words = per_signer[kind, stream.signer]
                made += tally.errors_made - before
                per_signer[kind, stream.signer] = made, words + len(stream.words)
            errors = tally.errors_made
            middle, late = np.quantile(tally.delays or [np.nan], [0.5, 0.95])
            accuracy = (
                f"{top1(model, clips, fps, dice):.3f}" if kind == "paused" else ""
            )
            print(
                f"| {kind} | {fps:.0f} | {errors / tally.words:.3f} | {tally.words} | "
                f"{tally.wrong} | {tally.missed} | {tally.extra} | {tally.unsure} | "
                f"{middle:.2f} / {late:.2f} s | {calls[0] / tally.seconds:.1f} | "
                f"{accuracy} |",
                flush=True,
            )
            if asked.errors:
                print("\n".join(tally.errors))
    for (kind, signer), (made, words) in per_signer.items():
        print(f"{kind}, {signer}, all rates: WER {made / words:.3f} of {words} words")
    print("\n| rest | seconds | fps | words said | a minute | unsure |")
    print("|---|---|---|---|---|---|")
    for kind, streams in idle_streams(clips, asked.idle).items():
        seconds = sum(stream.times[-1] for stream in streams)
        for fps in map(float, asked.fps.split(",")):
            dice = np.random.default_rng(asked.seed)
            events = [event for s in streams for event in run(recogniser, s, fps, dice)]
            said = sum(event.kind == "sign" for event in events)
            unsure = sum(event.kind == "unsure" for event in events)
            print(
                f"| {kind} | {seconds:.0f} | {fps:.0f} | {said} | "
                f"{60 * said / seconds:.2f} | {unsure} |",
                flush=True,
            )


if __name__ == "__main__":
    started = time.perf_counter()
    main()
    print(f"\n{time.perf_counter() - started:.0f} s")
