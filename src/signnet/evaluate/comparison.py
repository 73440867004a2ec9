"""Whether one model is better than another, asked on the same clips."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from itertools import combinations
from typing import Any

import numpy as np

from signnet.errors import DatasetError
from signnet.evaluate.evaluation import Answers, Evaluation, evaluate
from signnet.evaluate.significance import holm, mcnemar, paired_interval

__all__ = ["Comparison", "Pair", "compare"]


@dataclass(frozen=True)
class Pair:
    """Two models on the same clips."""

    first: str
    second: str
    difference: float
    """Top-1 of the second minus that of the first."""

    ci95: tuple[float, float]
    """Bootstrap over clips, as if they were independent."""

    only_first: int
    """Clips that the first recognised and the second did not."""

    only_second: int
    p: float
    """McNemar's exact test."""

    p_holm: float
    """The same, allowing for the number of pairs compared."""


@dataclass(frozen=True, eq=False)
class Comparison:
    """Models, each judged on the same clips, and every two of them compared."""

    evaluations: dict[str, Evaluation]
    """By the model's name, in the order given."""

    pairs: tuple[Pair, ...]
    glosses: tuple[str, ...]
    """What each clip shows."""

    answers: dict[str, tuple[str, ...]]
    """What each model says to each clip."""

    @property
    def names(self) -> tuple[str, ...]:
        """The clips."""
        return next(iter(self.evaluations.values())).names

    def to_json(self) -> dict[str, Any]:
        """Give the object that `signnet compare --json` prints."""
        return {
            "clips": len(self.names),
            "models": {n: one.to_json() for n, one in self.evaluations.items()},
            "pairs": [asdict(pair) for pair in self.pairs],
        }


def compare(answers: Mapping[str, Answers], *, seed: int = 0) -> Comparison:
    """Judge models on the same clips and compare every two of them.

    Parameters
    ----------
    answers
        What each model says, by its name. A clip whose gloss a model does not know
        counts as wrong for it.
    seed
        For the bootstrap.

    Raises
    ------
    DatasetError
        If there are fewer than two models, or their clips are not the same.
    """
    if len(answers) < 2:
        raise DatasetError("one model to compare; give at least two")
    first = next(iter(answers.values()))
    for name, one in answers.items():
        if one.names != first.names or one.glosses != first.glosses:
            raise DatasetError(f"{name} was asked about other clips; ask all the same")
    judged = {name: evaluate(one, seed=seed) for name, one in answers.items()}
    pairs = [_pair(one, other, judged, seed) for one, other in combinations(judged, 2)]
    adjusted = holm([pair["p"] for pair in pairs])
    said = {
        name: tuple(one.vocabulary[best] for best in one.probabilities.argmax(axis=1))
        for name, one in answers.items()
    }
    return Comparison(
        judged,
        tuple(Pair(**p, p_holm=h) for p, h in zip(pairs, adjusted, strict=True)),
        first.glosses,
        said,
    )


def _pair(
    one: str, other: str, judged: Mapping[str, Evaluation], seed: int
) -> dict[str, Any]:
    first, second = judged[one].correct, judged[other].correct
    return {
        "first": one,
        "second": other,
        "difference": float(second.mean() - first.mean()),
        "ci95": paired_interval(first, second, np.random.default_rng(seed)),
        "only_first": int((first & ~second).sum()),
        "only_second": int((second & ~first).sum()),
        "p": mcnemar(first, second),
    }
