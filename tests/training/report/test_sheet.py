from __future__ import annotations

import numpy as np
import pytest

from splpaint.training.report.sheet import SheetRow, draw_sheet

SIDE = 32


def row(prior: np.ndarray[tuple[int, ...], np.dtype[np.float32]], level: int = 100) -> SheetRow:
    truth = np.full((SIDE, SIDE, 3), level, np.uint8)
    hole = np.zeros((SIDE, SIDE), np.bool_)
    hole[8:16, 4:20] = True
    painted = np.full_like(truth, 200)
    return SheetRow(truth, hole, painted, np.where(hole[..., None], painted, truth), prior)


def test_a_sheet_shows_damaged_painted_composite_truth_and_prior() -> None:
    rows = [row(np.zeros((5, 4, 4), np.float32), level) for level in (50, 100)]
    sheet = np.asarray(draw_sheet(rows))
    assert sheet.shape == (24 + 2 * 36, 4 + 5 * 36, 3)
    for number, each in enumerate(rows):
        top = 24 + number * 36
        damaged, painted, composite, truth = (
            sheet[top : top + SIDE, 4 + column * 36 : 4 + column * 36 + SIDE] for column in range(4)
        )
        assert (damaged[each.hole] == 255).all()
        assert (damaged[~each.hole] == each.truth[~each.hole]).all()
        assert (painted == each.painted).all()
        assert (composite == each.composite).all()
        assert (truth == each.truth).all()


@pytest.mark.parametrize("channels", [1, 2, 40])
def test_alike_features_have_the_same_colour_and_different_ones_another(channels: int) -> None:
    kinds = np.random.default_rng(0).normal(size=(2, channels)).astype(np.float32)
    which = np.zeros((4, 4), np.int64)
    which[:, 2:] = 1
    prior = kinds[which].transpose(2, 0, 1)  # (4,4,P) => (P,4,4)
    first, second = (np.asarray(draw_sheet([row(prior), row(each)])) for each in (prior, prior[..., ::-1]))
    left = 4 + 4 * 36
    shown = first[24 : 24 + SIDE, left : left + SIDE]
    assert len(np.unique(shown.reshape(-1, 3), axis=0)) == 2
    assert (shown[:, :16] == shown[0, 0]).all()
    assert (shown[:, 16:] == shown[0, -1]).all()
    assert np.abs(shown[0, 0].astype(int) - shown[0, -1]).max() == 255
    mirrored = second[24 + 36 : 24 + 36 + SIDE, left : left + SIDE]
    assert (mirrored[:, ::-1] == shown).all()  # one set of colours for the whole sheet
