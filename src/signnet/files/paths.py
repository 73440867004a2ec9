"""Paths that users give, and names that every system can store."""

import errno
import hashlib
import os
import re
import sys
from pathlib import Path
from typing import Any

from signnet.errors import SettingsError

__all__ = ["as_path", "storable"]

_REFUSED = re.compile(r'[<>:"|?*\\\x00-\x1f]')
"""What Windows allows in no name; a colon would even open a hidden part of a file."""

_DEVICES = re.compile(r"(?i)(con|prn|aux|nul|com[0-9]|lpt[0-9])(\..*)?")
"""Names that Windows gives to devices, whatever their suffix."""


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
        raise SettingsError(f"{what} {text!r:.60} is not a path ({error})") from error
    except OSError as error:
        if error.errno == errno.ENAMETOOLONG:
            raise SettingsError(f"{what} {text!r:.60}: the name is too long") from error
    return Path(path)


def storable(name: str, *, everywhere: bool = False) -> str:
    """Return the name of a file, changed where the system could not store it.

    A changed name is marked with a hash, so that two names stay two. Only Windows
    refuses names that others allow, so elsewhere a name stays as it is.

    Parameters
    ----------
    name
        Name without folders.
    everywhere
        Change it on any system.
    """
    if not everywhere and sys.platform != "win32":
        return name
    stem = _REFUSED.sub("_", name).rstrip(". ")
    if _DEVICES.fullmatch(stem):
        stem = f"_{stem}"
    if stem == name:
        return name
    digest = hashlib.sha256(name.encode("utf-8", "surrogatepass")).hexdigest()[:8]
    start, dot, suffix = stem.rpartition(".")
    return f"{start}~{digest}{dot}{suffix}" if start else f"{stem}~{digest}"
