"""What a user can put right.

    SignnetError
    ├── DatasetError      a dataset, split or clip is not what the task needs
    ├── MediaError        a video or foreign file cannot be read
    ├── ModelError        a model, run or export is missing, broken or too new
    └── SettingsError     an option has no meaning

A message says on one line what was found, what was expected and what to do next.
"""

from collections.abc import Generator
from contextlib import contextmanager

__all__ = [
    "DatasetError",
    "MediaError",
    "ModelError",
    "SettingsError",
    "SignnetError",
    "needs_extra",
]


class SignnetError(Exception):
    """The base of all errors that the command line shows as one line."""


class DatasetError(SignnetError):
    """A dataset, a split or a clip is not what the task needs."""


class MediaError(SignnetError):
    """A video or a file of another tool cannot be read."""


class ModelError(SignnetError):
    """A model, a run or an export is missing, broken or of another format."""


class SettingsError(SignnetError):
    """A setting has a value without meaning."""


@contextmanager
def needs_extra(extra: str, what: str = "this command") -> Generator[None]:
    """Say how to install what something needs beyond the base.

    Raises
    ------
    SettingsError
        If a library that is imported inside is not installed.
    """
    try:
        yield
    except ModuleNotFoundError as error:
        if error.name and error.name.startswith("signnet"):
            raise
        raise SettingsError(
            f"{what} needs {error.name}; install it with "
            f"`pip install 'signnet[{extra}]'`"
        ) from error
