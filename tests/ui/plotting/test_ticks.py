"""Ticks a person would have chosen, and numbers one can read."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lrtui.ui.plotting import Axis, Window, ticks, write
from lrtui.ui.plotting.limits import window

FINITE = st.floats(allow_nan=False, allow_infinity=False)
KINDS = st.sampled_from(["number", "rate", "percent", "count", "seconds"])


def labels(low: float, high: float, kind: str, count: int = 6, log: bool = False) -> list[str]:
    return [tick.label for tick in ticks(Window(low, high, log), count, kind)]


@pytest.mark.parametrize(
    ("low", "high", "kind", "expected"),
    [
        (0, 0.5, "rate", ["0", "0.1", "0.2", "0.3", "0.4", "0.5"]),
        (0, 0.3, "rate", ["0", "0.05", "0.10", "0.15", "0.20", "0.25", "0.30"]),  # 6 * 0.05 is more than 0.3
        (0, 0.001, "rate", ["0", "2e-4", "4e-4", "6e-4", "8e-4", "1e-3"]),
        (0, 0.0025, "rate", ["0", "5e-4", "1e-3", "1.5e-3", "2e-3", "2.5e-3"]),
        (0, 1, "percent", ["0%", "20%", "40%", "60%", "80%", "100%"]),
        (0.88, 0.9, "percent", ["88.0%", "88.5%", "89.0%", "89.5%", "90.0%"]),
        (0, 5000, "count", ["0", "1k", "2k", "3k", "4k", "5k"]),
        (0, 2000, "count", ["0", "500", "1.0k", "1.5k", "2.0k"]),
        (0, 1e6, "count", ["0", "200k", "400k", "600k", "800k", "1.0M"]),
        (0, 3, "count", ["0", "1", "2", "3"]),
        (0, 120, "seconds", ["0:00", "0:30", "1:00", "1:30", "2:00"]),
        (0, 7200, "seconds", ["0:00", "20:00", "40:00", "1:00:00", "1:20:00", "1:40:00", "2:00:00"]),
        (2.0, 2.5, "number", ["2.0", "2.1", "2.2", "2.3", "2.4", "2.5"]),
        (-1, 1, "number", ["-1.0", "-0.5", "0", "0.5", "1.0"]),
    ],
)
def test_linear_ticks(low: float, high: float, kind: str, expected: list[str]) -> None:
    assert labels(low, high, kind) == expected


def test_log_ticks_are_decades_then_ones_twos_and_fives() -> None:
    assert labels(-4, 0, "rate", log=True) == ["1e-4", "1e-3", "0.01", "0.1", "1"]
    assert labels(-2, 0, "rate", log=True) == ["0.01", "0.02", "0.05", "0.1", "0.2", "0.5", "1"]
    assert labels(-300, 0, "rate", log=True) == [
        "1e-300",
        "1e-250",
        "1e-200",
        "1e-150",
        "1e-100",
        "1e-50",
        "1",
    ]


def test_a_log_axis_of_less_than_a_factor_of_two_has_the_ticks_of_a_plain_one() -> None:
    found = ticks(Window(math.log10(0.3), math.log10(0.5), True), 6, "rate")
    assert [tick.label for tick in found] == ["0.30", "0.35", "0.40", "0.45", "0.50"]
    assert [10**tick.place for tick in found] == pytest.approx([0.3, 0.35, 0.4, 0.45, 0.5])


@given(FINITE, FINITE, st.integers(1, 40), KINDS, st.booleans())
def test_ticks_are_few_inside_ascending_and_distinct(a, b, count, kind, log) -> None:
    view = window(Axis(a, b, log, kind), None)
    found = ticks(view, count, kind)
    places = [tick.place for tick in found]
    assert all(view.low <= place <= view.high for place in places)
    assert places == sorted(places)
    assert len({tick.label for tick in found}) == len(found) <= 4 * count + 12


@pytest.mark.parametrize(
    ("value", "kind", "expected"),
    [
        (0.001, "rate", "1e-3"),
        (0.00123456, "rate", "0.001235"),
        (1.23456e-5, "rate", "1.235e-5"),
        (0.05, "rate", "0.05"),
        (0.5, "rate", "0.5"),
        (0.1 + 0.2, "number", "0.3"),
        (0, "rate", "0"),
        (50_000.0, "number", "50000"),
        (100_000.0, "number", "1e5"),
        (0.8972, "percent", "89.72%"),
        (4699, "count", "4699"),
        (1234567, "count", "1234567"),
        (65, "seconds", "1:05"),
        (30, "seconds", "0:30"),
        (3723, "seconds", "1:02:03"),
        (math.nan, "number", "nan"),
        (-math.inf, "seconds", "-inf"),
    ],
)
def test_values_are_written_short(value: float, kind: str, expected: str) -> None:
    assert write(value, kind) == expected


@given(FINITE, KINDS)
def test_any_value_can_be_written_in_a_few_characters(value: float, kind: str) -> None:
    assert 0 < len(write(value, kind)) <= 15


def test_counts_are_read_as_people_write_them() -> None:
    written = [write(value, "count") for value in (1000.0, 2350.0, 2_500_000.0, 11360.12, 0.5)]
    assert written == ["1000", "2350", "2500000", "11360", "0.5"]
