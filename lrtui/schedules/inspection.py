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


def sample(
    schedule: Schedule, horizon: Horizon, points: int = 2000, *, between: tuple[int, int] | None = None
) -> tuple[Updates, Rates]:
    """Return updates and their rates for a chart.

    Every update if there are no more than `points`; otherwise evenly spaced ones plus both sides of every
    join, restart and milestone, so that no spike is lost. A schedule with too many of those is looked at in
    full, and gives the lowest and the highest update of every stretch.

    Args:
        schedule: The schedule.
        horizon: What it is evaluated on.
        points: About so many updates.
        between: The first and the last update that matter, for a closer look; None for all of them.

    Returns:
        Increasing updates, and the rate at each.
    """
    if points < 2:
        raise ScheduleError("a chart needs at least 2 points")
    first, last = between or (0, horizon.total - 1)
    first, last = max(first, 0), min(last, horizon.total - 1)
    if last - first < points:
        every = np.arange(first, last + 1, dtype=np.int64)
        return every, schedule(every, horizon)
    corners = _corners(schedule, horizon, points)
    if corners is None:
        return _extremes(schedule, horizon, points, first, last)
    even = np.linspace(first, last, points).round().astype(np.int64)
    near = np.array([corner + side for corner in corners for side in (-1, 0, 1)], dtype=np.int64)
    updates = np.unique(np.concatenate([even, near[(near >= first) & (near <= last)]]))
    return updates, schedule(updates, horizon)


def samples_few(schedule: Schedule, horizon: Horizon, points: int = 2000) -> bool:
    """Whether `sample` evaluates about so many updates, and not all there are: then it takes no time."""
    return horizon.total <= points or _corners(schedule, horizon, points) is not None


def _corners(schedule: Schedule, horizon: Horizon, points: int) -> list[int] | None:
    """Where the curve bends or jumps, or None if that is at too many places to be looked at one by one."""
    corners = schedule._corners(horizon.total, horizon) if schedule.missing is None else []
    return None if len(corners) > min(MANY_CORNERS, points) else corners


def _extremes(
    schedule: Schedule, horizon: Horizon, points: int, first: int, last: int
) -> tuple[Updates, Rates]:
    rates = schedule(np.arange(first, last + 1, dtype=np.int64), horizon)
    edges = np.linspace(0, rates.size, max(points // 2, 1) + 1).astype(np.int64)
    chosen = {0, rates.size - 1}
    for begin, end in zip(edges[:-1].tolist(), edges[1:].tolist(), strict=True):
        if end > begin:
            stretch = rates[begin:end]
            chosen |= {begin + int(stretch.argmin()), begin + int(stretch.argmax())}
    places = np.array(sorted(chosen), dtype=np.int64)
    return places + first, rates[places]
