"""One picture over another where a mask is white."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
import pytest
from PIL import Image

from splpaint.images import Pixels
from splpaint.serving.bench import Bench
from splpaint.serving.composing import Composer
from splpaint.serving.intake import Received
from splpaint.serving.refusals import RefusedError
from splpaint.serving.workshop import Job

DRAW = np.random.default_rng(5)
BELOW, ABOVE = (DRAW.integers(0, 256, (40, 60, 3), np.uint8) for _ in range(2))
SHOWN = DRAW.random((40, 60)) > 0.5


def file(pixels: np.typing.NDArray[Any], kind: str = "PNG", **options: Any) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, kind, **options)
    return buffer.getvalue()


def compose(files: dict[str, bytes], **fields: str) -> Image.Image:
    received = Received(None, fields, files)
    data, _ = Composer(Bench(10_000)).compose(received, Job(lambda job: None))
    return Image.open(io.BytesIO(data))


def pixels(image: Image.Image) -> Pixels:
    return np.asarray(image)


def test_the_upper_one_shows_where_the_mask_is_white() -> None:
    composed = compose({"image": file(BELOW), "over": file(ABOVE), "mask": file(SHOWN)})
    np.testing.assert_array_equal(pixels(composed), np.where(SHOWN[..., None], ABOVE, BELOW))


def test_without_a_mask_it_shows_everywhere_in_the_lower_one_s_format_with_its_metadata() -> None:
    exif = Image.Exif()
    exif[0x010F] = "a camera"
    lower = file(BELOW, "WEBP", lossless=True, exif=exif.tobytes())
    composed = compose({"image": lower, "over": file(ABOVE)})
    assert composed.format == "WEBP"
    assert composed.getexif()[0x010F] == "a camera"
    np.testing.assert_array_equal(pixels(composed.convert("RGB")), ABOVE)


def test_without_an_upper_one_the_lower_one_is_written_in_another_format() -> None:
    composed = compose({"image": file(BELOW, "TIFF")}, format="png")
    assert composed.format == "PNG"
    np.testing.assert_array_equal(pixels(composed), BELOW)


def test_sixteen_bits_stay() -> None:
    lower, upper = (DRAW.integers(0, 65_536, (40, 60), np.uint16) for _ in range(2))
    composed = compose({"image": file(lower), "over": file(upper), "mask": file(SHOWN)})
    np.testing.assert_array_equal(pixels(composed), np.where(SHOWN, upper, lower))


def test_transparency_stays_under_an_opaque_one() -> None:
    lower = np.dstack([BELOW, np.full((40, 60), 100, np.uint8)])
    composed = compose({"image": file(lower), "over": file(ABOVE), "mask": file(SHOWN)})
    np.testing.assert_array_equal(pixels(composed)[~SHOWN], lower[~SHOWN])
    np.testing.assert_array_equal(pixels(composed)[SHOWN][:, :3], ABOVE[SHOWN])


@pytest.mark.parametrize(
    ("files", "status", "words"),
    [
        ({"over": file(ABOVE)}, 422, "image must be a file"),
        (
            {"image": file(BELOW), "over": file(ABOVE[:30])},
            400,
            "over must have the image's size 60x40, got 60x30",
        ),
        (
            {"image": file(BELOW), "over": file(ABOVE), "mask": file(SHOWN[:, :50])},
            400,
            "mask must have the image's size 60x40, got 50x40",
        ),
        (
            {"image": file(np.zeros((40, 60), np.uint16)), "over": file(ABOVE)},
            422,
            "over must have the image's channels",
        ),
        ({"image": file(BELOW), "over": b"none"}, 415, "over"),
        ({"image": file(np.zeros((200, 200, 3), np.uint8))}, 413, "at most 0.01 megapixels"),
    ],
)
def test_what_does_not_fit_is_refused(files: dict[str, bytes], status: int, words: str) -> None:
    with pytest.raises(RefusedError, match=words) as refused:
        compose(files)
    assert refused.value.status == status
