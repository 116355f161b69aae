from __future__ import annotations

import math
import re
import xml.etree.ElementTree as ET

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from lrtui.runs.exporting.svg import COLOURS, Chart, Line, axes, draw
from lrtui.runs.exporting.ticks import Axis, duration, ticks, up_to_whole, window, write
from lrtui.runs.thinning import thin

NAME = "{http://www.w3.org/2000/svg}"
anything = st.floats(allow_nan=True, allow_infinity=True)


def chart(*ys: list[float], log: bool = False, **changes: object) -> Chart:
    lines = [
        Line(np.arange(len(y), dtype=float), np.array(y, dtype=float), index) for index, y in enumerate(ys)
    ]
    return Chart(**{"title": "t", "x": "epoch", "y": "loss", "lines": lines, "log": log, **changes})  # type: ignore[arg-type]


def coloured(text: str, tag: str) -> list[ET.Element]:
    return [
        element
        for element in ET.fromstring(text).iter(NAME + tag)
        if element.get("stroke" if tag == "path" else "fill") in COLOURS
    ]


def points(path: ET.Element) -> list[list[tuple[float, float]]]:
    pieces = re.split("M", path.get("d", ""))[1:]
    return [[tuple(map(float, pair.split())) for pair in piece.split("L")] for piece in pieces]  # type: ignore[misc]


def test_a_line_where_its_numbers_are() -> None:
    text = draw(chart([1, 3, 2]))
    ((piece,),) = [points(path) for path in coloured(text, "path")]
    (x0, y0), (x1, y1), (x2, y2) = piece
    assert x1 - x0 == pytest.approx(x2 - x1, abs=0.11)
    assert y1 < y2 < y0
    assert (y0 - y2) == pytest.approx(y2 - y1, abs=0.11)
    labels = {element.text for element in ET.fromstring(text).iter(NAME + "text")}
    assert {"t", "epoch", "loss", "0.0", "1.0", "2.0"} <= labels


@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf])
def test_what_is_not_finite_is_a_gap(bad: float) -> None:
    (path,) = coloured(draw(chart([1, 2, bad, 3, 4, bad, 5])), "path")
    assert [len(piece) for piece in points(path)] == [2, 2]
    assert len(coloured(draw(chart([1, 2, bad, 3, 4, bad, 5])), "circle")) == 1


def test_a_log_axis_puts_powers_of_ten_at_even_distances_and_leaves_out_the_rest() -> None:
    text = draw(chart([0, 1e-3, 1e-2, 1e-1, -1], log=True))
    ((piece,),) = [points(path) for path in coloured(text, "path")]
    ys = [y for _, y in piece]
    assert len(ys) == 3
    assert ys[0] - ys[1] == pytest.approx(ys[1] - ys[2], abs=0.11)
    assert "loss (log)" in text


def test_nothing_to_draw_says_so() -> None:
    for nothing in (chart(), chart([]), chart([math.nan]), chart([-1, 0], log=True)):
        text = draw(nothing)
        ET.fromstring(text)
        assert "nothing to draw" in text


@given(st.lists(st.lists(anything, max_size=12), max_size=3), st.booleans())
@example([[0.0, 5e-324]], False)
@example([[5e-324]], True)
def test_any_numbers_make_a_chart_inside_its_borders(ys: list[list[float]], log: bool) -> None:
    text = draw(chart(*ys, log=log))
    ET.fromstring(text)
    assert "nan" not in text
    assert not re.search(r"\binf\b", text)
    for path in coloured(text, "path"):
        for x, y in (point for piece in points(path) for point in piece):
            assert 63 <= x <= 743
            assert 43 <= y <= 335


@given(st.text(), st.text())
def test_any_text_is_only_text(name: str, title: str) -> None:
    text = draw(chart([1, 2], title=title, legend=[(name, 0)], note=name))
    root = ET.fromstring(text)
    assert {element.tag.removeprefix(NAME) for element in root.iter()} <= {
        "svg", "title", "rect", "text", "path", "line", "circle",
    }  # fmt: skip
    plain = draw(chart([1, 2], title="a", legend=[("a", 0)], note="a"))
    assert len(list(root.iter())) == len(list(ET.fromstring(plain).iter()))


def test_more_runs_than_colours_differ_in_their_dashes() -> None:
    text = draw(chart(*[[1, 2]] * 15))
    looks = {(path.get("stroke"), path.get("stroke-dasharray")) for path in coloured(text, "path")}
    assert len(looks) == 15


