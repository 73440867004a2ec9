"""Locks: one process at a time writes into a folder.

The lock is the system's own (flock, or a locked byte on Windows), so that a killed
process never leaves one behind. A file system without locks is used without.
"""

import errno
import os
import sys
from collections.abc import Generator
from contextlib import contextmanager, suppress
from pathlib import Path

from signnet.errors import SignnetError
from signnet.files.errors import one_line_error

if sys.platform == "win32":
    import msvcrt

    def _lock(file: int) -> None:
        msvcrt.locking(file, msvcrt.LK_NBLCK, 1)
else:
    import fcntl

    def _lock(file: int) -> None:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)


__all__ = ["LOCK", "only_writer", "try_lock"]

LOCK = ".lock"
"""Name of the file that is locked in a folder that is written to."""

_TAKEN = (errno.EWOULDBLOCK, errno.EACCES, errno.EDEADLK)


@contextmanager
def only_writer(
    folder: Path, error: type[SignnetError], lock: Path | None = None
) -> Generator[None]:
    """Refuse to go on while another process writes into a folder.

    Parameters
    ----------
    folder
        The folder that is written to; it is made, unless `lock` lies elsewhere, and
        removed again if nothing was put into it.
    error
        Class of the errors to raise.
    lock
        The file to lock; it is removed afterwards.

    Raises
    ------
    SignnetError
        Of class `error`, if another process writes there, or nothing can be written.
    """
    path = lock or folder / LOCK
    missing = [one for one in (path.parent, *path.parent.parents) if not one.exists()]
    with one_line_error(f"cannot write to {folder}", error):
        path.parent.mkdir(parents=True, exist_ok=True)
        held = try_lock(path)
    if held is None:
        raise error(
            f"another run of signnet writes into {folder}; wait until it is done, or "
            "give another folder"
        )
    try:
        yield
    finally:
        _release(path, held)
        for one in missing:  # `rmdir` removes empty folders only
            with suppress(OSError):
                one.rmdir()


def _release(path: Path, held: int) -> None:
    """Remove a lock: while it is held, so that nobody else's is removed.

    Windows removes no open file, be it this process' or another's that has locked it
    meanwhile; so there it is closed first.
    """
    if sys.platform == "win32":
        os.close(held)
    with suppress(OSError):
        path.unlink()
    if sys.platform != "win32":
        os.close(held)


def try_lock(path: Path) -> int | None:
    """Create and lock a file; return its descriptor, or None if another has it."""
    while True:
        file = os.open(path, os.O_RDWR | os.O_CREAT, 0o666)
        try:
            _lock(file)
        except OSError as error:
            if error.errno in _TAKEN:
                os.close(file)
                return None
            return file  # a file system without locks
        if _is_same(file, path):
            return file
        os.close(file)  # the file was removed or renamed since it was opened


def _is_same(file: int, path: Path) -> bool:
    with suppress(OSError):
        return os.path.samestat(os.fstat(file), path.stat())
    return False
