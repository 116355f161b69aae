"""Families that go from one rate to another along a simple curve: constant, linear, polynomial, cosine.

z = min(t/T, 1), where T is the phase's length: the rate at t = T is exactly `final_lr`, and holds.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lrtui.schedules.core import MANY_CORNERS, Rates, Shape, Updates, blend
from lrtui.schedules.horizon import Horizon, Length
from lrtui.schedules.parameters import length, number, rate, steps
from lrtui.schedules.registry import Dialect, register
from lrtui.schedules.source import blend_code
from lrtui.schedules.source import number as number_code


@register(
    "constant",
    title="Constant",
    summary="The same rate throughout; a bare number means this.",
    formula="lr",
    references=("Dive into Deep Learning, Learning Rate Scheduling",),
    aliases=("fixed",),
    order=10,
    dialects={
        "torch": Dialect(
            "ConstantLR(factor, total_iters)",
            "A factor until total_iters, then the whole rate: constant(lr * factor, steps=n) >> lr.",
        ),
        "transformers": Dialect("constant; constant_with_warmup"),
        "optax": Dialect("constant_schedule(value)"),
    },
)
@dataclass(frozen=True)
class Constant(Shape):
    """The rate `lr` at every update."""

    lr: float = rate(0.1, "The rate.")
    steps: Length | None = steps()

    def _curve(self, t: Updates, extent: int, horizon: Horizon) -> Rates:
        return np.full(t.shape, self.lr)

    def _code(self, extent: int, horizon: Horizon) -> str:
        return f"return {number_code(self.lr)}"


@register(
    "linear",
    title="Linear",
    summary="A straight line from one rate to another.",
    formula="lr + (final_lr - lr) * z",
    references=(
        "torch.optim.lr_scheduler.LinearLR",
        "Li et al., Budgeted Training (2020), arXiv:1905.04753",
    ),
    order=20,
    dialects={
        "torch": Dialect(
            "LinearLR(start_factor, end_factor, total_iters)",
            "Of length 0 it stays at the start for ever; a length of 0 is refused here.",
            deliberate=True,
        ),
        "transformers": Dialect("linear", "Its steps are the whole training, warmup included."),
        "optax": Dialect(
            "linear_schedule(init_value, end_value, transition_steps)",
            "transition_steps of 0 or less means constant.",
        ),
        "fastai": Dialect("SchedLin(start, end)"),
    },
    aliases=("budgeted",),
)
@dataclass(frozen=True)
class Linear(Shape):
    """`lr + (final_lr - lr) z`; it may rise as well as fall."""

    lr: float = rate(0.1, "The rate at the start.")
    final_lr: float = rate(0.0, "The rate at the end.")
    steps: Length | None = steps()

    def _curve(self, t: Updates, extent: int, horizon: Horizon) -> Rates:
        return blend(self.lr, self.final_lr, (extent - t) / extent)

    def _code(self, extent: int, horizon: Horizon) -> str:
        return f"left = ({extent} - t) / {extent}\nreturn {blend_code(self.lr, self.final_lr, 'left')}"


@register(
    "polynomial",
    title="Polynomial",
    summary="Falls like a power of the time that is left: fast first, gently at the end.",
    formula="final_lr + (lr - final_lr) * (1 - z)^power",
    references=("torch.optim.lr_scheduler.PolynomialLR", "Chen et al., DeepLab (2018), arXiv:1606.00915"),
    aliases=("poly",),
    order=30,
    dialects={
        "torch": Dialect(
            "PolynomialLR(total_iters, power=1)",
            "It always ends at 0, and its power is 1 by default.",
        ),
        "keras": Dialect(
            "PolynomialDecay(decay_steps, end_learning_rate, power, cycle)",
            "cycle=True stretches the curve and doesn't start it again.",
        ),
        "optax": Dialect("polynomial_schedule(init_value, end_value, power, transition_steps)"),
        "transformers": Dialect(
            "polynomial(lr_end=1e-7, power=1)",
            "It divides by zero if the warmup is the whole training.",
        ),
        "timm": Dialect("PolyLRScheduler(power=0.5)", "Its factory takes the power as decay_rate."),
        "pytorch_scheduler": Dialect(
            "PolynomialScheduler(power=1, cycle)", "Its cycle starts again, which is a repeat(...) here."
        ),
        "fastai": Dialect("SchedPoly(start, end, power)", "It is z^power, which is a formula(...) here."),
    },
)
@dataclass(frozen=True)
class Polynomial(Shape):
    """`final_lr + (lr - final_lr) (1 - z)^power`; power 1 is linear.

    With `cycle` it is keras's stretching polynomial: T isn't the phase's length but the least multiple of
    `cycle` that is not before t, so that the rate jumps up after each multiple, less high every time.
    """

    lr: float = rate(0.1, "The rate at the start.")
    final_lr: float = rate(0.0, "The rate at the end.")
    power: float = number(
        2.0, "How sharply it falls at first; 1 is linear.", minimum=0, exclusive_minimum=True
    )
    cycle: Length | None = length(None, "keras's cycle: the length after which it starts to stretch.")
    steps: Length | None = steps()

    def _curve(self, t: Updates, extent: int, horizon: Horizon) -> Rates:
        if self.cycle is None:
            return blend(self.lr, self.final_lr, ((extent - t) / extent) ** self.power)
        cycle = self._resolve("cycle", horizon)
        stretched = cycle * np.maximum(-(-t // cycle), 1)
        return blend(self.lr, self.final_lr, ((stretched - t) / stretched) ** self.power)

    def _corners(self, span: int, horizon: Horizon) -> list[int]:
        if self.cycle is None:
            return []
        ends = range(0, self._extent(span, horizon) + 1, self._resolve("cycle", horizon))
        return list(ends[: MANY_CORNERS + 1])

    def _code(self, extent: int, horizon: Horizon) -> str:
        if self.cycle is None:
            left = f"left = (({extent} - t) / {extent}) ** {number_code(self.power)}"
        else:
            cycle = self._resolve("cycle", horizon)
            end = f"end = {cycle} * max(-(-t // {cycle}), 1)"
            left = f"{end}\nleft = ((end - t) / end) ** {number_code(self.power)}"
        return f"{left}\nreturn {blend_code(self.lr, self.final_lr, 'left')}"


@register(
    "cosine",
    title="Cosine",
    summary="Half a cosine wave: slow at both ends, fast in the middle.",
    formula="final_lr + (lr - final_lr) * ((1 + cos(pi * half_cycles * z^k)) / 2)^exponent",
    references=(
        "Loshchilov and Hutter, SGDR (2017), arXiv:1608.03983",
        "torch.optim.lr_scheduler.CosineAnnealingLR (which rises again after T_max; this one holds)",
        "Zhang and Li, k-decay (2020), arXiv:2004.05909 (k); optax.cosine_decay_schedule (exponent)",
        "transformers.get_cosine_schedule_with_warmup (num_cycles is half of half_cycles)",
    ),
    aliases=("cosine_annealing",),
    order=40,
    dialects={
        "torch": Dialect(
            "CosineAnnealingLR(T_max, eta_min)",
            "Periodic: it rises again after T_max, where this one holds.",
            deliberate=True,
        ),
        "keras": Dialect(
            "CosineDecay(decay_steps, alpha, warmup_target, warmup_steps)",
            "alpha is a part of the rate; the warmup comes on top of decay_steps.",
        ),
        "optax": Dialect(
            "cosine_decay_schedule(init_value, decay_steps, alpha, exponent)",
            "alpha is a part of the rate.",
        ),
        "transformers": Dialect("cosine(num_cycles=0.5)", "num_cycles is half of half_cycles."),
        "timm": Dialect(
            "CosineLRScheduler(t_initial, lr_min, k_decay)",
            "Its warmup hides the curve's start unless warmup_prefix=True: see masked_warmup.",
        ),
    },
)
@dataclass(frozen=True)
class Cosine(Shape):
    """`final_lr + (lr - final_lr) ((1 + cos(pi half_cycles z^k)) / 2)^exponent`.

    With 1 half cycle the rate ends at `final_lr`, with 2 it comes back to `lr`. With k above 1 it
    stays high for longer.
    """

    lr: float = rate(0.1, "The rate at the start.")
    final_lr: float = rate(0.0, "The rate at the end.")
    half_cycles: float = number(
        1.0,
        "Half waves; 2 come back to the start.",
        minimum=0,
        maximum=10_000,
        exclusive_minimum=True,
    )
    k: float = number(1.0, "k-decay's power of time.", minimum=0, exclusive_minimum=True, maximum=100)
    exponent: float = number(
        1.0, "A power of the whole wave.", minimum=0, exclusive_minimum=True, maximum=100
    )
    steps: Length | None = steps()

    def _curve(self, t: Updates, extent: int, horizon: Horizon) -> Rates:
        left = (extent - t) / extent
        if self.k != 1.0:
            # 1 - z^k without the cancellation near the end, and of a k near 0 everywhere.
            with np.errstate(divide="ignore"):
                left = -np.expm1(self.k * np.log1p(-left))
        if self.half_cycles % 2 == 1:
            # (1 + cos(pi z)) / 2 = sin^2(pi (1 - z) / 2), which doesn't cancel near the end as cosine does.
            wave = np.sin((0.5 * np.pi * self.half_cycles) * left)
        else:
            wave = np.cos((0.5 * np.pi * self.half_cycles) * (1.0 - left))
        wave = wave * wave
        return blend(self.lr, self.final_lr, wave if self.exponent == 1.0 else wave**self.exponent)

    def _corners(self, span: int, horizon: Horizon) -> list[int]:
        if self.half_cycles <= 1:
            return []
        turns = np.arange(1, int(self.half_cycles) + 1) / self.half_cycles
        return [int(turn) for turn in turns ** (1.0 / self.k) * self._extent(span, horizon)]

    def _code(self, extent: int, horizon: Horizon) -> str:
        left = (
            f"({extent} - t) / {extent}"
            if self.k == 1.0
            else f"(-math.expm1({number_code(self.k)} * math.log1p((t - {extent}) / {extent})) if t else 1.0)"
        )
        if self.half_cycles == 1.0:
            wave = f"wave = math.sin(0.5 * math.pi * {left}) ** 2"
        elif self.half_cycles % 2 == 1:
            wave = f"wave = math.sin(0.5 * math.pi * {number_code(self.half_cycles)} * {left}) ** 2"
        else:
            wave = f"wave = math.cos(0.5 * math.pi * {number_code(self.half_cycles)} * (1.0 - {left})) ** 2"
        if self.exponent != 1.0:
            wave += f"\nwave = wave ** {number_code(self.exponent)}"
        return f"{wave}\nreturn {blend_code(self.lr, self.final_lr, 'wave')}"
