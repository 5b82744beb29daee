"""Requests that nobody would send on purpose: never a 500, nothing written, no growth (``running`` looks for files)."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from typing import Any

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import positive_data_acceptance

from tests.serving.conftest import encoded, noise, square_mask
from tests.serving.running import Running

_REFUSED = {400, 401, 408, 413, 415, 422, 429}
_PHOTOS = {
    format: encoded(noise(24, 32), format) for format in ("PNG", "JPEG", "WEBP", "TIFF", "BMP", "AVIF")
}
_MASK = square_mask(24, 32)
_RAW = [
    b"\x00",
    b"\xff" * 4,
    b"\x7f\xff\xff\xff",
    b"\x00\x00\x00\x00",
    b"IHDR",
    b"\xff\xda",
    b"exif",
    b"\xff\xff",
]
_PATHS = ["../../etc/passwd", "/dev/zero", "a\x00b", "C:\\a", "\u202egnp.a", "file:///etc/passwd", "x" * 5000]
_HARD = settings(max_examples=40, suppress_health_check=list(HealthCheck))


def _mutate(data: bytes, changes: list[tuple[str, int, bytes]]) -> bytes:
    for kind, where, piece in changes:
        place = where % (len(data) + 1)
        if kind == "cut":
            data = data[:place]
        elif kind == "insert":
            data = data[:place] + piece + data[place:]
        elif kind == "double":
            data = data + data[place : place + 64]
        else:
            data = data[:place] + piece + data[place + len(piece) :]
    return data


changes = st.lists(
    st.tuples(
        st.sampled_from(["cut", "insert", "double", "overwrite"]),
        st.integers(0, 10**6),
        st.sampled_from(_RAW) | st.binary(max_size=8),
    ),
    min_size=1,
    max_size=4,
)


@_HARD
@given(
    format=st.sampled_from(sorted(_PHOTOS)), changes=changes, of=st.sampled_from(["image", "mask", "avoid"])
)
def test_a_mutated_upload_is_painted_or_refused_in_words(
    server: Running, format: str, changes: list[tuple[str, int, bytes]], of: str
) -> None:
    files = {"image": _PHOTOS[format], "mask": _MASK, "avoid": _MASK}
    files[of] = _mutate(files[of], changes)
    _require_sound(server.http.post("/api/v1/inpaint", files=files))


@_HARD
@given(
    changes=changes,
    name=st.sampled_from(_PATHS),
    path=st.sampled_from(["inpaint", "select", "adjust_mask", "model"]),
)
def test_a_mutated_body_is_answered_or_refused_in_words(
    server: Running, changes: list[tuple[str, int, bytes]], name: str, path: str
) -> None:
    picture = base64.b64encode(_PHOTOS["PNG"]).decode()
    whole = {
        "image": picture,
        "mask": picture,
        "stroke": picture,
        "model": name,
        "name": name,
        "operate": "expand",
    }
    body = _mutate(json.dumps(whole).encode(), changes)
    headers = {"Content-Type": "application/json"}
    _require_sound(server.http.post(f"/api/v1/{path}", content=body, headers=headers))
    form = httpx.Request("POST", "http://a", files={"image": (name, _PHOTOS["PNG"]), "mask": (name, _MASK)})
    headers = {"Content-Type": form.headers["content-type"]}
    body = _mutate(form.read(), changes)
    _require_sound(server.http.post(f"/api/v1/{path}", content=body, headers=headers))


def _require_sound(answer: httpx.Response) -> None:
    assert answer.status_code in {200, *_REFUSED}, answer.text
    if answer.status_code != 200:
        assert answer.json()["detail"]
        assert "Traceback" not in answer.text


def test_the_server_keeps_to_its_description(server: Running) -> None:
    described = schemathesis.openapi.from_url(f"{server.url}/openapi.json")
    paths = set(described.raw_schema["paths"])
    assert {"/api/v1/inpaint", "/api/v1/select", "/api/v1/models", "/metrics", "/readyz"} <= paths
    checked: set[str] = set()

    for result in described.get_all_operations():
        assert isinstance(result, Ok)
        operation = result.ok()

        @settings(max_examples=10, suppress_health_check=list(HealthCheck))
        @given(case=operation.as_strategy())
        def keeps(case: schemathesis.Case[Any]) -> None:
            # What it draws for pictures are none.
            case.call_and_validate(timeout=60, excluded_checks=[positive_data_acceptance])

        call: Callable[[], None] = keeps
        call()
        checked.add(operation.path)
    assert checked == paths


@pytest.mark.slow
def test_memory_does_not_grow_with_what_is_refused(server: Running) -> None:
    def refuse(count: int) -> None:
        for number in range(count):
            bad = _PHOTOS["JPEG"][: 50 + number % 200] + bytes(20_000)
            assert (
                server.http.post("/api/v1/inpaint", files={"image": bad, "mask": _MASK}).status_code
                in _REFUSED
            )

    refuse(150)
    before = server.resident_mb()
    refuse(300)
    assert server.resident_mb() < 1.1 * before
