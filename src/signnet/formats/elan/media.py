"""Find the film, or the landmarks, that an ELAN file annotates.

Its links name another machine's folders more often than not. The first that exists
counts: the relative path, the absolute one, a file of the linked name beside the ELAN
file or below the folder of films, and at last a film of the ELAN file's own name.
Landmarks (`.pose`, `.parquet`) of the same name are used instead of the film, wherever
they are: they are quicker to read.
"""

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlparse

from signnet.clip import nfc
from signnet.errors import MediaError
from signnet.files import files_below
from signnet.formats.elan.document import Document

__all__ = ["LANDMARK_SUFFIXES", "Film", "Library", "find_films"]

LANDMARK_SUFFIXES = (".pose", ".parquet")
"""Files of landmarks that may stand for a film, the first one first."""

_SOUNDS = {".wav", ".mp3", ".aac", ".flac", ".m4a", ".aif", ".aiff", ".wma", ".ogg"}
_FILMS = {
    f".{kind}"
    for kind in "3gp avi flv gif m4v mkv mov mp4 mpeg mpg mts ogv ts webm wmv".split()
}


@dataclass(frozen=True)
class Film:
    """A film or a file of landmarks."""

    path: Path
    origin: float
    """Milliseconds of the film at which the annotations' time begins."""


class Library:
    """Files in which films are looked for, by their names.

    Parameters
    ----------
    folder
        Searched with its subfolders; None for nothing beside the ELAN files' folders.
    """

    def __init__(self, folder: Path | None) -> None:
        self._below = _by_name(files_below(folder, "", MediaError)) if folder else {}
        self._beside: dict[Path, dict[str, Path]] = {}

    def find(self, name: str, beside: Path) -> Path | None:
        """Find a file by name, beside a file first; case and Unicode form are free."""
        if beside.parent not in self._beside:
            self._beside[beside.parent] = _by_name(beside.parent.iterdir())
        key = _key(name)
        return self._beside[beside.parent].get(key) or self._below.get(key)


def _by_name(files: Iterable[Path]) -> dict[str, Path]:
    found: dict[str, Path] = {}
    for file in sorted(files):
        if file.is_file() and not file.name.startswith("."):
            found.setdefault(_key(file.name), file)
    return found


def _key(name: str) -> str:
    return nfc(name).casefold()


def find_films(document: Document, file: Path, library: Library) -> list[Film]:
    """List the films of an ELAN file that exist, or the landmarks in their place."""
    found = list[Film]()
    for medium in document.media:
        path = _linked(medium.urls, file, library)
        if path is not None:
            found.append(Film(path, medium.origin))
    if not found and (own := _named(file.stem, file, library)):
        origin = document.media[0].origin if document.media else 0.0
        found.append(Film(own, origin))
    return found


def _linked(urls: tuple[str, ...], file: Path, library: Library) -> Path | None:
    paths = [path for url in urls for path in _paths(url, file)]
    names = [name for name in map(_last, urls) if Path(name).suffix]
    names = [name for name in names if Path(name).suffix.lower() not in _SOUNDS]
    if not names:
        return None
    for name in names:
        if landmarks := _landmarks(Path(name).stem, file, library):
            return landmarks
    there = next((one for one in paths if one.is_file()), None)
    if there is not None:
        return there
    return next((one for name in names if (one := library.find(name, file))), None)


def _named(stem: str, file: Path, library: Library) -> Path | None:
    """Find landmarks or a film by its name without suffix."""
    if landmarks := _landmarks(stem, file, library):
        return landmarks
    names = (stem + suffix for suffix in sorted(_FILMS))
    return next((one for name in names if (one := library.find(name, file))), None)


def _landmarks(stem: str, file: Path, library: Library) -> Path | None:
    names = (stem + suffix for suffix in LANDMARK_SUFFIXES)
    return next((one for name in names if (one := library.find(name, file))), None)


def _last(url: str) -> str:
    return unquote(url).replace("\\", "/").rsplit("/", 1)[-1]


def _paths(url: str, file: Path) -> Iterator[Path]:
    """Give the paths of this system that a link may mean."""
    for text in dict.fromkeys((url, unquote(url))):
        if text.startswith("file:"):
            text = text.removeprefix("file:")
            text = "/" + text.lstrip("/") if os.sep == "/" else text.lstrip("/")
        elif urlparse(text).scheme in ("http", "https", "rtsp"):
            continue
        if "\0" not in text and len(os.fsencode(text)) < 4000:
            yield file.parent / text
