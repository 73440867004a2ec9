"""Print what decoding in a process of its own costs: tables for docs/results.md.

    python benchmarks/decoding.py VIDEOS [--clips 8] [--rounds 5]

Each film is read, and then extracted whole, with OpenCV's reader inside the process
(the way before) and with signnet's own. The two take turns, round by round; signnet
starts one process a round. Processor time holds on a busy machine; time by the clock
shows what runs at the same time.
"""

import argparse
import os
import platform
import resource
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple, cast

import cv2
import numpy as np

from signnet.clip import timing
from signnet.extraction import STREAMS, ensure_models, extract_video
from signnet.extraction.decoder import end_idle
from signnet.extraction.pool import available_cores
from signnet.extraction.tasks import open_tasks
from signnet.extraction.tracker import follow
from signnet.extraction.video import Video
from throughput import find


class Spent(NamedTuple):
    """Seconds of a task."""

    clock: float
    processor: float


class InProcess:
    """A video read by OpenCV, in this process."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.fps = float("nan")

    def __iter__(self) -> Iterator[tuple[np.ndarray, float]]:
        """Yield pictures and their times."""
        capture = cv2.VideoCapture(str(self.path))
        self.fps = capture.get(cv2.CAP_PROP_FPS)
        try:
            start = None
            while (found := capture.read())[0]:
                now = capture.get(cv2.CAP_PROP_POS_MSEC) / 1000
                start = now if start is None else start
                yield cv2.cvtColor(found[1], cv2.COLOR_BGR2RGB), now - start
        finally:
            capture.release()


def main() -> None:
    """Measure reading and extracting."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("videos", type=Path, help="folder of videos")
    parser.add_argument("--clips", type=int, default=8, help="take so many, evenly")
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    load = os.getloadavg()[0]
    print(f"{platform.machine()}, {available_cores()} cores, load before {load:.1f}\n")
    videos = find(options.videos, options.clips)
    models = ensure_models()
    extract_video(videos[0], models=models)  # imports and first use, not measured
    print("| films, frames | task | reader | clock ms | processor ms | ratio |")
    print("|---|---|---|---|---|---|")
    frames = sum(1 for video in videos for _ in Video(video))
    label = f"{len(videos)}, {frames}"
    print_rows(label, "reading", options.rounds, videos, read_before, read_now)
    print_rows(
        *(label, "extracting", options.rounds, videos),
        lambda video: extract_before(video, models),
        lambda video: extract_video(video, models=models),
    )


def print_rows(
    label: str,
    task: str,
    rounds: int,
    videos: Sequence[Path],
    before: Callable[[Path], object],
    now: Callable[[Path], object],
) -> None:
    """Print the medians over the rounds of the sums over all films, a frame each."""
    spent = np.zeros((rounds, 2, 2))
    for turn in range(rounds):
        for which in (0, 1) if turn % 2 else (1, 0):  # who goes first changes
            spent[turn, which] = measure((before, now)[which], videos)
    median = np.median(spent, axis=0)
    ratio = np.median(spent[:, 1] / spent[:, 0], axis=0)
    frames = int(label.rpartition(" ")[2])
    for which, reader in enumerate(("OpenCV", "signnet")):
        clock, processor = 1000 * median[which] / frames
        shown = f"{ratio[0]:.3f} / {ratio[1]:.3f}" if which else ""
        cells = (label, task, reader, f"{clock:.2f}", f"{processor:.2f}", shown)
        print(f"| {' | '.join(cells)} |")


def measure(task: Callable[[Path], object], videos: Sequence[Path]) -> Spent:
    """Give the seconds of a task for all films, those of child processes included."""
    end_idle()
    started, before = time.perf_counter(), processor_seconds()
    for video in videos:
        task(video)
    lasted = time.perf_counter() - started
    end_idle()
    return Spent(lasted, processor_seconds() - before)


def processor_seconds() -> float:
    """Give the processor time of this process and of its children that ended."""
    kinds = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    usages = [resource.getrusage(kind) for kind in kinds]
    return sum(usage.ru_utime + usage.ru_stime for usage in usages)


def read_before(video: Path) -> int:
    """Read all pictures with OpenCV."""
    return sum(1 for _ in InProcess(video))


def read_now(video: Path) -> int:
    """Read all pictures as every door of signnet does."""
    return sum(1 for _ in Video(video))


def extract_before(video: Path, models: Mapping[str, Path]) -> None:
    """Extract a film as before: the same tracking, OpenCV's reader."""
    film = InProcess(video)
    with open_tasks(STREAMS, models) as tracker:
        _, times = follow(cast(Video, film), tracker)
    timing(times, film.fps)


if __name__ == "__main__":
    main()
