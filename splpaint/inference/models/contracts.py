"""A contract: what a network takes and gives, so that networks made elsewhere run as ours do.

It lies beside the network as ``contract.json``. The files of other projects agree in nothing: what marks the hole, the
range of values, what the hole must hold, the order of channels; a picture that is fed the wrong way is spoilt, and
nothing says so.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from splpaint.errors import ModelError

__all__ = ["OURS", "Contract", "ValueRange", "bounds_of", "parse_contract", "read_contract"]

ValueRange = Literal["0..1", "0..255", "-1..1"]
_BOUNDS: dict[ValueRange, tuple[float, float]] = {"0..1": (0, 1), "0..255": (0, 255), "-1..1": (-1, 1)}
_MOST_BYTES = 1 << 16


class Contract(BaseModel):
    """What a network takes and gives. The hole, the image and the output are of one height and width.

    Attributes:
        inputs: Names of the image (3 channels) and the mask (1 channel); or of the one input that holds both.
        output: Name of the painted image; None: the only output.
        layout: Axes of inputs and output.
        dtype: Of the inputs.
        channel_order: Of image and output.
        image_range: Values from black to white, as the network gets them.
        hole_value: What the mask holds where the image is missing.
        known_value: What it holds elsewhere.
        mask_first: Of the one input for both, the mask is the first channel, not the last.
        hole_holds: What the image must hold where it is missing: the number 0 or 1, as the network gets it; the mean
            of what is known; or anything, since the network does not look.
        output_range: Values from black to white, as the network gives them.
        composited: Outside the hole the network gives back what it got. The painter does not rely on that.
        size_multiple: Height and width in pixels are multiples of this.
        working_size_px: Height and width are no larger than this. If both are equal, the size is fixed.
        bf16_safe: The network may be computed in bfloat16, too, without harm.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    inputs: tuple[str, ...] = Field(min_length=1, max_length=2)
    output: str | None = None
    layout: Literal["NCHW", "NHWC"] = "NCHW"
    dtype: Literal["float32", "uint8"] = "float32"
    channel_order: Literal["RGB", "BGR"] = "RGB"
    image_range: ValueRange
    hole_value: float = Field(ge=-255, le=255)
    known_value: float = Field(ge=-255, le=255)
    mask_first: bool = False
    hole_holds: Literal["zero", "one", "mean", "anything"]
    output_range: ValueRange
    composited: bool
    size_multiple: int = Field(ge=1, le=1024)
    working_size_px: int = Field(default=512, ge=16, le=8192)
    bf16_safe: bool = False

    @model_validator(mode="after")
    def _check(self) -> Contract:
        if len(set(self.inputs)) < len(self.inputs):
            raise ValueError(f"inputs must have two names, got {self.inputs[0]} twice")
        if self.hole_value == self.known_value:
            raise ValueError(f"hole_value and known_value must differ, both are {self.hole_value:g}")
        if self.working_size_px % self.size_multiple:
            raise ValueError(
                f"working_size_px must be a multiple of size_multiple {self.size_multiple}, got {self.working_size_px}"
            )
        if self.dtype == "uint8" and not self._of_bytes():
            raise ValueError("uint8 holds the image_range 0..255 and whole mask values from 0 to 255 alone")
        if self.mask_first and len(self.inputs) == 2:
            raise ValueError(
                "mask_first is for one input of four channels; the order of two is that of inputs"
            )
        return self

    def _of_bytes(self) -> bool:
        marks = (self.hole_value, self.known_value)
        return self.image_range == "0..255" and all(mark >= 0 and mark == int(mark) for mark in marks)

    @property
    def fixed_size(self) -> bool:
        """Whether the network gets images of one size only."""
        return self.size_multiple == self.working_size_px

    @property
    def channels(self) -> dict[str, int]:
        """The channels of each input."""
        return dict(zip(self.inputs, (3, 1) if len(self.inputs) == 2 else (4,), strict=True))

    def encoded(self) -> bytes:
        """The content of ``contract.json``."""
        return (self.model_dump_json(indent=2) + "\n").encode()

    def sha256(self) -> str:
        """Tells contracts apart, however they are written."""
        return hashlib.sha256(self.encoded()).hexdigest()


OURS = Contract(
    inputs=("image", "hole"),
    output="painted",
    image_range="0..1",
    hole_value=1,
    known_value=0,
    hole_holds="anything",
    output_range="0..1",
    composited=False,
    size_multiple=64,
    working_size_px=256,
    bf16_safe=True,
)
"""What our own networks take and give; a model's ``config.json`` says in which sizes."""


def bounds_of(values: ValueRange) -> tuple[float, float]:
    """Black and white in a range of values."""
    return _BOUNDS[values]


def read_contract(path: Path) -> Contract:
    """Read a contract's file.

    Raises:
        ModelError: It cannot be read, or is no contract.
    """
    try:
        with path.open("rb") as file:
            data = file.read(_MOST_BYTES)
    except OSError as error:
        raise ModelError(
            f"a contract must be a JSON file that can be read, got {path} ({error.strerror}); check the path"
        ) from error
    return parse_contract(data, str(path))


def parse_contract(data: bytes | str, source: str) -> Contract:
    """Parse a contract.

    Args:
        data: JSON.
        source: What messages call it.

    Raises:
        ModelError: It is no contract.
    """
    try:
        return Contract.model_validate_json(data)
    except ValidationError as error:
        problems = "; ".join(f"{'.'.join(map(str, e['loc'])) or 'JSON'}: {e['msg']}" for e in error.errors())
        raise ModelError(
            f"{source} must describe what a network takes and gives, got {problems[:600]}; "
            "docs/models.md lists the keys"
        ) from error
