"""What Explore shows of schedules on a horizon: points to draw, their numbers, and how they differ.

It draws nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from lrtui.experiments.traces import Trace
from lrtui.schedules import (
    Horizon,
    Schedule,
    ScheduleError,
    Summary,
    drawable,
    sample,
    samples_few,
    simulated,
    summarise,
)

POINTS = 2000
_CHUNK = 1 << 18

Window = tuple[int, int]
"""The first and the last update of a part that is looked at closely."""


@dataclass(frozen=True, slots=True)
class Preview:
    """A schedule worked out on a horizon: sampled updates with their rates, and a summary of all.

    At a glance, `summary` isn't worked out yet. `drawn` is the schedule itself, or what one that follows a
    metric does on the trace that `trace` names.
    """

    schedule: Schedule
    drawn: Schedule
    trace: str
    horizon: Horizon
    updates: NDArray[np.int64]
    rates: NDArray[np.float64]
    summary: Summary | None

    def rate_at(self, update: int) -> float:
        """The rate in force during one update of the horizon."""
        inside = min(max(update, 0), self.horizon.total - 1)
        return float(self.drawn(inside, self.horizon))

    def after(self, update: int, window: Window | None) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """Sampled updates from one on, and their rates; finer in a part that counts from that update."""
        left = self.updates > update
        chosen = [np.array([update]), self.updates[left]]
        if window is not None:
            between = update + max(window[0], 0), update + window[1]
            if between[0] < self.horizon.total:
                chosen.append(sample(self.drawn, self.horizon, POINTS, between=between)[0])
        updates = np.unique(np.concatenate(chosen))
        return updates, self.drawn(updates, self.horizon)

    def places(self, epochs: bool) -> NDArray[np.float64]:
        """The sampled updates as places on the x axis, counted in updates or in epochs."""
        scale = self.horizon.steps_per_epoch if epochs and self.horizon.steps_per_epoch else 1
        return self.updates / float(scale)


def look(
    schedule: Schedule, horizon: Horizon, trace: Trace | None = None, window: Window | None = None
) -> Preview:
    """Work a schedule out on a horizon; some ten milliseconds for a million updates.

    Within `window` there are as many points again as on the whole: every update, if there are no more.

    One that follows a metric is worked out on `trace`, or without one, or with one too short,
    on a typical course.

    Raises:
        ScheduleError: the schedule doesn't fit the horizon.
    """
    return _summed_up(_at_a_glance(schedule, horizon, trace, window))


def _at_a_glance(schedule: Schedule, horizon: Horizon, trace: Trace | None, window: Window | None) -> Preview:
    """A schedule as `look` gives it, without its summary."""
    drawn, words = _on_trace(schedule, horizon, trace)
    updates, rates = sample(drawn, horizon, POINTS)
    if window is not None and horizon.total > POINTS:
        finer, theirs = sample(drawn, horizon, POINTS, between=window)
        updates, places = np.unique(np.concatenate([updates, finer]), return_index=True)
        rates = np.concatenate([rates, theirs])[places]
    return Preview(schedule, drawn, words, horizon, updates, rates, None)


def _summed_up(preview: Preview) -> Preview:
    """A preview with its summary."""
    if preview.summary is not None:
        return preview
    return replace(preview, summary=summarise(preview.drawn, preview.horizon))


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


@dataclass(frozen=True, slots=True)
class Difference:
    """Where two schedules on one horizon are farthest apart: by how much, and at which update."""

    most: float
    update: int


def difference(one: Preview, other: Preview) -> Difference:
    """How far the first lies above the other where they differ most; negative if it lies below.

    Every update of the horizon they share is looked at, not only those that are drawn.
    """
    found = Difference(0.0, 0)
    for first in range(0, one.horizon.total, _CHUNK):
        updates = np.arange(first, min(first + _CHUNK, one.horizon.total), dtype=np.int64)
        apart = one.drawn(updates, one.horizon) - other.drawn(updates, other.horizon)
        place = int(np.abs(apart).argmax())
        if abs(apart[place]) > abs(found.most):
            found = Difference(float(apart[place]), first + place)
    return found


@dataclass(frozen=True, slots=True)
class Sight:
    """What is to be looked at: a schedule beside pinned ones, all of it and one part closely."""

    schedule: Schedule
    pins: tuple[Schedule, ...]
    horizon: Horizon
    trace: Trace | None
    window: Window | None


@dataclass(frozen=True, slots=True)
class Looked:
    """A sight worked out; `apart` says of each of `pins` how `main` differs from it.

    At a glance there are the curves alone: no summaries, and `apart` is None.
    """

    sight: Sight
    main: Preview
    pins: tuple[Preview, ...]
    apart: tuple[Difference, ...] | None

    def known(self, sight: Sight) -> dict[Schedule, Preview]:
        """What of this another sight shows just so."""
        mine, other = self.sight, sight
        if (mine.horizon, mine.trace, mine.window) != (other.horizon, other.trace, other.window):
            return {}
        return {preview.schedule: preview for preview in (self.main, *self.pins)}


def glance(sight: Sight, known: Looked | None = None) -> Looked | None:
    """The curves of a sight, taking what is the same in `known` from there, in a millisecond or two.

    None where it would take longer, or where the schedule doesn't fit the horizon: `look_at_all` knows more.
    """
    reusable = known.known(sight) if known is not None else {}
    chosen = {sight.schedule, *sight.pins} - reusable.keys()
    fits: dict[Schedule, Preview] = {}
    for schedule in chosen:
        with suppress(ScheduleError):
            if schedule.metric_driven is not None or not samples_few(schedule, sight.horizon, POINTS):
                return None
            fits[schedule] = _at_a_glance(schedule, sight.horizon, sight.trace, sight.window)
    fits |= reusable
    if sight.schedule not in fits:
        return None
    pins = tuple(fits[pin] for pin in sight.pins if pin in fits)
    return Looked(sight, fits[sight.schedule], pins, None)


def look_at_all(
    sight: Sight, known: Looked | None = None, enough: Callable[[], bool] = lambda: False
) -> Looked | ScheduleError | None:
    """Work a sight out, taking what is the same in `known` from there.

    Returns:
        What was found, without pins that don't fit the horizon; the error if the schedule itself doesn't;
        None once `enough` says that nobody waits for it any more.
    """
    reusable = known.known(sight) if known is not None else {}

    def seen(schedule: Schedule) -> Preview:
        preview = reusable.get(schedule)
        return _summed_up(preview or _at_a_glance(schedule, sight.horizon, sight.trace, sight.window))

    try:
        main = seen(sight.schedule)
    except ScheduleError as error:
        return error
    pins: list[Preview] = []
    apart: list[Difference] = []
    for pin in sight.pins:
        if enough():
            return None
        with suppress(ScheduleError):
            pinned = seen(pin)
            apart.append(difference(main, pinned))
            pins.append(pinned)
    return Looked(sight, main, tuple(pins), tuple(apart))
