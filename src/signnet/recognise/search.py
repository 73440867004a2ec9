"""Look a sign up: find the clips of a dataset that are most similar to it."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from jaxtyping import Float, Int

from signnet.clip import Clip
from signnet.dataset import Dataset
from signnet.errors import DatasetError, SettingsError
from signnet.recognise.exemplars import Exemplars, similarity

__all__ = ["Found", "nearest", "recall", "search"]


@dataclass(frozen=True)
class Found:
    """A clip that is similar to the one looked up."""

    clip: str
    gloss: str | None
    signer: str | None
    similarity: float
    """exp(-distance²): 1 for the same, 0 for nothing in common."""

    distance: float
    """Distance between the embedded clips."""

    def to_json(self) -> dict[str, Any]:
        """Return the object that `search --json` prints; `likeness` is an older key."""
        return asdict(self) | {"likeness": self.similarity}


def nearest(
    points: Float[np.ndarray, "query axis"], gallery: Float[np.ndarray, "clip axis"]
) -> tuple[Float[np.ndarray, "query clip"], Int[np.ndarray, "query clip"]]:
    """Compare queries with a gallery.

    Returns
    -------
    similarities, order
        Similarity of each query to each clip, and indices of the clips, best first.
    """
    similarities = similarity(points, gallery)
    return similarities, np.argsort(-similarities, axis=1, kind="stable")


def search(exemplars: Exemplars, query: Clip, data: Dataset, most: int) -> list[Found]:
    """List the clips most similar to the query, best first.

    Clips without a hand in any frame, and the query itself, are left out.

    Parameters
    ----------
    exemplars
        The exemplars of the model that embeds the clips.
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
    SettingsError
        If `most` is less than 1.
    """
    if not isinstance(most, int) or most < 1:
        raise SettingsError(f"most is {most!r:.60}; it should be 1 or more")
    if not isinstance(data, Dataset):
        raise SettingsError(
            f"data is of type {type(data).__name__}; expected a signnet.Dataset"
        )
    others = [one for one in data if one.name != query.name and one.shows_hand]
    if not others:
        raise DatasetError(f"{data.path}: no clip with a hand to compare with")
    similarities, order = nearest(exemplars.embed([query]), exemplars.embed(others))
    return [_found(others[row], float(similarities[0, row])) for row in order[0, :most]]


def _found(clip: Clip, similar: float) -> Found:
    distance = float(np.sqrt(max(-np.log(max(similar, 1e-38)), 0)))
    return Found(clip.name, clip.gloss, clip.signer, similar, distance)


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
