"""A process that is told it runs on Windows, as far as Python code can tell.

Libraries are imported as they are; then the modules and functions that Windows lacks
are taken away, locks of its kind are put in their place, and a file that is opened
without saying its encoding is an error.
"""

import os
import sys
import warnings
from types import ModuleType

__all__ = ["locks_of_windows", "pretend_windows"]

_NO_MODULES = ("fcntl", "resource", "pwd", "grp", "termios", "pty")
_NO_FUNCTIONS = (
    "fork",
    "killpg",
    "getpgrp",
    "getuid",
    "geteuid",
    "nice",
    "getloadavg",
    "sched_getaffinity",
    "register_at_fork",
    "mkfifo",
    "chown",
)


def pretend_windows() -> None:
    """Take away what Windows lacks, before signnet is imported."""
    assert not any(name.partition(".")[0] == "signnet" for name in sys.modules)
    for name in _NO_MODULES:
        sys.modules[name] = None  # pyright: ignore[reportArgumentType]
    for name in _NO_FUNCTIONS:
        if hasattr(os, name):
            delattr(os, name)
    sys.modules["msvcrt"] = locks_of_windows()
    sys.platform = "win32"
    warnings.filterwarnings("error", category=EncodingWarning, module="signnet")


def locks_of_windows() -> ModuleType:
    """Make locks that belong to the process, as those of Windows do."""
    module = ModuleType("msvcrt")
    held = dict[tuple[int, int], int]()

    def locking(file: int, _mode: int, _bytes: int) -> None:
        about = os.fstat(file)
        owner = held.get((about.st_dev, about.st_ino))
        if owner is not None and _is_open(owner, about):
            raise PermissionError(13, "Permission denied")
        held[about.st_dev, about.st_ino] = file

    module.locking = locking  # pyright: ignore[reportAttributeAccessIssue]
    module.LK_NBLCK = 2  # pyright: ignore[reportAttributeAccessIssue]
    return module


def _is_open(file: int, about: os.stat_result) -> bool:
    try:
        return os.path.samestat(os.fstat(file), about)
    except OSError:
        return False
