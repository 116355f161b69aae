"""Traces of a metric, one value an epoch, to draw schedules on that follow one: a typical one, or a CSV's."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable

import numpy as np

from lrtui.schedules.core import Rates, Schedule
from lrtui.schedules.errors import ScheduleError, nearest, shorten
from lrtui.schedules.following import simulated
from lrtui.schedules.horizon import Horizon

METRICS = {
    "min": ("test_loss", "val_loss", "valid_loss", "validation_loss", "eval_loss", "loss", "train_loss"),
    "max": ("test_acc", "val_acc", "val_accuracy", "eval_accuracy", "accuracy", "acc", "train_acc"),
}
"""What trainings call the metric that is to be least or greatest, the fittest name first."""

_WHEN = {"epoch", "step", "time", "seconds", "lr"}


def typical_trace(epochs: int, seed: int = 0, mode: str = "min") -> Rates:
    """Return a metric as trainings often have it: fast progress, a noisy flat stretch, some overfitting.

    It is made up, and doesn't answer to the rate: a schedule on it shows when it would act, not what for.

    Args:
        epochs: How many values.
        seed: Of the noise.
        mode: `min` for a loss (from 2.3 to about 0.35), `max` for an accuracy (from 0.1 to about 0.9).
    """
    noise = np.random.default_rng(seed).normal(size=epochs)
    z = np.arange(1, epochs + 1) / max(epochs, 1)
    gone, worse = 1.0 - np.exp(-12.0 * z), np.maximum(z - 0.5, 0.0)
    if mode == "max":
        return np.asarray(np.clip(0.1 + 0.8 * gone - 0.04 * worse + 0.004 * noise, 0.0, 1.0))
    return np.asarray((2.3 - 1.95 * gone) * (1.0 + 0.3 * worse) * np.exp(0.01 * noise))


def drawable(schedule: Schedule, horizon: Horizon) -> Schedule:
    """Return a schedule that can be drawn: itself, or what one that follows a metric does on a typical trace.

    Raises:
        ScheduleError: It follows a metric, and the horizon doesn't know its epochs.
    """
    if schedule.metric_driven is None:
        return schedule
    epochs = -(-horizon.total // (horizon.steps_per_epoch or horizon.total))
    return simulated(schedule, typical_trace(epochs, mode=schedule.metric_driven.values["mode"]), horizon)


def read_trace(text: str, column: str | None = None, mode: str = "min") -> Rates:
    """Return the metric of each epoch out of CSV text.

    With a header the column is the one named, else the first of those that trainings write a loss (or, with
    mode `max`, an accuracy) to, else its last of numbers. In what `lrtui export` writes the rows of epochs
    count. Without a header it's the last column. Cells left blank are passed over; nan and inf are values.

    Raises:
        ScheduleError: No such column, no value, or a cell that isn't a number, with its line.
    """
    try:
        rows = [(place, row) for place, row in enumerate(csv.reader(io.StringIO(text)), 1) if any(row)]
    except csv.Error as error:
        raise ScheduleError(f"the trace isn't CSV: {error}") from None
    if not rows:
        raise ScheduleError("the trace is empty: it needs one metric a line")
    header = [cell.strip() for cell in rows[0][1]]
    if any(_number(cell) is not None for cell in header):
        if column is not None:
            raise ScheduleError(f"the trace has no header, and so no column '{shorten(column)}'")
        index = len(header) - 1
    else:
        rows = rows[1:]
        if "event" in header:
            kind = header.index("event")
            rows = [(place, row) for place, row in rows if row[kind : kind + 1] == ["epoch"]]
        index = _column(header, [row for _, row in rows], column, mode)
    values = []
    for place, row in rows:
        cell = row[index].strip() if index < len(row) else ""
        if not cell:
            continue
        number = _number(cell)
        if number is None:
            raise ScheduleError(f"line {place} of the trace: '{shorten(cell)}' isn't a number")
        values.append(number)
    if not values:
        raise ScheduleError("the trace has no values: it needs one metric a line")
    return np.array(values)


def _column(header: list[str], rows: Iterable[list[str]], wanted: str | None, mode: str) -> int:
    if wanted is not None:
        if wanted in header:
            return header.index(wanted)
        hint = nearest(wanted, header)
        more = f"did you mean {hint}?" if hint else "there are " + shorten(", ".join(header), 80)
        raise ScheduleError(f"the trace has no column '{shorten(wanted)}'; {more}")
    for name in METRICS[mode]:
        if name in header:
            return header.index(name)
    first = next(iter(rows), [])
    numbers = [
        index
        for index, cell in enumerate(first[: len(header)])
        if _number(cell) is not None and header[index] not in _WHEN
    ]
    if not numbers:
        raise ScheduleError("the trace has no column of numbers")
    return numbers[-1]


def _number(cell: str) -> float | None:
    try:
        return float(cell)
    except ValueError:
        return None
