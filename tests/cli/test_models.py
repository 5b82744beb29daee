"""``splpaint models``, and what added models do in the other commands."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from typer.testing import CliRunner, Result

from splpaint.cli import app as commands
from splpaint.errors import MissingExtraError, ModelError
from splpaint.inference.models import KNOWN
from tests.cli.commands import COMMANDS
from tests.foreign_model import add_by_hand, write_foreign
from tests.mirror import PATH, mirroring
from tests.web_server import Answering, Asked

LAMA = KNOWN["lama"].contract.model_copy(update={"working_size_px": 64, "size_multiple": 64})
MIGAN = KNOWN["migan"].contract.model_copy(update={"working_size_px": 64, "size_multiple": 64})


@pytest.fixture
def models(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("SPLPAINT_MODELS", str(tmp_path / "models"))
    return tmp_path / "models"


def _run(*arguments: object) -> Result:
    assert "models add" in COMMANDS  # importing it registers the commands
    return CliRunner().invoke(commands.app, [*map(str, arguments)])


def _said(*arguments: object) -> str:
    done = _run(*arguments)
    assert done.exit_code == 0, done.output
    return done.output


def test_models_are_listed_added_shown_checked_and_removed(models: Path, tmp_path: Path) -> None:
    file = write_foreign(tmp_path / "a.onnx", LAMA)
    contract = tmp_path / "mine.json"
    contract.write_bytes(LAMA.encoded())
    assert _said("models", "list").splitlines()[:2] == [
        "compact         bundled, works at 256 x 256",
        "lama            not here, 208 MB: big-LaMa, fixed at 512 x 512",
    ]
    added = _said("models", "add", file, "--contract", contract, "--name", "lama")
    assert "known pixels come back" in added
    assert added.splitlines()[-1] == f"added lama: {models / 'lama'}"
    assert "lama            added, works at 64 x 64" in _said("models", "list")
    assert "lama            not here" not in _said("models", "list")
    assert json.loads(_said("models", "show", "lama", "--contract")) == json.loads(LAMA.encoded())
    checked = _said("models", "check", "lama")
    assert "test picture    painted by lama on OpenVINO CPU" in checked
    assert _said("models", "remove", "lama") == f"removed lama: {models / 'lama'}\n"
    assert list(models.iterdir()) == []


def test_a_model_is_fetched_once_and_paints(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with mirroring(tmp_path, LAMA, monkeypatch) as mirror:
        said = _said("models", "get", "lama").splitlines()
        assert said[0] == "big-LaMa, fixed at 512 x 512"
        assert said[1].startswith("licence of the weights: Apache-2.0")
        assert said[2].startswith("from: https://huggingface.co/Carve/")
        assert said[3].startswith("contract kept: ")
        assert said[-1] == f"added lama, the published file of lama: {tmp_path / 'models' / 'lama'}"
        assert _said("models", "get", "lama") == f"lama is here already: {tmp_path / 'models' / 'lama'}\n"
        assert [asked.path for asked in mirror.asked] == [PATH]
        Image.fromarray(np.full((50, 60, 3), 9, np.uint8)).save(tmp_path / "a.png")
        _said("paint", tmp_path / "a.png", "--box", "5,6,20,30", "--model", "lama")
        assert (tmp_path / "a.painted.png").exists()
        assert len(mirror.asked) == 1


def test_without_the_extra_it_is_said_before_anything_is_fetched(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with mirroring(tmp_path, LAMA, monkeypatch) as mirror:
        with monkeypatch.context() as without:
            without.setitem(sys.modules, "onnx", None)
            done = _run("models", "get", "lama")
        assert "without pip install '.[models]' the file is only downloaded" in done.output
        assert isinstance(done.exception, MissingExtraError)
        assert "added lama" in _said("models", "get", "lama")
        assert len(mirror.asked) == 1
    for name in ("aot-gan", "lamma"):
        refused = _run("models", "get", name)
        assert refused.output == ""
        assert isinstance(refused.exception, ModelError)
    assert _said("models", "get", "compact").startswith("compact is here already: ")


def test_a_model_that_was_damaged_is_fetched_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with mirroring(tmp_path, LAMA, monkeypatch):
        _said("models", "get", "lama")
        (tmp_path / "models" / "lama" / "model.onnx").write_bytes(b"")
        assert "pass `name`, or `overwrite=True`" in str(_run("models", "get", "lama").exception)
        _said("models", "get", "lama", "--overwrite")
        _said("models", "check", "lama")


def test_what_cannot_be_fetched_is_told_in_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with mirroring(tmp_path, LAMA, monkeypatch) as mirror:
        mirror.answer = lambda answering, asked: answering.head(404, Content_Length=0)
        done = subprocess.run(
            [sys.executable, "-m", "splpaint", "models", "get", "lama"],
            capture_output=True,
            text=True,
            check=False,
        )
    assert done.returncode == 2
    assert done.stdout.startswith("big-LaMa, fixed at 512 x 512\n")
    (line,) = done.stderr.splitlines()
    assert line.startswith(
        f"error: {mirror.url}{PATH} must give 208044816 bytes, got the answer 404 Not Found; "
    )
    assert f"put it at {tmp_path / 'cache' / 'downloads' / 'lama' / 'lama_fp32.onnx'} and" in line


def test_interrupted_it_says_that_the_same_command_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def give_a_part_and_stall(answering: Answering, _: Asked) -> None:
        answering.head(200, Content_Length=208044816)
        answering.wfile.write(b"part")
        answering.stall()

    part = tmp_path / "cache" / "downloads" / "lama" / "lama_fp32.onnx.part"
    with mirroring(tmp_path, LAMA, monkeypatch) as mirror:
        mirror.answer = give_a_part_and_stall
        running = subprocess.Popen(
            [sys.executable, "-m", "splpaint", "models", "get", "lama"], stderr=subprocess.PIPE, text=True
        )
        end_s = time.monotonic() + 60
        while not (part.exists() and part.stat().st_size) and time.monotonic() < end_s:
            time.sleep(0.01)
        running.send_signal(signal.SIGINT)
        _, complained = running.communicate(timeout=60)
    assert running.returncode == 130
    assert complained.splitlines()[-1] == (
        "interrupted: what has arrived is kept; run the same command again to continue"
    )
    assert part.read_bytes() == b"part"


def test_a_known_model_is_shown_before_it_is_here(models: Path) -> None:
    shown = _said("models", "show", "migan")
    assert "licence of the weights: MIT" in shown
    assert "29546882 bytes, SHA-256 593eba0b" in shown
    assert json.loads(shown[shown.index("{") :])["dtype"] == "uint8"
    assert json.loads(_said("models", "show", "aot-gan", "--contract"))["hole_holds"] == "one"
    assert isinstance(_run("models", "show", "nothing").exception, ModelError)


def test_a_damaged_model_is_listed_as_such_and_fails_its_check(models: Path) -> None:
    add_by_hand(models / "mine", LAMA)
    (models / "mine" / "model.onnx").write_bytes(b"")
    assert "mine            added, a model folder holds model.onnx, got a missing or empty" in _said(
        "models", "list"
    )
    failed = _run("models", "check", "mine")
    assert failed.exit_code == 1
    assert failed.output.startswith("FAILED ")


def test_a_refusal_speaks_in_options(models: Path, tmp_path: Path) -> None:
    file = write_foreign(tmp_path / "a.onnx", LAMA)
    done = subprocess.run(
        [sys.executable, "-m", "splpaint", "models", "add", str(file)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert "pass --contract with one of lama, " in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("contract", [LAMA, MIGAN], ids=["lama", "migan"])
def test_photos_are_painted_with_an_added_model_without_onnx(
    models: Path, tmp_path: Path, contract: object
) -> None:
    add_by_hand(models / "mine", contract)  # type: ignore[arg-type]
    pixels = np.random.default_rng(0).integers(0, 256, (67, 91, 3), np.uint8)
    Image.fromarray(pixels).save(tmp_path / "a.png")
    code = (
        "import sys\n"
        "for name in ('onnx', 'onnxruntime', 'torch', 'cv2'):\n    sys.modules[name] = None\n"
        f"sys.argv = ['splpaint', 'paint', {str(tmp_path / 'a.png')!r}, '--box', '5,6,20,30', '--model', 'mine']\n"
        "from splpaint.cli.app import main\nmain()\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "painted by mine on OpenVINO CPU" in done.stdout
    painted = np.asarray(Image.open(tmp_path / "a.painted.png"))
    inside = np.zeros((67, 91), np.bool_)
    inside[6:36, 5:25] = True
    np.testing.assert_array_equal(painted[~inside], pixels[~inside])
    assert (painted[inside] != pixels[inside]).any()


@pytest.mark.parametrize("command", ["add", "check"])
def test_what_needs_the_extra_says_so(models: Path, tmp_path: Path, command: str) -> None:
    add_by_hand(models / "mine", LAMA)
    file = write_foreign(tmp_path / "a.onnx", LAMA)
    code = (
        "import sys\nsys.modules['onnx'] = None\n"
        f"sys.argv = ['splpaint', 'models', {command!r}, {str(file) if command == 'add' else 'mine'!r}]\n"
        "from splpaint.cli.app import main\nmain()\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "pip install '.[models]'" in done.stderr
