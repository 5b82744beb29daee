from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from splpaint.parallel import PixelBudget, ordered_map


def test_results_come_in_order_though_the_work_does_not() -> None:
    def work(number: int) -> int:
        time.sleep(0.02 if number % 5 == 0 else 0)
        return number * number

    assert list(ordered_map(work, range(50), workers=4)) == [number * number for number in range(50)]


def test_the_work_overlaps() -> None:
    together = threading.Barrier(3, timeout=20)  # would break if fewer than three ran at once
    assert len(list(ordered_map(lambda _: together.wait(), range(9), workers=3))) == 9


@pytest.mark.parametrize("ahead", [1, 5])
def test_no_more_items_are_taken_than_it_may_be_ahead(ahead: int) -> None:
    taken = []

    def items() -> Iterator[int]:
        for number in range(50):
            taken.append(number)
            yield number

    results = ordered_map(str, items(), workers=3, ahead=ahead)
    for asked in range(1, 40):
        assert next(results) == str(asked - 1)
        assert len(taken) == asked - 1 + 3 + ahead
    results.close()


def test_an_exception_ends_it_and_drops_what_has_not_begun() -> None:
    begun = []

    def work(number: int) -> int:
        begun.append(number)
        if number == 3:
            raise KeyError(number)
        return number

    results = ordered_map(work, range(1000), workers=2)
    with pytest.raises(KeyError):
        list(results)
    assert len(begun) < 12


def test_pictures_wait_for_room_and_a_huge_one_goes_alone() -> None:
    budget, lock = PixelBudget(10), threading.Lock()
    inside: list[int] = []
    totals: list[int] = []

    def work(pixels: int) -> None:
        with budget.room_for(pixels):
            with lock:
                inside.append(pixels)
                totals.append(sum(inside))
                assert sum(inside) <= 10 or len(inside) == 1
            time.sleep(0.002)
            with lock:
                inside.remove(pixels)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(work, [4, 4, 25, 1, 9, 3, 3, 3, 10, 2] * 5))
    assert max(totals) == 25
