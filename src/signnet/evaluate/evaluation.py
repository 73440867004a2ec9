"""What a model's answers are worth: shares, intervals, confusions, calibration.

Numpy only, so that a run, an exported model and answers from elsewhere are judged by
the same code. A clip whose gloss the model does not know counts as wrong.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from jaxtyping import Bool, Float32, Int

from signnet.clip import nfc
from signnet.errors import DatasetError
from signnet.evaluate.expressions import (
    ExpressionAnswers,
    ExpressionScore,
    score_expressions,
)
from signnet.evaluate.metrics import (
    Calibration,
    Confusion,
    GlossScore,
    balanced_accuracy,
    calibrate,
    frequent_confusions,
    macro_f1,
    per_gloss,
)
from signnet.evaluate.significance import signer_interval, wilson_interval

__all__ = [
    "Answers",
    "Evaluation",
    "GroupScore",
    "Mistake",
    "evaluate",
]

UNKNOWN = "unknown"
"""The group of clips whose signer, session or expression is not stated."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Answers:
    """What a model says to clips, and what they are.

    Raises
    ------
    DatasetError
        If there is no clip, the lengths differ, a gloss stands twice in the
        vocabulary, or a row of probabilities does not add up to one.
    """

    names: tuple[str, ...]
    """The clips."""

    vocabulary: tuple[str, ...]
    """The glosses of the model, in the order of its outputs."""

    probabilities: Float32[np.ndarray, "clip gloss"]
    """The model's belief in each gloss, adding up to one per clip."""

    glosses: tuple[str, ...]
    """What each clip shows."""

    signers: tuple[str | None, ...]
    sessions: tuple[str | None, ...]
    expressions: tuple[str | None, ...]

    held_out: str
    """In words what training did not see, such as `signer S01`."""

    read_expressions: ExpressionAnswers | None = None
    """What the model read in the faces; None where it reads none."""

    def __post_init__(self) -> None:
        """Write the glosses in NFC and check that all parts fit together."""
        for field in ("vocabulary", "glosses"):
            object.__setattr__(self, field, tuple(map(nfc, getattr(self, field))))
        check_lengths(self)
        check_probabilities(self)

    def columns(self) -> Int[np.ndarray, " clip"]:
        """Give the column of each clip's gloss; -1 where the model lacks it."""
        column = {gloss: place for place, gloss in enumerate(self.vocabulary)}
        return np.array([column.get(gloss, -1) for gloss in self.glosses])


@dataclass(frozen=True)
class GroupScore:
    """How many clips of one signer, session or expression were recognised."""

    clips: int
    top1: float
    top1_ci95: tuple[float, float]
    """Wilson's interval, for independent clips."""


@dataclass(frozen=True)
class Mistake:
    """A clip that was not recognised."""

    name: str
    truth: str
    answer: str
    probability: float
    """The model's belief in its wrong answer."""

    rank: int | None
    """The place of the truth among the answers; None where the model lacks it."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Evaluation:
    """A model's answers to clips, judged."""

    held_out: str
    clips: int
    correct: Bool[np.ndarray, " clip"]
    """Whether each clip was recognised, in the order of the names."""

    names: tuple[str, ...]
    top1: float
    top1_ci95: tuple[float, float]
    """Wilson's interval. It holds for independent clips: where they share signers or
    sessions, as here they mostly do, the truth is less sure."""

    top1_ci95_signers: tuple[float, float] | None
    """The interval for signers like these; None for fewer than five."""

    top3: float
    top5: float
    macro_f1: float
    """Mean over the glosses that were shown or answered."""

    balanced_accuracy: float
    """Mean top-1 over the glosses that were shown: the accuracy per gloss."""

    chance: float
    """What guessing among the vocabulary reaches."""

    majority: float
    """What always answering these clips' commonest gloss reaches."""

    per_gloss: dict[str, GlossScore]
    """The glosses that were shown, in the order of the vocabulary."""

    per_signer: dict[str, GroupScore]
    per_session: dict[str, GroupScore]
    per_expression: dict[str, GroupScore]
    expression: ExpressionScore | None
    """How well faces are read; None where the model or the clips have no expression."""

    labels: tuple[str, ...]
    """The vocabulary, then the glosses that the model lacks."""

    confusion: Int[np.ndarray, "gloss gloss"]
    """Clips by truth (rows) and answer (columns), in the order of the labels."""

    confusions: tuple[Confusion, ...]
    """Mistaken pairs, the most frequent first."""

    calibration: Calibration
    unknown: tuple[str, ...]
    """Clips whose gloss the model lacks; they count as wrong."""

    mistakes: tuple[Mistake, ...]
    """Clips not recognised, the surest mistake first."""

    def to_json(self) -> dict[str, Any]:
        """Give the object that `signnet evaluate --json` prints.

        Shares are fractions. The full matrix can be rebuilt from `per_gloss` and
        `confusions`; the answers' order of clips is left out.
        """
        left_out = {"correct", "names", "labels", "confusion"}
        fields = asdict(self).items()
        return {name: value for name, value in fields if name not in left_out}


