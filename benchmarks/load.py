"""What the server does under load: many uploads, slow clients, floods, a shutdown.

    python benchmarks/load.py [--video FILE] [--uploads 200] [--slow 1000]

Starts `signnet serve` on a free port of this computer and prints a Markdown table: who
was answered with what, how long it took, how long `/v1/health` took meanwhile (times
are p50 / p99 in seconds), how much memory the server and its processes held at most,
and how long the server's own threads used a core and waited for one: where they waited
for long, the machine was busy with other things.
"""

import argparse
import asyncio
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import cv2
import numpy as np

_LINE = b"a-line-that-is-in-no-file"
_HEALTH = b"GET /v1/health HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n"


def main() -> None:
    """Start a server, load it and print what happened."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--video", type=Path, help="the upload; a drawn one by default")
    parser.add_argument("--uploads", type=int, default=200)
    parser.add_argument("--slow", type=int, default=1000)
    parser.add_argument("--seconds", type=float, default=10, help="length of a flood")
    parser.add_argument("--patience", type=float, default=200, help="seconds to wait")
    parser.add_argument("--probe", type=int, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.probe:
        return asyncio.run(probe_health(asked.probe))
    with tempfile.TemporaryDirectory() as folder:
        video = asked.video or drawn_video(Path(folder) / "drawn.mp4")
        server = Server.start(Path(folder))
        try:
            asyncio.run(load(server, video.read_bytes(), asked))
        finally:
            server.process.kill()
            server.process.wait()
    return None


async def load(server: "Server", video: bytes, asked: argparse.Namespace) -> None:
    """Run one kind of load after the other."""
    patience: float = asked.patience
    print(f"{os.cpu_count()} cores, load average before: {os.getloadavg()[0]:.1f}\n")
    print(
        "| load | answers | seconds | health meanwhile | memory | core used, awaited |"
    )
    print("|---|---|---|---|---|---|", flush=True)
    await report(server, "health alone", lambda: many(50, server.health, 1))
    await report(server, "first upload", lambda: many(1, server.upload_of(video), 1))
    uploads = asked.uploads
    await report(
        server,
        f"{uploads} uploads at once",
        lambda: many(uploads, server.upload_of(video), uploads, patience),
    )
    half = asked.slow // 2
    async with slow_clients(server, half, asked.slow - half) as slow:
        await report(
            server,
            f"an upload among {asked.slow} slow clients",
            lambda: many(1, server.upload_of(video), 1, 60),
        )
        print(f"| the slow clients | {await slow(60)} | | | | |", flush=True)
    flood = asked.seconds
    for count in (20, 100):
        await report(
            server,
            f"health from {count} at once for {flood:g} s",
            lambda count=count: until(flood, server.health, count),
        )
    async with slow_clients(server, 50, 50):
        uploading = [asyncio.create_task(server.upload(video)) for _ in range(8)]
        await asyncio.sleep(1)
        print(f"| a stop among clients | {await server.stop()} | | | | |", flush=True)
        for task in uploading:
            task.cancel()


@dataclass
class Seen:
    """What clients saw."""

    answers: Counter[str] = field(default_factory=Counter[str])
    seconds: list[float] = field(default_factory=list[float])

    def add(self, answer: str, seconds: float) -> None:
        """Note one client's answer."""
        self.answers[answer] += 1
        self.seconds.append(seconds)

    def list_answers(self) -> str:
        """Write how often each answer came."""
        return ", ".join(f"{count} x {one}" for one, count in self.answers.items())

    def quantiles(self) -> str:
        """Write p50 and p99 of the seconds."""
        middle, late = np.quantile(self.seconds or [np.nan], (0.5, 0.99))
        return f"{middle:.3f} / {late:.3f}"


