"""The files in a folder and its subfolders."""

from collections.abc import Iterator
from pathlib import Path

from signnet.errors import SignnetError
from signnet.files.errors import one_line_error

__all__ = ["files_below"]


def files_below(folder: Path, suffix: str, error: type[SignnetError]) -> Iterator[Path]:
    """Yield the files with a suffix, in small letters or capitals, but no hidden ones.

    Links to folders are followed; one to a folder that it lies in is not. A link that
    leads nowhere counts as a file, so that whoever reads it says so.

    Parameters
    ----------
    folder
        Searched with its subfolders.
    suffix
        Such as `.pose`; empty for any.
    error
        Class of the error to raise if a folder cannot be listed: who leaves out what is
        in it may take it for deleted.
    """
    waiting = [(folder, frozenset[Path]())]
    while waiting:
        here, above = waiting.pop()
        with one_line_error(f"cannot read {here}", error):
            real, entries = here.resolve(), list(here.iterdir())
        if real in above:
            continue
        for entry in entries:
            if entry.is_dir():
                waiting.append((entry, above | {real}))
            elif entry.name.startswith(".") or not entry.name.lower().endswith(suffix):
                continue
            elif entry.is_file() or not entry.exists():
                yield entry
