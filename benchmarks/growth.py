"""Print how the time and memory of a dataset grow with clips, words and frames.

    python benchmarks/growth.py FOLDER [--most 100000]

Each row is a made-up dataset in FOLDER, written if it is not there: 10,000 clips of 100
words and 4 frames but for what the row varies; 10 clips where that is their length.
Each step is a process of its own, of which the memory is the peak, libraries included;
the landmarks are left in the files.
"""

import argparse
import resource
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pyarrow as pa

from signnet.dataset import SCHEMA, Dataset, pack
from signnet.dataset.schema import BYTES_PER_FRAME
from signnet.dataset.writing import write_table
from signnet.doctor.summary import summarise
from signnet.splits import check, make_split

SHARD = 1024
STEPS = ("opened", "split", "info", "pack")
USUAL = (10_000, 100, 4)
FEW = 10
VALUES = BYTES_PER_FRAME // 2
HALF = np.array([0.25, 0.75], np.float16)


def main() -> None:
    """Print the table; or do one step, in its own process."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--most", type=int, default=100_000)
    parser.add_argument("--step", choices=("write", *STEPS))
    asked = parser.parse_args()
    if asked.step == "write":
        write(asked.folder, *map(int, asked.folder.name.split("-")))
    elif asked.step:
        print(measured(asked.folder, asked.step))
    else:
        print_table(asked.folder, asked.most)


def print_table(folder: Path, most: int) -> None:
    """Write what is not there, do each step, and print a row for each dataset."""
    print(f"| clips, words, frames a clip | {' | '.join(STEPS)} |")
    print("|---" * (1 + len(STEPS)) + "|")
    for sizes in rows(most):
        data = folder / "-".join(map(str, sizes))
        if not data.exists():
            in_process(data, "write")
        shown = " | ".join(in_process(data, step) for step in STEPS)
        print(f"| {', '.join(f'{size:,}' for size in sizes)} | {shown} |", flush=True)


def in_process(data: Path, step: str) -> str:
    """Do a step in a process of its own; return what it prints."""
    command = [sys.executable, __file__, str(data), "--step", step]
    ended = subprocess.run(command, check=True, text=True, stdout=subprocess.PIPE)
    return ended.stdout.strip()


def rows(most: int) -> list[tuple[int, int, int]]:
    """List clips, words and frames: each of them from 100 on, with the others usual."""
    clips, words, frames = USUAL
    powers = [10**n for n in range(2, 7) if 10**n <= most]
    return [
        *((count, words, frames) for count in powers),
        *((max(clips, count), count, frames) for count in powers[1:]),
        *((FEW, FEW, count) for count in powers if count <= clips),
    ]


def write(folder: Path, clips: int, words: int, frames: int) -> None:
    """Write shards of noise with names and labels like those of a real corpus."""
    rng = np.random.default_rng(0)
    half = HALF.view(np.uint16)
    for first in range(0, clips, SHARD):
        rows = [
            {
                "name": f"corpus/{number % words:06d}/recording-{number:08d}",
                "gloss": f"WORD-{number % words:06d}",
                "signer": f"S{number % 50:02d}",
                "session": f"day-{number % 7}",
                "source": f"corpus/recording-{number:08d}.mp4, tasks 0.10.33",
                "fps": 25.0,
                "frames": frames,
                "landmarks": rng.integers(*half, frames * VALUES, np.uint16).tobytes(),
            }
            for number in range(first, min(first + SHARD, clips))
        ]
        table = pa.Table.from_pylist(rows, schema=SCHEMA)
        write_table(table, folder / f"shard-{first // SHARD:05d}.parquet")


def measured(data: Path, step: str) -> str:
    """Do a step; return its seconds and the peak memory of this process."""
    started = time.perf_counter()
    if step == "pack":
        with TemporaryDirectory(dir=data.parent) as out:
            pack(data, Path(out))
    else:
        clips = Dataset(data, in_memory=0)
        columns = [clips.column(name) for name in ("name", "gloss", "signer")]
        assert len(columns[0]) == len(clips)
        if step == "split":
            check(make_split(clips, "signer", folds=5), clips)
        elif step == "info":
            summarise(clips, sample=2000)
    seconds = time.perf_counter() - started
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    return f"{seconds:.2f} s, {peak:.2f} GB"


if __name__ == "__main__":
    main()
