"""Uploads that take too long, come in too great a number, or end their process."""

import contextlib
import http.client
import os
import signal
import socket
import struct
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import cv2
import numpy as np
import pytest

from served import Server, in_time, start_with, stop

pytestmark = pytest.mark.slow

SLOW = 6.0
"""Seconds that the server of these tests gives to an upload."""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("server")
    running = start_with(folder, workers=1, queue=1, work_seconds=SLOW)
    yield running
    rest = stop(running)
    assert running.process.returncode == 0
    assert "Traceback" not in rest
    assert list(running.folder.iterdir()) == []


@pytest.fixture(scope="module")
def long_film(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """Draw what takes far longer than the server gives: 59 s of large pictures."""
    path = tmp_path_factory.mktemp("film") / "long.mp4"
    return write_film(path, 59 * 30, (1280, 720)).read_bytes()


def write_film(path: Path, frames: int, size: tuple[int, int] = (64, 48)) -> Path:
    made = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"mp4v"), 30, size)
    for _ in range(frames):
        made.write(np.zeros((size[1], size[0], 3), np.uint8))
    made.release()
    return path


def is_idle(server: Server) -> bool:
    return server.health()["uploads"] == 0


def uploads_of(server: Server) -> list[Path]:
    return list(server.folder.glob("signnet-serve-*/upload-*"))


def is_running(process: int) -> bool:
    return Path(f"/proc/{process}").exists()


def answer_of(line: socket.socket) -> http.client.HTTPResponse:
    answer = http.client.HTTPResponse(line)
    answer.begin()
    return answer


def test_work_without_an_end_is_ended(server: Server, long_film: bytes) -> None:
    started = time.monotonic()
    status, answer = server.upload("long.mp4", long_film)
    assert status == 422
    assert answer["detail"] == "not done after 6 s; shorten the video"
    assert time.monotonic() - started < SLOW + 20
    assert is_idle(server)
    assert not uploads_of(server)


def test_a_playlist_neither_stops_the_server_nor_opens_other_files(
    server: Server, tmp_path: Path
) -> None:
    other = write_film(tmp_path / "other.mp4", 10)
    assert server.upload("other.mp4", other.read_bytes())[0] == 200
    for name, text in {
        "a.m3u8": f"#EXTM3U\n#EXTINF:1,\n{other}\n#EXT-X-ENDLIST\n",
        "b.m3u8": "#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\nb.m3u8\n",
        "c.mp4": f"ffconcat version 1.0\nfile '{other}'\n",
    }.items():
        started = time.monotonic()
        status, answer = server.upload(name, text.encode())
        assert status == 422, (name, answer)
        assert time.monotonic() - started < SLOW + 20
        assert server.health()["status"] == "ok"


def test_a_client_that_leaves_ends_its_work(server: Server, long_film: bytes) -> None:
    line = server.half_upload("long.mp4", long_film)
    assert in_time(lambda: server.health()["uploads"] == 1)
    assert in_time(lambda: bool(uploads_of(server)))
    before = server.workers()
    line.close()
    assert in_time(lambda: is_idle(server), 4)
    assert in_time(lambda: not uploads_of(server), 4)
    assert in_time(lambda: not set(before) & set(server.workers()))


def test_a_client_that_breaks_off_in_its_upload_leaves_nothing(server: Server) -> None:
    line = server.half_upload("a.mp4", bytes(3_000_000), missing=1000)
    assert in_time(lambda: bool(uploads_of(server)))
    line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    line.close()
    assert in_time(lambda: not uploads_of(server), 4)
    assert is_idle(server)


def test_beyond_the_queue_clients_are_told_when_to_come_back(
    server: Server, long_film: bytes
) -> None:
    with contextlib.ExitStack() as stack:
        lines = list[socket.socket]()
        for _ in range(2):  # one at work, one in the queue
            lines.append(stack.enter_context(server.half_upload("a.mp4", long_film)))
            assert in_time(lambda: server.health()["uploads"] == len(lines))
        started = time.monotonic()
        with ThreadPoolExecutor(20) as clients:
            refused = list(
                clients.map(lambda _: server.upload("a.mp4", b"x"), range(20))
            )
        assert time.monotonic() - started < SLOW
        assert {status for status, _ in refused} == {503}
        assert "too many uploads; send it again in" in refused[0][1]["detail"]
        one_more = stack.enter_context(server.half_upload("a.mp4", b"x"))
        assert 1 <= int(answer_of(one_more).headers["retry-after"]) <= 120
        asked = time.monotonic()
        assert server.health()["status"] == "ok"
        assert time.monotonic() - asked < 2  # 0.2 on a machine without other work
        for line in lines:  # who was let in is answered
            assert answer_of(line).status == 422
    assert in_time(lambda: is_idle(server))


def test_a_process_that_dies_costs_only_its_upload(
    server: Server, long_film: bytes, dataset_folder: Path
) -> None:
    landmarks = (dataset_folder / "all.parquet").read_bytes()
    assert server.upload("all.parquet", landmarks)[0] == 200
    (worker,) = server.workers()
    with server.half_upload("long.mp4", long_film) as line:
        assert in_time(lambda: server.health()["uploads"] == 1)
        os.kill(worker, signal.SIGKILL)
        answer = answer_of(line)
        assert answer.status == 422
        assert b"ended the process" in answer.read()
    assert server.upload("all.parquet", landmarks)[0] == 200
    os.kill(server.workers()[0], signal.SIGKILL)  # one without work
    time.sleep(0.5)
    assert server.upload("all.parquet", landmarks)[0] == 200


def test_after_a_kill_no_process_stays_and_the_next_start_cleans_up(
    tmp_path: Path, long_film: bytes
) -> None:
    killed = start_with(tmp_path)
    with killed.half_upload("long.mp4", long_film):
        assert in_time(lambda: killed.health()["uploads"] == 1)
        assert in_time(lambda: bool(uploads_of(killed)))
        workers = killed.workers()
        assert workers
        killed.process.kill()
        killed.process.communicate(timeout=30)
    assert in_time(lambda: not any(map(is_running, workers)), 60)
    assert uploads_of(killed)
    follower = start_with(tmp_path)
    assert not uploads_of(follower)
    stop(follower)
    assert list(tmp_path.glob("tmp/*")) == []
