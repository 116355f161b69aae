"""What a schedule is: an immutable value that gives learning rates for updates on a horizon.

Here are the base classes of most families; those that need more than an update and a horizon are in `roles`.
The formulas are in `families`, the operators in `composition`.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, ClassVar, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lrtui.schedules.errors import ScheduleError
from lrtui.schedules.horizon import Horizon, Length
from lrtui.schedules.parameters import Kind
from lrtui.schedules.registry import Family

if TYPE_CHECKING:
    from lrtui.schedules.roles import MetricDriven
    from lrtui.schedules.source import Source

Updates = NDArray[np.int64]
Rates = NDArray[np.float64]

MAX_DEPTH = 100
"""How deep schedules nest: deep enough for people, shallow enough for Python's stack."""

_CHUNK = 1 << 15
"""Updates evaluated at a time: intermediate arrays that stay in the cache are twice as fast as big ones."""

MANY_CORNERS = 20_000
"""More corners than this are not listed one by one (see Schedule._corners)."""


class Schedule:
    """A learning-rate schedule: an immutable, hashable value.

    Calling it gives `rates[i]`, the rate in force during update `updates[i]`, in closed form. Past its end a
    schedule holds its last value.
    """

    family: ClassVar[Family]
    depth: int

    def __post_init__(self) -> None:
        depth = 1
        for parameter in self.family.parameters:
            try:
                value = parameter.check(getattr(self, parameter.name))
            except ScheduleError as error:
                error.family = self.family.name
                raise
            object.__setattr__(self, parameter.name, value)
            if parameter.kind is Kind.SCHEDULE:
                depth = max(depth, 1 + value.depth)
        self._set_depth(depth)
        self._check_together()

    def _set_depth(self, depth: int) -> None:
        if depth > MAX_DEPTH:
            raise ScheduleError(f"schedules nest at most {MAX_DEPTH} deep", family=self.family.name)
        object.__setattr__(self, "depth", depth)

    def _check_together(self) -> None:
        """Check what concerns several parameters at once; raises ScheduleError."""

    def __call__(self, updates: ArrayLike, horizon: Horizon) -> Rates:
        """Return the learning rates in force during `updates`.

        Args:
            updates: 0-based optimizer updates of any shape.
            horizon: How long the training is.

        Returns:
            Rates as float64, of the shape of `updates`.

        Raises:
            ScheduleError: A negative update, a length the horizon can't resolve, a phase without the
                neighbour it needs, or a rate that is negative or not finite.
        """
        t = _as_updates(updates)
        if self.missing is not None:
            raise ScheduleError(self.missing, family=self.phases[0].family.name)
        rates = np.empty(t.shape, dtype=np.float64)
        source, target = t.reshape(-1), rates.reshape(-1)
        # Always on rows, also a single update: numpy takes a short cut for powers of a bare number, and what
        # comes out may be another float.
        for first in range(0, max(t.size, 1), _CHUNK):
            target[first : first + _CHUNK] = self._checked(source[first : first + _CHUNK], horizon)
        return rates

    def _checked(self, t: Updates, horizon: Horizon) -> Rates:
        with np.errstate(all="ignore"):
            rates = np.reshape(self._at(t, horizon.total, horizon), t.shape)
        _check_rates(t, rates)
        return rates

    def rates(self, horizon: Horizon) -> Rates:
        """Return the rate of every update of `horizon`, as an array of `horizon.total` values."""
        return self(np.arange(horizon.total, dtype=np.int64), horizon)

    def length(self, horizon: Horizon) -> int | None:
        """Return this schedule's own length in updates, or None if it takes what remains."""
        raise NotImplementedError

    def _at(self, t: Updates, span: int, horizon: Horizon) -> Rates:
        """Return the rates at local updates `t` (0 or more), given `span` updates of time."""
        raise NotImplementedError

    def _source(self, code: Source, span: int, horizon: Horizon) -> str:  # noqa: ARG002
        """Return the body of a plain Python function of a local update `t` that gives what `_at` gives.

        Its lines see `t` (an int, 0 or more) and `math`, and end in a return. `code.define` writes the
        function of a schedule inside this one and returns its name. A shape implements `_code` instead.

        Raises:
            NotRepresentable: The rate isn't a function of the update alone.
        """
        raise code.impossible(f"{self.family.name} has no closed form in plain Python")

    def _corners(self, span: int, horizon: Horizon) -> list[int]:  # noqa: ARG002
        """Return local updates where the curve bends or jumps, for those who draw it from samples.

        More than MANY_CORNERS of them mean that every update has to be looked at; they needn't be right then.
        """
        return []

    @property
    def phases(self) -> tuple[Schedule, ...]:
        """The phases in time order; a schedule that isn't a sequence is its own only phase."""
        return (self,)

    @property
    def parts_within(self) -> tuple[Schedule, ...]:
        """The schedules this one is directly made of: phases, factors, or what a combinator works on."""
        within = (
            getattr(self, parameter.name)
            for parameter in self.family.parameters
            if parameter.kind is Kind.SCHEDULE
        )
        return tuple(within)

    @property
    def missing(self) -> str | None:
        """What this schedule lacks before it can be evaluated (a warmup's next phase), or None."""
        return None

    @property
    def metric_driven(self) -> MetricDriven | None:
        """The phase that follows a metric, if this schedule is one or ends in one."""
        return None

    @property
    def values(self) -> dict[str, Any]:
        """All parameters by name, in declared order."""
        return {parameter.name: getattr(self, parameter.name) for parameter in self.family.parameters}

    def replace(self, **values: Any) -> Self:
        """Return this schedule with some parameters changed, checked like any other.

        Raises:
            ScheduleError: An unknown parameter or a value that doesn't do.
        """
        for name in values:
            self.family.parameter(name)
        return type(self)(**(self.values | values))

    def __rshift__(self, other: Schedule | float) -> Schedule:
        from lrtui.schedules.composition import sequence

        return sequence(self, as_schedule(other))

    def __rrshift__(self, other: float) -> Schedule:
        return as_schedule(other) >> self

    def __mul__(self, other: Schedule | float) -> Schedule:
        from lrtui.schedules.composition import product

        return product(self, as_schedule(other))

    def __rmul__(self, other: float) -> Schedule:
        return as_schedule(other) * self

    def __str__(self) -> str:
        """Return the canonical expression: parsing it gives an equal schedule."""
        words = []
        for index, parameter in enumerate(self.family.parameters):
            value = getattr(self, parameter.name)
            if index == 0:
                words.append(parameter.format(value))
            elif value != parameter.default:
                words.append(f"{parameter.name}={parameter.format(value)}")
        return f"{self.family.name}({', '.join(words)})"


