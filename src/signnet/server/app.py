"""The HTTP interface: upload a file, get glosses."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from importlib.metadata import version
from os import PathLike
from pathlib import Path
from typing import Any

from fastapi import Depends, FastAPI, Request
from fastapi.security import HTTPBearer
from fastapi.staticfiles import StaticFiles
from pydantic import BaseModel
from starlette.requests import ClientDisconnect
from starlette.responses import Response
from starlette.routing import Match, Mount
from starlette.types import Scope

from signnet.recognise.hands import Hand
from signnet.recognise.model_card import ModelCard
from signnet.recognise.recogniser import (
    Expression,
    Prediction,
    Recogniser,
    find_model,
)
from signnet.server.guard import Guard
from signnet.server.pool import Pool
from signnet.server.settings import ServerSettings
from signnet.server.uploads import Uploads

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
    hand: Hand | None
    """Which hand made the sign: left, right or both; null if no hand was seen."""

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
    uploads: int
    """Number of uploads that are recognised or wait for it."""


class Problem(BaseModel):
    """Why a request was refused, and what to do."""

    detail: str


_PROBLEMS = {
    401: "the token is missing",
    403: "a page of another origin asks",
    408: "the upload is too slow",
    413: "the upload is too large",
    421: "the request names another host",
    422: "no file was sent, or it cannot be recognised",
    500: "a fault in signnet",
    503: "too many uploads; Retry-After says in how many seconds to send it again",
}

_FORM = {
    "content": {
        "multipart/form-data": {
            "schema": {
                "type": "object",
                "required": ["file"],
                "properties": {
                    "file": {
                        "type": "string",
                        "format": "binary",
                        "description": "a video, .parquet, .npz or .pose",
                    }
                },
            }
        }
    },
    "required": True,
}


def create_app(
    model: str | PathLike[str],
    folder: Path,
    settings: ServerSettings | None = None,
    site: Path | None = None,
) -> FastAPI:
    """Create the application; its `state.pool` recognises the uploads.

    Parameters
    ----------
    model
        A run folder, an exported folder, or the name of a shipped model.
    folder
        Where uploads are kept while they are recognised.
    settings
        Limits; see `ServerSettings`.
    site
        A folder written by `signnet site`; None serves the HTTP interface only.
    """
    settings = settings or ServerSettings()
    card = Recogniser.open(model).card
    pool = Pool(find_model(model).resolve(), folder, settings)

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncGenerator[None]:
        await pool.warm()
        try:
            yield
        finally:
            await pool.close()

    needs_token = [Depends(HTTPBearer(auto_error=False))] if settings.token else None
    app = FastAPI(
        title="signnet",
        version=version("signnet"),
        summary="Recognises signs in videos and landmarks.",
        openapi_url="/v1/openapi.json",
        # Their pages load scripts from a foreign host, which ours may not.
        docs_url=None,
        redoc_url=None,
        lifespan=lifespan,
        dependencies=needs_token,
    )
    app.state.pool = pool
    app.add_middleware(Guard, settings=settings)
    _add_status(app, card, pool)
    _add_recognition(app, Uploads(pool, folder, settings))

    if site is not None:
        app.router.routes.append(_Page("/", _Site(directory=site, html=True)))
    return app


def _add_status(app: FastAPI, card: ModelCard, pool: Pool) -> None:
    known = {name: getattr(card, name) for name in Model.model_fields}
    model = Model.model_validate(known)

    # These are coroutines, so that they wait for no thread.
    @app.get("/v1/health", responses=_problems(401, 403, 421))
    async def health() -> Health:  # pyright: ignore[reportUnusedFunction]
        """Report that the server works."""
        return Health(
            status="ok",
            version=app.version,
            model=model.name,
            uploads=pool.jobs,
        )

    @app.get("/v1/models", responses=_problems(401, 403, 421))
    async def models() -> list[Model]:  # pyright: ignore[reportUnusedFunction]
        """List the models; for now there is one."""
        return [model]


def _add_recognition(app: FastAPI, uploads: Uploads) -> None:
    @app.post(
        "/v1/recognise",
        response_model=list[RecognisedClip],
        responses=_problems(*_PROBLEMS),
        openapi_extra={"requestBody": _FORM},
    )
    async def recognise(request: Request) -> Any:  # pyright: ignore[reportUnusedFunction]
        """Name the sign in a video, or in each clip of a file of landmarks."""
        try:
            return await uploads.recognise(request)
        except ClientDisconnect:
            return Response(status_code=499)  # to nobody


def _problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    return {
        status: {"model": Problem, "description": _PROBLEMS[status]}
        for status in statuses
    }


class _Page(Mount):
    """All addresses but those of the interface, whose refusals name their methods."""

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        if scope["type"] != "http" or scope["path"].startswith("/v1/"):
            return Match.NONE, {}
        return super().matches(scope)


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
