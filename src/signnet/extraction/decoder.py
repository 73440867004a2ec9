"""The process that decodes a film: what it sends, and what it may use.

It decodes the next picture while the last one is tracked. To start it takes a fifth of
a second of one core, so one that read a film to its end waits for the next; one that
met anything else is ended. It is started as a script and not through multiprocessing,
which would run the user's own script again.
"""

import atexit
import json
import math
import os
import subprocess
import sys
import threading
import time
from collections.abc import Generator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from importlib.util import find_spec
from io import BufferedReader
from pathlib import Path
from typing import Any

import numpy as np

from signnet.clip.shapes import UInt8
from signnet.errors import MediaError, SettingsError

__all__ = ["DecodeLimits", "Decoder", "Pixels", "end_idle"]

Pixels = UInt8[np.ndarray, "height width 3"]
"""A picture, RGB, upright, with square pixels."""

_SCRIPT = Path(__file__).with_name("decoder_process.py")

_OWN_GROUP = None if os.name == "nt" else 0
_OWN_GROUP_ON_WINDOWS = getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0)
"""A process group of its own: Ctrl-C is for the parent, which ends the decoder."""

_WATCH_SECONDS = 0.2
"""Between two looks at the clock; a thread for each picture would cost more."""


@dataclass(frozen=True, kw_only=True)
class DecodeLimits:
    """What decoding one film may use; enough for hours of film from a 4K camera."""

    pixels: int = 4096 * 4096
    """Of one picture."""

    film_pixels: int = 1 << 29
    """Of all pictures of a film of few bytes: 32 of the largest, 250 of 1920×1080."""

    byte_pixels: int = 5_000
    """Added for each byte of the file. Recordings of signers hold 36 to 240 a byte, a
    still picture 500 to 3,000; a GIF that only pretends to be a film, 800,000."""

    frames: int = 1_000_000
    """Pictures of a film: nine hours at 30 a second."""

    memory: int = 1_000_000_000
    """Bytes of the decoding process, where the system can limit them."""

    picture_seconds: float = 60.0
    """Wait for one picture."""

    film_seconds: float = 3600.0
    """Wait for all pictures together; time in which they are tracked is not counted."""


_idle = list["subprocess.Popen[bytes]"]()
"""The process that waits for the next film, if there is one."""


