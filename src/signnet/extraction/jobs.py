"""The videos of a folder, and the name and labels of each (see `signnet.labels`)."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from signnet.errors import MediaError
from signnet.labels import Labels, label_files, unique_names

__all__ = ["SUFFIXES", "Job", "find_videos", "list_jobs"]

_KINDS = "3gp avi flv gif m4v mkv mov mp4 mpeg mpg mts ogv ts webm wmv"

SUFFIXES = frozenset(f".{kind}" for kind in _KINDS.split())
"""Suffixes of videos in a folder; a single file may have any name."""


@dataclass(frozen=True, kw_only=True)
class Job:
    """One video to extract."""

    video: Path
    name: str
    """The clip's name, unique among the videos of a run."""

    file: str
    """Name of the video in messages and in the clip's source."""

    labels: Labels = field(default_factory=dict[str, Any])


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
        Failures are rows of the index that name none of the videos, with a reason.

    Raises
    ------
    MediaError, DatasetError
        If there is no video, the index cannot be read or is ambiguous, or two videos
        would be stored in the same file.
    """
    videos = find_videos(path)
    folder = path if path.is_dir() else path.parent
    described, lost = label_files(videos, folder, index)
    names = unique_names(videos, folder)
    jobs = [
        Job(
            video=video,
            name=name,
            file=video.relative_to(folder).as_posix(),
            labels=labels,
        )
        for video, name, labels in zip(videos, names, described, strict=True)
    ]
    return jobs, lost
