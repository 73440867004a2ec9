"""A model as ONNX with its front end inside, and `model.json` beside it."""

import logging
import warnings
from dataclasses import replace
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import onnx
import onnxruntime
import torch
from jaxtyping import Float16
from torch import Tensor

from signnet.errors import ModelError
from signnet.models import parameters
from signnet.models.checkpoint import Checkpoint, Predictor
from signnet.recognise.exemplars import ANCHORS, MOST_ANCHORS
from signnet.recognise.expression import FILE, ExpressionReader
from signnet.recognise.model_card import CARD, ModelCard
from signnet.skeleton import JOINT_COUNT

__all__ = ["TOLERANCE", "anchors_of", "card_of", "export"]

TOLERANCE = 1e-4
"""Largest difference allowed between PyTorch's and ONNX Runtime's probabilities."""

_FILES = (ANCHORS, FILE, "model.onnx", CARD)
"""In the order in which they are put in place: a card never promises what is not there.
"""


def export(
    checkpoint: Checkpoint,
    out: Path,
    expressions: ExpressionReader | None = None,
    *,
    name: str = "model",
) -> float:
    """Write `model.onnx` and `model.json` and hold them against PyTorch.

    A model that remembers clips gets `anchors.npy` too.

    Parameters
    ----------
    checkpoint
        The model.
    out
        The folder; it is made.
    expressions
        Is written beside them as `expression.npz`.
    name
        What the card calls the model.

    Returns
    -------
    float
        The largest difference between the probabilities of both.

    Raises
    ------
    ModelError
        If they differ by more than `TOLERANCE`, or the folder cannot be written;
        files of an earlier export stay as they were.
    """
    try:
        out.mkdir(parents=True, exist_ok=True)
        with TemporaryDirectory(prefix=".export-", dir=out) as draft:
            difference = _write_all(checkpoint, Path(draft), expressions, name)
            for file in _FILES:
                if (Path(draft) / file).exists():
                    (Path(draft) / file).replace(out / file)
                else:
                    (out / file).unlink(missing_ok=True)
    except OSError as error:
        raise ModelError(f"cannot write to {out}: {error.strerror}") from error
    return difference


def _write_all(
    checkpoint: Checkpoint, out: Path, expressions: ExpressionReader | None, name: str
) -> float:
    predictor = checkpoint.predictor()
    _write_graph(predictor, out / "model.onnx")
    difference = parity(predictor, out / "model.onnx")
    if difference > TOLERANCE:
        raise ModelError(
            f"the exported model differs from PyTorch by {difference:.1e} (allowed "
            f"{TOLERANCE:.0e}); nothing was written, please report it"
        )
    card = card_of(checkpoint, name, predictor)
    if expressions:
        card = replace(card, expressions=expressions.expressions)
        expressions.save(out / FILE)
    anchors = anchors_of(checkpoint)
    if anchors is not None:
        np.save(out / ANCHORS, anchors, allow_pickle=False)
    card.write(out / CARD)
    return difference


class _Graph(Predictor):
    """What is exported: all that the page needs to be taught, not probabilities alone.

    A subclass, since tensors in the graph are named by their place in the module.
    """

    def forward(  # pyright: ignore[reportIncompatibleMethodOverride]
        self, landmarks: Tensor, valid: Tensor | None = None
    ) -> tuple[Tensor, ...]:
        """Give probabilities and, with exemplars, the embedding and their scores."""
        return self.answers(landmarks[:, :, self.joints], valid)


def _write_graph(predictor: Predictor, path: Path) -> None:
    graph = _Graph(
        list(predictor.members),
        predictor.temperature,
        predictor.exemplars,
        predictor.exemplar_weight,
    ).eval()
    outputs = ["probabilities", "embedding", "scores"]
    example = torch.from_numpy(example_landmarks(40))[None]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        logging.getLogger("torch.onnx").setLevel(logging.ERROR)
        torch.onnx.export(
            graph,
            (example,),
            str(path),
            input_names=["landmarks"],
            output_names=outputs[: 3 if graph.exemplars else 1],
            dynamic_shapes=({1: torch.export.Dim("time", min=1)},),
            dynamo=True,
            external_data=False,
            verbose=False,
        )
    _forget_origin(path)


def _forget_origin(path: Path) -> None:
    """Take out the exporter's notes: source lines and paths of the machine."""
    model = onnx.load(path)
    graph = model.graph
    for part in (model, graph, *graph.node, *graph.value_info, *graph.initializer):
        del part.metadata_props[:]
        part.doc_string = ""
    onnx.save(model, path)


def example_landmarks(frames: int, seed: int = 0) -> np.ndarray:
    """Make landmarks with gaps, float32[time, 553, 3], for tracing and for parity."""
    rng = np.random.default_rng(seed)
    landmarks = rng.normal(0.5, 0.2, (frames, JOINT_COUNT, 3)).astype(np.float32)
    landmarks[: frames // 3, 33:54] = np.nan
    landmarks[frames // 2 :, 54:75] = np.nan
    landmarks[:: max(frames // 5, 2), 75:] = np.nan
    return landmarks


def parity(predictor: Predictor, path: Path) -> float:
    """Give the largest difference over clips of several lengths, one of them empty."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(path, options)
    clips = [example_landmarks(frames, frames) for frames in (1, 2, 13, 60, 301)]
    clips.append(np.full((8, JOINT_COUNT, 3), np.nan, np.float32))
    differences: list[float] = []
    for clip in clips:
        with torch.inference_mode():
            expected = predictor(torch.from_numpy(clip)[None]).numpy()
        found = np.asarray(session.run(None, {"landmarks": clip[None]})[0])
        differences.append(float(np.abs(found - expected).max()))
    return max(differences)


def anchors_of(
    checkpoint: Checkpoint,
) -> Float16[np.ndarray, "anchor axis"] | None:
    """Give the remembered clips that are no variants, or None if there are none."""
    if checkpoint.exemplars is None:
        return None
    count = min(len(checkpoint.trained_on), MOST_ANCHORS)
    return checkpoint.exemplars["clips"][:count].numpy().astype(np.float16)


def card_of(checkpoint: Checkpoint, name: str, predictor: Predictor) -> ModelCard:
    """Make the card of a trained model."""
    return ModelCard(
        name=name,
        created=date.today().isoformat(),
        vocabulary=checkpoint.vocabulary,
        members=len(checkpoint.members),
        parameters=parameters(predictor),
        abstain_below=checkpoint.metrics.get("abstain_below", 0.0),
        held_out=checkpoint.held_out,
        metrics=checkpoint.metrics,
        seed=checkpoint.seed,
        recipe=checkpoint.recipe.to_dict(),
        trained_on=checkpoint.trained_on,
    )
