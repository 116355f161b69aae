"""Schedules that follow a metric in a script's own loop: what they decide after each epoch it reports.

The same deciders as in a training of lrtui's and in a drawing. It knows neither logs nor optimizers.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from typing import Any

import numpy as np

from lrtui.schedules import Horizon, Schedule, decider
from lrtui.schedules.traces import METRICS


class Decisions:
    """The rates decided so far.

    Args:
        schedule: one that follows a metric.
        horizon: all updates of the loop; with phases in front, the updates of an epoch as well.

    Attributes:
        rates: float64 (updates,), in place: past the present epoch as if nothing more were decided.

    Raises:
        ScheduleError: phases in front, and no updates of an epoch.
    """

    def __init__(self, schedule: Schedule, horizon: Horizon) -> None:
        self._decider = decider(schedule, horizon)
        follows = schedule.metric_driven
        assert follows is not None  # else there is no decider
        self._family = follows.family.name
        self._names = METRICS[follows.values["mode"]]
        self.rates = np.array(self._decider.rates(np.arange(horizon.total)), np.float64)
        self._warned = False

    def observe(self, metrics: Mapping[str, Any], done: int) -> None:
        """Take in the metrics of an epoch that ended after `done` updates; without a fit one, warn once."""
        value = next((metrics[name] for name in self._names if name in metrics), None)
        if value is not None:
            self._decider.observe(float(value))
            self.rates[done:] = self._decider.rates(np.arange(done, len(self.rates)))
        elif not self._warned:
            self._warned = True
            names = ", ".join(self._names)
            warnings.warn(
                f"{self._family} decides nothing without its metric: report one of {names} with each epoch",
                RuntimeWarning,
                stacklevel=3,
            )
