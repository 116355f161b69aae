"""Examples, batches, accumulation, devices, epochs and updates: any one of them out of the others.

An update is one optimizer step. It takes `batch_size * accumulation * devices` examples, and an epoch takes
as many updates as the examples need. All arithmetic is on whole numbers; nothing here knows a schedule.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

from lrtui.schedules.errors import ScheduleError, shorten
from lrtui.schedules.horizon import exact, plain_number, round_half_up

MOST = 10**15
"""The largest quantity that is understood: far past any training, and quick to calculate with."""


@dataclass(frozen=True, slots=True)
class Units:
    """How much training there is, in every unit, all of them consistent.

    `batch_size` is what one device takes at a time; `accumulation` is how many of those go into one update.
    `found` is the quantity that was calculated, and `asked` the updates that were asked for if whole sizes
    can't come to exactly that many.
    """

    examples: int
    batch_size: int
    accumulation: int
    devices: int
    epochs: float
    updates: int
    keep_last: bool = True
    found: str = "updates"
    asked: int | None = None

    @property
    def examples_per_update(self) -> int:
        """How many examples a full update takes, over all devices and accumulated batches."""
        return self.batch_size * self.accumulation * self.devices

    @property
    def updates_per_epoch(self) -> int:
        """How many updates an epoch has; 0 if a dropped last batch is all there is."""
        whole, rest = divmod(self.examples, self.examples_per_update)
        return whole + (1 if rest and self.keep_last else 0)

    @property
    def examples_left(self) -> int:
        """How many examples are in an epoch's last short update; 0 if they divide evenly."""
        return self.examples % self.examples_per_update

    @property
    def rounding(self) -> str:
        """What happens at the end of an epoch, in words."""
        if not self.examples_left:
            return "the examples divide evenly into updates"
        if self.keep_last:
            return f"the last update of an epoch is kept: it has {self.examples_left:,} examples"
        return f"the last {self.examples_left:,} examples of an epoch are dropped"


def solve(
    *,
    examples: int | None = None,
    batch_size: int | None = None,
    accumulation: int | None = 1,
    devices: int | None = 1,
    epochs: float | None = None,
    updates: int | None = None,
    keep_last: bool = True,
) -> Units:
    """Return all quantities, the one that is None calculated from the others.

    Updates come out whole, halves rounded up, as for a Horizon. A size that can't come to exactly the updates
    asked for is the smallest that needs no more of them (`batch_size`, `accumulation`, `devices`), or the
    fewest examples that make at least as many.

    Args:
        examples: In one epoch.
        batch_size: On one device, at one time.
        accumulation: How many batches go into one update.
        devices: How many work in parallel on batches of their own.
        epochs: How often the examples are seen.
        updates: Optimizer steps.
        keep_last: Whether the last short update of an epoch is made, or its examples dropped.

    Raises:
        ScheduleError: Not exactly one quantity is unknown, or one is out of range; `parameter` names it.
    """
    given = {
        "examples": examples,
        "batch_size": batch_size,
        "accumulation": accumulation,
        "devices": devices,
        "epochs": epochs,
        "updates": updates,
    }
    unknown = [name for name, value in given.items() if value is None]
    if not unknown:
        raise ScheduleError("leave out the quantity to calculate: all six are given")
    if len(unknown) > 1:
        raise ScheduleError(f"leave out one quantity only: {' and '.join(map(_words, unknown))} are unknown")
    for name, value in given.items():
        if value is not None:
            _check(name, value)
    known = {name: 1 if value is None else value for name, value in given.items()}
    start = Units(**known, keep_last=keep_last, found=unknown[0])  # type: ignore[arg-type]
    if unknown[0] == "updates":
        return replace(start, updates=_updates(start))
    if unknown[0] == "epochs":
        _some(start)
        return replace(start, epochs=start.updates / start.updates_per_epoch)
    return _size(start, unknown[0])


def _size(start: Units, name: str) -> Units:
    """Return `start` with the whole number `name` that comes nearest to its updates from the safe side."""

    def at(size: int) -> int:
        units = replace(start, **{name: size})  # type: ignore[arg-type]
        return round_half_up(exact(units.epochs) * units.updates_per_epoch)

    if name == "examples":
        size = _first(lambda value: at(value) >= start.updates)
    else:
        size = _first(lambda value: at(value) <= start.updates)
    found = replace(start, **{name: size})  # type: ignore[arg-type]
    made = _updates(found)
    return replace(found, updates=made, asked=None if made == start.updates else start.updates)


def _first(good: Callable[[int], bool]) -> int:
    """Return the smallest whole number that is good, if all larger ones are."""
    high = 1
    while not good(high):
        high *= 2
        if high > MOST:
            raise ScheduleError("no whole number comes to that many updates")
    low = high // 2
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if good(middle) else (middle, high)
    return high


def _updates(units: Units) -> int:
    _some(units)
    return max(round_half_up(exact(units.epochs) * units.updates_per_epoch), 1)


def _some(units: Units) -> None:
    if units.updates_per_epoch < 1:
        raise ScheduleError(
            f"an epoch of {units.examples:,} examples has no whole update of {units.examples_per_update:,}: "
            "keep the last short batch, or make the batches smaller",
            parameter="batch_size",
        )


def _check(name: str, value: object) -> None:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise ScheduleError(f"{_words(name)} must be a number, not {shorten(repr(value))}", parameter=name)
    if name != "epochs" and value != int(value):
        raise ScheduleError(
            f"{_words(name)} must be a whole number, not {plain_number(value)}", parameter=name
        )
    if value <= 0 or value > MOST:
        bound = "more than 0" if value <= 0 else "at most 1e15"
        raise ScheduleError(f"{_words(name)} must be {bound}, not {plain_number(value)}", parameter=name)


def _words(name: str) -> str:
    return name.replace("_", " ")
