"""Signs collected with the live page (`#/collect`): a JSON file per signer and session.

What stands in a file is in `collected_file`. A session may be exported twice: of clips
of one name, the one recorded last counts.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from signnet.clip import Clip, frame_rate
from signnet.errors import MediaError, one_line
from signnet.formats.collected_file import (
    AGAIN,
    describe_session,
    landmarks_of,
    object_of,
    read_session,
    shown,
    text_of,
    times_of,
)
from signnet.formats.source import (
    USUAL,
    ImportSettings,
    Source,
    check_frames,
    describe_files,
    failing,
    find_files,
)
from signnet.labels import Labels

__all__ = ["sources"]


@dataclass(frozen=True)
class _Entry:
    """A clip of a file: where it stands, and what is known without its landmarks."""

    file: Path
    number: int
    name: str
    recorded: str
    carried: Labels
    about: str


@dataclass
class _Reader:
    """Reads files and keeps the last: a file's clips are read one after the other."""

    last: Path | None = None
    content: dict[str, Any] = field(default_factory=dict[str, Any])

    def open(self, file: Path) -> dict[str, Any]:
        if file != self.last:
            self.content, self.last = read_session(file), file
        return self.content


def sources(path: Path, settings: ImportSettings = USUAL) -> list[Source]:
    """List the clips of a file, or of all `.json` files of a folder.

    A row of the index names a clip by its name.

    Raises
    ------
    MediaError, DatasetError
        If there is no such file, the one file is no file of collected signs, or the
        index is bad.
    """
    folder = path if path.is_dir() else path.parent
    reader, bad, latest = _Reader(), list[Source](), dict[str, _Entry]()
    for file in find_files(path, ".json"):
        try:
            content = reader.open(file)
        except MediaError as error:
            if path.is_file():
                raise
            bad.append(failing(file.name, str(error)))
            continue
        for found in _entries(file, content):
            if isinstance(found, Source):
                bad.append(found)
            elif _is_later(found, latest.get(found.name)):
                latest[found.name] = found
    entries = list(latest.values())
    described, lost = describe_files(
        [folder / entry.name for entry in entries],
        folder,
        settings,
        carried=[entry.carried for entry in entries],
    )
    return [
        *(
            Source(entry.name, partial(_read, reader, entry, labels))
            for entry, (labels, _) in zip(entries, described, strict=True)
        ),
        *bad,
        *lost,
    ]


def _is_later(entry: _Entry, other: _Entry | None) -> bool:
    return other is None or entry.recorded > other.recorded


def _entries(file: Path, content: dict[str, Any]) -> Iterator[_Entry | Source]:
    """Describe each clip of a file; one that cannot be described fails as a source."""
    labels, about = describe_session(content, file.name)
    for number, one in enumerate(content["clips"]):
        label = f"{file.name}: clip {number + 1}"
        try:
            yield _entry(file, number, object_of(one, label), labels, about)
        except MediaError as error:
            yield failing(label, str(error))


def _entry(
    file: Path, number: int, one: dict[str, Any], labels: Labels, about: str
) -> _Entry:
    label = f"{file.name}: clip {number + 1}"
    name = text_of(one, "name", label)
    if "/" in name or "\\" in name:
        raise MediaError(f"{label}: the name {shown(name)} is a path; {AGAIN}")
    repetition, aspect = one.get("repetition"), one.get("aspect")
    if type(repetition) is not int or not 0 < repetition < 10_000:
        raise MediaError(
            f"{label}: repetition is {shown(repetition)}, expected 1, 2, ...; {AGAIN}"
        )
    if not isinstance(aspect, int | float) or not 0.01 < aspect < 100:
        raise MediaError(
            f"{label}: aspect is {shown(aspect)}, expected the picture's width / "
            f"height; {AGAIN}"
        )
    recorded = text_of(one, "recorded", label)
    carried = labels | {
        "gloss": text_of(one, "gloss", label),
        "repetition": str(repetition),
    }
    about = f"recorded {recorded}, {about}"
    return _Entry(file, number, name, recorded, carried, about)


def _read(reader: _Reader, entry: _Entry, labels: Labels) -> list[Clip]:
    clips = reader.open(entry.file)["clips"]
    one = clips[entry.number] if entry.number < len(clips) else None
    label = f"{entry.file.name}: {one_line(entry.name)}"
    if not isinstance(one, dict) or one.get("name") != entry.name:
        raise MediaError(f"{label} is no longer there; import the file again")
    frames = one.get("frames")
    if type(frames) is not int:
        raise MediaError(f"{label}: frames is {shown(frames)}, expected a number")
    check_frames(frames, label)
    times = times_of(one, frames, label)
    return [
        Clip(
            name=entry.name,
            landmarks=landmarks_of(one, frames, label),
            times=times,
            fps=frame_rate(times),
            source=f"collected {entry.file.name}, {entry.about}",
            **labels,
        )
    ]
