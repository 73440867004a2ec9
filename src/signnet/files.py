"""Paths that users give; whole files and whole folders, written at once or not at all.

Content is written under a temporary name beside its target and renamed when it is
complete. Readers never see half of it, and after an error, a full disk or a killed
process the target is as it was before. Temporary names begin with a dot, so that Arrow,
Spark and Hugging Face Datasets ignore what a killed process leaves behind.
"""

import errno
import os
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from signnet.errors import SettingsError, SignnetError

__all__ = ["as_path", "one_line_error", "whole_file", "whole_folder", "write_text"]


def as_path(path: Any, what: str) -> Path:
    """Return a path that a user gave, checked.

    Parameters
    ----------
    path
        Text or PathLike.
    what
        Name of the argument, for messages.

    Raises
    ------
    SettingsError
        If it is of another type, empty, or no file of this system can have this name.
    """
    text = os.fspath(path) if isinstance(path, str | os.PathLike) else None
    if not isinstance(text, str):
        found = "None" if path is None else f"of type {type(path).__name__}"
        raise SettingsError(f"{what} is {found}; expected a path (str or PathLike)")
    if not text:
        raise SettingsError(f"{what} is empty; expected a path")
    try:
        os.lstat(text)
    except ValueError as error:
        raise SettingsError(f"{what} {text!r:.60}: no path ({error})") from error
    except OSError as error:
        if error.errno == errno.ENAMETOOLONG:
            raise SettingsError(f"{what} {text!r:.60}: name is too long") from error
    return Path(path)


@contextmanager
def whole_file(path: Path, error: type[SignnetError]) -> Generator[Path]:
    """Yield a temporary path to write to; rename it to `path` at the end.

    Parameters
    ----------
    path
        The file to write; an existing file is replaced, missing folders are made. A
        link stays and its target is written; a device or a pipe is written directly.
    error
        Class of the error to raise if the file cannot be written.

    Raises
    ------
    SignnetError
        Of class `error`, for any OSError (disk full, no permission, a folder in the
        way). The earlier file stays, and no temporary file is left.
    """
    cannot_write = f"cannot write {path}"
    with one_line_error(cannot_write, error):
        path = path.resolve()
        if path.exists() and not path.is_file():
            yield path
            return
    temporary = path.with_name(f".{path.name[:48]}.{os.getpid()}.tmp")
    try:
        with one_line_error(cannot_write, error):
            path.parent.mkdir(parents=True, exist_ok=True)
            yield temporary
            _flush(temporary)
            temporary.replace(path)
    finally:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)


def write_text(path: Path, text: str, error: type[SignnetError]) -> None:
    """Write a text file in UTF-8 with its line ends as they are; see `whole_file`."""
    with whole_file(path, error) as temporary:
        temporary.write_text(text, encoding="utf-8", newline="")


@contextmanager
def whole_folder(
    path: Path,
    error: type[SignnetError],
    earlier: Callable[[Path], Sequence[Path]] | None = None,
) -> Generator[Path]:
    """Yield an empty folder to fill; rename it to `path` at the end.

    Parameters
    ----------
    path
        The folder to write. Without `earlier` it must not exist, or be empty.
    error
        Class of the error to raise if the folder cannot be written.
    earlier
        Function that lists the files of an earlier folder, all of which are replaced;
        it raises an error if that folder holds anything else.

    Raises
    ------
    SignnetError
        Of class `error`, if `path` holds anything that may not be replaced, at the
        beginning or at the end, and for any OSError. Nothing new is left then.
    """
    cannot_write = f"cannot write {path}"
    with one_line_error(cannot_write, error):
        path = path.resolve()
        _replaceable(path, error, earlier)
        path.parent.mkdir(parents=True, exist_ok=True)
        made = TemporaryDirectory(prefix=f".{path.name[:48]}.", dir=path.parent)
    with made as parent, one_line_error(cannot_write, error):
        draft = Path(parent) / "new"
        draft.mkdir()
        yield draft
        for file in draft.rglob("*"):
            if file.is_file():
                _flush(file)
        written = _replaceable(path, error, earlier)
        _put(draft, path, written, path.with_name(f"{Path(parent).name}.old"))


@contextmanager
def one_line_error(what: str, error: type[SignnetError]) -> Generator[None]:
    """Turn an OSError into an `error` that reads `what: reason`, on one line."""
    try:
        yield
    except OSError as cause:
        reason = cause.strerror or str(cause).splitlines()[0]
        raise error(f"{what}: {reason}") from cause


def _put(draft: Path, path: Path, written: Sequence[Path], old: Path) -> None:
    """Rename a folder into place, and remove these files of the one that was there."""
    if not path.exists():
        draft.replace(path)
        return
    path.replace(old)
    try:
        draft.replace(path)
    except OSError:
        old.replace(path)
        raise
    for file in written:
        (old / file).unlink(missing_ok=True)
    folders = {Path()} | {parent for file in written for parent in file.parents}
    for folder in sorted(folders, key=lambda one: -len(one.parts)):
        with suppress(OSError):  # files that were added meanwhile stay
            (old / folder).rmdir()


def _replaceable(
    path: Path,
    error: type[SignnetError],
    earlier: Callable[[Path], Sequence[Path]] | None,
) -> list[Path]:
    """List the files to replace, relative to the folder; refuse any other."""
    if path.exists() and not path.is_dir():
        raise error(f"{path} is a file; give a new or empty folder")
    if earlier is not None and path.is_dir():
        return [file.relative_to(path) for file in earlier(path)]
    if path.is_dir() and (first := min(path.iterdir(), default=None)):
        raise error(f"{path} holds {first.name} already; give a new or empty folder")
    return []


def _flush(path: Path) -> None:
    """Flush a file's content to disk, so that a crash cannot leave it empty."""
    with path.open("rb+") as file:
        os.fsync(file.fileno())
