"""Draw hundreds of hostile charts; run as a program, because a leak into plotext ends the whole process.

`python -m tests.ui.plotting.fuzz SEED CASES` prints the number of cases drawn and the slowest one in
milliseconds. Not a test itself: `test_fuzz.py` runs it and reads its exit code.
"""

from __future__ import annotations

import random
import sys
import time
from collections.abc import Sequence

import numpy as np

from lrtui.ui.plotting import (
    Axis,
    Frame,
    Mark,
    Series,
    Window,
    canvas,
    frame,
    legend,
    legend_lines,
    render,
    to_ansi,
    value_at,
)
from lrtui.ui.plotting.model import STYLES
from lrtui.ui.plotting.prepare import RUN_LIMIT, Stroke
from lrtui.ui.plotting.zoom import moved, showing, splice, zoomed

NASTY = (0.0, -0.0, 1.0, -1.0, 1e300, -1e300, 1.7e308, -1.7e308, 5e-324, -5e-324, 2.3e-308, 1e-12)
NASTY += (float("nan"), float("inf"), float("-inf"))
KINDS = ("number", "rate", "percent", "count", "seconds")


DRAWN = 0
"""Strokes that were held against the contract."""


def guarded(
    strokes: Sequence[Stroke],
    markers: Sequence[str],
    columns: int,
    rows: int,
    sketches: canvas.Sketches | None,
    order: Sequence[int] | None,
) -> canvas.Grid:
    """The door to the drawing library: finite, linear, inside the canvas, few, and its own axes off."""
    global DRAWN
    for stroke in strokes:
        DRAWN += 1
        assert stroke.x.shape == stroke.y.shape
        assert np.isfinite(stroke.x).all()
        assert np.isfinite(stroke.y).all()
        assert ((stroke.x >= 0) & (stroke.x <= columns) & (stroke.y >= 0) & (stroke.y <= rows)).all()
        # Clipping cuts a segment in two points at most; a cloud has one point a cell.
        assert stroke.x.size <= max(2 * (2 * RUN_LIMIT * columns + 4), columns * rows)
        assert list(stroke.starts) == sorted(set(stroke.starts))
        assert all(0 <= start < stroke.x.size for start in stroke.starts)
    assert all(len(marker) == 1 or marker == "braille" for marker in markers)
    assert order is None or sorted(order) == list(range(len(strokes)))
    return canvas.draw(strokes, markers, columns, rows, sketches, order)


frame.draw = guarded


def values(rng: random.Random, size: int) -> np.ndarray:
    """Noise, constants, spikes, denormals, infinities, gaps: whatever has hurt somebody."""
    numbers = np.random.default_rng(rng.getrandbits(32))
    scale = 10.0 ** rng.choice((-320, -300, -20, -3, 0, 3, 12, 100, 300))
    match rng.randrange(7):
        case 0:
            made = numbers.normal(size=size) * scale
        case 1:
            made = np.full(size, rng.choice(NASTY))
        case 2:
            made = np.arange(size, dtype=float) * scale
        case 3:
            made = np.array([rng.choice(NASTY) for _ in range(min(size, 2000))])
            made = np.resize(made, size)
        case 4:
            made = np.zeros(size)
            if size:
                made[rng.randrange(size)] = rng.choice(NASTY)
        case 5:
            made = 10.0 ** numbers.uniform(-300, 300, size)
        case _:
            made = np.cumsum(numbers.normal(size=size)) + rng.choice((0, 1e9, -1e15))
    with np.errstate(all="ignore"):
        if size and rng.random() < 0.4:
            made[numbers.random(size) < rng.choice((0.01, 0.5, 0.99))] = rng.choice((np.nan, np.inf, -np.inf))
    return made


def axis(rng: random.Random) -> Axis:
    """An axis with any ends, known or not, in any order."""
    ends = (*NASTY, None, None, None, 10.0, 1e4, rng.gauss(0, 1))
    return Axis(
        rng.choice(ends),
        rng.choice(ends),
        rng.random() < 0.3,
        rng.choice(KINDS),
        rng.choice(("", "epochs", "a very long unit of measurement that fits nowhere", "\x1b[31m", "単位")),
    )


