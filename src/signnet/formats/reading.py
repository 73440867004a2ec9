"""Read clips of a foreign format into memory."""

from os import PathLike
from pathlib import Path

from signnet.clip import Clip
from signnet.dataset import Dataset, Progress, no_progress
from signnet.errors import MediaError, SignnetError
from signnet.formats.registry import list_sources
from signnet.formats.source import USUAL, ImportSettings

__all__ = ["open_clips", "read"]


def read(
    path: str | PathLike[str],
    format: str,
    settings: ImportSettings = USUAL,
    progress: Progress = no_progress,
) -> Dataset:
    """Read all clips of a file or folder of a foreign format into memory.

    Parameters
    ----------
    path
        File or folder in that format.
    format
        A key of `FORMATS`, such as `pose` or `openpose`.
    settings
        Facts that the files do not state.
    progress
        Callback `(done, total)` after each source is read.

    Raises
    ------
    SettingsError
        If the format is unknown, cannot use a setting, or needs a package that is not
        installed.
    DatasetError, MediaError
        If there is nothing of that format, clips cannot be read (the first reason and
        their number), or two have the same name. `import_clips` leaves such clips out.
    """
    sources = list_sources(Path(path), format, settings)
    clips, failures = list[Clip](), list[str]()
    for done, source in enumerate(sources, 1):
        try:
            clips += source.read()
        except SignnetError as error:
            failures.append(str(error))
        progress(done, len(sources))
    if failures:
        more = f" ({len(failures) - 1} more cannot be read)" if failures[1:] else ""
        raise MediaError(failures[0] + more)
    return Dataset.of_clips(clips, str(path))


def _is_npz_folder(path: Path) -> bool:
    """Return whether a path is a clip of bdsl-npz, or a folder of them."""
    return path.suffix == ".npz" or (path.is_dir() and any(path.glob("*.npz")))


def open_clips(path: str | PathLike[str]) -> Dataset:
    """Open a dataset, or a folder or file of bdsl-npz clips, in memory.

    Raises
    ------
    DatasetError, MediaError
        If it is neither, or one of its clips cannot be read.
    """
    path = Path(path)
    return read(path, "bdsl-npz") if _is_npz_folder(path) else Dataset(path)
