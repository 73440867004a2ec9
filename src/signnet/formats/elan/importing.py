"""Annotated films as clips: one for each sign on the chosen tiers."""

from functools import partial
from pathlib import Path
from typing import Any

from signnet.errors import SettingsError, SignnetError
from signnet.formats.elan.cutting import FilmCutter
from signnet.formats.elan.document import Document, free_name, read_document
from signnet.formats.elan.media import Film, Library, find_films
from signnet.formats.elan.selection import Selection, Sign, select_signs
from signnet.formats.source import (
    USUAL,
    ImportSettings,
    Source,
    describe_files,
    failing,
    find_files,
)
from signnet.labels import Labels, unique_names

__all__ = ["sources"]

_SUFFIX = ".eaf"


def sources(path: Path, settings: ImportSettings = USUAL) -> list[Source]:
    """List the annotated signs of an ELAN file, or of a folder of them.

    Raises
    ------
    SettingsError
        If no tier is chosen; those of the first file are named.
    MediaError, DatasetError
        If there is no ELAN file, or the index is bad.
    """
    files = find_files(path, _SUFFIX)
    if settings.tier is None:
        known = ", ".join(read_document(files[0]).tiers)[:300] or "none at all"
        raise SettingsError(
            f"which tier holds the glosses? Give --tier NAME; {files[0].name} has: "
            f"{known}"
        )
    folder = path if path.is_dir() else path.parent
    described, lost = describe_files(files, folder, settings)
    library = Library(settings.media)
    found = list[Source]()
    for file, name, (labels, _) in zip(
        files, unique_names(files, folder), described, strict=True
    ):
        try:
            found += _signs_of(file, name, labels, settings, library)
        except SettingsError:
            raise
        except SignnetError as error:
            found.append(failing(file.name, str(error)))
    return [*found, *lost]


def _signs_of(
    file: Path, name: str, labels: Labels, settings: ImportSettings, library: Library
) -> list[Source]:
    document = read_document(file)
    selection = select_signs(
        document,
        settings.tier or "",
        file.name,
        by=settings.signer,
        keep_variants=settings.keep_variants,
    )
    found = [failing(file.name, line) for line in selection.left_out]
    if not selection.signs:
        return [*found, failing(file.name, _nothing(file, selection, settings))]
    films = find_films(document, file, library)
    if not films:
        found.append(failing(file.name, _no_film(file, document)))
        return found
    return found + _clips_of(file, name, labels, selection.signs, films)


def _nothing(file: Path, selection: Selection, settings: ImportSettings) -> str:
    rest = f" ({selection.without_gloss} have no gloss)"
    return (
        f"{file.name}: tier {settings.tier} holds no sign that could be a clip"
        f"{rest if selection.without_gloss else ''}; choose another --tier"
    )


def _no_film(file: Path, document: Document) -> str:
    linked = ", ".join(one.urls[0] for one in document.media if one.urls)[:120]
    return (
        f"{file.name}: no film found (it links {linked or 'none'}); put it beside the "
        "file, or name its folder with --media"
    )


def _clips_of(
    file: Path, name: str, labels: Labels, signs: list[Sign], films: list[Film]
) -> list[Source]:
    """Give a source for each sign; those of one film are cut in one pass."""
    found, taken = list[Source](), set[str]()
    by_film: dict[int, list[Sign]] = {}
    for sign in signs:
        by_film.setdefault(_film_of(sign, films), []).append(sign)
    for place, own in by_film.items():
        cutter = FilmCutter(films[place], own, file.name)
        for number, sign in enumerate(own):
            clip = free_name(f"{name}-{round(sign.start):07d}", taken, "-")
            about = _labels(labels, sign, name)
            read = partial(cutter.cut, number, clip, sign.gloss, about)
            found.append(Source(clip, read))
    return found


def _film_of(sign: Sign, films: list[Film]) -> int:
    """Choose the film that names the signer; the first one if none does."""
    if sign.signer:
        for place, film in enumerate(films):
            if sign.signer.casefold() in film.path.stem.casefold():
                return place
    return 0


def _labels(labels: Labels, sign: Sign, name: str) -> dict[str, Any]:
    """Take what the index says, then the annotation; a film is a session."""
    return labels | {
        "signer": labels.get("signer") or sign.signer,
        "session": labels.get("session") or name,
    }
