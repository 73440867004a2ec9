"""Processes that recognise uploads: a bounded queue before them, and a limit of time.

Decoding a stranger's file may take for ever or end the process. So it is done in
processes of their own, which are killed, with all that they started, when their time is
up, when the client leaves or when the server stops.
"""

import asyncio
import json
import os
import signal
import sys
from asyncio import wait_for
from asyncio.subprocess import PIPE, Process
from collections.abc import Generator
from contextlib import contextmanager, suppress
from pathlib import Path
from shutil import rmtree
from tempfile import mkdtemp
from typing import Any

from anyio import to_thread

import signnet
from signnet.extraction import available_cores
from signnet.server.settings import ServerSettings
from signnet.server.worker import LENGTH

__all__ = ["COMMAND", "Answer", "Busy", "Pool"]

Answer = tuple[int, Any]
"""HTTP status; results of each clip, or the reason for there being none."""

_KILLED = (
    "recognising it ended the process (it may need too much memory); shorten the video "
    "or lower its resolution"
)
_NO_PROCESS = "no process to recognise it can be started; see what the server printed"
COMMAND = ("-m", "signnet.server.worker")
"""Arguments of the Python that is a process to recognise uploads."""

_START_SECONDS = 120.0
"""Time for a process to start, which an upload's own time does not include."""

_SPARE_SECONDS = 60.0
"""Time after which a process without work is ended, if there is another."""


class Busy(Exception):
    """There is no room for another upload; it may be sent again."""

    def __init__(self, retry_after: int) -> None:
        super().__init__(f"too many uploads; send it again in {retry_after} s")
        self.retry_after = retry_after


class Pool:
    """Processes that recognise uploads.

    Parameters
    ----------
    model
        Folder of the model.
    folder
        Where the processes may write; each has a folder of its own in it.
    settings
        Limits.
    """

    def __init__(self, model: Path, folder: Path, settings: ServerSettings) -> None:
        self._model, self._folder, self._settings = model, folder, settings
        self._size = max(1, min(settings.workers, available_cores()))
        self._turns = asyncio.Semaphore(self._size)
        self._idle, self._all = list[_Worker](), set[_Worker]()
        self._jobs, self._usual = 0, 3.0
        self._closing = asyncio.Event()

    @property
    def jobs(self) -> int:
        """Number of uploads that are recognised or wait for it."""
        return self._jobs

    def check_room(self) -> None:
        """Check that another upload may wait; Busy if not."""
        self._check_open()
        if self._jobs >= self._size + self._settings.queue:
            raise Busy(self.retry_after())

    def retry_after(self) -> int:
        """Estimate after how many seconds there will be room."""
        return min(120, 1 + int(self._jobs * self._usual / self._size))

    @contextmanager
    def place(self) -> Generator[None]:
        """Hold a place for an upload at work or in the queue; Busy if none is left."""
        self.check_room()
        self._jobs += 1
        try:
            yield
        finally:
            self._jobs -= 1

    async def recognise(self, folder: Path, content_type: str) -> Answer:
        """Recognise the file of a form, for the holder of a place.

        When this is cancelled, the process is killed.

        Parameters
        ----------
        folder
            Holds the body of the request in `form`; the process may write to it.
        content_type
            Header of the request.

        Raises
        ------
        Busy
            If it waited too long for a process, or the server stops.
        """
        await self._wait_for_turn()
        try:
            self._check_open()
            return await self._work(folder, content_type)
        finally:
            self._turns.release()

    async def _wait_for_turn(self) -> None:
        try:
            await wait_for(self._turns.acquire(), self._settings.queue_seconds)
        except TimeoutError:
            raise Busy(self.retry_after()) from None

    async def warm(self) -> None:
        """Start a process before it is needed."""
        if not self._all:
            self._idle.append(self._start())

    async def close(self, patience: float = 0.0) -> None:
        """Take no more, wait so many seconds for what is being done, kill the rest."""
        self._closing.set()
        end = asyncio.get_running_loop().time() + patience
        while self._jobs and asyncio.get_running_loop().time() < end:
            await asyncio.sleep(0.05)
        await asyncio.gather(*(worker.end() for worker in list(self._all)))
        self._idle.clear()

    def kill(self) -> None:
        """Kill all processes at once, from any thread; they are not cleaned up."""
        for worker in list(self._all):
            worker.kill()

    def _check_open(self) -> None:
        if self._closing.is_set():
            raise Busy(10)

    async def _work(self, folder: Path, content_type: str) -> Answer:
        loop, seconds = asyncio.get_running_loop(), self._settings.work_seconds
        worker = self._take()
        request = {"folder": str(folder), "content_type": content_type}
        try:
            await worker.started()
            started = loop.time()
            async with asyncio.timeout(seconds):
                answer = await worker.ask(request)
        except TimeoutError:
            await self._end(worker)
            return 422, f"not done after {seconds:g} s; shorten the video"
        except (EOFError, OSError):
            await self._end(worker)
            self._check_open()
            return worker.failure or (422, _KILLED)
        except BaseException:
            await asyncio.shield(self._end(worker))
            raise
        self._usual += 0.2 * (loop.time() - started - self._usual)
        self._release(worker)
        return answer

    def _take(self) -> "_Worker":
        """Take an idle process that is still alive, or start one."""
        while self._idle:
            if (worker := self._idle.pop()).is_alive:
                return worker
            self._ending = asyncio.create_task(self._end(worker))
        return self._start()

    def _start(self) -> "_Worker":
        worker = _Worker(self._model, self._folder, self._settings)
        self._all.add(worker)
        return worker

    def _release(self, worker: "_Worker") -> None:
        self._idle.append(worker)
        loop = asyncio.get_running_loop()
        loop.call_later(_SPARE_SECONDS, self._spare, worker, worker.answered)

    def _spare(self, worker: "_Worker", answered: int) -> None:
        if worker in self._idle and worker.answered == answered and self._idle[1:]:
            self._idle.remove(worker)
            self._ending = asyncio.create_task(self._end(worker))

    async def _end(self, worker: "_Worker") -> None:
        self._all.discard(worker)
        await worker.end()


