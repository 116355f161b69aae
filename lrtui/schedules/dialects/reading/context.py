"""What the readers of all libraries share: arguments, notes and small schedules."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from lrtui.schedules.core import Schedule
from lrtui.schedules.dialects.reading.calls import Call, ReadingError, Unknown
from lrtui.schedules.errors import nearest, shorten
from lrtui.schedules.horizon import MAX_LENGTH, Length, plain_number
from lrtui.schedules.registry import family

MISSING = object()

Reader = Callable[["Context", "Arguments"], Schedule]

DEFAULT_LR = 0.1


@dataclass(slots=True)
class Context:
    """One reading under way.

    Args:
        lr: The optimizer's learning rate, if the caller or the text says it.
        clock: Whether lengths count updates or epochs.
        readers: Who reads a call of which name.
        notes: What to tell, collected while reading.
        momentum: What the call makes the optimizer's momentum follow, if it moves it.
    """

    lr: float | None
    clock: str
    readers: dict[str, tuple[tuple[tuple[str, Any], ...], Reader]]
    notes: list[str] = field(default_factory=list)
    momentum: Schedule | None = None

    def note(self, text: str) -> None:
        """Keep a remark for the person, once."""
        if text not in self.notes:
            self.notes.append(text)

    def base(self) -> float:
        """Return the optimizer's learning rate, which the call itself doesn't carry."""
        if self.lr is None:
            self.lr = DEFAULT_LR
            self.note(f"the call doesn't say the optimizer's lr: taken as {DEFAULT_LR}; give it with --lr")
        return self.lr

    def whole(self, name: str) -> None:
        """Note that a length which the text doesn't say is taken as that of the whole training."""
        self.note(f"{name} isn't written out as a number: taken as the whole training")

    def length(self, count: int | float) -> Length:
        """Return a length of the call's clock."""
        return Length(count, "epochs" if self.clock == "epochs" else "updates")

    def read(self, call: Any) -> Schedule:
        """Return the schedule of a call, of whichever library."""
        if not isinstance(call, Call):
            raise ReadingError(f"a scheduler's call is expected, not {said(call)}")
        known = self._reader(call)
        if known is None:
            hint = nearest(call.name, self.readers)
            more = f"; did you mean {hint}?" if hint else ""
            raise ReadingError(f"there is no scheduler called '{shorten(call.name)}' that can be read{more}")
        parameters, reader = known
        return reader(self, Arguments.bind(call, parameters))

    def _reader(self, call: Call) -> tuple[tuple[tuple[str, Any], ...], Reader] | None:
        """Return who reads a call: where two libraries use one name, module or arguments tell which."""
        plain = self.readers.get(call.name)
        others = {key: value for key, value in self.readers.items() if key.endswith(f".{call.name}")}
        if (own := others.get(f"{call.owner}.{call.name}")) is not None:
            return own
        for known in (plain, *others.values()):
            if known is not None and set(call.kwargs) <= set(dict(known[0])):
                return known
        return plain


