"""From landmarks to glosses with ONNX Runtime alone: no torch.

A model is a folder with `model.onnx` and `model.json`: a run, an export, or one that is
shipped inside the package.
"""

import time
from dataclasses import asdict, dataclass
from importlib.resources import files
from os import PathLike, fspath
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
from jaxtyping import Float32

from signnet.clip import Clip, Landmarks
from signnet.errors import ModelError
from signnet.files import as_path
from signnet.recognise.expression import FILE, ExpressionReader
from signnet.recognise.model_card import CARD, ModelCard

__all__ = [
    "DEFAULT_MODEL",
    "GRAPH",
    "Answer",
    "Expression",
    "Prediction",
    "Recogniser",
    "find_model",
    "open_session",
    "shipped_models",
]

DEFAULT_MODEL = "bdsl55"

GRAPH = "model.onnx"
"""Name of the graph's file in a model's folder."""

_TOP = 5


@dataclass(frozen=True)
class Prediction:
    """A gloss and how probable the model finds it."""

    gloss: str
    probability: float


@dataclass(frozen=True)
class Expression:
    """The expression of the signer's face, as the model reads it."""

    label: str
    """The most probable expression."""

    probability: float
    probabilities: dict[str, float]
    """All expressions that the model knows, best first."""


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What a model says about one clip."""

    top: tuple[Prediction, ...]
    """The five most probable glosses, best first."""

    abstained: bool
    """Whether the best gloss is too improbable to rely on, or no hand was seen."""

    expression: Expression | None
    """None if the model reads no expressions, or no face was seen."""

    frames: int
    """Frames of the clip."""

    seconds: float
    """Time that the recognition took, without extraction."""

    @property
    def gloss(self) -> str:
        """The most probable gloss, whether the model abstained or not."""
        return self.top[0].gloss

    @property
    def probability(self) -> float:
        """Probability of the most probable gloss."""
        return self.top[0].probability

    def to_json(self, file: str) -> dict[str, Any]:
        """Return the object that `signnet predict --json` prints for a file."""
        return {
            "file": file,
            "frames": self.frames,
            "predictions": [asdict(one) for one in self.top],
            "abstained": self.abstained,
            "expression": asdict(self.expression) if self.expression else None,
            "seconds": self.seconds,
        }


def shipped_models() -> dict[str, Path]:
    """List the models inside the package by name."""
    folder = Path(str(files("signnet") / "weights"))
    return {card.parent.name: card.parent for card in sorted(folder.glob(f"*/{CARD}"))}


def find_model(model: str | PathLike[str]) -> Path:
    """Find a run folder, an exported folder or a shipped model by name.

    Raises
    ------
    ModelError
        If there is none, or the run has not been finished.
    """
    path = as_path(model, "model")
    if (path / CARD).is_file() and (path / GRAPH).is_file():
        return path
    if (path / "run.json").is_file():
        raise ModelError(
            f"{path} is an unfinished run; finish it with `train --resume`"
        )
    shipped = shipped_models()
    if (name := fspath(model)) in shipped:
        return shipped[name]
    known = ", ".join(shipped) or "none"
    raise ModelError(
        f"no model at {path}: expected a folder with {GRAPH} and {CARD}, or the name "
        f"of a shipped model ({known})"
    )


def open_session(graph: Path | bytes, threads: int = 1) -> Any:
    """Open a graph with ONNX Runtime; ModelError if it cannot be read."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.log_severity_level = 3
    try:
        return onnxruntime.InferenceSession(graph, options)
    except Exception as error:  # onnxruntime's errors share no public base
        what = graph if isinstance(graph, Path) else "the graph"
        reason = str(error).splitlines()[0]
        raise ModelError(f"{what} cannot be read: {reason}") from error


