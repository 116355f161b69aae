"""Combinators that change a schedule's clock or cover its start: ceiling, every, offset and masked_warmup."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lrtui.schedules.core import MANY_CORNERS, Rates, Schedule, Updates, blend
from lrtui.schedules.horizon import Horizon, Length
from lrtui.schedules.parameters import inner, length, rate
from lrtui.schedules.registry import Dialect, register
from lrtui.schedules.source import Source, blend_code, indented
from lrtui.schedules.source import number as number_code


class _Wrapper(Schedule):
    """A combinator that is as long as the schedule in it."""

    schedule: Schedule

    def length(self, horizon: Horizon) -> int | None:
        """Return the schedule's own length."""
        return self.schedule.length(horizon)

    def _corners(self, span: int, horizon: Horizon) -> list[int]:
        return self.schedule._corners(span, horizon)


@register(
    "ceiling",
    title="Ceiling",
    summary="Never above a maximum.",
    formula="min(schedule(t), maximum)",
    references=("lrtui",),
    role="combinator",
    order=310,
)
@dataclass(frozen=True)
class Ceiling(_Wrapper):
    """`min(schedule(t), maximum)` at every update."""

    schedule: Schedule = inner("The schedule to keep down.")
    maximum: float = rate(1.0, "The greatest rate.")

    def _at(self, t: Updates, span: int, horizon: Horizon) -> Rates:
        return np.minimum(self.schedule._at(t, span, horizon), self.maximum)

    def _source(self, code: Source, span: int, horizon: Horizon) -> str:
        return f"return min({code.define(self.schedule, span, horizon)}(t), {number_code(self.maximum)})"


@register(
    "every",
    title="Every",
    summary="Holds the rate for so many updates at a time: a staircase of any schedule.",
    formula="schedule(t - t mod interval)",
    references=("keras (staircase=True)", "optax.exponential_decay (staircase=True)"),
    role="combinator",
    order=330,
)
@dataclass(frozen=True)
class Every(_Wrapper):
    """The schedule's rate at the first update of each interval of its own clock; `per_epoch` is every 1ep."""

    schedule: Schedule = inner("The schedule to hold still within each interval.")
    interval: Length = length(Length(1, "percent"), "How long each stair is.")

    def _interval(self, horizon: Horizon) -> int:
        return max(self.interval.resolve(horizon), 1)

    def _at(self, t: Updates, span: int, horizon: Horizon) -> Rates:
        interval = self._interval(horizon)
        return self.schedule._at(t // interval * interval, span, horizon)

    def _source(self, code: Source, span: int, horizon: Horizon) -> str:
        return f"return {code.define(self.schedule, span, horizon)}(t - t % {self._interval(horizon)})"

    def _corners(self, span: int, horizon: Horizon) -> list[int]:
        interval = self._interval(horizon)
        held = [-(-corner // interval) * interval for corner in self.schedule._corners(span, horizon)]
        stairs = range(interval, span, interval)
        return held + (list(stairs) if len(stairs) <= 500 else [])


@register(
    "offset",
    title="Offset",
    summary="What is left of a schedule after some time: the rest of a training that was interrupted.",
    formula="schedule(t + by)",
    references=("torch.optim.lr_scheduler (last_epoch)",),
    aliases=("resume",),
    role="combinator",
    order=350,
)
@dataclass(frozen=True)
class Offset(Schedule):
    """The schedule from update `by` of its own clock on.

    An open schedule is given the time there is and `by` as well: on the updates that remain of a training,
    `offset(schedule, done)` is what the uninterrupted schedule would have gone on with. Its percentages and
    those of `by` are of the horizon at hand.
    """

    schedule: Schedule = inner("The schedule that was under way.")
    by: Length = length(Length(0), "How much of it is already over.", zero=True)

    def length(self, horizon: Horizon) -> int | None:
        """Return what remains of the schedule's own length."""
        own = self.schedule.length(horizon)
        return None if own is None else max(own - self.by.resolve(horizon), 0)

    def _at(self, t: Updates, span: int, horizon: Horizon) -> Rates:
        by = self.by.resolve(horizon)
        return self.schedule._at(t + by, span + by, horizon)

    def _source(self, code: Source, span: int, horizon: Horizon) -> str:
        by = self.by.resolve(horizon)
        return f"return {code.define(self.schedule, span + by, horizon)}(t + {by})"

    def _corners(self, span: int, horizon: Horizon) -> list[int]:
        by = self.by.resolve(horizon)
        corners = self.schedule._corners(span + by, horizon)
        if len(corners) > MANY_CORNERS:
            return corners
        return [corner - by for corner in corners if corner >= by]


@register(
    "masked_warmup",
    title="Masked warmup",
    summary="A warmup in front of a schedule whose clock runs on behind it, as timm does by default.",
    formula="start_lr + (schedule(0) - start_lr) * t / warmup while t < warmup, then schedule(t)",
    references=("timm.scheduler (warmup_prefix=False)",),
    role="combinator",
    order=360,
    dialects={
        "timm": Dialect("warmup_t with warmup_prefix=False"),
    },
)
@dataclass(frozen=True)
class MaskedWarmup(_Wrapper):
    """The schedule's first `warmup` updates are covered by a rise to its first rate.

    At the hand-over the rate drops by what the schedule has fallen meanwhile, unlike `warmup(n) >> schedule`.
    """

    schedule: Schedule = inner("The schedule behind the warmup.")
    warmup: Length = length(Length(5, "percent"), "How long the rise lasts.", zero=True)
    start_lr: float = rate(0.0, "The rate at the very first update.")

    def _at(self, t: Updates, span: int, horizon: Horizon) -> Rates:
        warmup = self.warmup.resolve(horizon)
        covered = t < warmup
        if not covered.any():
            return self.schedule._at(t, span, horizon)
        # Only what shows is evaluated: twice a level would be 2^depth for nested ones.
        rates = np.empty(t.shape)
        if not covered.all():
            rates[~covered] = self.schedule._at(t[~covered], span, horizon)
        peak = float(self.schedule._at(np.zeros(1, dtype=np.int64), span, horizon)[0])
        return np.where(covered, blend(self.start_lr, peak, (warmup - np.minimum(t, warmup)) / warmup), rates)

    def _source(self, code: Source, span: int, horizon: Horizon) -> str:
        warmup = self.warmup.resolve(horizon)
        inside = code.define(self.schedule, span, horizon)
        if not warmup:
            return f"return {inside}(t)"
        rise = f"peak = {inside}(0)\nleft = ({warmup} - t) / {warmup}"
        rise = f"{rise}\nreturn {blend_code(self.start_lr, 'peak', 'left')}"
        return f"if t < {warmup}:\n{indented(rise)}\nreturn {inside}(t)  # its clock ran on"

    def _corners(self, span: int, horizon: Horizon) -> list[int]:
        return [self.warmup.resolve(horizon), *self.schedule._corners(span, horizon)]
