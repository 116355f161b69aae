"""What an arrow key makes of a value in a form: the next sensible one up or down. Pure text in, text out."""

from __future__ import annotations

import math
import re
from dataclasses import replace

from lrtui.schedules import REQUIRED, Kind, Length, Parameter, ScheduleError
from lrtui.ui.keys import with_keys

_ITEMS = {Kind.RATES: Kind.RATE, Kind.LENGTHS: Kind.LENGTH}
_ITEM = re.compile(r"[^\s,\[\]]+")


def nudged_at(parameter: Parameter, text: str, cursor: int, up: bool) -> tuple[str, int]:
    """The next value's text and where its cursor is; in a list the value at the cursor goes on.

    Rates go 1-2-5, counts by one, lengths and large numbers by their leading digit. Text that makes no sense,
    and values that the parameter refuses, are left as they are.
    """
    if parameter.kind not in _ITEMS:
        new = _nudged(parameter, text, up)
        return new, len(new)
    items = list(_ITEM.finditer(text))
    found = next((item for item in items if item.end() >= cursor), items[-1] if items else None)
    if found is None:
        return text, cursor
    one = replace(parameter, kind=_ITEMS[parameter.kind], default=REQUIRED)
    new = _nudged(one, found[0], up)
    return text[: found.start()] + new + text[found.end() :], found.start() + len(new)


def limit(parameter: Parameter, text: str, up: bool) -> str:
    """Why an arrow key changes nothing, in a few words; empty for text that makes no sense anyway."""
    if parameter.kind is Kind.TEXT:
        return "type it: arrow keys step numbers"
    if parameter.kind in _ITEMS and text.strip():
        return "that is as far as it goes"
    try:
        value = parameter.parse(text) if text.strip() else parameter.default
        if value is None:
            return with_keys("left out; {field.more} gives it a value")
        parameter.check(_next(parameter, value, up))
    except ScheduleError as error:
        return error.message.partition(", not ")[0]
    return "that is the least" if not up else "that is the most"


def _nudged(parameter: Parameter, text: str, up: bool) -> str:
    try:
        value = parameter.parse(text) if text.strip() else parameter.default
        new = _next(parameter, value, up)
        return text if new is None else parameter.format(parameter.check(new))
    except ScheduleError:
        return text


def doubled(text: str, up: bool) -> str:
    """The next power of two above or below a count, as batch sizes go; other text is left as it is."""
    if not text.strip().isdigit() or not 0 < (count := int(text)) < 2**40:
        return text
    return str(1 << count.bit_length() if up else max(1 << (count - 1).bit_length() >> 1, 1))


def _next(parameter: Parameter, value: object, up: bool) -> object:
    if parameter.kind is Kind.CHOICE and isinstance(value, str):
        place = parameter.choices.index(value) + (1 if up else -1)
        return parameter.choices[place % len(parameter.choices)]
    if value is None:
        return _first(parameter) if up else None
    if parameter.kind is Kind.COUNT:
        return (value if isinstance(value, int) else 0) + (1 if up else -1)
    if isinstance(value, Length):
        return Length(_length_step(value, up), value.unit)
    if not isinstance(value, int | float):
        return None
    return next_125(value, up) if parameter.kind is Kind.RATE else _by_digit(value, up)


def _first(parameter: Parameter) -> object:
    """Where a value that was left out begins."""
    if parameter.kind is Kind.LENGTH:
        return Length(1, "epochs")
    if parameter.kind is Kind.NUMBER and parameter.minimum is not None and parameter.maximum is not None:
        return (parameter.minimum + parameter.maximum) / 2
    return next_125(0, up=True) if parameter.kind is Kind.RATE else 1


def next_125(value: float, up: bool) -> float:
    """The next of …, 0.1, 0.2, 0.5, 1, 2, 5, … above or below a value; 0 stays at the bottom."""
    if value <= 0:
        return 1e-6 if up else 0.0
    exponent = math.floor(math.log10(value))
    ladder = [float(f"{digit}e{power}") for power in range(exponent - 1, exponent + 2) for digit in (1, 2, 5)]
    near = 1e-9 * value
    if up:
        return next(step for step in ladder if step > value + near)
    return next(step for step in reversed(ladder) if step < value - near)


def _by_digit(value: float, up: bool) -> float:
    """One more or less in the last digit that the number is written with, at least hundredths below 1."""
    if value >= 100:
        return value + _leading(value, up) * (1 if up else -1)
    text = repr(float(value))
    decimals = 0 if text.endswith(".0") else len(text.split(".")[-1]) if "e" not in text else 6
    if decimals == 0 and value <= 1:
        decimals = 1
    step = 10.0**-decimals
    return round(value + (step if up else -step), decimals)


def _length_step(length: Length, up: bool) -> float:
    value = length.value
    if length.unit == "percent":
        step: float = 5 if value > 5 or (up and value == 5) else 1
    elif length.unit == "epochs":
        step = 1 if value > 1 or (up and value == 1) else 0.1
    else:
        step = _leading(value, up)
    return round(value + (step if up else -step), 6)


def _leading(value: float, up: bool) -> int:
    """One in the first digit of a number, at least 1; 100 goes down to 90, not to 0."""
    power = math.floor(math.log10(max(value, 1)))
    if not up and value <= 10**power:
        power -= 1
    return int(10 ** max(0, power))
