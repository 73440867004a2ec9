"""What the server allows."""

from dataclasses import dataclass

__all__ = ["LOOPBACK", "ServerSettings"]

LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
"""The names under which a computer reaches itself."""


@dataclass(frozen=True, kw_only=True)
class ServerSettings:
    """Limits, so that a mistake or a stranger cannot take the computer over."""

    hosts: frozenset[str] | None = LOOPBACK
    """Names under which the server may be asked; None for any. A page of the internet
    can point its own name at this computer, but cannot change the name it asks for."""

    upload_bytes: int = 50_000_000
    """The largest file that can be uploaded."""

    clip_seconds: float = 60.0
    """The longest video that is recognised."""

    picture_bytes: int = 1_000_000
    """The largest picture in a live stream."""

    streams: int = 4
    """Live streams at a time; each has a tracker of its own."""
