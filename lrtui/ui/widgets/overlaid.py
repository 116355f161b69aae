"""What the overlay draws: which metrics there are, and the series of runs and of seeds taken together.

Pure functions of snapshots, and a memory of means so that they are worked out once; no widget, no files.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import count

import numpy as np

from lrtui.runs.compare import NEVER_SMOOTHED, mean_curve
from lrtui.runs.judging import is_share
from lrtui.runs.text import printable
from lrtui.ui.plotting import Axis, Series
from lrtui.ui.plotting.model import ASCII_MARKERS, MARKERS, PALETTE_SIZE
from lrtui.ui.run_view import Curve, Floats, RunView, Want, XAxis

METRICS = {
    "test_acc": ("test acc", "Test accuracy"),
    "test_loss": ("test loss", "Test loss"),
    "train_acc": ("train acc", "Train accuracy"),
    "train_loss": ("train loss", "Train loss"),
    "lr": ("rate", "Learning rate"),
    "grad_norm": ("grad norm", "Gradient norm"),
    "update_ratio": ("update ratio", "Change of the weights over their norm"),
    "examples_per_sec": ("speed", "Examples a second"),
    "ema_test_acc": ("ema test acc", "Test accuracy of the averaged weights (EMA)"),
    "ema_test_loss": ("ema test loss", "Test loss of the averaged weights (EMA)"),
    "swa_test_acc": ("swa test acc", "Test accuracy of the averaged weights (SWA)"),
    "swa_test_loss": ("swa test loss", "Test loss of the averaged weights (SWA)"),
    "cpu_load": ("cpu", "CPU load"),
    "gpu_load": ("gpu", "GPU load"),
    "memory": ("memory", "Memory in bytes"),
    "device_memory": ("gpu memory", "Memory of the device in bytes"),
    "epoch_seconds": ("epoch time", "Seconds an epoch took"),
}
"""Short and full words for the metrics that lrtui's own loop logs, in the order they are offered in."""

ALWAYS = ("test_acc", "test_loss", "train_acc", "train_loss", "lr")
"""What is offered before any run was read."""


@dataclass(frozen=True, slots=True)
class Drawn:
    """One curve of the overlay: a run, or several seeds of one experiment.

    ``key`` is the id of its row in the table; ``name`` is what to call seeds, a run says its own.
    """

    key: str
    run_ids: tuple[str, ...]
    name: str = ""


def metrics_of(views: Sequence[RunView], chosen: str) -> tuple[str, ...]:
    """The metrics to choose from: all that any run logged, the well-known ones first, and the chosen one."""
    logged = dict.fromkeys(name for view in views for name in view.metrics)
    known = [name for name in METRICS if name in logged or (not logged and name in ALWAYS) or name == chosen]
    others = sorted(name for name in {*logged, chosen} if name not in METRICS)
    return (*known, *others)


def short(metric: str) -> str:
    """A metric in a word or two."""
    return METRICS[metric][0] if metric in METRICS else printable(metric.replace("_", " "), 24)


def title(metric: str) -> str:
    """A metric in words, for over the chart."""
    return METRICS[metric][1] if metric in METRICS else printable(metric, 60)


def wants(metric: str, x: XAxis, weight: float) -> tuple[Want, ...]:
    """The curves to be prepared of each run: the one to draw first, then the raw one to draw behind it."""
    raw = Want(metric, x)
    smoothed = weight > 0 and metric not in NEVER_SMOOTHED
    return (Want(metric, x, weight=weight), raw) if smoothed else (raw,)


def stamp(color: int, ascii_only: bool = False) -> str:
    """The character that tells a run apart, "" for a bare line: another when colours come round."""
    markers = ASCII_MARKERS if ascii_only else MARKERS
    return markers[(color + color // PALETTE_SIZE) % len(markers)]


class Curves:
    """Makes series of snapshots."""

    def __init__(self) -> None:
        self._means: dict[str, tuple[tuple[Curve, ...], tuple[Floats, Floats, Floats, Floats]]] = {}

    def series(
        self,
        drawn: Sequence[Drawn],
        views: Mapping[str, RunView],
        wanted: tuple[Want, ...],
        colors: Mapping[str, int],
        picked: str | None = None,
        detail: bool = False,
        ascii_only: bool = False,
    ) -> list[tuple[str, Series]]:
        """The series to draw, each with the key of its curve; but for the picked one they are faint.

        With `detail` those of the stretch that is looked at, in all detail, under the same names.
        """
        found: list[tuple[str, Series]] = []
        labels = _labels(drawn, views)
        for each in drawn:
            members = [views[run_id] for run_id in each.run_ids if run_id in views]
            had = [view.details if detail else view.curves for view in members]
            curves = [each_has[wanted[0]] for each_has in had if wanted[0] in each_has]
            curves = [curve for curve in curves if curve.x.size]
            if not curves:
                continue
            color = colors.get(each.key, 0)
            faint = picked is not None and each.key != picked
            label, mark = labels[each.key], stamp(color, ascii_only)
            if len(curves) == 1:
                raw = had[0].get(wanted[1]) if len(wanted) > 1 else None
                if raw is not None and len(members) == 1 and not faint:
                    found.append((each.key, Series("", raw.x, raw.y, color, "", faint=True)))
                one = Series(label, curves[0].x, curves[0].y, color, mark, faint=faint)
                found.append((each.key, one))
                continue
            x, mean, low, high = self._mean(each.key, tuple(curves))
            ends = (None, None) if faint else (low, high)
            found.append((each.key, Series(label, x, mean, color, mark, "line", faint, *ends)))
        return found

    def _mean(self, key: str, curves: tuple[Curve, ...]) -> tuple[Floats, Floats, Floats, Floats]:
        known = self._means.get(key)
        if known is None or known[0] != curves:  # curves are compared by identity
            known = (curves, mean_curve([(curve.x, curve.y) for curve in curves]))
            self._means[key] = known
        return known[1]

    def forget(self, keys: Sequence[str]) -> None:
        """Keep no more than the means of these curves."""
        self._means = {key: mean for key, mean in self._means.items() if key in keys}


def y_axis(metric: str, series: Sequence[Series], log: bool) -> Axis:
    """The y axis: per cents for shares, the words of rates for rates."""
    if metric == "lr":
        return Axis(log=log, kind="rate")
    share = is_share(metric) or metric.endswith("load")
    if share and all(not (one.y > 1).any() for one in series):
        best = max((float(one.y[np.isfinite(one.y)].max(initial=0.0)) for one in series), default=0.0)
        return Axis(high=1.0 if best > 0.95 and not log else None, log=log, kind="percent")
    return Axis(log=log, kind="number")


def anything(series: Sequence[Series]) -> bool:
    """Whether any series has a number."""
    return any(np.isfinite(one.y).any() for one in series)


def _labels(drawn: Sequence[Drawn], views: Mapping[str, RunView]) -> dict[str, str]:
    """Names for a legend, each once; of the same name, runs get the end of their id, seeds a number."""
    names = {}
    for each in drawn:
        view = views.get(each.run_ids[0]) if each.run_ids else None
        names[each.key] = each.name or (view.name if view is not None else each.key)
    every = list(names.values())
    numbers = count(2)
    for each in drawn:
        if every.count(names[each.key]) > 1:
            tail = each.run_ids[0][-4:] if len(each.run_ids) == 1 else f"({next(numbers)})"
            names[each.key] = f"{names[each.key]} {tail}"
    return names
