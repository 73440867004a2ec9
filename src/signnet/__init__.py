"""Word-level sign language recognition from landmarks."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from signnet.errors import SignnetError

if TYPE_CHECKING:
    from signnet.clip import Clip
    from signnet.dataset import Dataset

__all__ = ["Clip", "Dataset", "SignnetError"]

_HOMES = {"Clip": "signnet.clip", "Dataset": "signnet.dataset"}


def __getattr__(name: str) -> Any:
    """Import when asked for: NumPy and PyArrow would slow `signnet --help` down."""
    if name in _HOMES:
        return getattr(import_module(_HOMES[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
