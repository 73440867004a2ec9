"""Export: a model as ONNX with its front end inside, and `model.json` beside it."""

import os
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np

from signnet.clip.shapes import Float16
from signnet.dataset import Dataset, Progress, no_progress, write_clips
from signnet.errors import ModelError
from signnet.files import (
    clear_drafts,
    draft_folder,
    is_unfinished,
    only_writer,
    unfinished,
)
from signnet.models import parameters
from signnet.models.checkpoint import Checkpoint, Predictor
from signnet.recognise.exemplars import ANCHORS, MOST_ANCHORS
from signnet.recognise.expression import FILE, ExpressionReader
from signnet.recognise.model_card import CARD, ModelCard
from signnet.recognise.motions import average_motions
from signnet.recognise.recogniser import GRAPH
from signnet.training.base_file import base_graph_of
from signnet.training.composed import write_composed
from signnet.training.graph import parity, write_graph
from signnet.training.thresholds import USUAL_THRESHOLD

__all__ = ["TOLERANCE", "anchors_of", "card_of", "export", "export_run"]

TOLERANCE = 1e-4
"""Largest difference allowed between PyTorch's and ONNX Runtime's probabilities."""

_DRAFT = ".export-"

_FILES = (ANCHORS, FILE, GRAPH, CARD)
"""In the order in which they are moved into place: the card comes last."""


def export(
    checkpoint: Checkpoint,
    out: Path,
    expressions: ExpressionReader | None = None,
    *,
    name: str = "model",
    base_graph: Path | None = None,
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
    base_graph
        Graph of the model's base, if it is at hand: exporting is faster with it.
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
        clear_drafts(out, _DRAFT)
        cannot_write = f"cannot write to {out}"
        with draft_folder(out, _DRAFT, cannot_write, ModelError) as draft:
            progress(0, 3)
            predictor = checkpoint.predictor()
            if base_graph is not None and not checkpoint.members:
                write_composed(base_graph, predictor, draft / GRAPH)
            else:
                write_graph(predictor, draft / GRAPH)
            progress(1, 3)
            difference = _checked(predictor, draft / GRAPH)
            progress(2, 3)
            card = card_of(checkpoint, name, predictor)
            _write_beside(checkpoint, draft, expressions, card)
            _put(draft, out)
        progress(3, 3)
    except OSError as error:
        raise ModelError(f"cannot write to {out}: {error.strerror}") from error
    return difference


def _put(draft: Path, out: Path) -> None:
    """Replace the files of a model; until all are, the folder is no model."""
    for file in draft.iterdir():
        with file.open("rb+") as written:
            os.fsync(written.fileno())
    with unfinished(out, "an export", ModelError):
        for file in _FILES:
            if (draft / file).exists():
                (draft / file).replace(out / file)
            else:
                (out / file).unlink(missing_ok=True)


def _refuse_foreign(out: Path) -> None:
    """Refuse to replace files that signnet did not write."""
    there = [file for file in _FILES if os.path.lexists(out / file)]
    if not there or (out / "run.json").is_file() or is_unfinished(out):
        return
    try:
        ModelCard.read(out / CARD)
    except ModelError as error:
        raise ModelError(
            f"{out} holds {there[0]} but no signnet model; export to a new folder"
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
    with only_writer(out, ModelError):
        return _export_run(run, out, measured, motions)


def _export_run(
    run: Path, out: Path, measured: Path | None, motions: Path | None
) -> float:
    checkpoint = Checkpoint.load(run / "checkpoint.pt")
    if measured is not None:
        checkpoint = checkpoint.measured_by(Checkpoint.load(measured / "checkpoint.pt"))
    reader = ExpressionReader.open(run / FILE) if (run / FILE).is_file() else None
    base_graph = base_graph_of(checkpoint.base)
    difference = export(checkpoint, out, reader, name=out.name, base_graph=base_graph)
    if motions is not None:
        trained = [name for name, *_ in checkpoint.trained_on]
        average = average_motions(Dataset.open(motions).select(trained))
        write_clips(average, out / "motions.parquet")
    return difference


def _checked(predictor: Predictor, graph: Path) -> float:
    """Return the graph's difference from PyTorch; ModelError if it is too large."""
    difference = parity(predictor, graph)
    if np.isnan(difference):
        raise ModelError(
            "the model's probabilities are not numbers, so the training diverged; "
            "nothing was written, train again with a lower learning rate"
        )
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
        abstain_below=checkpoint.metrics.get("abstain_below", USUAL_THRESHOLD),
        held_out=checkpoint.held_out,
        metrics=checkpoint.metrics,
        seed=checkpoint.seed,
        recipe=checkpoint.recipe.to_dict(),
        trained_on=checkpoint.trained_on,
        embedding=_embedding_of(predictor),
        base=checkpoint.base,
    )


def _embedding_of(predictor: Predictor) -> dict[str, list[int] | list[float]]:
    exemplars = predictor.exemplars
    if exemplars is None:
        return {}
    return {"axes": list(exemplars.axes), "weights": list(exemplars.parts)}
