"""Whether the face tells the expression where repetition and session cannot.

    python benchmarks/expression.py --data DIR

DIR holds `bdsl55` as `signnet import` wrote it. What `signnet train` keeps as
`expression.npz` (`expression.py`) is fitted to all groups but one and asked about that
one; a clip without a face counts as wrong. Beside it stand two guesses learnt from the
training clips, the commonest expression and the commonest of the same repetition, and
one that is told the test's own commonest.
"""

import argparse
from collections import Counter
from pathlib import Path

import numpy as np

from signnet.dataset import Dataset
from signnet.evaluation.significance import wilson_interval
from signnet.recognise.expression import FEATURES, describe
from signnet.training.expression import fit_features


def judge(
    x: np.ndarray, labels: dict[str, np.ndarray], by: str, rows: np.ndarray
) -> str:
    """Leave each group out once; give the shares that are right as a row.

    A row of `x` is NaN where no face was seen.
    """
    truth, repetitions, groups = labels["expression"], labels["repetition"], labels[by]
    seen = np.isfinite(x).all(1)
    right = np.zeros(4, int)
    for group in np.unique(groups[rows]):
        test = rows & (groups == group)
        train = rows & ~test
        reader = fit_features(x[train & seen], truth[train & seen].tolist())
        answers = reader.probabilities(x[test & seen]).argmax(1)
        usual = Counter(truth[train]).most_common(1)[0][0]
        by_repetition = {
            one: Counter(truth[train & (repetitions == one)]).most_common(1)[0][0]
            for one in set(repetitions[train])
        }
        guesses = [by_repetition.get(one, usual) for one in repetitions[test]]
        right += [
            (np.array(reader.expressions)[answers] == truth[test & seen]).sum(),
            (truth[test] == usual).sum(),
            (truth[test] == np.array(guesses)).sum(),
            max(Counter(truth[test]).values()),
        ]
    low, high = wilson_interval(int(right[0]), int(rows.sum()))
    face, *others = right / rows.sum()
    rest = " | ".join(f"{one:.3f}" for one in others)
    return f"| {by} | {face:.3f} ({low:.3f}-{high:.3f}) | {rest} | {rows.sum()} |"


def main() -> None:
    """Print a row for each split."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, required=True)
    data = Dataset.open(parser.parse_args().data / "bdsl55")
    described = (describe(clip) for clip in data)
    unseen = np.full(FEATURES, np.nan)
    x = np.array([unseen if one is None else one for one in described])
    names = ("expression", "repetition", "signer", "session", "gloss")
    labels = {name: np.array(data.column(name)) for name in names}
    labels["take"] = np.char.add(labels["session"], labels["repetition"])
    second = labels["signer"] == "S02"
    for by in ("session", "take", "gloss"):
        print(judge(x, labels, by, second), flush=True)
    print(judge(x, labels, "signer", np.ones(len(x), bool)), flush=True)


if __name__ == "__main__":
    main()
