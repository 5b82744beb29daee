"""What the API's description (OpenAPI) says that signatures cannot: bodies in two forms, files as answers, examples."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel

from splpaint.serving.schema import (
    ComposeOptions,
    Error,
    InpaintJson,
    InpaintOptions,
    PaintedAnswer,
    SelectedAnswer,
    SelectJson,
)

__all__ = ["ABOUT", "BINARY", "COMPOSE", "ERRORS", "INPAINT", "SELECT", "body_of"]

ABOUT = "Removes from pictures what a mask marks; known pixels stay as they are."
BINARY: dict[str, Any] = {"type": "string", "format": "binary"}
_MEANINGS = {
    400: "The mask's size is not the picture's, or the request is malformed",
    401: "A key is needed",
    403: "The request comes from a page of another origin",
    404: "There is no such thing",
    408: "The upload was too slow",
    413: "Too many bytes or pixels",
    415: "A format that is not taken",
    422: "A value is not what it must be, or a picture is damaged",
    429: "The queue is full: come again after Retry-After seconds",
    503: "Starting, draining, or the work took too long",
}
_LATER = {"Retry-After": {"description": "Seconds.", "schema": {"type": "integer", "minimum": 1}}}
ERRORS: dict[int | str, dict[str, Any]] = {
    status: {
        "model": Error,
        "description": meaning,
        **({"headers": _LATER} if status in {429, 503} else {}),
    }
    for status, meaning in _MEANINGS.items()
}
_PAINTED_HEADERS = {
    "X-Model": {"description": "The model that painted.", "schema": {"type": "string"}},
    "X-Notices": {
        "description": "What should be known: a JSON list of sentences.",
        "schema": {"type": "string"},
    },
    "X-Seed": {"description": "As it was asked for.", "schema": {"type": "integer"}},
}
_REQUEST_ID = {
    "name": "X-Request-ID",
    "in": "header",
    "description": "A name that nobody guesses, for /api/v1/progress.",
    "schema": {"type": "string", "pattern": "^[A-Za-z0-9_-]{1,64}$"},
}
_KINDS = ("png", "jpeg", "webp", "tiff", "bmp", "avif", "heif", "jxl")

CURL_INPAINT = """\
curl -F image=@photo.jpg -F mask=@mask.png -o painted.jpg http://127.0.0.1:8080/api/v1/inpaint
"""
PYTHON_INPAINT = """\
import base64
import json
import urllib.request
from pathlib import Path


def encoded(path):
    return base64.b64encode(Path(path).read_bytes()).decode()


request = urllib.request.Request(
    "http://127.0.0.1:8080/api/v1/inpaint",
    json.dumps({"image": encoded("photo.jpg"), "mask": encoded("mask.png")}).encode(),
    {"Content-Type": "application/json"},
)
with urllib.request.urlopen(request) as answer:
    Path("painted.jpg").write_bytes(answer.read())
"""
CURL_SELECT = """\
curl -F image=@photo.jpg -F box=295,120,50,290 -o thing.png http://127.0.0.1:8080/api/v1/select
"""


def body_of(model: type[BaseModel], form: dict[str, Any] | None = None) -> dict[str, Any]:
    """A request's body: JSON of a model, or a form."""
    content: dict[str, Any] = {"application/json": {"schema": model.model_json_schema()}}
    if form is not None:
        content["multipart/form-data"] = {"schema": form}
    return {"required": True, "content": content}


def _form(options: type[BaseModel] | None, files: dict[str, str], needed: list[str]) -> dict[str, Any]:
    properties = {name: {**BINARY, "description": told} for name, told in files.items()}
    fields = options.model_json_schema()["properties"] if options else {}
    return {"type": "object", "properties": {**properties, **fields}, "required": needed}


def _files(
    kinds: tuple[str, ...], answer: type[BaseModel], told: str, headers: dict[str, Any] | None = None
) -> dict[int | str, dict[str, Any]]:
    content: dict[str, Any] = {f"image/{kind}": {"schema": BINARY} for kind in kinds}
    content["application/json"] = {"schema": answer.model_json_schema()}
    return {200: {"description": told, "content": content, "headers": headers or {}}, **ERRORS}


_MASKS = "A picture of the image's size, white = "
INPAINT: dict[str, Any] = {
    "summary": "Paint what a mask marks",
    "description": "Everything else stays as it is; format, size, colour profile, metadata and 16 bits are kept.",
    "responses": _files(_KINDS, PaintedAnswer, "The painted picture's file", _PAINTED_HEADERS),
    "openapi_extra": {
        "parameters": [_REQUEST_ID],
        "requestBody": body_of(
            InpaintJson,
            form=_form(
                InpaintOptions,
                {
                    "image": "The picture's file.",
                    "mask": f"{_MASKS}painted.",
                    "avoid": f"{_MASKS}nothing is copied from here.",
                },
                ["image", "mask"],
            ),
        ),
        "x-codeSamples": [
            {"lang": "Shell", "source": CURL_INPAINT},
            {"lang": "Python", "source": PYTHON_INPAINT},
        ],
    },
}
SELECT: dict[str, Any] = {
    "summary": "Select a thing by a box or a rough stroke",
    "description": "By GrabCut: what the box holds or the stroke covers is told from what surrounds it.",
    "responses": _files(("png",), SelectedAnswer, "The mask, white = the thing"),
    "openapi_extra": {
        "parameters": [_REQUEST_ID],
        "requestBody": body_of(
            SelectJson,
            form={
                "type": "object",
                "properties": {
                    "image": {**BINARY, "description": "The picture's file."},
                    "box": {"type": "string", "description": "X,Y,W,H in pixels."},
                    "stroke": {**BINARY, "description": f"{_MASKS}roughly the thing."},
                },
                "required": ["image"],
            },
        ),
        "x-codeSamples": [{"lang": "Shell", "source": CURL_SELECT}],
    },
}
COMPOSE: dict[str, Any] = {
    "summary": "Put one picture over another where a mask says so",
    "description": "The answer has the format, settings and metadata of the lower one; without an upper one it is the "
    "lower one, in another format if asked for.",
    "responses": {
        200: {
            "description": "The composed picture's file",
            "content": {f"image/{kind}": {"schema": BINARY} for kind in _KINDS},
        },
        **ERRORS,
    },
    "openapi_extra": {
        "parameters": [_REQUEST_ID],
        "requestBody": {
            "required": True,
            "content": {
                "multipart/form-data": {
                    "schema": _form(
                        ComposeOptions,
                        {
                            "image": "The lower picture's file.",
                            "over": "The upper one's, of its size.",
                            "mask": f"{_MASKS}the upper one shows; without it, everywhere.",
                        },
                        ["image"],
                    )
                }
            },
        },
    },
}
