"""The queue of a real server: it is bounded, clients that leave free their place, and what was taken is finished."""

from __future__ import annotations

import signal
import socket
import threading
import time
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import httpx
import numpy as np
import pytest
from PIL import Image

from tests.serving.conftest import encoded, noise, square_mask
from tests.serving.running import Running, running


def _slow_picture() -> dict[str, bytes]:
    """A picture and mask that keep a worker busy for seconds."""
    mask = np.zeros((1000, 1000), np.uint8)
    mask[100:900:100, 100:900] = 255
    return {"image": encoded(noise(1000, 1000), "JPEG"), "mask": encoded(Image.fromarray(mask), "PNG")}


_QUICK = {"image": encoded(noise(48, 64), "PNG"), "mask": square_mask(48, 64)}


def _paint(url: str, files: dict[str, bytes], **headers: str) -> httpx.Response:
    with httpx.Client(timeout=120) as http:
        return http.post(f"{url}/api/v1/inpaint", files=files, headers=headers)


def _figure(server: Running, name: str) -> float:
    lines = server.http.get("/metrics").text.splitlines()
    return next(float(line.split()[1]) for line in lines if line.startswith(f"{name} "))


def _until(server: Running, name: str, least: float, most: float) -> None:
    until = time.monotonic() + 30
    while not least <= _figure(server, name) <= most:
        assert time.monotonic() < until
        time.sleep(0.02)


@pytest.mark.slow
def test_a_full_queue_is_429_at_once_and_recovers(tmp_path: Path) -> None:
    with (
        running("--workers", "1", "--queue", "2", folder=tmp_path / "home") as server,
        ThreadPoolExecutor(3) as pool,
    ):
        busy = pool.submit(_paint, server.url, _slow_picture(), **{"X-Request-ID": "first"})
        _until(server, "splpaint_in_work", 1, 1)
        waiting = [pool.submit(_paint, server.url, _QUICK, **{"X-Request-ID": f"w{n}"}) for n in range(2)]
        _until(server, "splpaint_waiting", 2, 2)
        told = server.http.get("/api/v1/progress/w1").json()
        assert (told["state"], told["ahead"] > 0, told["seconds_left"] > 0) == ("waiting", True, True)
        assert server.http.get("/api/v1/progress/first").json()["state"] == "painting"
        refused = _paint(server.url, _slow_picture())
        assert refused.status_code == 429
        assert int(refused.headers["retry-after"]) >= 1
        assert not busy.done()
        assert [future.result().status_code for future in (busy, *waiting)] == [200, 200, 200]
        assert _paint(server.url, _QUICK).status_code == 200


def test_a_client_that_leaves_frees_its_place_waiting_or_painting(tmp_path: Path) -> None:
    slow = _slow_picture()
    request = httpx.Request("POST", "http://a/api/v1/inpaint", files=slow)
    head = f"POST /api/v1/inpaint HTTP/1.1\r\nHost: a\r\nContent-Type: {request.headers['content-type']}\r\n"
    whole = f"{head}Content-Length: {request.headers['content-length']}\r\n\r\n".encode() + request.read()
    with running("--workers", "1", "--queue", "3", folder=tmp_path / "home") as server:
        clients = [socket.create_connection(("127.0.0.1", server.port)) for _ in range(3)]
        for client in clients:
            client.sendall(whole)
        _until(server, "splpaint_in_work", 3, 3)
        for client in clients:
            client.close()
        _until(server, "splpaint_in_work", 0, 0)
        started = time.monotonic()
        assert _paint(server.url, _QUICK).status_code == 200
        assert time.monotonic() - started < 10


def test_work_that_takes_too_long_is_503_and_stopped(tmp_path: Path) -> None:
    with running("--workers", "1", folder=tmp_path / "home", limits="timeout_s=0.5") as server:
        answer = _paint(server.url, _slow_picture())
        assert answer.status_code == 503
        assert "0.5 s" in answer.json()["detail"]
        assert int(answer.headers["retry-after"]) >= 1
        _until(server, "splpaint_in_work", 0, 0)


@pytest.mark.slow
def test_a_signal_drains(tmp_path: Path) -> None:
    with (
        running("--workers", "1", folder=tmp_path / "home") as server,
        ThreadPoolExecutor(1) as pool,
    ):
        painting = pool.submit(_paint, server.url, _slow_picture())
        _until(server, "splpaint_in_work", 1, 1)
        assert server.http.get("/readyz").status_code == 200
        server.process.send_signal(signal.SIGTERM)
        answers = _asked_while(painting, server)
        assert painting.result().status_code == 200
        assert server.process.wait(30) == 0
        assert ("/readyz", 503) in answers
        assert ("/healthz", 200) in answers
        assert ("/api/v1/inpaint", 503) in answers


def _asked_while(painting: Future[httpx.Response], server: Running) -> set[tuple[str, int]]:
    answers: set[tuple[str, int]] = set()
    while not painting.done() and len(answers) < 3:
        time.sleep(0.05)
        for path in ("/readyz", "/healthz"):
            answers.add((path, server.http.get(path).status_code))
        answers.add(("/api/v1/inpaint", _paint(server.url, _QUICK).status_code))
        answers -= {("/readyz", 200)}
    return answers


def test_a_second_signal_ends_at_once(tmp_path: Path) -> None:
    with running("--workers", "1", folder=tmp_path / "home") as server:
        lost: list[type[Exception]] = []

        def ask() -> None:
            try:
                _paint(server.url, _slow_picture())
            except httpx.HTTPError as error:
                lost.append(type(error))

        asking = threading.Thread(target=ask)
        asking.start()
        _until(server, "splpaint_in_work", 1, 1)
        started = time.monotonic()
        server.process.send_signal(signal.SIGTERM)
        time.sleep(0.3)
        server.process.send_signal(signal.SIGTERM)
        assert server.process.wait(30) == 128 + signal.SIGTERM
        assert time.monotonic() - started < 10
        asking.join()
