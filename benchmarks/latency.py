"""How long one clip takes, from landmarks to the word.

    python benchmarks/latency.py [--model MODEL] [--frames 60] [--repeat 200]
    python benchmarks/latency.py --recipes default,optimized,spoter

ONNX Runtime with one thread; invented landmarks with gaps. Prints median, 5th and 95th
percentile, and what a cold `signnet predict` on a landmark clip takes as a process.
With `--recipes`, the networks of recipes of accuracy.py, untrained, in PyTorch.
"""

import argparse
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from signnet.clip import Clip
from signnet.dataset import write_clips
from signnet.recognise.recogniser import Recogniser
from signnet.synthetic import make_signer, perform, signs


def main() -> None:
    """Measure and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", default="bdsl55")
    parser.add_argument("--frames", type=int, default=60)
    parser.add_argument("--repeat", type=int, default=200)
    parser.add_argument("--recipes", default="")
    asked = parser.parse_args()
    clip = _clip(asked.frames)
    if asked.recipes:
        _networks(asked.recipes.split(","), clip, asked.repeat)
        return
    recogniser = Recogniser.open(asked.model)
    print(f"model {asked.model}, {recogniser.card.parameters:,} parameters")
    print("| what | median | 5 % | 95 % |\n|---|---|---|---|")
    seconds = [recogniser.recognise(clip).seconds for _ in range(asked.repeat)][5:]
    _row(f"recognise {asked.frames} frames, one thread", seconds)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "clip.parquet"
        write_clips([clip], path)
        command = [sys.executable, "-m", "signnet", "predict", str(path)]
        command += ["--model", asked.model]
        _row("`signnet predict CLIP`, cold", [_process(command) for _ in range(7)])
        help_command = [sys.executable, "-m", "signnet", "--help"]
        _row("`signnet --help`", [_process(help_command) for _ in range(7)])


def _networks(recipes: list[str], clip: Clip, repeat: int) -> None:
    import torch

    from accuracy import recipe_of
    from signnet.models import build, parameters

    torch.set_num_threads(1)
    print("| network | parameters | median | 5 % | 95 % |\n|---|---|---|---|---|")
    for name in recipes:
        network = build(recipe_of(name).model, 55).eval()
        landmarks = torch.from_numpy(clip.landmarks)[None, :, network.front.joints]
        seconds: list[float] = []
        with torch.inference_mode():
            for _ in range(repeat):
                started = time.perf_counter()
                network(landmarks)
                seconds.append(time.perf_counter() - started)
        _row(f"{name} | {parameters(network):,}", seconds[5:])


def _clip(frames: int) -> Clip:
    rng = np.random.default_rng(0)
    made = perform(signs()[0], make_signer(0, rng), rng)
    indices = np.linspace(0, len(made) - 1, frames).round().astype(int)
    return made.with_landmarks(made.landmarks[indices])


def _process(command: list[str]) -> float:
    started = time.perf_counter()
    subprocess.run(command, check=True, capture_output=True)
    return time.perf_counter() - started


def _row(what: str, seconds: list[float]) -> None:
    low, *_, high = statistics.quantiles(seconds, n=20)
    middle = statistics.median(seconds)
    print(f"| {what} | {middle * 1e3:.1f} ms | {low * 1e3:.1f} | {high * 1e3:.1f} |")


if __name__ == "__main__":
    main()
