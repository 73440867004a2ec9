"""The videos of a folder, and the name and labels of each (see `signnet.labels`)."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from signnet.dataset import clip_path
from signnet.errors import MediaError
from signnet.extraction.video import NOT_UTF_8, printable
from signnet.labels import (
    Labels,
    is_dropped,
    label_files,
    read_dropped,
    unique_names,
)

__all__ = ["SUFFIXES", "Job", "find_videos", "list_jobs", "list_others"]

_KINDS = (
    "3g2 3gp apng asf avi divx dv f4v flv gif gxf h264 h265 hevc ivf m1v m2t m2ts m2v "
    "m4v mjpeg mjpg mkv mod mov mp4 mpe mpeg mpg mpv mts mxf nut ogm ogv qt rm rmvb "
    "tod ts vob webm wmv wtv y4m"
)

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
    dropped: bool = False
    """Whether the index leaves the video out."""


@dataclass
class _Found:
    """What a folder and its subfolders hold."""

    videos: list[Path] = field(default_factory=list[Path])
    others: list[Path] = field(default_factory=list[Path])
    failures: list[tuple[Path, str]] = field(default_factory=list[tuple[Path, str]])


def find_videos(path: Path) -> list[Path]:
    """List the videos in a folder and its subfolders, or the one given.

    Links to folders are followed; a link to a folder that it lies in is not. A link
    that leads nowhere is listed, so that whoever reads it says so.

    Raises
    ------
    MediaError
        If there is no such path, or no video in it.
    """
    found = _search(path)
    if not found.videos:
        where, reason = found.failures[0]
        raise MediaError(f"{printable(where)}: {reason}")
    lost = [where for where, _ in found.failures if not where.is_dir()]
    return sorted([*found.videos, *lost])


def list_others(path: Path, *ours: Path) -> list[str]:
    """Say in one line, by suffix, which files of a folder are left out.

    Parameters
    ----------
    path
        The folder.
    ours
        Files and folders that nobody would take for videos: the index, the dataset.
    """
    known = {one.resolve() for one in ours}
    others = Counter(
        file.suffix.lower() or "without a suffix"
        for file in _search(path).others
        if known.isdisjoint((file.resolve(), *file.resolve().parents))
    )
    if not others:
        return []
    counts = ", ".join(f"{count} {kind}" for kind, count in sorted(others.items()))
    return [f"left out, not known as videos: {printable(counts)}"]


def _search(path: Path) -> _Found:
    if path.is_file():
        return _Found([path])
    if not path.is_dir():
        raise MediaError(f"{path}: there is no such file or folder; check the path")
    found = _Found()
    waiting = [(path, frozenset[tuple[int, int]]())]
    while waiting:
        folder, above = waiting.pop()
        try:
            state = folder.stat()
            if (here := (state.st_dev, state.st_ino)) in above:
                continue
            folders = _sort_files(folder.iterdir(), found)
        except OSError as error:
            found.failures.append((folder, f"{error.strerror}; check its permissions"))
        else:
            waiting += [(one, above | {here}) for one in folders]
    if not found.videos and not found.failures:
        known = " ".join(sorted(SUFFIXES))
        raise MediaError(f"{path} holds no video; looked for {known}")
    found.videos.sort()
    return found


def _sort_files(entries: Iterable[Path], found: _Found) -> list[Path]:
    """Sort the files of a folder by kind, and return its folders."""
    folders = list[Path]()
    for entry in entries:
        is_video = entry.suffix.lower() in SUFFIXES
        if entry.is_dir():
            folders.append(entry)
        elif entry.name.startswith("."):
            continue
        elif entry.is_file():
            (found.videos if is_video else found.others).append(entry)
        elif is_video:
            found.failures.append((entry, "no file (a link that leads nowhere?)"))
    return folders


def list_jobs(
    path: Path, index: Path | None = None
) -> tuple[list[Job], list[tuple[str, str]]]:
    """Name and label the videos of a folder.

    Returns
    -------
    jobs, failures
        Failures are folders and videos that cannot be read or named, videos whose clip
        would be another's, and rows of the index that name none of the videos, each
        with a reason.

    Raises
    ------
    MediaError, DatasetError
        If there is no video, or the index cannot be read or is ambiguous.
    """
    found = _search(path)
    folder = path if path.is_dir() else path.parent
    failures = list[tuple[str, str]]()
    videos = list[Path]()
    for video in found.videos:
        name = video.relative_to(folder).as_posix()
        if printable(name) == name:
            videos.append(video)
        else:
            failures.append((printable(name), NOT_UTF_8))
    for lost, reason in found.failures:
        failures.append((printable(lost.relative_to(folder)), reason))
    described, unmatched = label_files(videos, folder, index)
    names = unique_names(videos, folder)
    dropped = read_dropped(index) if index else frozenset[str]()
    jobs = dict[Path, Job]()
    for video, name, labels in zip(videos, names, described, strict=True):
        file = video.relative_to(folder).as_posix()
        job = Job(
            video=video,
            name=name,
            file=file,
            labels=labels,
            dropped=is_dropped(name, dropped),
        )
        if jobs.setdefault(clip_path(Path(), name), job) is not job:
            failures.append((file, f"another video is called {name} too; rename one"))
    return [*jobs.values()], failures + unmatched
