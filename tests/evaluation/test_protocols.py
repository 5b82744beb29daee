from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from splpaint.errors import InputError
from splpaint.evaluation import PROTOCOLS, Sample, find_protocol
from splpaint.images import Resampling
from splpaint.masks import MaskOrigin
from splpaint.pairs import PairRecord, View
from tests.metrics.plain_ssim import plain_ssim

ORACLE = Path(__file__).parents[1] / "oracles" / "spl_evaluation.npz"
RECORD = PairRecord(
    "a.png", "0" * 64, 640, 480, MaskOrigin("centre"), 1, 2, "0" * 64, 256, 256, 0.25, "(0.2,0.3]"
)


def measured(name: str, sample: Sample) -> dict[str, float]:
    return {measure.name: measure.of(sample) for measure in PROTOCOLS[name].measures}


def pair() -> tuple[NDArray[np.float32], NDArray[np.uint8], NDArray[np.bool_]]:
    """A painting that differs everywhere, the truth and a hole."""
    noise = np.random.default_rng(5)
    truth = noise.integers(0, 256, (40, 50, 3), dtype=np.uint8)
    painted = np.clip(truth / 255 + noise.normal(0, 0.1, truth.shape), 0, 1).astype(np.float32)
    hole = np.zeros((40, 50), np.bool_)
    hole[10:30, 15:35] = True
    return painted, truth, hole


def test_spl_2021_gives_the_published_values() -> None:
    oracle = np.load(ORACLE)
    for number in range(3):
        truth = (oracle["image"][number].transpose(1, 2, 0) * np.float32(255)).astype(np.uint8)
        painted, hole = oracle["prediction"][number].transpose(1, 2, 0), oracle["mask"][number, 0] > 0
        values = measured("spl-2021", PROTOCOLS["spl-2021"].sample(painted, truth, hole))
        expected = {name: oracle[name][number] for name in ("psnr", "ssim", "l1")}
        assert values == pytest.approx(expected, abs=1e-6)


def test_levels_of_8_bits_survive_truncation() -> None:
    levels = np.tile(np.arange(256, dtype=np.uint8)[:, None, None], (1, 1, 3))
    floats = levels.astype(np.float32) / np.float32(255)
    for protocol in PROTOCOLS.values():
        assert np.array_equal(protocol.quantise(floats), levels)


def test_mat_measures_the_rounded_painting_as_it_is() -> None:
    painted, truth, hole = pair()
    levels = np.array([round(float(level) * 255) for level in painted.flat], np.uint8).reshape(truth.shape)
    difference = levels.astype(float) - truth
    expected = {
        "psnr": 20 * math.log10(255 / math.sqrt((difference**2).mean())),
        "ssim": plain_ssim(levels, truth, "gaussian"),
        "l1": (abs(difference) / 255).mean(),
    }
    assert measured("mat", PROTOCOLS["mat"].sample(painted, truth, hole)) == pytest.approx(expected, rel=1e-9)


def test_lama_measures_the_truncated_painting_as_it_is() -> None:
    painted, truth, hole = pair()
    levels = np.array([int(level * np.float32(255)) for level in painted.flat], np.uint8).reshape(truth.shape)
    values = measured("lama", PROTOCOLS["lama"].sample(painted, truth, hole))
    assert values == pytest.approx({"ssim": plain_ssim(levels, truth, "gaussian-padded")}, rel=1e-9)


def test_clean_rounds_and_takes_known_pixels_from_the_truth() -> None:
    painted, truth, hole = pair()
    levels = np.rint(painted * np.float32(255)).astype(np.uint8)
    composited = np.where(hole[..., None], levels, truth)
    sample = PROTOCOLS["clean"].sample(painted, truth, hole)
    assert np.array_equal(sample.painted, composited)
    values = measured("clean", sample)
    error = abs(levels[hole].astype(float) - truth[hole])
    share = hole.mean()
    expected = {
        "psnr": 10 * math.log10(255**2 / ((error**2).mean() * share)),
        "psnr_hole": 10 * math.log10(255**2 / (error**2).mean()),
        "ssim": plain_ssim(composited, truth, "gaussian"),
        "mae": error.mean() * share,
        "mae_hole": error.mean(),
    }
    assert {name: values[name] for name in expected} == pytest.approx(expected, rel=1e-9)
    assert set(values) - set(expected) == {"border_step", "ring_level", "sharpness", "grain"}


@pytest.mark.parametrize("name", sorted(PROTOCOLS))
def test_a_painting_of_8_bits_is_measured_as_it_is(name: str) -> None:
    painted, truth, hole = pair()
    levels = (painted * 255).astype(np.uint8)
    sample = PROTOCOLS[name].sample(levels, truth, hole)
    assert np.array_equal(sample.painted[hole], levels[hole])
    known = truth if PROTOCOLS[name].composite else levels
    assert np.array_equal(sample.painted[~hole], known[~hole])


def test_a_perfect_painting_is_infinitely_good_and_nothing_else_is_infinite() -> None:
    _, truth, hole = pair()
    for name in PROTOCOLS:
        values = measured(name, Sample(truth, truth, hole))
        assert all(math.isinf(value) == figure.startswith("psnr") for figure, value in values.items())


def test_bins_are_those_of_liu_but_tenths_for_lama() -> None:
    clean, lama = PROTOCOLS["clean"].bin_of, PROTOCOLS["lama"].bin_of
    assert [clean(ratio) for ratio in (0.005, 0.1, 0.25, 0.7)] == ["", "(0.01,0.1]", "(0.2,0.3]", ""]
    labels = [lama(ratio) for ratio in (0, 0.0999, 0.1, 0.3, 0.95, 1)]
    assert labels == ["[0,0.1)", "[0,0.1)", "[0.1,0.2)", "[0.3,0.4)", "[0.9,1]", "[0.9,1]"]


def test_a_protocol_refuses_photographs_that_were_prepared_otherwise() -> None:
    migan = PROTOCOLS["migan"]
    with pytest.raises(
        InputError, match=r"got the view centre, resized by area, for a.png; .*resize=\"bicubic\"`"
    ):
        migan.require_preparation(RECORD)
    native = RECORD._replace(mask_width=640, mask_height=480, view=View.NATIVE, resize=None)
    with pytest.raises(InputError, match=r"got the view native, resized by nothing, for a.png"):
        migan.require_preparation(native)
    migan.require_preparation(RECORD._replace(view=View.WHOLE, resize=Resampling.BICUBIC))
    migan.require_preparation(RECORD._replace(image_width=256, image_height=256))
    PROTOCOLS["clean"].require_preparation(native)


@pytest.mark.parametrize("name", sorted(PROTOCOLS))
def test_a_protocol_describes_all_that_it_measures(name: str) -> None:
    protocol = find_protocol(name)
    text = protocol.describe()
    parts = [name, protocol.definition, protocol.source, *protocol.deep]
    parts += [part for measure in protocol.measures for part in (measure.name, measure.definition)]
    assert [part for part in parts if part not in text] == []


def test_an_unknown_protocol_is_refused_with_the_nearest() -> None:
    with pytest.raises(InputError, match=r"got 'spl2021'; did you mean spl-2021\?"):
        find_protocol("spl2021")
