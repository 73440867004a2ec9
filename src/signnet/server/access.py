"""Who may connect: checks of the requested host, the page that asks, and the token."""

import ipaddress
import re
import secrets
import socket
from collections.abc import Iterable
from http.cookies import CookieError, SimpleCookie
from urllib.parse import parse_qs

from starlette.datastructures import Headers
from starlette.types import Scope

from signnet.server.settings import LOOPBACK, ServerSettings

__all__ = [
    "cookie_of",
    "has_token",
    "is_known_host",
    "is_loopback",
    "is_own_page",
    "names_of",
    "new_token",
    "token_in_query",
]

_HOST = re.compile(r"(?:\[([0-9a-f:.]+)\]|([a-z0-9._-]+))(?::\d{1,5})?", re.IGNORECASE)
"""The only form of a Host header: a name or an address, and perhaps a port."""

_COOKIE = "signnet-token"


def is_loopback(host: str) -> bool:
    """Return whether an address to listen at is of this computer only."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"


def names_of(host: str, more: Iterable[str] = ()) -> frozenset[str]:
    """List the names under which a server at an address may be asked."""
    own = socket.gethostname().lower()
    first = own.partition(".")[0]
    beyond = () if is_loopback(host) else (own, first, f"{first}.local")
    return LOOPBACK | {one.lower() for one in (host, *beyond, *more) if one}


def new_token() -> str:
    """Draw a token."""
    return secrets.token_urlsafe(24)


def is_known_host(asked: str, settings: ServerSettings) -> bool:
    """Check a Host header."""
    found = _HOST.fullmatch(asked)
    if found is None:
        return False
    name = (found[1] or found[2]).lower().removesuffix(".")
    return name in settings.hosts or (settings.any_address and _is_address(name))


def is_own_page(origin: str, asked: str) -> bool:
    """Return whether an Origin header is that of this server's own page."""
    return origin.lower() in {f"http://{asked}".lower(), f"https://{asked}".lower()}


def has_token(scope: Scope, headers: Headers, settings: ServerSettings) -> bool:
    """Check the token of a request: a header, part of the address, or a cookie."""
    if settings.token is None:
        return True
    kind, _, text = headers.get("authorization", "").partition(" ")
    given = [text.strip()] if kind.lower() == "bearer" else []
    given += [*token_in_query(scope), *_token_in_cookie(headers)]
    wanted = settings.token.encode()
    return any(secrets.compare_digest(one.encode(), wanted) for one in given)


def token_in_query(scope: Scope) -> list[str]:
    """Return the values of ?token=."""
    return parse_qs(scope["query_string"].decode("latin-1")).get("token", [])


def cookie_of(settings: ServerSettings) -> str:
    """Write the cookie that keeps the token in the page's browser."""
    return f"{_COOKIE}={settings.token}; Path=/; HttpOnly; SameSite=Strict"


def _token_in_cookie(headers: Headers) -> list[str]:
    try:
        cookies = SimpleCookie(headers.get("cookie", ""))
    except CookieError:
        return []
    return [cookies[_COOKIE].value] if _COOKIE in cookies else []


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True
