from __future__ import annotations

from collections import Counter

from splpaint.evaluation.report.blind.drawing import Candidate, draw_letters, draw_pairs

CANDIDATES = [
    Candidate(number, f"photograph {number % 10}", ("few", "many", "most")[number % 3], "box")
    for number in range(1, 61)
]


def test_every_pair_is_drawn_once_and_the_same_seed_draws_the_same() -> None:
    drawn = list(draw_pairs(CANDIDATES, seed=3))
    assert sorted(each.number for each in drawn) == list(range(1, 61))
    assert drawn == list(draw_pairs(CANDIDATES, seed=3))
    assert drawn != list(draw_pairs(CANDIDATES, seed=4))


def test_bins_and_masks_take_turns() -> None:
    candidates = [each._replace(mask="thin" if each.number % 2 else "thick") for each in CANDIDATES]
    drawn = list(draw_pairs(candidates, seed=3))
    for start in range(0, 60, 6):
        assert len({(each.bin, each.mask) for each in drawn[start : start + 6]}) == 6


def test_a_sort_with_few_pairs_leaves_the_others_their_turns() -> None:
    rare = [each._replace(bin="rare") for each in CANDIDATES[:2]] + CANDIDATES[2:]
    counts = Counter(each.bin for each in list(draw_pairs(rare, seed=3))[:20])
    assert counts == {"rare": 2, "few": 6, "many": 6, "most": 6}


def test_photographs_repeat_only_when_a_sort_has_no_other() -> None:
    drawn = list(draw_pairs(CANDIDATES, seed=3))
    assert len({each.photograph for each in drawn[:10]}) == 10
    assert max(Counter(each.photograph for each in drawn[:20]).values()) == 2


def test_letters_are_all_pictures_in_an_order_of_their_own_for_each_pair() -> None:
    assert sorted(draw_letters(4, 3, 7).values()) == [0, 1, 2, 3]
    assert list(draw_letters(4, 3, 7)) == ["A", "B", "C", "D"]
    assert draw_letters(4, 3, 7) == draw_letters(4, 3, 7)


def test_each_picture_stands_first_about_equally_often() -> None:
    first = Counter(draw_letters(4, 3, number)["A"] for number in range(1, 1001))
    assert min(first.values()) > 200  # 250 are expected; the standard deviation is 14
