"""Word-level sign language recognition from landmarks."""

from signnet.clip import Clip
from signnet.errors import SignnetError
from signnet.store import Dataset

__all__ = ["Clip", "Dataset", "SignnetError"]
