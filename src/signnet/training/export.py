"""Export: a model as ONNX with its front end inside, and `model.json` beside it."""

import logging
import os
import warnings
from collections.abc import Generator
from contextlib import contextmanager
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

from signnet.dataset import Dataset, Progress, no_progress, write_clips
from signnet.errors import ModelError
from signnet.models import parameters
from signnet.models.checkpoint import Checkpoint, Predictor
from signnet.recognise.exemplars import ANCHORS, MOST_ANCHORS
from signnet.recognise.expression import FILE, ExpressionReader
from signnet.recognise.model_card import CARD, ModelCard
from signnet.recognise.motions import average_motions
from signnet.skeleton import JOINT_COUNT

__all__ = ["TOLERANCE", "anchors_of", "card_of", "export", "export_run"]

TOLERANCE = 1e-4
"""Largest difference allowed between PyTorch's and ONNX Runtime's probabilities."""

_FILES = (ANCHORS, FILE, "model.onnx", CARD)
"""In the order in which they are moved into place: the card comes last."""


def export(
    checkpoint: Checkpoint,
    out: Path,
    expressions: ExpressionReader | None = None,
    *,
    name: str = "model",
    progress: Progress = no_progress,
) -> float:
    """Write `model.onnx` and `model.json` and check them against PyTorch.

    A model with exemplars gets `anchors.npy` too.

    Parameters
    ----------
    checkpoint
        The model.
    out
        The folder; it is created.
    expressions
        Reader of expressions, written beside them as `expression.npz`.
    name
        Name of the model on its card.
    progress
        Callback `(done, total)`.

    Returns
    -------
    float
        Largest difference between the probabilities of ONNX Runtime and PyTorch.

    Raises
    ------
    ModelError
        If they differ by more than `TOLERANCE`, the folder cannot be written, or it
        holds files of these names that belong to no model and no run; what was there
        stays as it was.
    """
    _refuse_foreign(out)
    try:
        out.mkdir(parents=True, exist_ok=True)
        with TemporaryDirectory(prefix=".export-", dir=out) as draft:
            progress(0, 3)
            predictor = checkpoint.predictor()
            _write_graph(predictor, Path(draft) / "model.onnx")
            progress(1, 3)
            difference = _checked(predictor, Path(draft) / "model.onnx")
            progress(2, 3)
            card = card_of(checkpoint, name, predictor)
            _write_beside(checkpoint, Path(draft), expressions, card)
            for file in _FILES:
                if (Path(draft) / file).exists():
                    (Path(draft) / file).replace(out / file)
                else:
                    (out / file).unlink(missing_ok=True)
        progress(3, 3)
    except OSError as error:
        raise ModelError(f"cannot write to {out}: {error.strerror}") from error
    return difference


def _refuse_foreign(out: Path) -> None:
    """Refuse to replace files that signnet did not write."""
    there = [file for file in _FILES if os.path.lexists(out / file)]
    if not there or (out / "run.json").is_file():
        return
    try:
        ModelCard.read(out / CARD)
    except ModelError as error:
        raise ModelError(
            f"{out} holds {there[0]} but no model of signnet; export to a new folder"
        ) from error


def export_run(
    run: Path,
    out: Path,
    *,
    measured: Path | None = None,
    motions: Path | None = None,
) -> float:
    """Export a finished run to another folder.

    Parameters
    ----------
    run
        The run's folder.
    out
        The folder; it is created, and its name becomes the model's.
    measured
        Run of the same recipe that held clips out; its figures, temperature and
        threshold are used.
    motions
        Dataset from which each gloss' average motion over the training clips is
        written beside the model, as `motions.parquet`.

    Returns
    -------
    float
        Largest difference between the probabilities of ONNX Runtime and PyTorch.

    Raises
    ------
    ModelError
        If a run is not finished or the recipes differ, or as for `export`.
    """
    checkpoint = Checkpoint.load(run / "checkpoint.pt")
    if measured is not None:
        checkpoint = checkpoint.measured_by(Checkpoint.load(measured / "checkpoint.pt"))
    reader = ExpressionReader.open(run / FILE) if (run / FILE).is_file() else None
    difference = export(checkpoint, out, reader, name=out.name)
    if motions is not None:
        trained = [name for name, *_ in checkpoint.trained_on]
        average = average_motions(Dataset.open(motions).select(trained))
        write_clips(average, out / "motions.parquet")
    return difference


def _checked(predictor: Predictor, graph: Path) -> float:
    """Return the graph's difference from PyTorch; ModelError if it is too large."""
    difference = parity(predictor, graph)
    if difference > TOLERANCE:
        raise ModelError(
            f"the exported model differs from PyTorch by {difference:.1e} (allowed "
            f"{TOLERANCE:.0e}); nothing was written, please report it"
        )
    return difference


def _write_beside(
    checkpoint: Checkpoint,
    out: Path,
    expressions: ExpressionReader | None,
    card: ModelCard,
) -> None:
    """Write the files beside the graph; the card names the expressions."""
    if expressions:
        card = replace(card, expressions=expressions.expressions)
        expressions.save(out / FILE)
    anchors = anchors_of(checkpoint)
    if anchors is not None:
        np.save(out / ANCHORS, anchors, allow_pickle=False)
    card.write(out / CARD)


class _Graph(Predictor):
    """The exported graph: also returns what teaching in the browser needs.

    A subclass, since tensors in the graph are named by their path in the module.
    """

    def forward(  # pyright: ignore[reportIncompatibleMethodOverride]
        self, landmarks: Tensor, valid: Tensor | None = None
    ) -> tuple[Tensor, ...]:
        """Return probabilities and, with exemplars, the embedding and their scores."""
        return self.outputs(landmarks[:, :, self.joints], valid)


def _write_graph(predictor: Predictor, path: Path) -> None:
    graph = _Graph(
        list(predictor.members),
        predictor.temperature,
        predictor.exemplars,
        predictor.exemplar_weight,
    ).eval()
    outputs = ["probabilities", "embedding", "scores"]
    example = torch.from_numpy(example_landmarks(40))[None]
    with warnings.catch_warnings(), _errors_only("torch.onnx"):
        warnings.simplefilter("ignore")
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
    _remove_origin(path)


@contextmanager
def _errors_only(logger: str) -> Generator[None]:
    """Silence a library's warnings, and restore its level afterwards."""
    log = logging.getLogger(logger)
    before = log.level
    log.setLevel(logging.ERROR)
    try:
        yield
    finally:
        log.setLevel(before)


def _remove_origin(path: Path) -> None:
    """Remove the exporter's notes: source lines and paths of the machine."""
    model = onnx.load(path)
    graph = model.graph
    for part in (model, graph, *graph.node, *graph.value_info, *graph.initializer):
        del part.metadata_props[:]
        part.doc_string = ""
    onnx.save(model, path)


def example_landmarks(frames: int, seed: int = 0) -> np.ndarray:
    """Return landmarks with gaps, float32[time, 553, 3], for tracing and parity."""
    rng = np.random.default_rng(seed)
    landmarks = rng.normal(0.5, 0.2, (frames, JOINT_COUNT, 3)).astype(np.float32)
    landmarks[: frames // 3, 33:54] = np.nan
    landmarks[frames // 2 :, 54:75] = np.nan
    landmarks[:: max(frames // 5, 2), 75:] = np.nan
    return landmarks


def parity(predictor: Predictor, path: Path) -> float:
    """Return the largest difference over clips of several lengths, and an empty one."""
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
    """Return the exemplars that are clips, not variants; None without exemplars."""
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
