"""A server under load: throughput, latency and memory against concurrency; overhead over painting in Python; overload.

python benchmarks/serve_load.py [--seconds 30] [--concurrency 1 4 16 64] [--side 512] [--limit-mb 2048]

The server is a process of its own, with at most ``--limit-mb`` of address space if that is given. Every client sends a
photograph and a mask as a form, waits for the answer and sends the next; one that is told to come later (429) does so
after ``Retry-After``.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import io
import os
import re
import resource
import statistics
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import httpx
import numpy as np
from PIL import Image

from splpaint import load_inpainter
from splpaint.machine import describe
from splpaint.notices import collected

PHOTOGRAPH = Path(__file__).parents[1] / "examples" / "photographs" / "rocket.jpg"


class Load(NamedTuple):
    """What some clients saw together.

    Attributes:
        statuses: How often each was answered.
        seconds: Of the answers with a picture, sorted.
        refused_seconds: Of the answers 429, sorted.
        memory_mb: Resident, of the server, once a second.
        took_s: All of it.
    """

    statuses: Counter[str]
    seconds: list[float]
    refused_seconds: list[float]
    memory_mb: list[float]
    took_s: float


def main() -> None:
    """Print a table, the overhead and what overload does."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=30)
    parser.add_argument("--concurrency", type=int, nargs="+", default=[1, 4, 16, 64])
    parser.add_argument("--side", type=int, default=512, help="of the square photograph, in pixels")
    parser.add_argument("--runs", type=int, default=20, help="of the overhead, each way; 0: not measured")
    parser.add_argument("--limit-mb", type=int, default=None, help="address space of the server")
    parser.add_argument("--options", default="", help="more options of splpaint serve")
    options = parser.parse_args()
    image, mask = picture(options.side)
    print(describe("openvino", "fastapi", "uvicorn"))
    with running(options.options.split(), options.limit_mb) as (url, process):
        if options.runs:
            print_overhead(url, image, mask, options.runs, "painting")
            # Nothing is painted: what the service adds is not lost in the noise of what painting takes.
            print_overhead(url, image, empty_mask(options.side), options.runs, "with an empty mask")
        print(
            "clients  pictures/s  median s  p95 s  p99 s  429  median s of 429  other  MB after 1/2, at the end"
        )
        for clients in options.concurrency:
            print_load(clients, asyncio.run(load(url, process.pid, image, mask, clients, options.seconds)))
        print_load(1, asyncio.run(load(url, process.pid, image, mask, 1, 5)))


def picture(side_px: int) -> tuple[bytes, bytes]:
    """A photograph as JPEG, and a mask of strokes as PNG."""
    with Image.open(PHOTOGRAPH) as photograph:
        square = photograph.convert("RGB").resize((side_px, side_px), Image.Resampling.LANCZOS)
    hole = np.zeros((side_px, side_px), np.uint8)
    for number in range(3):
        top = side_px // 8 + number * side_px // 4
        hole[top : top + side_px // 40, side_px // 6 : -side_px // 6] = 255
    return _encoded(square, "JPEG"), _encoded(Image.fromarray(hole), "PNG")


def empty_mask(side_px: int) -> bytes:
    """A mask that marks nothing, as PNG."""
    return _encoded(Image.new("L", (side_px, side_px)), "PNG")


def _encoded(image: Image.Image, format: str) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, format)
    return buffer.getvalue()


@contextlib.contextmanager
def running(options: list[str], limit_mb: int | None) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """Run a server; gives its address and process."""

    def limit() -> None:
        if limit_mb:
            resource.setrlimit(resource.RLIMIT_AS, (limit_mb << 20, limit_mb << 20))

    command = [sys.executable, "-m", "splpaint", "serve", "--port", "0", *options]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, preexec_fn=limit) as process:
        assert process.stdout
        found = re.search(r"http://\S+", process.stdout.readline())
        if not found:
            raise SystemExit("the server did not start")
        try:
            yield found[0], process
        finally:
            process.terminate()


async def load(url: str, pid: int, image: bytes, mask: bytes, clients: int, seconds: float) -> Load:
    """Let clients ask for so many seconds."""
    statuses: Counter[str] = Counter()
    painted: list[float] = []
    refused: list[float] = []
    memory: list[float] = []
    until = time.perf_counter() + seconds

    async def client(http: httpx.AsyncClient) -> None:
        while time.perf_counter() < until:
            started = time.perf_counter()
            try:
                answer = await http.post("/api/v1/inpaint", files={"image": image, "mask": mask})
            except httpx.HTTPError as error:
                statuses[type(error).__name__] += 1
                await asyncio.sleep(0.1)
                continue
            statuses[str(answer.status_code)] += 1
            if answer.status_code == 200:
                painted.append(time.perf_counter() - started)
            elif answer.status_code == 429:
                refused.append(time.perf_counter() - started)
                await asyncio.sleep(float(answer.headers["Retry-After"]))

    async def watch() -> None:
        while True:
            memory.append(resident_mb(pid))
            await asyncio.sleep(1)

    started = time.perf_counter()
    async with httpx.AsyncClient(
        base_url=url, timeout=300, limits=httpx.Limits(max_connections=None)
    ) as http:
        watching = asyncio.create_task(watch())
        await asyncio.gather(*(client(http) for _ in range(clients)))
        watching.cancel()
    return Load(statuses, sorted(painted), sorted(refused), memory, time.perf_counter() - started)


def resident_mb(pid: int) -> float:
    """Resident memory of a process; Linux alone tells it."""
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def print_load(clients: int, seen: Load) -> None:
    """Print one line."""
    others = {status: count for status, count in seen.statuses.items() if status not in {"200", "429"}}
    half = seen.memory_mb[len(seen.memory_mb) // 2]
    print(
        f"{clients:7}  {len(seen.seconds) / seen.took_s:10.2f}  {share(seen.seconds, 0.5):8.2f}  "
        f"{share(seen.seconds, 0.95):5.2f}  {share(seen.seconds, 0.99):5.2f}  {len(seen.refused_seconds):3}  "
        f"{share(seen.refused_seconds, 0.5):15.3f}  {others or '-'!s:>5}  {half:.0f}, {seen.memory_mb[-1]:.0f}",
        flush=True,
    )


def share(values: list[float], part: float) -> float:
    """The value below which a part of the sorted ones lies; not a number for none."""
    return values[min(len(values) - 1, int(part * len(values)))] if values else float("nan")


def print_overhead(url: str, image: bytes, mask: bytes, runs: int, what: str) -> None:
    """Paint by the server and in Python by turns, and print the medians' difference."""
    inpainter = load_inpainter()
    here: list[float] = []
    there: list[float] = []
    with httpx.Client(base_url=url, timeout=300) as http:
        for run in range(runs + 2):
            started = time.perf_counter()
            answer = http.post("/api/v1/inpaint", files={"image": image, "mask": mask})
            middle = time.perf_counter()
            with collected():
                painted = inpainter(image, mask)
            ended = time.perf_counter()
            assert answer.content == painted
            if run >= 2:
                there.append(middle - started)
                here.append(ended - middle)
    differences = [1000 * (served - called) for served, called in zip(there, here, strict=True)]
    print(
        f"overhead {what}, {runs} runs by turns: server {1000 * statistics.median(there):.0f} ms, "
        f"Python {1000 * statistics.median(here):.0f} ms; difference: median {statistics.median(differences):.1f} ms, "
        f"least {1000 * (min(there) - min(here)):.1f} ms",
        flush=True,
    )


if __name__ == "__main__":
    main()
