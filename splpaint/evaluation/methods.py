"""What is compared: models, classical baselines, results that another method left in a folder, any Python callable.

A method is cheap to make and to send to another process; ``open`` loads what it needs.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from splpaint.errors import InputError, did_you_mean
from splpaint.evaluation.baselines import BASELINES, PACKAGES
from splpaint.evaluation.results_folder import ResultsFolder
from splpaint.images import Hole, Pixels
from splpaint.inference import load_inpainter
from splpaint.inference.models import find_model
from splpaint.model_folder import file_sha256
from splpaint.pairs import PairRecord
from splpaint.precision import PrecisionChoice, precision_named
from splpaint.versions import package_version

__all__ = [
    "BaselineMethod",
    "CallableMethod",
    "LoadedPair",
    "Method",
    "ModelMethod",
    "OpenMethod",
    "Painted",
    "ResultsMethod",
    "parse_model",
]

Painted = NDArray[Any]
"""uint8 (H,W,3), or float32 (H,W,3) in [0,1], which a protocol turns into 8 bits its own way."""


class LoadedPair(NamedTuple):
    """A pair as every method sees it.

    Attributes:
        name: Its name in folders of results.
        record: Its line of the manifest.
        image: uint8 (H,W,3) RGB.
        hole: bool (H,W), True = missing.
    """

    name: str
    record: PairRecord
    image: Pixels
    hole: Hole


class OpenMethod(NamedTuple):
    """A method that is ready to paint.

    Attributes:
        identity: What a report says of it: whatever has an influence on its values.
        paint: From any thread; gives what it paints.
    """

    identity: Mapping[str, str | bool]
    paint: Callable[[LoadedPair], Painted]


class Method(Protocol):
    """One column of a comparison."""

    @property
    def name(self) -> str:
        """What tables call it."""

    def open(self, pairs: Path) -> OpenMethod:
        """Load it, for the pairs of a manifest.

        Raises:
            SplpaintError: It cannot be used.
        """


class ModelMethod(NamedTuple):
    """A model that the painter runs, ours or other people's.

    Attributes:
        name: What tables call it.
        model: Name of a bundled or an added model, or a model folder.
        texture: Fill thick holes with the picture's own texture, if the model asks for it.
        precision: ``auto``, ``fp32`` or ``bf16``.
        device: ``auto``, ``cpu``, ``cuda`` ...
        many_at_once: Use the cores for several pictures at once, or for one.
    """

    name: str
    model: str | Path
    texture: bool = True
    precision: PrecisionChoice = "auto"
    device: str = "auto"
    many_at_once: bool = True

    def open(self, pairs: Path) -> OpenMethod:
        """Load the model."""
        files = find_model(self.model)
        painter = load_inpainter(
            self.model,
            precision=self.precision,
            device=self.device,
            many_at_once=self.many_at_once,
            texture=self.texture,
        ).painter
        identity: dict[str, str | bool] = {
            "kind": "model",
            "model": files.name,
            "onnx_sha256": file_sha256(files.onnx),
            "engine": painter.engine,
            "precision": painter.precision,
            "copied_texture": self.texture and files.copied_texture,
        }
        if files.foreign:  # the same network paints otherwise by another contract
            identity["contract_sha256"] = files.contract.sha256()
        return OpenMethod(identity, lambda pair: painter(pair.image, pair.hole))


class BaselineMethod(NamedTuple):
    """A classical baseline, by its name in ``BASELINES``."""

    name: str

    def open(self, pairs: Path) -> OpenMethod:
        """Find the baseline.

        Raises:
            InputError: There is none of this name.
        """
        if self.name not in BASELINES:
            raise InputError(
                f"expected a baseline, one of {', '.join(sorted(BASELINES))}, got {self.name!r}"
                f"{did_you_mean(self.name, BASELINES)}"
            )
        paint, package = BASELINES[self.name], PACKAGES[self.name]
        identity = {"kind": "baseline", "package": f"{package} {package_version(package)}"}
        return OpenMethod(identity, lambda pair: paint(pair.image, pair.hole))


class ResultsMethod(NamedTuple):
    """Pictures that another method left in a folder, matched by the names of the pairs.

    Attributes:
        name: What tables call it.
        folder: Holds one picture for each pair, and nothing else.
    """

    name: str
    folder: Path

    def open(self, pairs: Path) -> OpenMethod:
        """Match the files with the pairs of a manifest.

        Raises:
            InputError: A picture is missing, surplus, there twice or of another size; all of them are looked at.
        """
        results = ResultsFolder(self.folder, pairs)
        identity = {"kind": "results", "folder": self.folder.name}
        return OpenMethod(identity, lambda pair: results.read(pair.name, pair.image, pair.hole))


class CallableMethod(NamedTuple):
    """Any callable.

    Attributes:
        name: What tables call it.
        paint: (image uint8 (H,W,3), hole bool (H,W)) => painted (H,W,3), uint8 or floats in [0,1]; called from
            several threads at once.
    """

    name: str
    paint: Callable[[Pixels, Hole], Painted]

    def open(self, pairs: Path) -> OpenMethod:
        """Check what it gives each time."""
        return OpenMethod({"kind": "callable"}, self._paint)

    def _paint(self, pair: LoadedPair) -> Painted:
        painted = np.asarray(self.paint(pair.image.copy(), pair.hole.copy()))
        levels = painted.dtype == np.uint8
        of_floats = painted.dtype.kind == "f" and bool(((painted >= 0) & (painted <= 1)).all())
        if painted.shape != pair.image.shape or not (levels or of_floats):
            raise InputError(
                f"{self.name} must paint uint8, or floats in [0,1], of the shape {pair.image.shape}, got "
                f"{painted.dtype} {painted.shape} for {pair.name}; convert what it gives"
            )
        return painted if levels else painted.astype(np.float32)


def parse_model(text: str) -> ModelMethod:
    """Read a model and how it runs: ``compact``, ``models/places2,texture=off,precision=bf16,device=cuda``.

    Raises:
        InputError: A setting is unknown or has a value that is.
    """
    model, *settings = text.split(",")
    chosen: dict[str, Any] = {}
    for setting in settings:
        key, _, value = setting.partition("=")
        if key not in _SETTINGS or (key == "texture" and value not in _SWITCH):
            raise InputError(
                f"expected MODEL,texture=off,precision=fp32,device=cpu or part of it, got {setting!r} in {text!r}"
                f"{did_you_mean(key, _SETTINGS)}"
            )
        chosen[key] = _SETTINGS[key](value)
    name = ",".join([Path(model).name, *settings])
    return ModelMethod(name, model, **chosen)


_SWITCH = {"on": True, "off": False}
_SETTINGS: Mapping[str, Callable[[str], Any]] = {
    "texture": _SWITCH.__getitem__,
    "precision": precision_named,
    "device": str,
}
