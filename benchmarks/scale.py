"""Print what it costs to outgrow memory, or one machine.

    python benchmarks/scale.py corpus OUT --clips 100000
    python benchmarks/scale.py memory OUT [--steps 100]
    python benchmarks/scale.py speed OUT [--clips 2048] [--rounds 5]
    python benchmarks/scale.py engines VIDEOS [--clips 24] [--rounds 3]

`corpus` writes variants of invented signs; `memory` reads an epoch of it, trains for
some steps, fits the exemplars, and tells the peak memory after each; `speed` trains on
the same clips in memory and from the files in turn, and gives the ratio of medians;
`engines` extracts videos in the pool and on a Ray cluster of this machine in turn, two
workers each, and gives that ratio with and without the start of the workers.
"""

import argparse
import resource
import tempfile
import time
from collections.abc import Iterator
from dataclasses import replace
from itertools import islice
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import torch
from rich.progress import track
from torch import Generator

from signnet.clip import Clip
from signnet.config import preset
from signnet.dataset import Dataset, write_clips
from signnet.extraction import ensure_models, extract_folder
from signnet.models import build
from signnet.synthetic import make_corpus
from signnet.training.batches import AnyClips, StoredClips, draw_weights, load
from signnet.training.exemplars import MOST_STORED, fit_exemplars
from signnet.training.loop import Trainer
from signnet.training.machine import keep_memory

SHARD = 1024
VARIED = 16


def main() -> None:
    """Run the part that the command line names."""
    parser = argparse.ArgumentParser(description=__doc__)
    parts = parser.add_subparsers(required=True)
    for run, settings in (
        (corpus, {"clips": 100_000}),
        (memory, {"steps": 100}),
        (speed, {"clips": 2048, "rounds": 5}),
        (engines, {"clips": 24, "rounds": 3}),
    ):
        part = parts.add_parser(run.__name__)
        part.add_argument("data", type=Path)
        part.set_defaults(run=run)
        for name, usual in settings.items():
            part.add_argument(f"--{name}", type=int, default=usual)
    options = parser.parse_args()
    torch.set_num_threads(1)
    keep_memory()
    options.run(options)


