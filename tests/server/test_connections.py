"""Clients that are slow, silent or deaf, and a stop among them."""

import contextlib
import http.client
import socket
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from served import FORM, PATIENCE, Server, in_time, start_with, stop

pytestmark = pytest.mark.slow

HALF = b"GET /v1/health HTTP/1.1\r\nHost: 127.0.0.1\r\n"

SLOW_BODY = (
    "POST /v1/recognise HTTP/1.1\r\nHost: 127.0.0.1\r\n"
    f"Content-Type: {FORM}\r\nContent-Length: 1000000\r\n\r\n"
).encode()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    running = start_with(
        tmp_path_factory.mktemp("server"),
        header_seconds=2,
        silent_seconds=2,
        unread_seconds=2,
        connections=40,
    )
    yield running
    rest = stop(running)
    assert running.process.returncode == 0
    assert "Traceback" not in rest
    assert list(running.folder.iterdir()) == []


def read_all(line: socket.socket, drip: bytes = b"") -> bytes:
    """Read until the server closes, sending some bytes now and then."""
    line.settimeout(0.5)
    found, end = b"", time.monotonic() + PATIENCE
    while time.monotonic() < end:
        try:
            if not (block := line.recv(1 << 16)):
                return found
            found += block
        except TimeoutError:
            with contextlib.suppress(OSError):
                line.send(drip)
        except OSError:
            return found
    raise AssertionError("the server did not close the connection")


LATE = {
    "no head": (b"", b""),
    "half a head": (HALF, b""),
    "half a head that goes on": (HALF, b"x-a: b\r\n"),
    "half a second head": (HALF + b"\r\n" + HALF, b"x-a: b\r\n"),
    "silent body": (SLOW_BODY + b"--a-line", b""),
    "slow body": (SLOW_BODY + b"--a-line", b"x"),
    "refused body": (SLOW_BODY.replace(b"127.0.0.1", b"evil.example") + b"x", b"x"),
}
"""What late clients send at once, and what they send now and then."""


@pytest.fixture(scope="module")
def answers(server: Server) -> dict[str, bytes]:
    """Be late in each way, all at once; give what was answered before the end."""

    def late(begin: bytes, drip: bytes) -> bytes:
        with server.line() as line:
            line.sendall(begin)
            return read_all(line, drip)

    with ThreadPoolExecutor(len(LATE)) as clients:
        found = {name: clients.submit(late, *sent) for name, sent in LATE.items()}
        return {name: one.result() for name, one in found.items()}


@pytest.mark.parametrize("name", ["no head", "half a head", "half a head that goes on"])
def test_a_late_head_is_cut(answers: dict[str, bytes], name: str) -> None:
    assert answers[name] == b""


def test_a_second_request_may_not_dawdle_either(answers: dict[str, bytes]) -> None:
    assert answers["half a second head"].count(b"HTTP/1.1") == 1


@pytest.mark.parametrize("name", ["silent body", "slow body"])
def test_a_slow_body_is_told_so_and_cut(answers: dict[str, bytes], name: str) -> None:
    assert answers[name].startswith(b"HTTP/1.1 408 ")
    assert b"too slow" in answers[name]


def test_a_refused_body_is_not_read_for_ever(answers: dict[str, bytes]) -> None:
    assert answers["refused body"].startswith(b"HTTP/1.1 421 ")


def test_a_body_that_is_no_http_is_refused_once(server: Server) -> None:
    head = HALF.replace(b"GET", b"POST") + b"Transfer-Encoding: chunked\r\n\r\n"
    with server.line() as line:
        line.sendall(head + b"no length\r\n")
        assert read_all(line).count(b"HTTP/1.1 400 ") == 1


def test_an_answer_that_is_not_read_is_cut(server: Server) -> None:
    with server.line() as line:
        line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        with contextlib.suppress(OSError):  # until the server has had enough
            end = time.monotonic() + PATIENCE
            line.settimeout(1)
            while time.monotonic() < end:
                with contextlib.suppress(TimeoutError):
                    line.send(
                        b"GET /v1/openapi.json HTTP/1.1\r\nHost: localhost\r\n\r\n"
                    )
            raise AssertionError("the server waits for ever")


def test_too_many_connections_cut_those_that_wait_longest(server: Server) -> None:
    with contextlib.ExitStack() as stack:
        lines = [stack.enter_context(server.line()) for _ in range(200)]
        for line in lines:
            with contextlib.suppress(OSError):
                line.sendall(HALF)
            assert in_time(lambda: is_well(server))


def is_well(server: Server) -> bool:
    """Ask for health; a client that was late itself may have been cut."""
    with contextlib.suppress(OSError, http.client.HTTPException):
        return server.health()["status"] == "ok"
    return False


def test_it_stops_whatever_its_clients_do(tmp_path: Path) -> None:
    # Nothing but the stop ends any of them; benchmarks/load.py says how long it takes.
    limits = ("header_seconds", "silent_seconds", "unread_seconds", "work_seconds")
    running = start_with(tmp_path, **dict.fromkeys(limits, 3600.0))
    with contextlib.ExitStack() as stack:
        for _ in range(50):
            stack.enter_context(running.line()).sendall(HALF)
            stack.enter_context(running.line()).sendall(SLOW_BODY + bytes(100_000))
        deaf = stack.enter_context(running.line())
        deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        asked = b"GET /v1/openapi.json HTTP/1.1\r\nHost: localhost\r\n\r\n"
        deaf.sendall(asked * 100)
        never = str(tmp_path / "never").encode()
        stack.enter_context(running.half_upload("wait.pose", never))
        assert in_time(lambda: running.health()["uploads"] == 1)
        rest = stop(running)
    assert running.process.returncode == 0
    assert "Traceback" not in rest
    assert list(running.folder.iterdir()) == []
