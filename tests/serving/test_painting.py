"""Painting and selecting over HTTP, against the same in Python."""

from __future__ import annotations

import base64
import io
import json

import cv2
import httpx
import numpy as np
import pytest
from PIL import Image

from splpaint import load_inpainter
from splpaint.images import read_photo
from splpaint.notices import collected
from tests.serving.conftest import encoded, noise, square_mask
from tests.serving.running import Running


def _base64(data: bytes, head: str = "") -> str:
    return head + base64.b64encode(data).decode()


def _pixels(data: bytes) -> np.ndarray:
    with Image.open(io.BytesIO(data)) as image:
        return np.asarray(image)


def test_forms_and_json_of_iopaint_s_clients_give_the_bytes_that_python_gives(
    server: Running, photo: bytes, mask: bytes
) -> None:
    with collected():
        painted = load_inpainter()(photo, mask)
    iopaint = {
        "image": _base64(photo, "data:image/jpeg;base64,"),
        "mask": _base64(mask, "data:application/octet-stream;base64,"),
        **{"hd_strategy": "Resize", "hd_strategy_resize_limit": 2048, "prompt": "", "sd_seed": 7},
        **{"ldm_steps": 20, "cv2_flag": "INPAINT_NS", "negative_prompt": None, "whatever": [{}]},
    }
    answers = [
        server.http.post("/api/v1/inpaint", json={"image": _base64(photo), "mask": _base64(mask)}),
        server.http.post("/api/v1/inpaint", json=iopaint),
        server.http.post("/api/v1/inpaint", files={"image": photo, "mask": mask}),
    ]
    for answer in answers:
        assert answer.status_code == 200, answer.text
        assert answer.headers["content-type"] == "image/jpeg"
        assert answer.headers["x-model"] == "compact"
        assert answer.content == painted
    assert [answer.headers["x-seed"] for answer in answers] == ["42", "7", "42"]
    assert read_photo("a", painted).metadata["exif"] == read_photo("a", photo).metadata["exif"]


def test_known_pixels_come_back_bit_for_bit_in_8_and_16_bits(server: Running, mask: bytes) -> None:
    hole = _pixels(mask) > 127
    deep = np.random.default_rng(1).integers(0, 65_536, (48, 64, 3), np.uint16)
    for data in (encoded(noise(48, 64).convert("RGBA"), "PNG"), cv2.imencode(".png", deep)[1].tobytes()):
        before = np.asarray(read_photo("a", data).image)
        answer = server.http.post("/api/v1/inpaint", files={"image": data, "mask": mask})
        assert answer.headers["content-type"] == "image/png"
        after = np.asarray(read_photo("a", answer.content).image)
        assert after.dtype == before.dtype
        assert np.array_equal(after[~hole], before[~hole])
        assert not np.array_equal(after[hole], before[hole])


def test_a_json_answer_is_given_when_it_is_asked_for(server: Running, photo: bytes, mask: bytes) -> None:
    files = {"image": photo, "mask": mask}
    plain = server.http.post("/api/v1/inpaint", files=files)
    answer = server.http.post("/api/v1/inpaint", files=files, headers={"Accept": "application/json"})
    axios = {"Accept": "application/json, text/plain, */*"}
    assert server.http.post("/api/v1/inpaint", files=files, headers=axios).content == plain.content
    told = answer.json()
    assert base64.b64decode(told.pop("image")) == plain.content
    assert told.pop("seconds") > 0
    assert told == {
        **{"media_type": "image/jpeg", "width": 64, "height": 48, "model": "compact", "notices": []}
    }


def test_the_fields_of_a_form_are_those_of_the_command(server: Running, photo: bytes, mask: bytes) -> None:
    avoid = encoded(Image.new("L", (64, 48)), "PNG")
    asked = {"dilate": "4", "feather": "3", "format": "webp", "quality": "80", "model": "compact"}
    answer = server.http.post(
        "/api/v1/inpaint", files={"image": photo, "mask": mask, "avoid": avoid}, data=asked
    )
    assert answer.headers["content-type"] == "image/webp"
    assert Image.open(io.BytesIO(answer.content)).size == (64, 48)
    grown = server.http.post(
        "/api/v1/inpaint", files={"image": encoded(noise(48, 64), "PNG"), "mask": mask}, data={"dilate": "4"}
    )
    changed = (_pixels(grown.content) != np.asarray(noise(48, 64))).any(axis=2)
    assert changed[4:20, 10:20].any(axis=1).all()
    assert not changed[:4].any()


def test_an_unknown_model_paints_with_the_default_and_says_so(
    server: Running, photo: bytes, mask: bytes
) -> None:
    for name in ("lama", "läma\n", "../../etc/passwd"):
        answer = server.http.post(
            "/api/v1/inpaint", json={"image": _base64(photo), "mask": _base64(mask), "model": name}
        )
        assert answer.status_code == 200
        assert answer.headers["x-model"] == "compact"
        assert json.loads(answer.headers["x-notices"]) == [
            f"the model {name} is not served here: compact painted"
        ]


def test_an_empty_mask_gives_the_file_back_and_says_so(server: Running, photo: bytes) -> None:
    empty = encoded(Image.new("L", (64, 48)), "PNG")
    answer = server.http.post("/api/v1/inpaint", files={"image": photo, "mask": empty})
    assert answer.content == photo
    assert "marks nothing" in answer.headers["x-notices"]
    assert "HoleRules" not in answer.headers["x-notices"]


def test_another_size_is_400_with_detail(server: Running, photo: bytes) -> None:
    for name in ("mask", "avoid"):
        files = {"image": photo, "mask": square_mask(48, 64), name: square_mask(64, 48)}
        answer = server.http.post("/api/v1/inpaint", files=files)
        assert answer.status_code == 400
        assert "must have the image's size 64x48, got 48x64" in answer.json()["detail"]
        assert answer.json()["errors"] == answer.json()["detail"]


