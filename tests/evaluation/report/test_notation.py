from __future__ import annotations

import pytest

from splpaint.evaluation.report.notation import best_methods, number, words
from splpaint.evaluation.summary import MeasureFact
from tests.evaluation.report.summaries import PSNR, SHARPNESS, SSIM, means_of


def test_numbers_have_the_digits_of_their_unit() -> None:
    assert number(21.456, PSNR) == "21.46"
    assert number(0.83455, SSIM) == "0.8346"
    assert number(0.8345, SHARPNESS) == "0.835"
    assert number(None, PSNR) == "–"


@pytest.mark.parametrize(
    ("value", "text"), [(0.114, "+0.11"), (-0.114, "-0.11"), (-0.004, "0.00"), (0.004, "0.00")]
)
def test_differences_have_a_sign_unless_they_round_to_nothing(value: float, text: str) -> None:
    assert number(value, PSNR, signed=True) == text


def test_the_best_are_all_that_are_written_alike() -> None:
    values = {"a": 21.004, "b": 20.996, "c": 20.9, "none": None}
    assert best_methods(means_of(values, PSNR), PSNR) == {"a", "b"}
    lower = PSNR.model_copy(update={"better": "lower"})
    assert best_methods(means_of(values, lower), lower) == {"c"}


def test_the_best_of_ratios_are_nearest_to_one_from_either_side() -> None:
    assert best_methods(means_of({"a": 0.9, "b": 1.1, "c": 1.2}, SHARPNESS), SHARPNESS) == {"a", "b"}


def test_one_method_alone_is_not_the_best() -> None:
    assert best_methods(means_of({"a": 21.0}, PSNR), PSNR) == set()


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("psnr_hole", "PSNR in hole"),
        ("border_step", "border step"),
        ("p-ids", "P-IDS"),
        ("lpips-vgg", "LPIPS-VGG"),
    ],
)
def test_measures_have_names_for_people(name: str, wanted: str) -> None:
    assert words(MeasureFact(name=name, unit="", better="lower", definition="")) == wanted
