"""Whether the face tells the expression where repetition and session cannot.

    python benchmarks/expression.py --data DIR

DIR holds `bdsl55` as `signnet import` wrote it. Lips, eyes, brows and nose, about their
mean and in units of their spread: mean, standard deviation and change from the first to
the last third of the clip; 40 principal axes and logistic regression. Beside it stand
two guesses learnt from the training clips, the commonest expression and the commonest
of the same repetition, and one that is told the test's own commonest.
"""

import argparse
from collections import Counter
from pathlib import Path

import numpy as np
from sklearn.decomposition import PCA
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from signnet.clip import Clip
from signnet.significance import wilson_interval
from signnet.skeleton import BROWS, EYES, LIPS, NOSE, PARTS
from signnet.store import Dataset

JOINTS = [
    PARTS["face"].start + joint for joint in sorted({*LIPS, *EYES, *BROWS, *NOSE})
]


def describe(clip: Clip) -> np.ndarray:
    """Give a face's features, zero where no face was seen."""
    face = clip.landmarks[:, JOINTS, :2]
    face = face[np.isfinite(face).all((1, 2))]
    if len(face) < 2:
        return np.zeros(6 * len(JOINTS))
    face = face - face.mean(1, keepdims=True)
    face = face / np.sqrt((face**2).sum(2).mean(1)).mean()
    third = max(1, len(face) // 3)
    change = face[-third:].mean(0) - face[:third].mean(0)
    return np.concatenate(
        [part.ravel() for part in (face.mean(0), face.std(0), change)]
    )


def judge(
    x: np.ndarray, labels: dict[str, np.ndarray], by: str, rows: np.ndarray
) -> str:
    """Leave each group out once; give the shares that are right as a row."""
    truth, repetitions, groups = labels["expression"], labels["repetition"], labels[by]
    right = np.zeros(4, int)
    for group in np.unique(groups[rows]):
        test = rows & (groups == group)
        train = rows & ~test
        model = make_pipeline(
            StandardScaler(),
            PCA(40, random_state=0),
            LogisticRegression(C=0.1, max_iter=300),
        )
        answers = model.fit(x[train], truth[train]).predict(x[test])
        usual = Counter(truth[train]).most_common(1)[0][0]
        by_repetition = {
            one: Counter(truth[train & (repetitions == one)]).most_common(1)[0][0]
            for one in set(repetitions[train])
        }
        guesses = [by_repetition.get(one, usual) for one in repetitions[test]]
        right += [
            (answers == truth[test]).sum(),
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
    x = np.array([describe(clip) for clip in data])
    names = ("expression", "repetition", "signer", "session", "gloss")
    labels = {name: np.array(data.column(name)) for name in names}
    labels["take"] = np.char.add(labels["session"], labels["repetition"])
    second = labels["signer"] == "S02"
    for by in ("session", "take", "gloss"):
        print(judge(x, labels, by, second), flush=True)
    print(judge(x, labels, "signer", np.ones(len(x), bool)), flush=True)


if __name__ == "__main__":
    main()
