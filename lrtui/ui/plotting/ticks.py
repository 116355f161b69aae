"""Where the ticks of an axis stand and how its numbers are written.

Decides no window (see `limits`) and draws nothing. Every function takes any finite floats and never raises.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from .model import Kind, Window

_SECONDS = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1200, 1800, 3600, 7200, 10800, 21600, 43200, 86400)


@dataclass(frozen=True, slots=True)
class Tick:
    """A tick: its place in the axis' own space (log10 on a log axis), and its text."""

    place: float
    label: str


def nice(value: float, up: bool = True) -> float:
    """The next of 1, 2, 5 times a power of ten, up or down; 0 for anything not positive and finite."""
    if not (value > 0 and math.isfinite(value)):
        return 0.0
    power = math.floor(math.log10(value))
    ladder = [_scaled(factor, power) for factor in (1, 2, 5, 10)]
    tolerance = 1 + 1e-9
    if up:
        return next((step for step in ladder if step * tolerance >= value), ladder[-1])
    return next((step for step in reversed(ladder) if step <= value * tolerance), ladder[0])


def step_for(span: float, count: int, kind: Kind) -> float:
    """The distance of ticks that puts at most about `count` on a span; 0 when there is no room for any."""
    rough = span / max(1, count)
    if kind == "seconds" and rough > 0.5:
        day = _SECONDS[-1]
        fitting = next((step for step in _SECONDS if step >= rough), None)
        return float(fitting) if fitting else nice(rough / day) * day
    if kind == "count" and 0 < rough < 1:
        return 1.0
    return nice(rough)


def ticks(window: Window, count: int, kind: Kind) -> list[Tick]:
    """At most about `count` ticks inside a window, ascending, with distinct labels."""
    found = _log_ticks(window, count, kind) if window.log else _linear_ticks(window, count, kind)
    distinct: dict[str, Tick] = {}
    for tick in found:
        if window.low <= tick.place <= window.high:
            distinct.setdefault(tick.label, tick)
    return list(distinct.values())


def write(value: float, kind: Kind = "number", digits: int = 4) -> str:
    """One value to be read: `digits` significant digits, no padding; `nan`, `inf` and `-inf` as words."""
    if not math.isfinite(value):
        return str(value)
    if kind == "seconds":
        return _clock(value, 0 if abs(value) >= 10 else 1)
    if kind == "percent" and abs(value) < 1e300:
        return _short(float(f"{value * 100:.{digits}g}"), digits) + "%"
    if kind == "count" and abs(value) < 1e12 and value == int(value):
        return str(int(value))
    return _short(value, digits)


def _linear_ticks(window: Window, count: int, kind: Kind) -> list[Tick]:
    step = step_for(window.high - window.low, count, kind)
    if not (step > 0 and math.isfinite(step)):
        return []
    start, stop = window.low / step, window.high / step
    if not (abs(start) < 1e15 and abs(stop) < 1e15):
        return []
    multiples = range(math.ceil(start - 1e-9), math.floor(stop + 1e-9) + 1)
    if len(multiples) > 4 * count + 4:
        return []
    places = [min(window.high, max(window.low, multiple * step)) for multiple in multiples]
    return [Tick(place, label) for place, label in zip(places, _labels(places, step, kind), strict=True)]


def _log_ticks(window: Window, count: int, kind: Kind) -> list[Tick]:
    low, high = window.low, window.high
    span = high - low
    if span < 0.35:  # About a factor of two: ticks a person would choose on a plain axis.
        ends = Window(window.value(0.0), window.value(1.0))
        if not ends.high > ends.low > 0:
            return []
        return [
            Tick(math.log10(10**low + tick.place - ends.low), tick.label)
            for tick in _linear_ticks(ends, count, kind)
            if 10**low + tick.place - ends.low > 0
        ]
    factors: tuple[int, ...] = (1,)
    stride = 1
    if span * 3 <= count:
        factors = (1, 2, 5)
    elif span * 2 <= count:
        factors = (1, 3)
    elif span > count:
        stride = math.ceil(span / max(1, count))
    found = []
    for power in range(math.floor(low), math.ceil(high) + 1):
        if power % stride:
            continue
        for factor in factors:
            place = power + math.log10(factor)
            found.append(Tick(place, _decade(factor, power, kind)))
    return found


