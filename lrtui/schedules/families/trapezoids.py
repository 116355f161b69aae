"""Families made of a few legs over one length: wsd, flat_cosine, slanted_triangular.

All of them could be written as sequences; these are the recipes by the names and parameters people know.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from lrtui.schedules.core import Rates, Shape, Updates, blend
from lrtui.schedules.fading import FADES, check_exponential, fade
from lrtui.schedules.horizon import Horizon, Length
from lrtui.schedules.parameters import choice, length, number, rate, steps
from lrtui.schedules.registry import Dialect, register
from lrtui.schedules.source import blend_code, fade_code, indented
from lrtui.schedules.source import number as number_code


@register(
    "wsd",
    title="Warmup, stable, decay",
    summary="A rise, a long plateau and a fall whose length doesn't depend on the plateau's.",
    formula="start_lr to lr over warmup, lr, then lr to final_lr over the last decay updates",
    references=(
        "Hu et al., MiniCPM (2024), arXiv:2404.06395",
        "Hägele et al., Scaling Laws Beyond Fixed Training Durations (2024), arXiv:2405.18392",
        "transformers.get_wsd_schedule",
    ),
    aliases=("trapezoidal", "warmup_stable_decay"),
    order=240,
    dialects={
        "transformers": Dialect(
            "warmup_stable_decay(num_decay_steps, num_stable_steps, min_lr_ratio)",
            "Its warmup starts at the least rate.",
        ),
        "timm": Dialect("WSDLRScheduler(t_initial, decay_t, stable_fn, decay_fn)"),
        "pytorch_optimizer": Dialect(
            "get_wsd_schedule(num_warmup_steps, num_stable_steps, num_decay_steps, cooldown_type)",
            "Its falls ignore min_lr_ratio unless they are cosines, and jump up to it at their end.",
            deliberate=True,
        ),
        "pytorch_scheduler": Dialect("WSDScheduler, TrapezoidalScheduler"),
    },
)
@dataclass(frozen=True)
class Wsd(Shape):
    """A trapezoid over the phase's length T: the rise ends at t = warmup, the fall starts at T - decay.

    Without room for both, the fall starts where the rise ends and is cut short in length, not in depth.
    """

    lr: float = rate(0.1, "The rate of the plateau.")
    warmup: Length = length(Length(5, "percent"), "How long the rise lasts.", zero=True)
    decay: Length = length(Length(20, "percent"), "How long the fall lasts.", zero=True)
    shape: str = choice("linear", "The shape of the fall; sqrt is 1 - sqrt(z), square 1 - z^2.", FADES)
    start_lr: float = rate(0.0, "The rate at the very first update.")
    final_lr: float = rate(0.0, "The rate at the end.")
    steps: Length | None = steps()

    def _check_together(self) -> None:
        if self.shape == "exponential":
            check_exponential(self.lr, self.final_lr)

    def _joins(self, extent: int, horizon: Horizon) -> tuple[int, int]:
        warmup = self.warmup.resolve(horizon)
        return warmup, max(extent - self.decay.resolve(horizon), min(warmup, extent))

    def _curve(self, t: Updates, extent: int, horizon: Horizon) -> Rates:
        warmup, fall = self._joins(extent, horizon)
        rates = np.full(t.shape, self.lr)
        rising = t < warmup
        if rising.any():
            rates[rising] = blend(self.start_lr, self.lr, (warmup - t[rising]) / warmup)
        falling = (t > fall) & ~rising
        if falling.any():
            past = (t[falling] - fall).astype(np.float64)
            rates[falling] = fade(self.shape, self.lr, self.final_lr, past, extent - fall)
        return rates

    def _code(self, extent: int, horizon: Horizon) -> str:
        warmup, fall = self._joins(extent, horizon)
        lines = []
        if warmup:
            rise = f"left = ({warmup} - t) / {warmup}\nreturn {blend_code(self.start_lr, self.lr, 'left')}"
            lines += [f"if t < {warmup}:", indented(rise)]
        lines += [f"if t <= {fall}:", f"    return {number_code(self.lr)}"]
        if extent > fall:
            lines.append(f"past = t - {fall}")
            lines.append(fade_code(self.shape, self.lr, self.final_lr, "past", extent - fall))
        return "\n".join(lines)

    def _corners(self, span: int, horizon: Horizon) -> list[int]:
        return list(self._joins(self._extent(span, horizon), horizon))


@register(
    "flat_cosine",
    title="Flat, then cosine",
    summary="Holds the rate, then lets it fall along half a cosine.",
    formula="lr while z < flat, then a cosine to final_lr over the rest",
    references=("fastai.callback.schedule.Learner.fit_flat_cos",),
    aliases=("flat_cos",),
    order=250,
    dialects={
        "fastai": Dialect("fit_flat_cos(pct_start=0.75)"),
        "pytorch_scheduler": Dialect(
            "FlatCosineScheduler(flat_fraction)", "Its flat part ends on a whole update."
        ),
    },
)
@dataclass(frozen=True)
class FlatCosine(Shape):
    """`flat` is a fraction of the phase, and needn't fall on a whole update."""

    lr: float = rate(0.1, "The rate at the start.")
    flat: float = number(
        0.7, "The fraction of the phase that is flat.", minimum=0, maximum=1, exclusive_maximum=True
    )
    final_lr: float = rate(0.0, "The rate at the end.")
    steps: Length | None = steps()

    def _curve(self, t: Updates, extent: int, horizon: Horizon) -> Rates:
        left = np.minimum((extent - t) / (extent * (1.0 - self.flat)), 1.0)
        return blend(self.lr, self.final_lr, np.sin((0.5 * np.pi) * left) ** 2)

    def _code(self, extent: int, horizon: Horizon) -> str:
        left = f"left = min(({extent} - t) / {number_code(extent * (1.0 - self.flat))}, 1.0)"
        wave = "wave = math.sin(0.5 * math.pi * left) ** 2"
        return f"{left}\n{wave}\nreturn {blend_code(self.lr, self.final_lr, 'wave')}"

    def _corners(self, span: int, horizon: Horizon) -> list[int]:
        return [int(self.flat * self._extent(span, horizon))]


