"""Run the server until it is stopped."""

import socket
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import uvicorn

from signnet.errors import SettingsError
from signnet.recognise.recogniser import Recogniser
from signnet.server.app import create_app
from signnet.server.settings import LOOPBACK, ServerSettings

__all__ = ["serve"]


def serve(
    recogniser: Recogniser,
    *,
    host: str = "127.0.0.1",
    port: int = 8000,
    site: Path | None = None,
    tell: Callable[[str], object] = lambda _address: None,
) -> None:
    """Serve until the process is interrupted.

    Parameters
    ----------
    host
        The address to listen at. With any other than a loopback address, everybody who
        can reach this computer can use the server, under any host name.
    port
        The port; 0 for any free one.
    site
        A folder written by `signnet site`; None serves the HTTP interface only.
    tell
        Callback `(address)` once the server can be reached.

    Raises
    ------
    SettingsError
        If the address or port is not available.
    """
    listener = listen(host, port)
    settings = ServerSettings(hosts=LOOPBACK if host in LOOPBACK else None)
    config = uvicorn.Config(
        create_app(recogniser, settings, site),
        log_level="warning",
        server_header=False,
        ws_max_size=settings.picture_bytes + 64,
        ws_max_queue=4,
        timeout_graceful_shutdown=3,
    )
    shown = f"[{host}]" if ":" in host else host
    with suppress(KeyboardInterrupt):
        tell(f"http://{shown}:{listener.getsockname()[1]}")
        uvicorn.Server(config).run(sockets=[listener])


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
