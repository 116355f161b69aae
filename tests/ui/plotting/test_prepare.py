"""What reaches the canvas is finite, inside it, in order, and has every spike."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from lrtui.ui.plotting import Series, Window
from lrtui.ui.plotting.prepare import RUN_LIMIT, clip, prepare, thin

ANY = st.floats(allow_nan=True, allow_infinity=True, width=64)
ARRAYS = st.integers(0, 60).flatmap(
    lambda n: st.tuples(hnp.arrays(np.float64, n, elements=ANY), hnp.arrays(np.float64, n, elements=ANY))
)
STYLES = st.sampled_from(["line", "steps", "points"])
UNIT = Window(0.0, 1.0)


@given(ARRAYS, STYLES, st.booleans(), st.booleans())
def test_what_comes_out_is_finite_and_inside(arrays, style, log_x, log_y) -> None:
    stroke = prepare(
        Series("s", *arrays, style=style), Window(-1.0, 1.0, log_x), Window(0.0, 2.0, log_y), 40, 10
    )
    assert np.isfinite(stroke.x).all()
    assert np.isfinite(stroke.y).all()
    assert ((stroke.x >= 0) & (stroke.x <= 40)).all()
    assert ((stroke.y >= 0) & (stroke.y <= 10)).all()
    assert all(0 <= start < max(1, stroke.x.size) for start in stroke.starts)
    assert list(stroke.starts) == sorted(set(stroke.starts))


def test_every_spike_of_a_long_series_is_kept() -> None:
    y = np.full(200_000, 0.5)
    spikes = np.random.default_rng(3).choice(200_000, 40, replace=False)
    y[spikes[:20]], y[spikes[20:]] = 0.9, 0.1
    stroke = prepare(Series("s", np.linspace(0, 1, y.size), y), UNIT, UNIT, 100, 10)
    for spike in spikes:
        column = int(min(99, spike / y.size * 100))
        here = stroke.y[np.floor(stroke.x) == column]
        assert np.isclose(here, y[spike] * 10).any()
    assert stroke.x.size <= 2 * 100 + 2


@given(hnp.arrays(np.float64, st.integers(1, 400), elements=st.floats(-3, 13)), st.booleans())
def test_thinning_keeps_order_ends_and_extremes_of_each_column(v, hold) -> None:
    u = np.sort(np.random.default_rng(v.size).uniform(-2, 12, v.size))
    kept = thin(u, v, 10, hold)
    assert (np.diff(kept) > 0).all()
    assert kept[0] == 0
    assert kept[-1] == v.size - 1
    for column in range(10):
        inside = np.floor(u) == column
        if inside.any():
            chosen = v[kept][np.floor(u[kept]) == column]
            assert chosen.min() == v[inside].min()
            assert chosen.max() == v[inside].max()
            assert chosen.size <= RUN_LIMIT + 2
            if hold:  # a step holds it until the next column
                assert chosen[-1] == v[inside][-1]


def test_a_line_out_of_the_window_ends_on_the_border() -> None:
    ((u, v),) = clip(np.array([5.0, 15.0]), np.array([5.0, 15.0]), 10, 20)
    assert np.allclose([u, v], [[5, 10], [5, 10]])


def test_a_line_straight_through_the_window_is_seen_though_no_point_is_in_it() -> None:
    ((u, v),) = clip(np.array([-1e9, 1e9]), np.array([5.0, 5.0]), 10, 20)
    assert np.allclose(u, [0, 10])
    assert np.allclose(v, [5, 5])


def test_a_line_that_leaves_and_comes_back_falls_apart() -> None:
    pieces = clip(np.array([1.0, 2.0, 3.0, 4.0]), np.array([5.0, 50.0, 50.0, 5.0]), 10, 10)
    assert len(pieces) == 2
    assert pieces[0][1][-1] == pieces[1][1][0] == 10


def test_a_gap_is_not_bridged() -> None:
    y = [0.5, 0.5, np.nan, 0.5, 0.5]
    stroke = prepare(Series("s", [0, 0.2, 0.5, 0.8, 1], y), UNIT, UNIT, 50, 10)
    assert stroke.starts == (0, 2)


def test_of_very_many_gaps_those_narrower_than_a_column_are_bridged() -> None:
    y = np.where(np.arange(10_000) % 2, np.nan, 0.4 + np.arange(10_000) % 4 / 10)
    y[4000:4300] = np.nan  # three columns wide
    stroke = prepare(Series("s", np.linspace(0, 1, y.size), y), UNIT, UNIT, 100, 10)
    assert stroke.x.size < 300
    assert stroke.joined
    # Each column's points are joined; from one column to the next every gap is seen.
    assert len(stroke.starts) <= 100
    assert not ((stroke.x > 40.1) & (stroke.x < 42.9)).any()


def test_zero_is_a_gap_on_a_log_axis() -> None:
    stroke = prepare(Series("s", [0, 0.5, 1], [1.0, 0.0, 1.0]), UNIT, Window(-1, 1, True), 50, 10)
    assert stroke.starts == (0, 1)


def test_steps_hold_their_value() -> None:
    stroke = prepare(Series("s", [0, 0.5, 1], [0.2, 0.8, 0.8], style="steps"), UNIT, UNIT, 10, 10)
    assert stroke.x.tolist() == [0, 5, 5, 10, 10]
    assert stroke.y.tolist() == [2, 2, 8, 8, 8]
