"""Uploads that take too long, come in too great a number, or end their process."""

import asyncio
import contextlib
import http.client
import os
import signal
import socket
import struct
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import cv2
import numpy as np
import pytest

from served import FORM, Server, in_time, start_with, stop
from signnet.server import pool
from signnet.server.pool import Answer, Pool
from signnet.server.scratch import remove_abandoned
from signnet.server.settings import ServerSettings

STORED = 3_000_000

ENDLESS = """
import subprocess, sys, time
from pathlib import Path

own = sys.stdout.buffer
ready = b'{"status": 200, "content": "ready"}'
own.write(len(ready).to_bytes(4, "big") + ready)
own.flush()
sys.stdin.buffer.read(4)
child = subprocess.Popen(["sleep", "1000"])
Path(TOLD).write_text(str(child.pid))
time.sleep(1000)
"""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Run a server with one process, one place, and more time than a test takes."""
    running = start_with(
        tmp_path_factory.mktemp("server"),
        workers=1,
        queue=1,
        work_seconds=3600,
        queue_seconds=3600,
        silent_seconds=3600,
        stored_bytes=STORED,
    )
    yield running
    rest = stop(running)
    assert running.process.returncode == 0
    assert "Traceback" not in rest
    assert list(running.folder.iterdir()) == []


def wait_for(path: Path) -> tuple[str, bytes]:
    """Give name and content of an upload that takes until a file exists."""
    return "wait.pose", str(path).encode()


def is_idle(server: Server) -> bool:
    return server.health()["uploads"] == 0


def uploads_of(server: Server) -> list[Path]:
    return list(server.folder.glob("signnet-serve-*/upload-*"))


def stored_by(server: Server) -> int:
    forms = server.folder.glob("signnet-serve-*/upload-*/form")
    return sum(form.stat().st_size for form in forms)


def is_at_work(server: Server) -> bool:
    """Return whether a process has taken a file out of its form."""
    return any((one / "file" / "wait.pose").exists() for one in uploads_of(server))


def is_running(process: int) -> bool:
    try:
        state = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"


def answer_of(line: socket.socket) -> http.client.HTTPResponse:
    answer = http.client.HTTPResponse(line)
    answer.begin()
    return answer


def test_work_without_an_end_is_ended_with_all_that_it_started(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = tmp_path / "told"
    script = ENDLESS.replace("TOLD", repr(str(told)))
    monkeypatch.setattr(pool, "COMMAND", ("-c", script))
    folder = tmp_path / "of-processes"
    folder.mkdir()

    async def recognise() -> Answer:
        recogniser = Pool(tmp_path, folder, ServerSettings(work_seconds=1.0))
        try:
            # The process must have started its child before the second is over, or it
            # is asked again.
            while not (told.exists() and told.read_text()):
                answer = await recogniser.recognise(tmp_path, FORM)
            assert list(folder.iterdir()) == []
            return answer
        finally:
            await recogniser.close()

    answer = asyncio.run(recognise())
    assert answer == (422, "not done after 1 s; shorten the video")
    assert in_time(lambda: not is_running(int(told.read_text())))


@pytest.mark.slow
def test_a_playlist_opens_no_other_files(server: Server, tmp_path: Path) -> None:
    other = tmp_path / "other.mp4"
    made = cv2.VideoWriter(str(other), cv2.VideoWriter.fourcc(*"mp4v"), 30, (64, 48))
    for _ in range(10):
        made.write(np.zeros((48, 64, 3), np.uint8))
    made.release()
    assert server.upload("other.mp4", other.read_bytes())[0] == 200
    for name, text in {
        "a.m3u8": f"#EXTM3U\n#EXTINF:1,\n{other}\n#EXT-X-ENDLIST\n",
        "c.mp4": f"ffconcat version 1.0\nfile '{other}'\n",
    }.items():
        status, answer = server.upload(name, text.encode())
        assert status == 422, (name, answer)
        assert name in answer["detail"]


@pytest.mark.slow
def test_a_client_that_leaves_ends_its_work(server: Server, tmp_path: Path) -> None:
    line = server.half_upload(*wait_for(tmp_path / "never"))
    assert in_time(lambda: is_at_work(server))
    before = server.workers()
    assert before
    line.close()
    assert in_time(lambda: is_idle(server))
    assert in_time(lambda: not uploads_of(server))
    assert in_time(lambda: not any(map(is_running, before)))


@pytest.mark.slow
def test_a_client_that_breaks_off_in_its_upload_leaves_nothing(server: Server) -> None:
    line = server.half_upload("a.mp4", bytes(300_000), missing=1000)
    assert in_time(lambda: bool(uploads_of(server)))
    line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    line.close()
    assert in_time(lambda: not uploads_of(server))
    assert is_idle(server)


@pytest.mark.slow
def test_too_many_bytes_at_a_time_are_refused_for_a_while(server: Server) -> None:
    with contextlib.ExitStack() as stack:
        for _ in range(4):
            line = server.half_upload("a.mp4", bytes(700_000), missing=10)
            stack.enter_context(line)
        assert in_time(lambda: stored_by(server) > STORED - 500_000)
        status, answer = server.upload("a.mp4", bytes(700_000))
        assert status == 503
        assert "send it again in" in answer["detail"]
    assert in_time(lambda: server.upload("a.mp4", bytes(700_000))[0] == 422)


@pytest.mark.slow
def test_beyond_the_queue_clients_are_told_when_to_come_back(
    server: Server, tmp_path: Path
) -> None:
    end = tmp_path / "end"
    with contextlib.ExitStack() as stack:
        lines = list[socket.socket]()
        for _ in range(2):  # one at work, one in the queue
            lines.append(stack.enter_context(server.half_upload(*wait_for(end))))
            assert in_time(lambda: server.health()["uploads"] == len(lines))
        with ThreadPoolExecutor(20) as clients:
            refused = list(
                clients.map(lambda _: server.upload("a.mp4", b"x"), range(20))
            )
        assert {status for status, _ in refused} == {503}
        assert "too many uploads; send it again in" in refused[0][1]["detail"]
        one_more = stack.enter_context(server.half_upload("a.mp4", b"x"))
        assert 1 <= int(answer_of(one_more).headers["retry-after"]) <= 120
        assert server.health()["uploads"] == 2  # nothing was done meanwhile
        end.touch()
        for line in lines:  # who was let in is answered
            answer = answer_of(line)
            assert (answer.status, answer.read()) == (422, b'{"detail":"waited"}')
    assert in_time(lambda: is_idle(server))


@pytest.mark.slow
def test_a_process_that_dies_costs_only_its_upload(
    server: Server, tmp_path: Path, dataset_folder: Path
) -> None:
    landmarks = (dataset_folder / "all.parquet").read_bytes()
    assert server.upload("all.parquet", landmarks)[0] == 200
    (worker,) = server.workers()
    with server.half_upload(*wait_for(tmp_path / "never")) as line:
        assert in_time(lambda: is_at_work(server))
        os.kill(worker, signal.SIGKILL)
        answer = answer_of(line)
        assert answer.status == 422
        assert b"ended the process" in answer.read()
    assert server.upload("all.parquet", landmarks)[0] == 200
    (worker,) = server.workers()
    os.kill(worker, signal.SIGKILL)  # one without work
    assert in_time(lambda: worker not in server.workers())
    assert server.upload("all.parquet", landmarks)[0] == 200


@pytest.mark.slow
def test_after_a_kill_no_process_stays_and_the_next_start_cleans_up(
    tmp_path: Path,
) -> None:
    killed = start_with(tmp_path)
    with killed.half_upload(*wait_for(tmp_path / "never")):
        assert in_time(lambda: is_at_work(killed))
        workers = killed.workers()
        assert workers
        killed.process.kill()
        killed.process.communicate()
    assert in_time(lambda: not any(map(is_running, workers)))
    assert uploads_of(killed)
    remove_abandoned(killed.folder)
    assert list(killed.folder.iterdir()) == []
