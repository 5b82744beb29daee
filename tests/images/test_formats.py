"""The formats that can be written: what is said of each holds for what Pillow writes."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from splpaint.errors import InputError
from splpaint.images.formats import FORMATS, Format, format_of, format_of_suffix, load_plugin, suffix_for


@pytest.fixture(params=FORMATS)
def format(request: pytest.FixtureRequest) -> Format:
    """Each format that can be written here."""
    found = FORMATS[request.param]
    if found.plugin:
        pytest.importorskip(found.plugin)
    load_plugin(found, needed_for="a test")
    return found


def _written(image: Image.Image, format: Format, **settings: object) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, format.name, **settings)
    return buffer.getvalue()


def _noise(channels: int) -> Image.Image:
    return Image.fromarray(np.random.default_rng(0).integers(0, 256, (64, 64, channels), np.uint8))


def test_a_quality_changes_what_is_written_where_there_is_one(format: Format) -> None:
    sizes = [len(_written(_noise(3), format, quality=quality)) for quality in (10, 90)]
    assert (sizes[0] < sizes[1]) == format.has_quality


def test_what_has_no_quality_loses_nothing(format: Format) -> None:
    again = Image.open(io.BytesIO(_written(_noise(3), format, **format.settings)))
    same = np.array_equal(np.asarray(again.convert("RGB")), np.asarray(_noise(3)))
    assert same == (not format.has_quality or bool(format.settings.get("lossless")))


def test_transparency_is_held_where_it_is_said(format: Format) -> None:
    try:
        again = Image.open(io.BytesIO(_written(_noise(4), format)))
        held = np.asarray(again.convert("RGBA").getchannel("A")).std() > 1
    except OSError:  # Pillow refuses
        held = False
    if format.name != "BMP":  # of which few readers take it
        assert held == format.has_alpha


def test_every_suffix_and_name_leads_to_its_format(format: Format) -> None:
    for suffix in format.suffixes:
        assert format_of(Path(f"a{suffix.upper()}")) is format_of_suffix(suffix) is format
        assert suffix_for(suffix.removeprefix(".").upper()) == suffix
        assert Image.registered_extensions()[suffix] == format.name


def test_others_are_answered_with_those_that_can_be_written() -> None:
    with pytest.raises(InputError, match=r"suffix must be one of \.png, \.jpg, .*got 'a\.gif'"):
        format_of(Path("a.gif"))
    with pytest.raises(InputError, match=r"format must be one of png, jpg, .*got 'gif'"):
        suffix_for("gif")
    assert format_of_suffix(".gif") is None
