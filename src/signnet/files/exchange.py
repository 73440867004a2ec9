"""Exchange two folders, at once where the system can."""

import ctypes
import os
import sys
from pathlib import Path

__all__ = ["exchange"]

_HERE = -100
"""AT_FDCWD: paths are relative to the current folder."""

_EXCHANGE = 2
"""RENAME_EXCHANGE of Linux, and RENAME_SWAP of macOS."""


def exchange(one: Path, other: Path) -> None:
    """Exchange two folders; `one` never exists only under a third name.

    Where the system cannot exchange names at once, `other` is moved aside, replaced,
    and then moved to `one`: a process that is killed in between leaves `one` whole.

    Raises
    ------
    OSError
        If they cannot be renamed; both are where they were.
    """
    if _exchange_at_once(os.fsencode(one), os.fsencode(other)):
        return
    aside = one.with_name("aside")
    one.replace(aside)
    other.replace(one)
    try:
        aside.replace(other)
    except OSError:
        one.replace(other)
        aside.replace(one)
        raise


def _exchange_at_once(one: bytes, other: bytes) -> bool:
    """Return whether the system exchanged them."""
    if sys.platform == "win32":
        return False
    library = ctypes.CDLL(None)
    if sys.platform == "darwin":
        return hasattr(library, "renamex_np") and not library.renamex_np(
            one, other, _EXCHANGE
        )
    if not hasattr(library, "renameat2"):
        return False
    return not library.renameat2(_HERE, one, _HERE, other, _EXCHANGE)
