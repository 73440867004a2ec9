"""Import the clips of a foreign format into a dataset folder."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from operator import itemgetter
from pathlib import Path
from typing import Any

from signnet.dataset import Progress, no_progress, row_of_clip, shards, write_rows
from signnet.errors import SignnetError
from signnet.formats.destination import Destination
from signnet.formats.registry import list_sources
from signnet.formats.source import USUAL, ImportSettings, Source

__all__ = ["ImportReport", "import_clips"]

_CLIPS_PER_SHARD = 256

Row = dict[str, Any]
"""A clip as it is stored; see `row_of_clip`."""


@dataclass
class ImportReport:
    """Counts of imported clips, and the sources that could not be imported."""

    clips: int = 0
    unlabelled: int = 0
    """Clips without a gloss."""

    failures: list[str] = field(default_factory=list[str])
    """One line per file that could not be read, clip whose name is taken, or row of
    the index without a file."""

    left: list[str] = field(default_factory=list[str])
    """One line per file of an earlier import that stays because it was changed, and
    one if clips stay because files failed that may have held them."""


def import_clips(
    format_name: str,
    path: Path,
    out: Path,
    progress: Progress = no_progress,
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
        Dataset folder. Files of an earlier import of the same source and format are
        replaced once the new ones are ready; nothing else is deleted. If a file fails,
        the clips that are not imported anew stay.
    progress
        Callback `(done, total)` before each source is read.
    settings
        Facts that the files do not state.
    append
        Add to the clips in the folder without replacing any.

    Raises
    ------
    SettingsError
        If the format is unknown, cannot use a setting, or needs a package that is not
        installed.
    DatasetError, MediaError
        If the source holds nothing of that format, the folder holds clips that no
        import of this source wrote (without `append`), or it cannot be written.
    """
    found = list_sources(path, format_name, settings)
    destination = Destination(out, format_name, path, append=append)
    taken = destination.clip_names()
    report = ImportReport()
    with destination.draft() as draft:
        names = set[str]()
        rows = _read_rows(found, taken, names, report, progress)
        shards = _write_shards(rows, draft)
        if shards:
            kept = destination.earlier_clips(names) if report.failures else []
            shards += _write_shards(map(row_of_clip, kept), draft, len(shards))
            report.left = destination.put(shards)
            if kept:
                report.left.append(
                    f"{len(kept)} clips of the earlier import stay, for example "
                    f"{kept[0].name}: files failed that may have held them"
                )
    return report


def _read_rows(
    found: Sequence[Source],
    taken: set[str],
    names: set[str],
    report: ImportReport,
    progress: Progress,
) -> Iterator[Row]:
    """Read the sources one by one; note names, what fails and names that are taken."""
    for done, source in enumerate(found):
        progress(done, len(found))
        try:
            clips = source.read()
        except SignnetError as error:
            report.failures.append(str(error))
            continue
        for clip in clips:
            if reason := _clash(clip.name, taken, names):
                report.failures.append(reason)
                continue
            try:
                row = row_of_clip(clip)
            except SignnetError as error:
                report.failures.append(str(error))
                continue
            names.add(clip.name)
            report.clips += 1
            report.unlabelled += clip.gloss is None
            yield row


def _clash(name: str, taken: set[str], names: set[str]) -> str | None:
    """Return the reason why a clip cannot have this name."""
    if name in taken:
        return f"{name} is in the dataset already; rename one of the two"
    if name in names:
        return f"{name} occurs twice; rename one of the two files"
    return None


def _write_shards(rows: Iterable[Row], folder: Path, first: int = 0) -> list[Path]:
    files = list[Path]()
    for held in shards(rows, _CLIPS_PER_SHARD, itemgetter("frames")):
        files.append(folder / f"{first + len(files):05d}.parquet")
        write_rows(held, files[-1])
    return files
