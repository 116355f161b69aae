"""Families that fall like one over time or its root, some with their own rise.

Those with a warmup of their own are here for people who know them by name; the algebra says the
same with `warmup(n) >> inverse_power(…)`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from lrtui.schedules.core import Rates, Shape, Updates
from lrtui.schedules.errors import ScheduleError
from lrtui.schedules.horizon import Horizon, Length
from lrtui.schedules.parameters import choice, count, length, number, rate, steps
from lrtui.schedules.registry import Dialect, register
from lrtui.schedules.source import number as number_code


@register(
    "inverse_time",
    title="Inverse time",
    summary="One over time, smoothly or in stairs.",
    formula="lr / (1 + decay_rate * t / decay_steps)",
    references=("keras.optimizers.schedules.InverseTimeDecay",),
    aliases=("inverse_time_decay",),
    order=100,
    dialects={
        "keras": Dialect("InverseTimeDecay(decay_steps, decay_rate, staircase)"),
    },
)
@dataclass(frozen=True)
class InverseTime(Shape):
    """`lr / (1 + decay_rate * t / decay_steps)`; in stairs, t / decay_steps is rounded down."""

    lr: float = rate(0.1, "The rate at the start.")
    decay_rate: float = number(1.0, "How fast it falls.", minimum=0)
    decay_steps: Length = length(Length(10, "percent"), "The time that counts as one.")
    staircase: str = choice("no", "Whether it falls in stairs, decay_steps long.", ("no", "yes"))
    steps: Length | None = steps()

    def _curve(self, t: Updates, extent: int, horizon: Horizon) -> Rates:
        unit = self._resolve("decay_steps", horizon)
        passed = t // unit if self.staircase == "yes" else t / unit
        return np.asarray(self.lr / (1.0 + self.decay_rate * passed))

    def _code(self, extent: int, horizon: Horizon) -> str:
        divided = "//" if self.staircase == "yes" else "/"
        passed = f"(t {divided} {self._resolve('decay_steps', horizon)})"
        return f"return {number_code(self.lr)} / (1.0 + {number_code(self.decay_rate)} * {passed})"


@register(
    "inverse_sqrt",
    title="Inverse square root",
    summary="Rises in a straight line, then falls like one over the square root of time.",
    formula="lr * t / warmup while t < warmup, then lr * sqrt(timescale / (t - warmup + timescale))",
    references=(
        "transformers.get_inverse_sqrt_schedule",
        "Zhai et al., Scaling Vision Transformers (2022), arXiv:2106.04560",
    ),
    aliases=("rsqrt",),
    order=110,
    dialects={
        "transformers": Dialect(
            "inverse_sqrt(timescale)",
            "With a warmup of 0 it silently takes a timescale of 10,000.",
        ),
        "pytorch_scheduler": Dialect("InverseSqrtScheduler(warmup_steps)"),
    },
)
@dataclass(frozen=True)
class InverseSqrt(Shape):
    """The peak is `lr`, at t = warmup.

    `timescale` is the warmup's length unless given, which makes the fall `lr * sqrt(warmup / t)`. With no
    warmup it must be given, where transformers silently takes 10,000.
    """

    lr: float = rate(0.1, "The peak rate.")
    warmup: Length = length(Length(5, "percent"), "How long the rise lasts.", zero=True)
    timescale: Length | None = length(None, "The time scale of the fall; left out, the warmup's length.")
    steps: Length | None = steps()

    def _curve(self, t: Updates, extent: int, horizon: Horizon) -> Rates:
        warmup = self.warmup.resolve(horizon)
        scale = warmup if self.timescale is None else self._resolve("timescale", horizon)
        if scale < 1:
            raise ScheduleError(
                "inverse_sqrt without a warmup needs timescale=", family="inverse_sqrt", parameter="timescale"
            )
        fall = self.lr * np.sqrt(scale / (np.maximum(t - warmup, 0) + float(scale)))
        return np.where(t < warmup, self.lr * (t / max(warmup, 1)), fall)

    def _code(self, extent: int, horizon: Horizon) -> str:
        warmup = self.warmup.resolve(horizon)
        scale = warmup if self.timescale is None else self._resolve("timescale", horizon)
        fall = f"return {number_code(self.lr)} * math.sqrt({scale} / (t - {warmup} + {scale}))"
        if not warmup:
            return fall
        return f"if t < {warmup}:\n    return {number_code(self.lr)} * (t / {warmup})\n{fall}"

    def _corners(self, span: int, horizon: Horizon) -> list[int]:
        return [self.warmup.resolve(horizon)]


@register(
    "noam",
    title="Noam",
    summary="The first transformer's schedule: a rise, then one over the square root of time.",
    formula="lr * d_model^-0.5 * min(n^-0.5, n * warmup^-1.5), n = t + 1",
    references=("Vaswani et al., Attention Is All You Need (2017), arXiv:1706.03762", "OpenNMT"),
    order=120,
)
@dataclass(frozen=True)
class Noam(Shape):
    """`lr * d_model^-0.5 * min(n^-0.5, n warmup^-1.5)` with n = t + 1, so that no update has rate 0.

    `lr` is the paper's factor, not the peak; the peak is `lr / sqrt(d_model * warmup)`.
    """

    lr: float = rate(0.1, "The factor in front; the peak is lr / sqrt(d_model * warmup).")
    d_model: int = count(512, "The model's width.", minimum=1)
    warmup: Length = length(Length(4000), "How long the rise lasts.")
    steps: Length | None = steps()

    def _curve(self, t: Updates, extent: int, horizon: Horizon) -> Rates:
        n = t + 1.0
        warmup = float(self._resolve("warmup", horizon))
        factor = self.lr / math.sqrt(self.d_model)
        return np.asarray(factor * np.minimum(1.0 / np.sqrt(n), n * warmup**-1.5))

    def _code(self, extent: int, horizon: Horizon) -> str:
        warmup = self._resolve("warmup", horizon)
        factor = f"{number_code(self.lr)} / math.sqrt({self.d_model})"
        rise = f"n * {number_code(float(warmup))} ** -1.5"
        return f"n = t + 1.0\nreturn {factor} * min(1.0 / math.sqrt(n), {rise})"

    def _corners(self, span: int, horizon: Horizon) -> list[int]:
        return [self.warmup.resolve(horizon) - 1]


@register(
    "power_law",
    title="Power law",
    summary="A power of the tokens seen so far, capped: independent of how long the training is.",
    formula="min(lr, amplitude * (tokens * t)^-power)",
    references=("Shen et al., Power Scheduler (2024), arXiv:2408.13359",),
    aliases=("power",),
    order=130,
    dialects={"lm-engine": Dialect("power")},
)
@dataclass(frozen=True)
class PowerLaw(Shape):
    """`min(lr, amplitude * (tokens * t)^-power)`; at t = 0 the rate is `lr`."""

    lr: float = rate(0.1, "The most the rate may be.")
    amplitude: float = number(4.6, "The factor in front; the paper's 4.6 times the batch size.", minimum=0)
    power: float = number(0.51, "How fast it falls.", minimum=0)
    tokens: int = count(1, "Tokens (or examples) in one update.", minimum=1)
    steps: Length | None = steps()

    def _curve(self, t: Updates, extent: int, horizon: Horizon) -> Rates:
        seen = np.maximum(t, 1) * float(self.tokens)
        falling = self.amplitude * np.exp(-self.power * np.log(seen))  # a third of what a power costs
        return np.where(t == 0, self.lr, np.minimum(self.lr, falling))

    def _code(self, extent: int, horizon: Horizon) -> str:
        seen = "t" if self.tokens == 1 else f"({float(self.tokens)!r} * t)"
        fall = f"{number_code(self.amplitude)} * {seen} ** {number_code(-self.power)}"
        start = f"if t == 0:\n    return {number_code(self.lr)}"
        return f"{start}\nreturn min({number_code(self.lr)}, {fall})"
