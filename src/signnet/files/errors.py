"""Errors of the system, as one line."""

from collections.abc import Generator
from contextlib import contextmanager

from signnet.errors import SignnetError

__all__ = ["one_line_error"]


@contextmanager
def one_line_error(what: str, error: type[SignnetError]) -> Generator[None]:
    """Turn an OSError into an `error` that reads `what: reason`, on one line."""
    try:
        yield
    except OSError as cause:
        reason = cause.strerror or str(cause).splitlines()[0]
        raise error(f"{what}: {reason}") from cause
