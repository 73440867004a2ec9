"""Whole files and whole folders, written at once or not at all.

Content is written under a temporary name beside its target and renamed when it is
complete. Readers never see half of it, and after an error, a full disk or a killed
process the target is as it was before; the next run into the same place removes what a
killed one left. Temporary names begin with a dot, so that Arrow, Spark and Hugging Face
Datasets ignore them.
"""

import os
import shutil
import sys
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import mkdtemp

from signnet.errors import SignnetError
from signnet.files.errors import one_line_error
from signnet.files.exchange import exchange
from signnet.files.locks import LOCK, only_writer, try_lock

__all__ = [
    "clear_drafts",
    "draft_folder",
    "flush_folder",
    "whole_file",
    "whole_folder",
    "whole_set",
    "write_text",
]

_NEW = "new"
"""The folder in a draft that becomes, or was, the target."""

_MARK = "draft-of-signnet"
"""File that tells a draft from a folder of the user's."""

_PUT = "put"
"""File in a draft whose content may be the earlier folder by now."""


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
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary, held = _temporary_file(path)
    try:
        with one_line_error(cannot_write, error):
            yield temporary
            _flush(temporary)
            temporary.replace(path)
    except BaseException:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)
        raise
    finally:
        if held is not None:
            os.close(held)
    flush_folder(path.parent)


def _temporary_file(path: Path) -> tuple[Path, int | None]:
    """Choose a name: always the same, so that a killed run's file is written over.

    Another process that writes the same file at this moment has it locked.
    """
    own = path.with_name(f".{path.name[:48]}.{os.getpid()}.tmp")
    if sys.platform == "win32":  # a locked file cannot be written by another handle
        return own, None
    usual = path.with_name(f".{path.name[:48]}.tmp")
    held = try_lock(usual)
    return (own, None) if held is None else (usual, held)


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
        Of class `error`, if another process writes the same folder, if `path` holds
        anything that may not be replaced, at the beginning or at the end, and for any
        OSError. Nothing new is left then.
    """
    cannot_write = f"cannot write {path}"
    with one_line_error(cannot_write, error):
        path = path.resolve()
        _replaceable(path, error, earlier)
    lock = path.with_name(f".{path.name[:48]}{LOCK}")
    with only_writer(path, error, lock):
        with one_line_error(cannot_write, error):
            _clear_drafts(path, earlier)
            _replaceable(path, error, earlier)
        with draft_folder(path.parent, _prefix(path), cannot_write, error) as new:
            yield new
            for file in new.rglob("*"):
                if file.is_file():
                    _flush(file)
            written = _replaceable(path, error, earlier)
            _put(new, path, written)


@contextmanager
def draft_folder(
    parent: Path, prefix: str, cannot_write: str, error: type[SignnetError]
) -> Generator[Path]:
    """Yield an empty folder inside a hidden one, which is removed afterwards."""
    with one_line_error(cannot_write, error):
        outer = Path(mkdtemp(prefix=prefix, dir=parent))
        outer.chmod(0o777 & ~_umask())
        (outer / _MARK).touch()
        (outer / _NEW).mkdir()
    try:
        with one_line_error(cannot_write, error):
            yield outer / _NEW
    finally:
        if not (outer / _PUT).exists():
            _remove_draft(outer)


def _remove_draft(outer: Path) -> None:
    """Remove a draft; its mark comes last, so that what a kill leaves is known."""
    shutil.rmtree(outer / _NEW, ignore_errors=True)
    shutil.rmtree(outer, ignore_errors=True)


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


@contextmanager
def whole_set(folder: Path, error: type[SignnetError], last: str) -> Generator[Path]:
    """Yield an empty folder; its files replace those of the same names at the end.

    Parameters
    ----------
    folder
        The folder to write to; it is made. Its other files stay.
    error
        Class of the error to raise if the folder cannot be written.
    last
        The file without which the others count for nothing. An earlier one is removed
        first, and the new one comes last.
    """
    cannot_write = f"cannot write to {folder}"
    with one_line_error(cannot_write, error):
        folder.mkdir(parents=True, exist_ok=True)
        clear_drafts(folder, ".draft-")
    with draft_folder(folder, ".draft-", cannot_write, error) as new:
        yield new
        names = sorted(file.name for file in new.iterdir())
        for name in names:
            _flush(new / name)
        if last in names and names[1:]:
            (folder / last).unlink(missing_ok=True)
        for name in sorted(names, key=lambda name: name == last):
            (new / name).replace(folder / name)
        flush_folder(folder)


def clear_drafts(parent: Path, prefix: str) -> None:
    """Remove drafts that killed runs left; the caller holds the folder's lock."""
    for outer in parent.glob(f"{_escaped(prefix)}*"):
        if _is_draft(outer) and not (outer / _PUT).exists():
            _remove_draft(outer)
        elif outer.is_dir() and not outer.is_symlink():
            with suppress(OSError):  # killed before its mark, or after; if it is empty
                outer.rmdir()


def _escaped(text: str) -> str:
    """Let a text stand for itself in a pattern."""
    return "".join(f"[{one}]" if one in "*?[" else one for one in text)


def _prefix(path: Path) -> str:
    return f".{path.name[:48]}.draft-"


def _clear_drafts(path: Path, earlier: Callable[[Path], Sequence[Path]] | None) -> None:
    """Remove what killed runs into a folder left, or put back what they took away."""
    for outer in path.parent.glob(f"{_escaped(_prefix(path))}*"):
        inner = outer / _NEW
        if not _is_draft(outer) or not (outer / _PUT).exists():
            continue
        if inner.is_dir() and not path.exists():
            inner.replace(path)  # without an exchange the earlier folder is moved here
        elif inner.is_dir():
            with suppress(SignnetError):  # somebody else's files are in it by now
                _remove(inner, earlier(inner) if earlier else ())
        _remove_outer(outer)
    clear_drafts(path.parent, _prefix(path))


def _is_draft(outer: Path) -> bool:
    return not outer.is_symlink() and (outer / _MARK).is_file()


def _put(new: Path, path: Path, written: Sequence[Path]) -> None:
    """Put a folder in place, and remove these files of the one that was there."""
    outer = new.parent
    if not path.exists() or not any(path.iterdir()):
        if path.exists():
            path.rmdir()
        new.replace(path)
        flush_folder(path.parent)
        return
    (outer / _PUT).touch()
    flush_folder(outer)
    try:
        exchange(new, path)
    except OSError:
        (outer / _PUT).unlink()
        raise
    flush_folder(path.parent)
    _remove(new, [new / file for file in written])
    _remove_outer(outer)


def _remove(folder: Path, files: Sequence[Path]) -> None:
    """Remove files of a folder, and the folders that are empty then."""
    for file in files:
        file.unlink(missing_ok=True)
    inside = [one for one in folder.rglob("*") if one.is_dir() and not one.is_symlink()]
    for one in sorted([folder, *inside], key=lambda one: -len(one.parts)):
        with suppress(OSError):  # files that were added meanwhile stay
            one.rmdir()


def _remove_outer(outer: Path) -> None:
    """Remove a draft, unless files of somebody else are left in it."""
    if not (outer / _NEW).exists():
        shutil.rmtree(outer, ignore_errors=True)


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


def flush_folder(folder: Path) -> None:
    """Flush a folder's names to disk, where the system can."""
    with suppress(OSError):
        opened = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(opened)
        finally:
            os.close(opened)
