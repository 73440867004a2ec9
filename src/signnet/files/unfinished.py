"""Folders that are filled in place, and cannot be opened until they are whole.

`.unfinished` stands in such a folder while it is filled. A killed run leaves it there;
the next run into the folder completes the work and removes it.
"""

from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from signnet.errors import SignnetError
from signnet.files.whole import flush_folder, write_text

__all__ = [
    "UNFINISHED",
    "check_finished",
    "is_unfinished",
    "mark_finished",
    "mark_unfinished",
    "unfinished",
]

UNFINISHED = ".unfinished"


@contextmanager
def unfinished(folder: Path, what: str, error: type[SignnetError]) -> Generator[None]:
    """Mark a folder as unfinished until the block ends without an error.

    Parameters
    ----------
    folder
        The folder, which exists.
    what
        What is under way, for messages: `an import`.
    error
        Class of the error to raise if the folder cannot be written.
    """
    mark_unfinished(folder, what, error)
    yield
    mark_finished(folder)


def mark_unfinished(folder: Path, what: str, error: type[SignnetError]) -> None:
    """Keep a folder from being opened; see `unfinished`."""
    write_text(folder / UNFINISHED, what + "\n", error)


def mark_finished(folder: Path) -> None:
    """Let a folder be opened again, once all its files are on the disk."""
    flush_folder(folder)
    (folder / UNFINISHED).unlink(missing_ok=True)


def is_unfinished(folder: Path) -> bool:
    """Return whether a run that filled this folder has not ended well yet."""
    return (folder / UNFINISHED).is_file()


def check_finished(folder: Path, error: type[SignnetError]) -> None:
    """Refuse a folder that is being filled, or whose run was stopped or killed.

    Raises
    ------
    SignnetError
        Of class `error`, saying how to finish it or to use what is there.
    """
    if not is_unfinished(folder):
        return
    try:
        what = (folder / UNFINISHED).read_text("utf-8")[:300].strip() or "a run"
    except (OSError, ValueError):
        what = "a run"
    raise error(
        f"{folder} is not whole: {what} has not ended there; run it again to complete "
        f"it, or remove {folder / UNFINISHED} to use what is there"
    )
