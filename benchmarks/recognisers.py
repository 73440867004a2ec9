"""Recognition beside other methods, all in one run on the same clips.

    python benchmarks/recognisers.py --data DIR [--protocol P2] [--methods default,dtw]

DIR and protocols are those of accuracy.py. Beside our presets: `spoter` (the
transformer of Boháček and Hrúz, 2022, as BdSL-SPOTER has it), `conv_transformer` (like
the winner of Kaggle's isolated signs), `extratrees` (400 randomised trees on 24 frames)
and `dtw` (the nearest training clip by dynamic time warping of 16 frames). All see the
landmarks that signnet reads, on one thread. `default` stands on the shipped base, which
has seen these corpora: `--base` names one that has not.

Prints processor seconds of the training, top-1 over all folds with its 95 % interval,
and the median time to name one clip of 60 frames, from landmarks to probabilities.
"""

import argparse
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

import numpy as np
import torch
from sklearn.ensemble import ExtraTreesClassifier

from accuracy import TREES, frames_of, protocol_of, recipe_of, trained
from kshot import warping
from signnet.config import ModelConfig, preset
from signnet.evaluation.significance import wilson_interval
from signnet.models import FrontEnd
from signnet.models.checkpoint import Predictor
from signnet.training.base_file import open_base
from signnet.training.batches import Clips, load
from signnet.training.exemplars import fit_exemplars
from signnet.training.loop import Trainer, in_batches
from signnet.training.machine import keep_memory
from signnet.training.thresholds import usual_temperature

Answer = Callable[[Clips], np.ndarray]
"""Gives scores [clip, gloss]."""

FRAMES, TIMES = 60, 30
"""Frames of the clip that is timed, and how often."""


@dataclass
class Row:
    """What is measured of a method, over all folds."""

    training: float = 0.0
    right: int = 0
    clips: int = 0
    latencies: list[float] = field(default_factory=list[float])


def main() -> None:
    """Measure all methods in turns, fold by fold, and print a table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--protocol", default="P2")
    parser.add_argument(
        "--methods", default="exemplars,extratrees,dtw,spoter,conv_transformer"
    )
    parser.add_argument("--base", default="base")
    asked = parser.parse_args()
    torch.set_num_threads(1)
    keep_memory()
    methods = {name: method_of(name, asked.base) for name in asked.methods.split(",")}
    data, folds = protocol_of(asked.protocol, asked.data)
    rows = {name: Row() for name in methods}
    for fold in folds:
        vocabulary = tuple(sorted(set(data.select(fold.train).require_glosses())))
        for name, (joints, fit) in methods.items():
            parts = [data.select(names) for names in (fold.train, fold.test)]
            train, test = (load(part, vocabulary, joints) for part in parts)
            measure(rows[name], partial(fit, train, len(vocabulary)), test)
    show(rows)


def method_of(
    name: str, base_name: str
) -> tuple[list[int], Callable[[Clips, int], Answer]]:
    """Give the joints that a method reads, and the function that trains it."""
    if name == "extratrees":
        front = FrontEnd(ModelConfig(streams=("pose", "hands"), frames=24))
        return front.joints, partial(grown, front)
    if name == "dtw":
        front = FrontEnd(preset("exemplars").model)
        return front.joints, partial(nearest, front)
    return FrontEnd(recipe_of(name).model).joints, partial(learnt, name, base_name)


def learnt(name: str, base_name: str, train: Clips, glosses: int) -> Answer:
    """Train one of our recipes to the last epoch: no clip stops it early."""
    recipe = recipe_of(name)
    recipe = replace(recipe, train=replace(recipe.train, patience=0))
    base = open_base(base_name).encoder if recipe.model.base else None
    exemplars = fit_exemplars(recipe, train, glosses, 0, base)
    networks = []
    if recipe.model.architecture != "none":
        networks = [trained(Trainer(recipe, train, None, glosses, 0))]
    model = Predictor(
        networks, usual_temperature(recipe.model), exemplars, recipe.model.exemplars
    )
    return lambda clips: in_batches(model.eval().of_joints, clips).numpy()


def grown(front: FrontEnd, train: Clips, glosses: int) -> Answer:
    """Grow trees."""
    trees = ExtraTreesClassifier(TREES, random_state=0, n_jobs=1)
    known = frames_of(front, train)
    trees.fit(known.reshape(len(known), -1), train.glosses.numpy())

    def answer(clips: Clips) -> np.ndarray:
        scores = np.zeros((len(clips), glosses))
        frames = frames_of(front, clips).reshape(len(clips), -1)
        scores[:, trees.classes_] = trees.predict_proba(frames)
        return scores

    return answer


def nearest(front: FrontEnd, train: Clips, glosses: int) -> Answer:
    """Keep the training clips."""
    known, number = frames_of(front, train), train.glosses.numpy()

    def answer(clips: Clips) -> np.ndarray:
        scores = np.full((len(clips), glosses), -np.inf)
        for row, one in zip(scores, frames_of(front, clips), strict=True):
            np.maximum.at(row, number, -warping(one, known))
        return scores

    return answer


def measure(row: Row, fit: Callable[[], Answer], test: Clips) -> None:
    """Train on a fold, name its held-out clips, and time one of them."""
    before = time.process_time()
    answer = fit()
    row.training += time.process_time() - before
    row.clips += len(test)
    row.right += int((answer(test).argmax(1) == test.glosses.numpy()).sum())
    one = of_length(test.take(torch.tensor([int(test.lengths.argmax())])), FRAMES)
    for _ in range(TIMES):
        started = time.perf_counter()
        answer(one)
        row.latencies.append(time.perf_counter() - started)


def of_length(clip: Clips, frames: int) -> Clips:
    """Repeat or cut the frames of one clip."""
    some = torch.arange(frames) % int(clip.lengths[0])
    lengths = torch.tensor([frames])
    return Clips(clip.landmarks[:, some], lengths, clip.glosses, clip.signers)


def show(rows: dict[str, Row]) -> None:
    """Print the table; ratios are to the first method."""
    first: Sequence[float] = next(iter(rows.values())).latencies
    print("| method | training, processor s | top-1 (95 %) | one clip | ratio |")
    print("|---|---|---|---|---|")
    for name, row in rows.items():
        low, high = wilson_interval(row.right, row.clips)
        middle = statistics.median(row.latencies)
        print(
            f"| {name} | {row.training:.0f} | {row.right / row.clips:.3f} "
            f"({low:.3f}-{high:.3f}) of {row.clips} | {1000 * middle:.1f} ms "
            f"| {middle / statistics.median(first):.2f} |"
        )


if __name__ == "__main__":
    main()
