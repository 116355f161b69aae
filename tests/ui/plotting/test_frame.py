"""Whole frames: where things stand, and a few charts as a person sees them."""

from __future__ import annotations

import time
from itertools import pairwise

import numpy as np
import pytest

from lrtui.ui.plotting import Axis, Mark, Series, legend, render, to_ansi, value_at
from lrtui.ui.plotting.model import INK
from lrtui.ui.plotting.ticks import write

T = np.arange(4700)
COSINE = Series("cosine", T, 0.25 * (1 + np.cos(np.pi * T / 4700)))
RATE = (Axis(0, 4700, kind="count", label="updates"), Axis(kind="rate"))


def test_a_schedule_as_it_is_seen() -> None:
    picture = to_ansi(render([COSINE], *RATE, 48, 12), "plain")
    assert (
        picture
        == """\
     │⠉⠉⠉⠉⠑⠒⠢⢄⡀
  0.4┤·       ⠈⠉⠢⢄⡀    ·                 ·
     │            ⠈⠑⢄⡀
     │               ⠈⠱⢄⡀
     │                  ⠘⠢⢄
  0.2┤·                ·   ⠑⠢⡄           ·
     │                       ⠈⠑⢆⡀
     │                          ⠈⠑⢄⡀
     │                             ⠈⠑⠢⣀⡀
    0┤·                ·               ⠈⠑⠢⠤⢄⣀⣀⣀⣀
     └┬────────────────┬─────────────────┬──────
      0               2k              4k updates"""
    )


def test_the_frame_is_as_large_as_it_was_asked_for() -> None:
    for width, height in [(0, 0), (1, 1), (5, 100), (100, 5), (20, 6), (80, 24)]:
        frame = render([COSINE], *RATE, width, height, [Mark(10, "m")], 20.0)
        assert [len(text) for text in frame.texts] == [width] * height
        assert "".join(text for line in frame.lines for text, _ in line) == "".join(frame.texts)


def test_numbers_where_a_drawing_cannot_be_read() -> None:
    picture = to_ansi(render([COSINE, Series("empty", [], [])], *RATE, 19, 5), "plain")
    assert "cosine" in picture
    assert "empty" in picture
    assert not render([COSINE], *RATE, 19, 5).has_canvas
    assert render([COSINE], *RATE, 20, 6).has_canvas


def test_a_mark_has_its_line_and_its_words() -> None:
    frame = render([COSINE], *RATE, 80, 20, [Mark(3000, "rate halved"), Mark(9e9, "elsewhere")])
    picture = "\n".join(frame.texts)
    assert "┊rate halved" in picture
    assert "elsewhere" not in picture


def test_a_label_never_covers_a_curve() -> None:
    bare = render([COSINE], *RATE, 80, 20)
    marked = render([COSINE], *RATE, 80, 20, [Mark(x, "a long label of a mark") for x in (0, 900, 1800)])
    for before, after, ink in zip(bare.texts, marked.texts, bare.inks, strict=True):
        for column, style in enumerate(ink):
            if style == INK["series0"]:
                assert after[column] == before[column]


def test_marks_close_together_have_their_words_below_one_another() -> None:
    frame = render([COSINE], *RATE, 80, 20, [Mark(3000 + 5 * k, f"mark {k}") for k in range(8)])
    assert all(f"mark {k}" in "".join(frame.texts) for k in range(8))


def test_the_cursor_stands_where_its_value_is() -> None:
    frame = render([COSINE], *RATE, 80, 20, cursor=2350.0)
    column = frame.column_of(2350.0)
    assert column is not None
    assert frame.texts[0][column] == "│"
    assert " 2350 " in frame.texts[-1]
    assert abs(frame.x_at(column) - 2350) < 4700 / frame.columns


def test_series_differ_without_colours() -> None:
    series = [Series(str(k), T, np.full(T.size, 0.1 * (k + 1)), k) for k in range(4)]
    picture = "\n".join(render(series, *RATE, 90, 30).texts)
    assert all(glyph in picture for glyph in "○×◆")


def test_ascii_only_means_it() -> None:
    series = [COSINE, Series("ü", T, T / 1e4, 1, style="points"), Series("s", T, T / 2e4, 2, style="steps")]
    frame = render(series, *RATE, 80, 20, [Mark(100, "m")], 50.0, ascii_only=True)
    assert "".join(frame.texts).isascii()


def test_values_are_data_and_never_made_up() -> None:
    series = Series("s", [1, 2, 4], [10, np.nan, 40])
    assert value_at(series, 3.4) == 40
    assert np.isnan(value_at(series, 2))
    assert np.isnan(value_at(series, 4.1))
    assert value_at(Series("s", [1, 2, 4], [10, 20, 40], style="steps"), 3.9) == 20
    assert np.isnan(value_at(Series("s", [], []), 1))


