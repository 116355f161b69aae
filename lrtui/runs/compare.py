"""What sets runs apart: where their specs differ, how good they got and how fast, and the spread over seeds.

Pure functions of specs and histories, besides `compare`, which reads the runs' logs. Draws nothing.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt

from lrtui.runs.history import History
from lrtui.runs.run import Run
from lrtui.runs.spec import RunSpec, SpecError
from lrtui.runs.text import printable

Floats = npt.NDArray[np.float64]

NEVER_SMOOTHED = frozenset({"lr"})
"""What is set and not measured: smoothing it would show rates that no update had."""

_NOT_OF_THE_EXPERIMENT = ("name", "lrtui", "spec_version", "preset", "threads", "device")
"""What two runs of the same experiment may differ in, besides the seed."""


class Difference(msgspec.Struct, frozen=True):
    """A field of the spec in which runs differ.

    Attributes:
        field: its name; what an own loop says of itself has the name it was given.
        values: as text, one a run, in the order of the runs; empty where a run has no such field.
    """

    field: str
    values: tuple[str, ...]


class Figures(msgspec.Struct, frozen=True, kw_only=True):
    """How good a run got by one metric; None for what isn't known.

    Attributes:
        best: the best value: the least of a loss, else the greatest.
        best_epoch: the epoch it was reached in.
        final: the last finite value.
        area: the mean of the metric over the epochs it was measured at (the area under its curve, divided
            by the width): higher for runs that were good sooner.
        target: what was to be reached.
        target_epoch: the first epoch at which it was.
        target_step: the updates made by then.
        target_seconds: the seconds since the run's start by then.
    """

    best: float | None = None
    best_epoch: float | None = None
    final: float | None = None
    area: float | None = None
    target: float | None = None
    target_epoch: float | None = None
    target_step: int | None = None
    target_seconds: float | None = None


class Spread(msgspec.Struct, frozen=True):
    """Some numbers in short: how many, their mean, sample standard deviation (0 for one), least, greatest."""

    count: int
    mean: float
    deviation: float
    low: float
    high: float


class Compared(msgspec.Struct, frozen=True):
    """One run of a comparison."""

    id: str
    name: str
    state: str
    figures: Figures


class Seeds(msgspec.Struct, frozen=True):
    """Runs that differ in their seeds alone.

    Attributes:
        ids: which.
        best: of their best values, None if none has any.
        final: of their last values.
    """

    ids: tuple[str, ...]
    best: Spread | None
    final: Spread | None


class Comparison(msgspec.Struct, frozen=True):
    """Runs side by side.

    Attributes:
        metric: by which.
        runs: each with its figures, in the order asked for.
        differences: only what differs.
        seeds: the groups of two and more runs that differ in the seed alone.
    """

    metric: str
    runs: tuple[Compared, ...]
    differences: tuple[Difference, ...]
    seeds: tuple[Seeds, ...]


def compare(runs: Sequence[Run], metric: str = "test_acc", target: float | None = None) -> Comparison:
    """Put runs side by side; reads their logs. A spec that can't be read differs in everything it lacks."""
    specs = [_spec(run) for run in runs]
    figures = [measure(run.history(), metric, target) for run in runs]
    groups = same_but_for_seed(specs)
    return Comparison(
        metric=metric,
        runs=tuple(
            Compared(run.id, run.name, run.state().value, found)
            for run, found in zip(runs, figures, strict=True)
        ),
        differences=tuple(differences(specs)),
        seeds=tuple(
            Seeds(
                tuple(runs[place].id for place in places),
                spread(figures[place].best for place in places),
                spread(figures[place].final for place in places),
            )
            for places in groups
            if len(places) > 1
        ),
    )


def differences(specs: Sequence[RunSpec | None]) -> list[Difference]:
    """The fields that aren't the same in all specs; names and versions of the layout aside."""
    tables = [_flat(spec) for spec in specs]
    fields = dict.fromkeys(field for table in tables for field in table)
    found = []
    for field in fields:
        values = [table.get(field) for table in tables]
        if any(value != values[0] for value in values):
            texts = tuple("" if value is None else printable(_text(value), 300) for value in values)
            found.append(Difference(printable(field, 100), texts))
    return found


def same_but_for_seed(specs: Sequence[RunSpec | None]) -> list[list[int]]:
    """The places of the specs, those of one experiment together, in the order of its first run."""
    groups: dict[str, list[int]] = {}
    for place, spec in enumerate(specs):
        if spec is None:
            key = f"?{place}"
        else:
            table = {name: value for name, value in _flat(spec).items() if name not in _NOT_OF_THE_EXPERIMENT}
            table.pop("seed", None)
            key = repr(sorted((name, repr(value)) for name, value in table.items()))
        groups.setdefault(key, []).append(place)
    return list(groups.values())


