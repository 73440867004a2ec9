"""How often a film has to be looked at: rates compared on real films.

    python benchmarks/pace.py FILMS --full DATASET --out FOLDER [--rates 8,10,12,15]

DATASET is what `signnet extract FILMS` made, at full rate. Each row tracks all films at
one rate, body and hands alone, and names them with the default recipe, trained on
DATASET in five folds of signers: processor seconds a second of film (of a tracker that
is opened for each film, and its decoder), top-1 on the thinned films and on the full
ones, and the share of films for which both give the same word. FOLDER keeps what was
tracked, so that a row can be repeated without it.
"""

import argparse
import resource
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch

from signnet.config import preset
from signnet.config.pace import Pace
from signnet.dataset import Dataset, write_clips
from signnet.evaluation.significance import wilson_interval
from signnet.extraction import extract_video
from signnet.models import FrontEnd
from signnet.models.checkpoint import Predictor
from signnet.splits import make_split
from signnet.training.base_file import open_base
from signnet.training.batches import load
from signnet.training.exemplars import fit_exemplars
from signnet.training.loop import in_batches

LABELS = ("name", "gloss", "signer", "session", "expression")


def main() -> None:
    """Print a row for each rate."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("films", type=Path)
    parser.add_argument("--full", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--rates", default="8,10,12,15,inf")
    asked = parser.parse_args()
    torch.set_num_threads(1)
    full = Dataset(asked.full)
    asked.out.mkdir(parents=True, exist_ok=True)
    films = sum(clip.seconds for clip in full)
    rates = [float(rate) for rate in asked.rates.split(",")]
    thinned = [tracked(asked.films, full, rate, asked.out) for rate in rates]
    whole, *rest = named(full, [full, *(data for data, _ in thinned)])
    truth = np.array(full.require_glosses())
    for rate, (_, seconds), words in zip(rates, thinned, rest, strict=True):
        right = int((words == truth).sum())
        low, high = wilson_interval(right, len(truth))
        print(
            f"| {rate:g} | {seconds / films:.2f} | {right / len(truth):.3f} "
            f"({low:.3f}-{high:.3f}) | {(whole == truth).mean():.3f} | "
            f"{(words == whole).mean():.3f} |",
            flush=True,
        )


def tracked(
    films: Path, full: Dataset, rate: float, out: Path
) -> tuple[Dataset, float]:
    """Track all films at a rate; return them and the processor seconds it took."""
    file, spent = out / f"{rate:g}.parquet", out / f"{rate:g}.seconds"
    if not file.is_file():
        started, found = processor_seconds(), []
        for clip in full:
            path = films / clip.source.split(",")[0]
            pace = Pace(rate=rate, face=0.0)
            seen = extract_video(path, streams=("pose", "hands"), pace=pace)
            found.append(
                replace(seen, **{label: getattr(clip, label) for label in LABELS})
            )
        spent.write_text(str(processor_seconds() - started))
        write_clips(found, file)
    return Dataset(file), float(spent.read_text())


def processor_seconds() -> float:
    """Count this process and its children that have ended."""
    ended = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + ended.ru_utime + ended.ru_stime


def named(full: Dataset, versions: list[Dataset]) -> list[np.ndarray]:
    """Name the same clips in several versions, each by a model without its signer."""
    recipe = preset("default")
    vocabulary = tuple(sorted(set(full.require_glosses())))
    joints, base = FrontEnd(recipe.model).joints, open_base("base").encoder
    words = [np.empty(len(full), object) for _ in versions]
    place = {name: number for number, name in enumerate(full.names)}
    for fold in make_split(full, "signer", folds=5).folds:
        train = load(full.select(fold.train), vocabulary, joints)
        exemplars = fit_exemplars(recipe, train, len(vocabulary), 0, base)
        model = Predictor([], 1.0, exemplars, recipe.model.exemplars).eval()
        for answers, data in zip(words, versions, strict=True):
            test = load(data.select(fold.test), vocabulary, joints)
            best = in_batches(model.of_joints, test).argmax(1).tolist()
            for name, one in zip(fold.test, best, strict=True):
                answers[place[name]] = vocabulary[one]
    return words


if __name__ == "__main__":
    main()
