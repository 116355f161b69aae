"""What a family declares about each of its parameters: kind, bounds, default and help.

One declaration is read by the form, the parser, the printer, the catalogue and the tests. It knows nothing
about horizons or rates.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final

from lrtui.schedules.errors import ScheduleError, inside_message, nearest, shorten
from lrtui.schedules.horizon import LENGTH_EXAMPLES, Length, plain_number
from lrtui.schedules.quoting import quoted, unescaped

MOST_COUNTED: Final = 1e15
"""The largest count: far past any training, and still exact as a float."""


class Kind(StrEnum):
    """What sort of value a parameter takes."""

    RATE = "rate"
    RATES = "rates"
    NUMBER = "number"
    COUNT = "count"
    LENGTH = "length"
    LENGTHS = "lengths"
    CHOICE = "choice"
    SCHEDULE = "schedule"
    TEXT = "text"


class _Required:
    """The default of a parameter that has none."""

    def __repr__(self) -> str:
        return "REQUIRED"


REQUIRED: Final = _Required()

_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?")
_EXPECTED = {
    Kind.RATE: "a rate such as 0.1 or 1e-3",
    Kind.RATES: "rates such as [0.1, 0.01]",
    Kind.NUMBER: "a number such as 0.5 or 2",
    Kind.COUNT: "a whole number such as 3",
    Kind.LENGTH: f"a length such as {LENGTH_EXAMPLES}",
    Kind.LENGTHS: "lengths such as [5ep, 30ep]",
    Kind.SCHEDULE: "a schedule such as cosine(0.1)",
    Kind.TEXT: 'a quoted text such as "0.1 * (1 - z)"',
}
_QUOTED = re.compile(r"""(["'])((?:\\.|(?!\1)[^\\])*)\1""", re.DOTALL)
_LISTS = {Kind.RATES: Kind.RATE, Kind.LENGTHS: Kind.LENGTH}


@dataclass(frozen=True)
class Parameter:
    """One parameter of a family.

    A default of None means that the parameter may be left out and then has no value; REQUIRED means that it
    must be given. Bounds hold for rates, numbers and counts, for each element of a list, and for the bare
    value of lengths.
    """

    name: str
    kind: Kind
    default: Any = REQUIRED
    help: str = ""
    minimum: float | None = None
    maximum: float | None = None
    exclusive_minimum: bool = False
    exclusive_maximum: bool = False
    choices: tuple[str, ...] = ()

    @property
    def required(self) -> bool:
        """Whether a value must be given."""
        return self.default is REQUIRED

    @property
    def expected(self) -> str:
        """What this parameter takes, in words for a message."""
        if self.kind is Kind.CHOICE:
            return "one of " + ", ".join(self.choices)
        return _EXPECTED[self.kind]

    def parse(self, text: str) -> Any:
        """Return the checked value that `text` says, as typed into a form; blank is None where allowed.

        Raises:
            ScheduleError: With `parameter` set to this parameter's name.
        """
        stripped = text.strip()
        if not stripped:
            return self.check(None)
        try:
            return self.check(self._read(stripped))
        except ScheduleError as error:
            raise self._error(error.message) from None

    def _read(self, text: str) -> Any:
        if self.kind is Kind.SCHEDULE:
            from lrtui.schedules.language import parse  # the language is built on parameters

            return parse(text)
        if self.kind is Kind.CHOICE:
            return text.strip("'\"")
        if self.kind is Kind.TEXT:
            # Typed into a form a text needs no quotes; with quotes it is as in an expression.
            quoted = _QUOTED.fullmatch(text)
            return text if quoted is None else unescaped(quoted[2])
        if self.kind in _LISTS:
            inner = text[1:-1] if text.startswith("[") and text.endswith("]") else text
            items = [item.strip() for item in inner.rstrip(", ").split(",")] if inner.strip() else []
            return tuple(self._read_one(_LISTS[self.kind], item) for item in items)
        return self._read_one(self.kind, text)

    def _read_one(self, kind: Kind, text: str) -> Any:
        if kind is Kind.LENGTH:
            try:
                return Length.parse(text)
            except ScheduleError as error:
                raise self._error(f"{self.name}: {error.message}") from None
        if _NUMBER.fullmatch(text) is None:
            raise self._wrong(f"'{shorten(text)}'")
        return float(text)

    def check(self, value: Any) -> Any:
        """Return `value` in its normal form (rates are floats, lists are tuples, …).

        Raises:
            ScheduleError: A value of the wrong kind or out of bounds, with `parameter` set.
        """
        if value is None:
            if self.default is None:
                return None
            raise self._error(f"{self.name} needs a value: {self.expected}")
        if self.kind in _LISTS:
            if isinstance(value, str) or not hasattr(value, "__iter__"):
                raise self._wrong(_said(value))
            return tuple(self._check_one(_LISTS[self.kind], item) for item in value)
        return self._check_one(self.kind, value)

    def _check_one(self, kind: Kind, value: Any) -> Any:
        if kind is Kind.CHOICE:
            return self._check_choice(value)
        if kind is Kind.SCHEDULE:
            return self._check_schedule(value)
        if kind is Kind.LENGTH:
            return self._check_length(value)
        if kind is Kind.TEXT:
            if not isinstance(value, str):
                raise self._wrong(_said(value))
            return value
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise self._wrong(_said(value))
        try:
            number = float(value) + 0.0  # -0.0 becomes 0.0, so that it prints and compares as one value
        except OverflowError:
            number = math.inf
        if not math.isfinite(number):
            raise self._error(f"{self.name} must be finite, not {number}")
        self._check_bounds(number, plain_number(number))
        if kind is Kind.COUNT:
            if number != int(number):
                raise self._error(f"{self.name} must be a whole number, not {plain_number(number)}")
            if abs(number) > MOST_COUNTED:
                raise self._error(f"{self.name} must be at most {plain_number(MOST_COUNTED)}")
            return int(value)
        return number

    def _check_choice(self, value: Any) -> str:
        if isinstance(value, str) and value in self.choices:
            return value
        hint = nearest(value, self.choices) if isinstance(value, str) else None
        said = f"'{shorten(value)}'" if isinstance(value, str) else _said(value)
        more = f"; did you mean {hint}?" if hint else ""
        raise self._error(f"{self.name} must be {self.expected}, not {said}{more}")

    def _check_schedule(self, value: Any) -> Any:
        from lrtui.schedules.core import Schedule, as_schedule  # schedules are built on parameters

        if isinstance(value, bool) or not isinstance(value, Schedule | int | float):
            raise self._wrong(_said(value))
        child = as_schedule(value)
        if child.metric_driven is not None:
            raise self._error(inside_message(child.metric_driven.family.name))
        if child.missing is not None:
            raise self._error(child.missing)
        return child

    def _check_length(self, value: Any) -> Length:
        try:
            if isinstance(value, str):
                value = Length.parse(value)
            length = value if isinstance(value, Length) else Length(value)
        except ScheduleError as error:
            raise self._error(f"{self.name}: {error.message}") from None
        self._check_bounds(length.value, str(length))
        return length

    def _check_bounds(self, number: float, said: str) -> None:
        low, high = self.minimum, self.maximum
        if low is not None and (number < low or (self.exclusive_minimum and number == low)):
            bound = "more than" if self.exclusive_minimum else "at least"
            raise self._error(f"{self.name} must be {bound} {plain_number(low)}, not {said}")
        if high is not None and (number > high or (self.exclusive_maximum and number == high)):
            bound = "less than" if self.exclusive_maximum else "at most"
            raise self._error(f"{self.name} must be {bound} {plain_number(high)}, not {said}")

    def format(self, value: Any) -> str:
        """Return the canonical text of `value`, which `parse` reads back; None is the empty text."""
        if value is None:
            return ""
        if isinstance(value, tuple):
            return "[" + ", ".join(self.format(item) for item in value) + "]"
        if isinstance(value, float | int):
            return plain_number(value)
        return quoted(value) if self.kind is Kind.TEXT else str(value)

    def _wrong(self, said: str) -> ScheduleError:
        return self._error(f"{self.name} takes {self.expected}, not {said}")

    def _error(self, message: str) -> ScheduleError:
        return ScheduleError(message, parameter=self.name)


def _said(value: object) -> str:
    """Return how to call a value of the wrong kind, without printing something long."""
    if isinstance(value, bool | int | float | str):
        return shorten(repr(value))
    return {"Length": "a length", "tuple": "a list", "list": "a list"}.get(type(value).__name__, "a schedule")


def _declare(kind: Kind, default: Any, help: str, **bounds: Any) -> Any:
    # The name is filled in by the registry, which sees the field's name.
    metadata = {"parameter": Parameter("", kind, default, help, **bounds)}
    return field(metadata=metadata) if default is REQUIRED else field(default=default, metadata=metadata)


def rate(default: Any, help: str) -> Any:
    """Declare a learning rate: finite and not negative, with no upper bound (1e6 must be possible)."""
    return _declare(Kind.RATE, default, help, minimum=0)


def rates(default: Any, help: str) -> Any:
    """Declare a list of learning rates."""
    return _declare(Kind.RATES, default, help, minimum=0)


def number(default: Any, help: str, **bounds: Any) -> Any:
    """Declare a plain number with bounds."""
    return _declare(Kind.NUMBER, default, help, **bounds)


def count(default: Any, help: str, **bounds: Any) -> Any:
    """Declare a whole number with bounds."""
    return _declare(Kind.COUNT, default, help, **bounds)


def length(default: Any, help: str, *, zero: bool = False) -> Any:
    """Declare a length of time, more than 0 unless `zero`."""
    return _declare(Kind.LENGTH, default, help, minimum=0, exclusive_minimum=not zero)


def lengths(default: Any, help: str) -> Any:
    """Declare a list of points in time."""
    return _declare(Kind.LENGTHS, default, help, minimum=0)


def choice(default: Any, help: str, choices: tuple[str, ...]) -> Any:
    """Declare one word out of several."""
    return _declare(Kind.CHOICE, default, help, choices=choices)


def text(default: Any, help: str) -> Any:
    """Declare a text, which expressions quote."""
    return _declare(Kind.TEXT, default, help)


def inner(help: str) -> Any:
    """Declare the schedule a combinator works on."""
    return _declare(Kind.SCHEDULE, REQUIRED, help)


def steps() -> Any:
    """Declare `steps`, a family's length as a phase."""
    return length(None, "How long this phase lasts; left out, it takes what remains.")