def corpus(options: argparse.Namespace) -> None:
    """Write shards of invented signs; after the first few they repeat, renamed."""
    made = variants(make_corpus(signers=8, repetitions=2, seed=0), options.clips)
    for shard in track(range((options.clips + SHARD - 1) // SHARD), "shards"):
        path = options.data / f"shard-{shard:05d}.parquet"
        if shard < VARIED:
            write_clips(list(islice(made, SHARD)), path)
            continue
        source = path.with_name(f"shard-{shard % VARIED:05d}.parquet")
        table = pq.read_table(source).slice(0, options.clips - SHARD * shard)
        names = [f"{SHARD * shard + row:07d}" for row in range(len(table))]
        table = table.set_column(0, "name", pa.array(names))
        pq.write_table(table, path, compression="lz4", row_group_size=64)


def variants(clips: list[Clip], count: int) -> Iterator[Clip]:
    """Give so many clips, each of a random sign and changed a little."""
    rng = np.random.default_rng(0)
    for number in range(count):
        clip = clips[rng.integers(len(clips))]
        change = np.eye(3, dtype=np.float32)
        change[:2, :2] += rng.normal(0, 0.05, (2, 2))
        moved = clip.landmarks @ change + rng.normal(0, 0.05, 3).astype(np.float32)
        yield replace(clip, name=f"{number:07d}", landmarks=moved.astype(np.float32))


def opened(data: Dataset) -> tuple[AnyClips, tuple[str, ...]]:
    """Load the joints of the default recipe."""
    vocabulary = tuple(sorted(set(data.require_glosses())))
    joints = build(preset("network").model, len(vocabulary)).front.joints
    return load(data, vocabulary, joints), vocabulary


def memory(options: argparse.Namespace) -> None:
    """Read an epoch, train some steps, fit exemplars; print time and peak memory."""
    print("| step | seconds | clips a second | peak memory |\n|---|---|---|---|")
    print(row("start", 0, 0))
    started = time.perf_counter()
    data = Dataset.open(options.data)
    clips, vocabulary = opened(data)
    kind, frames = type(clips).__name__, sum(data.table["frames"].to_pylist())
    print(row(f"opened as {kind}, {frames} frames", len(clips), started))
    weights, rng = draw_weights(clips, "signer"), Generator().manual_seed(0)
    started = time.perf_counter()
    read = sum(len(batch) for batch in clips.batches(32, weights, rng))
    print(row("an epoch read and shuffled", read, started))
    recipe = preset("network")
    started = time.perf_counter()
    trainer = Trainer(recipe, Some(clips, options.steps), None, len(vocabulary), 0)
    next(trainer.epochs())
    print(row(f"{options.steps} steps of training", 32 * options.steps, started))
    started = time.perf_counter()
    fit_exemplars(recipe, clips, len(vocabulary), 0)
    print(row("exemplars fitted", min(MOST_STORED, len(clips)), started))


class Some:
    """Clips of which an epoch has only so many batches."""

    def __init__(self, clips: AnyClips, steps: int) -> None:
        self.clips, self.steps = clips, steps
        self.glosses, self.signers = clips.glosses, clips.signers

    def __len__(self) -> int:
        """Count the clips of an epoch."""
        return len(self.clips)

    def batches(self, *how: object) -> Iterator[object]:
        """Stop early."""
        return islice(self.clips.batches(*how), self.steps)


def row(what: str, clips: int, started: float) -> str:
    """Format a line: time since the start, clips in it, peak memory so far."""
    seconds = time.perf_counter() - started if started else 0.0
    rate = f"{clips / seconds:.0f}" if clips else ""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    return f"| {what} | {seconds:.1f} | {rate} | {peak / 1e9:.2f} GB |"


def speed(options: argparse.Namespace) -> None:
    """Train one epoch of the first clips from memory and from files, in turn."""
    some = Dataset.open(options.data, in_memory=0).at(range(options.clips))
    stored, vocabulary = opened(some)
    if not isinstance(stored, StoredClips):
        joints = build(preset("network").model, len(vocabulary)).front.joints
        stored = StoredClips(some, joints, 256, stored.glosses, stored.signers)
    here = stored.take(torch.arange(len(stored)))
    trainers = {
        name: Trainer(preset("network"), clips, None, len(vocabulary), 0).epochs()
        for name, clips in (("memory", here), ("files", stored))
    }
    rates: dict[str, list[float]] = {name: [] for name in trainers}
    for turn in range(options.rounds + 1):
        for name in list(trainers)[:: 1 if turn % 2 else -1]:
            report = next(trainers[name])
            if turn:  # the first epoch warms up
                rates[name].append(report.clips_per_second)
                print(f"{name} {report.clips_per_second:.0f} clips/s", flush=True)
    middle = {name: float(np.median(found)) for name, found in rates.items()}
    ratio = middle["files"] / middle["memory"]
    print(f"medians {middle}, files to memory {ratio:.3f}")


def engines(options: argparse.Namespace) -> None:
    """Extract the same videos by each engine in turn; print rates and their ratio."""
    ensure_models()
    rates: dict[str, list[tuple[float, float]]] = {"local": [], "ray": []}
    for turn in range(options.rounds):
        for engine in list(rates)[:: 1 if turn % 2 else -1]:
            rates[engine].append(extracted(options.data, engine, options.clips))
            print(engine, "videos/s, with the start and after the first: "
                  "{:.3f} {:.3f}".format(*rates[engine][-1]), flush=True)  # fmt: skip
    middle = {name: np.median(found, axis=0) for name, found in rates.items()}
    print("medians", middle, "ray to local", middle["ray"] / middle["local"])


def extracted(videos: Path, engine: str, count: int) -> tuple[float, float]:
    """Give videos a second, from the call and from the first finished video on."""
    ends: list[float] = []

    def note(through: int, _total: int) -> None:
        if through:
            ends.append(time.perf_counter())

    started = time.perf_counter()
    with tempfile.TemporaryDirectory() as out:
        report = extract_folder(
            videos, Path(out), workers=2, limit=count, engine=engine, progress=note
        )
    assert report.done == count, report.failures
    lasted = time.perf_counter() - started
    return count / lasted, (count - 1) / (ends[-1] - ends[0])


if __name__ == "__main__":
    main()
