"""Run the server as a program of its own, and ask it like any other would."""

import contextlib
import http.client
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

__all__ = [
    "FORM",
    "PATIENCE",
    "Server",
    "form",
    "in_time",
    "start",
    "start_with",
    "start_without_page",
    "stop",
]

PATIENCE = 120.0
"""Seconds to wait for what must happen, also on a machine that is busy."""

ADDRESS = r"signnet is at http://[\w.:\[\]-]+:(\d+)(?:/\?token=(\S+))?;"

BOUNDARY = "a-line-that-is-in-no-file"
FORM = f"multipart/form-data; boundary={BOUNDARY}"


@dataclass
class Server:
    """A running server."""

    process: subprocess.Popen[str]
    port: int
    folder: Path
    token: str
    said: list[str]
    """What it printed until it could be reached."""

    def ask(
        self,
        method: str,
        path: str,
        body: bytes | Iterator[bytes] | None = None,
        **headers: str,
    ) -> tuple[int, Any, http.client.HTTPMessage]:
        """Send a request; give status, content and headers."""
        names = {name.replace("_", "-"): text for name, text in headers.items()}
        line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        with contextlib.closing(line):
            line.request(method, path, body, names)
            answer = line.getresponse()
            content = answer.read()
        is_json = content and answer.headers.get_content_type() == "application/json"
        return (
            answer.status,
            json.loads(content) if is_json else content,
            answer.headers,
        )

    def upload(self, name: str, content: bytes, field: str = "file") -> tuple[int, Any]:
        """Send a file to be recognised."""
        body = form(name, content, field)
        status, answer, _ = self.ask("POST", "/v1/recognise", body, content_type=FORM)
        return status, answer

    def half_upload(self, name: str, content: bytes, missing: int = 0) -> socket.socket:
        """Send an upload, less the last bytes, over a connection that stays open."""
        body = form(name, content)
        head = (
            f"POST /v1/recognise HTTP/1.1\r\nHost: 127.0.0.1\r\n"
            f"Content-Type: {FORM}\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        line = self.line()
        line.sendall(head.encode() + body[: len(body) - missing])
        return line

    def line(self) -> socket.socket:
        """Open a connection."""
        return socket.create_connection(("127.0.0.1", self.port), timeout=PATIENCE)

    def health(self) -> dict[str, Any]:
        """Ask whether it is well."""
        return self.ask("GET", "/v1/health")[1]

    def workers(self) -> list[int]:
        """List its processes (Linux)."""
        found = list[int]()
        for status in Path("/proc").glob("[0-9]*/status"):
            with contextlib.suppress(OSError):
                if f"PPid:\t{self.process.pid}\n" in status.read_text():
                    found.append(int(status.parent.name))
        return found


def form(name: str, content: bytes, field: str = "file") -> bytes:
    """Write a form with a file in it."""
    head = (
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{field}"; '
        f'filename="{name}"\r\n\r\n'
    )
    return head.encode() + content + f"\r\n--{BOUNDARY}--\r\n".encode()


def start(folder: Path, *words: str) -> Server:
    """Start `signnet serve` with a temporary folder of its own."""
    return run(folder, ["-m", "signnet", "serve", "--port", "0", *words])


WITHOUT_PAGE = """
from signnet.cli import main
from signnet.errors import ModelError
from signnet.web import build

def write_site(*_given):
    raise ModelError("a file is missing")

build.write_site = write_site
main()
"""


def start_without_page(folder: Path, *words: str) -> Server:
    """Start `signnet serve` as if the page could not be written, which is quicker."""
    return run(folder, ["-c", WITHOUT_PAGE, "serve", "--port", "0", *words])


WORKER = Path(__file__).with_name("waiting_worker.py")

SCRIPT = """
import json, sys
from signnet.server import pool
from signnet.server.run import serve
from signnet.server.scratch import scratch_folder
from signnet.server.settings import ServerSettings

def tell(address):
    print(f"signnet is at {address}; ", file=sys.stderr, flush=True)

pool.COMMAND = (sys.argv[1],)
settings = ServerSettings(**json.loads(sys.argv[2]))
with scratch_folder() as folder:
    serve("bdsl55", folder, port=0, settings=settings, tell=tell)
"""


def start_with(folder: Path, **limits: float) -> Server:
    """Start a server with other limits, without the page, and with `waiting_worker`."""
    return run(folder, ["-c", SCRIPT, str(WORKER), json.dumps(limits)])


def run(folder: Path, words: list[str]) -> Server:
    temporary = folder / "tmp"
    temporary.mkdir(exist_ok=True)
    environment = os.environ | {"TMPDIR": str(temporary), "OMP_NUM_THREADS": "1"}
    process = subprocess.Popen(
        [sys.executable, *words], stderr=subprocess.PIPE, text=True, env=environment
    )
    assert process.stderr
    lines = list[str]()
    for line in process.stderr:
        lines.append(line)
        if found := re.search(ADDRESS, line):
            return Server(process, int(found[1]), temporary, found[2] or "", lines)
    raise AssertionError("".join(lines))


def stop(server: Server, how: signal.Signals = signal.SIGINT) -> str:
    """Stop a server; give what it printed meanwhile."""
    server.process.send_signal(how)
    _, rest = server.process.communicate(timeout=PATIENCE)
    return rest


def in_time(claim: Callable[[], bool]) -> bool:
    """Wait until a claim holds; give whether it came to hold."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        if claim():
            return True
        time.sleep(0.05)
    return False
