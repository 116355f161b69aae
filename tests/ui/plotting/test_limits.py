"""Axes that are known stay; the others are round, hold the data, and move only when they must."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lrtui.ui.plotting import Axis, Series, Window, windows
from lrtui.ui.plotting.limits import window

WIDE = st.floats(-1e250, 1e250, allow_subnormal=True)


def test_given_ends_are_kept() -> None:
    assert window(Axis(0, 20), (3, 500)) == Window(0, 20)
    assert window(Axis(1e-3, 1, log=True), (0.5, 0.6)) == Window(-3, 0, True)


@given(WIDE, WIDE, st.booleans())
def test_the_window_holds_the_data(a: float, b: float, log: bool) -> None:
    low, high = sorted((abs(a), abs(b))) if log else sorted((a, b))
    if log and low == 0:
        return
    view = window(Axis(log=log), (low, high))
    place = view.place(np.array([low, high]))
    assert (place >= -1e-6).all()
    assert (place <= 1 + 1e-6).all()
    assert view.low < view.high


@pytest.mark.parametrize(("low", "high"), [(0.3, 2.4), (0.02, 0.5), (88, 91), (-3, 7), (0, 0.099)])
def test_the_data_fill_most_of_the_window(low: float, high: float) -> None:
    view = window(Axis(), (low, high))
    assert high - low >= 0.55 * (view.high - view.low)


def test_a_live_line_moves_no_axis_it_does_not_have_to() -> None:
    previous, moves = None, 0
    for step in range(1, 1000):
        y = 0.3 + 2 * np.exp(-np.arange(step) / 200)
        now = windows([Series("loss", np.arange(step), y)], Axis(0, 1000), Axis(), previous)
        moves += previous is not None and now != previous
        previous = now
    assert moves <= 8


def test_a_curve_that_is_edited_gets_no_more_room_than_it_needs() -> None:
    axis = Axis(0.0, kind="rate", growing=False)
    assert window(axis, (0.0, 0.8), window(axis, (0.0, 0.5))) == window(axis, (0.0, 0.8))
    assert window(axis, (0.0, 0.4), window(axis, (0.0, 0.5))) == window(axis, (0.0, 0.5))


def test_a_window_far_too_wide_for_its_data_is_given_up() -> None:
    wide = Window(0.0, 100.0)
    assert window(Axis(), (0.0, 1.0), wide).high < 2
    assert window(Axis(), (0.0, 80.0), wide) == wide


def test_the_y_axis_looks_only_at_what_is_shown() -> None:
    series = Series("s", [0, 1, 2, 3], [1, 2, 3, 1000])
    assert windows([series], Axis(0, 2), Axis())[1].high < 10


@pytest.mark.parametrize("value", [0.0, 0.1, 2.303, -5.0, 1e300, 5e-324])
def test_a_constant_stands_inside_with_air_around_it(value: float) -> None:
    view = window(Axis(), (value, value))
    place = float(view.place(np.array([value]))[0])
    assert 0 <= place <= 0.97


def test_an_axis_of_shares_grows_to_the_whole_and_no_further() -> None:
    before = window(Axis(kind="percent"), (0.45, 0.85))
    grown = window(Axis(kind="percent"), (0.45, 0.89), before)
    assert 0.89 <= grown.high <= 1.0
    assert window(Axis(kind="percent"), (0.45, 1.2), grown).high >= 1.2


def test_a_view_between_two_points_fits_the_line_that_goes_through_it() -> None:
    series = Series("s", [0.0, 10.0], [3.0, 7.0])
    _, y = windows([series], Axis(0, 10), Axis(), zoom=Window(4, 5))
    assert y.low <= 3 < 7 <= y.high
    assert y.high - y.low < 8
    assert windows([series], Axis(0, 10), Axis(), zoom=Window(11, 12))[1] == Window(
        0, 1
    )  # nothing goes there
