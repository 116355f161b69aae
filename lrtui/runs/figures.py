"""How good a run got and how fast: best, final, area, time to a target. Pure functions of numbers.

`Figures` are of one metric and one target; `rises` say in short when a metric passed any target, for lists
in which the target may be another one at any moment.
"""

from __future__ import annotations

import math
from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

THOUSANDTHS = 1000
"""The grain of `rises`: of targets with up to three decimals they know the very epoch."""


class Rise(msgspec.Struct, frozen=True, array_like=True):
    """An epoch in which a metric passed another thousandth.

    Attributes:
        value: the metric's value.
        epoch: after how many epochs.
        updates: after how many updates, None if the log doesn't say.
        seconds: since the run's start.
    """

    value: float
    epoch: float
    updates: int | None
    seconds: float


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


def figures(
    epochs: Floats,
    values: Floats,
    steps: Floats,
    seconds: Floats,
    *,
    lower: bool = False,
    target: float | None = None,
) -> Figures:
    """The figures of a metric's values, each measured at some epoch, update and second; nan is passed over.

    Args:
        epochs: where each value was measured.
        values: the metric.
        steps: the last update made by then, counted from 0.
        seconds: since the start.
        lower: whether less is better, as of a loss.
        target: what is to be reached.
    """
    known = np.isfinite(values)
    if not known.any():
        return Figures(target=target)
    at, found = epochs[known], values[known]
    best = int(np.argmin(found) if lower else np.argmax(found))
    first = None
    if target is not None and (reached := np.flatnonzero(found <= target if lower else found >= target)).size:
        first = int(np.flatnonzero(known)[reached[0]])
    return Figures(
        best=float(found[best]),
        best_epoch=finite(at[best]),
        final=float(found[-1]),
        area=area(at, found),
        target=target,
        target_epoch=None if first is None else finite(epochs[first]),
        target_step=None if first is None else _updates(steps[first]),
        target_seconds=None if first is None else finite(seconds[first]),
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
            return finite(y.mean())
        return finite(float((steps * (y[1:] + y[:-1]) / 2).sum() / (x[-1] - x[0])))


def rises(epochs: Floats, values: Floats, steps: Floats, seconds: Floats) -> tuple[Rise, ...]:
    """The epochs in which a share (0..1) rose past another thousandth; arguments as for `figures`.

    At most a thousand and one, however many epochs there are; in their order, values rising.
    """
    known = np.flatnonzero((values >= 0) & (values <= 1))
    if not known.size:
        return ()
    # Integers, compared with the values by the very division that makes a target of them.
    grain = np.rint(values[known] * THOUSANDTHS)
    grain -= grain / THOUSANDTHS > values[known]
    top = np.maximum.accumulate(grain)
    passed = known[np.concatenate(([True], np.diff(top) > 0))]
    return tuple(
        Rise(float(values[at]), float(epochs[at]), _updates(steps[at]), float(seconds[at]))
        for at in passed
        if math.isfinite(epochs[at]) and math.isfinite(seconds[at])
    )


def reached(found: tuple[Rise, ...], target: float) -> Rise | None:
    """Where the target was first reached, None if it never was."""
    return next((rise for rise in found if rise.value >= target), None)


def target_of(text: str) -> float:
    """A target as people write it: 0.85 or 85%.

    Raises:
        ValueError: one line saying what would be right.
    """
    share = text.strip().endswith("%")
    try:
        number = float(text.strip().removesuffix("%")) / (100 if share else 1)
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        raise ValueError(f"{text.strip()}: must be a number, such as 0.85 or 85%")
    return number


def accuracy_target(text: str) -> float:
    """A target for the list of runs: a test accuracy in thousandths; ValueError as for `target_of`."""
    number = target_of(text)
    if not 0 < number <= 1:
        raise ValueError(f"{text.strip()}: must be an accuracy between 0 and 1, such as 0.85 or 85%")
    rounded = round(number * THOUSANDTHS) / THOUSANDTHS
    if abs(rounded - number) > 1e-9:
        raise ValueError(f"{text.strip()}: has three decimals at most, such as {rounded:g}")
    return rounded


def _updates(step: Any) -> int | None:
    number = finite(step)
    return None if number is None else int(number) + 1


def finite(value: Any) -> float | None:
    """A number as a float, None if it isn't finite."""
    number = float(value)
    return number if math.isfinite(number) else None
