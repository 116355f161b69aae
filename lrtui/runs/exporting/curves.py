"""What charts and reports show of runs: each log read once, its curves thinned, and charts made of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from lrtui.runs.compare import measure
from lrtui.runs.exporting.fields import spec_fields
from lrtui.runs.exporting.files import ExportError
from lrtui.runs.exporting.svg import Chart, Line, Style, visible
from lrtui.runs.exporting.ticks import Kind
from lrtui.runs.history import Axis, History
from lrtui.runs.judging import MAIN, is_share
from lrtui.runs.run import Run
from lrtui.runs.spec import SpecError
from lrtui.runs.summary import RunSummary
from lrtui.runs.table import Floats
from lrtui.runs.text import printable
from lrtui.runs.thinning import thin

AXES: dict[Axis, str] = {
    "step": "update",
    "epoch": "epoch",
    "seconds": "time since the start",
    "examples": "examples seen",
}
"""The x axes, and what stands below them."""

_BUCKETS = 1000
"""Parts of the x axis a curve is thinned for: more than a chart has pixels."""

_MOST_METRICS = 6
_MOST_NAMES = 40
_STEEP = 1000.0
"""A loss whose greatest value is this many times its least is drawn on a log axis."""

_FAMILIES = (("loss", ("loss",)), ("accuracy", ("acc", "accuracy")))


@dataclass(frozen=True)
class Record:
    """One run, as far as a report tells of it.

    Attributes:
        label: its name, with the end of its id where names are the same.
        summary: the row of the run.
        best: the epoch with the best value of the metric that it is judged by, and that.
        fields: what its spec says; empty if it can't be read.
        diagnoses: what the worker found wrong.
        curves: x and y of each metric against each axis, thinned.
    """

    label: str
    summary: RunSummary
    best: tuple[float | None, float] | None
    fields: dict[str, bool | int | float | str]
    diagnoses: tuple[str, ...]
    curves: dict[tuple[str, Axis], tuple[Floats, Floats]] = field(repr=False)

    @property
    def metrics(self) -> list[str]:
        """The metrics that have a curve."""
        return list(dict.fromkeys(metric for metric, _ in self.curves))


def records(
    runs: Sequence[Run], axes: Sequence[Axis] = ("epoch", "step"), metric: str = MAIN
) -> list[Record]:
    """Read the logs of runs, one after the other, and keep what charts need; ``metric`` judges them."""
    named = Counter(run.name for run in runs)
    found = []
    for run in runs:
        history = run.history()
        best = measure(history, metric)
        try:
            fields = spec_fields(run.spec)
        except SpecError:
            fields = {}
        label = run.name if named[run.name] == 1 else f"{run.name} ({printable(run.id.rpartition('-')[2])})"
        diagnoses = (str(event.get("message") or event.get("kind") or "") for event in history.diagnoses)
        found.append(
            Record(
                label=label,
                summary=run.summary(),
                best=None if best.best is None else (best.best_epoch, best.best),
                fields=fields,
                diagnoses=tuple(dict.fromkeys(printable(text, 400) for text in diagnoses if text)),
                curves=_curves(history, axes),
            )
        )
    return found


def metric_chart(runs: Sequence[Record], metric: str, x: Axis, log: bool = False) -> Chart:
    """One metric of runs against one axis.

    Raises:
        ExportError: if none of the runs has it, or none has a value that can be drawn.
    """
    shown = printable(metric, 60)
    if not any(metric in run.metrics for run in runs):
        known = sorted({printable(name, 60) for run in runs for name in run.metrics})
        there = f"there is {', '.join(known[:12])}" if known else "nothing was logged yet"
        raise ExportError(f"no metric '{shown}' in {'this run' if len(runs) == 1 else 'these runs'}: {there}")
    lines = _lines(runs, [(metric, "marks")], x)
    if not any(visible(line, False).any() for line in lines):
        raise ExportError(f"{shown} has no finite values against {AXES[x]}: choose another x")
    if log and not any(visible(line, True).any() for line in lines):
        raise ExportError(f"{shown} has no positive values: a log axis can't show them")
    return Chart(
        title=f"{shown} of {_some(runs)}",
        x=AXES[x],
        y=shown,
        lines=lines,
        legend=_legend(runs),
        x_kind="seconds" if x == "seconds" else "number",
        y_kind=_kind(metric, lines),
        log=log,
    )


def report_charts(runs: Sequence[Record], log: bool = False) -> list[Chart]:
    """Loss, accuracy and rate of runs, those of them that were logged.

    Against epochs if all have them, else against updates. A loss that spans several powers of ten is drawn on
    a log axis; with `log`, loss and rate are in any case.
    """
    x: Axis = "epoch" if all(_has_epochs(run) for run in runs) else "step"
    charts = []
    for family, endings in _FAMILIES:
        metrics = _of_family(runs, endings)
        styles = _styles(metrics)
        lines = _lines(runs, styles, x)
        if lines:
            # The pale ones first, so that the others lie above them.
            pale = [metric for metric, style in styles if style == "faint"]
            clear = [metric for metric, style in styles if style != "faint"]
            note = (
                f"pale: {', '.join(pale)}; clear: {', '.join(clear)}" if pale and clear else ", ".join(clear)
            )
            charts.append(
                Chart(
                    title=family.capitalize(),
                    x=AXES[x],
                    y=family,
                    lines=lines,
                    legend=_legend(runs),
                    y_kind=_kind(family, lines),
                    log=family == "loss" and (log or _steep(lines)),
                    note=printable(note, 70),
                )
            )
    lines = _lines(runs, [("lr", "line")], x)
    if lines:
        logarithmic = log and any(visible(line, True).any() for line in lines)
        charts.append(Chart("Learning rate", AXES[x], "rate", lines, _legend(runs), log=logarithmic))
    return charts


def _curves(history: History, axes: Sequence[Axis]) -> dict[tuple[str, Axis], tuple[Floats, Floats]]:
    curves = {}
    for metric in dict.fromkeys((*history.metrics("report"), *history.metrics("epoch"))):
        for axis in axes:
            x, y = thin(*history.series(metric, axis), _BUCKETS)
            # A copy, so that the columns of a long log aren't kept alive by a view of them.
            curves[metric, axis] = np.array(x), np.array(y)
    return curves


def _lines(runs: Sequence[Record], styles: Sequence[tuple[str, Style]], x: Axis) -> list[Line]:
    return [
        Line(*run.curves[metric, x], index, style, f"{run.label}: {metric}")
        for metric, style in styles
        for index, run in enumerate(runs)
        if (metric, x) in run.curves
    ]


def _legend(runs: Sequence[Record]) -> list[tuple[str, int]]:
    names = [(run.label, index) for index, run in enumerate(runs)]
    if len(names) > _MOST_NAMES:
        return [*names[:_MOST_NAMES], (f"and {len(names) - _MOST_NAMES} more", _MOST_NAMES)]
    return names


def _of_family(runs: Sequence[Record], endings: tuple[str, ...]) -> list[str]:
    found = {metric for run in runs for metric in run.metrics if metric.lower().endswith(endings)}
    usual = ("train_", "test_", "val_")
    return sorted(found, key=lambda name: (not name.startswith(usual), name))[:_MOST_METRICS]


def _styles(metrics: Sequence[str]) -> list[tuple[str, Style]]:
    """What was measured while training is pale, unless there is nothing else; pale lines come first."""
    train = [metric for metric in metrics if metric.lower().startswith("train")]
    others = [metric for metric in metrics if metric not in train]
    if not others:
        return [(metric, "marks") for metric in train]
    return [*((metric, _FAINT) for metric in train), *((metric, _MARKS) for metric in others)]


_FAINT: Style = "faint"
_MARKS: Style = "marks"


def _has_epochs(run: Record) -> bool:
    drawn = [x for (_, axis), (x, _) in run.curves.items() if axis == "epoch"]
    return all(np.isfinite(x).any() for x in drawn)


def _kind(metric: str, lines: Sequence[Line]) -> Kind:
    if not is_share(metric):
        return "number"
    values = np.concatenate([line.y for line in lines])
    values = values[np.isfinite(values)]
    return "percent" if values.size and values.min() >= 0 and values.max() <= 1 else "number"


def _steep(lines: Sequence[Line]) -> bool:
    values = np.concatenate([line.y[np.isfinite(line.y)] for line in lines])
    return bool(values.size and values.min() > 0 and values.max() / values.min() > _STEEP)


def _some(runs: Sequence[Record]) -> str:
    return printable(runs[0].label, 60) if len(runs) == 1 else f"{len(runs)} runs"