@dataclass(frozen=True, slots=True)
class Arguments:
    """The arguments of one call, by name, with the library's defaults filled in."""

    call: str
    values: dict[str, Any]

    @classmethod
    def bind(cls, call: Call, parameters: tuple[tuple[str, Any], ...]) -> Arguments:
        """Bind as Python would. A leading `optimizer` may be left out.

        Raises:
            ReadingError: An argument the library doesn't have, or one that is missing.
        """
        names = [name for name, _ in parameters]
        args = list(call.args)
        if names[:1] == ["optimizer"] and (not args or not isinstance(args[0], Unknown | Call | type(None))):
            names = names[1:]  # left out, or given by name
        if len(args) > len(names):
            raise ReadingError(f"{call.name} takes at most {len(names)} arguments, not {len(args)}")
        values = dict(zip(names, args, strict=False))
        for name, value in call.kwargs.items():
            if name not in dict(parameters):
                hint = nearest(name, names)
                more = f"did you mean {hint}?" if hint else "it has " + ", ".join(names)
                raise ReadingError(f"{call.name} has no argument '{shorten(name)}'; {more}")
            if name in values:
                raise ReadingError(f"{call.name} is given {name} twice")
            values[name] = value
        for name, default in parameters:
            if name not in values:
                if default is MISSING and name != "optimizer":
                    raise ReadingError(f"{call.name} needs {name}")
                values[name] = None if default is MISSING else default
        return cls(call.name, values)

    def __getitem__(self, name: str) -> Any:
        return self.values[name]

    def fail(self, message: str) -> ReadingError:
        """Return an error that names the call."""
        return ReadingError(f"{self.call}: {message}")

    def given(self, name: str) -> bool:
        """Return whether an argument has a value other than None."""
        return self.values[name] is not None

    def told(self, name: str) -> bool:
        """Return whether a length of the whole training is given as more than a name or a calculation."""
        return self.given(name) and not isinstance(self.values[name], Unknown | Call)

    def number(self, name: str, minimum: float | None = None) -> float:
        """Return a finite number."""
        value = self.values[name]
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise self.fail(f"{name} must be a number written out, not {said(value)}")
        try:
            number = float(value)
        except OverflowError:
            number = math.inf
        if not math.isfinite(number):
            raise self.fail(f"{name} must be finite")
        if minimum is not None and number < minimum:
            raise self.fail(f"{name} must be at least {plain_number(minimum)}, not {plain_number(number)}")
        return number

    def count(self, name: str, minimum: int = 0) -> int:
        """Return a whole number of steps."""
        number = self.number(name, minimum)
        if number != int(number):
            raise self.fail(f"{name} must be a whole number, not {plain_number(number)}")
        if number > MAX_LENGTH:
            raise self.fail(f"{name} must be at most 1e12")
        return int(number)

    def flag(self, name: str) -> bool:
        """Return a truth value."""
        value = self.values[name]
        if not isinstance(value, bool | int | type(None)):
            raise self.fail(f"{name} must be True or False, not {said(value)}")
        return bool(value)

    def word(self, name: str, *words: str) -> str:
        """Return one word out of several."""
        value = self.values[name]
        if not isinstance(value, str) or value not in words:
            raise self.fail(f"{name} must be one of {', '.join(words)}, not {said(value)}")
        return value

    def items(self, name: str) -> list[Any]:
        """Return a list."""
        value = self.values[name]
        if not isinstance(value, list):
            raise self.fail(f"{name} must be a list, not {said(value)}")
        if len(value) > 500:
            raise self.fail(f"{name} has more than 500 elements")
        return value

    def counts(self, name: str, items: Sequence[Any] | None = None) -> list[int]:
        """Return a list of whole numbers of steps."""
        return [
            Arguments(self.call, {name: item}).count(name)
            for item in (self.items(name) if items is None else items)
        ]

    def numbers(self, name: str, items: Sequence[Any] | None = None) -> list[float]:
        """Return a list of numbers, none negative."""
        return [
            Arguments(self.call, {name: item}).number(name, 0)
            for item in (self.items(name) if items is None else items)
        ]


def said(value: Any) -> str:
    """Return how to call a value that isn't what was expected."""
    if isinstance(value, Unknown):
        return f"'{shorten(value.text)}'" if value.text != "…" else "an expression that would have to be run"
    if isinstance(value, Call):
        return f"a call of '{shorten(value.name)}'"
    if isinstance(value, list | dict):
        return "a list" if isinstance(value, list) else "a dict"
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) > 10**30:
        return "a huge number"
    return shorten(repr(value)) if isinstance(value, int | float | str | None) else "a function"


def tidy(rate: float) -> float:
    """Return a computed rate without the last bit's noise: 0.1 * 0.3 is meant to be 0.03."""
    near = float(f"{rate:.15g}")
    return near if len(repr(near)) < len(repr(rate)) - 2 else rate


def make(name: str, **values: Any) -> Schedule:
    """Return a schedule of a family, leaving out what is None."""
    return family(name).make(**{key: value for key, value in values.items() if value is not None})


def constant(rate: float) -> Schedule:
    """Return a constant schedule."""
    return make("constant", lr=tidy(rate))


def signature(text: str) -> tuple[tuple[str, Any], ...]:
    """Return the parameters of a signature such as `optimizer, T_max, eta_min=0.0`; literal defaults only."""
    import ast

    arguments = ast.parse(f"def f({text}): ...").body[0].args  # type: ignore[attr-defined]
    defaults = [MISSING] * (len(arguments.args) - len(arguments.defaults))
    defaults += [ast.literal_eval(default) for default in arguments.defaults]
    return tuple(zip([argument.arg for argument in arguments.args], defaults, strict=True))


def metric_rules(call: Arguments) -> dict[str, Any]:
    """Return the arguments of ReduceLROnPlateau that those who follow a metric share."""
    return {
        "mode": call.word("mode", "min", "max"),
        "factor": call.number("factor"),
        "patience": call.count("patience"),
        "threshold": call.number("threshold"),
        "threshold_mode": call.word("threshold_mode", "rel", "abs"),
        "cooldown": call.count("cooldown"),
        "min_lr": call.number("min_lr", 0),
        "eps": call.number("eps"),
    }
