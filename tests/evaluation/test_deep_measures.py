"""Measures by networks in a whole evaluation; the network is one whose features can be told by hand."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn.functional import adaptive_avg_pool2d

from splpaint.errors import InputError
from splpaint.evaluation import CallableMethod, Summary, evaluate, write_report
from splpaint.evaluation.deep import opening
from splpaint.evaluation.deep.network import FeatureNetwork
from splpaint.evaluation.deep.weights import FoundWeights
from splpaint.evaluation.deep_measures import SET_MEASURES
from splpaint.evaluation.records import RecordFile
from splpaint.images import Pixels
from splpaint.pairs import iterate_manifest, load_pair
from splpaint.shares import WHOLE, Share
from tests.evaluation.conftest import GREY, MEAN, grey
from tests.evaluation.test_set_distances import as_mat, published

EXACT = CallableMethod("exact", lambda image, hole: image)
METHODS = [MEAN, GREY, EXACT]
NAMES = ("psnr_hole", "frechet-effnet", "p-ids", "u-ids")


def quarters(levels: Tensor) -> Tensor:
    """(1,3,H,W) => (1,12), the mean colours of the picture's quarters."""
    return adaptive_avg_pool2d(levels, 2).flatten(1)


@pytest.fixture
def by_hand(monkeypatch: pytest.MonkeyPatch) -> None:
    """Any network is one of mean colours, and few pairs suffice."""
    weights = FoundWeights(Path("colours.pth"), "c0" * 32)
    monkeypatch.setattr(opening, "_open_network", lambda *_: (FeatureNetwork(12, quarters), weights))
    for name, measure in SET_MEASURES.items():
        monkeypatch.setitem(SET_MEASURES, name, measure._replace(least_pairs=2))


def measured(pairs: Path, output: Path) -> Summary:
    evaluate(pairs, METHODS, measures=NAMES, output=output)
    return write_report([output], output)


def colours(pictures: list[Pixels]) -> NDArray[np.float32]:
    half = pictures[0].shape[0] // 2
    means = [picture.reshape(2, half, 2, half, 3).mean(axis=(1, 3)) for picture in pictures]
    return np.array([mean.transpose(2, 0, 1).ravel() for mean in means], np.float32)


@pytest.mark.usefixtures("by_hand")
def test_distances_between_sets_are_those_of_the_features_of_all_pairs(pairs: Path, tmp_path: Path) -> None:
    summary = measured(pairs, tmp_path)
    loaded = [load_pair(record, pairs.parent) for record in iterate_manifest(pairs)]
    truth = colours([image for image, _ in loaded])
    painted = colours([grey(image, hole) for image, hole in loaded])
    found = {(each.name, each.method): each.value for each in summary.sets}
    assert found["frechet-effnet", "grey"] == pytest.approx(published(truth, painted, 1), rel=1e-5)
    assert (found["p-ids", "grey"], found["u-ids", "grey"]) == pytest.approx(as_mat(painted, truth), abs=1e-6)
    assert found["frechet-effnet", "exact"] == 0
    assert (found["p-ids", "exact"], found["u-ids", "exact"]) == (0, 0.5)


@pytest.mark.usefixtures("by_hand")
def test_a_report_says_what_is_to_be_known_of_each_distance(pairs: Path, tmp_path: Path) -> None:
    measured(pairs, tmp_path)
    report = json.loads((tmp_path / "report.json").read_text("utf-8"))
    assert [fact["name"] for fact in report["measures"]] == ["psnr_hole"]
    assert [fact["name"] for fact in report["set_measures"]] == list(NAMES[1:])
    assert report["set_measures"][0]["definition"].endswith(
        "Weights: colours.pth, SHA-256 " + "c0" * 32 + "."
    )
    assert {each["count"] for each in report["sets"]} == {15}
    assert {each["flag"][:22] for each in report["sets"]} == {"fewer than 10,000 pair"}
    assert "torch" in report["settings"]["versions"]


