"""Videos and what is known about them: an index, a file's name or its folder.

In this order: a row of the index (CSV with file, gloss and, where known, signer,
session, repetition, expression); a name WORD__SIGNER__SESSION__REPETITION__EXPRESSION;
the folder of a video that lies in a subfolder.
"""

import csv
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from signnet.clip import nfc
from signnet.dataset import LABELS, clip_path
from signnet.errors import DatasetError, MediaError

__all__ = ["SUFFIXES", "Job", "find_videos", "list_jobs", "read_index"]

_KINDS = "3gp avi flv gif m4v mkv mov mp4 mpeg mpg mts ogv ts webm wmv"

SUFFIXES = frozenset(f".{kind}" for kind in _KINDS.split())
"""What counts as a video in a folder; a single file may be called anything."""


@dataclass(frozen=True, kw_only=True)
class Job:
    """One video to extract."""

    video: Path
    name: str
    """The clip's name, unique among the videos of a run."""

    file: str
    """The video as messages and the clip's source call it."""

    labels: dict[str, str | None] = field(default_factory=dict[str, "str | None"])


def find_videos(path: Path) -> list[Path]:
    """List the videos in a folder and its subfolders, or the one given.

    Raises
    ------
    MediaError
        If there is no such path, or no video in it.
    """
    if path.is_file():
        return [path]
    if not path.is_dir():
        raise MediaError(f"{path}: there is no such file or folder; check the path")
    found = sorted(
        file
        for file in path.rglob("*")
        if file.suffix.lower() in SUFFIXES
        and not file.name.startswith(".")
        and file.is_file()
    )
    if not found:
        known = " ".join(sorted(SUFFIXES))
        raise MediaError(f"{path}: no video in it; looked for {known}")
    return found


def list_jobs(
    path: Path, index: Path | None = None
) -> tuple[list[Job], list[tuple[str, str]]]:
    """Name and label the videos of a folder.

    Returns
    -------
    jobs, failures
        Failures are files that the index lists and that do not exist, with a reason.

    Raises
    ------
    MediaError, DatasetError
        If there is no video, the index cannot be read, or two videos would be stored
        in the same file.
    """
    videos = find_videos(path)
    folder = path if path.is_dir() else path.parent
    rows = read_index(index) if index else {}
    places = [(index or path).parent, folder]
    listed = {
        (place / file).resolve(): labels
        for file, labels in rows.items()
        for place in places
    }
    lost = [file for file in rows if not any((at / file).exists() for at in places)]
    jobs = [
        Job(
            video=video,
            name=name,
            file=video.relative_to(folder).as_posix(),
            labels=listed.get(video.resolve()) or _labels_of_name(video, folder),
        )
        for video, name in zip(videos, unique_names(videos, folder), strict=True)
    ]
    return jobs, [(file, f"{file}: listed in {index}, but not there") for file in lost]


def unique_names(videos: Sequence[Path], folder: Path) -> list[str]:
    """Name each clip after its file; by path, or by path and suffix, where names clash.

    Raises
    ------
    DatasetError
        If two videos still have the same name.
    """
    paths = [video.relative_to(folder) for video in videos]
    names = [nfc(path.stem) for path in paths]
    for rename in (lambda path: path.with_suffix("").as_posix(), Path.as_posix):
        count = Counter(_stored(name) for name in names)
        names = [
            name if count[_stored(name)] == 1 else nfc(rename(path))
            for name, path in zip(names, paths, strict=True)
        ]
    taken: dict[str, Path] = {}
    for name, path in zip(names, paths, strict=True):
        other = taken.setdefault(_stored(name), path)
        if other != path:
            raise DatasetError(
                f"{other} and {path} would be one clip; rename one of them"
            )
    return names


def _stored(name: str) -> str:
    return clip_path(Path(), name).name


def _labels_of_name(video: Path, folder: Path) -> dict[str, str | None]:
    words = video.stem.split("__")
    if len(words) == len(LABELS) and all(words):
        return dict(zip(LABELS, words, strict=True))
    return {} if video.parent == folder else {"gloss": video.parent.name}


def read_index(path: Path) -> dict[str, dict[str, str | None]]:
    """Read the labels of an index by file.

    Raises
    ------
    DatasetError
        If it is no CSV with the columns file and gloss, or labels a file twice.
    """
    try:
        text = path.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise DatasetError(f"{path}: cannot be read as UTF-8 text: {error}") from error
    header = text.partition("\n")[0]
    separator = max(",;\t", key=header.count)
    lines = csv.reader(text.splitlines(), delimiter=separator)
    columns = [column.strip().lower() for column in next(lines, [])]
    if not {"file", "gloss"} <= set(columns):
        raise DatasetError(
            f"{path}: the first line is {header.strip()[:60]!r}; expected the columns "
            f"file, gloss and, where known, {', '.join(LABELS[1:])}"
        )
    rows: dict[str, dict[str, str | None]] = {}
    for cells in lines:
        row = dict(zip(columns, (cell.strip() for cell in cells), strict=False))
        file = row.get("file", "")
        labels = {label: row.get(label) or None for label in LABELS}
        if file and rows.setdefault(file, labels) != labels:
            raise DatasetError(f"{path}: labels {file} twice and differently; keep one")
    return rows
