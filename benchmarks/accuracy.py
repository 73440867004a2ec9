"""Named recipes on named protocols: one row of docs/results.md each.

    python benchmarks/accuracy.py --data DIR --recipes default,extratrees \
        --protocols P1-list,P2 --seeds 1 [--out FILE.jsonl]

DIR holds what `signnet import` and `signnet extract` wrote: `bdsl55`, `wlasl100`,
`wlasl9` (from wlasl_videos), `strangers` (from mp_data_strangers), and `val.txt`, the
origin's list. Rows are printed as they are measured and appended to FILE, so that a
stopped run is not lost; one that FILE has is not measured again.

Protocols: P1-list (the origin's train and validation list), P1 (stratified 10-fold),
P2 (each session of S02 held out), P3 (S02 to S01), P3-back (S01 to S02), P4 (WLASL100,
official test), P4-folds (WLASL100, 5 folds of signers), P4-fold1 (the first of them),
P5 (nine words from video, 5 folds of signers), strangers (everyday words, each of nine
people held out). `NAME*3` is an ensemble of three, with a row for the first of them;
`NAME/exemplars` fits the exemplars alone. Nothing is chosen on the held-out clips,
except by the presets of the plan, which stop early on them.
benchmarks/tables.py prints the rows as tables.
"""

import argparse
import json
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from sklearn.ensemble import ExtraTreesClassifier

from signnet.config import PRESETS, ModelConfig, Recipe, preset
from signnet.dataset import Dataset
from signnet.evaluation.evaluation import Evaluation, evaluate
from signnet.evaluation.predictions import Predictions
from signnet.evaluation.significance import wilson_interval
from signnet.models import Exemplars, FrontEnd, Network, parameters
from signnet.models.checkpoint import Predictor
from signnet.splits import Fold, make_split
from signnet.training.base_file import open_base
from signnet.training.batches import Clips, load
from signnet.training.exemplars import fit_exemplars
from signnet.training.loop import Trainer, in_batches
from signnet.training.machine import free_threads, keep_memory
from signnet.training.thresholds import usual_temperature

TREES = 400

BASE = "base"
"""Base in whose embedding the exemplars of `default` compare clips."""


def main() -> None:
    """Measure what is asked for."""
    asked = _arguments()
    global BASE
    BASE = asked.base
    torch.set_num_threads(asked.threads or free_threads())
    keep_memory()
    done = _measured(asked.out)
    for protocol in asked.protocols.split(","):
        data, folds = protocol_of(protocol, asked.data)
        for name in asked.recipes.split(","):
            for seed in range(asked.seeds):
                if (name, protocol, seed) in done:
                    continue
                for row in measure(name, protocol, data, folds, seed):
                    print(_line(row), flush=True)
                    if asked.out:
                        with asked.out.open("a", encoding="utf-8") as rows:
                            rows.write(json.dumps(row, ensure_ascii=False) + "\n")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--recipes", default="default,extratrees")
    parser.add_argument("--protocols", default="P1-list")
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--threads", type=int)
    parser.add_argument("--base", default="base", help="base of recipes that use one")
    parser.add_argument("--out", type=Path)
    return parser.parse_args()


def _measured(out: Path | None) -> set[tuple[str, str, int]]:
    if out is None or not out.is_file():
        return set()
    rows = [json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()]
    return {(row["recipe"], row["protocol"], row["seed"]) for row in rows}


def protocol_of(name: str, root: Path) -> tuple[Dataset, list[Fold]]:
    """Open a protocol's dataset and divide it; KeyError for an unknown name."""
    if name in ("P4", "P4-folds", "P4-fold1"):
        data = Dataset.open(root / "wlasl100")
        if name != "P4":
            folds = list(make_split(data, "signer", folds=5).folds)
            return data, folds[:1] if name == "P4-fold1" else folds
        test = [s == "test" for s in data.column("session")]
        return data, [_by_mark(data, test, "the official test clips")]
    if name == "P5":
        data = Dataset.open(root / "wlasl9")
        return data, list(make_split(data, "signer", folds=5).folds)
    if name == "strangers":
        data = Dataset.open(root / "strangers")
        people = sorted({signer or "" for signer in data.column("signer")})
        return data, [fold for one in people for fold in _held(data, "signer", one)]
    data = Dataset.open(root / "bdsl55")
    made = {
        "P1-list": lambda: _held(data, "clip", str(root / "val.txt")),
        "P1": lambda: list(make_split(data, "clip", folds=10).folds),
        "P2": lambda: _second_signer(data),
        "P3": lambda: _held(data, "signer", "S01"),
        "P3-back": lambda: _held(data, "signer", "S02"),
    }
    return data, made[name]()


