"""Connections that a slow or silent client cannot hold for ever.

uvicorn has a time-out between requests only. Here are those for the head of a request
and for answers that are not read, and a limit of open connections that cuts those who
wait instead of refusing those who come. Bodies are timed by `guard`.
"""

from collections.abc import Iterable
from typing import Any

from uvicorn.protocols.http.h11_impl import H11Protocol

from signnet.server.settings import ServerSettings

__all__ = ["TimedConnection", "Watch"]

_CUT_AT_ONCE = 16
"""One connection too many cuts so many, so that a flood does not sort each time."""


class TimedConnection(H11Protocol):
    """An HTTP/1.1 connection that knows what it waits for.

    Set `settings` in a subclass, since uvicorn makes the instances.
    """

    settings = ServerSettings()

    _waiting_for: tuple[object, str] | None = None
    _since = 0.0

    def connection_made(self, transport: Any) -> None:
        """Note the time, and make room if there are too many."""
        super().connection_made(transport)
        self.waits_since()
        if len(self.connections) > self.settings.connections:
            cut_longest_waiting(self.connections, self)

    def send_400_response(self, msg: str) -> None:
        """Answer bytes that are not HTTP with 400, and end the request under way."""
        super().send_400_response(msg)
        cycle: Any = self.cycle
        if cycle is not None:
            cycle.disconnected = True
            cycle.message_event.set()

    def shutdown(self) -> None:
        """End as uvicorn does, but wait for no half upload."""
        if self.stage == "body":
            self.transport.close()
        else:
            super().shutdown()

    @property
    def stage(self) -> str:
        """What the connection waits for: head, body or answer."""
        cycle: Any = self.cycle  # None before the first request
        if cycle is None or cycle.response_complete:
            return "head"
        return "body" if cycle.more_body else "answer"

    def waits_since(self) -> float:
        """Return since when it has been waiting for what it waits for now."""
        now = (self.cycle, self.stage)
        if now != self._waiting_for:
            self._waiting_for, self._since = now, self.loop.time()
        return self._since

    def is_late(self) -> bool:
        """Return whether the head of a request has taken too long."""
        waited = self.loop.time() - self.waits_since()
        return self.stage == "head" and waited > self.settings.header_seconds


def cut_longest_waiting(connections: Iterable[Any], newest: TimedConnection) -> None:
    """Cut some of those that wait: for an end, a head or a body, in this order."""
    waiting = [
        (rank, since, one)
        for one in connections
        if one is not newest
        for rank, since in [_rank(one)]
        if rank is not None
    ]
    waiting.sort(key=lambda one: one[:2])
    for _, _, one in waiting[:_CUT_AT_ONCE] or [(0, 0.0, newest)]:
        one.transport.abort()


def _rank(connection: Any) -> tuple[int | None, float]:
    if isinstance(connection, TimedConnection):
        ranks = {"head": 1, "body": 2}
        return ranks.get(connection.stage), connection.waits_since()
    return (0 if getattr(connection, "close_sent", False) else None), 0.0


class Watch:
    """Cuts connections whose client is late with a head or reads no answer."""

    def __init__(self, settings: ServerSettings) -> None:
        self._unread_seconds = settings.unread_seconds
        self._unread = dict[Any, tuple[int, float]]()

    def look(self, connections: Iterable[Any], now: float) -> None:
        """Look at each connection; call this every second."""
        before, self._unread = self._unread, {}
        for one in list(connections):
            size = one.transport.get_write_buffer_size()
            if size:
                earlier, since = before.get(one, (size, now))
                since = since if size == earlier else now
                self._unread[one] = (size, since)
                if now - since > self._unread_seconds:
                    one.transport.abort()
            elif isinstance(one, TimedConnection) and one.is_late():
                one.transport.abort()
