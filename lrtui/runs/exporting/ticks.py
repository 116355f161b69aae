"""Windows and ticks of a chart's axes, and how its numbers are written. Takes finite floats only."""

from __future__ import annotations

import math
import sys
from dataclasses import dataclass
from typing import Literal

Kind = Literal["number", "percent", "seconds"]

_SECONDS = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 1200, 1800, 3600, 7200, 14400, 21600, 43200, 86400)


@dataclass(frozen=True, slots=True)
class Axis:
    """One axis: its name, how its numbers read, and its window (of the values, also if logarithmic)."""

    label: str
    low: float
    high: float
    kind: Kind = "number"
    log: bool = False

    def place(self, value: float) -> float:
        """Where a value stands: 0 at the low end, 1 at the high end."""
        if self.log:
            low, high = math.log10(self.low), math.log10(self.high)
            return (math.log10(value) - low) / (high - low)
        # Halves, because the difference of two huge numbers may be infinite.
        return (value / 2 - self.low / 2) / (self.high / 2 - self.low / 2)


def window(low: float, high: float, log: bool = False, margin: float = 0.0) -> tuple[float, float]:
    """A window around values from `low` to `high`, never empty; for a log axis both are positive."""
    if log:
        bottom, top = math.log10(low), math.log10(high)
        room = max((top - bottom) * margin, 0.05 if top == bottom else 0.0)
        # Numbers at the very edge of floats have no neighbours for a margin to reach.
        most = low * 10 if top - bottom < 0.05 and low < 1e-300 else high
        return min(low, 10 ** max(bottom - room, -307)), max(high, most, 10 ** min(top + room, 308))
    room = (high / 2 - low / 2) * 2 * margin
    if high / 2 - low / 2 < 1e-300:
        room = abs(low) * 0.1 or 0.5
    if not math.isfinite(room):
        room = 0.0
    most = sys.float_info.max
    return max(low - room, -most), min(high + room, most)


def up_to_whole(low: float, high: float) -> float:
    """The next whole number above `high` if that is only a hair away: the end of a run's last epoch."""
    whole = math.ceil(high) if abs(high) < 2**50 else high
    return float(whole) if 0 < whole - high < 0.01 * (high - low) else high


def ticks(axis: Axis, count: int) -> list[tuple[float, str]]:
    """About `count` ticks inside the window at most, ascending: the value and its text."""
    if axis.log:
        found = _log_ticks(axis, count)
        if len(found) >= 2:
            return found
    span = axis.high / 2 - axis.low / 2
    step = _step(span / max(count, 1) * 2, axis.kind)
    first = axis.low / step
    if not (math.isfinite(step) and abs(first) < 2**50):
        return []
    places = [
        index * step for index in range(math.ceil(first - 1e-9), math.floor(axis.high / step + 1e-9) + 1)
    ]
    return [(place, _text(place, step, axis.kind)) for place in places if axis.low <= place <= axis.high]


def write(value: float, digits: int = 4) -> str:
    """A number to be read, at most `digits` significant digits: 0.1234, 1e-5, 12000."""
    if not math.isfinite(value):
        return str(value)
    text = f"{value:.{digits}g}"
    mantissa, _, exponent = text.partition("e")
    if exponent:
        short = f"{mantissa}e{int(exponent)}"
        return f"{value:.0f}" if 0 <= int(exponent) < 6 else short
    return text


def duration(seconds: float) -> str:
    """0:07, 1:05, 1:02:03."""
    minutes, rest = divmod(round(abs(seconds)), 60)
    hours, minutes = divmod(minutes, 60)
    text = f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes}:{rest:02d}"
    return f"-{text}" if seconds < 0 else text


def _step(rough: float, kind: Kind) -> float:
    """The next of 1, 2, 5 times a power of ten; of seconds, what clocks are divided into."""
    if kind == "seconds" and 0.5 < rough <= _SECONDS[-1]:
        return float(next(step for step in _SECONDS if step >= rough))
    power = math.floor(math.log10(rough)) if rough > 0 else -300
    for factor in (1, 2, 5, 10):
        step = float(f"{factor}e{power}")
        if step * (1 + 1e-9) >= rough:
            return step
    return float(f"1e{power + 1}")


def _log_ticks(axis: Axis, count: int) -> list[tuple[float, str]]:
    low, high = math.log10(axis.low), math.log10(axis.high)
    factors = (1, 2, 5) if (high - low) * 3 <= count else (1,)
    stride = max(1, math.ceil((high - low) / max(count, 1)))
    powers = [power for power in range(math.floor(low), math.ceil(high) + 1) if power % stride == 0]
    values = [float(f"{factor}e{power}") for power in powers for factor in factors]
    return [
        (value, write(value * 100) + "%" if axis.kind == "percent" else write(value))
        for value in values
        if axis.low <= value <= axis.high and value > 0
    ]


def _text(value: float, step: float, kind: Kind) -> str:
    if kind == "seconds" and step >= 1 and abs(value) < 1e9:
        return duration(value)
    if kind == "percent" and 1e-6 <= step <= 1e4:
        return f"{value * 100:.{_decimals(step * 100)}f}%"
    if abs(value) >= 1e6 or step < 1e-4:
        digits = 0 if value == 0 else math.floor(math.log10(abs(value))) - math.floor(math.log10(step)) + 1
        return write(value, max(1, min(digits, 15)))
    return f"{value:,.{_decimals(step)}f}"


def _decimals(step: float) -> int:
    return max(0, -math.floor(math.log10(step) + 1e-9))
