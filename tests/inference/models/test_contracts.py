from __future__ import annotations

import json
from pathlib import Path

import pytest

from splpaint.errors import ModelError
from splpaint.inference.models.contracts import Contract, parse_contract, read_contract
from splpaint.inference.models.known import KNOWN, known_by_sha256

LAMA = KNOWN["lama"].contract


def _changed(**changes: object) -> str:
    return json.dumps(json.loads(LAMA.encoded()) | changes)


@pytest.mark.parametrize("name", KNOWN)
def test_a_contract_comes_back_from_its_file(name: str, tmp_path: Path) -> None:
    contract = KNOWN[name].contract
    path = tmp_path / "contract.json"
    path.write_bytes(contract.encoded())
    assert read_contract(path) == contract
    assert read_contract(path).sha256() == contract.sha256()


def test_contracts_of_other_content_have_other_checksums() -> None:
    assert len({known.contract.sha256() for known in KNOWN.values()}) == len(KNOWN)
    assert parse_contract(_changed(), "text").sha256() == LAMA.sha256()


def test_the_known_models_are_as_their_publishers_say() -> None:
    assert known_by_sha256("1faef5301d78db7dda502fe59966957ec4b79dd64e16f03ed96913c7a4eb68d6") == "lama"
    assert known_by_sha256("0" * 64) is None
    assert (LAMA.output_range, LAMA.hole_value, LAMA.fixed_size) == ("0..255", 1, True)
    migan = KNOWN["migan"].contract
    assert (migan.dtype, migan.hole_value, migan.known_value, migan.fixed_size) == ("uint8", 0, 255, True)
    assert KNOWN["lama-dynamic"].contract.channels == {"input": 4}
    assert KNOWN["migan-network"].contract.mask_first
    for name, known in KNOWN.items():
        assert known.licence
        assert known.origin.startswith("https://")
        assert (known.sha256 is None) == (known.size_bytes is None)
        assert Contract.model_validate(known.contract.model_dump()) == known.contract, name


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"hole_value": 0}, "hole_value and known_value must differ, both are 0"),
        ({"size_multiple": 96}, "working_size_px must be a multiple of size_multiple 96, got 512"),
        ({"dtype": "uint8"}, "uint8 holds the image_range 0..255"),
        ({"dtype": "uint8", "image_range": "0..255", "hole_value": 0.5}, "whole mask values"),
        ({"mask_first": True}, "mask_first is for one input of four channels"),
        ({"inputs": []}, "inputs"),
        ({"inputs": ["a", "b", "c"]}, "inputs"),
        ({"inputs": ["image", "image"]}, "inputs must have two names"),
        ({"image_range": "0..2"}, "image_range"),
        ({"composited": "yes"}, "composited"),
        ({"polarity": "white"}, "polarity"),
        ({"working_size_px": 10**9}, "working_size_px"),
        ({"hole_value": float("nan")}, "hole_value"),
    ],
)
def test_a_contract_that_cannot_be_is_refused(changes: dict[str, object], message: str) -> None:
    with pytest.raises(ModelError, match=message):
        parse_contract(_changed(**changes), "text")


@pytest.mark.parametrize("data", [b"", b"{", b"\xff\xfe", b"[" * 70_000, b"null", b"[]"])
def test_a_file_that_is_no_contract_is_refused(data: bytes, tmp_path: Path) -> None:
    (tmp_path / "contract.json").write_bytes(data)
    with pytest.raises(ModelError, match=r"contract\.json must describe what a network takes"):
        read_contract(tmp_path / "contract.json")


def test_a_missing_contract_is_named(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"none\.json .*check the path"):
        read_contract(tmp_path / "none.json")
