"""A split: one or several divisions of a dataset, and the groups they keep whole."""

from dataclasses import dataclass
from typing import Literal

from signnet.clip import nfc
from signnet.dataset import Dataset
from signnet.errors import DatasetError

__all__ = ["By", "Fold", "Split", "groups_of"]

By = Literal["clip", "session", "signer"]
"""The unit that never appears in both train and test."""


@dataclass(frozen=True)
class Fold:
    """One division of a dataset into clips for training and for testing, by name."""

    held_out: str
    """What is held out, for readers: "signer S01"."""

    train: tuple[str, ...]
    test: tuple[str, ...]


@dataclass(frozen=True)
class Split:
    """One fold, or several that together test every clip once."""

    by: By
    folds: tuple[Fold, ...]


def groups_of(data: Dataset, by: By) -> dict[str, str]:
    """Return the group of each clip: its name, its signer/session, or its signer.

    Raises
    ------
    DatasetError
        If a clip has no such label.
    """
    if by == "clip":
        return {name: name for name in data.names}
    signers, sessions = data.column("signer"), data.column("session")
    groups: dict[str, str] = {}
    for name, signer, session in zip(data.names, signers, sessions, strict=True):
        if not signer or (by == "session" and not session):
            raise DatasetError(
                f"{name} has no {by if signer else 'signer'}; label it or split by clip"
            )
        groups[name] = nfc(signer if by == "signer" else f"{signer}/{session}")
    return groups