def _take_process() -> "subprocess.Popen[bytes]":
    """Take the process that waits, or start one."""
    with suppress(IndexError):
        waiting = _idle.pop()
        if waiting.poll() is None:
            return waiting
        _end(waiting)
    return subprocess.Popen(
        # -P: a file beside the script is not a module. The path finds what this
        # process finds, so that site-packages need not be searched again.
        [sys.executable, "-P", "-S", str(_SCRIPT)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
        process_group=_OWN_GROUP,
        creationflags=_OWN_GROUP_ON_WINDOWS,
    )


def _send(process: "subprocess.Popen[bytes]", order: dict[str, Any]) -> None:
    """Order a film; a process that is gone shows it when it should answer."""
    assert process.stdin is not None
    with suppress(OSError):
        process.stdin.write(json.dumps(order).encode() + b"\n")
        process.stdin.flush()


def _end(process: "subprocess.Popen[bytes]") -> None:
    process.kill()
    process.wait()
    for pipe in (process.stdin, process.stdout):
        if pipe is not None:
            with suppress(OSError):
                pipe.close()


@atexit.register
def end_idle() -> None:
    """End the process that waits for the next film, so that its time is counted."""
    while _idle:
        _end(_idle.pop())


if hasattr(os, "register_at_fork"):  # a forked process starts its own
    os.register_at_fork(after_in_child=_idle.clear)


class Decoder:
    """A running process that decodes one film.

    Raises
    ------
    MediaError
        From `receive`, if the film cannot be read within the limits.
    """

    def __init__(self, path: Path, limits: DecodeLimits) -> None:
        self._path, self._limits = path, limits
        self._waited, self._is_late = 0.0, False
        self._deadline, self._closed = math.inf, threading.Event()
        order = {"path": str(path.absolute()), **asdict(limits)}
        self._process, self._is_at_end = _take_process(), False
        _send(self._process, order)
        threading.Thread(target=self._watch, daemon=True).start()

    def receive(self) -> tuple[dict[str, Any], bytearray]:
        """Wait for the next message, and the pixels that follow it."""
        source = self._process.stdout
        assert isinstance(source, BufferedReader)
        with self._patience():
            line = source.readline()
            message = json.loads(line) if line.endswith(b"\n") else {}
            pixels = bytearray(message.get("size", 0))
            is_whole = source.readinto(pixels) == len(pixels)
        if self._is_late or not message or not is_whole:
            raise self._death()
        if "error" in message:
            raise self._refusal(message)
        self._is_at_end = "end" in message
        return message, pixels

    @contextmanager
    def _patience(self) -> Generator[None]:
        """Have the process killed if it lets us wait for too long."""
        left = self._limits.film_seconds - self._waited
        start = time.monotonic()
        self._deadline = start + min(left, self._limits.picture_seconds)
        try:
            yield
        finally:
            deadline, self._deadline = self._deadline, math.inf
            now = time.monotonic()
            self._waited += now - start
            if now > deadline:
                self._give_up()

    def _watch(self) -> None:
        """Look after the process until it is closed, from a thread of its own."""
        while not self._closed.wait(_WATCH_SECONDS):
            if time.monotonic() > self._deadline:
                self._give_up()

    def _give_up(self) -> None:
        self._is_late = True
        self._process.kill()

    def close(self) -> None:
        """End the process, whatever it is doing, or keep it for the next film."""
        if self._closed.is_set():
            return
        self._closed.set()
        if self._is_at_end and not self._is_late and not _idle:
            _idle.append(self._process)
        else:
            _end(self._process)

    def _death(self) -> MediaError | SettingsError:
        code = self._process.wait()
        if self._is_late:
            return MediaError(
                f"{self._path}: decoding takes too long (more than "
                f"{min(self._limits.picture_seconds, self._limits.film_seconds):g} s "
                "for a frame or "
                f"{self._limits.film_seconds:g} s for all); convert it to mp4"
            )
        if find_spec("av") is None:
            return SettingsError("videos need PyAV; install it with `pip install av`")
        return MediaError(
            f"{self._path}: the decoder ended without an answer (status {code}; "
            "damaged, or too large for the memory); convert it to mp4"
        )

    def _refusal(self, message: dict[str, Any]) -> MediaError:
        match message:
            case {"error": "pixels", "width": width, "height": height}:
                reason = (
                    f"pictures of {width}×{height} pixels, more than the "
                    f"{self._limits.pixels:,} that are read; convert it to 1280×720"
                )
            case {"error": "frames"}:
                reason = f"more than {self._limits.frames} pictures; cut it into parts"
            case {"error": "unfolds"}:
                reason = (
                    "its few bytes unfold into more pictures than any recording holds; "
                    "convert it to mp4, 1280×720 at most"
                )
            case {"error": "memory"}:
                reason = (
                    f"decoding needs more than {self._limits.memory / 1e9:.1f} GB of "
                    "memory; convert it to smaller pictures"
                )
            case {"error": "part", "read": read, "seconds": seconds}:
                return self.part(read, seconds)
            case _:
                reason = (
                    "not a readable video (another kind of file, cut off, sound only, "
                    "or a playlist); convert it to mp4 or record it again"
                )
        return MediaError(f"{self._path}: {reason}")

    def part(self, read: float, seconds: float) -> MediaError:
        """Say how much of a film could be read."""
        return MediaError(
            f"{self._path}: only {read:.1f} of {seconds:.1f} seconds could be read "
            "(cut off or damaged); copy or download it again"
        )
