"""Models by huggingface_hub's ways, from a folder and over a hub on loopback."""

from __future__ import annotations

import base64
import contextlib
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

from splpaint.errors import DownloadError, ModelError
from splpaint.model_folder import BUNDLED
from splpaint.networks import PretrainedSPL, load_model
from tests.conftest import ExportedModel

PAGE = (Path(__file__).parents[2] / "docs" / "models.md").read_text("utf-8")
REPOSITORY, COMMIT = "someone/small", "c" * 40


class Hub(BaseHTTPRequestHandler):
    """As much of the hub's API as a push and a download need; every file is sent within the commit."""

    protocol_version = "HTTP/1.1"
    files: dict[str, bytes]

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.path == "/api/repos/create":
            self._say({"url": f"http://{self.headers['Host']}/{REPOSITORY}"})
        elif "/preupload/" in self.path:
            asked = json.loads(body)["files"]
            self._say(
                {
                    "files": [
                        {"path": f["path"], "uploadMode": "regular", "shouldIgnore": False} for f in asked
                    ]
                }
            )
        elif "/commit/" in self.path:
            for line in map(json.loads, body.splitlines()):
                if line["key"] == "file":
                    self.files[line["value"]["path"]] = base64.b64decode(line["value"]["content"])
            url = f"http://{self.headers['Host']}/{REPOSITORY}/commit/{COMMIT}"
            self._say({"success": True, "commitUrl": url, "commitOid": COMMIT})
        else:
            self._say({"errors": [], "warnings": []})  # /api/validate-yaml

    def do_GET(self) -> None:
        self._answer()

    def do_HEAD(self) -> None:
        self._answer()

    def _answer(self) -> None:
        tags = {name: hashlib.sha1(data).hexdigest() for name, data in self.files.items()}
        if "/tree/" in self.path:
            sizes = {name: len(data) for name, data in self.files.items()}
            self._say([{"type": "file", "path": n, "oid": tag, "size": sizes[n]} for n, tag in tags.items()])
        elif self.path.startswith("/api/"):
            self._say({"id": REPOSITORY, "sha": COMMIT, "siblings": [{"rfilename": name} for name in tags]})
        elif (name := self.path.rpartition("/")[2]) in tags:
            self._send(self.files[name], {"ETag": f'"{tags[name]}"', "X-Repo-Commit": COMMIT})
        else:
            self.send_error(404)

    def _say(self, content: Any) -> None:
        self._send(json.dumps(content).encode(), {"Content-Type": "application/json"})

    def _send(self, data: bytes, headers: dict[str, str]) -> None:
        self.send_response(200)
        for name, value in (headers | {"Content-Length": str(len(data))}).items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(data)

    def log_message(self, format: str, *arguments: Any) -> None:
        pass


@contextlib.contextmanager
def serving_hub() -> Iterator[tuple[str, dict[str, bytes]]]:
    """Run a hub that is empty; its address, and its files by their names."""
    files: dict[str, bytes] = {}
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("OwnHub", (Hub,), {"files": files}))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", files
    finally:
        server.shutdown()
        server.server_close()


