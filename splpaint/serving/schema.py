"""What requests hold and answers give, as the API's description says it."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

__all__ = [
    "ComposeOptions",
    "Error",
    "InpaintJson",
    "InpaintOptions",
    "LimitsAnswer",
    "ModelAnswer",
    "PaintedAnswer",
    "ProgressAnswer",
    "SelectJson",
    "SelectedAnswer",
    "StateAnswer",
]

_Encoded = Annotated[
    str, Field(min_length=1, description="A picture's file in base64, bare or as a data URI.")
]


class Error(BaseModel):
    """Every error."""

    error: str = Field(description="Its kind.")
    detail: str = Field(description="What was expected, what was got, and what to do.")
    body: str = ""
    errors: str = Field(description="The same as detail, where clients of IOPaint look for it.")


class InpaintOptions(BaseModel):
    """How a picture is painted; other keys are ignored."""

    model_config = ConfigDict(extra="ignore")

    dilate: int = Field(0, ge=0, le=512, description="Pixels by which what is painted is grown, round.")
    feather: int = Field(0, ge=0, le=512, description="Pixels over which its inner edge is blended.")
    model: str | None = Field(
        None,
        max_length=200,
        description="A name from /api/v1/models; an unknown one paints with the default.",
    )
    format: str | None = Field(
        None, max_length=20, description="png, jpeg, webp, tiff ...; default: the picture's own."
    )
    quality: int | None = Field(
        None, ge=1, le=100, description="Of formats that lose detail; default: the picture's own settings."
    )
    hd_strategy: Literal["Original", "Resize", "Crop"] = Field(
        "Crop", description="Accepted for IOPaint's clients: any size is painted in full resolution."
    )
    hd_strategy_crop_trigger_size: int = Field(800, ge=0, le=1_000_000, description="Accepted likewise.")
    hd_strategy_crop_margin: int = Field(128, ge=0, le=1_000_000, description="Accepted likewise.")
    hd_strategy_resize_limit: int = Field(1280, ge=0, le=1_000_000, description="Accepted likewise.")
    sd_seed: int = Field(42, ge=-1, lt=2**63, description="Comes back in X-Seed; painting takes no chances.")


class InpaintJson(InpaintOptions):
    """A picture and its mask in base64."""

    image: _Encoded
    mask: _Encoded
    avoid: _Encoded | None = Field(None, description="A picture; nothing is copied from where it is white.")


class ComposeOptions(BaseModel):
    """How a composed picture is written; other keys are ignored."""

    model_config = ConfigDict(extra="ignore")

    format: str | None = Field(
        None, max_length=20, description="png, jpeg, webp, tiff ...; default: the lower picture's own."
    )
    quality: int | None = Field(
        None, ge=1, le=100, description="Of formats that lose detail; default: the picture's own settings."
    )


class SelectJson(BaseModel):
    """A picture in base64, and roughly where the thing is."""

    model_config = ConfigDict(extra="ignore")

    image: _Encoded
    box: str | tuple[int, int, int, int] | None = Field(
        None, description="X,Y,W,H in pixels, or a list of the four numbers."
    )
    stroke: _Encoded | None = None


class PaintedAnswer(BaseModel):
    """The painted picture, for ``Accept: application/json``."""

    image: str = Field(description="Its file in base64.")
    media_type: str
    width: int
    height: int
    model: str = Field(description="What painted it.")
    seconds: float
    notices: list[str]


class SelectedAnswer(BaseModel):
    """The mask of a thing, for ``Accept: application/json``."""

    mask: str = Field(description="A PNG in base64, white = the thing.")
    media_type: str = "image/png"
    width: int
    height: int
    share: float = Field(description="Of the picture that is marked, in [0,1].")


class ModelAnswer(BaseModel):
    """A model that may be asked for."""

    name: str
    kind: Literal["bundled", "added", "foreign"]
    title: str
    good_for: str
    licence: str
    is_default: bool
    is_loaded: bool


class ProgressAnswer(BaseModel):
    """How far a request is."""

    state: Literal["waiting", "painting", "done"]
    ahead: int = Field(description="Requests before it.")
    done: int = Field(description="Steps done.")
    steps: int = Field(description="Steps in all; 0: not known yet.")
    seconds_left: float | None = Field(description="An estimate; null: nothing is known yet.")


class LimitsAnswer(BaseModel):
    """What the server takes."""

    max_bytes: int
    max_pixels: int
    formats: list[str]
    needs_key: bool


class StateAnswer(BaseModel):
    """How the server is."""

    state: Literal["alive", "ready"]
