"""How long `signnet info` takes on a large dataset.

    python benchmarks/doctor.py --data DIR --out CORPUS [--clips 100000]

CORPUS is made of the clips of the dataset DIR, again and again under other names, in
shards of 1024 clips as `signnet pack` writes them; it is kept, and used if it is there.
"""

import argparse
import resource
import time
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from signnet.dataset import Dataset
from signnet.doctor.summary import summarise

SHARD = 1024


def main() -> None:
    """Make the corpus if need be, then measure."""
    asked = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    asked.add_argument("--data", type=Path, required=True)
    asked.add_argument("--out", type=Path, required=True)
    asked.add_argument("--clips", type=int, default=100_000)
    given = asked.parse_args()
    if not given.out.exists():
        multiply(Dataset.open(given.data).table, given.out, given.clips)
    started, worked = time.perf_counter(), time.process_time()
    summary = summarise(Dataset.open(given.out), sample=2000)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    size = sum(file.stat().st_size for file in given.out.iterdir()) / 2**30
    print(
        f"{summary.clips} clips, {size:.1f} GiB, looked at {summary.looked_at}: "
        f"{time.perf_counter() - started:.1f} s, of the processor "
        f"{time.process_time() - worked:.1f} s, peak {peak:.2f} GiB, "
        f"{len(summary.findings)} kinds of findings"
    )


def multiply(table: pa.Table, out: Path, clips: int) -> None:
    """Write the rows of a table until there are so many clips."""
    out.mkdir(parents=True)
    for start in range(0, clips, SHARD):
        rows = range(start, min(start + SHARD, clips))
        shard = table.take([row % len(table) for row in rows])
        names = pa.array([f"clip-{row:07d}" for row in rows])
        shard = shard.set_column(0, "name", names)
        file = out / f"shard-{start:07d}.parquet"
        pq.write_table(shard, file, compression="lz4", row_group_size=64)


if __name__ == "__main__":
    main()
