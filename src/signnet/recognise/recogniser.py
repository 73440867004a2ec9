"""From landmarks to glosses with ONNX Runtime alone: no torch.

A model is a folder with `model.onnx` and `model.json`: a run, an export, or one that is
shipped inside the package.
"""

import copy
import hashlib
import time
from dataclasses import asdict, dataclass
from os import PathLike, fspath
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime

from signnet.clip import Clip, Landmarks
from signnet.clip.shapes import Float32
from signnet.config.pace import Pace
from signnet.errors import ModelError
from signnet.files import as_path, check_finished
from signnet.recognise.exemplars import ANCHORS, Kernel, read_anchors
from signnet.recognise.expression import FILE, ExpressionReader
from signnet.recognise.hands import Hand, hand_of_clip
from signnet.recognise.hub import fetch_model, is_address
from signnet.recognise.model_card import CARD, GRAPH, ModelCard
from signnet.recognise.taught_file import TAUGHT, read_taught
from signnet.recognise.taught_model import taught_card
from signnet.recognise.teaching import Taught

__all__ = [
    "DEFAULT_MODEL",
    "GRAPH",
    "Answer",
    "Expression",
    "Prediction",
    "Recogniser",
    "Seen",
    "find_model",
    "open_session",
    "shipped_models",
]

DEFAULT_MODEL = "bdsl55"

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

    hand: Hand | None
    """Which hand made the sign: left, right or both; None if no hand was seen."""

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
            "hand": self.hand,
            "seconds": self.seconds,
        }


def shipped_models() -> dict[str, Path]:
    """List the models inside the package by name."""
    folder = Path(__file__).parent.parent / "weights"
    return {card.parent.name: card.parent for card in sorted(folder.glob(f"*/{CARD}"))}


