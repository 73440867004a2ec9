"""The HTTP interface: upload a file, get glosses."""

import re
import threading
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Any

from fastapi import FastAPI, File, HTTPException, Request, UploadFile, WebSocket
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from fastapi.staticfiles import StaticFiles
from pydantic import BaseModel
from starlette.responses import Response
from starlette.types import Scope

from signnet.errors import MediaError, ModelError, SignnetError
from signnet.extraction import available_cores, check_length
from signnet.recognise.inputs import LANDMARK_FILES, read_clips
from signnet.recognise.recogniser import Expression, Prediction, Recogniser
from signnet.server.guard import Guard, one_line
from signnet.server.live import LiveStreams
from signnet.server.settings import ServerSettings

__all__ = ["create_app"]

_TYPES = {
    ".js": "text/javascript",
    ".mjs": "text/javascript",
    ".wasm": "application/wasm",
    ".webmanifest": "application/manifest+json",
}
"""Media types of the page's files; the system's own list may lack some."""


@dataclass(frozen=True, kw_only=True)
class RecognisedClip:
    """A recognised clip, as `signnet predict --json` prints it."""

    file: str
    """Name of the uploaded file; if it holds several clips, # and the clip's name."""

    frames: int
    predictions: tuple[Prediction, ...]
    """The five most probable glosses, best first."""

    abstained: bool
    expression: Expression | None
    seconds: float


class Model(BaseModel):
    """What the card of a model says."""

    name: str
    created: str | None
    vocabulary: list[str]
    abstain_below: float
    parameters: int | None
    held_out: str | None


class Health(BaseModel):
    """Whether the server works, and what it is doing."""

    status: str
    version: str
    model: str
    streams: int
    """Number of open live streams."""


def create_app(
    recogniser: Recogniser,
    settings: ServerSettings | None = None,
    site: Path | None = None,
) -> FastAPI:
    """Create the application.

    Parameters
    ----------
    recogniser
        The model.
    settings
        Limits; see `ServerSettings`.
    site
        A folder written by `signnet site`; None serves the HTTP interface only.
    """
    settings = settings or ServerSettings()
    app = FastAPI(
        title="signnet",
        version=version("signnet"),
        summary="Recognises signs in videos and landmarks.",
        openapi_url="/v1/openapi.json",
        # Their pages load scripts from a foreign host, which ours may not.
        docs_url=None,
        redoc_url=None,
    )
    app.add_middleware(Guard, settings=settings)
    app.add_exception_handler(RequestValidationError, _no_file_sent)
    live = LiveStreams(recogniser, settings)
    _add_status(app, recogniser, live)
    _add_recognition(app, recogniser, settings)

    @app.websocket("/v1/stream")
    async def stream(socket: WebSocket) -> None:  # pyright: ignore[reportUnusedFunction]
        await live.follow(socket)

    if site is not None:
        app.mount("/", _Site(directory=site, html=True))
    return app


def _add_status(app: FastAPI, recogniser: Recogniser, live: LiveStreams) -> None:
    card = recogniser.card
    known = {name: getattr(card, name) for name in Model.model_fields}
    model = Model.model_validate(known)

    @app.get("/v1/health")
    def health() -> Health:  # pyright: ignore[reportUnusedFunction]
        """Report that the server works."""
        return Health(
            status="ok", version=app.version, model=model.name, streams=live.open
        )

    @app.get("/v1/models")
    def models() -> list[Model]:  # pyright: ignore[reportUnusedFunction]
        """List the models; for now there is one."""
        return [model]


def _add_recognition(
    app: FastAPI, recogniser: Recogniser, settings: ServerSettings
) -> None:
    turns = threading.BoundedSemaphore(available_cores())

    @app.post(
        "/v1/recognise",
        response_model=list[RecognisedClip],
        responses={413: {}, 422: {}},
    )
    def recognise(  # pyright: ignore[reportUnusedFunction]
        file: Annotated[UploadFile, File(description="a video, .parquet or .npz")],
    ) -> list[dict[str, Any]]:
        """Name the sign in a video, or in each clip of a file of landmarks."""
        name = _safe_name(file.filename or "")
        with turns, TemporaryDirectory(prefix="signnet-") as folder:
            path = Path(folder) / name
            with path.open("wb") as copy:
                while block := file.file.read(1 << 20):
                    copy.write(block)
            try:
                return _recognise_file(recogniser, path, settings)
            except ModelError as error:  # the landmark models are missing
                raise HTTPException(503, one_line(error)) from error
            except SignnetError as error:
                reason = one_line(error).replace(str(path), name)
                raise HTTPException(422, reason) from error


def _recognise_file(
    recogniser: Recogniser, path: Path, settings: ServerSettings
) -> list[dict[str, Any]]:
    if path.suffix not in LANDMARK_FILES:
        check_length(path, settings.clip_seconds)
    found = [
        recogniser.recognise(clip).to_json(label)
        for label, clip in read_clips(path, path.name)
    ]
    if not found:
        raise MediaError(f"{path.name} holds no clip")
    return found


def _safe_name(name: str) -> str:
    """Reduce an uploaded file's name to a harmless one with the same ending."""
    last = re.split(r"[/\\]", name)[-1]
    printable = "".join(one for one in last if one.isprintable()).strip(". ")
    stem, dot, ending = printable.rpartition(".")
    return (
        f"{stem[:60]}{dot}{ending[:10].lower()}" if stem else printable[:60] or "upload"
    )


async def _no_file_sent(_request: Request, _error: Exception) -> Response:
    reason = "no file was sent; send one as the field `file` of multipart/form-data"
    return JSONResponse({"detail": reason}, 422)


class _Site(StaticFiles):
    """The page's files; browsers may keep those named after their content for ever."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        response = await super().get_response(path, scope)
        kind = _TYPES.get(Path(path).suffix)
        if kind is not None and response.status_code == 200:
            response.headers["content-type"] = kind
        lasting = path.startswith("large/")
        age = "max-age=31536000, immutable" if lasting else "no-cache"
        response.headers["cache-control"] = age
        return response
