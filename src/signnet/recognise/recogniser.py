"""From landmarks to words with ONNX Runtime alone: no torch.

A model is a folder with `model.onnx` and `model.json`: a run, an export, or one that is
shipped inside the package.
"""

import json
import time
from dataclasses import dataclass
from functools import cached_property
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
from jaxtyping import Float32

from signnet.clip import Clip
from signnet.errors import ModelError
from signnet.recognise.expression import FILE, ExpressionReader

__all__ = [
    "DEFAULT_MODEL",
    "Expression",
    "Prediction",
    "Recogniser",
    "Recognition",
    "find_model",
    "open_session",
]

DEFAULT_MODEL = "bdsl55"
CARD_FORMAT = 1
NEEDED = {"vocabulary", "trained_on", "abstain_below"}
"""What of the card the recogniser reads."""


@dataclass(frozen=True)
class Prediction:
    """A gloss and how probable the model finds it."""

    gloss: str
    probability: float


@dataclass(frozen=True)
class Expression:
    """What the signer's face expresses, as the model reads it."""

    label: str
    """The most probable expression."""

    probability: float
    probabilities: dict[str, float]
    """Of every expression that the model knows, best first."""


@dataclass(frozen=True)
class Recognition:
    """The answer for one clip."""

    predictions: tuple[Prediction, ...]
    """The five best, best first."""

    abstained: bool
    """True where the best one is too improbable to be said aloud."""

    expression: Expression | None
    """None where the model reads none, or no face was seen."""

    seconds: float
    """What the recognition took, without extraction."""


def shipped_models() -> dict[str, Path]:
    """List the models inside the package by name."""
    folder = Path(str(files("signnet") / "weights"))
    return {
        card.parent.name: card.parent for card in sorted(folder.glob("*/model.json"))
    }


def find_model(model: str) -> Path:
    """Find a run folder, an exported folder or a shipped model by name.

    Raises
    ------
    ModelError
        If there is none, or the run has not been finished.
    """
    path = Path(model)
    if (path / "model.json").is_file() and (path / "model.onnx").is_file():
        return path
    if (path / "run.json").is_file():
        raise ModelError(
            f"{model} is an unfinished run; finish it with `train --resume`"
        )
    shipped = shipped_models()
    if model in shipped:
        return shipped[model]
    known = ", ".join(shipped) or "none"
    raise ModelError(
        f"no model at {model}: expected a folder with model.onnx and model.json, or "
        f"the name of a shipped model ({known})"
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
    """A model ready to answer."""

    def __init__(self, folder: Path, threads: int = 1) -> None:
        self.card = _read_card(folder / "model.json")
        self._session = open_session(folder / "model.onnx", threads)
        self.expressions = _open_expressions(folder, self.card)

    @classmethod
    def open(cls, model: str = DEFAULT_MODEL) -> "Recogniser":
        """Open a model by folder or name; see `find_model`."""
        return cls(find_model(model))

    @cached_property
    def vocabulary(self) -> tuple[str, ...]:
        """The glosses, in the order of the outputs."""
        return tuple(self.card["vocabulary"])

    @property
    def trained_on(self) -> list[tuple[str, str | None, str | None]]:
        """Name, signer and session of every clip that the model was trained on."""
        return [tuple(clip) for clip in self.card["trained_on"]]

    def probabilities(self, clip: Clip) -> Float32[np.ndarray, " gloss"]:
        """Give the probability of each gloss of the vocabulary."""
        landmarks = clip.evenly_timed().landmarks[None]
        outputs: list[Any] = list(
            self._session.run(["probabilities"], {"landmarks": landmarks})
        )
        return np.asarray(outputs[0][0])

    def recognise(self, clip: Clip) -> Recognition:
        """Name the five most probable glosses.

        It abstains where the best is less probable than the model's threshold, and
        where no frame shows a hand.
        """
        started = time.perf_counter()
        chances = self.probabilities(clip)
        best = np.argsort(-chances, kind="stable")[:5]
        handless = not (clip.seen("left_hand") | clip.seen("right_hand")).any()
        return Recognition(
            tuple(Prediction(self.vocabulary[i], float(chances[i])) for i in best),
            abstained=bool(handless or chances[best[0]] < self.card["abstain_below"]),
            expression=self.expression(clip),
            seconds=time.perf_counter() - started,
        )

    def expression(self, clip: Clip) -> Expression | None:
        """Read the face; None where it was not seen or the model reads none."""
        chances = self.expressions.read(clip) if self.expressions else None
        if chances is None:
            return None
        label, probability = next(iter(chances.items()))
        return Expression(label, probability, chances)


def _open_expressions(folder: Path, card: dict[str, Any]) -> ExpressionReader | None:
    """Open what reads expressions, if the card says that there is one."""
    named = card.get("expressions")
    if not named:
        return None
    reader = ExpressionReader.open(folder / FILE)
    if list(reader.expressions) != named:
        raise ModelError(
            f"{folder / FILE} reads {', '.join(reader.expressions)}, but model.json "
            "names other expressions; copy both files of the same model"
        )
    return reader


def _read_card(path: Path) -> dict[str, Any]:
    try:
        card = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ModelError(f"{path} cannot be read: {error}") from error
    known = isinstance(card, dict) and card.get("format") == CARD_FORMAT
    if not known or NEEDED - set(card):
        raise ModelError(
            f"{path} is no model card of format {CARD_FORMAT}; export the model again"
        )
    return card
