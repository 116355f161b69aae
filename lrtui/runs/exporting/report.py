"""What a report of runs says, before it is HTML or Markdown: tables of plain text, charts, notes."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass

from lrtui import __version__
from lrtui.runs.exporting.curves import Record, records, report_charts
from lrtui.runs.exporting.svg import Chart
from lrtui.runs.exporting.ticks import duration
from lrtui.runs.judging import MAIN, is_share, most_common
from lrtui.runs.run import Run
from lrtui.runs.summary import RunState
from lrtui.runs.text import printable

NONE = "–"
_LONGEST = 300


@dataclass(frozen=True)
class Table:
    """A table of plain text that holds no control characters; markup in it means nothing.

    Attributes:
        title: above it.
        head: names of the columns.
        rows: the cells.
        colours: for tables of runs, the colour index of each row.
        numbers: indices of the columns to align on the right.
    """

    title: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    colours: tuple[int, ...] = ()
    numbers: tuple[int, ...] = ()


@dataclass(frozen=True)
class Report:
    """All of a report, in the order it is read: overview, notes, charts, what differs, what doesn't."""

    title: str
    about: str
    overview: Table
    notes: tuple[tuple[str, str], ...]
    charts: tuple[Chart, ...]
    tables: tuple[Table, ...]


def report(runs: Sequence[Run], log: bool = False) -> Report:
    """Read the runs and put together what there is to say."""
    metric = most_common(run.summary().figures for run in runs)
    found = records(runs, metric=metric)
    title = f"Run {printable(found[0].label, 80)}" if len(found) == 1 else f"{len(found)} runs"
    written = time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime())
    return Report(
        title=title,
        about=f"Written by lrtui {__version__} on {written}.",
        overview=_overview(found, metric),
        notes=tuple(_notes(found)),
        charts=tuple(report_charts(found, log)),
        tables=tuple(_specs(found)),
    )


def _overview(runs: Sequence[Record], metric: str) -> Table:
    best = "Best test accuracy" if metric == MAIN else f"Best {printable(metric, 40)}"
    head = ("Run", "State", best, "Final", "Epochs", "Duration", "Schedule", "Data", "Id")
    title = "Run" if len(runs) == 1 else "Runs"
    return Table(
        title, head, tuple(_row(run, metric) for run in runs), tuple(range(len(runs))), numbers=(2, 3, 4, 5)
    )


def _row(run: Record, metric: str) -> tuple[str, ...]:
    summary, final = run.summary, run.summary.judged(metric).final
    best = NONE
    if run.best is not None:
        epoch, value = run.best
        best = _value_of(value, metric) + ("" if epoch is None else f" (epoch {epoch:.6g})")
    planned = "" if summary.epochs is None else f" of {summary.epochs}"
    return (
        run.label,
        str(summary.state),
        best,
        NONE if final is None else _value_of(final, metric),
        f"{summary.last_epoch}{planned}",
        duration(summary.duration),
        summary.schedule or NONE,
        summary.data or NONE,
        printable(summary.id),
    )


def _notes(runs: Sequence[Record]) -> list[tuple[str, str]]:
    """What went wrong or was found: the reason of an ending, diagnoses, lines that couldn't be read."""
    notes: list[tuple[str, str]] = []
    for run in runs:
        state = run.summary.state
        reason = "" if state is RunState.COMPLETED else run.summary.reason
        texts = [state.words if state.bad else "", reason, *run.diagnoses]
        if run.summary.skipped:
            texts.append(f"{run.summary.skipped} lines of the log can't be read and are left out")
        notes.extend((run.label, text) for text in dict.fromkeys(texts) if text)
    return notes


def _specs(runs: Sequence[Record]) -> list[Table]:
    names = dict.fromkeys(name for run in runs for name in run.fields if name != "name")
    differing = [name for name in names if len({_value(run, name) for run in runs}) > 1]
    shared = [name for name in names if name not in differing]
    tables = []
    if differing:
        head = ("Run", *(printable(name, 100) for name in differing))
        rows = tuple((run.label, *(_value(run, name) for name in differing)) for run in runs)
        tables.append(Table("What differs", head, rows, tuple(range(len(runs)))))
    if shared:
        cells = tuple((printable(name, 100), _value(runs[0], name)) for name in shared)
        tables.append(Table("Spec" if len(runs) == 1 else "The same in all runs", ("Field", "Value"), cells))
    return tables


def _value(run: Record, name: str) -> str:
    value = run.fields.get(name)
    if value is None:
        return NONE
    return printable(str(value).lower() if isinstance(value, bool) else str(value), _LONGEST)


def _value_of(value: float, metric: str) -> str:
    """Shares as per cents, other values with six digits."""
    return f"{value:.2%}" if is_share(metric) and 0 <= value <= 1 else f"{value:.6g}"