@pytest.mark.usefixtures("by_hand")
def test_shards_and_interruptions_give_the_very_report_of_one_run(pairs: Path, tmp_path: Path) -> None:
    measured(pairs, tmp_path / "whole")
    wanted = (tmp_path / "whole" / "report.json").read_bytes()
    for part in (2, 1, 3, 4):
        evaluate(pairs, METHODS, measures=NAMES, output=tmp_path / "parts", share=Share(part, 4))
    write_report([tmp_path / "parts"], tmp_path / "merged")
    assert (tmp_path / "merged" / "report.json").read_bytes() == wanted
    file = RecordFile(tmp_path / "whole", WHOLE).path
    features = sorted(file.parent.glob("*.f32"))
    assert [each.name for each in features] == ["features-efficientnet-lite0.f32", "features-inception.f32"]
    contents = [each.read_bytes() for each in features]
    assert {len(content) for content in contents} == {15 * 4 * 12 * 4}
    for place in (10, len(file.read_bytes()) // 2, len(file.read_bytes()) - 1):
        file.write_bytes(
            file.read_bytes()[:place]
        )  # killed after features were written and before values were
        features[0].write_bytes(features[0].read_bytes() + b"half")
        measured(pairs, tmp_path / "whole")
        assert (tmp_path / "whole" / "report.json").read_bytes() == wanted
        assert [each.read_bytes() for each in features] == contents


@pytest.mark.usefixtures("by_hand")
def test_lost_features_are_named(pairs: Path, tmp_path: Path) -> None:
    measured(pairs, tmp_path)
    (file,) = tmp_path.glob("*/features-inception.f32")
    file.write_bytes(file.read_bytes()[:-1])
    message = r"expected 2880 bytes .*inception\.f32, got 2879; .*`overwrite=True`"
    with pytest.raises(InputError, match=message):
        write_report([tmp_path], tmp_path)
    with pytest.raises(InputError, match=message):
        measured(pairs, tmp_path)
    evaluate(pairs, METHODS, measures=NAMES, output=tmp_path, overwrite=True)
    assert write_report([tmp_path], tmp_path).sets


@pytest.mark.usefixtures("by_hand")
def test_features_of_a_network_that_is_no_longer_asked_for_go_with_the_values(
    pairs: Path, tmp_path: Path
) -> None:
    measured(pairs, tmp_path)
    evaluate(pairs, METHODS, measures=["frechet-effnet"], output=tmp_path, overwrite=True)
    (left,) = tmp_path.glob("*/features-*")
    assert left.name == "features-efficientnet-lite0.f32"
    assert left.stat().st_size == 15 * 4 * 12 * 4


@pytest.mark.usefixtures("by_hand")
def test_sets_alone_can_be_measured(pairs: Path, tmp_path: Path) -> None:
    evaluate(pairs, METHODS, measures=["frechet-effnet"], output=tmp_path)
    summary = write_report([tmp_path], tmp_path)
    assert (summary.measures, len(summary.sets)) == ([], 3)


@pytest.mark.usefixtures("by_hand")
def test_a_report_is_written_where_there_is_no_torch(pairs: Path, tmp_path: Path) -> None:
    measured(pairs, tmp_path)
    wanted = (tmp_path / "report.json").read_bytes()
    code = (
        "import sys\nfrom pathlib import Path\n"
        "class NoTorch:\n"
        "    def find_spec(self, name, *_):\n"
        "        if name.startswith(('torch', 'timm')):\n            raise ImportError(name)\n"
        "sys.meta_path.insert(0, NoTorch())\n"
        "from splpaint.evaluation import write_report\n"
        f"write_report([Path({str(tmp_path)!r})], Path({str(tmp_path / 'again')!r}))\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
    assert (tmp_path / "again" / "report.json").read_bytes() == wanted


def test_what_cannot_be_computed_is_left_out_with_the_reason(
    pairs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TORCH_HOME", str(tmp_path / "no cache"))
    evaluate(pairs, [GREY], protocol="mat", output=tmp_path)
    summary = write_report([tmp_path], tmp_path)
    assert [measure.name for measure in summary.measures] == ["psnr", "ssim", "l1"]
    left_out = summary.settings.left_out
    assert list(left_out) == ["lpips-alex", "fid-stylegan", "p-ids", "u-ids"]
    assert "alexnet-owt-7be5be79.pth" in left_out["lpips-alex"]
    assert "at least 5,000 pairs, got 15" in left_out["u-ids"]
    assert not any(str(tmp_path) in reason for reason in left_out.values())  # as on any other machine


def test_without_the_extra_measures_by_networks_are_left_out(
    pairs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(
        SET_MEASURES, "frechet-effnet", SET_MEASURES["frechet-effnet"]._replace(least_pairs=2)
    )
    monkeypatch.delitem(sys.modules, "splpaint.evaluation.deep.timm_networks", raising=False)
    monkeypatch.setitem(sys.modules, "timm", None)
    evaluate(pairs, [GREY], output=tmp_path)
    left_out = write_report([tmp_path], tmp_path).settings.left_out
    assert "needs the module timm" in left_out["frechet-effnet"]
    assert "pip install '.[metrics]'" in left_out["frechet-effnet"]


def test_measures_by_networks_can_be_declined(pairs: Path, tmp_path: Path) -> None:
    evaluate(pairs, [GREY], protocol="mat", deep=False, output=tmp_path)
    assert write_report([tmp_path], tmp_path).settings.left_out == {}


def test_nothing_to_measure_is_refused(pairs: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"cannot be computed: fid: .*at least 2,048 pairs"):
        evaluate(pairs, [GREY], measures=["fid"], output=tmp_path)


def test_the_command_asks_for_a_folder_of_weights(pairs: Path, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "splpaint", "evaluate", "--pairs", str(pairs), "--baseline", "telea"]
    command += ["--protocol", "mat", "--weights", "no-such-folder", "-o", str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "--weights must be a folder of weights, got no-such-folder" in done.stderr
    assert "lpips-alex (lower is best): Learned perceptual" in done.stdout


@pytest.mark.slow
def test_a_real_network_gives_the_same_in_shards_and_with_any_number_of_threads(
    pairs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(
        SET_MEASURES, "frechet-effnet", SET_MEASURES["frechet-effnet"]._replace(least_pairs=2)
    )
    evaluate(pairs, [GREY], output=tmp_path / "whole")
    (value,) = write_report([tmp_path / "whole"], tmp_path).sets
    assert value.value > 1
    threads = torch.get_num_threads()
    for part in (1, 2):
        torch.set_num_threads(part)
        evaluate(pairs, [GREY], output=tmp_path / "parts", share=Share(part, 2))
    torch.set_num_threads(threads)
    write_report([tmp_path / "parts"], tmp_path / "merged")
    assert (tmp_path / "merged" / "report.json").read_bytes() == (tmp_path / "report.json").read_bytes()