class _Worker:
    """One process; started with the first question or by `warm`."""

    def __init__(self, model: Path, folder: Path, settings: ServerSettings) -> None:
        self.answered = 0
        self.failure: Answer | None = None
        self._folder = Path(mkdtemp(prefix="worker-", dir=folder))
        self._settings = {
            "model": str(model),
            "work_bytes": settings.work_bytes,
            "clip_seconds": settings.clip_seconds,
        }
        self._process: Process | None = None
        self._starting = asyncio.create_task(self._start())

    @property
    def is_alive(self) -> bool:
        """Return whether it runs, or is being started."""
        if not self._starting.done():
            return True
        failed = self._starting.cancelled() or self._starting.exception()
        return not failed and self._starting.result().returncode is None

    async def ask(self, request: dict[str, str]) -> Answer:
        """Send a request and wait for its answer; EOFError if the process ends."""
        process = await self.started()
        assert process.stdin
        content = json.dumps(request).encode()
        process.stdin.write(LENGTH.pack(len(content)) + content)
        answer = await self._receive(process)
        self.answered += 1
        return answer

    async def end(self) -> None:
        """Kill the process and all that it started, and remove what they wrote."""
        self._starting.cancel()  # without effect if it has started
        await asyncio.wait([self._starting])
        self.kill()
        if self._process is not None:
            await self._process.wait()
        await to_thread.run_sync(rmtree, self._folder, True)

    def kill(self) -> None:
        """Kill the process and all that it started."""
        if self._process is not None:
            _kill(self._process)

    async def started(self) -> Process:
        """Wait for the start; EOFError if it failed or was given up."""
        await asyncio.wait([self._starting])
        if self._starting.cancelled():
            raise EOFError
        return self._starting.result()

    async def _start(self) -> Process:
        process = self._process = await asyncio.create_subprocess_exec(
            sys.executable,
            *("-P", *COMMAND, json.dumps(self._settings)),
            stdin=PIPE,
            stdout=PIPE,
            env=_environment(self._folder),
            start_new_session=True,
        )
        try:
            async with asyncio.timeout(_START_SECONDS):
                status, content = await self._receive(process)
        except (EOFError, TimeoutError):
            status, content = 503, _NO_PROCESS
        if status != 200:
            self.failure = (status, content)
            raise EOFError
        return process

    async def _receive(self, process: Process) -> Answer:
        assert process.stdout
        length = LENGTH.unpack(await process.stdout.readexactly(LENGTH.size))[0]
        message = json.loads(await process.stdout.readexactly(length))
        return message["status"], message["content"]


def _environment(folder: Path) -> dict[str, str]:
    """Let a process find this package, and write into its own folder only."""
    package = str(Path(signnet.__file__).parent.parent)
    path = os.pathsep.join(filter(None, (package, os.environ.get("PYTHONPATH"))))
    places = dict.fromkeys(("TMPDIR", "TEMP", "TMP"), str(folder))
    return os.environ | places | {"PYTHONPATH": path}


def _kill(process: Process) -> None:
    with suppress(ProcessLookupError, PermissionError):
        if hasattr(os, "killpg"):
            os.killpg(process.pid, signal.SIGKILL)
        else:
            process.kill()
