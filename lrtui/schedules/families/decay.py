"""Families that decay without aiming at an end: exponential, inverse_power and multistep.

They have no `final_lr`; with `steps` they stop decaying there and hold.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from lrtui.schedules.core import Rates, Shape, Updates
from lrtui.schedules.growing import whole_powers
from lrtui.schedules.horizon import Horizon, Length
from lrtui.schedules.parameters import choice, length, lengths, number, rate, steps
from lrtui.schedules.registry import Dialect, register
from lrtui.schedules.source import number as number_code


@register(
    "exponential",
    title="Exponential",
    summary="Multiplied by the same factor again and again.",
    formula="lr * gamma^(t / decay_steps)",
    references=(
        "torch.optim.lr_scheduler.ExponentialLR",
        "Dive into Deep Learning, Learning Rate Scheduling (factor scheduler)",
    ),
    aliases=("factor",),
    order=60,
    dialects={
        "torch": Dialect(
            "ExponentialLR(gamma)",
            "gamma is applied at every step() call, mostly called once an epoch: decay_steps=1ep.",
        ),
        "keras": Dialect("ExponentialDecay(decay_steps, decay_rate, staircase)"),
        "optax": Dialect("exponential_decay(transition_steps, decay_rate, staircase, end_value)"),
        "djl": Dialect("FactorTracker(baseValue, factor, min)", "Its floor is rounded to a whole update."),
        "fastai": Dialect("SchedExp(start, end)", "gamma is end / start over the whole phase."),
    },
)
@dataclass(frozen=True)
class Exponential(Shape):
    """`lr * gamma^(t / decay_steps)`; gamma above 1 grows (a range test).

    In stairs, t / decay_steps is rounded down. With `final_lr` the rate goes no further than that: a floor
    for gamma below 1, a ceiling above it, as optax's end_value.
    """

    lr: float = rate(0.1, "The rate at the start.")
    gamma: float = number(
        0.95, "The factor over decay_steps; above 1 the rate grows.", minimum=0, exclusive_minimum=True
    )
    decay_steps: Length = length(Length(1), "The time in which gamma is applied once.")
    staircase: str = choice("no", "Whether it falls in stairs, decay_steps long.", ("no", "yes"))
    final_lr: float | None = rate(None, "Where it stops: a floor, or a ceiling when it grows.")
    steps: Length | None = steps()

    def _curve(self, t: Updates, extent: int, horizon: Horizon) -> Rates:
        unit = self._resolve("decay_steps", horizon)
        if self.lr == 0:
            rates = np.zeros(t.shape)  # also where gamma^t overflows
        elif self.staircase == "yes" or unit == 1:
            rates = self.lr * whole_powers(self.gamma, t // unit if unit > 1 else t)
        else:
            rates = self.lr * np.power(self.gamma, t / unit)
        if self.final_lr is None:
            return rates
        return np.maximum(rates, self.final_lr) if self.gamma < 1 else np.minimum(rates, self.final_lr)

    def _code(self, extent: int, horizon: Horizon) -> str:
        unit = self._resolve("decay_steps", horizon)
        power = "t" if unit == 1 else f"(t {'//' if self.staircase == 'yes' else '/'} {unit})"
        rate = f"{number_code(self.lr)} * {number_code(self.gamma)} ** {power}" if self.lr else "0.0"
        if self.final_lr is None:
            return f"return {rate}"
        if self.gamma > 1 and self.lr:
            # Python's power raises on overflow, where numpy's meets the ceiling: stop at it by its logarithm.
            growth = f"growth = {power} * {number_code(math.log(self.gamma))}"
            whole = f"{rate} if growth < 700.0 else {number_code(self.final_lr)}"
            return f"{growth}\nreturn min({whole}, {number_code(self.final_lr)})"
        return f"return {'max' if self.gamma < 1 else 'min'}({rate}, {number_code(self.final_lr)})"


@register(
    "inverse_power",
    title="Inverse power",
    summary="Falls like a power of time; with power 0.5 it is the chapter's square root.",
    formula="lr * (1 + t / timescale)^-power",
    references=(
        "Dive into Deep Learning, Learning Rate Scheduling (square root scheduler)",
        "Robbins and Monro, A Stochastic Approximation Method (1951)",
    ),
    aliases=("squareroot",),
    order=70,
)
@dataclass(frozen=True)
class InversePower(Shape):
    """`lr * (1 + t / timescale)^-power`."""

    lr: float = rate(0.1, "The rate at the start.")
    timescale: Length = length(Length(1), "The time after which 1 + t/timescale has grown to 2.")
    power: float = number(0.5, "How fast it falls; 0.5 is one over the square root.", minimum=0)
    steps: Length | None = steps()

    def _curve(self, t: Updates, extent: int, horizon: Horizon) -> Rates:
        return self.lr * (1.0 + t / self._resolve("timescale", horizon)) ** -self.power

    def _code(self, extent: int, horizon: Horizon) -> str:
        base = f"(1.0 + t / {self._resolve('timescale', horizon)})"
        return f"return {number_code(self.lr)} * {base} ** {number_code(-self.power)}"


@register(
    "multistep",
    title="Multi-step",
    summary="Falls by a factor at each milestone.",
    formula="lr * gamma^(number of milestones <= t)",
    references=(
        "torch.optim.lr_scheduler.MultiStepLR",
        "He et al., Deep Residual Learning (2016), arXiv:1512.03385",
    ),
    aliases=("multifactor",),
    order=90,
    dialects={
        "torch": Dialect("MultiStepLR(milestones, gamma)"),
        "timm": Dialect(
            "MultiStepLRScheduler(decay_t, decay_rate)",
            "Each milestone acts one update early: t >= m - 1.",
            deliberate=True,
        ),
        "keras": Dialect(
            "PiecewiseConstantDecay(boundaries, values)",
            "Each boundary acts one update late: t > m.",
            deliberate=True,
        ),
        "mxnet": Dialect("MultiFactorScheduler(step, factor)", "It falls past a step: one update later."),
        "djl": Dialect("MultiFactorTracker(steps, factor)", "It falls past a step: one update later."),
        "optax": Dialect(
            "piecewise_constant_schedule(init_value, boundaries_and_scales)",
            "The scales are cumulative.",
        ),
    },
)
@dataclass(frozen=True)
class MultiStep(Shape):
    """`lr * gamma^#{m <= t}`: milestones in any order, repeated ones count as often as they are given."""

    lr: float = rate(0.1, "The rate before the first milestone.")
    milestones: tuple[Length, ...] = lengths(
        (Length(50, "percent"), Length(75, "percent")),
        "When the rate changes, counted from the phase's start.",
    )
    gamma: float = number(
        0.1, "The factor at each milestone; above 1 the rate grows.", minimum=0, exclusive_minimum=True
    )
    steps: Length | None = steps()

    def _curve(self, t: Updates, extent: int, horizon: Horizon) -> Rates:
        milestones = np.sort(np.array(self._milestones(horizon), dtype=np.int64))
        levels = self.lr * np.power(self.gamma, np.arange(milestones.size + 1, dtype=np.float64))
        if self.lr == 0:
            levels = np.zeros(levels.shape)
        return np.asarray(levels[np.searchsorted(milestones, t, side="right")])

    def _code(self, extent: int, horizon: Horizon) -> str:
        milestones = sorted(self._milestones(horizon))
        if self.lr == 0 or not milestones:
            return f"return {number_code(self.lr)}"
        count = f"passed = sum(t >= milestone for milestone in {milestones})"
        return f"{count}\nreturn {number_code(self.lr)} * {number_code(self.gamma)} ** passed"

    def _milestones(self, horizon: Horizon) -> list[int]:
        return [milestone.resolve(horizon) for milestone in self.milestones]

    def _corners(self, span: int, horizon: Horizon) -> list[int]:
        return self._milestones(horizon)
