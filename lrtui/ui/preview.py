"""What Explore shows of a schedule on a horizon: the points to draw and its numbers. It draws nothing."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lrtui.schedules import Horizon, Schedule, Summary, drawable, sample, summarise

POINTS = 2000


@dataclass(frozen=True, slots=True)
class Preview:
    """A schedule worked out on a horizon: sampled updates with their rates, and a summary of all."""

    schedule: Schedule
    horizon: Horizon
    updates: NDArray[np.int64]
    rates: NDArray[np.float64]
    summary: Summary

    def rate_at(self, update: int) -> float:
        """The rate in force during one update of the horizon."""
        inside = min(max(update, 0), self.horizon.total - 1)
        return float(self.schedule(inside, self.horizon))

    def places(self, epochs: bool) -> NDArray[np.float64]:
        """The sampled updates as places on the x axis, counted in updates or in epochs."""
        scale = self.horizon.steps_per_epoch if epochs and self.horizon.steps_per_epoch else 1
        return self.updates / float(scale)


def look(schedule: Schedule, horizon: Horizon) -> Preview:
    """Work a schedule out on a horizon; milliseconds for a million updates.

    One that follows a metric is worked out on a typical trace of one.

    Raises:
        ScheduleError: the schedule doesn't fit the horizon.
    """
    schedule = drawable(schedule, horizon)
    updates, rates = sample(schedule, horizon, POINTS)
    return Preview(schedule, horizon, updates, rates, summarise(schedule, horizon))