def _held(data: Dataset, by: str, name: str) -> list[Fold]:
    return list(make_split(data, by, hold_out=name).folds)  # type: ignore[arg-type]


def _second_signer(data: Dataset) -> list[Fold]:
    sessions = ("S02/sess01", "S02/sess02")
    return [fold for name in sessions for fold in _held(data, "session", name)]


def _by_mark(data: Dataset, test: list[bool], what: str) -> Fold:
    pairs = list(zip(data.names, test, strict=True))
    return Fold(
        what,
        tuple(name for name, marked in pairs if not marked),
        tuple(name for name, marked in pairs if marked),
    )


def measure(
    name: str, protocol: str, data: Dataset, folds: list[Fold], seed: int
) -> list[dict[str, object]]:
    """Train and test one recipe on all folds; every held-out clip counts once.

    A recipe with exemplars gives three rows: itself, and what either part says alone.
    An ensemble of networks gives two: itself, and its first network alone.
    """
    started, busy = time.perf_counter(), time.process_time()
    judged: dict[str, list[tuple[Evaluation, int]]] = {}
    for fold in folds:
        vocabulary = tuple(sorted(set(data.select(fold.train).require_glosses())))
        test = data.select(fold.test)
        for part, (chances, weights) in _answers(
            name, data, fold, vocabulary, seed
        ).items():
            answers = _answers_of(test, vocabulary, chances, fold)
            judged.setdefault(part, []).append((evaluate(answers), weights))
    seconds = round(time.perf_counter() - started)
    busy_seconds = round(time.process_time() - busy)
    return [
        {
            "recipe": name + part,
            "protocol": protocol,
            "seed": seed,
            **_pooled([evaluation for evaluation, _ in found]),
            "parameters": found[-1][1],
            "seconds": seconds,
            "processor_seconds": busy_seconds,
            "threads": torch.get_num_threads(),
        }
        for part, found in judged.items()
    ]


def _answers(
    name: str, data: Dataset, fold: Fold, vocabulary: tuple[str, ...], seed: int
) -> dict[str, tuple[np.ndarray, int]]:
    """Give the probabilities for the held-out clips and the number of parameters."""
    if name == "extratrees":
        return {"": (_extratrees(data, fold, vocabulary, seed), 0)}
    name, _, part = name.partition("/")
    name, _, members = name.partition("*")
    recipe = recipe_of(name)
    base = open_base(BASE).encoder if recipe.model.base else None
    joints = FrontEnd(recipe.model).joints
    train, test = (
        load(data.select(names), vocabulary, joints)
        for names in (fold.train, fold.test)
    )
    exemplars = fit_exemplars(recipe, train, len(vocabulary), seed, base)
    weight = recipe.model.exemplars
    if exemplars and (part == "exemplars" or recipe.model.architecture == "none"):
        answers, _ = _judged(Predictor([], 1.0, exemplars, weight), test)
        return {"": (answers, parameters(exemplars))}
    watched = test if recipe.train.patience else None
    networks = [
        trained(Trainer(recipe, train, watched, len(vocabulary), seed + member))
        for member in range(int(members or 1))
    ]
    whole = Predictor(networks, usual_temperature(recipe.model), exemplars, weight)
    parts = {"": _judged(whole, test)}
    if len(networks) > 1 and not exemplars:
        parts["/first"] = _judged(Predictor(networks[:1]), test)
    if exemplars:
        parts["/network"] = _judged(Predictor(networks), test)
        answers, _ = _judged(_alone(networks, exemplars), test)
        parts["/exemplars"] = answers, parameters(exemplars)
    return parts


def _alone(networks: list[Network], exemplars: Exemplars) -> Predictor:
    """Let the networks count nothing beside the exemplars."""
    return Predictor(networks, 1e5, exemplars, 1e6)


def _judged(model: Predictor, test: Clips) -> tuple[np.ndarray, int]:
    chances = in_batches(model.eval().of_joints, test).numpy()
    return chances, parameters(model)


def trained(trainer: Trainer) -> Network:
    """Train to the end; give the best epoch's weights, or the last ones'."""
    recipe = trainer.recipe
    best = trainer.weights_to_keep()
    for report in trainer.epochs():
        if report.best or not recipe.train.patience:
            best = trainer.weights_to_keep()
    network = trainer.network_to_keep()
    network.load_state_dict(best)
    return network.eval()


