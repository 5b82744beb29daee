"""What the tests of ``splpaint paint`` share: a stand-in model, noise, a way to run the command."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest
import typer
from PIL import Image

from splpaint.cli.paint import paint
from splpaint.cli.terminal import in_options
from splpaint.errors import SplpaintError
from splpaint.images.arrays import Pixels
from tests.stand_in_model import write_stand_in

HEIGHT, WIDTH = 30, 40
BOX = "5,6,10,8"
LOSSLESS = {".png", ".tif", ".bmp"}


class Run(NamedTuple):
    code: int
    out: str
    err: str


RunPaint = Callable[..., Run]


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_stand_in(tmp_path_factory.mktemp("models") / "model", working_size_px=64)


@pytest.fixture
def run(model: Path, capsys: pytest.CaptureFixture[str]) -> RunPaint:
    """Run ``splpaint paint`` in this process, as ``splpaint.cli.app.main`` does."""
    app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
    app.command()(paint)

    def _run(*arguments: object) -> Run:
        try:
            app([*map(str, arguments), "--model", str(model)])
        except SystemExit as end:
            code = int(end.code or 0)
        except SplpaintError as error:
            typer.echo(f"error: {in_options(str(error))}", err=True)
            code = 2
        return Run(code, *capsys.readouterr())

    return _run


def noise(mode: str = "RGB", height: int = HEIGHT, width: int = WIDTH) -> Image.Image:
    pixels: Pixels = np.random.default_rng(0).integers(0, 256, (height, width, 4), np.uint8)
    return Image.fromarray(pixels if mode.endswith("A") else pixels[:, :, :3].copy()).convert(mode)


def save_mask(path: Path, height: int = HEIGHT, width: int = WIDTH) -> Path:
    mask = np.zeros((height, width), np.uint8)
    mask[height // 4 : height // 2 + 1, width // 4 : width // 2 + 1] = 255
    Image.fromarray(mask).save(path)
    return path


def files(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}


def assert_refused(done: Run, folder: Path, before: dict[str, bytes]) -> None:
    assert done.code == 2
    assert done.out == ""
    assert done.err.splitlines()[-1].startswith("error: ")
    assert "Traceback" not in done.err
    assert len(done.err.splitlines()[-1]) < 1000
    assert files(folder) == before


def png(image: Image.Image, **options: Any) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, "PNG", **options)
    return buffer.getvalue()
