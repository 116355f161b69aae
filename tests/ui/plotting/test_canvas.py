"""Strokes drawn one by one and laid over one another look as plotext draws them together."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import plotext
import pytest

from lrtui.ui.plotting import Axis, Series, Window, canvas, windows
from lrtui.ui.plotting.canvas import Sketches, draw
from lrtui.ui.plotting.model import Style
from lrtui.ui.plotting.prepare import Stroke, prepare

COLUMNS, ROWS = 50, 16
STYLES: tuple[Style, ...] = ("line", "steps", "points")
WHOLE = (Window(0, 1), Window(0, 1))
SEQUENCE = re.compile(r"\x1b\[([0-9;]*)m|(\n)|([^\x1b\n]+)")


def strokes_of(seed: int) -> tuple[list[Stroke], list[str]]:
    rng = np.random.default_rng(seed)
    size = int(rng.integers(2, 400))
    x = np.linspace(0, 20, size)
    series = []
    for index in range(int(rng.integers(1, 6))):
        y = np.sin(x * rng.random() * 3 + index) + rng.normal(size=size) * 0.2
        y[rng.random(size) < 0.05] = np.nan
        series.append(Series(str(index), x, y, index, style=STYLES[rng.integers(3)]))
    ends = windows(series, Axis(), Axis())
    markers = ["braille" if each.style != "points" else "o" for each in series]
    return [prepare(each, *ends, COLUMNS, ROWS) for each in series], markers


def together(strokes: list[Stroke], markers: list[str]) -> tuple[list[str], list[list[int]]]:
    """plotext's own drawing of all strokes in one figure."""
    figure: Any = plotext.figure
    plotext.terminal.limit(False, False)
    figure.clear()
    figure.canvas("default")
    figure.axes(False)
    figure.legend(False)
    figure.plot_size(COLUMNS, ROWS)
    figure.ruler("both", "both").frequency(0)
    figure.ruler("x").lim(0, COLUMNS).alignment("edge")
    figure.ruler("y").lim(0, ROWS).alignment("edge")
    for index, (stroke, marker) in enumerate(zip(strokes, markers, strict=True)):
        pen = plotext.marker(marker, pixel=plotext.pixel(index + 1))
        signal = figure.signal(stroke.x.tolist(), stroke.y.tolist(), marker=pen)
        if stroke.joined:
            signal.lines(True)
            for start in stroke.starts[1:]:
                signal.line(start, False)
        figure.draw(signal)
    rows, owners = [], []
    for line in str(figure.build().string()).split("\n")[:ROWS]:
        text, own, owner = "", [], -1
        for codes, _, run in SEQUENCE.findall(line):
            if run:
                text += run
                own += [owner if char != " " else -1 for char in run]
            else:
                parts = codes.split(";")
                owner = int(parts[2]) - 1 if parts[:2] == ["38", "5"] else -1
        rows.append(text)
        owners.append(own)
    return rows, owners


@pytest.mark.parametrize("seed", range(12))
def test_layers_join_as_in_one_drawing(seed: int) -> None:
    strokes, markers = strokes_of(seed)
    grid = draw(strokes, markers, COLUMNS, ROWS)
    rows, owners = together(strokes, markers)
    assert ["".join(chars) for chars, _ in grid] == rows
    assert [own for _, own in grid] == owners


def test_only_what_looks_different_is_drawn_again(monkeypatch: pytest.MonkeyPatch) -> None:
    drawn: list[Stroke] = []
    real = canvas._draw

    def counted(stroke: Stroke, marker: str, columns: int, rows: int) -> str:
        drawn.append(stroke)
        return real(stroke, marker, columns, rows)

    monkeypatch.setattr(canvas, "_draw", counted)
    (first, second), sketches = (strokes_of(seed)[0][0] for seed in (1, 2)), Sketches()
    before = draw([first, second], ["braille"] * 2, COLUMNS, ROWS, sketches)
    assert drawn == [first, second]
    copy = Stroke(first.x.copy(), first.y.copy(), first.starts, first.joined)
    assert draw([copy, second], ["braille"] * 2, COLUMNS, ROWS, sketches) == before
    assert len(drawn) == 2
    longer = Stroke(first.x, np.minimum(first.y + 1, ROWS), first.starts, first.joined)
    assert draw([longer, second], ["braille"] * 2, COLUMNS, ROWS, sketches) != before
    draw([longer, second], ["braille", "x"], COLUMNS, ROWS, sketches)
    draw([longer, second], ["braille", "x"], COLUMNS + 1, ROWS, sketches)
    assert len(drawn) == 6
    assert np.array_equal(drawn[2].y, longer.y)
    draw([longer], ["braille"], COLUMNS + 1, ROWS, sketches)
    assert len(drawn) == 6


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("seed", range(6))
def test_what_changed_is_drawn_again_as_if_all_of_it_were(seed: int, style: Style) -> None:
    rng = np.random.default_rng(seed)
    size = int(rng.integers(20, 2000))
    # Whole numbers fall on borders of cells and dots, where a drawing library has to choose.
    x = np.arange(size) / size if seed % 2 else np.sort(rng.random(size))
    y = rng.random(size)
    y[rng.random(size) < 0.02] = np.nan
    marker, sketches = "o" if style == "points" else "braille", Sketches()
    for upto in sorted({*rng.integers(size // 2, size, 8).tolist(), size, size // 3}):
        if rng.random() < 0.3:
            y[int(rng.integers(upto))] = rng.random()  # in the midst of it, too
        stroke = prepare(Series("", x[:upto], y[:upto], style=style), *WHOLE, COLUMNS, ROWS)
        here = draw([stroke], [marker], COLUMNS, ROWS, sketches)
        assert here == draw([stroke], [marker], COLUMNS, ROWS)


def test_a_line_that_grows_is_drawn_at_its_end_only(monkeypatch: pytest.MonkeyPatch) -> None:
    drawn: list[Stroke] = []
    real = canvas._draw

    def counted(stroke: Stroke, marker: str, columns: int, rows: int) -> str:
        drawn.append(stroke)
        return real(stroke, marker, columns, rows)

    monkeypatch.setattr(canvas, "_draw", counted)
    x, y = np.linspace(0, 0.9, 500), np.random.default_rng(0).random(500)
    sketches = Sketches()
    for upto in (490, 500):
        stroke = prepare(Series("", x[:upto], y[:upto]), *WHOLE, COLUMNS, ROWS)
        draw([stroke], ["braille"], COLUMNS, ROWS, sketches)
    assert drawn[0].x.size > 80
    assert drawn[1].x.size < 12
