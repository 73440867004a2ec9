"""The vocabulary of an exported model as exemplars: the part that can be taught.

`model.onnx` stores one point per exemplar and its weights for each gloss under names
(`models/exemplars.py`). They are read and replaced here without torch, and without the
clips that the model was trained on.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from jaxtyping import Float, Float32

from signnet.clip import Clip
from signnet.errors import DatasetError
from signnet.recognise.exemplar_graph import read_graph, with_comparison
from signnet.recognise.recogniser import GRAPH, open_session

if TYPE_CHECKING:
    from onnx import ModelProto

__all__ = ["ANCHORS", "MOST_ANCHORS", "SHARPNESS", "Exemplars", "similarity"]

ANCHORS = "anchors.npy"
"""File beside a model: the exemplars whose scores teaching in the browser keeps."""

MOST_ANCHORS = 1500
"""Largest number of exemplars whose scores are kept: time grows with the cube."""

SHARPNESS = 12.0
"""Scores are multiplied by it before they become probabilities (docs/results.md)."""


def similarity(
    points: Float[np.ndarray, "point axis"], others: Float[np.ndarray, "other axis"]
) -> Float[np.ndarray, "point other"]:
    """Compute how similar embedded clips are: exp(-distance²), 1 for the same."""
    squares = (points**2).sum(1)[:, None] + (others**2).sum(1)
    return np.exp(-np.maximum(squares - 2 * points @ others.T, 0))


@dataclass(frozen=True, eq=False)
class Exemplars:
    """Embedded clips with weights, and the graph that compares a new clip with them."""

    embedder: "ModelProto"
    """The part of the model's graph from raw landmarks to `embedding`."""

    clips: Float32[np.ndarray, "exemplar axis"]
    """The exemplars, embedded."""

    weights: Float32[np.ndarray, "exemplar gloss"]
    """Weight of the similarity to each exemplar, for each gloss."""

    @classmethod
    def open(cls, folder: Path) -> "Exemplars":
        """Read the exemplars of a model's folder.

        Raises
        ------
        ModelError
            If the model has no exemplars, or was exported by another version.
        SettingsError
            If the package onnx is missing.
        """
        return cls(*read_graph(folder / GRAPH))

    def embed(self, clips: Sequence[Clip]) -> Float32[np.ndarray, "clip axis"]:
        """Embed clips, so that they can be compared.

        Raises
        ------
        DatasetError
            If no frame of a clip shows a hand; all such clips are named.
        """
        bare = [clip.name for clip in clips if not clip.shows_hand]
        if bare:
            raise DatasetError(
                f"no frame of {', '.join(bare)} shows a hand; leave out or record "
                "again with both hands in the picture"
            )
        rows = [
            self._session.run(
                ["embedding"], {"landmarks": clip.evenly_timed().landmarks[None]}
            )
            for clip in clips
        ]
        return np.concatenate([np.asarray(row[0], np.float32) for row in rows])

    def scores(
        self, points: Float32[np.ndarray, "point axis"]
    ) -> Float32[np.ndarray, "point gloss"]:
        """Score each gloss, near 1 for the right one, for embedded clips."""
        return (similarity(points, self.clips) @ self.weights).astype(np.float32)

    def with_exemplars(
        self,
        clips: Float[np.ndarray, "exemplar axis"],
        weights: Float[np.ndarray, "exemplar gloss"],
    ) -> "Exemplars":
        """Return the same embedder with other exemplars, in half precision."""
        rounded = [np.asarray(one, np.float16) for one in (clips, weights)]
        return Exemplars(self.embedder, *(one.astype(np.float32) for one in rounded))

    @cached_property
    def graph(self) -> bytes:
        """ONNX from raw landmarks to `probabilities`, `embedding` and `scores`."""
        made = with_comparison(self.embedder, self.clips, self.weights, SHARPNESS)
        return made.SerializeToString()

    @cached_property
    def _session(self) -> Any:
        return open_session(self.graph)
