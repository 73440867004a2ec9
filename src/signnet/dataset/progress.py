"""The callback with which long work reports its progress."""

from collections.abc import Callable

__all__ = ["Progress", "no_progress"]

Progress = Callable[[int, int], object]
"""Callback `(done, total)`, for example counting clips."""


def no_progress(_done: int, _total: int) -> None:
    """Report nothing."""
