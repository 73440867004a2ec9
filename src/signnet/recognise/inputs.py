"""Inputs of a model: videos, landmarks in files or folders, clips and arrays.

Everything that reads a user's file for a model reads it through here: the Python API,
`predict`, `enrol` and `search`, and the server.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from os import PathLike
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from signnet.clip import Clip, is_masked
from signnet.config.pace import EVERY_PICTURE, Pace
from signnet.dataset import Dataset, Progress, no_progress
from signnet.errors import DatasetError, MediaError, SettingsError, SignnetError
from signnet.files import as_path

__all__ = [
    "LANDMARK_FILES",
    "Source",
    "list_each",
    "list_files",
    "open_landmarks",
    "read_clips",
    "read_labelled",
    "read_one",
]

LANDMARK_FILES = (".parquet", ".npz", ".pose")
"""Suffixes of files that hold landmarks; any other file is read as a video."""

Source = str | PathLike[str] | Clip | np.ndarray
"""One recorded sign: a file, a clip, or an array float[time, 553, 3]."""


def landmark_kind(path: Path) -> str | None:
    """Return the suffix of a file or folder of landmarks; None for videos."""
    if not path.is_dir():
        suffix = path.suffix.lower()
        return suffix if suffix in LANDMARK_FILES else None
    found = {file.suffix.lower() for file in path.iterdir() if file.is_file()}
    return next((kind for kind in LANDMARK_FILES if kind in found), None)


def open_landmarks(path: Path, index: Path | None = None) -> Dataset:
    """Open a file or folder of landmarks.

    Parameters
    ----------
    path
        A dataset (.parquet), clips of bdsl-npz (.npz), or .pose files.
    index
        CSV with the labels of .pose files; the other formats hold their labels.

    Raises
    ------
    DatasetError, MediaError
        If it holds no landmarks, or one of its clips cannot be read.
    SettingsError
        If a package that the format needs is not installed, or the format has no use
        for an index.
    """
    kind = landmark_kind(path)
    if index is not None and kind != ".pose":
        raise SettingsError(f"{path} holds its own labels; leave --index out")
    if kind in (".npz", ".pose"):
        clips = (clip for read in _readers(path, index) for clip in read())
        return Dataset.of_clips(clips, str(path))
    if path.is_dir() and kind and not any(path.glob("*.parquet")):  # .PARQUET
        files = sorted(one for one in path.iterdir() if one.suffix.lower() == kind)
        return Dataset.of_clips(c for one in files for c in Dataset.open(one))
    return Dataset.open(path)


def _readers(path: Path, index: Path | None = None) -> list[Callable[[], list[Clip]]]:
    """List the functions that read the .npz or .pose files of a path, one a file."""
    from signnet.formats import FORMATS, ImportSettings

    name = "bdsl-npz" if landmark_kind(path) == ".npz" else "pose"
    return [one.read for one in FORMATS[name](path, ImportSettings(index=index))]


def list_files(path: Path) -> list[Path]:
    """List what can be read one by one: the videos of a folder, or the path itself.

    Raises
    ------
    MediaError
        If a folder holds neither landmarks nor a video.
    """
    if not path.is_dir() or landmark_kind(path):
        return [path]
    from signnet.extraction import find_videos

    return find_videos(path)


def list_each(
    files: str | PathLike[str] | Iterable[str | PathLike[str]], what: str
) -> list[tuple[Path, SignnetError | None]]:
    """List what can be read one by one in files and folders that a user names.

    Parameters
    ----------
    files
        One path or several.
    what
        What is expected, for the message about something that is no path.

    Returns
    -------
    list of tuple[Path, SignnetError or None]
        As `list_files`; a path in which there is nothing to read comes with its error.
    """
    found = list[tuple[Path, SignnetError | None]]()
    given = [files] if isinstance(files, str | PathLike) else files
    for path in [as_path(one, what) for one in given]:
        try:
            found.extend((file, None) for file in list_files(path))
        except SignnetError as error:
            found.append((path, error))
    return found


def read_clips(
    path: Path, label: str | None = None, pace: Pace = EVERY_PICTURE
) -> Iterator[tuple[str, Clip]]:
    """Read a video, or each clip of a file or folder of landmarks.

    Parameters
    ----------
    path
        The file or folder.
    label
        Name of the file in results; the path by default.
    pace
        How often a video is looked at.

    Yields
    ------
    tuple[str, Clip]
        The label and the clip; if there are several clips, the label is followed by
        `#` and the clip's name.

    Raises
    ------
    SignnetError
        If the file or one of its clips cannot be read; of a folder of files with a clip
        each, after all others.
    """
    label = label or str(path)
    if landmark_kind(path) in (".npz", ".pose"):
        yield from _each_file(path, label)
    elif landmark_kind(path) or path.is_dir():
        data = open_landmarks(path)
        single = len(data) == 1
        yield from (
            (label if single else f"{label}#{clip.name}", clip) for clip in data
        )
    else:
        from signnet.extraction import extract_video

        yield label, extract_video(path, pace=pace)


def _each_file(path: Path, label: str) -> Iterator[tuple[str, Clip]]:
    """Read files with a clip each; those that cannot be read are named at the end."""
    readers, failures = _readers(path), list[str]()
    for read in readers:
        try:
            (clip,) = read()
        except SignnetError as error:
            failures.append(str(error))
        else:
            yield (f"{label}#{clip.name}" if len(readers) > 1 else label), clip
    if failures:
        raise MediaError("\n".join(failures))


def read_one(
    source: Source, fps: float | None = None, pace: Pace = EVERY_PICTURE
) -> Clip:
    """Read the one clip of a source.

    Parameters
    ----------
    source
        A video, a file with one clip, a clip, or an array float[time, 553, 3] in
        picture heights with NaN for joints that were not seen.
    fps
        Frames a second of an array; unknown by default.
    pace
        How often a video is looked at.

    Raises
    ------
    SignnetError
        If the source cannot be read, or holds more or less than one clip.
    """
    if isinstance(source, np.ndarray):
        return _clip_of_array(source, fps)
    if fps is not None:
        raise SettingsError("fps is for arrays; files and clips state it themselves")
    if isinstance(source, Clip):
        return source
    path = as_path(source, "clip")
    if not landmark_kind(path) and not path.is_dir():
        return next(read_clips(path, pace=pace))[1]
    data = open_landmarks(path)
    if len(data) != 1:
        raise DatasetError(
            f"{path} holds {len(data)} clips; give one, or in Python a list: "
            f"{_how_to_open(path)}"
        )
    return next(iter(data))


def _how_to_open(path: Path) -> str:
    formats = {".npz": "bdsl-npz", ".pose": "pose"}
    if (kind := landmark_kind(path)) in formats:
        return f"list(signnet.read({str(path)!r}, format={formats[kind]!r}))"
    return f"list(signnet.Dataset({str(path)!r}))"


def _clip_of_array(landmarks: np.ndarray, fps: float | None) -> Clip:
    if landmarks.dtype.kind not in "fiu":
        raise DatasetError(
            f"an array of {landmarks.dtype}; expected numbers of shape (time, 553, 3)"
        )
    if is_masked(landmarks):
        landmarks = np.ma.filled(landmarks.astype(np.float32), np.nan)
    if fps is not None and not is_rate(fps):
        raise SettingsError(f"fps is {fps!r:.60}; it should be a number above 0")
    rate = float("nan") if fps is None else float(fps)
    return Clip(name="array", landmarks=landmarks.astype(np.float32), fps=rate)


def is_rate(fps: Any) -> bool:
    """Return whether this can be a number of frames a second."""
    is_number = isinstance(fps, float | int | np.floating | np.integer)
    return is_number and not isinstance(fps, bool) and 0 < float(fps) < float("inf")


def read_labelled(
    path: Path,
    *,
    gloss: str | None = None,
    index: Path | None = None,
    pace: Pace = EVERY_PICTURE,
    progress: Progress = no_progress,
) -> list[Clip]:
    """Read clips, with glosses from an index, their names or their folders.

    Parameters
    ----------
    path
        A file or folder of landmarks, a video, or a folder of videos.
    gloss
        The gloss of all clips, whatever they are called.
    index
        CSV with the columns file, gloss and, where known, signer, session, expression;
        for videos and .pose files.
    pace
        How often videos are looked at.
    progress
        Callback `(done, total)` for videos.

    Raises
    ------
    MediaError
        If one of the videos fails; each is named.
    """
    if landmark_kind(path):
        clips = list(open_landmarks(path, index))
    else:
        clips = _extracted(path, index, pace, progress)
    return [replace(clip, gloss=gloss) for clip in clips] if gloss else clips


def _extracted(
    path: Path, index: Path | None, pace: Pace, progress: Progress
) -> list[Clip]:
    from signnet.extraction import extract_folder

    with TemporaryDirectory(prefix="signnet-") as made:
        report = extract_folder(
            path, Path(made), index=index, pace=pace, progress=progress
        )
        if report.failures:
            lines = [f"{file}: {reason}" for file, reason in report.failures]
            raise MediaError("\n".join([*lines, "nothing was done"]))
        return list(Dataset.open(Path(made)))
