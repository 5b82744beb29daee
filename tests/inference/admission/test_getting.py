"""A known model comes from its address, or from a mirror: the right file, added as any other, or nothing."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from splpaint.errors import DownloadError, InputError, MissingExtraError, ModelError
from splpaint.inference.admission import download_model, get_model
from splpaint.inference.models import KNOWN, KnownModel, find_model
from splpaint.locks import only_writer
from tests.mirror import PATH, mirroring
from tests.web_server import Served

LAMA = KNOWN["lama"].contract.model_copy(update={"working_size_px": 64, "size_multiple": 64})


@pytest.fixture
def served(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Served]:
    with mirroring(tmp_path, LAMA, monkeypatch) as mirror:
        yield mirror


def _downloads(tmp_path: Path) -> list[str]:
    folder = tmp_path / "cache" / "downloads" / "lama"
    return sorted(path.name for path in folder.iterdir() if path.name != ".lock")


def test_a_model_is_fetched_added_and_its_download_removed(served: Served, tmp_path: Path) -> None:
    told: list[tuple[int, int]] = []
    added = get_model("lama", progress=lambda done, total: told.append((done, total)))
    assert (added.name, added.known, added.folder) == ("lama", "lama", tmp_path / "models" / "lama")
    assert [asked.path for asked in served.asked] == [PATH]
    assert told[-1] == (len(served.data), len(served.data))
    assert find_model("lama").contract == LAMA
    assert (added.folder / "model.onnx").read_bytes() == served.data
    assert _downloads(tmp_path) == []


def test_a_name_that_is_taken_is_refused_before_anything_is_fetched(served: Served) -> None:
    get_model("lama")
    with pytest.raises(ModelError, match=r"must be free, got lama.*`overwrite=True`"):
        get_model("lama")
    assert len(served.asked) == 1
    get_model("lama", overwrite=True)
    assert len(served.asked) == 2


def test_another_file_is_refused_and_not_kept(served: Served, tmp_path: Path) -> None:
    served.data = served.data[:-1] + b"x"
    with pytest.raises(DownloadError, match=rf"{PATH} must give .* another file, of the SHA-256"):
        get_model("lama")
    assert _downloads(tmp_path) == []
    assert not (tmp_path / "models").exists()


def test_a_published_file_that_breaks_its_contract_is_not_added(
    served: Served, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wrong = LAMA.model_copy(update={"output_range": "0..1"})
    monkeypatch.setitem(KNOWN, "lama", KNOWN["lama"]._replace(contract=wrong))
    with pytest.raises(ModelError, match=r"lama_fp32\.onnx must keep its contract"):
        get_model("lama")
    assert list((tmp_path / "models").iterdir()) == []


def test_a_download_that_broke_off_goes_on_the_next_time(served: Served, tmp_path: Path) -> None:
    whole = served.answer
    served.answer = lambda answering, asked: answering.give(served.data, most=0 if asked.start else 100)
    with pytest.raises(DownloadError, match=r"100 bytes are kept"):
        get_model("lama")
    assert _downloads(tmp_path) == ["lama_fp32.onnx.part"]
    served.answer = whole
    get_model("lama")
    assert served.starts[-1] == 100


def test_without_a_network_a_file_that_is_put_in_its_place_is_added(served: Served, tmp_path: Path) -> None:
    place = tmp_path / "cache" / "downloads" / "lama" / "lama_fp32.onnx"
    served.answer = lambda answering, asked: answering.head(503, Content_Length=0)
    with pytest.raises(DownloadError, match=r"the answer 503 .* in another way, put it at ") as refused:
        get_model("lama")
    assert str(place) in str(refused.value)
    place.write_bytes(served.data)
    assert get_model("lama").known == "lama"
    assert len(served.asked) == 1


@pytest.mark.parametrize("module", ["onnx", "onnxruntime"])
def test_without_the_extra_the_file_is_downloaded_and_kept(
    served: Served, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, module: str
) -> None:
    with monkeypatch.context() as without:
        without.setitem(sys.modules, module, None)
        with pytest.raises(MissingExtraError, match=r"\[models\]"):
            get_model("lama")
    assert _downloads(tmp_path) == ["lama_fp32.onnx"]
    get_model("lama")
    assert len(served.asked) == 1


def test_one_process_at_a_time_downloads_a_model(served: Served, tmp_path: Path) -> None:
    folder = tmp_path / "cache" / "downloads" / "lama"
    with (
        only_writer(folder, doing="download"),
        pytest.raises(InputError, match="in use by another download"),
    ):
        download_model("lama")
    assert served.asked == []


def test_only_files_of_known_checksum_can_be_fetched(served: Served) -> None:
    with pytest.raises(ModelError, match=r"one of lama, .*got 'lamma'; did you mean lama\?"):
        get_model("lamma")
    with pytest.raises(
        ModelError, match=r"got aot-gan, which has none; export it yourself from https://github"
    ):
        get_model("aot-gan")
    assert served.asked == []


@pytest.mark.parametrize("place", ["", __file__])
def test_without_a_cache_the_variable_that_sets_one_is_named(
    served: Served, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    monkeypatch.setenv("SPLPAINT_CACHE", place)
    with pytest.raises(ModelError, match=r"set SPLPAINT_CACHE to (a|another) folder"):
        get_model("lama")
    assert served.asked == []


@pytest.mark.parametrize("endpoint", ["models.example", "file:///models", "ftp://models.example"])
def test_a_mirror_must_be_an_address(served: Served, monkeypatch: pytest.MonkeyPatch, endpoint: str) -> None:
    monkeypatch.setenv("HF_ENDPOINT", endpoint)
    with pytest.raises(InputError, match="HF_ENDPOINT must be an address such as https://"):
        get_model("lama")


def _with_file() -> dict[str, KnownModel]:
    return {name: known for name, known in KNOWN.items() if known.sha256}


@pytest.mark.parametrize("name", _with_file())
def test_every_file_has_an_address_a_size_and_a_checksum(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("HF_ENDPOINT", raising=False)
    url, size_bytes, sha256 = KNOWN[name].remote_file()
    assert url == KNOWN[name].origin
    assert url.startswith("https://huggingface.co/")
    assert url.endswith(".onnx")
    assert 20e6 < size_bytes < 300e6
    assert len(bytes.fromhex(sha256)) == 32
