"""Compare the two trackers, Tasks and legacy Solutions, on the same videos.

    python benchmarks/backends.py environment VENV
    VENV/bin/python -m signnet extract VIDEOS SOLUTIONS --index CSV --backend solutions
    signnet extract VIDEOS TASKS --index CSV
    python benchmarks/backends.py parity TASKS SOLUTIONS

`environment` makes a virtual environment with MediaPipe 0.10.21, which wants numpy 1
and so cannot share one with the rest. `parity` prints how far the landmarks lie apart,
how often parts were seen, and which words are recognised, by exemplars that were fitted
to either, signers held out in five folds.
"""

import argparse
import subprocess
import sys
import venv
from pathlib import Path

import numpy as np
import torch

from signnet.clip import Clip
from signnet.config import preset
from signnet.dataset import Dataset
from signnet.evaluation.significance import mcnemar, wilson_interval
from signnet.models import build
from signnet.skeleton import PARTS
from signnet.splits import make_split
from signnet.training.batches import Clips, load
from signnet.training.exemplars import fit_exemplars
from signnet.training.loop import in_batches

PACKAGES = (
    "mediapipe==0.10.21",
    "numpy<2",
    "pyarrow>=18,<22",  # later ones want numpy 2
    "jaxtyping>=0.3",
    "cyclopts>=4",
    "rich>=13",
)
ROOT = Path(__file__).parent.parent


def main() -> None:
    """Run the part that the command line names."""
    parser = argparse.ArgumentParser(description=__doc__)
    parts = parser.add_subparsers(required=True)
    part = parts.add_parser("environment")
    part.add_argument("folder", type=Path)
    part.set_defaults(run=environment)
    part = parts.add_parser("parity")
    part.add_argument("tasks", type=Path)
    part.add_argument("solutions", type=Path)
    part.set_defaults(run=parity)
    options = parser.parse_args()
    torch.set_num_threads(1)
    options.run(options)


def environment(options: argparse.Namespace) -> None:
    """Make the environment of Solutions, with this signnet in it."""
    venv.create(options.folder, with_pip=True)
    pip = [options.folder / "bin" / "python", "-m", "pip", "install"]
    subprocess.run([*pip, *PACKAGES], check=True)
    # Without its dependencies: they name the MediaPipe and numpy of Tasks.
    subprocess.run([*pip, "--no-deps", "-e", ROOT], check=True)


def parity(options: argparse.Namespace) -> None:
    """Print both tables, over the clips that both folders have."""
    opened = [Dataset.open(folder) for folder in (options.tasks, options.solutions)]
    names = sorted({*opened[0].names} & {*opened[1].names})
    tasks, solutions = (data.select(names) for data in opened)
    print(f"{len(names)} videos, {len(set(tasks.require_glosses()))} words\n")
    print_parts(tasks, solutions)
    print()
    print_words(tasks, solutions)


def print_parts(tasks: Dataset, solutions: Dataset) -> None:
    """Print how often each part was seen, and how far apart it was put."""
    print("| part | seen by Tasks | by Solutions | by both | mean distance | 95 % |")
    print("|---|---|---|---|---|---|")
    pairs = list(zip(tasks, solutions, strict=True))
    for part in PARTS:
        seen = [(one.seen(part), other.seen(part)) for one, other in pairs]
        shares = [
            np.concatenate(found).mean()
            for found in (
                [one for one, _ in seen],
                [other for _, other in seen],
                [one & other for one, other in seen],
            )
        ]
        apart = np.concatenate([distances(*pair, part) for pair in pairs])
        cells = " | ".join(f"{share:.3f}" for share in shares)
        high = np.percentile(apart, 95)
        print(f"| {part} | {cells} | {apart.mean():.4f} | {high:.4f} |")


def distances(one: Clip, other: Clip, part: str) -> np.ndarray:
    """Give the distances in x and y of joints that both saw, in picture heights."""
    joints = PARTS[part].joints
    step = one.landmarks[:, joints, :2] - other.landmarks[:, joints, :2]
    apart = np.linalg.norm(step, axis=-1)
    return apart[np.isfinite(apart)]


def print_words(tasks: Dataset, solutions: Dataset) -> None:
    """Print top-1 for both trackers, fitted and asked, signers held out."""
    vocabulary = tuple(sorted(set(tasks.require_glosses())))
    recipe = preset("network")
    joints = build(recipe.model, len(vocabulary)).front.joints
    loaded = [load(data, vocabulary, joints) for data in (tasks, solutions)]
    folds = make_split(tasks, "signer", folds=5).folds
    right: dict[tuple[int, int], list[bool]] = {
        (k, j): [] for k in (0, 1) for j in (0, 1)
    }
    for fold in folds:
        tested = torch.tensor([name in set(fold.test) for name in tasks.names])
        for fitted, clips in enumerate(loaded):
            made = fit_exemplars(recipe, clips.where(~tested), len(vocabulary), 0)
            for asked, others in enumerate(loaded):
                test = others.where(tested)
                assert isinstance(test, Clips)
                assert made is not None
                hits = in_batches(made, test).argmax(1) == test.glosses
                right[fitted, asked] += hits.tolist()
    print("| fitted to | asked with | top-1 | 95 % | clips |\n|---|---|---|---|---|")
    kinds = ("Tasks", "Solutions")
    for (fitted, asked), hits in right.items():
        low, high = wilson_interval(sum(hits), len(hits))
        share = f"{np.mean(hits):.3f} | {low:.3f} to {high:.3f} | {len(hits)}"
        print(f"| {kinds[fitted]} | {kinds[asked]} | {share} |")
    chance = mcnemar(np.array(right[0, 0]), np.array(right[1, 1]))
    print(f"\neach fitted to its own: exact McNemar p = {chance:.3f}")


if __name__ == "__main__":
    sys.exit(main())
