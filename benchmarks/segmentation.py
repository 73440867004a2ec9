"""How well the limits of signs are found, in real sentences and in joined streams.

    python benchmarks/segmentation.py --elan FOLDER --media LANDMARKS --tier GLOSA
    python benchmarks/segmentation.py --data DATA --clips val.txt --model RUN
    python benchmarks/segmentation.py --made-up

`--elan` takes annotated films; `--media` a dataset with a clip per film, extracted
before, for extraction takes longer than everything else. `--data` joins clips as
`benchmarks/streams.py` does, `--tempo` faster than they were recorded, as signs in
sentences are. `--made-up` joins signs of invented signers.

Prints for each kind of stream: the mean over signs of the best intersection over union
with a segment; the share of signs whose best is a half or more; segments per sign (1 is
right); the share of signs that two segments or more divide, and of segments that cover
most of two signs or more; the share of frames of sign or of rest that are told right.
"""

import argparse
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.random import Generator

from signnet.clip import Clip
from signnet.dataset import Dataset
from signnet.formats.elan.document import read_document
from signnet.formats.elan.selection import select_signs
from signnet.recognise.recogniser import Recogniser
from signnet.recognise.transcribing import transcribe
from signnet.synthetic import make_signer, perform, perform_idle, signs
from streams import (
    Stream,
    Word,
    by_signer,
    chosen_clips,
    linger,
    make_paused,
    make_running,
    move,
    moving_part,
    rest_of,
)

Span = tuple[float, float]


@dataclass
class Counts:
    """What is counted over streams."""

    best: list[float]
    segments: int = 0
    divided: int = 0
    joined: int = 0
    right_frames: int = 0
    frames: int = 0

    def add(self, true: Sequence[Span], found: Sequence[Span], end: float) -> None:
        """Compare the segments of a stream with its signs."""
        table = np.array([[overlap(one, other) for other in found] for one in true])
        table = table.reshape(len(true), len(found))
        self.best += table.max(axis=1, initial=0).tolist()
        self.segments += len(found)
        inside = [[shared(one, other) for other in found] for one in true]
        lengths = np.array([b - a for a, b in true])
        widths = np.array([b - a for a, b in found])
        common = np.array(inside).reshape(len(true), len(found))
        self.divided += int(((common > 0.5 * widths).sum(axis=1) > 1).sum())
        self.joined += int(((common > 0.5 * lengths[:, None]).sum(axis=0) > 1).sum())
        grid = np.arange(0, end, 1 / 30)
        signing, said = covered(grid, true), covered(grid, found)
        self.right_frames += int((signing == said).sum())
        self.frames += len(grid)

    def row(self) -> str:
        """Return a line of the table."""
        best = np.array(self.best)
        return (
            f"{len(best)} | {best.mean():.3f} | {(best >= 0.5).sum()} of {len(best)} "
            f"({(best >= 0.5).mean():.2f}) | {self.segments / len(best):.2f} | "
            f"{self.divided / len(best):.2f} | "
            f"{self.joined / max(1, self.segments):.2f} | "
            f"{self.right_frames / self.frames:.3f}"
        )


def overlap(one: Span, other: Span) -> float:
    """Give intersection over union of two times."""
    both = max(one[1], other[1]) - min(one[0], other[0])
    return max(0.0, shared(one, other)) / both if both > 0 else 0.0


def shared(one: Span, other: Span) -> float:
    """Give the seconds that two times share; negative if they are apart."""
    return min(one[1], other[1]) - max(one[0], other[0])


def covered(grid: np.ndarray, spans: Sequence[Span]) -> np.ndarray:
    """Tell which times lie in a span."""
    inside = np.zeros(len(grid), bool)
    for start, end in spans:
        inside |= (grid >= start) & (grid < end)
    return inside


def measure(model: Recogniser, streams: Sequence[Stream]) -> Counts:
    """Transcribe streams and compare."""
    counts = Counts([])
    for stream in streams:
        frames = zip(stream.times, stream.frames, strict=True)
        found = transcribe(model, frames).segments
        counts.add(
            [(word.start, word.end) for word in stream.words],
            [(one.start, one.end) for one in found],
            stream.times[-1],
        )
    return counts


