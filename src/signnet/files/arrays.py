"""Read NumPy files from elsewhere, which may be damaged, huge or hostile."""

import zipfile
import zlib
from io import BytesIO
from pathlib import Path
from tokenize import TokenError

import numpy as np

__all__ = ["NOT_AN_ARRAY", "read_array", "read_arrays"]

NOT_AN_ARRAY = (
    *(OSError, ValueError, EOFError, TypeError, KeyError, OverflowError, MemoryError),
    *(zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError),
    *(SyntaxError, TokenError, AttributeError, IndexError),
)
"""What numpy, zipfile and Python's tokenizer raise for damaged files."""

_LARGEST_ARRAY = 512 * 2**20
"""Bytes of one array."""

_LARGEST_HEADER = 16_384

_USUAL_GAIN = 64
"""Landmarks are compressed to about a third, hands alone to a twentieth."""

_ALWAYS_READ = 64 * 2**20
"""Bytes that a file may ask for, however small it is."""


def read_array(content: bytes) -> np.ndarray:
    """Read an array from the bytes of a .npy file.

    Raises
    ------
    Exception
        One of `NOT_AN_ARRAY`: it is damaged, holds Python objects (which may run
        code), or states a shape that its bytes do not fill.
    """
    stream = BytesIO(content)
    shape, kind = _read_header(stream)
    needed = int(np.prod(shape, dtype=object)) * kind.itemsize
    if kind.hasobject:
        raise ValueError("it holds Python objects")
    if needed != len(content) - stream.tell():
        left = len(content) - stream.tell()
        raise ValueError(f"{left} bytes for numbers of shape {shape}")
    return np.load(BytesIO(content), allow_pickle=False)


def _read_header(stream: BytesIO) -> tuple[tuple[int, ...], np.dtype]:
    """Read shape and type; numpy would take any memory that they ask for."""
    version = np.lib.format.read_magic(stream)
    read = {
        (1, 0): np.lib.format.read_array_header_1_0,
        (2, 0): np.lib.format.read_array_header_2_0,
    }.get(version)
    if read is None:
        raise ValueError(f"version {version} of the format is unknown")
    shape, _, kind = read(stream, max_header_size=_LARGEST_HEADER)
    if any(length < 0 for length in shape):
        raise ValueError(f"an array of shape {shape}")
    return shape, kind


def read_arrays(file: Path, leave: tuple[str, ...] = ()) -> dict[str, np.ndarray]:
    """Read the arrays of an .npz file, except those in `leave`.

    Raises
    ------
    Exception
        One of `NOT_AN_ARRAY`: it is damaged, is no .npz file, or would take far more
        memory than its size explains.
    """
    with zipfile.ZipFile(file) as stored:
        entries = {one.filename.removesuffix(".npy"): one for one in stored.infolist()}
        wanted = {key: one for key, one in entries.items() if key not in leave}
        _check_sizes(list(wanted.values()), file.stat().st_size)
        return {key: read_array(stored.read(one)) for key, one in wanted.items()}


def _check_sizes(entries: list[zipfile.ZipInfo], stored: int) -> None:
    total = sum(one.file_size for one in entries)
    if total > _ALWAYS_READ + _USUAL_GAIN * stored:
        raise ValueError(
            f"{stored} bytes would become {total}, far more than landmarks do"
        )
    largest = max((one.file_size for one in entries), default=0)
    if largest > _LARGEST_ARRAY:
        raise ValueError(
            f"an array of {largest} bytes; at most {_LARGEST_ARRAY} are read"
        )
