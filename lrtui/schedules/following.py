"""Running schedules that follow a metric: one decision an epoch, in a training and in a drawing alike.

The worker steps a Decider with the metrics of its epochs; a drawing steps the same Decider with a trace. What
the families decide is theirs (`families.metric`).
"""

from __future__ import annotations

from collections.abc import Sequence as Row
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike

from lrtui.schedules.composition import sequence
from lrtui.schedules.core import Rates, Schedule, Updates, as_schedule
from lrtui.schedules.errors import ScheduleError, shorten
from lrtui.schedules.horizon import Horizon
from lrtui.schedules.registry import register


class Decider:
    """A schedule that follows a metric, in the middle of a training.

    Args:
        schedule: plateau, greedy, or a sequence that ends in one.
        horizon: The training, with its steps per epoch. Only a schedule with phases in front needs it.

    The metric-driven phase has its own clock, as every phase has: metrics of epochs that were over before it
    began are counted but not shown to it.

    Raises:
        ScheduleError: A schedule that doesn't follow a metric, or phases in front and no horizon.
    """

    def __init__(self, schedule: Schedule, horizon: Horizon | None = None) -> None:
        last = schedule.metric_driven
        if last is None:
            raise ScheduleError(f"{shorten(str(schedule))} follows no metric: its rates are known ahead")
        self.schedule = schedule
        self.horizon = horizon
        self.epochs = 0
        """How many epochs' metrics have come in."""
        self._last = last
        self._decided = last.begin()
        self._head: Schedule | None = None
        self.start = 0
        """The update at which the metric-driven phase begins."""
        if schedule is not last:
            self._steps_per_epoch()
            self._head = sequence(*schedule.phases[:-1], as_schedule(last.lr))
            lengths = [phase.length(self._known()) or 0 for phase in schedule.phases[:-1]]
            self.start = sum(lengths)

    @property
    def rate(self) -> float:
        """The rate of the metric-driven phase as decided so far."""
        return float(self._decided["lr"])

    def observe(self, metric: float) -> float:
        """Take in the metric of the epoch that has just ended, and return the rate decided.

        The rate is that of the epochs from here on, once the phases in front are over. A metric may be NaN or
        infinite: NaN is never better.
        """
        self.epochs += 1
        if self._head is None or self.epochs * self._steps_per_epoch() > self.start:
            self._decided = self._last.observe(self._decided, float(metric))
        return self.rate

    def rates(self, updates: ArrayLike) -> Rates:
        """Return the rates during `updates` (of the epoch under way) under what is decided so far."""
        t = np.asarray(updates, dtype=np.int64)
        rates = np.full(t.shape, self.rate)
        if self._head is not None and (ahead := t < self.start).any():
            rates[ahead] = self._head(t[ahead], self._known())
        return rates

    def state(self) -> dict[str, Any]:
        """Return all there is to remember as plain values: numbers, texts, lists and dicts of them."""
        decided = {
            key: list(value) if isinstance(value, list) else value for key, value in self._decided.items()
        }
        return {"schedule": str(self.schedule), "epochs": self.epochs, "decided": decided}

    @classmethod
    def from_state(cls, schedule: Schedule, horizon: Horizon | None, state: dict[str, Any]) -> Self:
        """Return a decider that goes on where `state()` was taken.

        Raises:
            ScheduleError: The state isn't one, or is another schedule's.
        """
        made = cls(schedule, horizon)
        decided = state.get("decided")
        if state.get("schedule") != str(schedule):
            raise ScheduleError(
                f"the saved state is of {shorten(str(state.get('schedule')))}, not {schedule}"
            )
        if not isinstance(decided, dict) or set(decided) != set(made._decided):
            raise ScheduleError(f"the saved state of {schedule} isn't complete")
        made.epochs, made._decided = int(state["epochs"]), dict(decided)
        return made

    def _known(self) -> Horizon:
        assert self.horizon is not None  # _steps_per_epoch
        return self.horizon

    def _steps_per_epoch(self) -> int:
        if self.horizon is None or self.horizon.steps_per_epoch is None:
            raise ScheduleError(
                f"{self._last.family.name} behind another phase needs to know how many updates an epoch has "
                "(steps per epoch)"
            )
        return self.horizon.steps_per_epoch


