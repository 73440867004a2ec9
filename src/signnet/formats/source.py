"""Sources to import, settings of an import, and limits that all formats share."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from math import inf
from pathlib import Path
from typing import Any, Literal

import numpy as np

from signnet.clip import Clip
from signnet.dataset import LABELS, LONGEST
from signnet.errors import DatasetError, MediaError, SettingsError
from signnet.files import NOT_AN_ARRAY, files_below, read_arrays
from signnet.labels import Labels, label_files, unique_names

__all__ = [
    "LONGEST",
    "USUAL",
    "ImportSettings",
    "Source",
    "array_of",
    "check_frames",
    "describe_files",
    "failing",
    "find_files",
    "lost_rows",
    "one_a_file",
    "read_json",
    "read_limited",
    "read_npz",
    "with_facts",
]

_LARGEST = 256 * 2**20
"""Bytes of one file: the longest clip of `.pose` needs 190 million."""

_SIDES = ("width", "height")
"""Columns of an index for the pictures' size in pixels."""

_LARGEST_JSON = 64 * 2**20
"""Python's JSON takes some ten times the file's size in memory."""


@dataclass(frozen=True, kw_only=True)
class ImportSettings:
    """Facts that the files themselves do not state."""

    size: tuple[int, int] | None = None
    """Width and height of the pictures in pixels."""

    fps: float | None = None
    """Frames a second."""

    index: Path | None = None
    """CSV with the columns file, gloss and, where known, signer, session, ..., and
    width and height of the pictures, which then go before `size`."""

    repair: bool = True
    """Whether to repair the known faults of a corpus (bdsl-npz)."""

    tier: str | None = None
    """Name of the tier that holds the glosses, or a regular expression (elan)."""

    media: Path | None = None
    """Folder of the annotated films, searched with its subfolders (elan)."""

    signer: Literal["participant", "tier"] = "participant"
    """Who signs: the tier's participant; or the first group of the regular expression
    `tier`, or the tier's name (elan)."""

    keep_variants: bool = False
    """Whether numbers of lexical variants belong to the gloss (elan)."""

    def __post_init__(self) -> None:
        """Check ranges."""
        is_number = isinstance(self.fps, float | int) and not isinstance(self.fps, bool)
        if self.fps is not None and not (is_number and 0 < self.fps < inf):
            raise SettingsError(f"fps is {self.fps!r:.60}; it should be above 0")
        sides = self.size if isinstance(self.size, tuple | list) else ()
        whole = len(sides) == 2 and all(type(s) is int and s > 0 for s in sides)
        if self.size is not None and not whole:
            raise SettingsError(
                f"size is {self.size!r:.60}; expected width and height in pixels"
            )
        if self.signer not in ("participant", "tier"):
            raise SettingsError(
                f"signer is {self.signer!r:.60}; expected participant or tier"
            )
        if self.media is not None and not self.media.is_dir():
            raise SettingsError(f"--media {self.media}: no such folder; check the path")


USUAL = ImportSettings()
"""The settings of an import without options."""


def with_facts(
    settings: ImportSettings, size: tuple[int, int] | None, fps: float | None = None
) -> ImportSettings:
    """Fill in what a file states and the user does not."""
    return replace(settings, size=settings.size or size, fps=settings.fps or fps)


@dataclass(frozen=True)
class Source:
    """A file or clip to import: a label for messages and the function that reads it."""

    label: str
    read: Callable[[], list[Clip]]


def find_files(path: Path, suffix: str) -> list[Path]:
    """List the files with a suffix in a folder and its subfolders, or the one file.

    Raises
    ------
    MediaError
        If there is none, or a subfolder cannot be read.
    """
    if path.is_file():
        return [path]
    found = sorted(files_below(path, suffix, MediaError)) if path.is_dir() else []
    if not found:
        raise MediaError(f"{path} holds no {suffix} file; check the path and format")
    return found


