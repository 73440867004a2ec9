"""What every importer hands to the runner."""

import zipfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from tokenize import TokenError

import numpy as np

from signnet.clip import Clip
from signnet.errors import MediaError

__all__ = ["Source", "array_of", "read_npz"]


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
        wanted in (None, found)
        for wanted, found in zip(shape, array.shape, strict=True)
    )
    if not fits or array.dtype.kind not in "fiu":
        wanted = ["any" if length is None else length for length in shape]
        raise MediaError(
            f"{label}: {key} is {array.dtype}{list(array.shape)}, expected numbers of "
            f"shape {wanted}"
        )
    if array.dtype.kind == "f" and np.isinf(array).any():
        raise MediaError(
            f"{label}: {key} holds infinite values; extract the clip again"
        )
    return array


def read_npz(file: Path, leave: tuple[str, ...] = ()) -> dict[str, np.ndarray]:
    """Read the arrays of an npz file, without those to leave.

    Raises
    ------
    MediaError
        If it is no npz file, is damaged, or holds Python objects (which may run code).
    """
    # What numpy, zipfile, zlib and numpy's header parser raised for 2,000 damaged files
    # of a trial; RuntimeError is zipfile's word for "encrypted".
    usual = (OSError, ValueError, EOFError, zipfile.BadZipFile, zlib.error, TokenError)
    unusual = (NotImplementedError, RuntimeError, KeyError, SyntaxError, MemoryError)
    try:
        with file.open("rb") as stream:
            content = np.load(stream, allow_pickle=False)
            if isinstance(content, np.ndarray):
                raise ValueError("it is a single array")
            arrays = {key: content[key] for key in content if key not in leave}
    except (*usual, *unusual) as error:
        reason = (str(error) or type(error).__name__).splitlines()[0]
        raise MediaError(f"{file.name} is not a readable npz file: {reason}") from error
    return {
        key: array for key, array in arrays.items() if isinstance(array, np.ndarray)
    }
