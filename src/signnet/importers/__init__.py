"""Bring other people's landmarks in: one module per format.

A format's module has `sources(path, settings)`, which lists what can be read, file by
file or clip by clip, so that a bad one costs only itself.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from signnet.clip import Clip
from signnet.errors import MediaError, SettingsError, SignnetError
from signnet.importers import (
    bdsl_npz,
    gislr,
    hands_npz,
    mp_data,
    openpose,
    pose_file,
    wholebody,
)
from signnet.importers.source import USUAL, ImportSettings, Source
from signnet.store import Dataset, write_clips

__all__ = [
    "FORMATS",
    "ImportReport",
    "ImportSettings",
    "import_clips",
    "is_npz_folder",
    "open_clips",
]

FORMATS: dict[str, Callable[[Path, ImportSettings], list[Source]]] = {
    "bdsl-npz": bdsl_npz.sources,
    "pose": pose_file.sources,
    "openpose": openpose.sources,
    "coco-wholebody": wholebody.sources,
    "gislr": gislr.sources,
    "mp-data": mp_data.sources,
    "hands-npz": hands_npz.sources,
}
"""The formats by their name on the command line."""

OPTIONS: dict[str, frozenset[str]] = {
    "bdsl-npz": frozenset({"repair"}),
    "pose": frozenset({"size", "fps"}),
    "openpose": frozenset({"size", "fps"}),
    "coco-wholebody": frozenset({"size", "fps"}),
    "gislr": frozenset({"size", "fps"}),
    "mp-data": frozenset({"size", "fps"}),
    "hands-npz": frozenset({"size"}),
}
"""Which of `ImportSettings` a format uses, besides the index, which all use."""

_CLIPS_PER_SHARD = 256


@dataclass
class ImportReport:
    """What an import brought in and what it had to leave."""

    clips: int = 0
    unlabelled: int = 0
    """Clips without a gloss."""

    failures: list[str] = field(default_factory=list[str])
    """One line per file that could not be read, or row of the index without one."""


def import_clips(
    format_name: str,
    path: Path,
    out: Path,
    progress: Callable[[int, int], None] = lambda _done, _total: None,
    settings: ImportSettings = USUAL,
) -> ImportReport:
    """Read all clips of a foreign format into a dataset folder.

    Parameters
    ----------
    format_name
        A key of `FORMATS`.
    path
        File or folder in that format.
    out
        Dataset folder; files of an earlier import of the same format are replaced.
    progress
        Called with how many of how many clips are read.
    settings
        What the files do not say themselves.

    Raises
    ------
    SettingsError
        If the format is unknown, cannot use a setting, or needs a package that is not
        installed.
    DatasetError, MediaError
        If the source holds nothing of that format, or the dataset cannot be written.
    """
    if format_name not in FORMATS:
        known = ", ".join(FORMATS)
        raise SettingsError(f"unknown format {format_name}; choose one of: {known}")
    _refuse_unused(format_name, settings)
    report, clips, shards = ImportReport(), list[Clip](), list[Path]()
    names = set[str]()
    found = FORMATS[format_name](path, settings)

    def flush() -> None:
        if clips:
            shards.append(out / f"{format_name}-{len(shards):05d}.parquet")
            write_clips(clips, shards[-1])
            clips.clear()

    for done, source in enumerate(found):
        progress(done, len(found))
        try:
            read = source.read()
            _refuse_known(read, names)
            clips.extend(read)
            report.unlabelled += sum(clip.gloss is None for clip in read)
        except SignnetError as error:
            report.failures.append(str(error))
            continue
        if len(clips) >= _CLIPS_PER_SHARD:
            report.clips += len(clips)
            flush()
    report.clips += len(clips)
    flush()
    for old in sorted(out.glob(f"{format_name}-*.parquet"))[len(shards) :]:
        old.unlink()
    return report


def _refuse_unused(format_name: str, settings: ImportSettings) -> None:
    """SettingsError for a setting that would have no effect."""
    given = {"size": "--size", "fps": "--fps", "repair": "--no-repair"}
    for name, option in given.items():
        changed = getattr(settings, name) != getattr(USUAL, name)
        if changed and name not in OPTIONS[format_name]:
            users = [form for form, used in OPTIONS.items() if name in used]
            raise SettingsError(
                f"{option} has no effect on {format_name}; leave it out (it is for "
                f"{', '.join(users)})"
            )


def _refuse_known(clips: list[Clip], names: set[str]) -> None:
    """Note the names of clips; MediaError for one that an earlier clip has."""
    for clip in clips:
        if clip.name in names:
            raise MediaError(f"{clip.name} occurs twice; rename one of the two files")
        names.add(clip.name)


def is_npz_folder(path: Path) -> bool:
    """Tell whether a path is a clip of bdsl-npz, or a folder that has some."""
    return path.suffix == ".npz" or (path.is_dir() and any(path.glob("*.npz")))


def open_clips(path: Path) -> Dataset:
    """Open a dataset, or a folder or file of bdsl-npz clips, in memory.

    Raises
    ------
    DatasetError, MediaError
        If it is neither, or one of its clips cannot be read.
    """
    if not is_npz_folder(path):
        return Dataset.open(path)
    found = bdsl_npz.sources(path)
    clips = [clip for source in found for clip in source.read()]
    return Dataset.of_clips(clips, str(path))
