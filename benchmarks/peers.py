"""Extraction beside other tools: whole processes on the same films, in turns.

    python benchmarks/peers.py FILMS [--clips 6] [--rounds 3] [--peers FOLDER]

Each tool looks at all films in one process, start and models included, on one worker;
the order changes from round to round, and the table holds medians. `bare MediaPipe`
runs the three landmarkers over the decoded frames and keeps nothing. FOLDER holds an
environment for each other tool, made once; a tool that cannot be had is named and left
out. pose-format (Moryossef and others, MIT) looks at the films through MediaPipe's
older Holistic, in the last version of MediaPipe that has it.
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
import venv
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from pace import processor_seconds
from signnet.extraction.video import Video
from throughput import find

POSE_FORMAT = ("pose-format==0.15.0", "mediapipe==0.10.21", "opencv-python-headless")
"""What the other tool's environment holds."""

BARE = """
import sys
from pathlib import Path
from throughput import bare
from signnet.extraction import ensure_models
from signnet.extraction.video import Video
models = ensure_models()
for film in sorted(Path(sys.argv[1]).iterdir()):
    bare([pixels.copy() for pixels, _ in Video(film)], models)
"""

HOLISTIC = """
import sys
from pathlib import Path
from pose_format.bin.pose_estimation import pose_video
out = Path(sys.argv[2])
out.mkdir()
for film in sorted(Path(sys.argv[1]).iterdir()):
    made = str(out / f"{film.stem}.pose")
    pose_video(str(film), made, "mediapipe", progress=False)
"""


@dataclass(frozen=True)
class Spent:
    """What a process took."""

    processor: float
    """Seconds of all its processes."""

    clock: float


def main() -> None:
    """Measure all tools and print a table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("films", type=Path)
    parser.add_argument("--clips", type=int, default=6)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--peers", type=Path, default=Path("peers"))
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        films = Path(scratch) / "films"
        films.mkdir()
        for number, film in enumerate(find(asked.films, asked.clips)):
            (films / f"{number:02}{film.suffix}").symlink_to(film.resolve())
        print_table(films, measured(tools(films, asked.peers), asked.rounds))


def tools(films: Path, peers: Path) -> dict[str, Callable[[Path], list[str]]]:
    """List the commands by tool; each takes the folder to write to."""
    ours = [sys.executable, "-m", "signnet", "extract", "--workers", "1", str(films)]
    seldom = ["--fps", "12", "--streams", "pose,hands"]
    found: dict[str, Callable[[Path], list[str]]] = {
        "signnet extract": lambda out: [*ours, str(out)],
        "the same, body and hands, 12 pictures a second": lambda out: [
            *(*ours, str(out), *seldom),
        ],
        "bare MediaPipe": lambda _: [sys.executable, "-c", BARE, str(films)],
    }
    python = environment(peers / "pose-format", POSE_FORMAT)
    if python:
        found["pose-format"] = lambda out: [
            *(str(python), "-c", HOLISTIC, str(films), str(out)),
        ]
    return found


def environment(folder: Path, packages: tuple[str, ...]) -> Path | None:
    """Make an environment, or say that it cannot be had."""
    python = folder / ("Scripts" if os.name == "nt" else "bin") / "python"
    if python.exists():
        return python
    venv.create(folder, with_pip=True)
    asked = [str(python), "-m", "pip", "install", "--quiet", *packages]
    if subprocess.run(asked, check=False).returncode:
        print(f"left out: {packages[0]} cannot be installed here")
        return None
    return python


def measured(
    tools: dict[str, Callable[[Path], list[str]]], rounds: int
) -> dict[str, list[Spent]]:
    """Run all tools in turns."""
    spent: dict[str, list[Spent]] = {name: [] for name in tools}
    for turn in range(rounds):
        names = list(tools)
        for name in names[turn % len(names) :] + names[: turn % len(names)]:
            with tempfile.TemporaryDirectory() as out:
                spent[name].append(run(tools[name](Path(out) / "made")))
    return spent


def run(command: list[str]) -> Spent:
    """Run a command to its end; it fails loudly."""
    before, started = processor_seconds(), time.perf_counter()
    here = {"PYTHONPATH": str(Path(__file__).parent), "OMP_NUM_THREADS": "1"}
    done = subprocess.run(
        command, env=os.environ | here, capture_output=True, text=True, check=False
    )
    if done.returncode:
        sys.exit(f"{command[:4]} failed: {done.stderr[-500:]}")
    return Spent(processor_seconds() - before, time.perf_counter() - started)


def print_table(films: Path, spent: dict[str, list[Spent]]) -> None:
    """Print medians a second of film, and ratios to our own extraction."""
    seconds = 0.0
    for film in films.iterdir():
        times = [moment for _, moment in Video(film)]
        seconds += times[-1] - times[0]
    print(f"{len(list(films.iterdir()))} films, {seconds:.1f} s\n")
    print("| tool | processor seconds a second of film | clock | processor, ratio |")
    print("|---|---|---|---|")
    middle = {
        name: Spent(
            statistics.median(one.processor for one in some) / seconds,
            statistics.median(one.clock for one in some) / seconds,
        )
        for name, some in spent.items()
    }
    own = next(iter(middle.values())).processor
    for name, one in middle.items():
        print(
            f"| {name} | {one.processor:.2f} | {one.clock:.2f} "
            f"| {one.processor / own:.2f} |"
        )


if __name__ == "__main__":
    main()