def test_thinning_keeps_every_spike_the_ends_and_wide_gaps() -> None:
    x = np.arange(100_000, dtype=float)
    y = np.sin(x / 5000)
    y[[12_345, 54_321]] = 50, -50
    y[70_000:80_000] = np.nan
    u, v = thin(x, y, 500)
    assert u.size < 2100
    assert {12_345.0, 54_321.0, 0.0, 99_999.0} <= set(u.tolist())
    assert np.isnan(v).sum() == 1
    gap = int(np.flatnonzero(np.isnan(v))[0])
    assert (u[gap - 1] < 70_000) & (u[gap + 1] >= 80_000)
    drawn = np.interp(x[:70_000], u[:gap], v[:gap])
    assert np.abs(np.delete(drawn - y[:70_000], np.r_[12_000:13_000, 54_000:55_000])).max() < 0.05


@given(st.lists(st.tuples(anything, anything), max_size=200), st.integers(1, 5))
def test_thinning_invents_nothing(pairs: list[tuple[float, float]], buckets: int) -> None:
    x, y = (np.array([pair[side] for pair in pairs], dtype=float) for side in (0, 1))
    u, v = thin(x, y, buckets)
    known = set(pairs)
    finite = [
        (a, b) for a, b in zip(u.tolist(), v.tolist(), strict=True) if math.isfinite(a) and math.isfinite(b)
    ]
    assert set(finite) <= known
    wanted = [b for a, b in pairs if math.isfinite(a) and math.isfinite(b)]
    assert (
        (min(wanted), max(wanted)) == (min(b for _, b in finite), max(b for _, b in finite))
        if wanted
        else not finite
    )


@given(
    st.floats(-1e300, 1e300),
    st.floats(-1e300, 1e300),
    st.integers(1, 12),
    st.sampled_from(["number", "percent", "seconds"]),
    st.booleans(),
)
def test_ticks_are_few_and_inside(one: float, other: float, count: int, kind: str, log: bool) -> None:
    low, high = sorted((one, other))
    if log:
        low, high = sorted((abs(one) or 1e-300, abs(other) or 1e-300))
    low, high = window(low, high, log, 0.04)
    axis = Axis("x", low, high, kind, log)  # type: ignore[arg-type]
    found = ticks(axis, count)
    assert len(found) <= 2 * count + 3
    assert all(low <= value <= high for value, _ in found)
    assert [value for value, _ in found] == sorted({value for value, _ in found})
    assert all(0 <= axis.place(value) <= 1 + 1e-9 for value, _ in found)


@pytest.mark.parametrize(
    ("low", "high", "kind", "log", "labels"),
    [
        (0, 10, "number", False, ["0", "2", "4", "6", "8", "10"]),
        (0, 0.9, "percent", False, ["0%", "20%", "40%", "60%", "80%"]),
        (0, 95, "seconds", False, ["0:00", "0:30", "1:00", "1:30"]),
        (1e-5, 1, "number", True, ["1e-5", "0.0001", "0.001", "0.01", "0.1", "1"]),
        (0.01, 1, "number", True, ["0.01", "0.02", "0.05", "0.1", "0.2", "0.5", "1"]),
        (0, 5e-5, "number", False, ["0", "1e-5", "2e-5", "3e-5", "4e-5", "5e-5"]),
        (2.0, 2.5, "number", True, ["2", "2.1", "2.2", "2.3", "2.4", "2.5"]),
    ],
)
def test_ticks_read_well(low: float, high: float, kind: str, log: bool, labels: list[str]) -> None:
    found = [text for _, text in ticks(Axis("x", low, high, kind, log), 6)]  # type: ignore[arg-type]
    assert [text.removesuffix(".0") for text in found] == labels


def test_numbers_and_times_in_words() -> None:
    assert [write(value) for value in (0, 0.1, 1e-5, 123456, 1e7, 1 / 3)] == [
        "0", "0.1", "1e-5", "123456", "1e7", "0.3333",
    ]  # fmt: skip
    assert [duration(value) for value in (0, 7.4, 65, 3723, -5)] == [
        "0:00",
        "0:07",
        "1:05",
        "1:02:03",
        "-0:05",
    ]
    assert [up_to_whole(0, value) for value in (9.99, 9.5, 10, 1e300)] == [10, 9.5, 10, 1e300]


def test_an_accuracy_never_seems_to_reach_beyond_the_whole() -> None:
    for best in (0.5, 0.97, 1.0):
        found = axes(chart([0.1, best], y_kind="percent"))
        assert found is not None
        assert best <= found[1].high <= 1
    beyond = axes(chart([0.1, 1.2], y_kind="percent"))  # no accuracy, whatever it is called
    assert beyond is not None
    assert beyond[1].high > 1.2
