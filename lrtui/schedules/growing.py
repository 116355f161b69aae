"""Cycles that grow or shrink by a factor: when each starts, exactly, and how high it is.

Shared by `repeat` and `sgdr`. The cycle an update is in is looked up in these starts, never computed with a
logarithm, which misses restarts such as update 121 of a first cycle of 1 that trebles.
"""

from __future__ import annotations

from bisect import bisect_right
from fractions import Fraction
from functools import lru_cache

import numpy as np

from lrtui.schedules.core import Rates, Updates
from lrtui.schedules.errors import ScheduleError
from lrtui.schedules.horizon import MAX_LENGTH, exact, round_half_up

LEAST_GROWTH = 1.01
"""Cycles either stay as they are or grow by at least this factor, so that a table of them is short."""


def check_growth(growth: float, family: str) -> None:
    """Raise ScheduleError for a growth between 1 and LEAST_GROWTH."""
    if 1 < growth < LEAST_GROWTH:
        raise ScheduleError(
            f"growth must be 1 or at least {LEAST_GROWTH}, not {growth}", family=family, parameter="growth"
        )


@lru_cache(maxsize=512)
def _all_starts(first: int, growth: float) -> tuple[Fraction, ...]:
    """Return when cycles start, until one ends past MAX_LENGTH."""
    factor = exact(growth)
    starts, size = [Fraction(0)], Fraction(first)
    while starts[-1] <= MAX_LENGTH:
        starts.append(starts[-1] + size)
        # Exact powers of a factor such as 1.37 have ever longer fractions; a billionth of an update will do.
        size = size * factor if factor.denominator == 1 else Fraction(round(size * factor * 10**9), 10**9)
    return tuple(starts)


@lru_cache(maxsize=512)
def whole_starts(first: int, growth: float, count: int | None = None) -> Updates:
    """Return the updates at which cycles start and the last ends, rounded half up; see cycle_starts."""
    return np.array(
        [round_half_up(start) for start in cycle_starts(first, growth, count=count)], dtype=np.int64
    )


@lru_cache(maxsize=512)
def float_starts(first: int, growth: float) -> Rates:
    """Return the same starts as floats, without rounding to updates."""
    return np.array([float(start) for start in _all_starts(first, growth)])


def cycle_starts(
    first: int, growth: float, *, until: int = MAX_LENGTH, count: int | None = None
) -> list[Fraction]:
    """Return when cycles of `first`, `first * growth`, … updates start, and when the last of them ends.

    There are `count` cycles, or as many as it takes for the last to end after update `until` and past 1e12.
    """
    starts = _all_starts(first, growth)
    wanted = bisect_right(starts, until) + 1
    if count is not None:
        wanted = min(wanted, count + 1)
    return list(starts[:wanted])


def powers(factor: float, index: Updates, unit: float = 1.0) -> Rates:
    """Return `factor^(unit * index)`; a power for each index rather than each update if that is fewer."""
    if not index.size:
        return np.ones(index.shape)
    first, last = int(index.min()), int(index.max())
    if last - first >= index.size:
        return np.power(factor, unit * index.astype(np.float64))
    return np.asarray(np.power(factor, unit * np.arange(first, last + 1, dtype=np.float64))[index - first])


_LOW = 10
"""How many low bits of an exponent have a table of their own in `whole_powers`."""


def whole_powers(factor: float, exponents: Updates) -> Rates:
    """Return `factor^exponents` for whole exponents, as a product of a coarse and a fine power.

    Two short tables replace a power for each update. The values don't depend on what else is asked for.
    """
    high, low = exponents >> _LOW, exponents & ((1 << _LOW) - 1)
    if exponents.size > 2 << _LOW:
        fine = np.power(factor, np.arange(1 << _LOW, dtype=np.float64))[low]
    else:
        fine = np.power(factor, low.astype(np.float64))
    return np.asarray(fine * powers(factor, high, float(1 << _LOW)))
