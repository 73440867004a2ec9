"""The parts of a site, found and checked before anything is written."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np

from signnet.clip import Clip
from signnet.clip.shapes import Float32
from signnet.dataset import Dataset, Progress, no_progress
from signnet.errors import ModelError
from signnet.extraction import cached_models
from signnet.recognise.model_card import ModelCard
from signnet.recognise.motions import average_motions
from signnet.recognise.recogniser import GRAPH, Recogniser, find_model
from signnet.recognise.taught_file import TAUGHT
from signnet.web.gallery import pack_gallery

__all__ = ["MOST_ON_PAGE", "VENDOR", "WEB", "Parts"]

MOST_ON_PAGE = 500
"""Largest number of taught clips; the time that a phone needs grows with its cube."""

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
    """What the model itself knows."""

    glosses: tuple[str, ...]
    """The glosses that the page answers before its visitors teach it more."""

    words: Mapping[str, Any]
    motions: list[Clip]
    large: Mapping[str, Path]
    anchors: Float32[np.ndarray, "anchor axis"] | None
    """Exemplars whose scores teaching keeps; None without exemplars."""

    embedding: Mapping[str, Any] | None
    """Axes and weight of each part of an embedding; None if nothing can be taught."""

    taught: str | None
    """Text of the model's `taught.json`; None if nothing was taught."""

    gallery: bytes | None
    """Words beyond the vocabulary, see `pack_gallery`; None without."""

    @classmethod
    def gather(
        cls, model: str, clips: Path | None, progress: Progress = no_progress
    ) -> "Parts":
        """Find all parts of a site for a model; see `write_site`.

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
        opened = Recogniser.open(folder)
        known = {*opened.own_card.vocabulary, *opened.vocabulary}
        further = Dataset.open(clips) if clips else None
        return cls(
            card=opened.own_card,
            glosses=opened.vocabulary,
            words=_words(words),
            motions=_motions(folder / "motions.parquet", further, known),
            large={
                **wasm,
                "pose": tasks["pose"],
                "hands": tasks["hands"],
                "model": folder / GRAPH,
            },
            anchors=opened.taught.anchors if len(opened.taught.anchors) else None,
            embedding=_embedding(opened),
            taught=_taught(opened),
            gallery=pack_gallery(opened, further, progress) if further else None,
        )


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


def _embedding(opened: Recogniser) -> Mapping[str, Any] | None:
    if not opened.can_be_taught:
        return None
    kernel = opened.taught.kernel
    return {"axes": [*kernel.axes], "weights": [*kernel.weights]}


def _taught(opened: Recogniser) -> str | None:
    """Give the text of a model's `taught.json`, which was read and checked already.

    Raises
    ------
    ModelError
        If it holds more clips than a page can fit.
    """
    if opened.taught.is_empty:
        return None
    file = opened.graph.parent / TAUGHT
    if (count := len(opened.taught.clips)) > MOST_ON_PAGE:
        raise ModelError(
            f"{file} holds {count} clips; a page takes at most {MOST_ON_PAGE}, so "
            "train a model with `signnet train` instead"
        )
    return file.read_text("utf-8")


def _motions(own: Path, further: Dataset | None, words: set[str]) -> list[Clip]:
    """Read the model's own motions; average further clips for words without one."""
    stored = list(Dataset.open(own)) if own.is_file() else []
    found = [clip for clip in stored if clip.gloss in words]
    missing = words - {clip.gloss for clip in found}
    if further is None:
        return found
    glosses = further.column("gloss")
    rows = [row for row, gloss in enumerate(glosses) if gloss in missing]
    return found + (average_motions(further.at(rows)) if rows else [])
