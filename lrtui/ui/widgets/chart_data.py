"""What a chart was last asked to show, with finer data where its owner has handed some.

No widget and no drawing: series, axes and marks, and what follows from them.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ..plotting import Axis, Mark, Series, Window
from ..plotting.legend import readings
from ..plotting.limits import whole
from ..plotting.model import Floats
from ..plotting.zoom import splice

NO_AXIS = Axis()


@dataclass(frozen=True)
class Reading:
    """What one series is at a place, nan where it has nothing; `low` and `high` are the ends of its band."""

    name: str
    value: float
    low: float = math.nan
    high: float = math.nan


class ChartData:
    """Series and axes, as `Chart.show` and `Chart.detail` hand them over."""

    def __init__(
        self,
        series: Sequence[Series] = (),
        x: Axis = NO_AXIS,
        y: Axis = NO_AXIS,
        marks: Sequence[Mark] = (),
        title: str = "",
    ) -> None:
        """Take what is to be shown."""
        self.coarse = tuple(series)
        self.x, self.y, self.marks, self.title = x, y, tuple(marks), title
        self._detail: tuple[dict[tuple[str, int, bool], Series], float] | None = None
        self._series: tuple[Series, ...] | None = None
        self._places: Floats | None = None

    def take_detail(self, series: Sequence[Series], x0: float) -> None:
        """Put finer series in the place of those of the same name, colour and faintness, from x0 on."""
        self._detail = ({_key(each): each for each in series}, x0)
        self._series = self._places = None

    def keep_detail(self, before: ChartData) -> None:
        """Go on with the finer data of what was shown before."""
        self._detail = before._detail

    def drop_detail(self) -> None:
        """Show what `show` was given, and nothing finer."""
        self._detail = self._series = self._places = None

    @property
    def series(self) -> tuple[Series, ...]:
        """The series, finer where detail was handed over."""
        if self._series is None:
            self._series = self.coarse
            if self._detail is not None:
                finer, x0 = self._detail
                self._series = tuple(
                    splice(series, part, x0) if part is not None else series
                    for series in self.coarse
                    for part in [finer.get(_key(series))]
                )
        return self._series

    @property
    def places(self) -> Floats:
        """All x values, ascending, each once."""
        if self._places is None:
            every = [series.x for series in self.series]
            self._places = np.unique(np.concatenate(every)) if every else np.empty(0)
        return self._places

    def whole(self, before: Window | None) -> Window:
        """The x window that shows everything, kept if it still serves."""
        return whole(self.coarse, self.x, before)

    def readings(self, x: float) -> list[Reading]:
        """What every series is at x, bands included."""
        return [Reading(series.name, *readings(series, x)) for series in self.series]


def _key(series: Series) -> tuple[str, int, bool]:
    return series.name, series.color, series.faint
