"""Whether a GPU trains the same model as the processor, and how long each takes.

    python benchmarks/devices.py DATA --split FILE --presets network,optimized

Each preset is trained with the GPU hidden and with it, on what the split's first fold
does not hold out. A GPU computes in mixed precision (bfloat16), and each draws its
own dropout, so the two are no equal networks: the table shows the top-1 of both on the
held-out clips, and the share of clips for which both say the same word. Two seeds on
the processor say how much of that is chance.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np

import signnet
from signnet.splits import read_split

RUNS = (("processor", "", 0), ("processor", "", 1), ("GPU", "0", 0))
"""Name of the device, the value of CUDA_VISIBLE_DEVICES, the seed."""


def main() -> None:
    """Print a row for each preset and device."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("--split", type=Path, required=True)
    parser.add_argument("--presets", default="network")
    parser.add_argument("--epochs", type=int)
    options = parser.parse_args()
    print("| preset | device, seed | training | top-1 | same word as the first |")
    print("|---|---|---|---|---|")
    for preset in options.presets.split(","):
        first = None
        for device, seed, lasted, said, true in trained(preset, options):
            first = said if first is None else first
            right, same = np.mean(said == true), np.mean(said == first)
            print(
                f"| {preset} | {device}, {seed} | {lasted:.0f} s | {right:.3f} of "
                f"{len(true)} | {same:.3f} |",
                flush=True,
            )


def trained(
    preset: str, options: argparse.Namespace
) -> Iterator[tuple[str, int, float, np.ndarray, np.ndarray]]:
    """Train on each device; give its name, seed, seconds, words and true words."""
    data = signnet.Dataset(options.data)
    held_out = list(data.select(read_split(options.split, data).folds[0].test))
    true = np.array([clip.gloss for clip in held_out])
    for device, visible, seed in RUNS:
        with tempfile.TemporaryDirectory() as folder:
            out = Path(folder) / "run"
            words = ["train", options.data, "--split", options.split, "--out", out]
            words += ["--preset", preset, "--seed", seed]
            words += ["--epochs", options.epochs] if options.epochs else []
            command = [sys.executable, "-m", "signnet", *map(str, words)]
            started = time.perf_counter()
            environment = os.environ | {"CUDA_VISIBLE_DEVICES": visible}
            subprocess.run(command, check=True, env=environment, capture_output=True)
            lasted = time.perf_counter() - started
            answers = signnet.load(out)(held_out)
        yield device, seed, lasted, np.array([one.gloss for one in answers]), true


if __name__ == "__main__":
    main()
