"""Word-level sign language recognition from landmarks."""

from typing import TYPE_CHECKING, Any

from signnet.clip import Clip
from signnet.errors import SignnetError

if TYPE_CHECKING:
    from signnet.store import Dataset

__all__ = ["Clip", "Dataset", "SignnetError"]


def __getattr__(name: str) -> Any:
    """Import the dataset when it is asked for: PyArrow would slow `--help` down."""
    if name == "Dataset":
        from signnet.store import Dataset

        return Dataset
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
