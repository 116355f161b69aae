"""How long a training is, and lengths of time written as people think of them: `500`, `5ep`, `10%`.

A horizon counts optimizer updates. Where updates come from (examples, batch size) is the run's business.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

from lrtui.schedules.errors import ScheduleError, shorten

Unit = Literal["updates", "epochs", "percent"]

MAX_UPDATES = 10**8
"""The longest horizon; its rates take 800 MB."""

MAX_LENGTH = 10**12
"""The longest length in updates: far past any horizon, and safe in 64-bit arithmetic."""

LENGTH_EXAMPLES = "500 (updates), 5ep (epochs) or 10% (of the horizon)"

_LENGTH = re.compile(r"\s*([+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)\s*(ep|%|)\s*")
_SUFFIX: dict[Unit, str] = {"updates": "", "epochs": "ep", "percent": "%"}


def round_half_up(value: Fraction) -> int:
    """Return the whole number nearest to `value`, halves upwards."""
    return math.floor(value + Fraction(1, 2))


def exact(value: float) -> Fraction:
    """Return the decimal number a person reads in `value`: 0.1 is one tenth, not its nearest double."""
    return Fraction(str(value))


def plain_number(value: float) -> str:
    """Return the shortest text that reads back as exactly `value`, without a superfluous `.0`."""
    text = repr(value)
    return text.removesuffix(".0")


@dataclass(frozen=True, slots=True)
class Horizon:
    """All the optimizer updates of a training, warmup included.

    Args:
        total: Updates in all, 1 to 100 million.
        steps_per_epoch: Updates in one epoch; needed by lengths in epochs and by `per_epoch`.

    Raises:
        ScheduleError: A count that isn't a whole number in range.
    """

    total: int
    steps_per_epoch: int | None = None

    def __post_init__(self) -> None:
        _check_count("the horizon", self.total)
        if self.steps_per_epoch is not None:
            _check_count("steps per epoch", self.steps_per_epoch)

    @classmethod
    def from_epochs(cls, epochs: float, steps_per_epoch: int) -> Horizon:
        """Return the horizon of `epochs` epochs (a fraction is rounded to whole updates, at least one)."""
        _check_count("steps per epoch", steps_per_epoch)
        if isinstance(epochs, bool) or not isinstance(epochs, int | float) or not math.isfinite(epochs):
            raise ScheduleError(f"epochs must be a number, not {epochs!r}")
        if epochs <= 0:
            raise ScheduleError(f"epochs must be more than 0, not {plain_number(epochs)}")
        total = round_half_up(exact(epochs) * steps_per_epoch)
        return cls(max(total, 1), steps_per_epoch)

    @property
    def epochs(self) -> float | None:
        """The horizon in epochs, or None when the updates in an epoch aren't known."""
        return None if self.steps_per_epoch is None else self.total / self.steps_per_epoch


def _check_count(what: str, value: object) -> None:
    if isinstance(value, bool) or not isinstance(value, int):
        raise ScheduleError(f"{what} must be a whole number of updates, not {shorten(repr(value))}")
    if value < 1:
        raise ScheduleError(f"{what} must be at least 1 update, not {value}")
    if value > MAX_UPDATES:
        raise ScheduleError(f"{what} must be at most {MAX_UPDATES:,} updates")


@dataclass(frozen=True, slots=True)
class Length:
    """A length of time: updates, epochs, or per cent of the horizon.

    Args:
        value: How many, 0 or more; updates come whole.
        unit: Of what.

    Raises:
        ScheduleError: A value that isn't finite, is negative, or is a fraction of an update.
    """

    value: int | float
    unit: Unit = "updates"

    def __post_init__(self) -> None:
        value = self.value
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise ScheduleError(f"a length is {LENGTH_EXAMPLES}, not {shorten(repr(value))}")
        if self.unit not in _SUFFIX:
            raise ScheduleError(f"a length is in updates, epochs or percent, not {shorten(str(self.unit))}")
        if not math.isfinite(value) or abs(value) > MAX_LENGTH:
            raise ScheduleError("a length must be finite, and at most 1e12")
        if value < 0:
            raise ScheduleError(f"a length must be at least 0, not {plain_number(value)}{_SUFFIX[self.unit]}")
        if value == int(value):
            # 5.0ep and 5ep are the same length: equality and the canonical text must agree about it.
            object.__setattr__(self, "value", int(value))
        elif self.unit == "updates":
            raise ScheduleError(f"updates come whole: {plain_number(value)} is between two")

    @classmethod
    def parse(cls, text: str) -> Length:
        """Return the length that `text` says, such as `500`, `5ep`, `2.5ep` or `10%`."""
        match = _LENGTH.fullmatch(text)
        if match is None:
            raise ScheduleError(f"a length is {LENGTH_EXAMPLES}, not '{shorten(text)}'")
        unit: Unit = {"": "updates", "ep": "epochs", "%": "percent"}[match[2]]  # type: ignore[assignment]
        return cls(float(match[1]), unit)

    def resolve(self, horizon: Horizon) -> int:
        """Return this length in whole updates of `horizon`, halves rounded up, with exact arithmetic.

        Raises:
            ScheduleError: A length in epochs on a horizon that doesn't know its epochs, or one past
                1e12 updates.
        """
        if self.unit == "updates":
            return int(self.value)
        if self.unit == "percent":
            updates = round_half_up(exact(self.value) * horizon.total / 100)
        elif horizon.steps_per_epoch is None:
            raise ScheduleError(f"{self} is in epochs: say how many updates an epoch has (steps per epoch)")
        else:
            updates = round_half_up(exact(self.value) * horizon.steps_per_epoch)
        if updates > MAX_LENGTH:
            raise ScheduleError(f"{self} is longer than 1e12 updates")
        return updates

    def __str__(self) -> str:
        return f"{plain_number(self.value)}{_SUFFIX[self.unit]}"