def zoom(rng: random.Random, whole: Window) -> Window | None:
    """Part of a window, found as keys and mouse find it."""
    view: Window | None = None
    for _ in range(rng.randrange(8)):
        middle = whole.low + rng.uniform(-0.5, 1.5) * (whole.high - whole.low)
        match rng.randrange(3):
            case 0:
                view = zoomed(view or whole, whole, rng.choice((2, 1.5, 0.5, 1e9, 1e-9)), middle)
            case 1:
                view = moved(view or whole, whole, rng.choice((-0.25, 0.25, 1e9)))
            case _:
                view = showing(view or whole, whole, middle)
        assert view is None or view.low < view.high
    return view


def case(rng: random.Random, previous: Frame | None) -> Frame:
    """Draw one chart and check what every frame promises."""
    series = []
    for _ in range(rng.choice((0, 1, 1, 2, 3, 8))):
        size = rng.choice((0, 1, 2, 3, 10, 300, 3000))
        band = {"low": values(rng, size), "high": values(rng, size)} if rng.random() < 0.4 else {}
        series.append(
            Series(
                rng.choice(("", "loss", "x" * 200, "[/b]\n\x1b[2J", "学習率")),
                values(rng, size) if rng.random() < 0.5 else np.sort(values(rng, size)),
                values(rng, size),
                rng.randrange(-3, 20),
                rng.choice((None, None, "", "x", "●")),
                rng.choice(("line", "line", "steps", "points")),
                rng.random() < 0.2,
                **band,
            )
        )
    if series and rng.random() < 0.3:
        series[0] = splice(series[0], rng.choice(series), rng.choice(NASTY))
    sizes = ((0, 0), (1, 1), (19, 5), (20, 6), (21, 30), (80, 24), (120, 35), (200, 3), (300, 80))
    x, y, marks = (
        axis(rng),
        axis(rng),
        [
            Mark(rng.choice(NASTY), rng.choice(("", "here", "y" * 99, "\x07")))
            for _ in range(rng.randrange(4))
        ],
    )
    kept, view = previous if rng.random() < 0.5 else None, None
    ascii_only = rng.random() < 0.3
    sketches = rng.choice((None, canvas.Sketches()))
    # The same chart again in other sizes, and from nearer.
    for width, height in rng.choices(sizes, k=rng.choice((1, 1, 1, 3))):
        cursor = rng.choice((None, *NASTY))
        found = render(
            series, x, y, width, height, marks, cursor,
            previous=(kept.x, kept.y) if kept else None, zoom=view, sketches=sketches,
            ascii_only=ascii_only,
        )  # fmt: skip
        check(found, width, height, ascii_only)
        lines = legend_lines(series, width, 2, cursor, y, ascii_only)
        assert len(lines) <= 2
        if view is None:
            view = zoom(rng, found.x)
        kept = found
    for each in series:
        value_at(each, rng.choice(NASTY))
    to_ansi([legend(series, [value_at(each, 1.0) for each in series], Axis(kind=rng.choice(KINDS)))])
    return found


def check(found: Frame, width: int, height: int, ascii_only: bool) -> None:
    """What every frame promises."""
    assert len(found.texts) == len(found.inks) == height
    assert all(len(text) == len(ink) == width for text, ink in zip(found.texts, found.inks, strict=True))
    assert all(text.isprintable() for text in found.texts), found.texts
    assert all(ink < len(STYLES) for row in found.inks for ink in row)
    assert found.x.low < found.x.high
    assert found.y.low < found.y.high
    assert not any(char in to_ansi(found, "plain") for char in "\x1b\x07")
    assert not ascii_only or "".join(found.texts).isascii()
    for column in range(0, width, 7):
        found.column_of(found.x_at(column))


def main() -> None:
    """Run the cases the command line asks for."""
    seed, cases = int(sys.argv[1]), int(sys.argv[2])
    slowest, previous = 0.0, None
    for number in range(cases):
        rng = random.Random(seed * 1_000_003 + number)
        print(f"case {seed} {number}", file=sys.stderr, flush=True)
        start = time.perf_counter()
        previous = case(rng, previous)
        slowest = max(slowest, time.perf_counter() - start)
    assert cases // 2 < DRAWN
    print(f"{cases} cases, slowest {slowest * 1000:.0f} ms")


if __name__ == "__main__":
    main()
