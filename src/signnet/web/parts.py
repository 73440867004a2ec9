"""The parts of a site, found and checked before anything is written."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import Float32

from signnet.clip import Clip
from signnet.dataset import Dataset
from signnet.errors import ModelError
from signnet.extraction import cached_models
from signnet.files import NOT_AN_ARRAY, read_array
from signnet.recognise.exemplars import ANCHORS
from signnet.recognise.model_card import CARD, ModelCard
from signnet.recognise.motions import average_motions
from signnet.recognise.recogniser import GRAPH, Recogniser, find_model

__all__ = ["TAUGHT", "VENDOR", "WEB", "Parts"]

TAUGHT = "taught.json"
"""File beside a model: the words that were taught to it, and the site's as well."""

WEB = Path(str(files("signnet") / "web"))
VENDOR = (
    *("vision_bundle.mjs", "vision_wasm_internal.js", "ort.wasm.bundle.min.mjs"),
    *("noto-sans-bengali-400.woff2", "noto-sans-bengali-600.woff2"),
    *("THIRD-PARTY.txt", "Apache-2.0.LICENSE.txt", "noto-sans-bengali.LICENSE.txt"),
)
_WASM = {
    "tracker": "vision_wasm_internal.wasm",
    "runtime": "ort-wasm-simd-threaded.wasm",
}


@dataclass(frozen=True)
class Parts:
    """All parts of a site, found and checked."""

    card: ModelCard
    words: Mapping[str, Any]
    motions: list[Clip]
    large: Mapping[str, Path]
    anchors: Float32[np.ndarray, "anchor axis"] | None
    """Exemplars whose scores teaching keeps; None without exemplars."""

    embedding: Mapping[str, Any] | None
    """Axes and weight of each part of an embedding; None if nothing can be taught."""

    taught: Mapping[str, Any] | None
    """Content of the model's `taught.json`; None if nothing was taught."""

    @classmethod
    def gather(cls, model: str, clips: Path | None) -> "Parts":
        """Find all parts of a site for a model.

        Raises
        ------
        ModelError
            In one line, if something is missing or cannot be read.
        DatasetError
            If the clips cannot be read.
        """
        wasm = {name: WEB / "vendor" / file for name, file in _WASM.items()}
        _check_vendor(wasm)
        tasks = cached_models()
        folder = find_model(model)
        words = folder / "words.json"
        card = ModelCard.read(folder / CARD)
        Recogniser.open(folder)  # refuses files that do not belong together
        anchors = _anchors(folder / ANCHORS)
        embedding = _embedding(card, anchors, folder)
        taught = _taught(folder, can_be_taught=embedding is not None)
        known = {*card.vocabulary, *_glosses_of(taught)}
        source = clips or folder / "motions.parquet"
        motions = _motions(source, averaged=clips is None)
        return cls(
            card=card,
            words=_words(words),
            motions=[clip for clip in motions if clip.gloss in known],
            large={
                **wasm,
                "pose": tasks["pose"],
                "hands": tasks["hands"],
                "model": folder / GRAPH,
            },
            anchors=anchors,
            embedding=embedding,
            taught=taught,
        )

    @property
    def glosses(self) -> set[str]:
        """The glosses that the page answers before its visitors teach it more."""
        taught = _glosses_of(self.taught)
        forgotten = self.taught["forgotten"] if self.taught else ()
        return {*self.card.vocabulary} - {*forgotten} | taught


def _words(file: Path) -> Mapping[str, Any]:
    """Read the readings of a model's words; ModelError if the file is damaged."""
    if not file.is_file():
        return {}
    try:
        content = json.loads(file.read_text("utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise ModelError(f"{file} cannot be read: {str(error)[:100]}") from error
    if not isinstance(content, dict):
        raise ModelError(f"{file} holds no words; export the model again")
    return content


def _check_vendor(wasm: Mapping[str, Path]) -> None:
    """Check that the browser files are there; ModelError says how to fetch them."""
    wanted = [*(WEB / "vendor" / file for file in VENDOR), *wasm.values()]
    missing = [path.name for path in wanted if not path.is_file()]
    if missing:
        raise ModelError(
            f"the browser files are not installed ({missing[0]} is missing in "
            f"{WEB / 'vendor'}); run `npm ci --prefix {WEB}`"
        )


def _anchors(file: Path) -> Float32[np.ndarray, "anchor axis"] | None:
    if not file.is_file():
        return None
    try:
        found = read_array(file.read_bytes()).astype(np.float32)
    except NOT_AN_ARRAY as error:
        reason = (str(error) or type(error).__name__).splitlines()[0][:100]
        raise ModelError(
            f"{file} cannot be read: {reason}; export the model again"
        ) from error
    if found.ndim != 2 or not np.isfinite(found).all():
        raise ModelError(
            f"{file} holds no anchors (shape {found.shape}); export the model again"
        )
    return found


def _embedding(
    card: ModelCard, anchors: Float32[np.ndarray, "anchor axis"] | None, folder: Path
) -> Mapping[str, Any] | None:
    """Return the parts of an embedding: those of the card, or one as the anchors have.

    Raises
    ------
    ModelError
        If the anchors have another number of axes than the card says.
    """
    known: Mapping[str, Any] | None = getattr(card, "embedding", None)
    if not known:
        return None if anchors is None else {"axes": [anchors.shape[1]], "weights": [1]}
    if anchors is not None and anchors.shape[1] != sum(known["axes"]):
        raise ModelError(
            f"{folder}: {ANCHORS} has {anchors.shape[1]} axes and {CARD} "
            f"{sum(known['axes'])}; copy both files of the same model"
        )
    return {"axes": [*known["axes"]], "weights": [*known["weights"]]}


def _taught(folder: Path, *, can_be_taught: bool) -> Mapping[str, Any] | None:
    """Read what was taught to a model; the page checks every clip of it.

    Raises
    ------
    ModelError
        If the file is damaged, or was taught to another model.
    """
    file = folder / TAUGHT
    if not file.is_file():
        return None
    try:
        content = json.loads(file.read_text("utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise ModelError(f"{file} cannot be read: {str(error)[:100]}") from error
    if not can_be_taught:
        raise ModelError(f"{file}: the model beside it cannot be taught; remove it")
    if not _is_taught_file(content):
        raise ModelError(
            f"{file} is not a taught.json of this version; teach the words again"
        )
    digest = hashlib.sha256((folder / GRAPH).read_bytes()).hexdigest()
    if content["model"]["sha256"] != digest:
        raise ModelError(
            f"{file} was taught to another model than {GRAPH} beside it; "
            "teach the words again"
        )
    return content


def _is_taught_file(content: Any) -> bool:
    """Tell whether the frame of a file is right, so that its words can be counted."""
    if not isinstance(content, dict) or content.get("format") != "signnet taught":
        return False
    words, gone, model = (content.get(key) for key in ("words", "forgotten", "model"))
    return (
        content.get("version") == 2
        and isinstance(model, dict)
        and "sha256" in model
        and isinstance(words, list)
        and all(isinstance(one, dict) and "gloss" in one for one in words)
        and isinstance(gone, list)
        and all(isinstance(gloss, str) for gloss in gone)
    )


def _glosses_of(taught: Mapping[str, Any] | None) -> set[str]:
    return {str(word["gloss"]) for word in taught["words"]} if taught else set()


def _motions(source: Path, *, averaged: bool) -> list[Clip]:
    if not averaged:
        return average_motions(Dataset.open(source))
    return list(Dataset.open(source)) if source.is_file() else []