def test_a_photo_turned_by_exif_takes_the_mask_that_fits_it_upright(server: Running, mask: bytes) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    turned = encoded(noise(64, 48), "JPEG", exif=exif)
    answer = server.http.post("/api/v1/inpaint", files={"image": turned, "mask": mask})
    assert answer.status_code == 200
    assert Image.open(io.BytesIO(answer.content)).size == (64, 48)


@pytest.mark.parametrize(
    ("asked", "named"),
    [
        ({"dilate": "513"}, "dilate"),
        ({"feather": "a"}, "feather"),
        ({"quality": "0"}, "quality"),
        ({"hd_strategy": "Magic"}, "hd_strategy"),
        ({"hd_strategy_crop_margin": "-1"}, "hd_strategy_crop_margin"),
        ({"format": "gif"}, "format"),
    ],
)
def test_a_value_that_is_none_is_422_and_named(
    server: Running, photo: bytes, mask: bytes, asked: dict[str, str], named: str
) -> None:
    answer = server.http.post("/api/v1/inpaint", files={"image": photo, "mask": mask}, data=asked)
    assert answer.status_code == 422
    assert named in answer.json()["detail"]


def test_a_thing_is_selected_by_a_box_and_by_a_stroke(server: Running) -> None:
    rng = np.random.default_rng(3)
    height, width = 600, 900
    rows, columns = np.mgrid[:height, :width]
    disc = (rows - 300) ** 2 + (columns - 500) ** 2 < 120**2
    image = np.where(disc[..., None], (200, 60, 40), (70, 110, 80)) + rng.normal(0, 12, (height, width, 3))
    data = encoded(Image.fromarray(image.clip(0, 255).astype(np.uint8)), "PNG")
    stroke = np.zeros((height, width), np.uint8)
    stroke[250:350, 420:580] = 255
    asked: list[dict[str, object]] = [
        {"files": {"image": data}, "data": {"box": "350,150,300,300"}},
        {"files": {"image": data, "stroke": encoded(Image.fromarray(stroke), "PNG")}},
        {"json": {"image": _base64(data), "box": [350, 150, 300, 300]}},
    ]
    for each in asked:
        answer = server.http.post("/api/v1/select", **each)  # type: ignore[arg-type]
        assert answer.status_code == 200, answer.text
        selected = _pixels(answer.content) > 127
        assert (selected & disc).sum() / (selected | disc).sum() > 0.97
    told = server.http.post("/api/v1/select", **asked[0], headers={"Accept": "application/json"}).json()  # type: ignore[arg-type]
    assert (told["width"], told["height"]) == (900, 600)
    assert told["share"] == pytest.approx(disc.mean(), rel=0.03)


@pytest.mark.parametrize(
    ("asked", "status", "named"),
    [
        ({}, 422, "neither box nor stroke"),
        ({"box": "0,0,65,10"}, 422, "inside"),
        ({"box": "a"}, 422, "box"),
    ],
)
def test_a_selection_without_a_place_is_refused(
    server: Running, photo: bytes, asked: dict[str, str], status: int, named: str
) -> None:
    answer = server.http.post("/api/v1/select", files={"image": photo}, data=asked)
    assert answer.status_code == status
    assert named in answer.json()["detail"]


def test_progress_is_told_by_the_request_s_name(server: Running, photo: bytes, mask: bytes) -> None:
    headers = {"X-Request-ID": "a-name_1"}
    assert server.http.get("/api/v1/progress/a-name_1").status_code == 404
    painted = server.http.post("/api/v1/inpaint", files={"image": photo, "mask": mask}, headers=headers)
    assert painted.status_code == 200
    told = server.http.get("/api/v1/progress/a-name_1").json()
    assert (told["state"], told["done"], told["seconds_left"]) == ("done", told["steps"], 0)


def test_iopaint_s_own_page_is_answered(server: Running, photo: bytes, mask: bytes) -> None:
    http = httpx.Client(base_url=server.url, timeout=60)
    config = http.get("/api/v1/server-config").json()
    assert config["modelInfos"] == [http.get("/api/v1/model").json()]
    assert config["modelInfos"][0]["name"] == "compact"
    assert not config["enableFileManager"]
    assert http.post("/api/v1/model", json={"name": "compact"}).json() == config["modelInfos"][0]
    assert http.cookies["splpaint-model"] == "compact"
    assert http.post("/api/v1/model", json={"name": "sd"}).status_code == 422
    assert http.get("/api/v1/samplers").json() == []
    assert http.get("/api/v1/inputimage").status_code == 204
    assert http.post("/api/v1/gen-info", files={"file": photo}).json() == {
        "prompt": "",
        "negative_prompt": "",
    }
    hole = _pixels(mask) > 127
    for operate, changed in (("expand", 1), ("shrink", -1), ("reverse", 0)):
        answer = http.post(
            "/api/v1/adjust_mask", json={"mask": _base64(mask), "operate": operate, "kernel_size": 2}
        )
        shown = _pixels(answer.content)[:, :, 3] > 0
        assert (
            np.array_equal(shown, ~hole)
            if operate == "reverse"
            else np.sign(shown.sum() - hole.sum()) == changed
        )


def test_models_and_limits_are_listed(server: Running) -> None:
    (model,) = server.http.get("/api/v1/models").json()
    assert (model["name"], model["kind"], model["is_default"], model["is_loaded"]) == (
        *("compact", "bundled"),
        *(True, True),
    )
    limits = server.http.get("/api/v1/limits").json()
    assert limits["max_pixels"] == 64_000_000
    assert "heic" in limits["formats"]
    assert limits["needs_key"] is False
