"""What an arrow key makes of a value in a form: the next sensible one up or down. Pure text in, text out."""

from __future__ import annotations

import math

from lrtui.schedules import Kind, Length, Parameter, ScheduleError


def nudged(parameter: Parameter, text: str, up: bool) -> str:
    """The next value's text: rates go 1-2-5, counts by one, lengths and numbers by their leading digit.

    Text that makes no sense, and values that the parameter refuses, are left as they are.
    """
    try:
        value = parameter.parse(text) if text.strip() else parameter.default
        new = _next(parameter, value, up)
        return text if new is None else parameter.format(parameter.check(new))
    except ScheduleError:
        return text


def _next(parameter: Parameter, value: object, up: bool) -> object:
    if parameter.kind is Kind.CHOICE and isinstance(value, str):
        place = parameter.choices.index(value) + (1 if up else -1)
        return parameter.choices[place % len(parameter.choices)]
    if parameter.kind is Kind.COUNT:
        return (value if isinstance(value, int) else 0) + (1 if up else -1)
    if isinstance(value, Length):
        return Length(_length_step(value, up), value.unit)
    if not isinstance(value, int | float):
        return None
    return next_125(value, up) if parameter.kind is Kind.RATE else _by_digit(value, up)


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
        power = math.floor(math.log10(max(value, 1)))
        if not up and value <= 10**power:
            power -= 1  # 100 goes down to 90, not to 0
        step = 10 ** max(0, power)
    return round(value + (step if up else -step), 6)
