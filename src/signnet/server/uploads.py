"""The path of an upload: from its client to the disk, to a process, and away again."""

import asyncio
from collections.abc import AsyncGenerator, Coroutine
from contextlib import asynccontextmanager
from pathlib import Path
from shutil import rmtree
from tempfile import mkdtemp
from typing import Any

from anyio import to_thread
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.types import Receive

from signnet.errors import MediaError
from signnet.server.forms import boundary_of
from signnet.server.pool import Answer, Busy, Pool
from signnet.server.settings import ServerSettings

__all__ = ["Uploads"]

_FULL = "the disk of the server is full; free some space there"

_HELD = 1 << 16
"""Bytes of a body that are kept in memory."""


class Uploads:
    """Stores uploads, has them recognised, and removes them, whatever happens.

    Parameters
    ----------
    pool
        Recognises them.
    folder
        Where they are kept meanwhile.
    settings
        Limits.
    """

    def __init__(self, pool: Pool, folder: Path, settings: ServerSettings) -> None:
        self._pool, self._folder, self._settings = pool, folder, settings
        self._stored = 0

    async def recognise(self, request: Request) -> Any:
        """Name the sign in each clip of an upload.

        Raises
        ------
        HTTPException
            408, 413, 422, 500 or 503, with one line.
        ClientDisconnect
            If the client leaves; what was done for it is ended.
        """
        try:
            self._pool.check_room()  # before a body that would be in vain
            kind = request.headers.get("content-type", "")
            boundary_of(kind)
            async with self._body_of(request) as body:
                with self._pool.place():
                    work = self._pool.recognise(await body.end(), kind)
                    status, content = await _unless_gone(request.receive, work)
        except MediaError as error:
            raise HTTPException(422, str(error)) from error
        except Busy as error:
            raise _later(error) from error
        if status != 200:
            raise HTTPException(status, content)
        return content

    @asynccontextmanager
    async def _body_of(self, request: Request) -> "AsyncGenerator[_Body]":
        """Read the body of a request, and remove it at the end."""
        body = _Body(self._folder)
        try:
            async for block in request.stream():
                body.size += len(block)
                self._stored += len(block)
                if self._stored > self._settings.stored_bytes:
                    raise Busy(self._pool.retry_after())
                await body.add(block)
            yield body
        finally:
            self._stored -= body.size
            await body.remove()


class _Body:
    """Collects a body, in memory at first and then in a file.

    A small one gets a file only with a place in the queue: many that come slowly, or in
    vain, cost the disk nothing. Files are written in threads: a slow disk holds up
    nobody else.
    """

    def __init__(self, parent: Path) -> None:
        self.size = 0
        """Bytes that were sent, for the limit of all bodies."""
        self._parent, self._folder = parent, Path()
        self._held = bytearray()
        self._is_stored = False

    async def add(self, block: bytes) -> None:
        """Add a block."""
        self._held += block
        if len(self._held) > _HELD:
            await self._write()

    async def end(self) -> Path:
        """Write what is still held; return the folder, with the body in `form`."""
        await self._write()
        return self._folder

    async def remove(self) -> None:
        """Remove the folder."""
        if self._is_stored:
            await to_thread.run_sync(rmtree, self._folder, True)

    async def _write(self) -> None:
        try:
            await to_thread.run_sync(self._append, bytes(self._held))
        except OSError as error:
            raise HTTPException(503, _FULL) from error
        self._held.clear()

    def _append(self, content: bytes) -> None:
        if not self._is_stored:
            self._folder = Path(mkdtemp(prefix="upload-", dir=self._parent))
            self._is_stored = True
        with (self._folder / "form").open("ab") as form:
            form.write(content)


async def _unless_gone(receive: Receive, work: Coroutine[Any, Any, Answer]) -> Answer:
    """Do some work, but end it as soon as the client leaves."""
    working = asyncio.create_task(work)
    leaving = asyncio.create_task(_until_gone(receive))
    try:
        await asyncio.wait((working, leaving), return_when=asyncio.FIRST_COMPLETED)
        if not working.done():
            raise ClientDisconnect
        return working.result()
    finally:
        for task in (working, leaving):
            task.cancel()
        await asyncio.gather(working, leaving, return_exceptions=True)


async def _until_gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


def _later(error: Busy) -> HTTPException:
    return HTTPException(503, str(error), {"retry-after": str(error.retry_after)})
