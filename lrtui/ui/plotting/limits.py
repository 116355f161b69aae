"""Which window an axis shows: its own ends where they are given, otherwise round numbers around the data.

Round, and kept while they still serve: on a slow line an axis that moves repaints the whole chart.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import replace

import numpy as np

from .model import Axis, Floats, Series, Window
from .ticks import step_for
from .zoom import closer

_LOWEST, _HIGHEST = -1e300, 1e300
"""No window reaches further, so that its width is always finite."""

_FILL = 0.5
"""A kept window must be filled by the data at least this far."""

_FEW = 8
"""With fewer points a series than this, an axis shows zero too."""


def window(
    axis: Axis, data: tuple[float, float] | None, previous: Window | None = None, few: bool = False
) -> Window:
    """The window of an axis over data from `data[0]` to `data[1]`, both finite; None: there are none.

    `previous` is kept when it agrees with the axis' own ends, holds the data and isn't far too wide for them.
    When they have outgrown it, it grows by half at least, so that a live line moves it a few times and not
    every time. With `few` data no close look is taken: they say little about where the next ones will be.
    """
    low, high = _given(axis.low, axis.log), _given(axis.high, axis.log)
    if low is not None and high is not None:
        return _ordered(low, high, axis.log)
    if data is None:
        data = (low, low + 1) if low is not None else (high - 1, high) if high is not None else (0.0, 1.0)
        return _ordered(*data, axis.log)
    first, last = _own(data[0], axis.log), _own(data[1], axis.log)

    def around(first: float, last: float) -> Window:
        ends = _round_log(first, last) if axis.log else _round_linear(first, last, axis, few)
        return _ordered(ends[0] if low is None else low, ends[1] if high is None else high, axis.log)

    fresh = around(first, last)
    if previous is None or previous.log != axis.log or previous == fresh:
        return fresh
    if (low is not None and low != previous.low) or (high is not None and high != previous.high):
        return fresh
    span = previous.high - previous.low
    if previous.low <= first and last <= previous.high:
        return previous if fresh.high - fresh.low >= _FILL * span else fresh
    if not axis.growing:
        return fresh
    reach_low, reach_high = min(first, previous.low), max(last, previous.high)
    if first < previous.low:
        below = previous.low - span / 2
        reach_low = min(first, below if axis.log or first < 0 else max(below, 0.0))
    if last > previous.high:
        above = previous.high + span / 2
        if axis.kind == "percent" and last <= 1 and not axis.log:
            above = min(above, 1.0)  # a share is at most the whole
        reach_high = max(last, above if axis.log or last > 0 else min(above, 0.0))
    grown = around(reach_low, reach_high)
    return grown if last - first >= _FILL * _FILL * (grown.high - grown.low) else fresh


def extent(values: Iterable[Floats], log: bool) -> tuple[float, float] | None:
    """The lowest and highest value that can be drawn, or None."""
    lows, highs = [], []
    for array in values:
        usable = array[np.isfinite(array) & (array > 0)] if log else array[np.isfinite(array)]
        if usable.size:
            lows.append(float(usable.min()))
            highs.append(float(usable.max()))
    return (min(lows), max(highs)) if lows else None


def whole(series: Sequence[Series], x: Axis, previous: Window | None = None) -> Window:
    """The x window that shows everything."""
    return window(x, extent((each.x for each in series), x.log), previous)


def windows(
    series: Sequence[Series],
    x: Axis,
    y: Axis,
    previous: tuple[Window, Window] | None = None,
    zoom: Window | None = None,
) -> tuple[Window, Window]:
    """Both windows of a chart; y looks only at what the x window shows.

    `zoom` is an x window of its own: the y axis then fits what is seen there, inside the ends it is given.
    """
    before = previous[1] if previous else None
    x_window = zoom or whole(series, x, previous[0] if previous else None)
    seen = []
    for each in series:
        place = x_window.place(each.x)
        with np.errstate(invalid="ignore"):
            shown = np.flatnonzero((place >= 0) & (place <= 1))
        # Neighbours just outside don't count: a line that leaves the window may leave through the top.
        part = shown if shown.size else _around(place)
        seen.append(each.y[part])
        if each.low is not None and each.high is not None:
            seen += [each.low[part], each.high[part]]
    few = zoom is None and sum(values.size for values in seen) < _FEW * max(1, len(seen))
    if zoom is None:
        return x_window, window(y, extent(seen, y.log), before, few)
    return x_window, closer(y, window(replace(y, low=None, high=None), extent(seen, y.log), before))


def _around(place: Floats) -> slice:
    """The two points on either side of a window that no point lies in."""
    left = np.flatnonzero(place < 0)
    right = np.flatnonzero(place > 1)
    if not (left.size and right.size):
        return slice(0, 0)
    return slice(int(left[-1]), int(left[-1]) + 2) if left[-1] < right[0] else slice(0, 0)


def _given(end: float | None, log: bool) -> float | None:
    if end is None or not math.isfinite(end) or (log and end <= 0):
        return None
    return _own(end, log)


def _own(value: float, log: bool) -> float:
    return math.log10(value) if log else min(_HIGHEST, max(_LOWEST, value))


def _ordered(low: float, high: float, log: bool) -> Window:
    """A window with low < high by a distance that arithmetic can see."""
    low, high = min(low, high), max(low, high)
    least = max(abs(low), abs(high)) * 1e-9 or 1e-300
    if high - low < least:
        middle = low
        half = 0.5 if log else max(abs(middle) * 0.5, 0.5 if middle == 0 else 1e-300)
        low, high = middle - half, middle + half
    return Window(low, high, log)


def _round_linear(first: float, last: float, axis: Axis, few: bool) -> tuple[float, float]:
    size = max(abs(first), abs(last))
    if last - first <= size * (0.2 if few else 1e-9):
        # As good as constant: leave air above, and show where zero is.
        if first == last == 0:
            return 0.0, 1.0
        return (0.0, _up(last * 1.1)) if last > 0 else (-_up(-first * 1.1), 0.0)
    step = step_for(last - first, 5, axis.kind)
    step = step if step > 0 and math.isfinite(step) else 0.0
    low, high = first, last
    if 0 <= first <= 0.35 * last:
        low = 0.0
    elif 0.35 * first <= last <= 0:
        high = 0.0
    if step:
        fine = step / 2
        low = _tidy(math.floor(low / fine + 1e-9) * fine)
        high = _tidy(math.ceil(high / fine - 1e-9) * fine)
    return low, high


def _round_log(first: float, last: float) -> tuple[float, float]:
    """Outwards to 1, 2, 5 times a power of ten; to whole powers once there are several."""
    if last - first > 2:
        return float(math.floor(first + 1e-9)), float(math.ceil(last - 1e-9))
    return _log_step(first, up=False), _log_step(last, up=True)


def _log_step(place: float, up: bool) -> float:
    power = math.floor(place)
    fractions = (0.0, math.log10(2), math.log10(5), 1.0)
    within = place - power
    if up:
        return power + next(fraction for fraction in fractions if fraction >= within - 1e-9)
    return power + next(fraction for fraction in reversed(fractions) if fraction <= within + 1e-9)


def _up(value: float) -> float:
    """A round number a little above, on a finer ladder than ticks: constants should not sink low."""
    if not (value > 0 and math.isfinite(value)):
        return value
    power = math.floor(math.log10(value))
    ladder = (float(f"{factor}e{power}") for factor in (1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10))
    return next((rung for rung in ladder if rung >= value), value)


def _tidy(value: float) -> float:
    """2.3 for 2.3000000000000003."""
    return float(f"{value:.15g}")
