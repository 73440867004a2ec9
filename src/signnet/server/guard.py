"""Checks of every request: host, origin, token, size, pace; adds security headers."""

import time
from asyncio import wait_for
from collections.abc import Mapping

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from signnet.server.access import (
    cookie_of,
    has_token,
    is_known_host,
    is_own_page,
    token_in_query,
)
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

_NO_TOKEN = (
    "send the token that the server printed: Authorization: Bearer TOKEN, or "
    "?token=TOKEN"
)


class Guard:
    """Refuses strangers, large and slow bodies; adds security headers."""

    def __init__(self, app: ASGIApp, settings: ServerSettings) -> None:
        self._app = app
        self._settings = settings

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or refuse it with one line."""
        if scope["type"] == "lifespan":
            return await self._app(scope, receive, send)
        send = _with_headers(send)
        refusal = self._refusal(scope, Headers(scope=scope))
        if refusal is None:
            return await self._admit(scope, receive, send)
        status, reason = refusal
        headers = {"www-authenticate": "Bearer"} if status == 401 else None
        answer = JSONResponse({"detail": reason}, status, headers)
        return await answer(scope, receive, send)

    async def _admit(self, scope: Scope, receive: Receive, send: Send) -> None:
        is_page = not scope["path"].startswith("/v1/")
        if is_page and self._settings.token and token_in_query(scope):
            return await self._keep_token(scope)(scope, receive, send)
        if scope["method"] == "HEAD" and not is_page:
            scope = {**scope, "method": "GET"}  # uvicorn leaves the body out
        return await self._app(scope, self._timed(receive), send)

    def _keep_token(self, scope: Scope) -> Response:
        """Let the page's browser keep the token, and take it out of the address."""
        path = "/" + scope["path"].lstrip("/\\")  # //name would be another server
        answer = RedirectResponse(path, 303)
        answer.headers["set-cookie"] = cookie_of(self._settings)
        return answer

    def _refusal(self, scope: Scope, headers: Headers) -> tuple[int, str] | None:
        settings, asked = self._settings, headers.get("host", "")
        if not is_known_host(asked, settings):
            names = ", ".join(sorted(settings.hosts))
            return 421, f"unknown host {asked or '(none)'}; this server is {names}"
        origin = headers.get("origin")
        if origin is not None and not is_own_page(origin, asked):
            return 403, f"a page of {origin} may not use this server"
        if not has_token(scope, headers, settings):
            return 401, _NO_TOKEN
        length = headers.get("content-length", "0")
        if length.isdecimal() and int(length) > settings.upload_bytes:
            return 413, _too_large(settings.upload_bytes)
        return None

    def _timed(self, receive: Receive) -> Receive:
        """Stop a body that exceeds the limit or comes too slowly."""
        settings, count, is_whole = self._settings, 0, False
        started = time.monotonic()

        async def timed() -> Message:
            nonlocal count, is_whole
            if is_whole:  # what may still come is that the client leaves
                return await receive()
            try:
                message = await wait_for(receive(), settings.silent_seconds)
            except TimeoutError:
                raise _cut(f"{settings.silent_seconds:g} s without a byte") from None
            if message["type"] != "http.request":
                return message
            count += len(message.get("body", b""))
            is_whole = not message.get("more_body", False)
            if count > settings.upload_bytes:
                raise HTTPException(413, _too_large(settings.upload_bytes))
            taken = time.monotonic() - started
            is_slow = count < settings.slowest_upload * taken
            if is_slow and not is_whole and taken > settings.silent_seconds:
                raise _cut(f"{count} bytes in {taken:.0f} s")
            return message

        return timed


def _cut(found: str) -> HTTPException:
    reason = f"the upload is too slow ({found}); send it again"
    return HTTPException(408, reason, {"connection": "close"})


def _with_headers(send: Send) -> Send:
    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(raw=message["headers"])
            headers.update(SECURITY_HEADERS)
        await send(message)

    return sending


def _too_large(limit: int) -> str:
    return f"more than {limit / 1e6:g} MB; cut the video or lower its resolution"
