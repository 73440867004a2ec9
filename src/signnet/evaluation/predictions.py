"""Predicted probabilities for clips, with their labels and what was held out."""

from collections import Counter
from dataclasses import dataclass

import numpy as np

from signnet.clip import nfc
from signnet.clip.shapes import Float32, Int
from signnet.dataset import Dataset, Progress, no_progress
from signnet.errors import DatasetError
from signnet.evaluation.expressions import ExpressionPredictions
from signnet.recognise.recogniser import Recogniser
from signnet.splits import describe_overlap

__all__ = ["Predictions", "predict_dataset"]

_LABELS = ("glosses", "signers", "sessions", "expressions")


@dataclass(frozen=True, kw_only=True, eq=False)
class Predictions:
    """Predicted probabilities for clips, with their labels.

    Raises
    ------
    DatasetError
        If there is no clip, the lengths differ, a gloss occurs twice in the vocabulary,
        or a row of probabilities adds up to more than one.
    """

    names: tuple[str, ...]
    """The clips."""

    vocabulary: tuple[str, ...]
    """The glosses of the model, in the order of its outputs."""

    probabilities: Float32[np.ndarray, "clip gloss"]
    """Probability of each gloss; a row adds up to one, or to less where a taught base
    finds that the sign is none of its words."""

    glosses: tuple[str, ...]
    """Targets: the gloss of each clip."""

    signers: tuple[str | None, ...]
    sessions: tuple[str | None, ...]
    expressions: tuple[str | None, ...]

    held_out: str
    """What training did not see, in words, such as `signer S01`."""

    clips_in_training: int = 0
    """How many of the clips the model was trained on."""

    abstain_below: float = 0.0
    """Probability below which the model is unsure; 0 for a model without one."""

    read_expressions: ExpressionPredictions | None = None
    """Predicted expressions of the faces; None where the model predicts none."""

    show_hands: tuple[bool, ...] | None = None
    """Whether each clip shows a hand, without which the model is unsure; None where
    all do."""

    def __post_init__(self) -> None:
        """Write the glosses in NFC and check that all parts fit together."""
        for field in ("vocabulary", "glosses"):
            object.__setattr__(self, field, tuple(map(nfc, getattr(self, field))))
        _check_lengths(self)
        _check_vocabulary(self.vocabulary)
        _check_probabilities(self)

    def targets(self) -> Int[np.ndarray, " clip"]:
        """Return the column of each clip's gloss; -1 where the model lacks it."""
        column = {gloss: index for index, gloss in enumerate(self.vocabulary)}
        return np.array([column.get(gloss, -1) for gloss in self.glosses])


def predict_dataset(
    recogniser: Recogniser,
    data: Dataset,
    progress: Progress = no_progress,
) -> Predictions:
    """Run a model on every clip of a dataset.

    Parameters
    ----------
    recogniser
        The model. Its card names the clips it was trained on, which decides what
        `held_out` says.
    data
        The clips; each needs a gloss.
    progress
        Callback `(done, total)` after each clip.

    Raises
    ------
    DatasetError
        If there is no clip, or one has no gloss.
    """
    glosses = data.require_glosses()
    if not glosses:
        raise DatasetError(f"{data.path}: no clips to evaluate")
    probabilities, expressions, show_hands = _run(recogniser, data, progress)
    signers, sessions = data.column("signer"), data.column("session")
    trained_on = recogniser.card.trained_on
    trained = {name for name, *_ in trained_on}
    return Predictions(
        names=tuple(data.names),
        vocabulary=recogniser.vocabulary,
        probabilities=probabilities,
        glosses=tuple(glosses),
        signers=tuple(signers),
        sessions=tuple(sessions),
        expressions=tuple(data.column("expression")),
        read_expressions=expressions,
        show_hands=show_hands,
        held_out=describe_overlap(data.names, trained_on, signers, sessions),
        clips_in_training=sum(name in trained for name in data.names),
        abstain_below=recogniser.card.abstain_below,
    )


def _run(
    recogniser: Recogniser, data: Dataset, progress: Progress
) -> tuple[
    Float32[np.ndarray, "clip gloss"], ExpressionPredictions | None, tuple[bool, ...]
]:
    rows: list[Float32[np.ndarray, " gloss"]] = []
    faces: list[str | None] = []
    show_hands: list[bool] = []
    for clip in data:
        rows.append(recogniser.probabilities(clip))
        expression = recogniser.expression(clip)
        faces.append(expression and expression.label)
        show_hands.append(clip.shows_hand)
        progress(len(rows), len(data))
    reader = recogniser.expressions
    read = ExpressionPredictions(tuple(faces), reader.commonest) if reader else None
    return np.stack(rows), read, tuple(show_hands)


def _check_lengths(predictions: Predictions) -> None:
    clips = len(predictions.names)
    if not clips:
        raise DatasetError("no clips to evaluate; give a split or folder that has some")
    lengths = {field: len(getattr(predictions, field)) for field in _LABELS}
    if predictions.read_expressions:
        lengths["faces read"] = len(predictions.read_expressions.read)
    if predictions.show_hands is not None:
        lengths["show_hands"] = len(predictions.show_hands)
    for field, found in lengths.items():
        if found != clips:
            raise DatasetError(f"{found} {field} for {clips} clips; give one per clip")


def _check_vocabulary(vocabulary: tuple[str, ...]) -> None:
    if len(set(vocabulary)) != len(vocabulary):
        twice = Counter(vocabulary).most_common(1)[0][0]
        raise DatasetError(f"the vocabulary has {twice} twice; name each gloss once")


def _check_probabilities(predictions: Predictions) -> None:
    expected = (len(predictions.names), len(predictions.vocabulary))
    table = predictions.probabilities
    if table.shape != expected:
        raise DatasetError(
            f"probabilities are {table.shape}, not (clip, gloss) {expected}"
        )
    totals = table.sum(axis=1)
    wrong = ~((totals < 1 + 1e-3) & (table >= 0).all(axis=1))
    if wrong.any():
        name, total = predictions.names[wrong.argmax()], totals[wrong.argmax()]
        raise DatasetError(
            f"{name}: probabilities add up to {total:.3g}, expected 0 to 1 each and at "
            "most 1 in all; apply softmax first"
        )
