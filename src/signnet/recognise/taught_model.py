"""A taught model as a folder: its graph is checked, its card says what was taught."""

import shutil
from collections.abc import Iterable
from contextlib import AbstractContextManager
from datetime import date
from pathlib import Path

import numpy as np

from signnet.errors import ModelError
from signnet.files import whole_folder
from signnet.recognise.exemplars import ANCHORS, SHARPNESS, Exemplars
from signnet.recognise.expression import FILE
from signnet.recognise.model_card import CARD, ModelCard, Teaching
from signnet.recognise.recogniser import GRAPH, open_session
from signnet.recognise.teaching import ABSTAIN_BELOW, Taught
from signnet.skeleton import JOINT_COUNT

__all__ = ["EXTRAS", "card_of", "check_graph", "copy_model", "save_taught"]

EXTRAS = ("motions.parquet", "words.json", FILE)
"""Files of a model's folder that teaching does not change."""

TOLERANCE = 1e-3
"""Largest difference allowed between the written graph's probabilities and numpy's."""


def save_taught(taught: Taught, out: Path, source: Path) -> None:
    """Write a taught model's folder, whole or not at all.

    Parameters
    ----------
    taught
        The model.
    out
        A new folder.
    source
        The folder of the model it was made from; `EXTRAS` are copied.

    Raises
    ------
    ModelError
        If `out` exists already, it cannot be written, or the graph
        does not compute what was fitted.
    """
    exemplars = taught.exemplars()
    check_graph(exemplars)
    held = np.concatenate([taught.anchors, taught.points]).astype(np.float16)
    with _new_folder(out) as draft:
        (draft / GRAPH).write_bytes(exemplars.graph)
        card_of(taught, exemplars, out.name).write(draft / CARD)
        np.save(draft / ANCHORS, held)
        _copy(EXTRAS, source, draft)


def copy_model(source: Path, out: Path) -> None:
    """Copy a model's files into a new folder; ModelError if it cannot be written."""
    with _new_folder(out) as draft:
        _copy((GRAPH, CARD, ANCHORS, *EXTRAS), source, draft)


def _new_folder(out: Path) -> AbstractContextManager[Path]:
    """Fill a folder beside the target, and rename it when it is complete."""
    if out.exists():
        raise ModelError(f"{out} exists already; choose another --out")
    return whole_folder(out, ModelError)


def _copy(names: Iterable[str], source: Path, out: Path) -> None:
    for name in names:
        if (source / name).is_file():
            shutil.copyfile(source / name, out / name)


def card_of(taught: Taught, exemplars: Exemplars, name: str) -> ModelCard:
    """Make the card of a taught model, with what was added and without figures."""
    before = taught.card
    clips = [(str(one["name"]), one["signer"], one["session"]) for one in taught.clips]
    return ModelCard(
        name=name,
        created=date.today().isoformat(),
        vocabulary=taught.vocabulary,
        members=0,
        parameters=exemplars.clips.size + exemplars.weights.size,
        abstain_below=ABSTAIN_BELOW,
        held_out="nothing: not measured since it was taught",
        trained_on=(*before.trained_on[: taught.trained], *clips),
        seed=before.seed,
        recipe=before.recipe,
        expressions=before.expressions,
        enrolled=Teaching(
            exemplars=len(taught.base.clips),
            trained=taught.trained,
            new=taught.new,
            forgotten=taught.forgotten,
            clips=taught.clips,
        ),
    )


def check_graph(exemplars: Exemplars) -> None:
    """Compare the graph with numpy on random landmarks; ModelError if they differ."""
    session = open_session(exemplars.graph)
    rng = np.random.default_rng(0)
    for frames in (1, 13, 60):
        landmarks = rng.normal(0.5, 0.2, (1, frames, JOINT_COUNT, 3)).astype(np.float32)
        outputs = session.run(["probabilities", "embedding"], {"landmarks": landmarks})
        found, embedding = (np.asarray(one) for one in outputs)
        evidence = np.exp(SHARPNESS * exemplars.scores(embedding).astype(np.float64))
        difference = np.abs(found - evidence / evidence.sum()).max()
        if not difference <= TOLERANCE:
            raise ModelError(
                f"the taught graph differs from what was fitted by {difference:.1e}; "
                "nothing was written, please report it"
            )
