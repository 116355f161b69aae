"""The optimizers a run may name, written as calls: `sgd(momentum=0.9, nesterov=true)`.

Declares their options, checks them and prints them in one canonical form. Building the optimizer is
`training`'s work; this module knows no torch.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Literal

from lrtui.runs.text import printable
from lrtui.schedules import ScheduleError, parse_call

OptionValue = float | bool


class OptimizerError(ValueError):
    """A wrong optimizer; the message is one line, `position` the place in the text where known."""

    def __init__(self, message: str, position: int | None = None) -> None:
        super().__init__(message)
        self.position = position


@dataclass(frozen=True, slots=True)
class Option:
    """An option of an optimizer: a number within bounds (the maximum excluded), or a flag."""

    name: str
    kind: Literal["number", "flag"]
    default: OptionValue
    help: str
    minimum: float = 0.0
    below: float = math.inf

    def check(self, value: object) -> OptionValue:
        """The value in its own type.

        Raises:
            OptimizerError: if it is of another kind or out of bounds.
        """
        if self.kind == "flag":
            if isinstance(value, bool):
                return value
            if isinstance(value, str) and value.lower() in ("true", "false"):
                return value.lower() == "true"
            raise OptimizerError(f"{self.name}: must be true or false, not {_show(value)}")
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            raise OptimizerError(f"{self.name}: must be a number, not {_show(value)}")
        try:
            number = float(value)
        except OverflowError:
            number = math.inf
        if not (math.isfinite(number) and self.minimum <= number < self.below):
            limit = f" and below {self.below:g}" if math.isfinite(self.below) else " and finite"
            raise OptimizerError(f"{self.name}: must be at least {self.minimum:g}{limit}, not {_show(value)}")
        return number


@dataclass(frozen=True, slots=True)
class Optimizer:
    """An optimizer that a run may name, with its options in the order they are written."""

    name: str
    title: str
    options: tuple[Option, ...]


OPTIMIZERS: tuple[Optimizer, ...] = (
    Optimizer(
        "sgd",
        "Stochastic gradient descent",
        (
            Option("momentum", "number", 0.0, "share of the last step that is kept", below=1.0),
            Option("nesterov", "flag", False, "look ahead along the momentum"),
            Option("weight_decay", "number", 0.0, "pull of every weight towards zero"),
        ),
    ),
)


@dataclass(frozen=True, slots=True)
class OptimizerSpec:
    """A checked choice of optimizer: its name and the value of every option."""

    name: str
    values: tuple[tuple[str, OptionValue], ...]

    @property
    def options(self) -> dict[str, OptionValue]:
        """Every option with its value, defaults included."""
        return dict(self.values)

    def __str__(self) -> str:
        """The canonical text: options in declared order, defaults left out; parses to the same choice."""
        defaults = {option.name: option.default for option in optimizer(self.name).options}
        written = [f"{name}={_show(value)}" for name, value in self.values if value != defaults[name]]
        return f"{self.name}({', '.join(written)})" if written else self.name


def optimizer(name: str) -> Optimizer:
    """The optimizer called `name`.

    Raises:
        OptimizerError: if there is none; names the nearest.
    """
    for candidate in OPTIMIZERS:
        if candidate.name == name:
            return candidate
    names = [candidate.name for candidate in OPTIMIZERS]
    near = get_close_matches(name.lower(), names, n=1)
    hint = f"did you mean {near[0]}?" if near else f"there is {', '.join(names)}"
    raise OptimizerError(f"no optimizer is called {printable(name, 40)!r}: {hint}", 0)


def parse_optimizer(text: str) -> OptimizerSpec:
    """The choice that `text` makes: a name, or a call with options (`sgd(0.9)`, `sgd(momentum=0.9)`).

    Raises:
        OptimizerError: if the text isn't a call, or names an optimizer, option or value that doesn't exist.
    """
    try:
        call = parse_call(text)
    except ScheduleError as error:
        raise OptimizerError(str(error), error.position) from error
    known = optimizer(call.name)
    names = [option.name for option in known.options]
    if len(call.args) > len(names):
        raise OptimizerError(f"{known.name} takes {len(names)} options at most: {', '.join(names)}")
    given: dict[str, object] = dict(zip(names, call.args, strict=False))
    for name, value in dict(call.kwargs).items():
        if name not in names:
            near = get_close_matches(name, names, n=1)
            hint = f"did you mean {near[0]}?" if near else f"it has {', '.join(names)}"
            raise OptimizerError(f"{known.name} has no option {printable(name, 40)!r}: {hint}")
        if name in given:
            raise OptimizerError(f"{name}: given twice")
        given[name] = value
    values = tuple(
        (option.name, option.check(given[option.name]) if option.name in given else option.default)
        for option in known.options
    )
    spec = OptimizerSpec(known.name, values)
    if spec.options.get("nesterov") and not spec.options.get("momentum"):
        raise OptimizerError("nesterov: needs a momentum above 0, as in sgd(momentum=0.9, nesterov=true)")
    return spec


def _show(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    return printable(str(value), 40)
