"""docs/serving.md and the API's description: their examples run as written, their tables say what there is."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image

from splpaint.serving import Limits
from tests.browser import open_browser, open_site
from tests.cli.commands import COMMANDS
from tests.serving.running import Running, running

ROOT = Path(__file__).parent.parent
PAGE = (ROOT / "docs" / "serving.md").read_text("utf-8")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with running(folder=tmp_path_factory.mktemp("server")) as found:
        yield found


def _examples(server: Running) -> list[tuple[str, str]]:
    blocks = re.findall(r"```(sh|python)\n(.*?)```", PAGE, re.DOTALL)
    found = [(kind, text) for kind, text in blocks if "http://127.0.0.1:8080/" in text]
    for methods in server.http.get("/openapi.json").json()["paths"].values():
        for operation in methods.values():
            found += [(sample["lang"], sample["source"]) for sample in operation.get("x-codeSamples", ())]
    return found


def test_the_examples_run_as_written_but_for_the_port(server: Running, tmp_path: Path) -> None:
    shutil.copy(ROOT / "examples" / "photographs" / "rocket.jpg", tmp_path / "photo.jpg")
    shutil.copy(ROOT / "examples" / "masks" / "rocket.png", tmp_path / "mask.png")
    examples = _examples(server)
    assert len(examples) >= 6
    for kind, text in examples:
        for name in ("painted.jpg", "thing.png"):
            (tmp_path / name).unlink(missing_ok=True)
        source = text.replace("127.0.0.1:8080", f"127.0.0.1:{server.port}")
        command = [sys.executable, "-c", source] if kind.lower() == "python" else ["bash", "-ec", source]
        subprocess.run(command, cwd=tmp_path, check=True, capture_output=True, timeout=120)
        (made,) = (tmp_path / name for name in ("painted.jpg", "thing.png") if (tmp_path / name).exists())
        with Image.open(made) as image:
            assert (image.size, image.format) == ((640, 427), {".jpg": "JPEG", ".png": "PNG"}[made.suffix])


def test_the_table_of_requests_has_what_the_description_has(server: Running) -> None:
    described = set(server.http.get("/openapi.json").json()["paths"])
    told = {
        path.replace("{request}", "{request_id}")
        for path in re.findall(r"`(?:GET |POST )?(/[\w/{}.-]+)`", PAGE)
    }
    assert described <= told
    assert told - described == {"/docs", "/openapi.json", "/api/", "/api/v1/progress", "/models"}


def test_the_bounds_that_are_told_are_those_there_are() -> None:
    told = dict(re.findall(r"^\| `(--[\w-]+)` \| .* \| (\d+|cores \+ 1) \|$", PAGE, re.MULTILINE))
    options = {spelling: option for option in COMMANDS["serve"].params for spelling in option.opts}
    assert {name: str(options[name].default) for name in told if name != "--workers"} == {
        name: value for name, value in told.items() if name != "--workers"
    }
    limits = Limits()
    usual = (limits.max_bytes >> 20, limits.max_pixels // 10**6, limits.max_waiting, limits.timeout_s)
    assert usual == tuple(
        int(told[name]) for name in ("--max-mb", "--max-megapixels", "--queue", "--timeout")
    )
    assert f"{limits.slowest_bytes_per_s >> 10} KiB a second" in PAGE
    assert f"{limits.max_bytes_held >> 20} MiB together" in PAGE
    assert f"finished within {limits.drain_s:g} seconds" in PAGE.replace("\n  ", " ")


def test_the_reference_page_shows_every_request_and_loads_nothing_from_elsewhere(server: Running) -> None:
    page = server.http.get("/docs").text
    for path in server.http.get("/openapi.json").json()["paths"]:
        assert f"<code>GET {path}</code>" in page or f"<code>POST {path}</code>" in page
    assert re.findall(r'(?:src|href)="(?!#)([^"]*)"', page) == ["/docs.css", "/icon.svg", "/openapi.json"]
    assert server.http.get("/docs.css").headers["content-type"].startswith("text/css")


def test_the_reference_page_has_no_barriers(server: Running) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    with (
        open_browser() as browser,
        open_site(browser, server.url, bypass_csp=True) as page,
    ):
        page.goto(f"{server.url}/docs")
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme)
            assert [violation["id"] for violation in axe.run(page).response["violations"]] == []
