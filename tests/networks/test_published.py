"""The authors' checkpoints as they are, and as they may have been spoilt."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from torch import Tensor

from splpaint.errors import ModelError
from splpaint.networks.published import discriminator_table, generator_table, read_published
from tests.oracle_weights import published_checkpoint, published_shapes


@pytest.fixture(scope="module")
def tensors() -> dict[str, Tensor]:
    return published_checkpoint()


def saved(tmp_path: Path, tensors: dict[str, Tensor]) -> Path:
    path = tmp_path / "checkpoint.pt"
    torch.save(tensors, path)
    return path


def test_the_tables_hold_every_name_of_the_authors_once() -> None:
    theirs = [key for keys in generator_table().values() for key in keys]
    assert sorted(theirs) == sorted(published_shapes("spl_generator_keys"))
    theirs = [key for keys in discriminator_table().values() for key in keys]
    again = {key for key in published_shapes("spl_discriminator_keys") if key.startswith("features.0")}
    assert sorted([*theirs, *again]) == sorted(published_shapes("spl_discriminator_keys"))


def test_checkpoints_of_parallel_training_and_with_a_pretext_network_are_read(
    tmp_path: Path, tensors: dict[str, Tensor]
) -> None:
    plain = read_published(saved(tmp_path, tensors)).generator
    parallel = published_checkpoint(parallel=True) | {"tresnet_xL_hold.body.conv1.0.weight": torch.zeros(1)}
    other = read_published(saved(tmp_path, parallel)).generator
    assert plain.keys() == other.keys()
    assert all(torch.equal(plain[key], other[key]) for key in plain)


def test_a_generator_alone_is_enough(tmp_path: Path, tensors: dict[str, Tensor]) -> None:
    alone = {key: value for key, value in tensors.items() if key.startswith("generator.")}
    assert read_published(saved(tmp_path, alone)).discriminator is None


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda t: t.pop("generator.gff.1.bias"), r"generator\.gff\.1\.bias is missing"),
        (lambda t: t.pop("discriminator.conv3.0.weight_u"), r"discriminator\.conv3\.0\.weight_u is missing"),
        (
            lambda t: t.update({"generator.gff.2.bias": t.pop("generator.gff.1.bias")}),
            r"gff\.1\.bias is missing; generator\.gff\.2\.bias is unexpected",
        ),
        (lambda t: t.update({"generator.decoder.0.bias": torch.zeros(3)}), r"must be \(512,\), got \(3,\)"),
        (
            lambda t: t.update({"generator.middle.0.conv_block.0.mlp_gamma.bias": torch.zeros(255)}),
            r"mlp_gamma\.bias must be \(256,\), got \(255,\)",
        ),
        (lambda t: t.update({"optimizer": torch.zeros(1)}), "optimizer is unexpected"),
        (lambda t: t.update({"adversarial_loss.real_label": torch.tensor(0.9)}), "real_label is unexpected"),
        (lambda t: t.update({"generator.module.gff.1.bias": torch.zeros(256)}), "is unexpected"),
        (lambda t: t.clear(), "is missing; .* and [0-9]+ more"),
    ],
)
def test_a_partial_or_altered_checkpoint_is_refused_by_name(
    tmp_path: Path, tensors: dict[str, Tensor], spoil: object, message: str
) -> None:
    spoilt = dict(tensors)
    assert callable(spoil)
    spoil(spoilt)
    with pytest.raises(ModelError, match=message):
        read_published(saved(tmp_path, spoilt))


class _Code:
    def __reduce__(self) -> tuple[object, ...]:
        return (print, ("code of a checkpoint was run",))


def test_code_in_a_checkpoint_is_not_run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    torch.save({"generator.gff.1.bias": _Code()}, tmp_path / "checkpoint.pt")
    with pytest.raises(ModelError, match="one that holds"):
        read_published(tmp_path / "checkpoint.pt")
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("content", [b"", b"not a checkpoint", b"PK\x03\x04 broken"])
def test_other_files_are_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "checkpoint.pt").write_bytes(content)
    with pytest.raises(ModelError, match="PyTorch file"):
        read_published(tmp_path / "checkpoint.pt")
    with pytest.raises(ModelError, match="found none"):
        read_published(tmp_path / "none.pt")
