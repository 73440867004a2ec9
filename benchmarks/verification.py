"""How often practising is mistaken when it says whether a sign is the one asked for.

    python benchmarks/verification.py --data DIR [--base BASE] [--draws 20]
        [--limit 0.1] [--words WORDS --word-base BASE]

DIR as for accuracy.py. The page accepts a sign if the word asked for has a probability
of `--limit` or more, whatever comes first (`check_limit` of a card). Each row gives the
equal error rate (at the limit where both mistakes are equally frequent), and at
`--limit` the share of right signs that are missed and of other words' signs that pass.
WORDS: a dataset of further words, of which BASE never saw a quarter; twenty of those
are taught to it, and clips by other signers are asked.
"""

import argparse
from pathlib import Path

import numpy as np
import torch

import enrolment
from enrolment import Untaught, fit, new_signer
from kshot import embedded, features
from signnet.dataset import Dataset
from signnet.evaluation.kshot import draw_task, equal_error_rate
from signnet.recognise.exemplars import SHARPNESS, Kernel
from signnet.recognise.teaching import Taught, TaughtClip
from signnet.training.corpora import is_held_out

Answers = tuple[np.ndarray, np.ndarray]
"""Probabilities of the right word [clip], and of other words [clip and word]."""


def answers(scores: np.ndarray, targets: np.ndarray) -> Answers:
    """Give the probabilities of scores [clip, word], right and other words apart."""
    raised = np.exp(SHARPNESS * (scores - scores.max(1, keepdims=True)))
    return divided(raised / raised.sum(1, keepdims=True), targets)


def divided(probabilities: np.ndarray, targets: np.ndarray) -> Answers:
    """Divide probabilities [clip, word] into the right word's and the others'."""
    right = np.arange(probabilities.shape[1]) == targets[:, None]
    return probabilities[right], probabilities[~right]


def asked(model: Untaught, scores: np.ndarray, rows: np.ndarray) -> Answers:
    """Ask a model for the words that it knows on some clips of those words."""
    known = np.flatnonzero(scores.min(0) > -1)
    kept = rows[np.isin(model.glosses[rows], known)]
    return answers(scores[kept][:, known], np.searchsorted(known, model.glosses[kept]))


def line(name: str, parts: list[Answers], limit: float) -> str:
    """Write a row of the table."""
    right, other = (np.concatenate(some) for some in zip(*parts, strict=True))
    missed, passed = (right < limit).mean(), (other >= limit).mean()
    return (
        f"| {name} | {equal_error_rate(right, other):.3f} | {missed:.3f} | "
        f"{passed:.3f} | {len(right)} |"
    )


def bangla(data: Dataset, draws: int, limit: float) -> None:
    """Ask people on another day, a new signer, and one who showed each word once."""
    signers = np.array(data.column("signer"))
    sessions = np.array(data.column("session"))
    other_day = []
    for session in np.unique(sessions[signers == "S02"]):
        test = np.flatnonzero((signers == "S02") & (sessions == session))
        model = fit(data, np.setdiff1d(np.arange(len(signers)), test), 0)
        other_day.append(asked(model, only_known(model), test))
    print(line("a known signer on another day", other_day, limit), flush=True)
    model, draw, new, _ = new_signer(data)
    print(
        line("a new signer", [asked(model, only_known(model), new)], limit), flush=True
    )
    shown = []
    for seed in range(draws):
        rows = draw(1, np.random.default_rng(seed))
        shown.append(asked(model, model.taught(rows), np.setdiff1d(new, rows)))
    print(line("the same, each word shown once", shown, limit), flush=True)


def only_known(model: Untaught) -> np.ndarray:
    """Give the scores, -1 for glosses that the model was not trained on."""
    return np.where(model.knows, model.scores, -1)


def taught_base(data: Dataset, base: str, draws: int, limit: float) -> None:
    """Ask a base that was taught twenty words it never saw."""
    words = np.array(data.require_glosses())
    signers = np.array([one or "-1" for one in data.column("signer")])
    rows = np.flatnonzero([is_held_out(word, 4) for word in words])
    rows = rows[signers[rows] != "-1"]
    points = embedded(base, features(data.at(rows)))
    glosses, people = words[rows].tolist(), signers[rows].tolist()
    kernel = Kernel((points.shape[1],), (1.0,))
    for k in (1, 5):
        parts = []
        for seed in range(draws):
            task = draw_task(glosses, people, k, 20, np.random.default_rng(seed))
            clips = [
                TaughtClip(
                    name=f"{word}-{row}",
                    gloss=f"{word:02}",
                    embedding=points[row],
                    scores=np.zeros(0, np.float32),
                )
                for word, some in enumerate(task.references)
                for row in some
            ]
            nothing = np.zeros((0, points.shape[1]), np.float32)
            taught = Taught(glosses=(), kernel=kernel, anchors=nothing)
            taught = taught.with_clips(clips)
            none = np.zeros(0, np.float32)
            found = [
                taught.probabilities(none, points[row], none) for row in task.queries
            ]
            parts.append(divided(np.stack(found), task.targets))
        name = f"twenty words taught to a base, {k} a word"
        print(line(name, parts, limit), flush=True)


def main() -> None:
    """Print the rows of the table."""
    parser = argparse.ArgumentParser(description=str(__doc__).splitlines()[0])
    parser.add_argument("--data", type=Path)
    parser.add_argument("--base", default="base", help="a base, or none")
    parser.add_argument("--draws", type=int, default=20)
    parser.add_argument("--limit", type=float, default=0.1)
    parser.add_argument("--words", type=Path)
    parser.add_argument("--word-base", help="a base that never saw the words")
    given = parser.parse_args()
    torch.set_num_threads(1)
    enrolment.BASE = given.base
    if given.data:
        bangla(Dataset.open(given.data / "bdsl55"), given.draws, given.limit)
    if given.words:
        taught_base(
            Dataset.open(given.words), given.word_base, given.draws, given.limit
        )


if __name__ == "__main__":
    main()
