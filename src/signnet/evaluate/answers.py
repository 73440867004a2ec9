"""Predictions of a model for all clips of a dataset."""

from collections.abc import Callable

import numpy as np
from jaxtyping import Float32

from signnet.dataset import Dataset
from signnet.errors import DatasetError
from signnet.evaluate.evaluation import Answers
from signnet.evaluate.expressions import ExpressionAnswers
from signnet.recognise.recogniser import Recogniser

__all__ = ["answer"]


def answer(
    recogniser: Recogniser,
    data: Dataset,
    held_out: str,
    progress: Callable[[int, int], None] = lambda _done, _total: None,
) -> Answers:
    """Ask a model about every clip of a dataset; all of them need a gloss."""
    glosses = data.require_glosses()
    if not glosses:
        raise DatasetError(f"{data.path}: no clips to evaluate")
    rows: list[Float32[np.ndarray, " gloss"]] = []
    faces: list[str | None] = []
    for clip in data:
        rows.append(recogniser.probabilities(clip))
        expression = recogniser.expression(clip)
        faces.append(expression and expression.label)
        progress(len(rows), len(data))
    return Answers(
        names=tuple(data.names),
        vocabulary=recogniser.vocabulary,
        probabilities=np.stack(rows),
        glosses=tuple(glosses),
        signers=tuple(data.column("signer")),
        sessions=tuple(data.column("session")),
        expressions=tuple(data.column("expression")),
        read_expressions=ExpressionAnswers(tuple(faces), reader.commonest)
        if (reader := recogniser.expressions)
        else None,
        held_out=held_out,
    )
