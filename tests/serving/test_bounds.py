"""What is refused, cheaply and in words: too much, too slow, too odd, without the key."""

from __future__ import annotations

import base64
import contextlib
import json
import socket
import struct
import subprocess
import sys
import time
import zlib
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from splpaint.errors import InputError
from splpaint.serving import ServeSettings, serve
from splpaint.serving.bench import formats_taken
from tests.serving.conftest import encoded, noise
from tests.serving.running import Running, running

_KEY = "tulip-7"
_FORM = b'--B\r\nContent-Disposition: form-data; name="%s"; filename="%s"\r\n\r\n%s\r\n'


@pytest.fixture(scope="module")
def strict(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A server with a key, an origin that may use it, and little patience."""
    limits = "max_bytes=200_000, max_pixels=1_000_000, patience_s=1.0, slowest_bytes_per_s=50_000"
    options = ("--api-key", _KEY, "--cors", "https://friend.example")
    with running(*options, folder=tmp_path_factory.mktemp("strict"), limits=limits) as found:
        found.http.headers["Authorization"] = f"Bearer {_KEY}"
        yield found


def _bomb(width: int, height: int) -> bytes:
    """A PNG of few bytes that says it is large."""
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunks = [(b"IHDR", head), (b"IDAT", zlib.compress(bytes(1000))), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in chunks
    )


def _form(**files: tuple[bytes, bytes]) -> bytes:
    return b"".join(_FORM % (name.encode(), *file) for name, file in files.items()) + b"--B--\r\n"


def _post(server: Running, body: bytes, kind: str = "multipart/form-data; boundary=B") -> httpx.Response:
    return server.http.post("/api/v1/inpaint", content=body, headers={"Content-Type": kind})


def test_too_many_bytes_are_413_said_or_not(strict: Running) -> None:
    body = bytes(200_001)
    said = _post(strict, body)
    unsaid = strict.http.post(
        "/api/v1/inpaint",
        content=iter([body[:100_000], body[100_000:]]),
        headers={"Content-Type": "application/json"},
    )
    for answer in (said, unsaid):
        assert answer.status_code == 413
        assert "at most 200000 bytes" in answer.json()["detail"]


def test_a_client_that_waits_for_100_continue_is_refused_before_it_sends(strict: Running) -> None:
    head = (
        "POST /api/v1/inpaint HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 900000000\r\n"
        f"X-API-Key: {_KEY}\r\nContent-Type: application/json\r\n\r\n"
    )
    with socket.create_connection(("127.0.0.1", strict.port), timeout=10) as raw:
        raw.sendall(head.encode())
        assert raw.recv(64).startswith(b"HTTP/1.1 413")


def test_too_many_pixels_are_413_before_they_are_decoded(strict: Running, mask: bytes) -> None:
    memory = strict.resident_mb()
    for side in (1001, 20_000, 2**31 - 1):
        answer = _post(strict, _form(image=(b"a.png", _bomb(side, side)), mask=(b"m.png", mask)))
        assert answer.status_code == 413, answer.text
        assert "megapixels" in answer.json()["detail"]
    assert strict.resident_mb() < memory + 50


@pytest.mark.parametrize(
    ("image", "told"),
    [
        (b"", "expected PNG"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "expected PNG"),
        (b"%PDF-1.7", "expected PNG"),
        (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n", "expected PNG"),
        (b"http://127.0.0.1/secret.png", "expected PNG"),
        (b"/etc/passwd", "expected PNG"),
        (encoded(noise(8, 8), "PPM"), "got PPM"),
        (encoded(noise(8, 8).convert("P"), "GIF"), "got GIF"),
    ],
)
def test_what_is_no_picture_of_a_format_that_is_taken_is_415(
    server: Running, mask: bytes, image: bytes, told: str
) -> None:
    answer = _post(server, _form(image=(b"a.png", image), mask=(b"m.png", mask)))
    assert answer.status_code == 415
    assert told in answer.json()["detail"]
    encoded_image = base64.b64encode(image or b"a").decode()
    body = json.dumps({"image": encoded_image, "mask": base64.b64encode(mask).decode()}).encode()
    assert _post(server, body, "application/json").status_code == 415


def test_a_picture_cut_short_is_422(server: Running, photo: bytes, mask: bytes) -> None:
    for data in (photo[: len(photo) // 2], encoded(noise(48, 64), "PNG")[:-200]):
        answer = _post(server, _form(image=(b"a", data), mask=(b"m", mask)))
        assert answer.status_code in {415, 422}, answer.text
        assert "accept_damaged" not in answer.text


@pytest.mark.parametrize(
    "name", [b"../../etc/passwd", b"/etc/passwd", b"C:\\\\a", b"a\x00b", b"", b"\xff\xfe"]
)
def test_names_of_files_mean_nothing(server: Running, photo: bytes, mask: bytes, name: bytes) -> None:
    answer = _post(server, _form(image=(name, photo), mask=(name, mask)))
    assert answer.status_code in {200, 400, 422}
    assert b"passwd" not in answer.content


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        (b"", "application/json", 422),
        (b"{", "application/json", 422),
        (b"[" * 1900, "application/json", 422),
        (b'{"a":' * 1900, "application/json", 422),
        (b"[" + b"0," * 100_000 + b"0]", "application/json", 422),
        (b'{"image": "\xff", "mask": "a"}', "application/json", 422),
        (b'{"image": "\\ud800", "mask": "a"}', "application/json", 422),
        (b'{"image": "a b", "mask": "!"}', "application/json", 422),
        (b'{"image": "data:text/plain,a", "mask": "a"}', "application/json", 422),
        (b'{"image": "file:///etc/passwd", "mask": "http://127.0.0.1/"}', "application/json", 422),
        (b'{"image": 7, "mask": null}', "application/json", 422),
        (b"image=a&mask=b", "application/x-www-form-urlencoded", 415),
        (b"hello", "text/plain", 415),
        (b"hello", "multipart/form-data", 400),
        (b"hello", "multipart/form-data; boundary=B", 400),
        (b"--B\r\n\r\n", "multipart/form-data; boundary=B", 400),
        (_form(image=(b"a", b"x"))[:-9], "multipart/form-data; boundary=B", 400),
        (_form(image=(b"a", b"x")) * 200, "multipart/form-data; boundary=B", 422),
        (_form(), "multipart/form-data; boundary=B", 422),
        (
            b"".join(_FORM.replace(b'; filename="%s"', b"") % (b"f%d" % n, b"x") for n in range(300))
            + b"--B--",
            "multipart/form-data; boundary=B",
            400,
        ),
    ],
)
def test_malformed_requests_are_refused_in_words(
    server: Running, body: bytes, kind: str, status: int
) -> None:
    answer = _post(server, body, kind)
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/json"), answer.text
    assert answer.json()["detail"]


def test_a_client_that_leaves_in_the_middle_of_its_upload_leaves_nothing(server: Running) -> None:
    for kind, piece in (("application/json", b"{"), ("multipart/form-data; boundary=B", b"--B\r\n")):
        head = f"POST /api/v1/inpaint HTTP/1.1\r\nHost: a\r\nContent-Type: {kind}\r\nContent-Length: 1000\r\n\r\n"
        with socket.create_connection(("127.0.0.1", server.port), timeout=10) as raw:
            raw.sendall(head.encode() + piece)
            time.sleep(0.2)
    time.sleep(0.2)
    assert "splpaint_in_work 0.0" in server.http.get("/metrics").text


def test_a_file_s_name_in_place_of_the_file_is_refused_with_what_to_write(
    server: Running, photo: bytes
) -> None:
    for path, name in (("inpaint", "mask"), ("inpaint", "avoid"), ("select", "stroke"), ("compose", "over")):
        files = {"image": photo, "mask": photo} if name == "avoid" else {"image": photo}
        answer = server.http.post(f"/api/v1/{path}", files=files, data={name: "mask.png"})
        assert answer.status_code == 422
        assert f"-F {name}=@FILE" in answer.json()["detail"]


def test_another_method_is_405_and_another_path_404_in_words(server: Running) -> None:
    for method, path, allowed in (("GET", "/api/v1/inpaint", "POST"), ("DELETE", "/healthz", "GET")):
        answer = server.http.request(method, path)
        assert (answer.status_code, answer.headers["allow"]) == (405, allowed)
        assert f"takes {allowed}, got {method}" in answer.json()["detail"]
    lost = server.http.get("/api/v1/paint")
    assert (lost.status_code, "/docs says" in lost.json()["detail"]) == (404, True)


def test_formats_whose_plugin_is_missing_are_not_offered(monkeypatch: pytest.MonkeyPatch) -> None:
    assert {"avif", "heic", "jxl"} <= set(formats_taken())
    monkeypatch.setitem(sys.modules, "pillow_heif", None)
    assert "heic" not in formats_taken()
    assert {"png", "avif", "jxl"} <= set(formats_taken())


def test_a_compressed_request_is_415(server: Running) -> None:
    headers = {"Content-Type": "application/json", "Content-Encoding": "gzip"}
    answer = server.http.post("/api/v1/inpaint", content=b"\x1f\x8b", headers=headers)
    assert answer.status_code == 415


def test_a_slow_upload_is_408_and_a_silent_or_dribbling_client_is_left(strict: Running) -> None:
    head = (
        f"POST /api/v1/inpaint HTTP/1.1\r\nHost: a\r\nX-API-Key: {_KEY}\r\nContent-Type: application/json\r\n"
        "Content-Length: 1000\r\n\r\n{"
    )
    for sent, answered in ((head, b"HTTP/1.1 408"), ("", b""), ("POST / HT", b"")):
        with socket.create_connection(("127.0.0.1", strict.port), timeout=10) as raw:
            started = time.monotonic()
            if sent:
                raw.sendall(sent.encode())
            answer = raw.recv(4096) if sent == head else _last(raw)
            assert answer.startswith(answered)
            assert 0.5 < time.monotonic() - started < 6


def _last(raw: socket.socket) -> bytes:
    try:
        return raw.recv(4096)
    except ConnectionError:
        return b""


def test_a_client_that_does_not_take_its_answer_is_left(strict: Running) -> None:
    with socket.socket() as raw:
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
        raw.connect(("127.0.0.1", strict.port))
        raw.settimeout(10)
        with pytest.raises(ConnectionError):
            _fill_and_wait(raw)


def _fill_and_wait(raw: socket.socket) -> None:
    raw.settimeout(1)
    with contextlib.suppress(TimeoutError):  # sent until the server has no room for more answers
        while True:
            raw.sendall(b"GET /openapi.json HTTP/1.1\r\nHost: a\r\n\r\n" * 50)
    time.sleep(2)
    raw.settimeout(10)
    while raw.recv(1 << 20):
        pass


def test_without_the_key_the_api_is_closed_and_the_rest_is_open(strict: Running, photo: bytes) -> None:
    with httpx.Client(base_url=strict.url, timeout=30) as nobody:
        for path in ("/api/v1/models", "/api/v1/progress/a", "/metrics", "/api/v1/server-config"):
            assert nobody.get(path).status_code == 401
            assert nobody.get(path, headers={"X-API-Key": "tulip-8"}).status_code == 401
            assert nobody.get(path, headers={"Authorization": "Bearer"}).status_code == 401
        refused = nobody.post("/api/v1/inpaint", files={"image": photo})
        assert (refused.status_code, refused.headers["www-authenticate"]) == (401, "Bearer")
        for path in ("/", "/healthz", "/readyz", "/docs", "/openapi.json", "/api/v1/limits"):
            assert nobody.get(path).status_code == 200
        assert nobody.get("/api/v1/limits").json()["needs_key"] is True
        assert nobody.get("/api/v1/models", headers={"X-API-Key": _KEY}).status_code == 200
    assert strict.http.get("/metrics").status_code == 200


def test_other_origins_are_let_in_by_name_alone(strict: Running, server: Running) -> None:
    asked = {"Origin": "https://friend.example", "Access-Control-Request-Method": "POST"}
    assert strict.http.options("/api/v1/inpaint", headers=asked).headers["access-control-allow-origin"] == (
        "https://friend.example"
    )
    stranger = {**asked, "Origin": "https://stranger.example"}
    assert (
        "access-control-allow-origin" not in strict.http.options("/api/v1/inpaint", headers=stranger).headers
    )
    assert "access-control-allow-origin" not in server.http.get("/api/v1/models", headers=asked).headers


def test_a_foreign_page_cannot_make_a_browser_paint(server: Running, photo: bytes, mask: bytes) -> None:
    answer = server.http.post(
        "/api/v1/inpaint", files={"image": photo, "mask": mask}, headers={"Sec-Fetch-Site": "cross-site"}
    )
    assert answer.status_code == 403


def test_every_answer_has_the_headers_that_protect_browsers(server: Running) -> None:
    for path in (
        "/",
        "/docs",
        "/api/v1/limits",
        "/nothing",
        "/metrics",
        "/../../etc/passwd",
        "/%2e%2e/%2e%2e/etc",
    ):
        headers = server.http.get(path).headers
        assert "default-src 'self'" in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"
        assert "server" not in headers


def test_paths_lead_to_nothing_outside_the_page(server: Running) -> None:
    for path in (
        "/../app.py",
        "/..%2fapp.py",
        "/%2e%2e/app.py",
        "//etc/passwd",
        "/page/../../app.py",
        "/%00",
    ):
        with socket.create_connection(("127.0.0.1", server.port), timeout=10) as raw:
            raw.sendall(f"GET {path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n".encode())
            assert raw.makefile("rb").readline().split()[1] in {b"404", b"400"}


def test_the_command_refuses_what_cannot_be_served(server: Running, tmp_path: Path) -> None:
    def said(*options: str) -> str:
        done = subprocess.run(
            [sys.executable, "-m", "splpaint", "serve", *options], capture_output=True, text=True, timeout=120
        )
        assert done.returncode == 2
        return done.stderr

    assert "choose another --port" in said("--port", str(server.port))
    assert "model must be one of compact" in said("--models", "compact,lama-7", "--port", "0")
    assert "at least one model" in said("--models", ",")


def test_a_bare_installation_names_the_extra() -> None:
    code = (
        "import sys; sys.modules['fastapi'] = None; sys.argv[1:] = ['serve']\n"
        "from splpaint.cli.app import main; main()"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120)
    assert done.returncode == 2
    assert "pip install '.[serve]'" in done.stderr
    assert done.stderr.startswith("error: splpaint serve needs the module fastapi")


def test_requests_are_told_on_stderr_if_that_is_asked_for() -> None:
    command = [sys.executable, "-m", "splpaint", "serve", "--port", "0", "--log-requests"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        address = process.stdout.readline().split(" at ")[1].split()[0]
        assert httpx.get(f"{address}/healthz", timeout=60).status_code == 200
        process.terminate()
        _, said = process.communicate(timeout=60)
    assert '"GET /healthz HTTP/1.1" 200' in said
    assert len(said.splitlines()) == 1


@pytest.mark.parametrize("origin", ["friend.example", "https://friend.example/page", "ftp://friend.example"])
def test_what_is_no_origin_is_refused_at_the_start(origin: str) -> None:
    with pytest.raises(InputError, match=r"`cors` must be an origin or \*, got"):
        serve(ServeSettings(cors=("https://other.example", origin)), lambda address: None)
