"""Look a sign up: find the clips of a dataset that are most similar to it."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from signnet.clip import Clip
from signnet.clip.shapes import Float, Int
from signnet.dataset import Dataset
from signnet.errors import DatasetError, ModelError, SettingsError
from signnet.recognise.exemplars import Kernel
from signnet.recognise.recogniser import Recogniser

__all__ = ["Found", "nearest", "recall", "refuse_without_hands", "search"]


@dataclass(frozen=True)
class Found:
    """A clip that is similar to the one looked up."""

    clip: str
    gloss: str | None
    signer: str | None
    similarity: float
    """1 for the same, 0 for nothing in common; see `Kernel.similarity`."""

    distance: float
    """√(-log similarity): 0 for the same."""

    def to_json(self) -> dict[str, Any]:
        """Return the object that `search --json` prints; `likeness` is an older key."""
        return asdict(self) | {"likeness": self.similarity}


def nearest(
    kernel: Kernel,
    points: Float[np.ndarray, "query axis"],
    gallery: Float[np.ndarray, "clip axis"],
) -> tuple[Float[np.ndarray, "query clip"], Int[np.ndarray, "query clip"]]:
    """Compare embedded queries with a gallery.

    Returns
    -------
    similarities, order
        Similarity of each query to each clip, and indices of the clips, best first.
    """
    similarities = kernel.similarity(points, gallery)
    return similarities, np.argsort(-similarities, axis=1, kind="stable")


def search(model: Recogniser, query: Clip, data: Dataset, most: int) -> list[Found]:
    """List the clips most similar to the query, best first.

    Clips without a hand in any frame, and the query itself, are left out.

    Parameters
    ----------
    model
        The model that embeds the clips.
    query
        The clip to look up.
    data
        The clips to search.
    most
        Largest number of clips to return.

    Raises
    ------
    DatasetError
        If the query shows no hand, or no clip is left to compare it with.
    ModelError
        If the model has neither exemplars nor a base.
    SettingsError
        If `most` is less than 1.
    """
    if not isinstance(most, int) or most < 1:
        raise SettingsError(f"most is {most!r:.60}; it should be 1 or more")
    if not isinstance(data, Dataset):
        raise SettingsError(
            f"data is of type {type(data).__name__}; expected a signnet.Dataset"
        )
    if not model.can_be_taught:
        raise ModelError(
            f"{model.card.name} embeds no clips; search with the default model, or "
            "with one trained with the default recipe"
        )
    refuse_without_hands([query])
    labels: list[tuple[str, str | None, str | None]] = []
    points: list[np.ndarray] = []
    for clip in data:
        if clip.name != query.name and clip.shows_hand:
            labels.append((clip.name, clip.gloss, clip.signer))
            points.append(_embedded(model, clip))
    if not labels:
        raise DatasetError(f"{data.path}: no clip with a hand to compare with")
    asked = _embedded(model, query)[None]
    similarities, order = nearest(model.taught.kernel, asked, np.stack(points))
    found: list[Found] = []
    for row in map(int, order[0, :most]):
        name, gloss, signer = labels[row]
        found.append(_found(name, gloss, signer, float(similarities[0, row])))
    return found


def refuse_without_hands(clips: Sequence[Clip]) -> None:
    """Raise DatasetError with the names of the clips that never show a hand."""
    bare = [clip.name for clip in clips if not clip.shows_hand]
    if bare:
        raise DatasetError(
            f"no frame of {', '.join(bare)} shows a hand; leave out or record "
            "again with both hands in the picture"
        )


def _embedded(model: Recogniser, clip: Clip) -> Float[np.ndarray, " axis"]:
    return model.see(clip.evenly_timed().landmarks).embedding.astype(np.float64)


def _found(name: str, gloss: str | None, signer: str | None, similar: float) -> Found:
    distance = float(np.sqrt(max(-np.log(max(similar, 1e-38)), 0)))
    return Found(name, gloss, signer, similar, distance)


def recall(
    order: Int[np.ndarray, "query clip"],
    wanted: Sequence[str],
    glosses: Sequence[str],
    most: int,
) -> float:
    """Compute the share of queries whose gloss is among the first clips found.

    Parameters
    ----------
    order
        Indices of the gallery's clips, best first.
    wanted, glosses
        Glosses of the queries and of the gallery.
    most
        Number of first clips that count.
    """
    shown = np.array(glosses)[order[:, :most]]
    return float((shown == np.array(wanted)[:, None]).any(1).mean())
