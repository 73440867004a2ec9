"""What a model loses on clips that have only another tracker's joints.

    python benchmarks/joints.py --model RUN --data DIR [--clips LIST]

The clips are MediaPipe's; joints (and depth) that OpenPose or COCO-WholeBody do not
give are taken away. LIST is a text file with the names of the clips to ask.
"""

import argparse
import json
from pathlib import Path

import numpy as np

from signnet.clip import Clip, nfc
from signnet.dataset import Dataset
from signnet.evaluation.evaluation import evaluate
from signnet.evaluation.predictions import predict_dataset
from signnet.evaluation.significance import mcnemar, paired_interval
from signnet.formats.joints import TRACKERS, reduce_to
from signnet.recognise.recogniser import Recogniser


def main() -> None:
    """Measure all joints, then those of each tracker."""
    asked = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    asked.add_argument("--model", required=True)
    asked.add_argument("--data", type=Path, required=True)
    asked.add_argument("--clips", type=Path)
    given = asked.parse_args()
    data = Dataset.open(given.data)
    if given.clips:
        names = given.clips.read_text(encoding="utf-8").split()
        data = data.select(nfc(name.removesuffix(".npz")) for name in names)
    whole = list(data)
    full = correct(given.model, whole)
    for tracker in TRACKERS:
        fewer = [
            clip.with_landmarks(reduce_to(clip.landmarks, tracker)) for clip in whole
        ]
        less = correct(given.model, fewer, tracker)
        low, high = paired_interval(full, less, np.random.default_rng(0))
        change = float(less.mean() - full.mean())
        print(
            f"  {change:+.3f} ({low:+.3f} to {high:+.3f}), p {mcnemar(full, less):.3f}"
        )


def correct(model: str, clips: list[Clip], joints: str = "all") -> np.ndarray:
    """Tell which clips are recognised, and print the row."""
    recogniser, data = Recogniser.open(model), Dataset.of_clips(clips)
    found = evaluate(predict_dataset(recogniser, data))
    row = {"joints": joints, "clips": found.clips, "top1": round(found.top1, 4)}
    row |= {"ci95": [round(end, 3) for end in found.top1_ci95]}
    print(json.dumps(row | {"top5": round(found.top5, 4), "held_out": found.held_out}))
    return found.correct


if __name__ == "__main__":
    main()
