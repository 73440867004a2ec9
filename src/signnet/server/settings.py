"""Limits of the server."""

from dataclasses import dataclass

__all__ = ["LOOPBACK", "ServerSettings"]

LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
"""Host names of the computer itself."""


@dataclass(frozen=True, kw_only=True)
class ServerSettings:
    """Limits that protect the computer from mistakes and from strangers."""

    hosts: frozenset[str] | None = LOOPBACK
    """Host names that requests may use; None for any. A web page can point its own
    name at this computer (DNS rebinding), but cannot change the name that it
    requests."""

    upload_bytes: int = 50_000_000
    """The largest file that can be uploaded."""

    clip_seconds: float = 60.0
    """The longest video that is recognised."""

    picture_bytes: int = 1_000_000
    """The largest picture in a live stream."""

    streams: int = 4
    """Live streams at a time; each has a tracker of its own."""
