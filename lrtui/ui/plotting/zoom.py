"""Looking closer: part of an axis instead of all of it, moved and sized, and finer data for that part.

Pure functions over windows in an axis' own space (log10 on a log axis); which key or mouse does it is the
widget's business.
"""

from __future__ import annotations

import numpy as np

from .model import Axis, Floats, Series, Window

LEAST = 1e-6
"""The smallest part of a whole window that can be looked at: a single update of a million."""

_ALL = 0.999
"""From this share of the whole window on, it is the whole window."""


def zoomed(view: Window, whole: Window, factor: float, around: float) -> Window | None:
    """The view made `factor` times as narrow; `around` (own space) keeps its place on the screen.

    Below 1 the view gets wider. None is the whole window.
    """
    span, most = view.high - view.low, whole.high - whole.low
    wanted = max(span / factor, LEAST * most)
    if not wanted < _ALL * most:
        return None
    share = min(1.0, max(0.0, (around - view.low) / span))
    low = around - share * wanted
    return moved(Window(low, low + wanted, whole.log), whole, 0.0)


def moved(view: Window, whole: Window, share: float) -> Window:
    """The view shifted by a share of its width, and kept inside the whole window."""
    span = min(view.high - view.low, whole.high - whole.low)
    low = min(max(view.low + share * span, whole.low), whole.high - span)
    return Window(low, low + span, whole.log)


def showing(view: Window, whole: Window, place: float) -> Window:
    """The view itself where it shows a place; otherwise moved there, with a quarter of it to spare."""
    if view.low <= place <= view.high:
        return view
    span = view.high - view.low
    ahead = place - 0.75 * span if place > view.high else place - 0.25 * span
    return moved(Window(ahead, ahead + span, view.log), whole, 0.0)


def closer(axis: Axis, window: Window) -> Window:
    """A y window that was fitted to a zoomed stretch of data, cut off at the ends its axis is known to have.

    An axis from 0 to 100% would show a stretch between 89% and 90% as a flat line, so a zoomed chart takes
    the known ends as bounds, not as what is shown.
    """
    ends = Window(0.0, 1.0, axis.log)
    low, high = (_own(end, ends) for end in (axis.low, axis.high))
    bottom = window.low if low is None else max(window.low, min(low, window.high))
    top = window.high if high is None else min(window.high, max(high, window.low))
    return Window(bottom, top, axis.log) if bottom < top else window


def splice(series: Series, part: Series, low: float) -> Series:
    """A series with its points from `low` (data units) on replaced by finer ones, as far as those go.

    x ascends in both. `part` may begin before `low`. Behind its end the series goes on with its own points: a
    live line has got longer since the detail was read.
    """
    finite = part.x[np.isfinite(part.x)]
    if not finite.size:
        return series
    begin, end = min(low, float(finite[0])), float(finite[-1])
    with np.errstate(invalid="ignore"):
        before, after = series.x < begin, series.x > end

    def joined(own: Floats | None, other: Floats | None) -> Floats | None:
        if own is None and other is None:
            return None
        own = np.full(series.x.size, np.nan) if own is None else own
        other = np.full(part.x.size, np.nan) if other is None else other
        return np.concatenate((own[before], other, own[after]))

    x, y = joined(series.x, part.x), joined(series.y, part.y)
    assert x is not None
    assert y is not None
    return Series(
        series.name, x, y, series.color, series.marker, series.style, series.faint,
        joined(series.low, part.low), joined(series.high, part.high),
    )  # fmt: skip


def _own(end: float | None, space: Window) -> float | None:
    """A known end in the axis' own space; None where it isn't known or can't be on the axis."""
    if end is None or not np.isfinite(end) or (space.log and end <= 0):
        return None
    return float(np.log10(end)) if space.log else end
