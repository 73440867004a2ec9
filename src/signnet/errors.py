"""Errors that a user can correct.

    SignnetError
    ├── DatasetError      a dataset, split or clip is not what the task needs
    ├── MediaError        a video or foreign file cannot be read
    ├── ModelError        a model, run or export is missing, broken or too new
    └── SettingsError     an option or setting is invalid

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
    "one_line",
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
    """An option or setting is invalid."""


@contextmanager
def needs_extra(extra: str, what: str = "this command") -> Generator[None]:
    """Turn a missing optional package into an error that says how to install it.

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


def one_line(found: object, longest: int | None = None) -> str:
    """Give the text of something foreign for a message, without its line breaks."""
    return " ".join(str(found).split())[:longest]