def test_the_python_of_the_page_reads_a_folder_and_writes_another(
    tmp_path: Path, small_model: ExportedModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    def copy_onnx(folder: Path) -> float:
        shutil.copy(small_model.folder / "model.onnx", folder)
        return 0.0

    monkeypatch.setattr("splpaint.networks.export.export_model", copy_onnx)
    monkeypatch.chdir(tmp_path)
    shutil.copytree(small_model.folder, "mymodel")
    (code,) = re.findall(r"```python\n(from splpaint.networks import PretrainedSPL.*?)```", PAGE, re.DOTALL)
    names: dict[str, Any] = {}
    exec(code, names)
    plain, _ = load_model(small_model.folder)
    image, hole = torch.rand(1, 3, 64, 64), torch.zeros(1, 1, 64, 64)
    hole[:, :, 20:30] = 1
    with torch.inference_mode():
        assert torch.equal(names["network"](image, hole).painted, plain(image, hole).painted)
    for name in ("config.json", "model.safetensors", "model.onnx"):
        assert Path("copy", name).read_bytes() == Path("mymodel", name).read_bytes()
    assert Path("copy", "README.md").is_file()


def test_a_bundled_model_has_a_name_and_a_mistyped_folder_asks_no_hub(
    small_model: ExportedModel, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def refuse(name: str, **_: Any) -> str:
        raise ConnectionError(f"no way to {name}\nand a long story")

    monkeypatch.setattr("splpaint.networks.pretrained.snapshot_download", refuse)
    monkeypatch.setitem(BUNDLED, "compact", small_model.folder)
    monkeypatch.chdir(tmp_path)
    assert PretrainedSPL.from_pretrained("compact").title == "small"
    for name in ("runs/mine/modle", "mymodle", "./there"):
        with pytest.raises(ModelError, match=f"expected the name compact, a model folder, .* got '{name}'"):
            PretrainedSPL.from_pretrained(name)
    with pytest.raises(DownloadError, match=r"does not give it \(no way to someone/small\); check the name"):
        PretrainedSPL.from_pretrained(REPOSITORY)


def test_without_the_extra_the_name_says_which_one_it_needs() -> None:
    code = (
        "import sys\n"
        "sys.modules['huggingface_hub'] = None\n"
        "from splpaint.errors import MissingExtraError\n"
        "try:\n    from splpaint.networks import PretrainedSPL\n"
        "except MissingExtraError as error:\n    print(error)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert re.match(
        r"splpaint\.networks\.PretrainedSPL needs the module huggingface_hub.*\[train\]", done.stdout
    )


@pytest.mark.slow
def test_what_is_pushed_comes_back_and_paints(tmp_path: Path, small_model: ExportedModel) -> None:
    code = (
        "import shutil, torch\n"
        "from splpaint.networks import export\n"
        # The ONNX of these very weights is there already, and making it takes long.
        f"export.export_model = lambda folder: len(shutil.copy({str(small_model.folder / 'model.onnx')!r}, folder))\n"
        "from splpaint.networks import PretrainedSPL\n"
        f"network = PretrainedSPL.from_pretrained({str(small_model.folder)!r})\n"
        f"network.push_to_hub({REPOSITORY!r})\n"
        f"again = PretrainedSPL.from_pretrained({REPOSITORY!r}).state_dict()\n"
        "assert all(torch.equal(value, again[name]) for name, value in network.state_dict().items())\n"
    )
    with serving_hub() as (url, files):
        environment = {name: value for name, value in os.environ.items() if not name.startswith("HF_")}
        environment |= {
            "HF_ENDPOINT": url,
            "HF_HOME": str(tmp_path / "hub"),
            "HF_TOKEN": "hf_none",
            "no_proxy": "*",
        }
        done = subprocess.run(
            [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=False
        )
    assert done.returncode == 0, done.stderr
    assert sorted(files) == ["README.md", "SHA256SUMS", "config.json", "model.onnx", "model.safetensors"]
    cached = {path.name for path in (tmp_path / "hub").rglob("*") if COMMIT in path.parts}
    assert cached >= {"config.json", "model.safetensors"}
    assert "model.onnx" not in cached  # which torch does not need

    folder = tmp_path / "model"
    folder.mkdir()
    for name, data in files.items():
        (folder / name).write_bytes(data)
    assert files["model.safetensors"] == (small_model.folder / "model.safetensors").read_bytes()
    card = files["README.md"].decode()
    assert re.match(r"---\nlibrary_name: splpaint\n(.*\n)*---\n\n# small\n", card)
    Image.fromarray(np.full((40, 50, 3), 90, np.uint8)).save(tmp_path / "photo.png")
    command = f"paint {tmp_path}/photo.png --box 10,10,9,9 -o {tmp_path}/out.png --model {folder}"
    subprocess.run([sys.executable, "-m", "splpaint", *command.split()], check=True, capture_output=True)
