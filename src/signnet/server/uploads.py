"""The way of an upload: from its client to the disk, to a process, and away again."""

import asyncio
import shutil
from collections.abc import AsyncGenerator, Coroutine
from contextlib import asynccontextmanager
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import anyio.to_thread
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.types import Receive

from signnet.errors import MediaError
from signnet.server.forms import boundary_of
from signnet.server.pool import Answer, Busy, Pool
from signnet.server.settings import ServerSettings

__all__ = ["Uploads"]

_FULL = "the disk of the server is full; free some space there"


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
        self._stored, self._sizes = 0, dict[Path, int]()

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
            async with self._body_of(request) as folder:
                work = self._pool.recognise(folder, kind)
                status, content = await _unless_gone(request.receive, work)
        except MediaError as error:
            raise HTTPException(422, str(error)) from error
        except Busy as error:
            raise _later(error) from error
        if status != 200:
            raise HTTPException(status, content)
        return content

    @asynccontextmanager
    async def _body_of(self, request: Request) -> AsyncGenerator[Path]:
        """Write the body of a request into a folder of its own."""
        try:
            folder = Path(mkdtemp(prefix="upload-", dir=self._folder))
        except OSError as error:
            raise HTTPException(503, _FULL) from error
        try:
            await self._store(request, folder)
            yield folder
        finally:
            self._stored -= self._sizes.pop(folder, 0)
            shutil.rmtree(folder, ignore_errors=True)

    async def _store(self, request: Request, folder: Path) -> None:
        """Write a body to a file, block by block; Busy if all of them are too large."""
        try:
            with (folder / "form").open("wb") as form:
                async for block in request.stream():
                    self._stored += len(block)
                    self._sizes[folder] = self._sizes.get(folder, 0) + len(block)
                    if self._stored > self._settings.stored_bytes:
                        raise Busy(self._pool.retry_after())
                    await anyio.to_thread.run_sync(form.write, block)
        except OSError as error:
            raise HTTPException(503, _FULL) from error


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