def measure(history: History, metric: str = "test_acc", target: float | None = None) -> Figures:
    """A run's figures by a metric, of its epochs if they have it, else of its reports."""
    source: Any = "epoch" if history.series(metric, "epoch", "epoch")[1].size else "report"
    epochs, values = history.series(metric, "epoch", source)
    known = np.isfinite(values)
    if not known.any():
        return Figures(target=target)
    lower = metric.endswith("loss")
    at, found = epochs[known], values[known]
    best = int(np.argmin(found) if lower else np.argmax(found))
    figures = Figures(
        best=float(found[best]),
        best_epoch=_finite(at[best]),
        final=float(found[-1]),
        area=area(at, found),
        target=target,
    )
    if target is None:
        return figures
    reached = np.flatnonzero(known)[found <= target if lower else found >= target]
    if not reached.size:
        return figures
    first = int(reached[0])
    step = _finite(history.series("step", "step", source)[1][first])
    return msgspec.structs.replace(
        figures,
        target_epoch=_finite(epochs[first]),
        target_step=None if step is None else int(step) + 1,
        target_seconds=_finite(history.series(metric, "seconds", source)[0][first]),
    )


def area(x: Floats, y: Floats) -> float | None:
    """The mean of a curve along its x, by trapezoids; that of its values where x doesn't go on."""
    known = np.isfinite(x) & np.isfinite(y)
    x, y = x[known], y[known]
    if not x.size:
        return None
    steps = np.diff(x)
    with np.errstate(all="ignore"):  # a damaged log may say anything
        if x.size < 2 or (steps < 0).any() or x[-1] <= x[0]:
            return _finite(y.mean())
        return _finite(float((steps * (y[1:] + y[:-1]) / 2).sum() / (x[-1] - x[0])))


def spread(values: Iterable[float | None]) -> Spread | None:
    """The mean and the spread of the values that are known; None without any, or past counting."""
    known = np.array([value for value in values if value is not None and math.isfinite(value)])
    if not known.size:
        return None
    with np.errstate(all="ignore"):  # numbers that no training has; their squares overflow
        deviation = float(known.std(ddof=1)) if known.size > 1 else 0.0
        mean = float(known.mean())
    if not (math.isfinite(mean) and math.isfinite(deviation)):
        return None
    return Spread(int(known.size), mean, deviation, float(known.min()), float(known.max()))


def mean_curve(curves: Sequence[tuple[Floats, Floats]]) -> tuple[Floats, Floats, Floats, Floats]:
    """The mean of several curves, and the least and the greatest at each place.

    Args:
        curves: x (never falling) and y, such as the same metric of several seeds; values that aren't finite
            are passed over.

    Returns:
        x, mean, low, high of one length: x has every place of every curve within the stretch that all cover;
        between its own places a curve is a straight line. Empty if there is no such stretch.
    """
    known = [(x[ok], y[ok]) for x, y in curves for ok in [np.isfinite(x) & np.isfinite(y)] if ok.any()]
    if not known or len(known) < len(curves):
        return (np.empty(0),) * 4
    start, end = max(x[0] for x, _ in known), min(x[-1] for x, _ in known)
    places = np.unique(np.concatenate([x for x, _ in known]))
    places = places[(places >= start) & (places <= end)]
    stacked = np.array([np.interp(places, x, y) for x, y in known])
    if not places.size:
        return (np.empty(0),) * 4
    return places, stacked.mean(axis=0), stacked.min(axis=0), stacked.max(axis=0)


def smooth(metric: str, values: Floats, weight: float) -> Floats:
    """The exponential moving average of a metric's values, for a chart with the raw line behind it.

    Corrected for its start (the first value stays itself), so that it doesn't come from 0. Values that aren't
    finite stay what they are and don't touch the others. Rates are never smoothed: they come back as given.

    Args:
        metric: its name, for that last rule.
        values: all there are; smooth first and thin afterwards.
        weight: of the past, 0 (nothing happens) up to but without 1.

    Raises:
        ValueError: if `weight` is out of its range.
    """
    if not 0 <= weight < 1:
        raise ValueError(f"the weight of smoothing must be at least 0 and below 1, not {weight}")
    if metric in NEVER_SMOOTHED or weight == 0:
        return values
    total = share = 0.0
    smoothed = []
    for value in values.tolist():
        if math.isfinite(value):
            total = weight * total + (1 - weight) * value
            share = weight * share + (1 - weight)
            value = total / share
        smoothed.append(value)
    return np.array(smoothed, dtype=np.float64)


def _spec(run: Run) -> RunSpec | None:
    try:
        return run.spec
    except SpecError:
        return None


def _flat(spec: RunSpec | None) -> dict[str, Any]:
    """The fields of a spec by name, those of `hyper` among them."""
    if spec is None:
        return {}
    table = spec.plain()
    hyper = table.pop("hyper", {})
    for name in ("name", "spec_version"):
        table.pop(name, None)
    return {**{name: value for name, value in hyper.items() if name not in table}, **table}


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Mapping):
        return ", ".join(f"{name}={_text(item)}" for name, item in value.items())
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(map(_text, value)) + "]"
    return str(value)


def _finite(value: Any) -> float | None:
    number = float(value)
    return number if math.isfinite(number) else None