def evaluate(answers: Answers, *, seed: int = 0) -> Evaluation:
    """Judge a model's answers.

    Parameters
    ----------
    answers
        The probabilities and the truth. Equal probabilities are ranked in the order
        of the vocabulary.
    seed
        For the bootstrap over signers.
    """
    order = np.argsort(-answers.probabilities, axis=1, kind="stable")
    truth = answers.columns()
    ranks = truth_ranks(order, truth)
    correct = ranks == 0
    labels = all_labels(answers)
    confusion = confusion_matrix(answers, labels, order[:, 0])
    rng = np.random.default_rng(seed)
    return Evaluation(
        held_out=answers.held_out,
        clips=len(correct),
        correct=correct,
        names=answers.names,
        top1=float(correct.mean()),
        top1_ci95=wilson_interval(int(correct.sum()), len(correct)),
        top1_ci95_signers=signer_interval(correct, answers.signers, rng),
        top3=float((ranks < 3).mean()),
        top5=float((ranks < 5).mean()),
        macro_f1=macro_f1(confusion),
        balanced_accuracy=balanced_accuracy(confusion),
        chance=1 / len(answers.vocabulary),
        majority=max(Counter(answers.glosses).values()) / len(correct),
        per_gloss=per_gloss(labels, confusion),
        per_signer=per_group(correct, answers.signers),
        per_session=per_group(correct, answers.sessions),
        per_expression=per_group(correct, answers.expressions),
        expression=score_expressions(answers.expressions, answers.read_expressions),
        labels=labels,
        confusion=confusion,
        confusions=frequent_confusions(labels, confusion),
        calibration=calibrate(answers.probabilities, truth, correct),
        unknown=tuple(np.array(answers.names)[truth < 0].tolist()),
        mistakes=list_mistakes(answers, order[:, 0], ranks),
    )


def check_lengths(answers: Answers) -> None:
    """Refuse answers whose parts belong to different numbers of clips or glosses."""
    clips = len(answers.names)
    if not clips:
        raise DatasetError("no clips to evaluate; give a split or folder that has some")
    for field in ("glosses", "signers", "sessions", "expressions"):
        if len(getattr(answers, field)) != clips:
            found = len(getattr(answers, field))
            raise DatasetError(f"{found} {field} for {clips} clips; give one per clip")
    if answers.read_expressions and len(answers.read_expressions.read) != clips:
        found = len(answers.read_expressions.read)
        raise DatasetError(f"{found} faces read for {clips} clips; give one per clip")
    if len(set(answers.vocabulary)) != len(answers.vocabulary):
        twice = Counter(answers.vocabulary).most_common(1)[0][0]
        raise DatasetError(f"the vocabulary has {twice} twice; name each gloss once")


def check_probabilities(answers: Answers) -> None:
    """Refuse a table of another shape, or rows that are no probabilities."""
    wanted = (len(answers.names), len(answers.vocabulary))
    table = answers.probabilities
    if table.shape != wanted:
        raise DatasetError(
            f"probabilities are {table.shape}, not (clip, gloss) {wanted}"
        )
    wrong = ~(np.isclose(table.sum(axis=1), 1, atol=1e-3) & (table >= 0).all(axis=1))
    if wrong.any():
        name, total = answers.names[wrong.argmax()], table.sum(axis=1)[wrong.argmax()]
        raise DatasetError(
            f"{name}: probabilities add up to {total:.3g}, not 1; apply softmax first"
        )


def truth_ranks(
    order: Int[np.ndarray, "clip gloss"], truth: Int[np.ndarray, " clip"]
) -> Int[np.ndarray, " clip"]:
    """Give the place of each clip's gloss, 0 the best; beyond the tenth if unknown."""
    found = order == truth[:, None]
    return np.where(truth >= 0, found.argmax(axis=1), order.shape[1] + 10)


def all_labels(answers: Answers) -> tuple[str, ...]:
    """Give the vocabulary and, after it, the glosses that it lacks."""
    lacking = sorted(set(answers.glosses) - set(answers.vocabulary))
    return (*answers.vocabulary, *lacking)


def confusion_matrix(
    answers: Answers, labels: tuple[str, ...], best: Int[np.ndarray, " clip"]
) -> Int[np.ndarray, "gloss gloss"]:
    """Count the clips by truth (rows) and answer (columns)."""
    place = {gloss: row for row, gloss in enumerate(labels)}
    matrix = np.zeros((len(labels), len(labels)), np.int64)
    for gloss, answer in zip(answers.glosses, best, strict=True):
        matrix[place[gloss], answer] += 1
    return matrix


def per_group(
    correct: Bool[np.ndarray, " clip"], groups: Sequence[str | None]
) -> dict[str, GroupScore]:
    """Score each signer, session or expression; empty where none is stated."""
    if not any(groups):
        return {}
    stated = np.array([group or UNKNOWN for group in groups])
    return {
        str(name): _group_score(correct[stated == name]) for name in np.unique(stated)
    }


def _group_score(correct: Bool[np.ndarray, " clip"]) -> GroupScore:
    interval = wilson_interval(int(correct.sum()), len(correct))
    return GroupScore(len(correct), float(correct.mean()), interval)


def list_mistakes(
    answers: Answers, best: Int[np.ndarray, " clip"], ranks: Int[np.ndarray, " clip"]
) -> tuple[Mistake, ...]:
    """List the clips that were not recognised, the surest mistake first."""
    known = len(answers.vocabulary)
    mistakes = [
        Mistake(
            name=answers.names[clip],
            truth=answers.glosses[clip],
            answer=answers.vocabulary[best[clip]],
            probability=float(answers.probabilities[clip, best[clip]]),
            rank=int(ranks[clip]) + 1 if ranks[clip] < known else None,
        )
        for clip in np.flatnonzero(ranks)
    ]
    return tuple(sorted(mistakes, key=lambda mistake: -mistake.probability))
