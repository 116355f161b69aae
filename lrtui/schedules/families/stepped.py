"""Families made of pieces: step (a fall every so often) and piecewise (points, joined as one likes)."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from lrtui.schedules.core import MANY_CORNERS, Rates, Shape, Updates
from lrtui.schedules.errors import ScheduleError
from lrtui.schedules.horizon import Horizon, Length
from lrtui.schedules.parameters import choice, length, lengths, number, rate, rates, steps
from lrtui.schedules.registry import Dialect, register
from lrtui.schedules.source import blend_code
from lrtui.schedules.source import number as number_code


@register(
    "step",
    title="Step",
    summary="Falls by a factor every so many updates.",
    formula="lr * gamma^floor(t / step_size)",
    references=("torch.optim.lr_scheduler.StepLR",),
    order=80,
    dialects={
        "torch": Dialect("StepLR(step_size, gamma)"),
        "timm": Dialect("StepLRScheduler(decay_t, decay_rate)"),
        "mxnet": Dialect("FactorScheduler(step, factor)", "It falls past a step: one update later."),
    },
)
@dataclass(frozen=True)
class Step(Shape):
    """`lr * gamma^floor(t / step_size)`: the first fall is at t = step_size, as in torch and timm."""

    lr: float = rate(0.1, "The rate before the first fall.")
    step_size: Length = length(Length(30, "percent"), "The time between falls.")
    gamma: float = number(
        0.1, "The factor at each fall; above 1 the rate grows.", minimum=0, exclusive_minimum=True
    )
    steps: Length | None = steps()

    def _curve(self, t: Updates, extent: int, horizon: Horizon) -> Rates:
        if self.lr == 0:
            return np.zeros(t.shape)
        falls = t // self._resolve("step_size", horizon)
        return self.lr * np.power(self.gamma, falls.astype(np.float64))

    def _code(self, extent: int, horizon: Horizon) -> str:
        if self.lr == 0:
            return "return 0.0"
        falls = f"(t // {self._resolve('step_size', horizon)})"
        return f"return {number_code(self.lr)} * {number_code(self.gamma)} ** {falls}"

    def _corners(self, span: int, horizon: Horizon) -> list[int]:
        falls = range(0, self._extent(span, horizon) + 1, self._resolve("step_size", horizon))
        return list(falls[: MANY_CORNERS + 1])


@register(
    "piecewise",
    title="Piecewise",
    summary="Through given points, joined by steps, straight lines or half cosines.",
    formula="lr at t = 0, levels[i] at points[i], and between them as interpolation says",
    references=(
        "optax.piecewise_constant_schedule and optax.piecewise_interpolate_schedule",
        "keras.optimizers.schedules.PiecewiseConstantDecay",
    ),
    aliases=("piecewise_constant",),
    order=95,
    dialects={
        "optax": Dialect(
            "piecewise_interpolate_schedule(interpolate_type, init_value, boundaries_and_scales)",
            "Scales multiply what was before; levels here are rates. piecewise_constant_schedule for steps.",
        ),
        "keras": Dialect(
            "PiecewiseConstantDecay(boundaries, values)",
            "Each boundary still belongs to the piece before it, and acts one update later.",
            deliberate=True,
        ),
    },
)
@dataclass(frozen=True)
class Piecewise(Shape):
    """The rate is `lr` at first and `levels[i]` from update `points[i]` on (step), or at it (linear, cosine).

    Points stand in time order, one for each level; two points at one update make a jump. After the last point
    the rate holds.
    """

    lr: float = rate(0.1, "The rate at the start.")
    points: tuple[Length, ...] = lengths(
        (Length(50, "percent"), Length(75, "percent")), "When, counted from the phase's start."
    )
    levels: tuple[float, ...] = rates((0.01, 0.001), "The rate at each point.")
    interpolation: str = choice("step", "How points are joined.", ("step", "linear", "cosine"))
    steps: Length | None = steps()

    def _check_together(self) -> None:
        if len(self.points) != len(self.levels):
            raise ScheduleError(
                f"levels must have one rate for each point, not {len(self.levels)} for {len(self.points)}",
                family="piecewise",
                parameter="levels",
            )

    def _times(self, horizon: Horizon) -> list[int]:
        times = [point.resolve(horizon) for point in self.points]
        for index, (here, after) in enumerate(pairwise(times)):
            if after < here:
                raise ScheduleError(
                    f"points must be in time order: {self.points[index + 1]} is before {self.points[index]}",
                    family="piecewise",
                    parameter="points",
                )
        return times

    def _curve(self, t: Updates, extent: int, horizon: Horizon) -> Rates:
        times = np.array([0, *self._times(horizon)], dtype=np.int64)
        levels = np.array([self.lr, *self.levels])
        index = np.searchsorted(times[1:], t, side="right")
        here = levels[index]
        if self.interpolation == "step":
            return np.asarray(here)
        after = np.minimum(index + 1, times.size - 1)
        there, gap = levels[after], times[after] - times[index]
        # Past the last point there is no gap, and `here` is the last level.
        left = np.where(gap > 0, (times[after] - t) / np.maximum(gap, 1), 1.0)
        if self.interpolation == "cosine":
            left = np.sin((0.5 * np.pi) * left) ** 2
        mixed = here * left + there * (1.0 - left)
        return np.clip(mixed, np.minimum(here, there), np.maximum(here, there))

    def _code(self, extent: int, horizon: Horizon) -> str:
        times, levels = [0, *self._times(horizon)], [self.lr, *self.levels]
        lines = []
        for index in range(len(self.points)):
            here, after = times[index], times[index + 1]
            if after == here:
                continue  # a jump
            lines.append(f"if t < {after}:")
            if self.interpolation == "step" or levels[index] == levels[index + 1]:
                lines.append(f"    return {number_code(levels[index])}")
                continue
            left = f"left = ({after} - t) / {after - here}"
            if self.interpolation == "cosine":
                left = f"left = math.sin(0.5 * math.pi * ({after} - t) / {after - here}) ** 2"
            lines += [f"    {left}", f"    return {blend_code(levels[index], levels[index + 1], 'left')}"]
        return "\n".join([*lines, f"return {number_code(levels[-1])}"])

    def _corners(self, span: int, horizon: Horizon) -> list[int]:
        return self._times(horizon)
