from __future__ import annotations

import warnings
from concurrent.futures import ThreadPoolExecutor

import pytest

from splpaint.notices import PictureWarning, collected, tell


def test_it_warns_where_nobody_collects() -> None:
    with pytest.warns(PictureWarning, match="odd") as caught:
        tell("odd")
    assert caught[0].filename == __file__


def test_every_thread_collects_its_own() -> None:
    def work(number: int) -> list[str]:
        with collected() as notes:
            for _ in range(50):
                tell(f"note {number}")
        return notes

    with warnings.catch_warnings(), ThreadPoolExecutor(8) as pool:
        warnings.simplefilter("error")
        results = list(pool.map(work, range(40)))
    assert results == [[f"note {number}"] * 50 for number in range(40)]
