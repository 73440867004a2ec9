"""Clients that are slow, silent or deaf, and a stop among them."""

import contextlib
import signal
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from websockets.exceptions import ConnectionClosed

from served import FORM, Server, in_time, start, start_with, stop

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
        silent_seconds=4,
        unread_seconds=2,
        idle_stream_seconds=2,
        streams=2,
        connections=40,
        stored_bytes=3_000_000,
    )
    yield running
    rest = stop(running)
    assert running.process.returncode == 0
    assert "Traceback" not in rest
    assert list(running.folder.iterdir()) == []


def read_all(line: socket.socket, drip: bytes = b"") -> bytes:
    """Read until the server closes, sending some bytes now and then; at most 20 s."""
    line.settimeout(0.5)
    found, end = b"", time.monotonic() + 20
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


@pytest.mark.parametrize("drip", [b"", b"x-a: b\r\n"])
def test_half_a_head_is_cut(server: Server, drip: bytes) -> None:
    with server.line() as line:
        line.sendall(HALF)
        assert read_all(line, drip) == b""


def test_a_connection_without_a_request_is_cut(server: Server) -> None:
    with server.line() as line:
        assert read_all(line) == b""


def test_a_second_request_may_not_dawdle_either(server: Server) -> None:
    with server.line() as line:
        line.sendall(HALF + b"\r\n" + HALF)
        assert read_all(line, b"x-a: b\r\n").count(b"HTTP/1.1") == 1


@pytest.mark.parametrize("drip", [b"", b"x"])
def test_a_slow_body_is_told_so_and_cut(server: Server, drip: bytes) -> None:
    with server.line() as line:
        line.sendall(SLOW_BODY + b"--a-line")
        answer = read_all(line, drip)
    assert answer.startswith(b"HTTP/1.1 408 ")
    assert b"too slow" in answer


def test_a_refused_body_is_not_read_for_ever(server: Server) -> None:
    with server.line() as line:
        line.sendall(SLOW_BODY.replace(b"127.0.0.1", b"evil.example") + b"x")
        assert read_all(line, b"x").startswith(b"HTTP/1.1 421 ")


def test_an_answer_that_is_not_read_is_cut(server: Server) -> None:
    with server.line() as line:
        line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        with contextlib.suppress(OSError):  # until the server has had enough
            end = time.monotonic() + 120
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
            assert server.health()["status"] == "ok"


def test_too_many_bytes_at_a_time_are_refused_for_a_while(server: Server) -> None:
    with contextlib.ExitStack() as stack:
        for _ in range(4):
            line = server.half_upload("a.mp4", bytes(700_000), missing=10)
            stack.enter_context(line)
        assert in_time(lambda: stored_by(server) > 2_500_000)
        status, answer = server.upload("a.mp4", bytes(700_000))
        assert status == 503
        assert "send it again in" in answer["detail"]
    assert in_time(lambda: server.upload("a.mp4", bytes(700_000))[0] == 422)


def stored_by(server: Server) -> int:
    forms = server.folder.glob("signnet-serve-*/upload-*/form")
    return sum(form.stat().st_size for form in forms)


def test_idle_live_streams_make_room_for_others(server: Server) -> None:
    with server.stream() as one, server.stream() as two:
        assert one.recv()
        assert two.recv()
        with pytest.raises(ConnectionClosed) as caught:
            one.recv(timeout=20)
        assert caught.value.rcvd
        assert "no picture for 2 s" in caught.value.rcvd.reason
        assert in_time(lambda: server.open_streams() == 0)
        with server.stream() as three:
            assert three.recv()


def test_a_flood_of_live_sockets_is_refused_and_leaves_nothing(server: Server) -> None:
    for _ in range(100):
        with (
            contextlib.suppress(ConnectionClosed, OSError, TimeoutError),
            server.stream(close_timeout=0, open_timeout=5),
        ):
            pass
    assert in_time(lambda: server.open_streams() == 0, 60)


@pytest.mark.parametrize(
    "origin", ["http://[", "null", "file:///", "http://evil@127.0.0.1", "x" * 2000]
)
def test_an_odd_origin_is_refused(server: Server, origin: str) -> None:
    assert server.ask("GET", "/v1/health", origin=origin)[0] == 403


@pytest.mark.parametrize("host", ["evil@127.0.0.1", "127.0.0.1@evil", "127.0.0.1:x"])
def test_an_odd_host_is_refused(server: Server, host: str) -> None:
    assert server.ask("GET", "/v1/health", host=host)[0] == 421


@pytest.mark.parametrize("path", ["/v1/health", "/v1/models", "/v1/openapi.json"])
def test_head_is_answered_without_a_body(server: Server, path: str) -> None:
    status, _, headers = server.ask("HEAD", path)
    _, _, expected = server.ask("GET", path)
    assert status == 200
    assert headers["content-length"] == expected["content-length"]
    with server.line() as line:
        line.sendall(f"HEAD {path} HTTP/1.0\r\nHost: localhost\r\n\r\n".encode())
        assert read_all(line).endswith(b"\r\n\r\n")


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_it_stops_in_time_whatever_its_clients_do(
    tmp_path: Path, how: signal.Signals
) -> None:
    running = start(tmp_path)
    with contextlib.ExitStack() as stack:
        for _ in range(50):
            stack.enter_context(running.line()).sendall(HALF)
            stack.enter_context(running.line()).sendall(SLOW_BODY + bytes(100_000))
        deaf = stack.enter_context(running.line())
        deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        deaf.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n" * 100)
        live = stack.enter_context(running.stream(close_timeout=0))
        live.recv()
        upload = running.half_upload("a.mp4", bytes(500_000), missing=1)
        stack.enter_context(upload)
        assert running.health()["status"] == "ok"
        started = time.monotonic()
        rest = stop(running, how)
        took = time.monotonic() - started
    assert running.process.returncode == 0
    assert took < 20, took  # 5 s where a core is free
    assert "Traceback" not in rest
    assert list(running.folder.iterdir()) == []
