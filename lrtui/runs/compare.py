"""What sets runs apart: where their specs differ, how good they got and how fast, and the spread over seeds.

Pure functions of specs and histories, besides `compare`, which reads the runs' logs. Draws nothing.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

import msgspec
import numpy as np

from lrtui.runs.differing import Difference, differences, same_but_for_seed
from lrtui.runs.figures import Figures, Floats, area, figures
from lrtui.runs.history import History, Source
from lrtui.runs.judging import lower_is_better
from lrtui.runs.run import Run
from lrtui.runs.spec import RunSpec, SpecError

__all__ = [
    "NEVER_SMOOTHED",
    "Compared",
    "Comparison",
    "Difference",
    "Figures",
    "Seeds",
    "Spread",
    "area",
    "compare",
    "differences",
    "mean_curve",
    "measure",
    "same_but_for_seed",
    "smooth",
    "spread",
]

NEVER_SMOOTHED = frozenset({"lr"})
"""What is set and not measured: smoothing it would show rates that no update had."""

_DIGITS = 100
"""Powers of ten that smoothing a block may span; a float has 308."""


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
    measured = [measure(run.history(), metric, target) for run in runs]
    groups = same_but_for_seed(specs)
    return Comparison(
        metric=metric,
        runs=tuple(
            Compared(run.id, run.name, run.state().value, found)
            for run, found in zip(runs, measured, strict=True)
        ),
        differences=tuple(differences(specs)),
        seeds=tuple(
            Seeds(
                tuple(runs[place].id for place in places),
                spread(measured[place].best for place in places),
                spread(measured[place].final for place in places),
            )
            for places in groups
            if len(places) > 1
        ),
    )


def measure(history: History, metric: str = "test_acc", target: float | None = None) -> Figures:
    """A run's figures by a metric, of its epochs if they have it, else of its reports."""
    source: Source = "epoch" if history.series(metric, "epoch", "epoch")[1].size else "report"
    epochs, values = history.series(metric, "epoch", source)
    if not values.size:
        return Figures(target=target)
    return figures(
        epochs,
        values,
        history.series("step", "step", source)[1],
        history.series(metric, "seconds", source)[0],
        lower=lower_is_better(metric),
        target=target,
    )


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
    if metric in NEVER_SMOOTHED or weight < np.finfo(np.float64).eps:  # what is past is less than rounding
        return values
    known = np.isfinite(values)
    smoothed = values.astype(np.float64, copy=True)
    smoothed[known] = _averages(smoothed[known], weight)
    return smoothed


def _averages(values: Floats, weight: float) -> Floats:
    """The corrected moving averages of finite values, a block at a time: a million take no second.

    Within a block, the sum of `weight^(t-k) x_k` is `weight^t` times the running sum of `x_k / weight^k`.
    """
    block = max(int(_DIGITS / -math.log10(weight)), 1)
    powers = weight ** np.arange(1, min(block, values.size) + 1)
    found = np.empty_like(values)
    total = share = 0.0
    # Scaled, so that what a block divides by its powers stays a number.
    scale = float(np.abs(values).max(initial=0.0)) or 1.0
    for start in range(0, values.size, block):
        part = values[start : start + block] / scale
        down = powers[: part.size]
        totals = down * (total + (1 - weight) * np.cumsum(part / down))
        shares = 1 - (1 - share) * down
        found[start : start + block] = totals / shares * scale
        total, share = float(totals[-1]), float(shares[-1])
    return found


def _spec(run: Run) -> RunSpec | None:
    try:
        return run.spec
    except SpecError:
        return None
