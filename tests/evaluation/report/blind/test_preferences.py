from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from splpaint.errors import InputError
from splpaint.evaluation import write_preferences
from splpaint.evaluation.report.blind.preferences import Preferences, count_preferences
from splpaint.evaluation.statistics import wilson_interval
from tests.evaluation.report.blind.keys import key_of, pair

ONE, TWO, THREE = (
    {"A": ["ours"], "B": ["same"], "C": ["telea"]},
    {"A": ["telea"], "B": ["ours"], "C": ["same"]},
    {"A": ["telea"], "B": ["ours", "same"]},  # painted alike
)


def count(*chosen: str) -> Preferences:
    """What one viewer prefers who chooses these letters."""
    key = key_of(*(pair(place, letters) for place, letters in enumerate((ONE, TWO, THREE), start=1)))
    answers = {each.pair: frozenset(letters) for each, letters in zip(key.pairs, chosen, strict=True)}
    return count_preferences(key, [answers])


def shares(found: Preferences) -> dict[str, float | None]:
    return {method: preference.share for method, preference in found.methods.items()}


def test_letters_are_turned_into_methods() -> None:
    assert shares(count("A", "B", "")) == {"ours": 1.0, "same": 0.0, "telea": 0.0}
    assert shares(count("C", "A", "A")) == {"ours": 0.0, "same": 0.0, "telea": 1.0}


def test_methods_preferred_alike_divide_a_vote() -> None:
    found = count("AC", "", "B")
    assert shares(found) == {"ours": 0.5, "same": 0.25, "telea": 0.25}
    assert found.undecided == 1


def test_who_prefers_everything_is_undecided() -> None:
    found = count("ABC", "CBA", "AB")
    assert found.undecided == 3
    assert shares(found) == {"ours": None, "same": None, "telea": None}
    assert {contest.undecided for contest in found.contests} == {3}


def test_two_methods_are_compared_where_one_of_them_is_preferred() -> None:
    contests = {(each.first, each.second): each for each in count("A", "A", "B").contests}
    found = contests["ours", "telea"]
    assert (found.first_preferred, found.second_preferred, found.undecided) == (2, 1, 0)
    assert found.share == pytest.approx(2 / 3, abs=1e-6)
    found = contests["ours", "same"]  # both are preferred in the third pair, neither in the second
    assert (found.first_preferred, found.second_preferred, found.undecided) == (1, 0, 2)
    assert found.share == 1.0


def test_answers_to_one_photograph_by_several_viewers_are_one_trial() -> None:
    key = key_of(pair(1, ONE, "x" * 64), pair(2, ONE, "x" * 64), pair(3, ONE))
    answers = {each.pair: frozenset("A") for each in key.pairs}
    ours = count_preferences(key, [answers, answers]).methods["ours"]
    assert ours.votes == 6
    assert (ours.low, ours.high) == tuple(round(end, 6) for end in wilson_interval(1.0, 2))


@pytest.mark.parametrize(("share", "trials"), [(0.0, 1), (1.0, 12), (7 / 12, 12), (0.3, 100), (0.125, 8)])
def test_the_ends_of_an_interval_are_as_unlikely_as_it_says(share: float, trials: int) -> None:
    ends = np.array(wilson_interval(share, trials))
    deviations = np.abs(share - ends)
    inside = (ends > 1e-9) & (ends < 1 - 1e-9)
    wanted = 1.959964 * np.sqrt(ends * (1 - ends) / trials)  # of 95 % of the shares, were the end the truth
    assert deviations[inside] == pytest.approx(wanted[inside], abs=1e-9)
    assert inside.any()
    assert ends[0] <= share <= ends[1]


def test_counts_are_written_for_programs_and_people(tmp_path: Path) -> None:
    key = key_of(pair(1, {"A": ["a|b"], "B": ["telea"]}), methods=["a|b", "telea"])
    key.write(tmp_path / "blind-key.json")
    (tmp_path / "answers.csv").write_text("pair,preferred\nf00d-01,A\n", "utf-8")
    found = write_preferences([tmp_path / "answers.csv"], tmp_path / "blind-key.json", tmp_path)
    assert json.loads((tmp_path / "blind.json").read_text("utf-8")) == found.model_dump()
    text = (tmp_path / "blind.md").read_text("utf-8")
    assert "| a\\|b | 100 % [21, 100] |" in text
    assert "| a\\|b | telea | 1 | 0 | 0 | 100 % [21, 100] |" in text


def test_a_file_that_is_no_key_is_refused(tmp_path: Path) -> None:
    (tmp_path / "key.json").write_text("{}", "utf-8")
    for name in ("key.json", "missing.json"):
        with pytest.raises(InputError, match=f"expected the key of a blind sheet, got .*{name}.*`key`"):
            write_preferences([], tmp_path / name, tmp_path)
