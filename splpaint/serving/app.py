"""The application: which request is answered by what."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.middleware.cors import CORSMiddleware
from fastapi.responses import JSONResponse, Response
from fastapi.staticfiles import StaticFiles
from starlette.exceptions import HTTPException

from splpaint.serving.bounds import BodyBounds, KeyGate, SecurityHeaders
from splpaint.serving.intake import FORMATS, receive
from splpaint.serving.painting import PaintedPicture, Studio
from splpaint.serving.picking import Picker, SelectedPicture
from splpaint.serving.refusals import RefusedError, answer_to
from splpaint.serving.schema import (
    LimitsAnswer,
    ModelAnswer,
    PaintedAnswer,
    ProgressAnswer,
    SelectedAnswer,
)
from splpaint.serving.settings import ServeSettings
from splpaint.serving.shelf import Shelf
from splpaint.serving.workshop import Workshop

__all__ = ["make_app"]

PAGE = Path(__file__).parent / "page"
_REQUEST_NAME = re.compile(r"[A-Za-z0-9_-]{1,64}")
_EXPOSED = ["X-Model", "X-Notices", "X-Seed", "Retry-After"]


def make_app(settings: ServeSettings, shelf: Shelf, workshop: Workshop) -> FastAPI:
    """Make the application.

    Args:
        settings: What the server was told.
        shelf: Its models.
        workshop: Its queue.
    """
    app = FastAPI(title="splpaint", docs_url=None, redoc_url=None, openapi_url="/openapi.json")
    _add_painting(app, settings, shelf, workshop)
    _add_state(app, settings, shelf, workshop)
    _answer_errors(app)
    app.mount("/", StaticFiles(directory=PAGE, html=True))
    app.add_middleware(BodyBounds, limits=settings.limits)
    app.add_middleware(KeyGate, key=settings.api_key)
    if settings.cors:
        app.add_middleware(
            CORSMiddleware,
            allow_origins=list(settings.cors),
            allow_methods=["GET", "POST"],
            allow_headers=["*"],
            expose_headers=_EXPOSED,
        )
    app.add_middleware(SecurityHeaders)
    return app


def _add_painting(app: FastAPI, settings: ServeSettings, shelf: Shelf, workshop: Workshop) -> None:
    studio, picker = Studio(shelf, settings.limits), Picker(settings.limits)

    @app.post("/api/v1/inpaint")
    async def inpaint(request: Request) -> Response:
        workshop.require_place()
        received = await receive(request, settings.limits)
        work = partial(studio.paint, received)
        del received
        painted = await workshop.run(work, _gone(request), _name_of(request))
        return _painted(painted, as_json=_wants_json(request))

    @app.post("/api/v1/select")
    async def select(request: Request) -> Response:
        workshop.require_place()
        received = await receive(request, settings.limits)
        work = partial(picker.select, received)
        del received
        selected = await workshop.run(work, _gone(request), _name_of(request))
        return _selected(selected, as_json=_wants_json(request))


def _add_state(app: FastAPI, settings: ServeSettings, shelf: Shelf, workshop: Workshop) -> None:
    @app.get("/api/v1/models")
    async def models() -> list[ModelAnswer]:
        return shelf.list()

    @app.get("/api/v1/model")
    async def model() -> dict[str, Any]:
        return {"name": shelf.default, "path": shelf.default, "model_type": "inpaint"}

    @app.get("/api/v1/server-config")
    async def server_config() -> dict[str, Any]:
        return {"modelInfos": [{"name": shelf.default}], "plugins": []}

    @app.get("/api/v1/progress/{request_id}")
    async def progress(request_id: str) -> ProgressAnswer:
        found = workshop.progress_of(request_id)
        if found is None:
            raise RefusedError(404, "no request of this name is known; send one with X-Request-ID")
        return found

    @app.get("/api/v1/limits")
    async def limits() -> LimitsAnswer:
        return LimitsAnswer(
            max_bytes=settings.limits.max_bytes,
            max_pixels=settings.limits.max_pixels,
            formats=list(dict.fromkeys(FORMATS.values())),
            needs_key=settings.api_key is not None,
        )

    @app.get("/healthz")
    async def healthz() -> dict[str, str]:
        return {"status": "alive"}

    @app.get("/readyz")
    async def readyz() -> dict[str, str]:
        if workshop.draining:
            raise RefusedError(503, "the server is ending", retry_after_s=5)
        return {"status": "ready"}


def _answer_errors(app: FastAPI) -> None:
    @app.exception_handler(RefusedError)
    async def refused(_: Request, refusal: RefusedError) -> JSONResponse:
        return answer_to(refusal)

    @app.exception_handler(HTTPException)
    async def failed(_: Request, error: HTTPException) -> JSONResponse:
        return answer_to(RefusedError(error.status_code, str(error.detail)))

    @app.exception_handler(RequestValidationError)
    async def invalid(_: Request, error: RequestValidationError) -> JSONResponse:
        return answer_to(RefusedError(422, "; ".join(str(each["msg"]) for each in error.errors())))

    @app.exception_handler(Exception)
    async def broken(_: Request, error: Exception) -> JSONResponse:
        return answer_to(RefusedError(500, "something is wrong in the server; its log says what"))


def _gone(request: Request) -> Callable[[], Awaitable[None]]:
    async def left() -> None:
        while (await request.receive())["type"] != "http.disconnect":
            pass

    return left


def _name_of(request: Request) -> str | None:
    name = request.headers.get("x-request-id", "")
    return name if _REQUEST_NAME.fullmatch(name) else None


def _wants_json(request: Request) -> bool:
    return request.headers.get("accept", "").partition(";")[0].strip().lower() == "application/json"


def _painted(painted: PaintedPicture, *, as_json: bool) -> Response:
    headers = {
        "X-Model": painted.model,
        "X-Notices": json.dumps(painted.notices),
        "X-Seed": str(painted.seed),
    }
    if not as_json:
        return Response(painted.data, headers=headers, media_type=painted.media_type)
    width, height = painted.size
    answer = PaintedAnswer(
        image=base64.b64encode(painted.data).decode(),
        media_type=painted.media_type,
        width=width,
        height=height,
        model=painted.model,
        seconds=round(painted.seconds, 3),
        notices=painted.notices,
    )
    return Response(answer.model_dump_json(), headers=headers, media_type="application/json")


def _selected(selected: SelectedPicture, *, as_json: bool) -> Response:
    if not as_json:
        return Response(selected.data, media_type="image/png")
    width, height = selected.size
    answer = SelectedAnswer(
        mask=base64.b64encode(selected.data).decode(), width=width, height=height, share=selected.share
    )
    return Response(answer.model_dump_json(), media_type="application/json")