def find_model(model: str | PathLike[str]) -> Path:
    """Find a run folder, an exported folder or a shipped model by name.

    `hf:OWNER/NAME` is fetched from the Hugging Face Hub.

    Raises
    ------
    ModelError
        If there is none, or the run has not been finished.
    SettingsError
        If it is on the Hub, and huggingface_hub is not installed.
    """
    if isinstance(model, str) and is_address(model):
        return fetch_model(model)
    path = as_path(model, "model")
    check_finished(path, ModelError)
    if (path / CARD).is_file() and (path / GRAPH).is_file():
        return path
    if (path / "run.json").is_file():
        raise ModelError(
            f"{path} is an unfinished run; finish it with `train --resume`"
        )
    if (path / "base.json").is_file():
        raise ModelError(
            f"{path} is an unfinished base; finish it with `pretrain --resume`"
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


@dataclass(frozen=True, eq=False)
class Seen:
    """How a model itself sees a clip, without what it was taught."""

    probabilities: Float32[np.ndarray, " gloss"]
    """Of each gloss that it was trained on; empty for a base."""

    embedding: Float32[np.ndarray, " axis"]
    """Empty for a model that cannot be taught."""

    scores: Float32[np.ndarray, " score"]
    """Scores of the exemplars, near 1 for the right gloss; empty without exemplars."""


class Recogniser:
    """A model that is ready to recognise clips.

    Parameters
    ----------
    card
        What the model itself knows.
    graph
        The file, from landmarks to probabilities, embedding, or both.
    expressions
        Reads the face; None for a model that does not read it.
    threads
        Threads of ONNX Runtime.

    Raises
    ------
    ModelError
        If the graph cannot be read, or does not fit the card.
    """

    def __init__(
        self,
        card: ModelCard,
        graph: Path,
        expressions: ExpressionReader | None = None,
        threads: int = 1,
    ) -> None:
        self.own_card = card
        self.expressions = expressions
        self.graph = graph
        self._session = open_session(graph, threads)
        self._outputs = _checked_outputs(self._session, card, graph)
        kernel = Kernel.of(card.embedding, self._outputs.get("embedding", 0))
        anchors = read_anchors(graph.parent / ANCHORS, kernel.size)
        self.taught = Taught(glosses=card.vocabulary, kernel=kernel, anchors=anchors)
        self.card = card

    @classmethod
    def open(
        cls, model: str | PathLike[str] = DEFAULT_MODEL, threads: int = 1
    ) -> "Recogniser":
        """Open a model by folder or name, with what it was taught; see `find_model`."""
        folder = find_model(model)
        card = ModelCard.read(folder / CARD)
        opened = cls(card, folder / GRAPH, threads=threads)
        opened.expressions = open_expressions(folder, card)
        file = folder / TAUGHT
        if not file.is_file():
            return opened
        if not opened.can_be_taught:
            raise ModelError(f"{file}: the model beside it cannot be taught; remove it")
        return opened.with_taught(read_taught(file, opened.taught, opened.sha256))

    def with_taught(self, taught: Taught) -> "Recogniser":
        """Return the same model with something else taught to it."""
        other = copy.copy(self)
        other.taught = taught
        other.card = taught_card(self.own_card, taught)
        return other

    @property
    def sha256(self) -> str:
        """Hash of the graph's file."""
        with self.graph.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()

    @property
    def vocabulary(self) -> tuple[str, ...]:
        """The glosses, in the order of the probabilities."""
        return self.card.vocabulary

    @property
    def pace(self) -> Pace:
        """How often the model has to look at a film, and at the face in it."""
        return self.own_card.pace

    @property
    def can_be_taught(self) -> bool:
        """Whether the model has exemplars or a base."""
        return "embedding" in self._outputs

    def see(self, landmarks: Landmarks) -> Seen:
        """Run the graph on landmarks at a constant frame rate."""
        names = list(self._outputs)
        outputs: list[Any] = list(
            self._session.run(names, {"landmarks": landmarks[None]})
        )
        found = {
            name: np.asarray(one[0], np.float32)
            for name, one in zip(names, outputs, strict=True)
        }
        nothing = np.zeros(0, np.float32)
        keys = ("probabilities", "embedding", "scores")
        return Seen(*(found.get(key, nothing) for key in keys))

    def probabilities(self, clip: Clip) -> Float32[np.ndarray, " gloss"]:
        """Compute the probability of each gloss of the vocabulary."""
        return self.classify(clip.evenly_timed().landmarks)

    def classify(self, landmarks: Landmarks) -> Float32[np.ndarray, " gloss"]:
        """Compute probabilities for landmarks at a constant frame rate.

        Raises
        ------
        ModelError
            If the model knows no gloss yet.
        """
        seen = self.see(landmarks)
        if self.taught.is_empty and len(seen.probabilities):
            return seen.probabilities
        self.require_words()
        return self.taught.probabilities(
            seen.probabilities, seen.embedding, seen.scores
        )

    def require_words(self) -> None:
        """Raise ModelError if the model knows no gloss: a base that was not taught."""
        if not self.vocabulary:
            folder = self.graph.parent
            name = folder.name if folder in shipped_models().values() else folder
            raise ModelError(
                f"{name} knows no word yet; teach it some with `signnet enrol {name} "
                "CLIPS --out MODEL`, and use that model"
            )

    def recognise(self, clip: Clip) -> Answer:
        """Find the five most probable glosses of a clip.

        The model abstains if the best gloss is less probable than the card's
        threshold, or if no frame shows a hand.
        """
        started = time.perf_counter()
        even = clip.evenly_timed()
        top = self.top(self.classify(even.landmarks))
        unsure = top[0].probability < self.card.abstain_below
        return Answer(
            top=top,
            abstained=unsure or not clip.shows_hand,
            expression=self.expression(even),
            hand=hand_of_clip(even),
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


def _checked_outputs(session: Any, card: ModelCard, graph: Path) -> dict[str, int]:
    """Return the length of each output; ModelError if card and graph do not fit."""
    found = {output.name: output.shape[-1] for output in session.get_outputs()}
    known = {
        name: int(found[name]) if isinstance(found[name], int) else 0
        for name in ("probabilities", "embedding", "scores")
        if name in found
    }
    where = graph.parent
    if "probabilities" not in known and (card.vocabulary or "embedding" not in known):
        names = ", ".join(found)[:60]
        raise ModelError(
            f"{where}: {GRAPH} gives {names}, expected probabilities; export it again"
        )
    count = known.get("probabilities", 0)
    if count and count != len(card.vocabulary):
        raise ModelError(
            f"{where}: {GRAPH} has {count} glosses and {CARD} {len(card.vocabulary)}; "
            "copy both files of the same model"
        )
    axes = sum(card.embedding.get("axes", [])) or known.get("embedding", 0)
    if axes != known.get("embedding", 0):
        raise ModelError(
            f"{where}: {GRAPH} has an embedding of {known.get('embedding', 0)} axes "
            f"and {CARD} of {axes}; copy both files of the same model"
        )
    return known