def annotated(folder: Path, media: Path, tier: str) -> Iterator[Stream]:
    """Give the annotated films of a folder."""
    data = Dataset.open(media)
    for file in sorted(folder.glob("*.eaf")):
        selection = select_signs(
            read_document(file), tier, file.name, by="tier", keep_variants=True
        )
        stream = Stream(signer=file.stem)
        clip = data[file.stem]
        stream.add(clip.landmarks, clip.fps)
        stream.words = [
            Word(one.gloss, one.start / 1000, one.end / 1000) for one in selection.signs
        ]
        yield stream


def made_up(rng: Generator, people: int = 6) -> Iterator[Stream]:
    """Join signs of invented signers: with rest between them, and without."""
    for number in range(people):
        signer = make_signer(number, rng)
        names = [list(signs())[one] for one in rng.permutation(len(signs()))[:6]]
        clips = [perform(name, signer, rng) for name in names]
        idle = perform_idle(signer, rng, 1.5).landmarks.copy()
        idle[:, 33:75] = np.nan
        stream = Stream(signer=signer.name)
        stream.add(idle, 30)
        for place, clip in enumerate(clips):
            if place % 2 == 0:
                stream.add(move(stream.frames[-1], idle[0], 5, lower=True), 30)
                stream.add(idle, 30)
            part = moving_part(clip)
            begin = stream.now
            stream.add(part, clip.fps)
            stream.words.append(Word(clip.gloss or "", begin, stream.times[-1]))
        stream.add(linger(idle, 45), 30)
        yield stream


def hurried(clips: Sequence[Clip], tempo: float) -> list[Clip]:
    """Play clips faster, keeping what comes before the hands."""
    return [replace(clip, fps=clip.fps * tempo) for clip in clips]


def joined(
    clips: list[Clip], tempo: float, rng: Generator
) -> Iterator[tuple[str, list[Stream]]]:
    """Give paused and running streams of clips."""
    fast = [one for one in hurried(clips, tempo) if len(moving_part(one)) > 2]
    for kind, make in (("paused", make_paused), ("running", make_running)):
        groups = [
            group
            for group in by_signer(fast, rng)
            if any(len(rest_of(one)) >= 3 for one in group)
        ]
        yield f"{kind}, tempo {tempo:g}", [make(group, rng) for group in groups]


def main() -> None:
    """Measure and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", default="base")
    parser.add_argument("--elan", type=Path, help="folder of annotated films")
    parser.add_argument("--media", type=Path, help="dataset with a clip per film")
    parser.add_argument("--tier", default="GLOSA")
    parser.add_argument("--data", type=Path, help="dataset of clips to join")
    parser.add_argument("--clips", type=Path, help="names, one a line; or a split")
    parser.add_argument("--tempo", default="1,2")
    parser.add_argument("--made-up", action="store_true")
    parser.add_argument("--seed", type=int, default=0)
    asked = parser.parse_args()
    model = Recogniser.open(asked.model)
    rng = np.random.default_rng(asked.seed)
    print(
        "| streams | signs | mean best IoU | found | segments per sign | divided | "
        "joined | frames right |\n|---|---|---|---|---|---|---|---|"
    )
    if asked.elan:
        streams = list(annotated(asked.elan, asked.media, asked.tier))
        print(f"| annotated films | {measure(model, streams).row()} |", flush=True)
    if asked.data:
        clips = chosen_clips(asked.data, asked.clips)
        for tempo in map(float, asked.tempo.split(",")):
            for kind, streams in joined(clips, tempo, rng):
                print(f"| {kind} | {measure(model, streams).row()} |", flush=True)
    if asked.made_up:
        streams = list(made_up(rng))
        print(f"| made-up signers | {measure(model, streams).row()} |", flush=True)


if __name__ == "__main__":
    main()
