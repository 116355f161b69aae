"""Averages as text, and how much of the weights they take in at which update."""

from __future__ import annotations

import pytest

from lrtui.runs.averages import Ema, Swa, parse_average
from lrtui.schedules import Horizon


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("ema", "ema(decay=0.999)"),
        ("ema(0.9)", "ema(decay=0.9)"),
        ("ema(decay=0)", "ema(decay=0.0)"),
        ("swa", "swa(start=75%)"),
        ("swa(8ep)", "swa(start=8ep)"),
        ("swa(300, every=10)", "swa(start=300, every=10)"),
        ("swa(start=2.5ep, every=1.0ep)", "swa(start=2.5ep)"),
    ],
)
def test_an_average_prints_as_text_that_parses_to_it(text: str, canonical: str) -> None:
    average = parse_average(text)
    assert str(average) == canonical
    assert parse_average(canonical) == average


def test_no_text_is_no_average() -> None:
    assert parse_average("") is None
    assert parse_average("  ") is None


def swa(text: str, horizon: Horizon) -> Swa:
    average = parse_average(text, horizon)
    assert isinstance(average, Swa)
    return average


@pytest.mark.parametrize(
    ("text", "taken"),
    [
        ("swa(start=75%)", [30, 40]),
        ("swa(start=24)", [30, 40]),  # not 24: what is taken in lies whole epochs before the end
        ("swa(start=0, every=7)", [5, 12, 19, 26, 33, 40]),
        (
            "swa(start=0, every=10)",
            [10, 20, 30, 40],
        ),  # not 0: nothing was trained yet
        ("swa(start=100%)", [40]),
        ("swa(start=38, every=1)", [38, 39, 40]),
    ],
)
def test_swa_takes_in_the_end_and_every_so_often_before_it(text: str, taken: list[int]) -> None:
    average = swa(text, Horizon(40, 10))
    shares = {made: average.weight(made, 40) for made in range(1, 41)}
    assert [made for made, share in shares.items() if share] == taken
    # A running mean: the first counts whole, the second half, the third a third.
    assert [shares[made] for made in taken] == [1 / (place + 1) for place in range(len(taken))]


def test_ema_forgets_the_random_weights_a_run_begins_with() -> None:
    average = Ema(0.999)
    kept = 1.0
    for made in range(1, 201):
        kept *= 1 - average.weight(made, 200)
    assert kept < 1e-6
    assert average.weight(10**6, 10**6) == pytest.approx(0.001)
    assert Ema(0.5).weight(8, 200) == 0.5
