"""What Explore shows of a schedule on a horizon: the points to draw and its numbers. It draws nothing."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lrtui.experiments.traces import Trace
from lrtui.schedules import Horizon, Schedule, Summary, drawable, sample, simulated, summarise

POINTS = 2000


@dataclass(frozen=True, slots=True)
class Preview:
    """A schedule worked out on a horizon: sampled updates with their rates, and a summary of all.

    `drawn` is the schedule itself, or what one that follows a metric does on the trace that `trace` names.
    """

    schedule: Schedule
    drawn: Schedule
    trace: str
    horizon: Horizon
    updates: NDArray[np.int64]
    rates: NDArray[np.float64]
    summary: Summary

    def rate_at(self, update: int) -> float:
        """The rate in force during one update of the horizon."""
        inside = min(max(update, 0), self.horizon.total - 1)
        return float(self.drawn(inside, self.horizon))

    def places(self, epochs: bool) -> NDArray[np.float64]:
        """The sampled updates as places on the x axis, counted in updates or in epochs."""
        scale = self.horizon.steps_per_epoch if epochs and self.horizon.steps_per_epoch else 1
        return self.updates / float(scale)


def look(schedule: Schedule, horizon: Horizon, trace: Trace | None = None) -> Preview:
    """Work a schedule out on a horizon; milliseconds for a million updates.

    One that follows a metric is worked out on `trace`, or without one, or with one too short,
    on a typical course.

    Raises:
        ScheduleError: the schedule doesn't fit the horizon.
    """
    drawn, words = _on_trace(schedule, horizon, trace)
    updates, rates = sample(drawn, horizon, POINTS)
    return Preview(schedule, drawn, words, horizon, updates, rates, summarise(drawn, horizon))


def _on_trace(schedule: Schedule, horizon: Horizon, trace: Trace | None) -> tuple[Schedule, str]:
    """What to draw, and the trace it follows in words; none if it follows no metric."""
    if schedule.metric_driven is None:
        return schedule, ""
    per_epoch = horizon.steps_per_epoch or horizon.total
    needed = -(-horizon.total // per_epoch) - 1  # the last epoch's metric changes nothing any more
    if trace is not None and len(trace.metrics) >= needed:
        return simulated(schedule, trace.metrics, horizon), trace.words
    metric = "loss" if schedule.metric_driven.values["mode"] == "min" else "accuracy"
    words = f"a made-up, typical {metric}"
    if trace is not None:
        words += f" ({trace.words} has {len(trace.metrics)} epochs, of {needed + 1})"
    return drawable(schedule, horizon), words
