"""Windows inside windows, and finer data in the place of coarse."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lrtui.ui.plotting import Axis, Series, Window, windows
from lrtui.ui.plotting.zoom import closer, moved, showing, splice, zoomed

WHOLE = Window(0, 100)
SHARES = st.floats(0, 1)
X = np.arange(0, 101, 10.0)


@given(SHARES, st.floats(1e-4, 1), st.floats(0.1, 1e3), SHARES, st.floats(-3, 3))
def test_a_view_never_leaves_the_whole(
    begin: float, size: float, factor: float, around: float, by: float
) -> None:
    view = moved(Window(begin * 100, begin * 100 + size * 100), WHOLE, 0)
    for found in (
        zoomed(view, WHOLE, factor, view.low + around * (view.high - view.low)),
        moved(view, WHOLE, by),
        showing(view, WHOLE, 100 * around),
    ):
        if found is not None:
            assert WHOLE.low - 1e-9 <= found.low < found.high <= WHOLE.high + 1e-9


def test_a_place_that_is_shown_moves_nothing() -> None:
    view = Window(20, 40)
    assert showing(view, WHOLE, 20) == view
    assert showing(view, WHOLE, 41) == Window(26, 46)
    assert showing(view, WHOLE, 19) == Window(14, 34)


def test_known_ends_are_bounds_and_not_what_is_shown() -> None:
    axis = Axis(0, 1, kind="percent")
    assert closer(axis, Window(0.8, 1.2)) == Window(0.8, 1)
    assert closer(axis, Window(-0.5, 0.2)) == Window(0, 0.2)
    assert closer(Axis(None, None), Window(-5, 5)) == Window(-5, 5)
    assert closer(Axis(0, 1), Window(5, 6)) == Window(5, 6)  # data where no data should be are still shown
    assert closer(Axis(-1, 10, log=True), Window(-3, 2, log=True)) == Window(-3, 1, log=True)


def test_a_zoomed_chart_fits_y_to_what_is_seen() -> None:
    series = [Series("acc", [0, 50, 60, 100], [0.1, 0.9, 0.91, 0.95])]
    _, y = windows(series, Axis(0, 100), Axis(0, 1), zoom=Window(50, 60))
    assert 0.85 < y.low <= 0.9
    assert 0.91 <= y.high < 0.95


def test_finer_data_replace_what_they_cover() -> None:
    coarse = Series("loss", X, X)
    fine = np.arange(29, 52.0)
    found = splice(coarse, Series("loss", fine, -fine), 30)
    assert found.x.tolist() == [0, 10, 20, *fine, 60, 70, 80, 90, 100]
    assert found.y.tolist() == [0, 10, 20, *-fine, 60, 70, 80, 90, 100]
    assert splice(coarse, Series("loss", [], []), 30) is coarse
    assert splice(coarse, Series("loss", [np.nan], [1]), 30) is coarse


def test_points_that_the_detail_leaves_out_are_gone() -> None:
    found = splice(Series("loss", X, X), Series("loss", [45, 55], [1, 2]), 30)
    assert found.x.tolist() == [0, 10, 20, 45, 55, 60, 70, 80, 90, 100]


def test_bands_are_replaced_too() -> None:
    banded = Series("loss", X, X, low=X - 1, high=X + 1)
    found = splice(banded, Series("loss", [30, 35], [3, 3.5], low=[2, 2], high=[4, 4]), 30)
    assert found.low is not None
    assert found.high is not None
    assert found.low.tolist()[:6] == [-1, 9, 19, 2, 2, 39]
    bare = splice(banded, Series("loss", [30, 35], [3, 3.5]), 30)
    assert bare.low is not None
    assert np.isnan(bare.low[3:5]).all()


@pytest.mark.parametrize("ends", [{"low": [1]}, {"low": [1, 2], "high": [1]}, {"high": [1, 2]}])
def test_a_band_has_both_ends_at_every_x(ends: dict[str, list[float]]) -> None:
    with pytest.raises(ValueError, match="band"):
        Series("loss", [1, 2], [1, 2], **ends)


def test_a_place_outside_the_view_is_looked_at_closely_all_the_same() -> None:
    for place in (1.0, 90.0):
        found = zoomed(Window(40, 60), WHOLE, 2, place)
        assert found is not None
        assert found.low <= place <= found.high


def test_detail_that_begins_early_takes_the_place_of_what_it_begins_with() -> None:
    part = Series("s", np.arange(30, 61, 1.0), np.ones(31))
    joined = splice(Series("s", X, np.zeros(11)), part, 50.0)
    assert (np.diff(joined.x) > 0).all()
    assert joined.x.tolist() == [0, 10, 20, *range(30, 61), 70, 80, 90, 100]
