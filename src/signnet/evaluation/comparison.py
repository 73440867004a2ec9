"""Whether one model is better than another on the same clips."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from itertools import combinations
from typing import Any

import numpy as np

from signnet.errors import DatasetError
from signnet.evaluation.evaluation import Evaluation, evaluate
from signnet.evaluation.predictions import Predictions
from signnet.evaluation.significance import holm, mcnemar, paired_interval

__all__ = ["Comparison", "Pair", "compare"]


@dataclass(frozen=True)
class Pair:
    """Two models on the same clips."""

    first: str
    second: str
    difference: float
    """Top-1 of the second minus that of the first."""

    ci95: tuple[float, float]
    """95 % interval: bootstrap over clips, as if they were independent."""

    only_first: int
    """Clips that the first recognised and the second did not."""

    only_second: int
    p: float
    """p-value of McNemar's exact test."""

    p_holm: float
    """The same, allowing for the number of pairs compared."""


@dataclass(frozen=True, eq=False)
class Comparison:
    """Scores of several models on the same clips, and every pair of them compared."""

    evaluations: dict[str, Evaluation]
    """Scores by the model's name, in the order of the models."""

    pairs: tuple[Pair, ...]
    glosses: tuple[str, ...]
    """Targets: the gloss of each clip."""

    predictions: dict[str, tuple[str, ...]]
    """The gloss that each model predicts for each clip, by the model's name."""

    @property
    def names(self) -> tuple[str, ...]:
        """The clips."""
        return next(iter(self.evaluations.values())).names

    def to_json(self) -> dict[str, Any]:
        """Return the object that `signnet compare --json` prints."""
        return {
            "clips": len(self.names),
            "models": {n: one.to_json() for n, one in self.evaluations.items()},
            "pairs": [asdict(pair) for pair in self.pairs],
        }


def compare(predictions: Mapping[str, Predictions], *, seed: int = 0) -> Comparison:
    """Score models on the same clips and compare every pair of them.

    Parameters
    ----------
    predictions
        Predictions by the model's name. A clip whose gloss a model lacks counts as
        wrong for that model.
    seed
        Seed of the bootstrap.

    Raises
    ------
    DatasetError
        If there are fewer than two models, or their clips are not the same.
    """
    _check_same_clips(predictions)
    scored = {name: evaluate(one, seed=seed) for name, one in predictions.items()}
    pairs = [_pair(one, other, scored, seed) for one, other in combinations(scored, 2)]
    adjusted = holm([pair["p"] for pair in pairs])
    return Comparison(
        evaluations=scored,
        pairs=tuple(Pair(**p, p_holm=h) for p, h in zip(pairs, adjusted, strict=True)),
        glosses=next(iter(predictions.values())).glosses,
        predictions={name: _best_glosses(one) for name, one in predictions.items()},
    )


def _check_same_clips(predictions: Mapping[str, Predictions]) -> None:
    if len(predictions) < 2:
        raise DatasetError("one model to compare; give at least two")
    first = next(iter(predictions.values()))
    for name, one in predictions.items():
        if one.names != first.names or one.glosses != first.glosses:
            raise DatasetError(
                f"{name} was run on other clips; run all on the same clips"
            )


def _best_glosses(predictions: Predictions) -> tuple[str, ...]:
    best = predictions.probabilities.argmax(axis=1)
    return tuple(predictions.vocabulary[column] for column in best)


def _pair(
    one: str, other: str, scored: Mapping[str, Evaluation], seed: int
) -> dict[str, Any]:
    first, second = scored[one].correct, scored[other].correct
    return {
        "first": one,
        "second": other,
        "difference": float(second.mean() - first.mean()),
        "ci95": paired_interval(first, second, np.random.default_rng(seed)),
        "only_first": int((first & ~second).sum()),
        "only_second": int((second & ~first).sum()),
        "p": mcnemar(first, second),
    }
