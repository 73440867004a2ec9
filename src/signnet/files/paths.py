"""Paths that users give."""

import errno
import os
from pathlib import Path
from typing import Any

from signnet.errors import SettingsError

__all__ = ["as_path"]


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
