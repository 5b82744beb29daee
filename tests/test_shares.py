from __future__ import annotations

import pytest

from splpaint.errors import InputError
from splpaint.shares import WHOLE, Share


@pytest.mark.parametrize(
    "text", ["", "1", "0/2", "3/2", "1/0", "-1/2", "1/2/3", "a/b", "1.5/2", "\u0661/2", "9" * 5000 + "/1"]
)
def test_a_share_that_cannot_be_is_refused_by_the_name_that_its_user_knows(text: str) -> None:
    with pytest.raises(InputError, match=r"^--shard must be one of 1/N to N/N, got '.*'; for example 1/4$"):
        Share.parse(text, "--shard")


def test_a_share_is_what_was_said() -> None:
    assert Share.parse("2/3", "--shard") == Share(2, 3)
    assert Share.parse("1/1", "--shard") == WHOLE
    with pytest.raises(InputError, match="mask_set must be one of 1/N to N/N, got '4/3'"):
        Share(4, 3).require_valid("mask_set")
