"""What every importer hands to the runner."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from signnet.clip import Clip
from signnet.errors import MediaError

__all__ = ["Source", "array_of"]


@dataclass(frozen=True)
class Source:
    """Something to import: its label for messages and the function that reads it."""

    label: str
    read: Callable[[], list[Clip]]


def array_of(
    content: dict[str, np.ndarray], key: str, shape: tuple[int | None, ...], label: str
) -> np.ndarray:
    """Take an array out of an npz file.

    Raises
    ------
    MediaError
        If the key is missing, or the array has another shape (None fits any length),
        is not numeric, or holds infinite values.
    """
    if key not in content:
        raise MediaError(f"{label}: no array {key!r}; found {sorted(content)}")
    array = content[key]
    fits = array.ndim == len(shape) and all(
        wanted in (None, found) for wanted, found in zip(shape, array.shape, strict=True)
    )
    if not fits or array.dtype.kind not in "fiu":
        wanted = ["any" if length is None else length for length in shape]
        raise MediaError(
            f"{label}: {key} is {array.dtype}{list(array.shape)}, expected numbers of "
            f"shape {wanted}"
        )
    if array.dtype.kind == "f" and np.isinf(array).any():
        raise MediaError(f"{label}: {key} holds infinite values; extract the clip again")
    return array