def recipe_of(name: str) -> Recipe:
    """Give a preset, a step of the plan, or `network` with one thing changed."""
    if name in PRESETS:
        return preset(name)
    first, last = preset("baseline"), preset("optimized")
    plan = {
        "plan_architecture": replace(first, model=last.model),
        "plan_augmentation": replace(last, train=first.train),
    }
    if name in plan:
        return plan[name]
    default = preset("network")
    changes: dict[str, dict[str, Any]] = {
        "conv_transformer": {"architecture": "conv_transformer", "exemplars": 0.0},
        "conv_exemplars": {"architecture": "conv_transformer"},
        "bilstm": {"architecture": "bilstm", "exemplars": 0.0},
        "pose_only": {"streams": ("pose",)},
        "hands_only": {"streams": ("hands",)},
        "all_streams": {"streams": ("pose", "hands", "face")},
        "whole_body": {"arms_only": False},
        "not_trimmed": {"trim": False},
        "no_distances": {"distances": False},
        "no_velocities": {"velocities": False},
        "with_depth": {"depth": True},
        "frames_32": {"frames": 32},
    }
    if name in changes:
        return replace(default, model=replace(default.model, **changes[name]))
    variations: dict[str, dict[str, Any]] = {
        "no_mixup": {"mixup": 0.0},
        "no_tilt": {"hand_tilt": 0.0},
        "mirrored": {"mirror": 0.5},
    }
    return replace(default, augment=replace(default.augment, **variations[name]))


def _extratrees(
    data: Dataset, fold: Fold, vocabulary: tuple[str, ...], seed: int
) -> np.ndarray:
    """Grow trees on 24 even frames of pose and hands, as the quick baseline did."""
    config = ModelConfig(streams=("pose", "hands"), frames=24)
    front = FrontEnd(config)
    train, test = (
        load(data.select(names), vocabulary, front.joints)
        for names in (fold.train, fold.test)
    )
    trees = ExtraTreesClassifier(TREES, random_state=seed, n_jobs=1)
    trees.fit(_flat(frames_of(front, train)), train.glosses.numpy())
    chances = np.zeros((len(test), len(vocabulary)), np.float32)
    chances[:, trees.classes_] = trees.predict_proba(_flat(frames_of(front, test)))
    return chances


def _flat(frames: np.ndarray) -> np.ndarray:
    return frames.reshape(len(frames), -1)


def frames_of(front: FrontEnd, clips: Clips) -> np.ndarray:
    """Give the front end's frames [clip, frame, feature]."""
    time = torch.arange(clips.landmarks.shape[1])
    streams, _ = front(clips.landmarks, time < clips.lengths[:, None])
    return torch.cat(streams, dim=-1).numpy()


def _answers_of(
    data: Dataset, vocabulary: tuple[str, ...], chances: np.ndarray, fold: Fold
) -> Predictions:
    return Predictions(
        names=tuple(data.names),
        vocabulary=vocabulary,
        probabilities=chances / chances.sum(1, keepdims=True),
        glosses=tuple(data.require_glosses()),
        signers=tuple(data.column("signer")),
        sessions=tuple(data.column("session")),
        expressions=tuple(data.column("expression")),
        held_out=fold.held_out,
    )


def _pooled(judged: list[Evaluation]) -> dict[str, object]:
    clips = sum(one.clips for one in judged)
    right = sum(int(one.correct.sum()) for one in judged)
    return {
        "clips": clips,
        "right": right,
        "top1": right / clips,
        "top1_ci95": list(wilson_interval(right, clips)),
        "mean_of_folds": float(np.mean([one.top1 for one in judged])),
        "top5": sum(one.top5 * one.clips for one in judged) / clips,
        "wrong": [
            name
            for one in judged
            for name, good in zip(one.names, one.correct, strict=True)
            if not good
        ],
    }


def _line(row: dict[str, object]) -> str:
    low, high = row["top1_ci95"]  # type: ignore[misc]
    return (
        f"| {row['recipe']} | {row['protocol']} | {row['seed']} | {row['top1']:.3f} "
        f"({low:.3f}-{high:.3f}) | {row['top5']:.3f} | {row['clips']} | "
        f"{row['parameters']:,} | {row['seconds']} s | {row['processor_seconds']} s | "
        f"{row['threads']} |"
    )


if __name__ == "__main__":
    main()
