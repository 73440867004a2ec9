"""Looks up a sign: the clips of a dataset that are most like a given one."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from signnet.clip import Clip
from signnet.dataset import Dataset
from signnet.errors import DatasetError
from signnet.recognise.exemplars import Memory, likeness, shows_hand

__all__ = ["Found", "nearest", "recall", "search"]


@dataclass(frozen=True)
class Found:
    """A clip that is like the one looked up."""

    clip: str
    gloss: str | None
    signer: str | None
    likeness: float
    """exp(-distance²): 1 for the same, 0 for nothing in common."""

    distance: float
    """In the axes in which the model compares clips."""


def nearest(
    points: Float[np.ndarray, "query axis"], gallery: Float[np.ndarray, "clip axis"]
) -> tuple[Float[np.ndarray, "query clip"], np.ndarray]:
    """Give likeness of each query to each clip, and the clips' order, best first."""
    alike = likeness(points, gallery)
    return alike, np.argsort(-alike, axis=1, kind="stable")


def search(memory: Memory, query: Clip, data: Dataset, most: int) -> list[Found]:
    """List the clips most like the query, best first.

    Clips without a hand in any frame, and the query itself, are left out.

    Raises
    ------
    DatasetError
        If the query shows no hand, or no clip is left to compare it with.
    """
    others = [one for one in data if one.name != query.name and shows_hand(one)]
    if not others:
        raise DatasetError(f"{data.path}: no clip with a hand to compare with")
    alike, order = nearest(memory.embed([query]), memory.embed(others))
    return [
        Found(
            clip=others[place].name,
            gloss=others[place].gloss,
            signer=others[place].signer,
            likeness=float(alike[0, place]),
            distance=float(np.sqrt(max(-np.log(max(alike[0, place], 1e-38)), 0))),
        )
        for place in order[0, :most]
    ]


def recall(
    order: np.ndarray, wanted: Sequence[str], glosses: Sequence[str], most: int
) -> float:
    """Give the share of queries with their gloss among the first so many clips.

    Parameters
    ----------
    order
        Int[query, clip]: places in the gallery, best first.
    wanted, glosses
        Of the queries and of the gallery.
    """
    shown = np.array(glosses)[order[:, :most]]
    return float((shown == np.array(wanted)[:, None]).any(1).mean())