def test_a_name_cannot_steer_the_terminal() -> None:
    hostile = Series("a\x1b[2J\n\x07b", [0, 1], [0, 1])
    assert "\x1b[2J" not in to_ansi([legend([hostile])])
    assert "\n" not in to_ansi([legend([hostile])], "plain")


def test_x_and_y_must_match() -> None:
    with pytest.raises(ValueError, match="3 x values for 2 y values"):
        Series("s", [1, 2, 3], [1, 2])


def test_two_hundred_thousand_points_are_no_trouble() -> None:
    rng = np.random.default_rng(0)
    x = np.arange(200_000.0)
    series = [
        Series("a", x, rng.random(x.size)),
        Series("holes", x, np.where(rng.random(x.size) < 0.5, np.nan, x)),
    ]
    series += [Series("to and fro", rng.random(x.size) * 2e5, rng.random(x.size), 2)]
    render(series[:1], Axis(), Axis(), 120, 35)
    start = time.process_time()
    render(series, Axis(), Axis(), 120, 35)
    assert time.process_time() - start < 1.5


def test_no_number_of_the_axis_is_half_covered_by_the_cursors() -> None:
    axis = Axis(0, 4700, kind="count", label="updates")
    whole = render([COSINE], axis, RATE[1], 80, 20).texts[-1].split()
    for place in range(0, 4700, 50):
        words = render([COSINE], axis, RATE[1], 80, 20, cursor=float(place)).texts[-1].split()
        assert [word for word in words if word not in whole] in ([f"{place}"], [])
        assert f"{place}" in words or place == 0


@pytest.mark.parametrize("width", [30, 40, 80, 120])
def test_the_unit_stays_wherever_the_cursor_is(width: int) -> None:
    axis = Axis(0, 10, label="epochs")
    series = [Series("lr", np.linspace(0, 10, 200), np.linspace(1, 0, 200))]
    for place in np.linspace(0, 10, 77):
        words = render(series, axis, RATE[1], width, 20, cursor=float(place)).texts[-1].split()
        assert words[-1] == "epochs"
        assert write(float(place)) in words
        assert all(word == "epochs" or float(word) <= 10 for word in words)


def test_numbers_follow_the_cursor_where_there_is_no_room() -> None:
    assert "0.25" in "".join(render([COSINE], *RATE, 19, 5, cursor=2350.0).texts)


def test_a_gap_in_the_values_is_a_gap_in_the_line() -> None:
    holes = Series("loss", T, np.where((T > 2000) & (T < 3000), np.nan, 1.0))
    frame = render([holes], Axis(0, 4700), Axis(0, 2), 80, 20)
    drawn = [frame.x_at(x) for row in frame.inks for x, ink in enumerate(row) if ink == INK["series0"]]
    assert drawn
    assert not [x for x in drawn if 2050 < x < 2950]


def test_a_spike_is_drawn_up_to_its_tip() -> None:
    spiky = Series("loss", T, np.where(T == 1234, 9.0, 1.0))
    frame = render([spiky], Axis(0, 4700), Axis(0, 9), 80, 20)
    assert INK["series0"] in frame.inks[0]
    assert abs(frame.x_at(frame.inks[0].index(INK["series0"])) - 1234) < 4700 / frame.columns


def test_quiet_lines_lie_below_the_others_wherever_they_stand() -> None:
    x = np.linspace(0, 10, 50)
    loud, quiet = Series("loud", x, x, 0, ""), Series("quiet", x, x, 1, "", faint=True)
    for order in ([loud, quiet], [quiet, loud]):
        frame = render(order, Axis(0, 10), Axis(0, 10), 60, 20)
        inks = b"".join(frame.inks)
        assert bytes([INK["series0"]]) in inks
        assert bytes([INK["faint1"]]) not in inks


def test_between_two_labels_of_the_y_axis_is_a_row() -> None:
    for height in range(6, 40):
        for low, high in ((1e-2, 1.0), (1e-3, 0.5), (0.3, 0.9)):
            frame = render([], Axis(0, 1), Axis(low, high, log=True), 40, height)
            rows = [row for row, text in enumerate(frame.texts) if "┤" in text]
            assert all(after - before >= 2 for before, after in pairwise(rows)), height


def test_the_words_of_a_mark_stand_right_of_its_own_line() -> None:
    # In another order than along the axis: where the words stand must not depend on it.
    marks = [Mark(3000, "loss spike"), Mark(1000, "paused"), Mark(2400, "rate ×0.5")]
    flat = [Series("low", T, np.zeros(T.size))]
    frame = render(flat, Axis(0, 4700), Axis(0, 1), 48, 12, marks)
    for mark in marks:
        column = frame.column_of(mark.x)
        assert column is not None
        starts = [text.find(mark.label) for text in frame.texts if mark.label in text]
        assert starts == [column + 1]
