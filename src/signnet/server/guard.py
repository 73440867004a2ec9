"""Checks of every request: host, origin and size; adds security headers."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from starlette.websockets import WebSocketClose

from signnet.server.settings import ServerSettings

__all__ = ["SECURITY_HEADERS", "Guard"]

SECURITY_HEADERS: Mapping[str, str] = {
    "content-security-policy": (
        "default-src 'none'; script-src 'self' 'wasm-unsafe-eval' blob:; "
        "worker-src 'self' blob:; connect-src 'self' blob:; style-src 'self'; "
        "font-src 'self'; img-src 'self' blob:; media-src 'self' blob:; "
        "manifest-src 'self'; base-uri 'none'; form-action 'none'; "
        "frame-ancestors 'none'"
    ),
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(self), microphone=(), geolocation=()",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
}
"""Forbid loading from, sending to and being framed by other origins."""


class Guard:
    """Refuses other hosts, other origins and large bodies; adds security headers."""

    def __init__(self, app: ASGIApp, settings: ServerSettings) -> None:
        self._app = app
        self._settings = settings

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or refuse it with one line."""
        if scope["type"] == "lifespan":
            return await self._app(scope, receive, send)
        send = _with_headers(send)
        refusal = self._refusal(Headers(scope=scope))
        if refusal is None:
            return await self._app(scope, self._counted(receive), send)
        status, reason = refusal
        if scope["type"] == "websocket":
            return await WebSocketClose(1008, reason)(scope, receive, send)
        return await JSONResponse({"detail": reason}, status)(scope, receive, send)

    def _refusal(self, headers: Headers) -> tuple[int, str] | None:
        hosts, limit = self._settings.hosts, self._settings.upload_bytes
        asked = headers.get("host", "")
        if hosts is not None and _host_name(f"//{asked}") not in hosts:
            names = ", ".join(sorted(hosts))
            return 421, f"unknown host {asked or '(none)'}; this server is {names}"
        origin = headers.get("origin")
        if origin is not None and urlsplit(origin).netloc != asked:
            return 403, f"a page of {origin} may not use this server"
        length = headers.get("content-length", "0")
        if length.isdecimal() and int(length) > limit:
            return 413, _too_large(limit)
        return None

    def _counted(self, receive: Receive) -> Receive:
        """Stop a body that exceeds the limit although its header does not say so."""
        count = 0

        async def counted() -> Message:
            nonlocal count
            message = await receive()
            if message["type"] == "http.request":
                count += len(message.get("body", b""))
                if count > self._settings.upload_bytes:
                    raise HTTPException(413, _too_large(self._settings.upload_bytes))
            return message

        return counted


def _with_headers(send: Send) -> Send:
    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(raw=message["headers"])
            headers.update(SECURITY_HEADERS)
        await send(message)

    return sending


def _host_name(address: str) -> str | None:
    try:
        return urlsplit(address).hostname
    except ValueError:
        return None


def _too_large(limit: int) -> str:
    return f"more than {limit / 1e6:g} MB; cut the video or lower its resolution"


def one_line(error: Any) -> str:
    """Write an error's text on one line."""
    return " ".join(str(error).split())
