"""Cycles that grow or shrink by a factor: when each starts, exactly, and how high it is.

Shared by `repeat` and `sgdr`. The cycle an update is in is looked up in these starts, never computed with a
logarithm, which misses restarts such as update 121 of a first cycle of 1 that trebles.
"""

from __future__ import annotations

from fractions import Fraction

import numpy as np

from lrtui.schedules.core import Rates, Updates
from lrtui.schedules.errors import ScheduleError
from lrtui.schedules.horizon import MAX_LENGTH, exact

LEAST_GROWTH = 1.01
"""Cycles either stay as they are or grow by at least this factor, so that a table of them is short."""


def check_growth(growth: float, family: str) -> None:
    """Raise ScheduleError for a growth between 1 and LEAST_GROWTH."""
    if 1 < growth < LEAST_GROWTH:
        raise ScheduleError(
            f"growth must be 1 or at least {LEAST_GROWTH}, not {growth}", family=family, parameter="growth"
        )


def cycle_starts(
    first: int, growth: float, *, until: int = MAX_LENGTH, count: int | None = None
) -> list[Fraction]:
    """Return when cycles of `first`, `first * growth`, … updates start, and when the last of them ends.

    There are `count` cycles, or as many as it takes for the last to end after update `until` and past 1e12.
    """
    factor = exact(growth)
    starts, size = [Fraction(0)], Fraction(first)
    while starts[-1] <= until and (count is None or len(starts) <= count):
        starts.append(starts[-1] + size)
        # Exact powers of a factor such as 1.37 have ever longer fractions; a billionth of an update will do.
        size = size * factor if factor.denominator == 1 else Fraction(round(size * factor * 10**9), 10**9)
    return starts


def powers(factor: float, index: Updates) -> Rates:
    """Return `factor^index`, with a power for each cycle rather than each update where that is fewer."""
    if not index.size:
        return np.ones(index.shape)
    first, last = int(index.min()), int(index.max())
    if last - first >= index.size:
        return np.power(factor, index.astype(np.float64))
    return np.asarray(np.power(factor, np.arange(first, last + 1, dtype=np.float64))[index - first])