class Shape(Schedule):
    """A family that is a phase of its own: it has `steps` and a closed form over its own clock."""

    steps: Length | None

    def length(self, horizon: Horizon) -> int | None:
        """Return `steps` in updates, or None when it was left out."""
        return None if self.steps is None else self.steps.resolve(horizon)

    def _extent(self, span: int, horizon: Horizon) -> int:
        own = self.length(horizon)
        return max(span if own is None else own, 1)

    def _at(self, t: Updates, span: int, horizon: Horizon) -> Rates:
        extent = self._extent(span, horizon)
        return self._curve(np.minimum(t, extent), extent, horizon)

    def _curve(self, t: Updates, extent: int, horizon: Horizon) -> Rates:
        """Return the rates at updates `t` in 0..extent of a phase that is `extent` updates long."""
        raise NotImplementedError

    def _source(self, code: Source, span: int, horizon: Horizon) -> str:
        extent = self._extent(span, horizon)
        body = self._code(extent, horizon)
        if body is None:
            return super()._source(code, span, horizon)
        return body if re.search(r"\bt\b", body) is None else f"t = min(t, {extent})\n{body}"

    def _code(self, extent: int, horizon: Horizon) -> str | None:  # noqa: ARG002
        """Return what `_curve` computes as lines of Python, the last a return; None if it can't be said.

        The lines see `t`, an int in 0..extent, and `math`. Lengths are resolved to updates, numbers written
        by `source.number`. A generic test holds every family's code against its curve.
        """
        return None

    def _resolve(self, name: str, horizon: Horizon) -> int:
        """Return the length parameter `name` in updates, which must come to at least one."""
        length: Length = getattr(self, name)
        updates = length.resolve(horizon)
        if updates < 1:
            raise ScheduleError(
                f"{name}={length} is less than one update of {horizon.total}",
                parameter=name,
                family=self.family.name,
            )
        return updates


def as_schedule(value: Schedule | float) -> Schedule:
    """Return `value` itself, or the constant schedule a bare number stands for."""
    if isinstance(value, Schedule):
        return value
    from lrtui.schedules.registry import family

    return family("constant").make(lr=value)  # type: ignore[call-arg]


def blend(start: float, end: float, remaining: Rates) -> Rates:
    """Return `start` where `remaining` is 1 and `end` where it is 0, both exactly; never outside them."""
    if start == end:
        return np.full(remaining.shape, start)
    if end == 0:
        mixed = start * remaining
    elif start == 0:
        mixed = end * (1.0 - remaining)
    else:
        mixed = start * remaining + end * (1.0 - remaining)
    return np.clip(mixed, min(start, end), max(start, end))


def _as_updates(updates: ArrayLike) -> Updates:
    raw = np.asarray(updates)
    if raw.dtype.kind not in "iu":
        if raw.size and (raw.dtype.kind != "f" or not np.isfinite(raw).all() or (raw != np.floor(raw)).any()):
            raise ScheduleError("updates must be whole numbers")
        if raw.size and np.abs(raw).max() >= 2**62:
            raise ScheduleError("updates must be below 2^62")
    t = raw.astype(np.int64, copy=False)
    if t.size and t.min() < 0:
        raise ScheduleError(f"updates count from 0; {t.min()} is negative")
    return t


def _check_rates(t: Updates, rates: Rates) -> None:
    if not rates.size:
        return
    low, high = rates.min(), rates.max()  # either is NaN if any rate is
    if low >= 0 and np.isfinite(high):
        return
    bad = ~np.isfinite(rates) | (rates < 0)
    first = int(t[bad].min())
    value = float(rates[bad & (t == first)].flat[0])
    what = "negative" if np.isfinite(value) else "not finite"
    raise ScheduleError(f"the rate at update {first} is {what} ({value:.6g})")
