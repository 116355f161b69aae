"""A schedule laid out in time: what each phase is, when it starts, and the rates at its ends.

Libraries say schedules as a row of simple phases, so this is what their writers read. Combinators that change
nothing on this horizon are taken off first; one that does stands as a phase of its own, for the writer to
refuse.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import accumulate
from typing import Any

import numpy as np

from lrtui.schedules.composition import Product, Sequence, product, sequence
from lrtui.schedules.core import Schedule, Shape
from lrtui.schedules.errors import shorten
from lrtui.schedules.horizon import Horizon, Length
from lrtui.schedules.parameters import Kind
from lrtui.schedules.source import NotRepresentable


@dataclass(frozen=True, slots=True)
class Phase:
    """A phase of a plan.

    Args:
        schedule: A shape, a transition, or a combinator that couldn't be taken off.
        start: The update it starts at.
        extent: Its length in updates, at least 1, at which its shape has come to its end.
        used: How many updates of it the training reaches; past `extent` the last rate holds.
        first: The rate at its start.
        last: The rate at its end, which it may be handed over before reaching.
    """

    schedule: Schedule
    start: int
    extent: int
    used: int
    first: float
    last: float

    @property
    def name(self) -> str:
        """The family's name."""
        return self.schedule.family.name

    def value(self, name: str) -> Any:
        """The value of one parameter."""
        return self.schedule.values[name]

    def updates(self, name: str, horizon: Horizon) -> int:
        """A length parameter in updates."""
        length: Length = self.value(name)
        return length.resolve(horizon)


@dataclass(frozen=True, slots=True)
class Plan:
    """The phases of a schedule on a horizon, in time order, without those that are never reached.

    `clock` is "epochs" if the schedule only changes from epoch to epoch and was laid out in whole epochs.
    """

    phases: tuple[Phase, ...]
    horizon: Horizon
    clock: str = "updates"
    steps_per_epoch: int | None = None

    @property
    def unit(self) -> str:
        """What the plan's clock counts, in the singular."""
        return "update" if self.clock == "updates" else "epoch"


def plan(schedule: Schedule, horizon: Horizon, target: str, *, epochs: bool = False) -> Plan:
    """Lay out a schedule.

    Args:
        schedule: A checked schedule.
        horizon: The training.
        target: The library, for the message if it can't be laid out.
        epochs: Whether that library's schedule may be stepped once an epoch instead of once an update.

    Raises:
        NotRepresentable: Something in the schedule isn't a row of phases.
    """
    bare = without_idle(schedule, horizon)
    if bare.family.name == "per_epoch":
        if not epochs or horizon.steps_per_epoch is None:
            raise NotRepresentable(target, "it has no way to hold a rate for a whole epoch")
        inside, in_epochs = _in_epochs(bare, horizon, target)
        laid = plan(inside, in_epochs, target)
        return replace(laid, clock="epochs", steps_per_epoch=horizon.steps_per_epoch)
    return Plan(tuple(_phases(bare, horizon)), horizon)


def without_idle(schedule: Schedule, horizon: Horizon) -> Schedule:
    """Return the schedule with those combinators taken off that change no rate on this horizon.

    Phases of a sequence are looked at one by one; taking one off must change nothing in the whole.
    """
    rates = schedule.rates(horizon)
    return _bare(schedule, horizon, lambda other: bool(np.array_equal(other.rates(horizon), rates)))


def _bare(schedule: Schedule, horizon: Horizon, same: Any) -> Schedule:
    if isinstance(schedule, Sequence):
        parts = list(schedule.parts)
        for index in range(len(parts)):
            if isinstance(parts[index], Shape):
                continue

            def whole(part: Schedule, index: int = index) -> bool:
                try:
                    return bool(same(sequence(*parts[:index], part, *parts[index + 1 :])))
                except ValueError:
                    return False

            parts[index] = _bare(parts[index], horizon, whole)
        return sequence(*parts)
    inside = schedule.values.get("schedule")
    if isinstance(inside, Schedule) and schedule.family.name != "repeat":
        return _bare(inside, horizon, same) if _safe(same, inside) else schedule
    return schedule


