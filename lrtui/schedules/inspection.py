"""Looking at a schedule on a horizon: is it sound, what are its numbers, which points should a chart draw.

It draws nothing itself.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from lrtui.schedules.core import MANY_CORNERS, Rates, Schedule, Updates
from lrtui.schedules.errors import ScheduleError
from lrtui.schedules.horizon import Horizon

_CHUNK = 1 << 18


@dataclass(frozen=True, slots=True)
class Summary:
    """The numbers of a schedule on a horizon: its highest rate and when, first, last, mean, least and sum."""

    peak: float
    peak_update: int
    start: float
    end: float
    mean: float
    total: float
    minimum: float


def check(schedule: Schedule, horizon: Horizon) -> None:
    """Raise ScheduleError if the schedule can't be used on this horizon.

    That is: a length in epochs with no epoch length known, a warmup with nothing after it, or a rate that is
    negative or not finite at any update.
    """
    for first in range(0, horizon.total, _CHUNK):
        schedule(np.arange(first, min(first + _CHUNK, horizon.total), dtype=np.int64), horizon)


def summarise(schedule: Schedule, horizon: Horizon) -> Summary:
    """Return the numbers of a schedule on a horizon, over every update of it."""
    rates = schedule.rates(horizon)
    peak_update = int(rates.argmax())
    # Rates near the largest double have no finite sum; then the mean has to come from smaller terms.
    with np.errstate(over="ignore"):
        total = float(rates.sum())
    mean = total / rates.size if math.isfinite(total) else float((rates / rates.size).sum())
    return Summary(
        peak=float(rates[peak_update]),
        peak_update=peak_update,
        start=float(rates[0]),
        end=float(rates[-1]),
        mean=mean,
        minimum=float(rates.min()),
        total=total,
    )


def sample(schedule: Schedule, horizon: Horizon, points: int = 2000) -> tuple[Updates, Rates]:
    """Return updates and their rates for a chart.

    Every update if there are no more than `points`; otherwise evenly spaced ones plus both sides of every
    join, restart and milestone, so that no spike is lost. A schedule with too many of those is looked at in
    full, and gives the lowest and the highest update of every stretch.

    Returns:
        Increasing updates, and the rate at each.
    """
    if points < 2:
        raise ScheduleError("a chart needs at least 2 points")
    last = horizon.total - 1
    if horizon.total <= points:
        every = np.arange(horizon.total, dtype=np.int64)
        return every, schedule(every, horizon)
    corners = schedule._corners(horizon.total, horizon) if schedule.missing is None else []
    if len(corners) > min(MANY_CORNERS, points):
        return _extremes(schedule, horizon, points)
    even = np.linspace(0, last, points).round().astype(np.int64)
    near = np.array([corner + side for corner in corners for side in (-1, 0, 1)], dtype=np.int64)
    updates = np.unique(np.concatenate([even, near[(near >= 0) & (near <= last)]]))
    return updates, schedule(updates, horizon)


def _extremes(schedule: Schedule, horizon: Horizon, points: int) -> tuple[Updates, Rates]:
    rates = schedule.rates(horizon)
    edges = np.linspace(0, horizon.total, max(points // 2, 1) + 1).astype(np.int64)
    chosen = {0, horizon.total - 1}
    for first, after in zip(edges[:-1].tolist(), edges[1:].tolist(), strict=True):
        if after > first:
            stretch = rates[first:after]
            chosen |= {first + int(stretch.argmin()), first + int(stretch.argmax())}
    updates = np.array(sorted(chosen), dtype=np.int64)
    return updates, rates[updates]
