"""Metrics to draw a schedule on that follows one: what a run logged, or a column of a CSV file.

A trace has the metric of each epoch and says in words where it is from, so no drawing passes for another.
The typical course that stands in while none was chosen is made in `lrtui.schedules`.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from lrtui.runs.run import Run
from lrtui.runs.text import printable
from lrtui.schedules import ScheduleError, read_trace
from lrtui.schedules.traces import METRICS

COLUMNS = {"min": "test_loss", "max": "test_acc"}
"""What is followed when no column is named, by the schedule's mode."""
MOST_BYTES = 64_000_000
"""Larger files than this are no traces of epochs."""


class TraceError(ValueError):
    """No trace can be had there.  `str(error)` is one line with the remedy."""


@dataclass(frozen=True, slots=True)
class Trace:
    """A metric, epoch by epoch.

    Attributes:
        words: which metric of what, as a person would say it.
        metrics: one value an epoch; may hold NaN and infinities.
    """

    words: str
    metrics: tuple[float, ...]


def trace_of_run(run: Run, column: str | None = None, mode: str = "min") -> Trace:
    """Return what a run logged of a metric; by default its test loss, or with mode `max` its test accuracy.

    A script's own loop may call these otherwise (`val_loss`): then the first of such names it logged counts.

    Raises:
        TraceError: the run closed no epoch, or logged no such metric.
    """
    found = run.history().columns("epoch")
    column = column or next((name for name in METRICS[mode] if name in found), COLUMNS[mode])
    if column not in found:
        known = ", ".join(sorted(found)) or "nothing yet"
        raise TraceError(f"{run.id} logged no {printable(column)} an epoch; it logged {known}")
    return Trace(f"{column} of {run.id}", tuple(found[column].tolist()))


def trace_of_file(path: Path, column: str | None = None, mode: str = "min") -> Trace:
    """Return a column of a CSV file; which one when none is named, `lrtui.schedules.read_trace` says.

    Raises:
        TraceError: the file can't be read, is too large, or holds no such numbers.
    """
    name = printable(str(path))
    try:
        if path.stat().st_size > MOST_BYTES:
            raise TraceError(f"{name} has {path.stat().st_size:,} bytes: too many for a metric an epoch")
        text = path.read_text(encoding="utf-8-sig", errors="replace")
        metrics = read_trace(text, column, mode)
    except OSError as error:
        raise TraceError(f"{name}: {error.strerror or error}") from None
    except ScheduleError as error:
        raise TraceError(f"{name}: {error}") from None
    return Trace(
        f"{printable(column) + ' of ' if column else ''}{printable(path.name)}", tuple(metrics.tolist())
    )
