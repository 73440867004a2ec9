"""Run the server until it is stopped."""

import asyncio
import os
import shutil
import socket
import threading
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import replace
from os import PathLike
from pathlib import Path
from types import FrameType

import uvicorn

from signnet.errors import SettingsError
from signnet.server.access import is_loopback, names_of, new_token
from signnet.server.app import create_app
from signnet.server.connections import TimedConnection, Watch
from signnet.server.pool import Pool
from signnet.server.settings import ServerSettings

__all__ = ["listen", "serve"]

_FINISH_SECONDS = 2.0
"""Time for what is being done when the server is stopped."""

_LAST_SECONDS = 4.0
"""Time after which the process ends even if native code does not return."""


def serve(
    model: str | PathLike[str],
    folder: Path,
    *,
    host: str = "127.0.0.1",
    port: int = 8000,
    names: Iterable[str] = (),
    site: Path | None = None,
    settings: ServerSettings | None = None,
    tell: Callable[[str], object] = lambda _address: None,
) -> None:
    """Serve until the process is interrupted.

    Parameters
    ----------
    model
        A run folder, an exported folder, or the name of a shipped model.
    folder
        Where uploads are kept while they are recognised; see `scratch_folder`.
    host
        The address to listen at. With any other than a loopback address, other
        computers can use the server if they know the token that is part of the address
        told.
    port
        The port; 0 for any free one.
    names
        Further host names under which the server may be asked.
    site
        A folder written by `signnet site`; None serves the HTTP interface only.
    settings
        Other limits than the usual; hosts and token are set from `host` and `names`.
    tell
        Callback `(address)` once the server can be reached.

    Raises
    ------
    ModelError
        If the model cannot be opened.
    SettingsError
        If the address or port is not available.
    """
    listener = listen(host, port)
    is_open = not is_loopback(host)
    limits = settings or ServerSettings()
    settings = replace(
        limits,
        hosts=names_of(host, names),
        any_address=is_open,
        token=new_token() if is_open else None,
        connections=_room_for_connections(limits.connections),
    )
    app = create_app(model, folder, settings, site)
    watch = Watch(settings)
    server = _Server(_config(app, settings), app.state.pool, watch, folder)
    shown = f"[{host}]" if ":" in host else host
    address = f"http://{shown}:{listener.getsockname()[1]}"
    try:
        with suppress(KeyboardInterrupt):
            tell(f"{address}/?token={settings.token}" if is_open else address)
            server.run(sockets=[listener])
    finally:
        server.rest()


def _config(app: object, settings: ServerSettings) -> uvicorn.Config:
    protocol = type("Connection", (TimedConnection,), {"settings": settings})
    return uvicorn.Config(
        app,  # pyright: ignore[reportArgumentType]
        http=protocol,
        log_level="error",
        server_header=False,
        proxy_headers=False,
        ws="none",
        timeout_graceful_shutdown=3,
    )


class _Server(uvicorn.Server):
    """uvicorn's server, which stops in time whatever its clients do."""

    def __init__(
        self, config: uvicorn.Config, pool: Pool, watch: Watch, folder: Path
    ) -> None:
        super().__init__(config)
        self._pool, self._watch, self._folder = pool, watch, folder
        self._last = threading.Timer(_LAST_SECONDS, self._end)
        self._last.daemon = True

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Stop; uvicorn calls this on a signal."""
        if not self._last.is_alive() and not self.should_exit:
            self._last.start()
        super().handle_exit(sig, frame)

    async def on_tick(self, counter: int) -> bool:
        """Look at the connections; uvicorn calls this ten times a second."""
        if counter % 10 == 0:
            now = asyncio.get_running_loop().time()
            self._watch.look(self.server_state.connections, now)
        return await super().on_tick(counter)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Let work be finished for a moment, then cut every connection."""
        closing = asyncio.create_task(self._pool.close(_FINISH_SECONDS))
        asyncio.get_running_loop().call_later(_FINISH_SECONDS + 0.5, self._cut)
        await super().shutdown(sockets)
        await closing

    def rest(self) -> None:
        """Call the last resort off."""
        self._last.cancel()

    def _cut(self) -> None:
        for connection in list(self.server_state.connections):
            connection.transport.abort()

    def _end(self) -> None:
        self._pool.kill()
        remove = threading.Thread(target=shutil.rmtree, args=(self._folder, True))
        remove.daemon = True
        remove.start()
        remove.join(_LAST_SECONDS / 10)  # or the next start removes it
        os._exit(0)


def listen(host: str, port: int) -> socket.socket:
    """Open a port; SettingsError if it is taken or not allowed."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=128)
    except (OSError, OverflowError) as error:
        reason = getattr(error, "strerror", None) or error
        raise SettingsError(
            f"cannot listen at {host}, port {port}: {reason}; choose another --port"
        ) from error


def _room_for_connections(wanted: int) -> int:
    """Raise the limit of open files; return how many connections it allows."""
    try:
        import resource
    except ImportError:  # Windows has no such limit
        return wanted
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    needed = 2 * wanted + 256  # each upload has a file, too
    if 0 <= soft < needed:
        soft = needed if hard < 0 else min(needed, hard)
        with suppress(OSError, ValueError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
        soft = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    return wanted if soft < 0 else max(16, min(wanted, (soft - 256) // 2))