def decider(schedule: Schedule, horizon: Horizon | None = None) -> Decider:
    """Return a Decider at the start of a training; see there."""
    return Decider(schedule, horizon)


def simulate(schedule: Schedule, metrics: Row[float] | Rates, horizon: Horizon | None = None) -> Rates:
    """Return the rates of a schedule that follows a metric, on a trace of metrics.

    Args:
        schedule: plateau, greedy, or a sequence that ends in one.
        metrics: The metric of each epoch.
        horizon: A training with its steps per epoch.

    Returns:
        Without a horizon the rate in force in each epoch of the trace; with one, that of each of its updates.

    Raises:
        ScheduleError: See Decider; or a trace with too few epochs for the horizon.
    """
    if horizon is not None:
        return simulated(schedule, metrics, horizon).rates(horizon)
    return _per_epoch(Decider(schedule), tuple(float(metric) for metric in metrics))


def simulated(schedule: Schedule, metrics: Row[float] | Rates, horizon: Horizon) -> Schedule:
    """Return a schedule that can be drawn: what `schedule` does on a trace of metrics, under the same name.

    A schedule that follows no metric is returned as it is.

    Raises:
        ScheduleError: As simulate.
    """
    if schedule.metric_driven is None:
        return schedule
    if horizon.steps_per_epoch is None:
        raise ScheduleError(
            f"{schedule.metric_driven.family.name} decides after each epoch: say how many updates "
            "an epoch has (steps per epoch)"
        )
    epochs = -(-horizon.total // horizon.steps_per_epoch)
    if len(metrics) < epochs - 1:
        raise ScheduleError(
            f"the trace has {len(metrics)} epochs, and the training {epochs}: "
            "it needs the metrics of all but the last"
        )
    drawn = Simulated(schedule, tuple(float(metric) for metric in metrics[:epochs]))
    _on(drawn, horizon)
    return drawn


def _per_epoch(deciding: Decider, trace: tuple[float, ...]) -> Rates:
    rates = np.empty(len(trace) + 1)
    for epoch, metric in enumerate(trace):
        rates[epoch] = deciding.rate
        deciding.observe(metric)
    rates[len(trace)] = deciding.rate
    return rates[: len(trace)] if deciding.horizon is None else rates


@register(
    "simulated",
    title="Simulated",
    summary="A schedule that follows a metric, on a trace of metrics.",
    formula="the rate decided after each epoch",
    role="operator",
)
@dataclass(frozen=True)
class Simulated(Schedule):
    """What a metric-driven schedule does on a trace; made by `simulated`. It prints as that schedule."""

    source: Schedule
    trace: tuple[float, ...]

    def __post_init__(self) -> None:
        self._set_depth(1 + self.source.depth)

    def length(self, horizon: Horizon) -> int | None:  # noqa: ARG002
        """Return None: it takes what there is."""
        return None

    def _at(self, t: Updates, span: int, horizon: Horizon) -> Rates:  # noqa: ARG002
        head, start, rates = _on(self, horizon)
        assert horizon.steps_per_epoch is not None
        result = rates[np.minimum(t // horizon.steps_per_epoch, rates.size - 1)]
        if start and (ahead := t < start).any():
            result[ahead] = head(t[ahead], horizon)
        return result

    def _corners(self, span: int, horizon: Horizon) -> list[int]:
        head, start, rates = _on(self, horizon)
        assert horizon.steps_per_epoch is not None
        changes = (np.flatnonzero(np.diff(rates)) + 1) * horizon.steps_per_epoch
        return [start, *(head._corners(span, horizon) if start else []), *changes.tolist()]

    def __str__(self) -> str:
        return str(self.source)


@lru_cache(maxsize=64)
def _on(drawn: Simulated, horizon: Horizon) -> tuple[Schedule, int, Rates]:
    """Return what stands in front of the metric-driven phase, its length, and the rate of each epoch."""
    deciding = Decider(drawn.source, horizon)
    head = deciding._head or as_schedule(0.0)
    return head, deciding.start, _per_epoch(deciding, drawn.trace)
