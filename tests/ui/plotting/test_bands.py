"""The shade of a band: where it lies, what it hides behind, and what hides it."""

from __future__ import annotations

import time

import numpy as np

from lrtui.ui.plotting import Axis, Mark, Series, Window, render
from lrtui.ui.plotting.bands import edges, shade
from lrtui.ui.plotting.model import INK

X = np.linspace(0, 10, 50)
AXES = (Axis(0, 10), Axis(0, 1))
UNIT = (Window(0, 10), Window(0, 1))


def band(**more: object) -> Series:
    return Series("mean", X, np.full(50, 0.5), 1, low=np.full(50, 0.25), high=np.full(50, 0.75), **more)  # type: ignore[arg-type]


def cells(key: str, frame_inks: tuple[bytes, ...]) -> set[tuple[int, int]]:
    return {(x, y) for y, row in enumerate(frame_inks) for x, ink in enumerate(row) if ink == INK[key]}


def test_the_shade_lies_between_the_ends() -> None:
    dots = shade(band(), *UNIT, 40, 20)
    assert dots is not None
    assert not dots[:5].any()
    assert dots[5:15].all()
    assert not dots[15:].any()
    assert shade(Series("bare", X, X), *UNIT, 40, 20) is None


def test_lines_stand_before_it_and_the_cursor_and_marks_go_through() -> None:
    bare = render([Series("mean", X, np.full(50, 0.5), 1)], *AXES, 60, 22)
    shaded = render([band()], *AXES, 60, 22, [Mark(3, "a mark")], 7.0)
    assert cells("series1", shaded.inks) == cells("series1", bare.inks)
    line = shaded.column_of(7.0)
    mark = shaded.column_of(3)
    assert line is not None
    assert mark is not None
    assert sum(row[line] == "│" for row in shaded.texts) >= shaded.rows - 1
    assert sum(row[mark] == "┊" for row in shaded.texts) >= shaded.rows - 1
    assert cells("faint1", shaded.inks)


def test_the_axis_makes_room_for_a_band() -> None:
    frame = render([band()], Axis(0, 10), Axis(), 60, 22)
    assert frame.y.low <= 0.25
    assert frame.y.high >= 0.75


def test_a_gap_in_an_end_is_a_gap_in_the_shade() -> None:
    high = np.full(50, 0.75)
    high[20:30] = np.nan
    series = Series("mean", X, X * 0 + 0.5, low=np.full(50, 0.25), high=high)
    low, top = edges(series, *UNIT, 40, 20)
    assert np.isnan(low[36:44]).all()
    assert np.isfinite(low[:30]).all()
    assert np.isfinite(top[50:]).all()


def test_steps_hold_and_no_spike_of_a_band_is_lost() -> None:
    series = Series("s", [0, 5, 10], [0.5] * 3, style="steps", low=[0.1, 0.4, 0.4], high=[0.2, 0.6, 0.6])
    low, _ = edges(series, *UNIT, 40, 20)
    assert np.allclose(low[:40], 2)
    assert np.allclose(low[41:], 8)
    many = np.linspace(0, 10, 100_000)
    high = np.full(many.size, 0.6)
    high[31_234] = 0.97
    _, top = edges(Series("s", many, high, low=high - 0.1, high=high), *UNIT, 40, 20)
    assert np.nanmax(top) == 0.97 * 20


def test_an_end_at_zero_reaches_the_bottom_of_a_log_axis() -> None:
    series = Series("s", [0, 10], [1, 1], low=[0, 0], high=[10, 10])
    low, high = edges(series, Window(0, 10), Window(-2, 2, log=True), 40, 20)
    assert (low < 0).all()
    assert np.allclose(high, 15)


def test_ends_in_the_wrong_order_and_x_to_and_fro_do_no_harm() -> None:
    rng = np.random.default_rng(0)
    x = rng.random(200_000) * 10
    start = time.process_time()
    low, high = edges(Series("s", x, x, low=rng.random(x.size), high=rng.random(x.size)), *UNIT, 120, 30)
    assert time.process_time() - start < 1
    assert (low <= high).all()
    swapped = edges(Series("s", X, X, low=np.full(50, 0.75), high=np.full(50, 0.25)), *UNIT, 40, 20)
    assert (swapped[0] <= swapped[1]).all()


def test_points_in_no_order_have_the_shade_they_have_in_order() -> None:
    order = np.random.default_rng(2).permutation(X.size)
    low, high = 0.2 + X / 50, 0.5 + X / 50
    tidy = Series("mean", X, X / 50, 1, low=low, high=high)
    mixed = Series("mean", X[order], X[order] / 50, 1, low=low[order], high=high[order])
    assert np.array_equal(shade(mixed, *UNIT, 60, 20), shade(tidy, *UNIT, 60, 20))  # type: ignore[arg-type]
