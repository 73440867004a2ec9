"""Print how fast signnet brings data in: a table to be pasted into docs/results.md.

    python benchmarks/throughput.py extraction --videos FOLDER
    python benchmarks/throughput.py learning --clips FOLDER [--epochs 5]

Run it on an idle machine: the second table is wall time.
"""

import argparse
import itertools
import os
import platform
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np

from signnet.extraction import STREAMS, ensure_models, extract_folder, extract_video
from signnet.extraction.decoder import end_idle
from signnet.extraction.pool import available_cores
from signnet.extraction.tasks import quiet
from signnet.extraction.video import Video


def main() -> None:
    """Run the part that the command line names."""
    parser = argparse.ArgumentParser(description=__doc__)
    parts = parser.add_subparsers(required=True)
    part = parts.add_parser("extraction", help="video to landmarks")
    part.add_argument("--videos", type=Path, required=True, help="folder of videos")
    part.add_argument("--clips", type=int, default=10, help="take the first so many")
    part.set_defaults(run=extraction)
    part = parts.add_parser("learning", help="import, opening, training")
    part.add_argument("--clips", type=Path, required=True, help="bdsl-npz clips")
    part.add_argument("--epochs", type=int, default=5)
    part.set_defaults(run=learning)
    options = parser.parse_args()
    load = os.getloadavg()[0]
    print(f"{platform.machine()}, {available_cores()} cores, load before {load:.1f}\n")
    options.run(options)


def extraction(options: argparse.Namespace) -> None:
    """Measure CPU per frame against bare MediaPipe, and one worker against two."""
    models = ensure_models()
    videos = find(options.videos, options.clips)
    print_overhead(videos, models)
    print()
    print_workers(videos, models)


def learning(options: argparse.Namespace) -> None:
    """Measure import, opening into memory, and the training of the default preset."""
    from signnet.config import preset
    from signnet.dataset import Dataset
    from signnet.formats import import_clips
    from signnet.models import build
    from signnet.training.batches import load
    from signnet.training.loop import Trainer
    from signnet.training.machine import keep_memory

    print("| step | figure |\n|---|---|")
    with tempfile.TemporaryDirectory() as folder:
        started = time.perf_counter()
        report = import_clips("bdsl-npz", options.clips, Path(folder))
        lasted = time.perf_counter() - started
        print(f"| import of {report.clips} clips | {lasted:.1f} s |")
        started = time.perf_counter()
        data = Dataset.open(Path(folder))
        for clip in data:
            assert len(clip)
        lasted = time.perf_counter() - started
        print(f"| opening and decoding all of them | {lasted:.2f} s |")
    recipe, vocabulary = preset("default"), tuple(sorted(set(data.require_glosses())))
    keep_memory()
    joints = build(recipe.model, len(vocabulary)).front.joints
    clips = load(data, vocabulary, joints)
    epochs = Trainer(recipe, clips, None, len(vocabulary), seed=0).epochs()
    reports = [next(epochs) for _ in range(options.epochs)][1:]
    rate = np.median([report.clips_per_second for report in reports])
    overhead = np.median([report.overhead for report in reports])
    print(f"| training of `default` | {rate:.0f} clips/s |")
    print(f"| its time outside forward and backward | {overhead:.0%} |")


def find(folder: Path, clips: int) -> list[Path]:
    """Take videos evenly over the folder, so that sizes and signers are mixed."""
    from signnet.extraction import find_videos

    found = find_videos(folder)
    indices = np.linspace(0, len(found) - 1, min(clips, len(found))).astype(int)
    return [found[index] for index in indices]


