"""Draw hundreds of hostile charts; run as a program, because a leak into plotext ends the whole process.

`python -m tests.ui.plotting.fuzz SEED CASES` prints the number of cases drawn and the slowest one in
milliseconds. Not a test itself: `test_fuzz.py` runs it and reads its exit code.
"""

from __future__ import annotations

import random
import sys
import time

import numpy as np

from lrtui.ui.plotting import Axis, Frame, Mark, Series, legend, render, to_ansi, value_at
from lrtui.ui.plotting.model import STYLES

NASTY = (0.0, -0.0, 1.0, -1.0, 1e300, -1e300, 1.7e308, -1.7e308, 5e-324, -5e-324, 2.3e-308, 1e-12)
NASTY += (float("nan"), float("inf"), float("-inf"))
KINDS = ("number", "rate", "percent", "count", "seconds")


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


def case(rng: random.Random, previous: Frame | None) -> Frame:
    """Draw one chart and check what every frame promises."""
    series = []
    for _ in range(rng.choice((0, 1, 1, 2, 3, 8))):
        size = rng.choice((0, 1, 2, 3, 10, 300, 3000))
        series.append(
            Series(
                rng.choice(("", "loss", "x" * 200, "[/b]\n\x1b[2J", "学習率")),
                values(rng, size) if rng.random() < 0.5 else np.sort(values(rng, size)),
                values(rng, size),
                rng.randrange(-3, 20),
                rng.choice((None, None, "", "x", "●")),
                rng.choice(("line", "line", "steps", "points")),
                rng.random() < 0.2,
            )
        )
    sizes = ((0, 0), (1, 1), (19, 5), (20, 6), (21, 30), (80, 24), (120, 35), (200, 3), (300, 80))
    width, height = rng.choice(sizes)
    frame = render(
        series,
        axis(rng),
        axis(rng),
        width,
        height,
        [
            Mark(rng.choice(NASTY), rng.choice(("", "here", "y" * 99, "\x07")))
            for _ in range(rng.randrange(4))
        ],
        rng.choice((None, *NASTY)),
        previous=(previous.x, previous.y) if previous and rng.random() < 0.5 else None,
        ascii_only=rng.random() < 0.2,
    )
    assert len(frame.texts) == len(frame.inks) == height
    assert all(len(text) == len(ink) == width for text, ink in zip(frame.texts, frame.inks, strict=True))
    assert all(text.isprintable() for text in frame.texts), frame.texts
    assert all(ink < len(STYLES) for row in frame.inks for ink in row)
    assert frame.x.low < frame.x.high
    assert frame.y.low < frame.y.high
    assert not any(char in to_ansi(frame, "plain") for char in "\x1b\x07")
    for each in series:
        value_at(each, rng.choice(NASTY))
    to_ansi([legend(series, [value_at(each, 1.0) for each in series], Axis(kind=rng.choice(KINDS)))])
    for column in range(0, width, 7):
        frame.column_of(frame.x_at(column))
    return frame


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
    print(f"{cases} cases, slowest {slowest * 1000:.0f} ms")


if __name__ == "__main__":
    main()
