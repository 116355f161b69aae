"""Combinators: a schedule made from another one. floor, per_epoch and repeat."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from lrtui.schedules.core import MANY_CORNERS, Rates, Schedule, Updates
from lrtui.schedules.errors import ScheduleError
from lrtui.schedules.growing import check_growth, cycle_starts, powers, whole_starts
from lrtui.schedules.horizon import Horizon, Length, round_half_up
from lrtui.schedules.parameters import count, inner, length, number, rate
from lrtui.schedules.registry import register
from lrtui.schedules.source import Source
from lrtui.schedules.source import number as number_code

MOST_CYCLES = 10**6
MOST_GROWING = 1000


def _scaled(rates: Rates, decay: float, index: Updates) -> Rates:
    """Return `rates * decay^index`; a rate of 0 stays 0, also where the power overflows."""
    scales = powers(decay, index)
    scaled = rates * scales
    return scaled if np.isfinite(scales).all() else np.where(rates == 0.0, 0.0, scaled)


def _grows(schedule: Schedule) -> bool:
    """Whether there is a repeat with growth anywhere in a schedule."""
    if isinstance(schedule, Repeat) and schedule.growth != 1.0:
        return True
    return any(_grows(part) for part in schedule.parts_within)


@register(
    "floor",
    title="Floor",
    summary="Never below a minimum.",
    formula="max(schedule(t), minimum)",
    references=("Dive into Deep Learning, Learning Rate Scheduling (factor scheduler's stop_factor_lr)",),
    role="combinator",
    order=300,
)
@dataclass(frozen=True)
class Floor(Schedule):
    """`max(schedule(t), minimum)` at every update."""

    schedule: Schedule = inner("The schedule to keep up.")
    minimum: float = rate(0.0, "The least rate.")

    def length(self, horizon: Horizon) -> int | None:
        """Return the schedule's own length."""
        return self.schedule.length(horizon)

    def _at(self, t: Updates, span: int, horizon: Horizon) -> Rates:
        return np.maximum(self.schedule._at(t, span, horizon), self.minimum)

    def _source(self, code: Source, span: int, horizon: Horizon) -> str:
        return f"return max({code.define(self.schedule, span, horizon)}(t), {number_code(self.minimum)})"

    def _corners(self, span: int, horizon: Horizon) -> list[int]:
        return self.schedule._corners(span, horizon)


