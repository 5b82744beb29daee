"""A finished evaluation with its report; not to be changed."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from splpaint.evaluation import CallableMethod, evaluate, write_report
from splpaint.images import Hole, Pixels
from tests.evaluation.conftest import GREY, MEAN, grey

ODD_NAME = r"[odd] _100%_ $5 & #1 {a}~^|<b>*\x"
METHODS = ("mean colour", "grey", ODD_NAME)
MEASURES = ("psnr_hole", "ssim", "mae", "sharpness")


def nearly(image: Pixels, hole: Hole) -> Pixels:
    """The truth where the hole is small, so that it is named as identical."""
    return image if np.mean(hole) < 0.2 else grey(image, hole)


@pytest.fixture(scope="session")
def report(pairs: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a report: 15 pairs, three methods, the last with every character that is special anywhere."""
    output = tmp_path_factory.mktemp("evaluation") / "report"
    evaluate(pairs, [MEAN, GREY, CallableMethod(ODD_NAME, nearly)], measures=MEASURES, output=output)
    write_report([output], output)
    return output
