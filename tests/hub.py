"""A stand-in for the Hugging Face Hub: the part of its HTTP interface that is used.

Repositories are kept in memory. Small files arrive inside a commit; larger ones through
the batch interface of Git LFS, as on the Hub.
"""

import base64
import contextlib
import hashlib
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import unquote, urlsplit

import yaml

__all__ = ["TOKEN", "Hub", "hub"]

TOKEN = "hf_invented"
"""The only token that may write."""

COMMIT = "0123456789abcdef0123456789abcdef01234567"

_LARGE = 100_000
"""Bytes from which a file goes through Git LFS."""


@dataclass
class Hub:
    """What the stand-in holds and has been asked."""

    address: str = ""
    repositories: dict[str, dict[str, bytes]] = field(default_factory=dict)
    private: dict[str, bool] = field(default_factory=dict)
    stored: dict[str, bytes] = field(default_factory=dict)
    """Content sent through Git LFS, by its sha256."""

    asked: list[tuple[str, str]] = field(default_factory=list)
    """Method and path of all requests."""


def _json(content: Any, status: int = 200, **headers: str) -> Any:
    return status, json.dumps(content).encode(), headers


def _refusal(status: int, code: str) -> Any:
    return _json({"error": code}, status, **{"X-Error-Code": code})


def _create(hub: Hub, _found: re.Match[str], body: bytes) -> Any:
    asked = json.loads(body)
    name = f"{asked.get('organization') or 'ada'}/{asked['name']}"
    if name in hub.repositories:
        return _json({"error": "exists"}, 409)
    hub.repositories[name] = {}
    hub.private[name] = bool(
        asked.get("private") or asked.get("visibility") == "private"
    )
    return _json({"url": f"{hub.address}/{name}"})


def _modes(_hub: Hub, _found: re.Match[str], body: bytes) -> Any:
    files = [
        {
            "path": one["path"],
            "uploadMode": "lfs" if one["size"] >= _LARGE else "regular",
            "shouldIgnore": False,
        }
        for one in json.loads(body)["files"]
    ]
    return _json({"files": files})


def _batch(hub: Hub, _found: re.Match[str], body: bytes) -> Any:
    objects = [
        one | {"actions": {"upload": {"href": f"{hub.address}/lfs/{one['oid']}"}}}
        for one in json.loads(body)["objects"]
    ]
    return _json({"transfer": "basic", "objects": objects})


def _store(hub: Hub, found: re.Match[str], body: bytes) -> Any:
    if hashlib.sha256(body).hexdigest() != found[1]:
        return _json({"error": "another sha256"}, 400)
    hub.stored[found[1]] = body
    return _json({})


def _validate(_hub: Hub, _found: re.Match[str], body: bytes) -> Any:
    _, metadata, _ = json.loads(body)["content"].split("---\n", 2)
    right = isinstance(yaml.safe_load(metadata), dict)
    return _json({"errors": [] if right else ["no metadata"], "warnings": []})


def _commit(hub: Hub, found: re.Match[str], body: bytes) -> Any:
    files = hub.repositories[found[1]]
    for line in body.splitlines():
        match json.loads(line):
            case {"key": "file", "value": {"path": path, "content": content}}:
                files[path] = base64.b64decode(content)
            case {"key": "lfsFile", "value": {"path": path, "oid": oid}}:
                files[path] = hub.stored[oid]
            case _:
                pass
    address = f"{hub.address}/{found[1]}/commit/{COMMIT}"
    return _json({"success": True, "commitOid": COMMIT, "commitUrl": address})


def _about(hub: Hub, found: re.Match[str], _body: bytes) -> Any:
    if found[1] not in hub.repositories:
        return _refusal(404, "RepoNotFound")
    if found[2] not in (None, "main", "v1", COMMIT):
        return _refusal(404, "RevisionNotFound")
    return _json({"id": found[1], "sha": COMMIT, "siblings": []})


def _tree(hub: Hub, found: re.Match[str], _body: bytes) -> Any:
    listing = [
        {"type": "file", "path": path, "size": len(content), "oid": _oid(content)}
        for path, content in hub.repositories[found[1]].items()
    ]
    return _json(listing)


def _file(hub: Hub, found: re.Match[str], _body: bytes) -> Any:
    content = hub.repositories[found[1]].get(found[2])
    if content is None:
        return _refusal(404, "EntryNotFound")
    return 200, content, {"ETag": f'"{_oid(content)}"', "X-Repo-Commit": COMMIT}


def _oid(content: bytes) -> str:
    return hashlib.sha1(content).hexdigest()


_NAME = r"([\w.-]+/[\w.-]+)"
_READING = {
    rf"/api/models/{_NAME}(?:/revision/([\w.-]+))?": _about,
    rf"/api/models/{_NAME}/tree/[\w.-]+": _tree,
    rf"/{_NAME}/resolve/[\w.-]+/([\w./-]+)": _file,
}
_WRITING = {
    r"/api/repos/create": _create,
    r"/api/validate-yaml": _validate,
    rf"/api/models/{_NAME}/preupload/[\w.-]+": _modes,
    rf"/{_NAME}\.git/info/lfs/objects/batch": _batch,
    r"/lfs/(\w+)": _store,
    rf"/api/models/{_NAME}/commit/[\w.-]+": _commit,
}


class _Handler(BaseHTTPRequestHandler):
    """Answers the requests of one connection."""

    protocol_version = "HTTP/1.1"
    hub: Hub

    def _answer(self, ways: dict[str, Any], *, needs_token: bool = False) -> None:
        path = unquote(urlsplit(self.path).path)
        self.hub.asked.append((self.command, path))
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self._send(*self._found(path, body, ways, needs_token))

    def _found(
        self, path: str, body: bytes, ways: dict[str, Any], needs_token: bool
    ) -> Any:
        known = self.headers.get("Authorization") == f"Bearer {TOKEN}"
        if needs_token and not known and not path.startswith("/lfs/"):
            return _refusal(401, "Unauthorized")
        for way, answer in ways.items():
            if found := re.fullmatch(way, path):
                return answer(self.hub, found, body)
        return _refusal(404, "NotFound")

    def _send(self, status: int, content: bytes, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, text in headers.items():
            self.send_header(name, text)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)

    def do_GET(self) -> None:
        self._answer(_READING)

    def do_HEAD(self) -> None:
        self._answer(_READING)

    def do_POST(self) -> None:
        self._answer(_WRITING, needs_token=True)

    def do_PUT(self) -> None:
        self._answer(_WRITING, needs_token=True)

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""


@contextlib.contextmanager
def hub() -> Iterator[Hub]:
    """Run the stand-in on a free port of this computer."""
    held = Hub()
    handler = type("Handler", (_Handler,), {"hub": held})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    held.address = f"http://127.0.0.1:{server.server_port}"
    thread = Thread(target=server.serve_forever, args=[0.05], daemon=True)
    thread.start()
    try:
        yield held
    finally:
        server.shutdown()
        server.server_close()
