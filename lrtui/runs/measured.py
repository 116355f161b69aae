"""What a list of runs knows of a log's numbers: every metric's values, epoch by epoch, and what they come to.

A script's own loop may log all it measures in reports and none in epochs: of such a run the reports are kept,
too, thinned like a history's. Fed by `digest`; reads nothing.
"""

from __future__ import annotations

import math
from array import array
from collections.abc import Iterable, Mapping
from itertools import compress
from typing import Any

import numpy as np

from lrtui.runs.events import Event
from lrtui.runs.figures import Floats, Rise, figures, rises
from lrtui.runs.judging import Judged, can_judge, is_share, lower_is_better, main_metric
from lrtui.runs.table import Table, number

MOST_METRICS = 24
"""Further metrics are left out of lists: a log that makes up a name a line must not fill the memory."""

LONGEST_NAME = 80
"""Letters of a metric's name; one that is longer is no name."""


class Measured:
    """The numbers of a run's epochs and, where it is asked for, of its reports."""

    def __init__(self) -> None:
        # Of each epoch: which, its last update, the seconds since the start.
        self._places = tuple(array("d") for _ in range(3))
        self._values: dict[str, array[float]] = {}
        self._reports = Table()
        self._judged: dict[str, Judged] | None = None

    def epoch(self, fields: Mapping[str, Any], seconds: float) -> None:
        """Take in an epoch that ended so many seconds after the start."""
        self._judged = None
        before = len(self._places[0])
        for place, value in zip(
            self._places, (number(fields.get("epoch")), number(fields.get("step")), seconds), strict=True
        ):
            place.append(value)
        for name, value in fields.items():
            if name not in self._values:
                if not _is_metric(name, value) or len(self._values) >= MOST_METRICS:
                    continue
                self._values[name] = array("d", [math.nan]) * before
            self._values[name].append(number(value))
        for values in self._values.values():
            if len(values) == before:
                values.append(math.nan)

    def reports(self, events: list[Event], seconds: Iterable[float]) -> None:
        """Take in reports, each so many seconds after the start."""
        self._judged = None
        self._reports.extend(events, np.array(list(seconds), dtype=np.float64))
        self._reports.thin()

    def take_back(self, step: float, epochs: float) -> None:
        """Drop what a run that was taken up after so many updates and epochs is about to log again."""
        self._judged = None
        kept = [not epoch >= int(epochs) + 1 for epoch in self._places[0]]
        self._places = tuple(array("d", compress(column, kept)) for column in self._places)
        self._values = {name: array("d", compress(each, kept)) for name, each in self._values.items()}
        self._reports.drop("step", step)

    def judged(self) -> dict[str, Judged]:
        """How good the run got by each metric: by its epochs if they have it, else by its reports."""
        if self._judged is not None:
            return self._judged
        found: dict[str, Judged] = {}
        epochs, steps, seconds = self._where()
        for name, values in self._values.items():
            found |= _judged(name, epochs, np.array(values), steps, seconds)
        for name in self._reports.names():
            if name not in found and len(found) < MOST_METRICS and _is_metric(name, 0.0):
                column = self._reports.column
                found |= _judged(name, column("epoch"), column(name), column("step"), column("seconds"))
        self._judged = found
        return found

    def rises(self) -> tuple[Rise, ...]:
        """When the test accuracy, or what the run has in its place, rose (see `figures.rises`)."""
        shares = [name for name in self._values if is_share(name) and "train" not in name.lower()]
        name = main_metric(shares)
        if name is None:
            return ()
        epochs, steps, seconds = self._where()
        return rises(epochs, np.array(self._values[name]), steps, seconds)

    def _where(self) -> tuple[Floats, Floats, Floats]:
        """Of each epoch: which, its last update, the seconds since the start."""
        epochs, steps, seconds = (np.array(place) for place in self._places)
        return epochs, steps, seconds


def _is_metric(name: str, value: object) -> bool:
    plain = isinstance(value, (int, float)) and not isinstance(value, bool)
    return plain and can_judge(name) and len(name) <= LONGEST_NAME


def _judged(name: str, epochs: Floats, values: Floats, steps: Floats, seconds: Floats) -> dict[str, Judged]:
    """One entry, none without a finite value."""
    found = figures(epochs, values, steps, seconds, lower=lower_is_better(name))
    return {} if found.best is None else {name: Judged(found.best, found.final, found.area)}
