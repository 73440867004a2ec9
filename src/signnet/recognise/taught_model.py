"""A taught model as a folder: the model's own files, unchanged, and `taught.json`."""

import shutil
from collections.abc import Iterable
from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path

from signnet.errors import ModelError
from signnet.files import whole_folder
from signnet.recognise.exemplars import ANCHORS
from signnet.recognise.expression import FILE
from signnet.recognise.model_card import CARD, GRAPH, ModelCard, Teaching
from signnet.recognise.taught_file import TAUGHT, write_taught
from signnet.recognise.teaching import Taught

__all__ = ["save_model", "taught_card"]

_FILES = (GRAPH, CARD, ANCHORS, FILE, "motions.parquet", "words.json")


def save_model(source: Path, out: Path, taught: Taught, name: str, sha256: str) -> None:
    """Copy a model into a new folder, with what it was taught; whole or not at all.

    Parameters
    ----------
    source
        The folder of the model.
    out
        A new folder.
    taught
        What was taught; nothing is written for it if it is empty.
    name, sha256
        The model's name, and the hash of its graph.

    Raises
    ------
    ModelError
        If `out` exists already, or it cannot be written.
    """
    with _new_folder(out) as draft:
        _copy(_FILES, source, draft)
        if not taught.is_empty:
            write_taught(taught, draft / TAUGHT, name, sha256)


def _new_folder(out: Path) -> AbstractContextManager[Path]:
    """Fill a folder beside the target, and rename it when it is complete."""
    if out.exists():
        raise ModelError(f"{out} exists already; choose another --out")
    return whole_folder(out, ModelError)


def _copy(names: Iterable[str], source: Path, out: Path) -> None:
    for name in names:
        if (source / name).is_file():
            shutil.copyfile(source / name, out / name)


def taught_card(card: ModelCard, taught: Taught) -> ModelCard:
    """Describe a model together with what it was taught; it has no figures yet."""
    if taught.is_empty:
        return card
    clips = tuple((one.name, one.signer, one.session) for one in taught.clips)
    return replace(
        card,
        vocabulary=taught.vocabulary,
        abstain_below=taught.sure_above if taught.clips else card.abstain_below,
        held_out="nothing: not measured since it was taught",
        trained_on=(*card.trained_on, *clips),
        metrics={},
        enrolled=Teaching(
            new=taught.new,
            forgotten=taught.forgotten,
            clips=tuple(one.labels for one in taught.clips),
        ),
    )
