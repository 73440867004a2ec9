"""A temporary folder that is emptied at the end, or by the next start after a kill."""

import os
import shutil
import tempfile
from collections.abc import Generator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from signnet.errors import SettingsError
from signnet.files import one_line_error

try:
    import fcntl
except ImportError:  # Windows, where an open file cannot be removed instead
    fcntl = None

__all__ = ["scratch_folder"]

_PREFIX = "signnet-serve-"
_MARK = ".in-use"
"""A file that its owner keeps locked, so that a folder without an owner is known."""


@contextmanager
def scratch_folder() -> Generator[Path]:
    """Yield a new folder of this process and remove it, and those of killed processes.

    Raises
    ------
    SettingsError
        If the system's temporary folder cannot be written.
    """
    base = Path(tempfile.gettempdir())
    remove_abandoned(base)
    with one_line_error(f"cannot write {base}; set TMPDIR", SettingsError):
        folder = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=base))
        mark = _marked(folder)
    try:
        yield folder
    finally:
        mark.close()
        shutil.rmtree(folder, ignore_errors=True)


def remove_abandoned(base: Path) -> None:
    """Remove the folders of servers that were killed."""
    for folder in base.glob(f"{_PREFIX}*"):
        with suppress(OSError):
            if _is_ours(folder) and _is_abandoned(folder / _MARK):
                shutil.rmtree(folder, ignore_errors=True)


def _marked(folder: Path) -> IO[bytes]:
    """Lock a folder's mark before it can be seen under its name."""
    draft = folder / f"{_MARK}.new"
    mark = draft.open("wb")
    if fcntl is not None:
        fcntl.flock(mark, fcntl.LOCK_EX)
        draft.rename(folder / _MARK)
        return mark
    mark.close()
    draft.rename(folder / _MARK)
    return (folder / _MARK).open("wb")


def _is_ours(folder: Path) -> bool:
    """Return whether this user made a folder; the name alone could be a stranger's."""
    is_folder = folder.is_dir() and not folder.is_symlink()
    mark = folder / _MARK
    own = not hasattr(os, "getuid") or folder.stat().st_uid == os.getuid()
    return is_folder and own and mark.is_file() and not mark.is_symlink()


def _is_abandoned(mark: Path) -> bool:
    if fcntl is None:
        mark.unlink()  # OSError while its owner has it open
        return True
    with mark.open("rb") as opened:
        fcntl.flock(opened, fcntl.LOCK_EX | fcntl.LOCK_NB)  # OSError if it is locked
    return True
