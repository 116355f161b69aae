"""What the learning rate is: families of schedules, their algebra, the expression language and horizons.

Rates come from here and nowhere else: the chart, the worker and the exporters all call the same functions.
Only numpy and lark are needed.
"""

from __future__ import annotations

from lrtui.schedules.composition import Product, Sequence, product, sequence
from lrtui.schedules.core import Schedule
from lrtui.schedules.errors import ScheduleError
from lrtui.schedules.following import Decider, decider, simulate, simulated
from lrtui.schedules.horizon import Horizon, Length
from lrtui.schedules.inspection import Summary, check, sample, samples_few, summarise
from lrtui.schedules.language import Call, parse, parse_call
from lrtui.schedules.parameters import REQUIRED, Kind, Parameter
from lrtui.schedules.registry import Dialect, Family, catalogue, family
from lrtui.schedules.traces import drawable, read_trace, typical_trace

__all__ = [
    "REQUIRED",
    "Call",
    "Decider",
    "Dialect",
    "Family",
    "Horizon",
    "Kind",
    "Length",
    "Parameter",
    "Product",
    "Schedule",
    "ScheduleError",
    "Sequence",
    "Summary",
    "catalogue",
    "check",
    "decider",
    "drawable",
    "family",
    "parse",
    "parse_call",
    "product",
    "read_trace",
    "sample",
    "samples_few",
    "sequence",
    "simulate",
    "simulated",
    "summarise",
    "typical_trace",
]