@register(
    "per_epoch",
    title="Per epoch",
    summary="Holds the rate for a whole epoch, as the chapter does.",
    formula="schedule(t - t mod steps_per_epoch)",
    references=("Dive into Deep Learning, Learning Rate Scheduling",),
    role="combinator",
    order=320,
)
@dataclass(frozen=True)
class PerEpoch(Schedule):
    """The schedule's rate at the first update of each epoch of its own clock, held for the epoch."""

    schedule: Schedule = inner("The schedule to hold still within each epoch.")

    def length(self, horizon: Horizon) -> int | None:
        """Return the schedule's own length."""
        return self.schedule.length(horizon)

    def _epoch(self, horizon: Horizon) -> int:
        if horizon.steps_per_epoch is None:
            raise ScheduleError(
                "per_epoch needs to know how many updates an epoch has (steps per epoch)", family="per_epoch"
            )
        return horizon.steps_per_epoch

    def _at(self, t: Updates, span: int, horizon: Horizon) -> Rates:
        epoch = self._epoch(horizon)
        return self.schedule._at(t // epoch * epoch, span, horizon)

    def _source(self, code: Source, span: int, horizon: Horizon) -> str:
        epoch = self._epoch(horizon)
        inside = code.define(self.schedule, span, horizon)
        return f"return {inside}(t - t % {epoch})  # the rate at the start of the epoch"

    def _corners(self, span: int, horizon: Horizon) -> list[int]:
        epoch = self._epoch(horizon)
        held = [-(-corner // epoch) * epoch for corner in self.schedule._corners(span, horizon)]
        stairs = range(epoch, span, epoch)
        return held + (list(stairs) if len(stairs) <= 500 else [])


@register(
    "repeat",
    title="Repeat",
    summary="The same again and again, each cycle scaled by a factor.",
    formula="schedule(t mod L) * decay^(t div L), where L is the schedule's length",
    references=("Loshchilov and Hutter, SGDR (2017), arXiv:1608.03983",),
    role="combinator",
    order=340,
)
@dataclass(frozen=True)
class Repeat(Schedule):
    """Cycles of a schedule.

    A schedule with a length of its own repeats at that length: `cycles` times, or for ever. One without fills
    cycles of `cycle` updates, or divides the time there is into `cycles` equal whole cycles; the updates left
    over hold the last value. With `growth`, cycle k is `cycle * growth^k` long.
    """

    schedule: Schedule = inner("The schedule of one cycle.")
    cycles: int | None = count(None, "How many cycles; left out, for ever.", minimum=1, maximum=MOST_CYCLES)
    decay: float = number(1.0, "The factor from one cycle to the next.", minimum=0, exclusive_minimum=True)
    cycle: Length | None = length(None, "The length of the (first) cycle, for a schedule without steps.")
    growth: float = number(1.0, "The factor from one cycle's length to the next.", minimum=1, maximum=100)

    def _check_together(self) -> None:
        check_growth(self.growth, "repeat")
        is_open = self.schedule.length(Horizon(1, 1)) is None
        if self.cycle is not None and not is_open:
            raise ScheduleError(
                "cycle= is for a schedule without a length of its own: leave out one of the two",
                family="repeat",
                parameter="cycle",
            )
        if self.growth != 1.0 and self.cycle is None:
            raise ScheduleError(
                "growth needs cycle=, the length of the first cycle", family="repeat", parameter="growth"
            )
        if self.growth != 1.0 and _grows(self.schedule):
            # Cycles in cycles multiply: a few levels come to as many pieces as there are updates.
            raise ScheduleError(
                "a repeat with growth can't be inside another one", family="repeat", parameter="growth"
            )
        if self.cycles is not None and self.growth != 1.0 and self.cycles > MOST_GROWING:
            raise ScheduleError(
                f"growing cycles are at most {MOST_GROWING}", family="repeat", parameter="cycles"
            )
        if self.cycles is None and is_open and self.cycle is None:
            raise ScheduleError(
                "repeat needs cycles=, cycle=, or a steps= in the schedule, to know how long a cycle is",
                family="repeat",
                parameter="cycles",
            )

    def length(self, horizon: Horizon) -> int | None:
        """Return the length of all cycles, or None if either their number or their length is open."""
        own = self._own(horizon)
        if own is None or self.cycles is None:
            return None
        if self.growth != 1.0:
            return round_half_up(cycle_starts(max(own, 1), self.growth, count=self.cycles)[-1])
        return max(own, 1) * self.cycles

    def _own(self, horizon: Horizon) -> int | None:
        return self.schedule.length(horizon) if self.cycle is None else self.cycle.resolve(horizon)

    def _cycle(self, span: int, horizon: Horizon) -> int:
        own = self._own(horizon)
        if own is None:
            assert self.cycles is not None  # _check_together
            own = span // self.cycles
        return max(own, 1)

    def _at(self, t: Updates, span: int, horizon: Horizon) -> Rates:
        if self.growth != 1.0:
            return self._growing_at(t, horizon)
        cycle = self._cycle(span, horizon)
        index = t // cycle
        if self.cycles is not None:
            # At the end of the last cycle local time is a whole cycle, not the start of one more.
            index = np.minimum(index, self.cycles - 1)
        local = np.minimum(t - index * cycle, cycle)
        if cycle < t.size:
            # Short cycles: one is worked out, and its rates are handed round.
            once = self.schedule._at(np.arange(cycle + 1, dtype=np.int64), cycle, horizon)
            rates = np.asarray(once[local])
        else:
            rates = self.schedule._at(local, cycle, horizon)
        if self.decay == 1.0:
            return rates
        return _scaled(rates, self.decay, index)

    def _growing_at(self, t: Updates, horizon: Horizon) -> Rates:
        starts = whole_starts(self._cycle(1, horizon), self.growth, self.cycles)
        # In order of time each cycle's updates are a stretch: the cost is linear, however many there are.
        flat = t.reshape(-1)
        order = None if (flat[1:] >= flat[:-1]).all() else np.argsort(flat, kind="stable")
        sorted_t = flat if order is None else flat[order]
        rates = np.empty(flat.shape)
        place = 0
        while place < flat.size:
            k = int(np.searchsorted(starts[1:-1], sorted_t[place], side="right"))
            start, end = int(starts[k]), int(starts[k + 1])
            last = k + 2 == starts.size
            after = flat.size if last else int(np.searchsorted(sorted_t, end, side="left"))
            local = np.minimum(sorted_t[place:after] - start, end - start)
            piece = self.schedule._at(local, end - start, horizon)
            rates[place:after] = piece if self.decay == 1.0 else _scaled(piece, self.decay, np.full(1, k))
            place = after
        if order is not None:
            back = np.empty(flat.shape)
            back[order] = rates
            rates = back
        return np.asarray(rates.reshape(t.shape))

    def _starts(self, until: int, horizon: Horizon) -> list[int]:
        """Return the updates at which cycles start, and the end of the last one."""
        first = self._cycle(1, horizon)
        starts = cycle_starts(first, self.growth, until=until, count=self.cycles)
        return [round_half_up(start) for start in starts]

    def _source(self, code: Source, span: int, horizon: Horizon) -> str:
        if self.growth != 1.0:
            return self._growing_source(code, span, horizon)
        cycle = self._cycle(span, horizon)
        inside = code.define(self.schedule, cycle, horizon)
        if self.cycles is None:
            index, local = f"cycle = t // {cycle}", f"t % {cycle}"
        else:
            index = f"cycle = min(t // {cycle}, {self.cycles - 1})"
            local = f"min(t - cycle * {cycle}, {cycle})"
        if self.decay == 1.0:
            return f"{index}\nreturn {inside}({local})"
        scaled = f"rate * {number_code(self.decay)} ** cycle if rate else 0.0"
        return f"{index}\nrate = {inside}({local})\nreturn {scaled}"

    def _growing_source(self, code: Source, span: int, horizon: Horizon) -> str:
        starts = self._starts(span, horizon)
        lines = []
        for index, (start, end) in enumerate(pairwise(starts)):
            size = end - start
            call = f"{code.define(self.schedule, size, horizon)}(min(t - {start}, {size}))"
            if self.decay != 1.0:
                call = f"{number_code(self.decay**index)} * {call}"
            last = index + 2 == len(starts)
            lines += [f"return {call}"] if last else [f"if t < {end}:", f"    return {call}"]
        return "\n".join(lines)

    def _corners(self, span: int, horizon: Horizon) -> list[int]:
        if self.growth != 1.0:
            corners = starts = self._starts(span, horizon)
            for start, end in pairwise(starts):
                if len(corners) > MANY_CORNERS:
                    break
                corners = corners + [
                    start + corner for corner in self.schedule._corners(end - start, horizon)
                ]
            return corners
        cycle = self._cycle(span, horizon)
        within = [0, *self.schedule._corners(cycle, horizon)]
        cycles = -(-span // cycle) + 1
        if self.cycles is not None:
            cycles = min(cycles, self.cycles)
        if cycles * len(within) > MANY_CORNERS:
            return [0] * (MANY_CORNERS + 1)  # too many to list: whoever samples looks at every update instead
        return [k * cycle + corner for k in range(cycles) for corner in within] + [cycles * cycle]
