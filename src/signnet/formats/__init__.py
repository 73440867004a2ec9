"""Bring other people's landmarks in: one module per format.

A format's module has `sources(path, settings)`, which lists what can be read, file by
file or clip by clip, so that a bad one costs only itself.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from signnet.clip import Clip
from signnet.dataset import Dataset, write_clips
from signnet.errors import SettingsError, SignnetError
from signnet.formats import (
    bdsl_npz,
    gislr,
    hands_npz,
    mp_data,
    openpose,
    pose,
    wholebody,
)
from signnet.formats.destination import Destination
from signnet.formats.source import USUAL, ImportSettings, Source

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
    "pose": pose.sources,
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
    """One line per file that could not be read, clip whose name is taken, or row of
    the index without a file."""

    left: list[str] = field(default_factory=list[str])
    """One line per file of an earlier import that was changed and therefore stays."""


def import_clips(
    format_name: str,
    path: Path,
    out: Path,
    progress: Callable[[int, int], None] = lambda _done, _total: None,
    settings: ImportSettings = USUAL,
    *,
    append: bool = False,
) -> ImportReport:
    """Read all clips of a foreign format into a dataset folder.

    Parameters
    ----------
    format_name
        A key of `FORMATS`.
    path
        File or folder in that format.
    out
        Dataset folder. What an earlier import of the same source and format wrote is
        replaced once there is something to replace it with; nothing else is deleted.
    progress
        Called with how many of how many clips are read.
    settings
        What the files do not say themselves.
    append
        Add to whatever clips are in the folder, and replace none.

    Raises
    ------
    SettingsError
        If the format is unknown, cannot use a setting, or needs a package that is not
        installed.
    DatasetError, MediaError
        If the source holds nothing of that format, the folder holds clips that no
        import of this source wrote (without `append`), or it cannot be written.
    """
    if format_name not in FORMATS:
        known = ", ".join(FORMATS)
        raise SettingsError(f"unknown format {format_name}; choose one of: {known}")
    _refuse_unused(format_name, settings)
    found = FORMATS[format_name](path, settings)
    destination = Destination(out, format_name, path, append=append)
    taken = destination.clip_names()
    report = ImportReport()
    with destination.draft() as draft:
        clips = _read_clips(found, taken, report, progress)
        shards = _write_shards(clips, draft)
        if shards:
            report.left = destination.put(shards)
    return report


def _read_clips(
    found: Sequence[Source],
    taken: set[str],
    report: ImportReport,
    progress: Callable[[int, int], None],
) -> Iterator[Clip]:
    """Read the sources one by one; note what fails and names that are taken."""
    names = set[str]()
    for done, source in enumerate(found):
        progress(done, len(found))
        try:
            clips = source.read()
        except SignnetError as error:
            report.failures.append(str(error))
            continue
        for clip in clips:
            if clip.name in taken:
                report.failures.append(
                    f"{clip.name} is in the dataset already; rename one of the two"
                )
            elif clip.name in names:
                report.failures.append(
                    f"{clip.name} occurs twice; rename one of the two files"
                )
            else:
                names.add(clip.name)
                report.clips += 1
                report.unlabelled += clip.gloss is None
                yield clip


def _write_shards(clips: Iterable[Clip], folder: Path) -> list[Path]:
    shards, clips = list[Path](), iter(clips)
    while held := list(islice(clips, _CLIPS_PER_SHARD)):
        shards.append(folder / f"{len(shards):05d}.parquet")
        write_clips(held, shards[-1])
    return shards


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