@register(
    "slanted_triangular",
    title="Slanted triangular",
    summary="A short rise and a long fall, both straight.",
    formula="lr * (1 + p * (ratio - 1)) / ratio, p rising to 1 at floor(T * cut_fraction), then falling",
    references=("Howard and Ruder, ULMFiT (2018), arXiv:1801.06146",),
    aliases=("stlr",),
    order=260,
    dialects={
        "pytorch_scheduler": Dialect(
            "SlantedTriangularScheduler(cut_frac, ratio)",
            "Its fall ends with the training; the paper's, as here, ends where its formula does.",
            deliberate=True,
        ),
    },
)
@dataclass(frozen=True)
class SlantedTriangular(Shape):
    """ULMFiT's: p = t / cut, then 1 - (t - cut) / (cut * (1 / cut_fraction - 1)), and never below 0.

    The lowest rate is lr / ratio. In a phase so short that there is no cut, the rate only falls.
    """

    lr: float = rate(0.1, "The peak rate.")
    cut_fraction: float = number(
        0.1,
        "The fraction of the phase that rises.",
        minimum=0,
        maximum=1,
        exclusive_minimum=True,
        exclusive_maximum=True,
    )
    ratio: float = number(32.0, "How many times lower than the peak the lowest rate is.", minimum=1)
    steps: Length | None = steps()

    def _curve(self, t: Updates, extent: int, horizon: Horizon) -> Rates:
        cut = math.floor(extent * self.cut_fraction)
        fall = cut * (1.0 / self.cut_fraction - 1.0) if cut else float(extent)
        height = np.where(t < cut, t / max(cut, 1), np.maximum(1.0 - (t - cut) / fall, 0.0))
        return np.asarray(self.lr * (1.0 + height * (self.ratio - 1.0)) / self.ratio)

    def _code(self, extent: int, horizon: Horizon) -> str:
        cut = math.floor(extent * self.cut_fraction)
        fall = cut * (1.0 / self.cut_fraction - 1.0) if cut else float(extent)
        down = f"max(1.0 - (t - {cut}) / {number_code(fall)}, 0.0)"
        height = f"height = t / {cut} if t < {cut} else {down}" if cut else f"height = {down}"
        rise = f"(1.0 + height * {number_code(self.ratio - 1.0)}) / {number_code(self.ratio)}"
        return f"{height}\nreturn {number_code(self.lr)} * {rise}"

    def _corners(self, span: int, horizon: Horizon) -> list[int]:
        return [math.floor(self._extent(span, horizon) * self.cut_fraction)]
