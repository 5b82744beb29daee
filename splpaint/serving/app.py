"""The application: which request is answered by what."""

from __future__ import annotations

import base64
import json
import logging
from pathlib import Path

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.middleware.cors import CORSMiddleware
from fastapi.responses import HTMLResponse, JSONResponse, PlainTextResponse, Response
from fastapi.staticfiles import StaticFiles
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.routing import Route

from splpaint.serving.bench import Bench, formats_taken
from splpaint.serving.bounds import BodyBounds, Gate, SecurityHeaders
from splpaint.serving.composing import Composer
from splpaint.serving.description import ABOUT, COMPOSE, ERRORS, INPAINT, SELECT
from splpaint.serving.desk import Desk
from splpaint.serving.iopaint import MODEL_COOKIE, add_iopaint
from splpaint.serving.meter import Figures, Meter
from splpaint.serving.painting import PaintedPicture, Studio, media_type_of
from splpaint.serving.picking import Picker, SelectedPicture
from splpaint.serving.reference import reference_page
from splpaint.serving.refusals import RefusedError, answer_to
from splpaint.serving.schema import (
    LimitsAnswer,
    ModelAnswer,
    PaintedAnswer,
    ProgressAnswer,
    SelectedAnswer,
    StateAnswer,
)
from splpaint.serving.settings import ServeSettings
from splpaint.serving.shelf import Shelf
from splpaint.serving.workshop import Workshop
from splpaint.versions import __version__

__all__ = ["make_app"]

PAGE = Path(__file__).parent / "page"
_LOG = logging.getLogger("uvicorn.error")
_EXPOSED = ["X-Model", "X-Notices", "X-Seed", "Retry-After"]


def make_app(settings: ServeSettings, shelf: Shelf, workshop: Workshop) -> FastAPI:
    """Make the application.

    Args:
        settings: What the server was told.
        shelf: Its models.
        workshop: Its queue.
    """
    app = FastAPI(title="splpaint", version=__version__, description=ABOUT, docs_url=None, redoc_url=None)
    desk, bench = Desk(workshop, settings.limits), Bench(settings.limits.max_pixels)
    figures = Figures(workshop)
    _add_painting(app, desk, shelf, bench)
    _add_facts(app, settings, shelf, workshop)
    add_iopaint(app, desk, shelf, bench)
    _add_operation(app, workshop, figures)
    _answer_errors(app)
    paths = frozenset(route.path for route in app.routes if isinstance(route, Route))
    app.mount("/", StaticFiles(directory=PAGE, html=True))
    app.add_middleware(BodyBounds, limits=settings.limits)
    app.add_middleware(Gate, key=settings.api_key, origins=settings.cors)
    if settings.cors:
        app.add_middleware(
            CORSMiddleware,
            allow_origins=list(settings.cors),
            allow_methods=["GET", "POST"],
            allow_headers=["*"],
            expose_headers=_EXPOSED,
        )
    app.add_middleware(SecurityHeaders)
    app.add_middleware(Meter, figures=figures, paths=paths)
    return app


def _add_painting(app: FastAPI, desk: Desk, shelf: Shelf, bench: Bench) -> None:
    studio, picker, composer = Studio(shelf, bench), Picker(bench), Composer(bench)

    @app.post("/api/v1/inpaint", response_class=Response, **INPAINT)
    async def inpaint(request: Request) -> Response:
        chosen = request.cookies.get(MODEL_COOKIE)
        painted = await desk.take(request, lambda received, job: studio.paint(received, job, chosen))
        return _painted(painted, as_json=_wants_json(request))

    @app.post("/api/v1/select", response_class=Response, **SELECT)
    async def select(request: Request) -> Response:
        return _selected(await desk.take(request, picker.select), as_json=_wants_json(request))

    @app.post("/api/v1/compose", response_class=Response, **COMPOSE)
    async def compose(request: Request) -> Response:
        data, format = await desk.take(request, composer.compose)
        return Response(data, media_type=media_type_of(format))


