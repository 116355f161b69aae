"""The optimizers a run may name, written as calls: `adamw(weight_decay=0.05, betas=(0.9, 0.95))`.

Declares their options, checks them and prints them in one canonical form. Momentum (the first of `betas`) and
weight decay may be schedules: `sgd(momentum=linear(0.85, final_lr=0.95))`. Building the optimizer is
`training`'s work; this module knows no torch.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Literal

import numpy as np
import numpy.typing as npt

from lrtui.runs.text import printable
from lrtui.schedules import Horizon, Schedule, ScheduleError, check, parse, parse_call

Betas = tuple[float | Schedule, float]
OptionValue = float | bool | Schedule | Betas


class OptimizerError(ValueError):
    """A wrong optimizer; the message is one line, `position` the place in the text where known."""

    def __init__(self, message: str, position: int | None = None) -> None:
        super().__init__(message)
        self.position = position


@dataclass(frozen=True, slots=True)
class Option:
    """An option of an optimizer.

    Attributes:
        name: as it is written.
        kind: a number, a flag, or Adam's pair of numbers (the decay rates of its two averages).
        default: its value where it isn't written.
        help: what it does, in a few words.
        minimum: the least value a number may have.
        below: what a number must stay below.
        follows: the name under which a schedule of it is reported, None if it can't follow one.
    """

    name: str
    kind: Literal["number", "flag", "pair"]
    default: OptionValue
    help: str
    minimum: float = 0.0
    below: float = math.inf
    follows: str | None = None

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
        if self.kind == "number":
            return self._number_or_schedule(value)
        if not isinstance(value, tuple) or len(value) != 2:
            raise OptimizerError(f"{self.name}: must be two numbers, as in (0.9, 0.999), not {_show(value)}")
        return self._number_or_schedule(value[0]), self._number(value[1])

    def _number_or_schedule(self, value: object) -> float | Schedule:
        if self.follows is None:
            return self._number(value)
        if isinstance(value, str) and "(" in value:
            try:
                value = parse(value)
            except ScheduleError as error:
                raise OptimizerError(f"{self.name}: {error}") from error
        return value if isinstance(value, Schedule) else self._number(value)

    def _number(self, value: object) -> float:
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            raise OptimizerError(f"{self.name}: must be a number, not {_show(value)}")
        try:
            number = float(value)
        except OverflowError:
            number = math.inf
        if not (math.isfinite(number) and self.minimum <= number < self.below):
            raise OptimizerError(f"{self.name}: {self._bounds()}, not {_show(value)}")
        return number

    def _bounds(self) -> str:
        limit = f" and below {self.below:g}" if math.isfinite(self.below) else " and finite"
        return f"must be at least {self.minimum:g}{limit}"

    def values(self, schedule: Schedule, horizon: Horizon) -> npt.NDArray[np.float64]:
        """What a schedule of this option says for every update of the horizon.

        Raises:
            OptimizerError: if it can't be worked out there, or leaves the option's bounds.
        """
        try:
            check(schedule, horizon)
            values = np.ascontiguousarray(schedule.rates(horizon), np.float64)
        except ScheduleError as error:
            raise OptimizerError(f"{self.name}: {error}") from error
        wrong = np.flatnonzero(~(np.isfinite(values) & (values >= self.minimum) & (values < self.below)))
        if wrong.size:
            what = f"{values[wrong[0]]:g} of its schedule at update {wrong[0]:,}"
            raise OptimizerError(f"{self.name}: {self._bounds()}, not {what}")
        return values


@dataclass(frozen=True, slots=True)
class Optimizer:
    """An optimizer that a run may name, with its options in the order they are written."""

    name: str
    title: str
    options: tuple[Option, ...]


_MOMENTUM = Option(
    "momentum", "number", 0.0, "share of the last step that is kept", below=1.0, follows="momentum"
)
_BETAS = Option(
    "betas",
    "pair",
    (0.9, 0.999),
    "decay of the averages of the gradient (its momentum) and of its square",
    below=1.0,
    follows="momentum",
)
_AMSGRAD = Option("amsgrad", "flag", False, "divide by the largest average of the square so far")


def _decay(default: float = 0.0) -> Option:
    help_ = "pull of every weight towards zero"
    return Option("weight_decay", "number", default, help_, follows="weight_decay")


def _eps(default: float) -> Option:
    return Option("eps", "number", default, "added to what is divided by")


OPTIMIZERS: tuple[Optimizer, ...] = (
    Optimizer(
        "sgd",
        "Stochastic gradient descent",
        (
            _MOMENTUM,
            Option("nesterov", "flag", False, "look ahead along the momentum"),
            _decay(),
            Option("dampening", "number", 0.0, "share of the gradient kept out of the momentum"),
        ),
    ),
    Optimizer("adam", "Adam (Kingma and Ba 2015)", (_BETAS, _eps(1e-8), _decay(), _AMSGRAD)),
    Optimizer(
        "adamw",
        "Adam with decoupled weight decay (Loshchilov and Hutter 2019)",
        (_BETAS, _eps(1e-8), _decay(0.01), _AMSGRAD),
    ),
    Optimizer(
        "rmsprop",
        "RMSProp (Hinton 2012)",
        (
            Option("alpha", "number", 0.99, "decay of the average of the gradient's square", below=1.0),
            _MOMENTUM,
            _eps(1e-8),
            _decay(),
            Option("centered", "flag", False, "divide by the variance instead of the square"),
        ),
    ),
    Optimizer(
        "adagrad",
        "Adagrad (Duchi and others 2011)",
        (
            _eps(1e-10),
            _decay(),
            Option("initial_accumulator_value", "number", 0.0, "what the sum of squares starts from"),
        ),
    ),
    Optimizer(
        "sgld",
        "Stochastic gradient Langevin dynamics (Welling and Teh 2011)",
        (
            _decay(),
            Option("temperature", "number", 1.0, "times the noise's variance; 1 samples the posterior"),
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

    def followed(self, horizon: Horizon) -> dict[str, npt.NDArray[np.float64]]:
        """The options that follow schedules: `momentum`, `weight_decay`, each with a value an update.

        Raises:
            OptimizerError: if a schedule can't be followed over the horizon, or leaves its option's bounds.
        """
        arrays = {}
        for option in optimizer(self.name).options:
            value = self.options[option.name]
            schedule = value[0] if isinstance(value, tuple) else value
            if isinstance(schedule, Schedule):
                assert option.follows is not None
                arrays[option.follows] = option.values(schedule, horizon)
        if self.options.get("nesterov") and "momentum" in arrays and not arrays["momentum"].all():
            raise OptimizerError("nesterov: needs a momentum above 0 at every update")
        return arrays

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
    if spec.options.get("nesterov"):
        if not isinstance(momentum := spec.options["momentum"], Schedule) and not momentum:
            raise OptimizerError("nesterov: needs a momentum above 0, as in sgd(momentum=0.9, nesterov=true)")
        if spec.options["dampening"]:
            raise OptimizerError("nesterov: can't be dampened; leave out dampening or nesterov")
    return spec


def _show(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    if isinstance(value, tuple):
        return f"({', '.join(_show(each) for each in value)})"
    if isinstance(value, Schedule):
        return str(value)
    return printable(str(value), 40)