async def report(
    server: "Server", what: str, work: Callable[[], Awaitable[Seen]]
) -> None:
    """Do some work, ask for health and memory meanwhile, and print a row."""
    # A process of its own, since this one is busy with its many clients.
    probe = await asyncio.create_subprocess_exec(
        *(sys.executable, __file__, "--probe", str(server.port)),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    watching = asyncio.create_task(highest(server.process.pid))
    before = np.array(used_and_waited(server.process.pid))
    seen = await work()
    used, waited = np.array(used_and_waited(server.process.pid)) - before
    watching.cancel()
    try:
        health, _ = await asyncio.wait_for(probe.communicate(b""), 70)
    except TimeoutError:
        probe.kill()
        health = b"none"
    peak = (await asyncio.gather(watching))[0]
    print(
        f"| {what} | {seen.list_answers()} | {seen.quantiles()} | "
        f"{health.decode().strip()} | {peak / 1e6:.0f} MB | "
        f"{used:.1f} s, {waited:.1f} s |",
        flush=True,
    )


async def highest(pid: int) -> float:
    """Watch the memory of a server until this is cancelled; return its peak."""
    peak = 0.0
    with suppress(asyncio.CancelledError):
        while True:
            peak = max(peak, memory(pid))
            await asyncio.sleep(0.5)
    return peak


async def probe_health(port: int) -> None:
    """Ask for health ten times a second until the standard input is closed."""
    server, seen = Client(port), Seen()
    is_over = asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
    while not is_over.done():
        await timed(seen, server.health, 60)
        await asyncio.wait([is_over], timeout=0.1)
    bad = seen.answers.total() - seen.answers["200"]
    print(seen.quantiles() + (f" ({seen.list_answers()})" if bad else ""))


async def timed(seen: Seen, ask: Callable[[], Awaitable[str]], patience: float) -> None:
    """Ask once, and note the answer and the time."""
    started = time.perf_counter()
    try:
        answer = await asyncio.wait_for(ask(), patience)
    except TimeoutError:
        answer = f"no answer in {patience:g} s"
    except OSError as error:
        answer = type(error).__name__
    seen.add(answer, time.perf_counter() - started)


async def many(
    count: int, ask: Callable[[], Awaitable[str]], at_once: int, patience: float = 60
) -> Seen:
    """Ask so many times, so many at once."""
    seen, turns = Seen(), asyncio.Semaphore(at_once)

    async def one() -> None:
        async with turns:
            await timed(seen, ask, patience)

    await asyncio.gather(*(one() for _ in range(count)))
    return seen


async def until(seconds: float, ask: Callable[[], Awaitable[str]], count: int) -> Seen:
    """Let so many clients ask again and again for some seconds."""
    seen, end = Seen(), time.perf_counter() + seconds

    async def one() -> None:
        while time.perf_counter() < end:
            await timed(seen, ask, 60)

    await asyncio.gather(*(one() for _ in range(count)))
    return seen


@asynccontextmanager
async def slow_clients(
    server: "Server", headers: int, bodies: int
) -> AsyncGenerator[Callable[[float], Awaitable[str]]]:
    """Keep half headers and slow bodies open; yields a function that counts the cut."""
    clients = [
        asyncio.create_task(server.dawdle(number < headers))
        for number in range(headers + bodies)
    ]
    await asyncio.sleep(2)

    async def cut(patience: float) -> str:
        started = time.perf_counter()
        done, _ = await asyncio.wait(clients, timeout=patience)
        took = time.perf_counter() - started
        return f"{len(done)} of {len(clients)} cut after {took:.1f} s more"

    try:
        yield cut
    finally:
        for client in clients:
            client.cancel()
        await asyncio.wait(clients)


@dataclass
class Client:
    """Asks a server on this computer."""

    port: int

    async def ask(self, request: bytes) -> str:
        """Send a request; give the status of the answer."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        try:
            writer.write(request)
            with suppress(ConnectionError):  # it may be refused before it is read
                await writer.drain()
            first = await reader.readline()
            await reader.read()
            return first.split()[1].decode() if first else "closed"
        finally:
            writer.transport.abort()

    async def health(self) -> str:
        """Ask whether it is well."""
        return await self.ask(_HEALTH)

    async def upload(self, video: bytes) -> str:
        """Let it recognise a video."""
        return await self.ask(upload_head(len(video)) + video + _tail())

    def upload_of(self, video: bytes) -> Callable[[], Awaitable[str]]:
        """Make a function that uploads this video."""
        return lambda: self.upload(video)

    async def dawdle(self, in_headers: bool) -> None:
        """Send a request slowly until the server has had enough."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        try:
            if in_headers:
                writer.write(b"GET /v1/health HTTP/1.1\r\nHost: 127.0.0.1\r\n")
            else:
                writer.write(upload_head(40_000_000) + bytes(60_000))
            reading = asyncio.create_task(reader.read())
            while not reading.done():
                await asyncio.wait([reading], timeout=1)
                writer.write(b"x-a: b\r\n" if in_headers else bytes(10))
            with suppress(OSError):
                reading.result()
        except OSError:
            pass
        finally:
            writer.transport.abort()


@dataclass
class Server(Client):
    """A running server."""

    process: subprocess.Popen[str]

    @classmethod
    def start(cls, folder: Path) -> "Server":
        """Start it and wait until it can be reached."""
        process = subprocess.Popen(
            [sys.executable, "-m", "signnet", "serve", "--port", "0"],
            stderr=subprocess.PIPE,
            text=True,
            env=os.environ | {"TMPDIR": str(folder)},
        )
        assert process.stderr
        for line in process.stderr:
            if found := re.search(r":(\d+)/?[^ ]*; stop it with", line):
                return cls(int(found[1]), process)
        raise SystemExit("the server did not start")

    async def stop(self) -> str:
        """Ask it to end and say how long it took."""
        started = time.perf_counter()
        self.process.send_signal(signal.SIGINT)
        while self.process.poll() is None and time.perf_counter() - started < 60:
            await asyncio.sleep(0.05)
        return f"status {self.process.poll()}, {time.perf_counter() - started:.1f} s"


def upload_head(size: int) -> bytes:
    """Write the beginning of an upload of so many bytes."""
    part = _part()
    length = len(part) + size + len(_tail())
    return (
        b"POST /v1/recognise HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n"
        b"Content-Type: multipart/form-data; boundary=" + _LINE + b"\r\n"
        b"Content-Length: " + str(length).encode() + b"\r\n\r\n" + part
    )


def _part() -> bytes:
    names = b'Content-Disposition: form-data; name="file"; filename="a.mp4"'
    return b"--" + _LINE + b"\r\n" + names + b"\r\n\r\n"


def _tail() -> bytes:
    return b"\r\n--" + _LINE + b"--\r\n"


def drawn_video(path: Path) -> Path:
    """Draw a film of two seconds."""
    kind = cv2.VideoWriter.fourcc(*"mp4v")
    film = cv2.VideoWriter(str(path), kind, 30.0, (320, 240))
    for number in range(60):
        picture = np.full((240, 320, 3), 200, np.uint8)
        cv2.circle(picture, (160, 60 + number), 40, (90, 120, 160), -1)
        film.write(picture)
    film.release()
    return path


def used_and_waited(pid: int) -> tuple[float, float]:
    """Return seconds on a core and seconds in wait for one, of all threads (Linux)."""
    used, waited = 0.0, 0.0
    for thread in Path(f"/proc/{pid}/task").glob("*/schedstat"):
        with suppress(OSError):
            nanoseconds = [int(one) for one in thread.read_text().split()]
            used, waited = used + nanoseconds[0] / 1e9, waited + nanoseconds[1] / 1e9
    return used, waited


def memory(root: int) -> float:
    """Sum the resident bytes of a process and of all below it (Linux; else 0)."""
    parents, sizes = dict[int, int](), dict[int, float]()
    for status in Path("/proc").glob("[0-9]*/status"):
        with suppress(OSError, KeyError, ValueError):
            lines = (line.split(":", 1) for line in status.read_text().splitlines())
            facts = {name: text.split() for name, text in lines if text.split()}
            parents[int(status.parent.name)] = int(facts["PPid"][0])
            sizes[int(status.parent.name)] = int(facts["VmRSS"][0]) * 1024.0
    family, found = {root}, True
    while found:
        found = {one for one, parent in parents.items() if parent in family} - family
        family |= found
    return sum(sizes.get(one, 0) for one in family)


if __name__ == "__main__":
    main()