def describe_files(
    files: Sequence[Path],
    folder: Path,
    settings: ImportSettings,
    *,
    carried: Sequence[Labels] | None = None,
    aliases: Sequence[Path] | None = None,
) -> tuple[list[tuple[Labels, ImportSettings]], list[Source]]:
    """Label files, and give each the picture's size that its row states.

    Parameters
    ----------
    files, folder, carried, aliases
        As in `label_files`.
    settings
        The index, and the size of pictures whose row states none.

    Returns
    -------
    described, lost
        Labels and settings of each file; a source that fails for each row without one.

    Raises
    ------
    DatasetError
        If the index is bad, or a width or height in it is no number of pixels.
    """
    found, lost = label_files(
        files,
        folder,
        settings.index,
        carried=carried,
        aliases=aliases,
        columns=(*LABELS, *_SIDES),
    )
    described: list[tuple[Labels, ImportSettings]] = []
    for file, labels in zip(files, found, strict=True):
        sides = [labels.pop(side, None) for side in _SIDES]
        size = _size(sides, file, settings) if any(sides) else settings.size
        described.append((labels, replace(settings, size=size)))
    return described, lost_rows(lost)


def _size(
    sides: Sequence[str | None], file: Path, settings: ImportSettings
) -> tuple[int, int]:
    try:
        numbers = [float(side or "") for side in sides]  # pandas writes 1280.0
        if not all(number > 0 and number.is_integer() for number in numbers):
            raise ValueError
    except ValueError as error:
        given = " and ".join(side or "empty" for side in sides)
        raise DatasetError(
            f"{settings.index}: width and height of {file.name} are {given:.60}; "
            "expected whole numbers of pixels, or neither"
        ) from error
    return int(numbers[0]), int(numbers[1])


def lost_rows(lost: Sequence[tuple[str, str]]) -> list[Source]:
    """Return a source that fails for each row of the index without a file."""
    return [failing(row, f"{row}: {reason}") for row, reason in lost]


def failing(label: str, message: str) -> Source:
    """Return a source that fails with a message when it is read."""
    return Source(label, partial(_fail, message))


def _fail(message: str) -> list[Clip]:
    raise DatasetError(message)


def one_a_file(
    path: Path,
    suffix: str,
    settings: ImportSettings,
    read: Callable[[Path, str, Labels, ImportSettings], list[Clip]],
) -> list[Source]:
    """List the files with a suffix in a folder and its subfolders, one clip each.

    Raises
    ------
    MediaError, DatasetError
        If there is none, the index is bad, or two files would be one clip.
    """
    files = find_files(path, suffix)
    folder = path if path.is_dir() else path.parent
    described, lost = describe_files(files, folder, settings)
    found = zip(files, unique_names(files, folder), described, strict=True)
    return [
        *(
            Source(file.name, partial(read, file, name, labels, own))
            for file, name, (labels, own) in found
        ),
        *lost,
    ]


def check_frames(frames: int, label: str) -> None:
    """Check the number of frames; MediaError if it is not 1 to `LONGEST`."""
    if not 0 < frames <= LONGEST:
        raise MediaError(
            f"{label}: {frames} frames; expected 1 to {LONGEST}, one sign per clip"
        )


def read_limited(file: Path, most: int = _LARGEST) -> bytes:
    """Read a whole file; MediaError if it is empty, huge or cannot be read."""
    try:
        size = file.stat().st_size
        if not 0 < size <= most:
            raise MediaError(
                f"{file.name}: {size} bytes; expected 1 to {most}, one sign per clip"
            )
        return file.read_bytes()
    except OSError as error:
        raise MediaError(f"{file.name} cannot be read: {error.strerror}") from error


def read_json(file: Path) -> Any:
    """Read a JSON file; MediaError if it is not JSON, huge or too deeply nested."""
    content = read_limited(file, _LARGEST_JSON)
    try:
        return json.loads(content)
    except (ValueError, RecursionError) as error:
        reason = str(error).splitlines()[0][:100]
        raise MediaError(f"{file.name} is not readable JSON: {reason}") from error


def array_of(
    content: dict[str, np.ndarray], key: str, shape: tuple[int | None, ...], label: str
) -> np.ndarray:
    """Return an array of an npz file.

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
    """Read the arrays of an npz file, except those in `leave`.

    Raises
    ------
    MediaError
        If it is not an npz file, is damaged, holds Python objects (which may run code),
        or would take far more memory than its size explains.
    """
    try:
        return read_arrays(file, leave)
    except NOT_AN_ARRAY as error:
        reason = (str(error) or type(error).__name__).splitlines()[0][:100]
        raise MediaError(f"{file.name} is not a readable npz file: {reason}") from error