def _labels(places: list[float], step: float, kind: Kind) -> list[str]:
    """One form for a whole axis: the same number of decimals everywhere, so that digits line up."""
    largest = max((abs(place) for place in places), default=0.0)
    if kind == "seconds":
        return [_clock(place, _decimals(step)) for place in places]
    if kind == "percent" and 1e-4 <= step <= 1e4:
        return [f"{place * 100:.{_decimals(step * 100)}f}%" for place in places]
    if kind == "count":
        return [_count(place, step) for place in places]
    if largest >= 1e5 or largest < 0.01 or step < 1e-4:
        return [_scientific(place, step) for place in places]
    return ["0" if place == 0 else f"{place:.{_decimals(step)}f}" for place in places]


def _count(value: float, step: float) -> str:
    """12, 1k, 1.5k, 10M: as many decimals as the step asks for."""
    for unit, suffix in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if unit <= abs(value) < unit * 1e4:
            return f"{value / unit:.{min(6, _decimals(step / unit))}f}{suffix}"
    return _scientific(value, step) if abs(value) >= 1e12 else f"{value:.{_decimals(step)}f}"


def _clock(value: float, decimals: int) -> str:
    """0:30, 1:05, 1:02:03, 3d 04:00; below ten seconds apart with decimals: 0.5s."""
    if abs(value) >= 8.64e9:
        return _short(value, 3) + "s"
    sign = "-" if value < 0 else ""
    value = abs(value)
    if decimals > 0 and value < 60:
        return f"{sign}{value:.{min(6, decimals)}f}s"
    whole = round(value)
    minutes, seconds = divmod(whole, 60)
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    if days:
        return f"{sign}{days}d {hours:02d}:{minutes:02d}"
    return f"{sign}{hours}:{minutes:02d}:{seconds:02d}" if hours else f"{sign}{minutes}:{seconds:02d}"


def _scientific(value: float, step: float) -> str:
    """5e-4, 1.5e-3: no padding in the exponent, and only the digits the step can tell apart."""
    if value == 0:
        return "0"
    digits = math.floor(math.log10(abs(value))) - math.floor(math.log10(step)) if step > 0 else 3
    return _trim(f"{value:.{min(15, max(0, digits))}e}")


def _short(value: float, digits: int) -> str:
    """The shorter of the plain and the scientific form; the plain one when equal, and from 1 to 100,000."""
    if value == 0:
        return "0"
    scientific = _trim(f"{value:.{digits - 1}e}")
    exponent = math.floor(math.log10(abs(value)))
    if not -5 <= exponent <= 12:
        return scientific
    plain = f"{value:.{max(0, digits - 1 - exponent)}f}"
    if "." in plain:
        plain = plain.rstrip("0").rstrip(".")
    return plain if len(plain) <= len(scientific) or 0 <= exponent < 5 else scientific


def _trim(text: str) -> str:
    """1.50e-03 becomes 1.5e-3."""
    mantissa, _, exponent = text.partition("e")
    if "." in mantissa:
        mantissa = mantissa.rstrip("0").rstrip(".")
    return f"{mantissa}e{int(exponent)}"


def _decade(factor: int, power: int, kind: Kind) -> str:
    if not -300 <= power <= 300:
        return f"{factor}e{power}"
    value = _scaled(factor, power)
    if kind == "seconds" and value >= 1:
        return _clock(value, 0)
    if kind == "count" and power >= 0:
        return _count(value, value)
    return write(value, kind, 3)


def _scaled(factor: int, power: int) -> float:
    """`factor * 10**power` as the nearest float, 0 or inf at the ends of the range."""
    return float(f"{factor}e{power}")


def _decimals(step: float) -> int:
    """How many decimals tell multiples of a 1-2-5 step apart."""
    if not (step > 0 and math.isfinite(step)):
        return 0
    return max(0, min(15, -math.floor(math.log10(step) + 1e-9)))
