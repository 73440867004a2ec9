"""Limits of the server."""

from dataclasses import dataclass

__all__ = ["LOOPBACK", "ServerSettings"]

LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
"""Host names of the computer itself."""


@dataclass(frozen=True, kw_only=True)
class ServerSettings:
    """Limits that protect the computer from mistakes and from strangers."""

    # Who may ask

    hosts: frozenset[str] = LOOPBACK
    """Host names that requests may use, in small letters. A web page can point its own
    name at this computer (DNS rebinding), but cannot change the name that it
    requests."""

    any_address: bool = False
    """Whether requests may also name the computer by an IP address, whichever it is."""

    token: str | None = None
    """What every request must carry; None where only this computer can ask."""

    # Uploads

    upload_bytes: int = 50_000_000
    """The largest file that can be uploaded."""

    stored_bytes: int = 1_000_000_000
    """Bytes of all uploads that are on the disk at a time."""

    slowest_upload: int = 4_000
    """Bytes a second below which an upload is cut, after `silent_seconds`."""

    clip_seconds: float = 60.0
    """The longest video that is recognised."""

    work_seconds: float = 180.0
    """Time for one upload, after which its process is killed."""

    work_bytes: int = 4_000_000_000
    """Memory of one process that recognises (where the system can limit it)."""

    workers: int = 4
    """Processes that recognise uploads; never more than there are cores."""

    queue: int = 16
    """Uploads that wait for a process; those beyond are told when to try again."""

    queue_seconds: float = 60.0
    """The longest that an upload waits there."""

    # Connections

    connections: int = 1024
    """Open connections; beyond, those that wait longest for their client are cut."""

    header_seconds: float = 10.0
    """Time for the head of a request, and for reading the rest of a refused one."""

    silent_seconds: float = 10.0
    """Time that a client may be silent in the middle of an upload."""

    unread_seconds: float = 20.0
    """Time that a client may leave an answer unread."""