def _safe(same: Any, schedule: Schedule) -> bool:
    try:
        return bool(same(schedule))
    except ValueError:  # it can't be used on this horizon on its own
        return False


def _phases(schedule: Schedule, horizon: Horizon) -> Iterator[Phase]:
    total = horizon.total
    if not isinstance(schedule, Sequence):
        own = schedule.length(horizon)
        extent = max(total if own is None else own, 1)
        with np.errstate(all="ignore"):  # the end may be far past what is used
            first, last = schedule._at(np.array([0, extent], dtype=np.int64), total, horizon)
        yield Phase(schedule, 0, extent, total, float(first), float(last))
        return
    shares = schedule.shares(total, horizon)
    starts = [0, *accumulate(shares[:-1])]
    for index, (part, start) in enumerate(zip(schedule.parts, starts, strict=True)):
        final = index + 1 == len(starts)
        end = total if final else min(start + shares[index], total)
        if end <= start:
            continue
        extent = max(shares[index], 1)
        ends = np.array([0, extent], dtype=np.int64)
        with np.errstate(all="ignore"):
            first, last = schedule._phase_at(index, ends, shares, horizon)
        yield Phase(part, start, extent, end - start, float(first), float(last))


def _in_epochs(schedule: Schedule, horizon: Horizon, target: str) -> tuple[Schedule, Horizon]:
    """Return what is held per epoch on a clock of epochs, and the horizon in epochs."""
    epoch = horizon.steps_per_epoch
    assert epoch is not None  # plan
    inside: Schedule = schedule.values["schedule"]
    total = -(-horizon.total // epoch)
    in_epochs = Horizon(total)
    try:
        converted = _convert(inside, horizon, epoch)
        rates = np.repeat(converted.rates(in_epochs), epoch)[: horizon.total]
        if not np.allclose(rates, schedule.rates(horizon), rtol=1e-11, atol=0):
            raise ValueError("a length isn't a whole number of epochs")
    except ValueError as error:
        raise NotRepresentable(target, f"stepped once an epoch, {error}") from None
    return converted, in_epochs


def _convert(schedule: Schedule, horizon: Horizon, epoch: int) -> Schedule:
    if isinstance(schedule, Sequence):
        return sequence(*(_convert(part, horizon, epoch) for part in schedule.parts))
    if isinstance(schedule, Product):
        return product(*(_convert(factor, horizon, epoch) for factor in schedule.factors))
    changed: dict[str, Any] = {}
    for parameter in schedule.family.parameters:
        value = schedule.values[parameter.name]
        if value is None:
            continue
        if parameter.kind is Kind.LENGTH:
            changed[parameter.name] = _epochs(value, horizon, epoch)
        elif parameter.kind is Kind.LENGTHS:
            changed[parameter.name] = tuple(_epochs(item, horizon, epoch) for item in value)
        elif parameter.kind is Kind.SCHEDULE:
            changed[parameter.name] = _convert(value, horizon, epoch)
    return schedule.replace(**changed)


def _epochs(length: Length, horizon: Horizon, epoch: int) -> Length:
    updates = length.resolve(horizon)
    if updates % epoch:
        raise ValueError(f"{length} isn't a whole number of epochs")
    return Length(updates // epoch)


def refusal(target: str, phase: Phase, reason: str = "") -> NotRepresentable:
    """Return the error for a phase that a target can't say."""
    said = shorten(str(phase.schedule), 60)
    return NotRepresentable(target, f"{reason or f'it has nothing like {phase.name}'} ({said})")


def plain(target: str, phase: Phase, *known: str) -> None:
    """Refuse a phase that sets a parameter other than the `known` ones and `steps`."""
    for parameter in phase.schedule.family.parameters:
        if parameter.name not in (*known, "steps") and phase.value(parameter.name) != parameter.default:
            raise refusal(
                target, phase, f"it has nothing like {parameter.name}={phase.value(parameter.name)}"
            )