class Recogniser:
    """A model that is ready to recognise clips.

    Parameters
    ----------
    card
        What the model knows.
    graph
        A file, or the content of one, from landmarks to probabilities.
    expressions
        Reads the face; None for a model that does not read it.
    threads
        Threads of ONNX Runtime.

    Raises
    ------
    ModelError
        If the graph cannot be read, or has another number of glosses than the card.
    """

    def __init__(
        self,
        card: ModelCard,
        graph: Path | bytes,
        expressions: ExpressionReader | None = None,
        threads: int = 1,
    ) -> None:
        self.card = card
        self.expressions = expressions
        self._session = open_session(graph, threads)
        _check_glosses(self._session, card, graph)

    @classmethod
    def open(
        cls, model: str | PathLike[str] = DEFAULT_MODEL, threads: int = 1
    ) -> "Recogniser":
        """Open a model by folder or name; see `find_model`."""
        folder = find_model(model)
        card = ModelCard.read(folder / CARD)
        opened = cls(card, folder / GRAPH, threads=threads)
        opened.expressions = open_expressions(folder, card)
        return opened

    @property
    def vocabulary(self) -> tuple[str, ...]:
        """The glosses, in the order of the outputs."""
        return self.card.vocabulary

    def probabilities(self, clip: Clip) -> Float32[np.ndarray, " gloss"]:
        """Compute the probability of each gloss of the vocabulary."""
        return self.classify(clip.evenly_timed().landmarks)

    def classify(self, landmarks: Landmarks) -> Float32[np.ndarray, " gloss"]:
        """Compute probabilities for landmarks at a constant frame rate."""
        inputs = {"landmarks": landmarks[None]}
        outputs: list[Any] = list(self._session.run(["probabilities"], inputs))
        return np.asarray(outputs[0][0])

    def recognise(self, clip: Clip) -> Answer:
        """Find the five most probable glosses of a clip.

        The model abstains if the best gloss is less probable than the card's
        threshold, or if no frame shows a hand.
        """
        started = time.perf_counter()
        top = self.top(self.probabilities(clip))
        unsure = top[0].probability < self.card.abstain_below
        return Answer(
            top=top,
            abstained=unsure or not clip.shows_hand,
            expression=self.expression(clip),
            frames=len(clip),
            seconds=time.perf_counter() - started,
        )

    def top(
        self, probabilities: Float32[np.ndarray, " gloss"]
    ) -> tuple[Prediction, ...]:
        """Name the most probable glosses, best first; ties in vocabulary order."""
        best = np.argsort(-probabilities, kind="stable")[:_TOP]
        return tuple(
            Prediction(self.vocabulary[index], float(probabilities[index]))
            for index in best
        )

    def expression(self, clip: Clip) -> Expression | None:
        """Read the face; None if it was not seen or the model reads none."""
        found = self.expressions.read(clip) if self.expressions else None
        if found is None:
            return None
        label, probability = next(iter(found.items()))
        return Expression(label, probability, found)


def open_expressions(folder: Path, card: ModelCard) -> ExpressionReader | None:
    """Open the reader of expressions, if the card says that there is one."""
    if not card.expressions:
        return None
    reader = ExpressionReader.open(folder / FILE)
    if reader.expressions != card.expressions:
        raise ModelError(
            f"{folder / FILE} reads {', '.join(reader.expressions)}, but {CARD} "
            "names other expressions; copy both files of the same model"
        )
    return reader


def _check_glosses(session: Any, card: ModelCard, graph: Path | bytes) -> None:
    """Check that a card and a graph belong together; ModelError if not."""
    outputs = {output.name: output.shape for output in session.get_outputs()}
    where = f"{graph.parent}: " if isinstance(graph, Path) else ""
    if "probabilities" not in outputs:
        found = ", ".join(outputs)[:60]
        raise ModelError(
            f"{where}{GRAPH} gives {found}, expected probabilities; export it again"
        )
    count = outputs["probabilities"][-1]
    if isinstance(count, int) and count != len(card.vocabulary):
        raise ModelError(
            f"{where}{GRAPH} has {count} glosses and {CARD} {len(card.vocabulary)}; "
            "copy both files of the same model"
        )
