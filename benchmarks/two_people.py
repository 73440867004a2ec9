"""Print who is followed where two people are in the picture: for docs/results.md.

    python benchmarks/two_people.py ../shared/data/wlasl_videos [--pairs 20] [--seed 0]

Each film of a signer is shown beside a still picture of another signer at rest, on the
left and on the right. It is tracked once with all that signnet does, and once without
looking for everybody (the way before). The last line has the cost for films of one
person.
"""

import argparse
import csv
import random
import sys
import tempfile
import time
from collections.abc import Generator
from contextlib import contextmanager, nullcontext
from functools import cache
from itertools import islice
from pathlib import Path
from unittest import mock

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from filming import write_two
from signnet.config.pace import Pace
from signnet.evaluation.metrics import wilson_interval
from signnet.extraction import extract_video
from signnet.extraction.decoder import Pixels
from signnet.extraction.tasks import TasksTracker
from signnet.extraction.video import Video
from signnet.skeleton import index

SHOULDERS = [index("left_shoulder"), index("right_shoulder")]
WRISTS = [index("left_wrist"), index("right_wrist")]
PACE = Pace(rate=12, face=0)


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("films", type=Path, help="folder with index.csv")
    parser.add_argument("--pairs", type=int, default=20)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    with (options.films / "index.csv").open() as table:
        rows = list(csv.DictReader(table))
    chosen = random.Random(options.seed)
    pairs = [
        (
            row,
            chosen.choice(
                [other for other in rows if other["signer"] != row["signer"]]
            ),
        )
        for row in chosen.sample(rows, options.pairs)
    ]
    print(
        "| | films that follow the signer throughout (95 %) | frames |\n|---|---|---|"
    )
    shares = {True: [], False: []}
    with tempfile.TemporaryDirectory() as folder:
        for signer, other in pairs:
            for is_left in (True, False):
                film = Path(folder) / "two.mp4"
                files = [options.films / one["file"] for one in (signer, other)]
                still = at_rest(files[1])
                start, end = write_two(film, files[0], still, is_left)
                for looks in (True, False):
                    shares[looks].append(share_inside(film, start, end, looks))
    for looks, name in ((False, "whom the tracker finds"), (True, "who signs")):
        whole = sum(share == 1 for share in shares[looks])
        count = len(shares[looks])
        low, high = wilson_interval(whole, count)
        share = f"{whole / count:.2f} ({low:.2f}-{high:.2f})"
        frames = np.mean(shares[looks])
        print(f"| {name} | {whole} of {count}, {share} | {frames:.3f} |")
    print_cost([options.films / signer["file"] for signer, _ in pairs])


@cache
def at_rest(film: Path) -> Pixels:
    """Return the picture in which the higher of the two hands is lowest."""
    wrists = extract_video(film, streams=("pose",)).landmarks[:, WRISTS, 1]
    lowest = int(np.argmax(np.nan_to_num(wrists).min(axis=1)))
    return next(islice((pixels for pixels, _ in Video(film)), lowest, None))


def share_inside(film: Path, start: float, end: float, looks: bool) -> float:
    """Return the share of frames with a pose in which it is the signer's."""
    with looking(looks):
        clip = extract_video(film, streams=("pose", "hands"), pace=PACE)
    middle = clip.landmarks[:, SHOULDERS, 0].mean(axis=1)
    middle = middle[np.isfinite(middle)]
    return float(((start < middle) & (middle < end)).mean())


@contextmanager
def looking(looks: bool) -> Generator[None]:
    """Switch the look for everybody off, or leave it."""
    nobody = mock.patch.object(TasksTracker, "everybody", return_value=[])
    with nullcontext() if looks else nobody:
        yield


def print_cost(films: list[Path]) -> None:
    """Print what looking costs for films of one person."""
    extract_video(films[0], pace=PACE)  # imports and first use, not measured
    ratios = list[float]()
    for film in films:
        spent = dict[bool, float]()
        for looks in (True, False):
            with looking(looks):
                start = time.process_time()
                extract_video(film, pace=PACE)
                spent[looks] = time.process_time() - start
        ratios.append(spent[True] / spent[False])
    print(f"\nprocessor time of a film of one person: {np.median(ratios):.3f} times")


if __name__ == "__main__":
    main()
