"""A stretch of a curve in all its detail: what a zoomed chart shows of a log that is too long for the memory.

A history keeps of a very long log only what the whole curve shows; here the lines of the stretch itself are
read again. The log is searched, not read through: updates grow along it, unless the run was taken up again.
"""

from __future__ import annotations

import contextlib
import math
import os
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from lrtui.runs import table
from lrtui.runs.events import REPORT_START, RESUMED_START, Event, EventError, decode
from lrtui.runs.files import LineFollower
from lrtui.runs.history import Axis, History, Source
from lrtui.runs.table import Floats, Table, number
from lrtui.runs.thinning import thin

_NEAR = 256 * 1024
"""Bytes that are rather read than searched."""


def window(
    history: History,
    log: Path,
    metric: str,
    low: float,
    high: float,
    x: Axis = "step",
    points: int = 1000,
    source: Source | None = None,
) -> tuple[Floats, Floats]:
    """A metric between two places of an axis, with one point beyond each, so that lines reach the edges.

    May read much of the log: not for an event loop.

    Args:
        history: of the log, up to date.
        log: the log.
        metric: a name as in the events.
        low: from where on the axis.
        high: to where.
        x: the axis.
        points: parts of the stretch of which least and greatest values are kept, at least.
        source: as for `History.series`.

    Returns:
        Two arrays of one length, thinned as by `thin`; empty if the run has no such metric.
    """
    if source is None:
        source = "report" if metric in history.columns("report") else "epoch"
    xs, ys = history.series(metric, x, source)
    first, last = _rows(xs, low, high)
    if source == "report" and history.thinned and xs.size:
        steps = history.series("step", "step", source)[1]
        begin, end = steps[first], steps[last]
        share = (end - begin) / max(float(np.nanmax(steps) - np.nanmin(steps)), 1.0)
        if math.isfinite(share) and share * table.PARTS < points:
            seconds = history.series("step", "seconds", source)[0]
            detail = _read(history, log, begin, end, float(seconds[first]))
            if metric in detail.names():
                xs, ys = history.on_axis(detail, x), detail.column(metric)
                first, last = _rows(xs, low, high)
    return thin(xs[first : last + 1], ys[first : last + 1], points)


def _rows(xs: Floats, low: float, high: float) -> tuple[int, int]:
    """First and last row of a stretch, with the neighbours outside."""
    inside = np.flatnonzero((xs >= low) & (xs <= high))
    before, after = np.flatnonzero(xs < low), np.flatnonzero(xs > high)
    first = inside[0] - 1 if inside.size else before[-1] if before.size else 0
    last = inside[-1] + 1 if inside.size else after[0] if after.size else xs.size - 1
    return int(max(first, 0)), int(max(min(last, xs.size - 1), 0))


def _read(history: History, log: Path, begin: float, end: float, seconds: float) -> Table:
    """The reports from one update to another; `seconds` since the start are those of the first."""
    found, clock = Table(), seconds
    again = history.resumed is not None
    # What was logged again stands twice in the log, and the updates before it aren't in order.
    lines = LineFollower(log, offset=0 if again else _seek(log, begin))

    def take(events: list[Event]) -> None:
        nonlocal clock
        if events:
            since = np.array([event.time for event in events]) - history.origin
            since = np.maximum.accumulate(np.maximum(since, clock))
            clock = float(since[-1])
            found.extend(events, since)
            found.thin()

    while True:
        chosen: list[Event] = []
        past = False
        for event in _events(lines.poll()):
            step = number(event.get("step"))
            if event.kind == "report":
                past = past or step > end
                if begin <= step <= end:
                    chosen.append(event)
            elif math.isfinite(step):
                # From here on the run logs again what it had logged: it counts once.
                take(chosen)
                chosen = []
                found.drop("step", step)
        take(chosen)
        if not lines.behind or (past and not again):
            return found


def _events(lines: list[bytes]) -> Iterator[Event]:
    """The reports among lines, and where the run was taken up again; what can't be read is passed over."""
    for line in lines:
        if line.startswith((REPORT_START, RESUMED_START)):
            with contextlib.suppress(EventError):
                yield decode(line)


def _seek(log: Path, step: float) -> int:
    """A place in the log before its first report of an update, or of a later one, and not far before."""
    try:
        fd = os.open(log, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    except OSError:
        return 0
    try:
        low, high = 0, os.fstat(fd).st_size
        while high - low > _NEAR:
            middle = (low + high) // 2
            found = _step_after(os.pread(fd, _NEAR // 4, middle))
            if found < step:
                low = middle
            else:
                high = middle
        return low
    except OSError:
        return 0
    finally:
        os.close(fd)


def _step_after(block: bytes) -> float:
    """The update of the first whole report in a piece of a log; infinite if there is none."""
    for line in block.split(b"\n")[1:-1]:
        if line.startswith(REPORT_START):
            try:
                step = number(decode(line).get("step"))
            except EventError:
                continue
            if math.isfinite(step):
                return step
    return math.inf