def _add_facts(app: FastAPI, settings: ServeSettings, shelf: Shelf, workshop: Workshop) -> None:
    formats = formats_taken()

    @app.get("/api/v1/models", summary="The models that may be asked for", responses=_only(401))
    async def models() -> list[ModelAnswer]:
        return shelf.list()

    @app.get("/api/v1/limits", summary="What this server takes")
    async def limits() -> LimitsAnswer:
        return LimitsAnswer(
            max_bytes=settings.limits.max_bytes,
            max_pixels=settings.limits.max_pixels,
            formats=formats,
            needs_key=settings.api_key is not None,
        )

    @app.get(
        "/api/v1/progress/{request_id}",
        summary="How far a request is that was sent with X-Request-ID",
        responses=_only(401, 404),
    )
    async def progress(request_id: str) -> ProgressAnswer:
        found = workshop.progress_of(request_id)
        if found is None:
            raise RefusedError(404, "no request of this name is known; send one with X-Request-ID")
        return found


def _add_operation(app: FastAPI, workshop: Workshop, figures: Figures) -> None:
    @app.get("/healthz", summary="Whether the process lives")
    async def healthz() -> StateAnswer:
        return StateAnswer(state="alive")

    @app.get("/readyz", summary="Whether work is taken", responses=_only(503))
    async def readyz() -> StateAnswer:
        workshop.require_open()
        return StateAnswer(state="ready")

    @app.get(
        "/metrics",
        summary="Figures for Prometheus",
        response_class=PlainTextResponse,
        responses=_only(401),
    )
    async def metrics() -> Response:
        return Response(figures.text(), media_type="text/plain; version=0.0.4; charset=utf-8")

    @app.get("/docs", include_in_schema=False)
    async def reference() -> HTMLResponse:
        return HTMLResponse(reference_page(app.openapi()))


def _answer_errors(app: FastAPI) -> None:
    @app.exception_handler(RefusedError)
    async def refused(_: Request, error: RefusedError) -> JSONResponse:
        if error.status == 500:
            _LOG.error(error.detail)
        return answer_to(error)

    @app.exception_handler(ClientDisconnect)
    async def left(_: Request, __: ClientDisconnect) -> JSONResponse:
        return answer_to(RefusedError(499, "the client has left"))

    @app.exception_handler(HTTPException)
    async def failed(request: Request, error: HTTPException) -> JSONResponse:
        path = request.url.path
        taken = {
            method
            for route in app.routes
            if isinstance(route, Route) and route.path == path
            for method in route.methods or ()
        }
        if error.status_code in {404, 405} and taken:
            methods = ", ".join(sorted(taken))
            answer = answer_to(RefusedError(405, f"{path} takes {methods}, got {request.method}"))
            answer.headers["Allow"] = methods
            return answer
        detail = (
            "there is nothing here; /docs says what there is" if error.status_code == 404 else error.detail
        )
        return answer_to(RefusedError(error.status_code, str(detail)))

    @app.exception_handler(RequestValidationError)
    async def invalid(_: Request, error: RequestValidationError) -> JSONResponse:
        return answer_to(RefusedError(422, "; ".join(str(each["msg"]) for each in error.errors())))

    @app.exception_handler(Exception)
    async def broken(_: Request, __: Exception) -> JSONResponse:
        return answer_to(RefusedError(500, "something is wrong in the server; its log says what"))


def _only(*statuses: int) -> dict[int | str, dict[str, object]]:
    return {status: ERRORS[status] for status in statuses}


def _wants_json(request: Request) -> bool:
    # Alone: libraries that name it first and then everything else mean no more than that they can read it.
    kinds = request.headers.get("accept", "").lower().split(",")
    return [kind.partition(";")[0].strip() for kind in kinds] == ["application/json"]


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
