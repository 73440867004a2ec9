"""The local fast mode: pictures in over a WebSocket, landmarks and events out.

A client sends binary messages: the time in seconds as a little-endian float64, then a
JPEG, unmirrored. It gets JSON: first `{"kind": "hello", "model", "vocabulary"}`, then
for a picture `{"time", "joints", "events"}`, where `joints` is base64 of little-endian
float32[75, 3], the pose and both hands in picture heights (NaN unseen), or `{"error"}`
with one line. Events `sign` and `unsure` say which `hand` it was: left, right or both.
Pictures that arrive while another is being processed replace each other, so that
results never lag behind.
"""

import asyncio
import base64
import struct
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from typing import Any

import numpy as np
from fastapi import WebSocket, WebSocketDisconnect
from jaxtyping import Float32

from signnet.clip import Clip, Landmarks
from signnet.errors import MediaError, SignnetError, one_line
from signnet.extraction import open_live
from signnet.recognise.events import Event as SignEvent
from signnet.recognise.recogniser import Recogniser
from signnet.recognise.stream import StreamingRecogniser, StreamSettings
from signnet.server.settings import ServerSettings
from signnet.skeleton import PARTS

__all__ = ["LiveStreams", "parse_message"]

_TIME = struct.Struct("<d")
_TRY_AGAIN_LATER = 1013
_SHOWN = slice(0, PARTS["face"].start)


class LiveStreams:
    """The live streams of a server, each with a tracker and a thread of its own."""

    def __init__(self, recogniser: Recogniser, settings: ServerSettings) -> None:
        self._recogniser = recogniser
        self._settings = settings
        self.open = 0

    async def follow(self, socket: WebSocket) -> None:
        """Serve a client until it disconnects."""
        await socket.accept()
        if self.open >= self._settings.streams:
            reason = f"{self.open} live streams are open already; close one"
            return await socket.close(_TRY_AGAIN_LATER, reason)
        self.open += 1
        session = _Session(self._recogniser, self._settings.picture_bytes)
        try:
            await self._exchange(socket, session)
        except (WebSocketDisconnect, RuntimeError):
            pass  # the client is gone, perhaps while a message was being sent
        finally:
            await asyncio.shield(session.close())
            self.open -= 1

    async def _exchange(self, socket: WebSocket, session: "_Session") -> None:
        try:
            await session.run(session.start)
        except SignnetError as error:
            await socket.send_json({"error": one_line(error)})
            return await socket.close(_TRY_AGAIN_LATER)
        await socket.send_json(self._hello())
        newest = _Newest()
        reader = asyncio.create_task(newest.read(socket))
        try:
            while (content := await self._next(newest)) is not None:
                answer = await session.run(session.recognise, content)
                async with asyncio.timeout(self._settings.unread_seconds):
                    await socket.send_json(answer)
        except TimeoutError as error:
            await socket.close(_TRY_AGAIN_LATER, str(error) or "answers are not read")
        finally:
            reader.cancel()
            with suppress(asyncio.CancelledError, RuntimeError):
                await reader
        return None

    async def _next(self, newest: "_Newest") -> bytes | str | None:
        """Wait for a message; TimeoutError if the client is silent."""
        seconds = self._settings.idle_stream_seconds
        try:
            return await asyncio.wait_for(newest.take(), seconds)
        except TimeoutError:
            reason = f"no picture for {seconds:g} s; open the stream again"
            raise TimeoutError(reason) from None

    def _hello(self) -> dict[str, Any]:
        card = self._recogniser.card
        vocabulary = list(self._recogniser.vocabulary)
        return {"kind": "hello", "model": card.name, "vocabulary": vocabulary}


class _Newest:
    """Holds the latest message of a client until it is taken."""

    def __init__(self) -> None:
        self._content: bytes | str | None = None
        self._is_over = False
        self._news = asyncio.Event()

    async def read(self, socket: WebSocket) -> None:
        """Read until the client disconnects."""
        try:
            while (message := await socket.receive())["type"] == "websocket.receive":
                self._content = message.get("bytes") or message.get("text") or b""
                self._news.set()
        finally:
            self._is_over = True
            self._news.set()

    async def take(self) -> bytes | str | None:
        """Wait for a message; None after the client has disconnected."""
        await self._news.wait()
        if self._is_over:
            return None
        self._news.clear()
        return self._content


class _Session:
    """One client's tracker and recogniser, used in one thread only."""

    def __init__(self, recogniser: Recogniser, picture_bytes: int) -> None:
        self._recogniser = recogniser
        self._picture_bytes = picture_bytes
        self._thread = ThreadPoolExecutor(1, "signnet-live")
        self._open = ExitStack()

    async def run(self, work: Callable[..., Any], *given: Any) -> Any:
        """Run a function in the session's thread."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._thread, work, *given)

    def start(self) -> None:
        """Open the tracker."""
        settings = StreamSettings(abstain_below=self._recogniser.card.abstain_below)
        self._signs = StreamingRecogniser(self._classify, settings)
        self._tracker = self._open.enter_context(open_live())

    async def close(self) -> None:
        """Close the tracker and end the thread."""
        await self.run(self._open.close)
        self._thread.shutdown(wait=False)

    def recognise(self, content: bytes | str) -> dict[str, Any]:
        """Return landmarks and events for one message of a client."""
        try:
            seconds, picture = parse_message(content, self._picture_bytes)
            joints = self._tracker.see(picture, seconds)
        except MediaError as error:
            return {"error": one_line(error)}
        events = self._signs.push(seconds, joints)
        return {
            "time": seconds,
            "joints": _encode(joints[_SHOWN]),
            "events": [_event(event) for event in events],
        }

    def _classify(self, landmarks: Landmarks) -> Float32[np.ndarray, " gloss"]:
        clip = Clip(name="stream", landmarks=landmarks, fps=30.0)
        return self._recogniser.probabilities(clip)


def parse_message(content: bytes | str, picture_bytes: int) -> tuple[float, bytes]:
    """Take the time and the picture out of a client's message.

    Raises
    ------
    MediaError
        If the message is text or has no picture, or the picture is larger than
        `picture_bytes`.
    """
    if isinstance(content, str) or len(content) <= _TIME.size:
        raise MediaError(
            f"{len(content)} {'letters' if isinstance(content, str) else 'bytes'}; "
            "expected the time as a float64 and a JPEG in one binary message"
        )
    if len(content) - _TIME.size > picture_bytes:
        raise MediaError(
            f"a picture of {len(content) / 1e6:.1f} MB; send at most "
            f"{picture_bytes / 1e6:g} MB"
        )
    return _TIME.unpack_from(content)[0], content[_TIME.size :]


def _encode(joints: Float32[np.ndarray, "joint 3"]) -> str:
    return base64.b64encode(joints.astype("<f4").tobytes()).decode()


def _event(event: SignEvent) -> dict[str, Any]:
    """Return what a client is told of an event: also the hand that made a sign."""
    told = event.as_json()
    return told | {"hand": event.hand} if event.kind in ("sign", "unsure") else told
