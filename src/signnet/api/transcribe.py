"""Transcribe films, one after the other, into files or for printing."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING

from signnet.api.arguments import PathLikeText
from signnet.api.models import ModelLike, load
from signnet.dataset import Progress, no_progress
from signnet.errors import MediaError, SettingsError, SignnetError
from signnet.files import as_path, storable

if TYPE_CHECKING:
    from signnet.recognise.recogniser import Recogniser
    from signnet.recognise.transcribing import Keep
    from signnet.recognise.transcript import Transcript

__all__ = ["transcribe"]

_CLIPS = "clips"
"""The format that keeps the signs as clips of a dataset."""


def transcribe(
    films: Iterable[PathLikeText],
    model: "ModelLike" = "bdsl55",
    *,
    formats: Sequence[str] = (),
    out: PathLikeText | None = None,
    progress: Progress = no_progress,
) -> "Iterator[tuple[str, Transcript | SignnetError, list[Path]]]":
    """Find the signs of films of any length, one film after the other.

    Parameters
    ----------
    films
        Videos, .parquet, .pose or .npz files, datasets, or folders of videos.
    model
        See `load`; a base without words gives segments in groups that look alike.
    formats
        Files to write for each film: eaf, csv, vtt; clips for a Parquet file that
        holds each sign as a clip, with a gloss only where the model is sure.
    out
        Folder for these files; that of each film by default.
    progress
        Callback `(done, total)`, counting the seconds of a film; the total is 0, for it
        is not known before the end.

    Yields
    ------
    tuple[str, Transcript or SignnetError, list of Path]
        The film, followed by `#` and the clip's name for a dataset of several; its
        transcript, or the error that stopped it; the files that were written.

    Raises
    ------
    ModelError
        If the model cannot be opened.
    SettingsError
        If a format is unknown, or two films would be written to one file.
    """
    from signnet.recognise.inputs import list_each
    from signnet.recognise.transcript_files import TRANSCRIPT_FORMATS

    for kind in formats:
        if kind not in (*TRANSCRIPT_FORMATS, _CLIPS):
            known = ", ".join((*TRANSCRIPT_FORMATS, _CLIPS))
            raise SettingsError(f"unknown format {kind!r:.20}; choose from: {known}")
    recogniser = load(model).recogniser
    folder = None if out is None else as_path(out, "out")
    found = list_each(films, "film")
    if formats:
        _refuse_clashes([film for film, refused in found if not refused], folder)
    for film, refused in found:
        if refused:
            yield str(film), refused, []
        else:
            yield from _transcribed(film, recogniser, formats, folder, progress)


def _transcribed(
    film: Path,
    recogniser: "Recogniser",
    formats: Sequence[str],
    folder: Path | None,
    progress: Progress,
) -> "Iterator[tuple[str, Transcript | SignnetError, list[Path]]]":
    from signnet.recognise.films import list_films
    from signnet.recognise.transcribing import transcribe as find_signs

    def reached(seconds: float) -> None:
        progress(int(seconds), 0)

    try:
        _refuse_existing(film, formats, folder)
        for label, frames in list_films(film):
            try:
                targets = {kind: _target(label, film, kind, folder) for kind in formats}
                clips = targets.pop(_CLIPS, None)
                with _keeping(clips, label, _stem(label, film)) as keep:
                    transcript = find_signs(recogniser, frames, label, reached, keep)
                written = [
                    transcript.save(path, film=film) for path in targets.values()
                ]
            except SignnetError as error:
                yield label, error, []
                continue
            if clips is not None and clips.exists():
                written.append(clips)
            yield label, transcript, written
    except SignnetError as error:
        yield str(film), error, []


def _keeping(
    clips: Path | None, label: str, stem: str
) -> "AbstractContextManager[Keep | None]":
    from signnet.recognise.transcript_clips import kept_clips

    return nullcontext() if clips is None else kept_clips(clips, label, stem)


def _stem(label: str, film: Path) -> str:
    """Name a film, after the clip too in a dataset of several."""
    stem = film.stem if film.is_file() else film.name
    if "#" in label and label.startswith(f"{film}#"):
        clip = label.removeprefix(f"{film}#").replace("/", "_").replace("\0", "_")
        stem = f"{stem}-{clip}"
    return stem


def _target(label: str, film: Path, kind: str, folder: Path | None) -> Path:
    suffix = "clips.parquet" if kind == _CLIPS else kind
    return (folder or film.parent) / storable(f"{_stem(label, film)}.{suffix}")


def _refuse_existing(film: Path, formats: Sequence[str], folder: Path | None) -> None:
    """Refuse before an hour of film is tracked, not after."""
    for kind in formats:
        path = _target(str(film), film, kind, folder)
        if kind != "eaf" and path.exists():
            raise MediaError(f"{path} exists already; move it, or choose another --out")


def _refuse_clashes(films: Sequence[Path], folder: Path | None) -> None:
    taken: dict[str, Path] = {}
    for film in films:
        target = str(_target(str(film), film, "eaf", folder)).casefold()
        other = taken.setdefault(target, film)
        if other != film:
            raise SettingsError(
                f"{other} and {film} would be written to the same file; transcribe "
                "them one by one into two folders with --out"
            )
