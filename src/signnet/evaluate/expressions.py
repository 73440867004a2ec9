"""Whether the expressions that a model reads in faces are right."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from signnet.evaluate.significance import wilson_interval

__all__ = ["ExpressionAnswers", "ExpressionScore", "score_expressions"]


@dataclass(frozen=True)
class ExpressionAnswers:
    """What a model reads in the faces of clips."""

    read: tuple[str | None, ...]
    """The most probable expression of each clip; None where no face was seen."""

    commonest: str
    """The commonest expression of the training clips."""


@dataclass(frozen=True, kw_only=True)
class ExpressionScore:
    """How many clips' expressions were read rightly, and what guesses reach."""

    clips: int
    """Clips whose expression is stated."""

    faceless: int
    """Those of them that show no face; they count as wrong."""

    top1: float
    top1_ci95: tuple[float, float]
    """Wilson's interval, for independent clips."""

    commonest_of_training: str
    training_guess: float
    """What always answering it reaches."""

    commonest_of_test: str
    test_guess: float
    """What always answering it reaches; no model could know it beforehand."""


def score_expressions(
    truth: Sequence[str | None], answers: ExpressionAnswers | None
) -> ExpressionScore | None:
    """Judge what was read; None without answers or stated expressions.

    Parameters
    ----------
    truth
        The expression of each clip; clips without one are left out.
    answers
        What was read, in the same order.
    """
    if answers is None or not any(truth):
        return None
    pairs = zip(truth, answers.read, strict=True)
    stated = [(one, read) for one, read in pairs if one]
    right, clips = sum(one == read for one, read in stated), len(stated)
    counts = Counter(one for one, _ in stated)
    usual, most = counts.most_common(1)[0]
    return ExpressionScore(
        clips=clips,
        faceless=sum(read is None for _, read in stated),
        top1=right / clips,
        top1_ci95=wilson_interval(right, clips),
        commonest_of_training=answers.commonest,
        training_guess=counts[answers.commonest] / clips,
        commonest_of_test=usual,
        test_guess=most / clips,
    )