def print_overhead(videos: Sequence[Path], models: Mapping[str, Path]) -> None:
    """Print the CPU time of one process per frame, bare and through signnet."""
    extract_video(videos[0], models=models)  # imports and first use, not measured
    total = np.zeros(3)
    print("| video | size | frames | bare ms | + decoding ms | signnet ms | ratio |")
    print("|---|---|---|---|---|---|---|")
    for turn, video in enumerate(videos):
        frames = [pixels.copy() for pixels, _ in Video(video)]
        tasks: list[Callable[[], object]] = [
            lambda frames=frames: bare(frames, models),
            lambda video=video: sum(1 for _ in Video(video)),
            lambda video=video: extract_video(video, models=models),
        ]
        spent = np.zeros(3)
        for index in np.roll(range(3), turn):  # who goes first changes
            spent[index] = cpu_seconds(tasks[index])
        total += spent
        height, width = frames[0].shape[:2]
        print(row(video.name, f"{width}×{height}", len(frames), spent))
    print(row("all", "", sum(1 for v in videos for _ in Video(v)), total))


def row(name: str, size: str, frames: int, spent: np.ndarray) -> str:
    """Format milliseconds a frame; the ratio is signnet to bare."""
    bare_ms, decoding, ours = 1000 * spent / frames
    cells = (f"{bare_ms:.1f}", f"{bare_ms + decoding:.1f}", f"{ours:.1f}")
    return (
        f"| {name} | {size} | {frames} | {' | '.join(cells)} | {ours / bare_ms:.3f} |"
    )


def cpu_seconds(task: Callable[[], object]) -> float:
    """Give the CPU time of this process and of the decoder during a task."""
    end_idle()
    before = sum(os.times()[:4])
    task()
    end_idle()
    return sum(os.times()[:4]) - before


def bare(frames: Sequence[np.ndarray], models: Mapping[str, Path]) -> None:
    """Run the three landmarkers over decoded frames, as MediaPipe's guide does."""
    import mediapipe
    from mediapipe.tasks.python import vision
    from mediapipe.tasks.python.core.base_options import BaseOptions

    kinds = {
        "pose": (vision.PoseLandmarker, vision.PoseLandmarkerOptions, {}),
        "hands": (
            vision.HandLandmarker,
            vision.HandLandmarkerOptions,
            {"num_hands": 2},
        ),
        "face": (vision.FaceLandmarker, vision.FaceLandmarkerOptions, {}),
    }
    with quiet():
        landmarkers = [
            kind.create_from_options(
                options(
                    base_options=BaseOptions(model_asset_path=str(models[stream])),
                    running_mode=vision.RunningMode.VIDEO,
                    **extra,
                )
            )
            for stream, (kind, options, extra) in kinds.items()
        ]
    for number, pixels in enumerate(frames):
        image = mediapipe.Image(image_format=mediapipe.ImageFormat.SRGB, data=pixels)
        for landmarker in landmarkers:
            landmarker.detect_for_video(image, 33 * number)
    for landmarker in landmarkers:
        landmarker.close()


def print_workers(videos: Sequence[Path], models: Mapping[str, Path]) -> None:
    """Print wall time, start of the processes included, by number of workers."""
    print("| workers | seconds | frames a second | times as fast | CPU seconds |")
    print("|---|---|---|---|---|")
    first = None
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch) / "videos"
        folder.mkdir()
        for number, video in enumerate(videos):
            (folder / f"{number}{video.suffix}").symlink_to(video.resolve())
        frames = sum(1 for video in videos for _ in Video(video))
        for workers in doublings(available_cores()):
            before, cpu_before = time.perf_counter(), cpu_of_workers()
            out = Path(scratch) / str(workers)
            report = extract_folder(
                folder, out, workers=workers, streams=STREAMS, models=models
            )
            seconds = time.perf_counter() - before
            assert report.done == len(videos)
            first = first or seconds
            figures = (seconds, frames / seconds, first / seconds)
            cells = " | ".join(f"{figure:.2f}" for figure in figures)
            print(f"| {workers} | {cells} | {cpu_of_workers() - cpu_before:.1f} |")


def cpu_of_workers() -> float:
    """Give the CPU time of all processes that this one has started and seen end."""
    times = os.times()
    return times.children_user + times.children_system


def doublings(cores: int) -> list[int]:
    """Give 1, 2, 4, ... up to the number of cores."""
    powers = (1 << number for number in itertools.count())
    return list(itertools.takewhile(lambda workers: workers <= cores, powers))


if __name__ == "__main__":
    main()
