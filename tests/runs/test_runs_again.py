"""Training a run again: the seeds that a person names for its repetitions."""

from __future__ import annotations

import pytest

from lrtui.runs.again import MOST_SEEDS, seeds


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("3", (3,)),
        (" 1, 2 ,5 ", (1, 2, 5)),
        ("1-4", (1, 2, 3, 4)),
        ("7 1 - 3,2", (7, 1, 2, 3)),
        ("0-0", (0,)),
        (f"1-{MOST_SEEDS}", tuple(range(1, MOST_SEEDS + 1))),
        (str(2**63 - 1), (2**63 - 1,)),
    ],
)
def test_seeds_are_named_one_by_one_or_from_to(text: str, found: tuple[int, ...]) -> None:
    assert seeds(text) == found


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "is missing"),
        ("x", "whole number"),
        ("-1", "whole number"),
        ("1-2-3", "whole number"),
        ("1.5", "whole number"),
        ("\u0663", "whole number"),
        ("4-1", "4-1 ends before it begins: 1-4"),
        ("1-1000000000", "too many: 100"),
        ("1-60, 101-160", "too many: 100"),
        ("9" * 30, "whole number"),
    ],
)
def test_what_names_no_seeds_says_why(text: str, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        seeds(text)
