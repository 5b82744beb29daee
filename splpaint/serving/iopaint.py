"""What else clients of IOPaint ask for, its own web application among them, so that they work unchanged.

Everything that IOPaint would do with other programs, diffusion, plugins, files on the server, is said to be off.
"""

from __future__ import annotations

import io
from typing import Literal

import numpy as np
from fastapi import FastAPI, Request, Response
from PIL import Image
from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

from splpaint.images import dilate, read_mask
from splpaint.serving.bench import Bench
from splpaint.serving.description import BINARY, ERRORS, body_of
from splpaint.serving.desk import Desk
from splpaint.serving.intake import Received, decode, parse_json
from splpaint.serving.refusals import RefusedError
from splpaint.serving.shelf import Shelf
from splpaint.serving.workshop import Job

__all__ = ["MODEL_COOKIE", "add_iopaint"]

MODEL_COOKIE = "splpaint-model"
"""Holds the model that a client of IOPaint has switched to: each client has its own, whoever else is served."""
TAG = "IOPaint"
_BRUSH = (255, 203, 0, 186)  # as IOPaint's page shows masks: RGBA


class ModelInfo(BaseModel):
    """A model, as IOPaint describes its own."""

    model_config = ConfigDict(protected_namespaces=())

    name: str
    path: str
    model_type: Literal["inpaint"] = "inpaint"
    is_single_file_diffusers: bool = False
    need_prompt: bool = False
    controlnets: list[str] = []
    brushnets: list[str] = []
    support_strength: bool = False
    support_outpainting: bool = False
    support_lcm_lora: bool = False
    support_controlnet: bool = False
    support_brushnet: bool = False
    support_powerpaint_v2: bool = False


class ServerConfig(BaseModel):
    """What a server of IOPaint can do; names are IOPaint's."""

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True, protected_namespaces=())

    plugins: list[str] = []
    model_infos: list[ModelInfo]
    remove_bg_model: str = Field(default="briaai/RMBG-1.4", alias="removeBGModel")
    remove_bg_models: list[str] = Field(default=[], alias="removeBGModels")
    realesrgan_model: str = "realesr-general-x4v3"
    realesrgan_models: list[str] = []
    interactive_seg_model: str = "vit_b"
    interactive_seg_models: list[str] = []
    enable_file_manager: bool = False
    enable_auto_saving: bool = False
    enable_controlnet: bool = False
    controlnet_method: str | None = None
    disable_model_switch: bool = False
    is_desktop: bool = False
    samplers: list[str] = []


class SwitchModelJson(BaseModel):
    """The model that this client wants."""

    name: str = Field(max_length=200)


class AdjustMaskJson(BaseModel):
    """A mask to be changed."""

    mask: str = Field(min_length=1, description="A picture's file in base64, white = marked.")
    operate: Literal["expand", "shrink", "reverse"]
    kernel_size: int = Field(5, ge=0, le=512, description="Pixels.")


class GenInfo(BaseModel):
    """What another program's prompt was; none is looked for."""

    prompt: str = ""
    negative_prompt: str = ""


def add_iopaint(app: FastAPI, desk: Desk, shelf: Shelf, bench: Bench) -> None:
    """Add what clients of IOPaint ask for besides painting."""

    def asked_for(request: Request) -> str:
        name = request.cookies.get(MODEL_COOKIE, "")
        return name if shelf.knows(name) else shelf.default

    @app.get("/api/v1/server-config", tags=[TAG], summary="What IOPaint's page may offer")
    async def server_config() -> ServerConfig:
        return ServerConfig(model_infos=[_describe(model.name) for model in shelf.list()])

    @app.get("/api/v1/model", tags=[TAG], summary="The model that paints for this client")
    async def model(request: Request) -> ModelInfo:
        return _describe(asked_for(request))

    @app.post("/api/v1/model", tags=[TAG], summary="Choose the model for this client", responses=ERRORS)
    async def switch_model(body: SwitchModelJson, response: Response) -> ModelInfo:
        if not shelf.knows(body.name):
            served = ", ".join(model.name for model in shelf.list())
            raise RefusedError(422, f"name must be one of {served}, got {body.name[:60]}; choose one")
        response.set_cookie(MODEL_COOKIE, body.name, httponly=True, samesite="strict")
        return _describe(body.name)

    @app.get("/api/v1/samplers", tags=[TAG], summary="None: nothing is drawn by chance")
    async def samplers() -> list[str]:
        return []

    @app.get(
        "/api/v1/inputimage",
        tags=[TAG],
        summary="None: no file is shown",
        status_code=204,
        response_class=Response,
    )
    async def input_image() -> None:
        return None

    @app.post("/api/v1/gen-info", tags=[TAG], summary="The prompt of a picture: none is looked for")
    async def gen_info(request: Request) -> GenInfo:
        async for _ in request.stream():
            pass
        return GenInfo()

    @app.post(
        "/api/v1/adjust_mask",
        tags=[TAG],
        summary="Grow, shrink or invert a mask",
        response_class=Response,
        responses={200: {"content": {"image/png": {"schema": BINARY}}, "description": "The mask"}, **ERRORS},
        openapi_extra={"requestBody": body_of(AdjustMaskJson)},
    )
    async def adjust_mask(request: Request) -> Response:
        data = await desk.take(request, lambda received, job: _adjusted(received, job, bench))
        return Response(data, media_type="image/png")


def _describe(name: str) -> ModelInfo:
    return ModelInfo(name=name, path=name)


def _adjusted(received: Received, job: Job, bench: Bench) -> bytes:
    asked = parse_json(received.json or b"", AdjustMaskJson)
    data = decode(asked.mask, "mask")
    with bench.admit({"mask": data}, job):
        hole = read_mask("mask", data)
    if asked.operate == "reverse":
        hole = ~hole
    elif asked.operate == "expand":
        hole = dilate(hole, asked.kernel_size)
    else:
        hole = ~dilate(~hole, asked.kernel_size)
    shown = np.where(hole[:, :, None], np.array(_BRUSH, np.uint8), np.uint8(0))
    buffer = io.BytesIO()
    Image.fromarray(shown).save(buffer, "PNG")
    return buffer.getvalue()
