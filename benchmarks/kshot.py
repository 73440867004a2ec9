"""Name words that nothing was trained on, from k references by other signers.

    python benchmarks/kshot.py DATA [--base BASE] [--hold-out 5] [--k 1,2,5]
        [--candidates 112] [--draws 20] [--out rows.jsonl]

DATA: a dataset with glosses and signers, such as an import of `wlasl_words_hands`. The
words tested are those that `signnet pretrain` held out by the hash of their gloss
(`--hold-out` as there; 0 tests all words: right for a corpus that the base never saw).
Clips of unknown signers (none, or "-1") are left out of the test; whitening is learnt
on the other words. Each row says what was compared: untrained dynamic time warping, the
front end's features, whitened features, and the base.
"""

import argparse
import json
import time
from dataclasses import asdict
from pathlib import Path

import numpy as np
import torch

from signnet.config import preset
from signnet.dataset import Dataset
from signnet.evaluation.kshot import Similarity, k_shot
from signnet.models import FrontEnd
from signnet.training.base_file import open_base
from signnet.training.batches import load
from signnet.training.corpora import is_held_out


def features(data: Dataset) -> np.ndarray:
    """Return what the front end makes of each clip, [clip, frame, feature]."""
    front = FrontEnd(preset("default").model)
    parts = []
    for clips in load(data, (), front.joints).parts(64):
        time_axis = torch.arange(clips.landmarks.shape[1])
        valid = time_axis < clips.lengths[:, None]
        with torch.no_grad():
            streams, fresh = front(clips.landmarks, valid)
        parts.append(torch.cat([*streams, fresh], -1).numpy())
    return np.concatenate(parts)


def cosine(points: np.ndarray) -> Similarity:
    """Compare queries with the mean of each word's references by their cosine."""
    unit = points / np.linalg.norm(points, axis=1, keepdims=True).clip(1e-9)

    def similarity(queries: np.ndarray, references: list[np.ndarray]) -> np.ndarray:
        means = np.stack([unit[some].mean(0) for some in references])
        means /= np.linalg.norm(means, axis=1, keepdims=True).clip(1e-9)
        return unit[queries] @ means.T

    return similarity


def whitened(points: np.ndarray, words: np.ndarray, learnt: np.ndarray) -> np.ndarray:
    """Whiten the variation within the words of other clips; keep 256 axes."""
    x = points[learnt]
    mean, spread = x.mean(0), x.std(0).clip(1e-3)
    standard = (points - mean) / spread
    axes = np.linalg.svd(standard[learnt], full_matrices=False)[2][:256].T
    z = standard @ axes
    _, number = np.unique(words[learnt], return_inverse=True)
    count = np.bincount(number)[:, None]
    sums = np.zeros((len(count), z.shape[1]))
    np.add.at(sums, number, z[learnt])
    inside = z[learnt] - (sums / count)[number]
    covariance = inside.T @ inside / len(inside)
    ridge = 0.1 * np.trace(covariance) / len(covariance)
    values, vectors = np.linalg.eigh(covariance + ridge * np.eye(len(covariance)))
    return z @ vectors / np.sqrt(values)


def warped(frames: np.ndarray) -> Similarity:
    """Compare by dynamic time warping with the nearest reference of each word."""
    table = -np.stack([warping(one, frames) for one in frames])

    def similarity(queries: np.ndarray, references: list[np.ndarray]) -> np.ndarray:
        near = [table[np.ix_(queries, some)].max(1) for some in references]
        return np.stack(near, 1)

    return similarity


def warping(one: np.ndarray, others: np.ndarray) -> np.ndarray:
    """Return the cheapest sum of distances along a path to each other clip."""
    squares = (one**2).sum(-1)[:, None] + (others**2).sum(-1)[:, None]
    cost = np.sqrt((squares - 2 * one @ others.transpose(0, 2, 1)).clip(0))
    total = np.full((len(one) + 1, others.shape[1] + 1, len(others)), np.inf)
    total[0, 0] = 0
    for i, j in np.ndindex(len(one), others.shape[1]):
        before = np.minimum(total[i, j], np.minimum(total[i, j + 1], total[i + 1, j]))
        total[i + 1, j + 1] = cost[:, i, j] + before
    return total[-1, -1]


def embedded(base: str, frames: np.ndarray) -> np.ndarray:
    """Embed clips with a base."""
    encoder = open_base(base).encoder
    with torch.no_grad():
        parts = torch.from_numpy(frames).split(256)
        return torch.cat([encoder.embed(part) for part in parts]).numpy()


def main() -> None:
    """Print a row for each way of comparing and each k."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", type=Path)
    parser.add_argument("--base", help="folder of a base, or a shipped name")
    parser.add_argument("--hold-out", type=int, default=5)
    parser.add_argument("--k", default="1,2,3,5")
    parser.add_argument("--candidates", type=int, default=112)
    parser.add_argument("--draws", type=int, default=20)
    parser.add_argument("--dtw", action="store_true", help="warping too: minutes")
    parser.add_argument("--out", type=Path, help="append the rows to this file")
    asked = parser.parse_args()
    torch.set_num_threads(1)
    data = Dataset(asked.data)
    words = np.array(data.require_glosses())
    signers = np.array([one or "-1" for one in data.column("signer")])
    tested = np.array(
        [not asked.hold_out or is_held_out(w, asked.hold_out) for w in words]
    )
    known = np.flatnonzero(tested & (signers != "-1"))
    frames = features(data)
    flat = frames.reshape(len(frames), -1)
    ways: dict[str, Similarity] = {"features": cosine(flat[known])}
    if asked.hold_out:
        ways["whitened"] = cosine(whitened(flat, words, ~tested)[known])
    if asked.dtw:
        ways["dtw"] = warped(frames[known])
    if asked.base:
        ways["base"] = cosine(embedded(asked.base, frames)[known])
    for name, similarity in ways.items():
        for k in map(int, asked.k.split(",")):
            started = time.perf_counter()
            score = k_shot(
                similarity,
                words[known].tolist(),
                signers[known].tolist(),
                k=k,
                candidates=min(asked.candidates, len(set(words[known]))),
                draws=asked.draws,
            )
            row = {
                "way": name,
                **asdict(score),
                "seconds": time.perf_counter() - started,
            }
            low, high = score.top1_ci95
            print(
                f"{name:10} k={k}  top-1 {score.top1:.3f} ({low:.3f}-{high:.3f})  "
                f"top-5 {score.top5:.3f}  MRR {score.mrr:.3f}  EER {score.eer:.3f}  "
                f"{score.candidates} candidates, {score.queries} queries",
                flush=True,
            )
            if asked.out:
                with asked.out.open("a") as file:
                    file.write(json.dumps(row) + "\n")


if __name__ == "__main__":
    main()
