"""Families that go from one rate to another along a simple curve: constant, linear, polynomial, cosine.

z = min(t/T, 1), where T is the phase's length: the rate at t = T is exactly `final_lr`, and holds.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lrtui.schedules.core import Rates, Shape, Updates, blend
from lrtui.schedules.horizon import Horizon, Length
from lrtui.schedules.parameters import number, rate, steps
from lrtui.schedules.registry import register
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
)
@dataclass(frozen=True)
class Polynomial(Shape):
    """`final_lr + (lr - final_lr) (1 - z)^power`; power 1 is linear."""

    lr: float = rate(0.1, "The rate at the start.")
    final_lr: float = rate(0.0, "The rate at the end.")
    power: float = number(
        2.0, "How sharply it falls at first; 1 is linear.", minimum=0, exclusive_minimum=True
    )
    steps: Length | None = steps()

    def _curve(self, t: Updates, extent: int, horizon: Horizon) -> Rates:
        return blend(self.lr, self.final_lr, ((extent - t) / extent) ** self.power)

    def _code(self, extent: int, horizon: Horizon) -> str:
        left = f"left = (({extent} - t) / {extent}) ** {number_code(self.power)}"
        return f"{left}\nreturn {blend_code(self.lr, self.final_lr, 'left')}"


@register(
    "cosine",
    title="Cosine",
    summary="Half a cosine wave: slow at both ends, fast in the middle.",
    formula="final_lr + (lr - final_lr) * (1 + cos(pi * z)) / 2",
    references=(
        "Loshchilov and Hutter, SGDR (2017), arXiv:1608.03983",
        "torch.optim.lr_scheduler.CosineAnnealingLR (which rises again after T_max; this one holds)",
    ),
    aliases=("cosine_annealing",),
    order=40,
)
@dataclass(frozen=True)
class Cosine(Shape):
    """`final_lr + (lr - final_lr) (1 + cos(pi z)) / 2`."""

    lr: float = rate(0.1, "The rate at the start.")
    final_lr: float = rate(0.0, "The rate at the end.")
    steps: Length | None = steps()

    def _curve(self, t: Updates, extent: int, horizon: Horizon) -> Rates:
        # (1 + cos(pi z)) / 2 = sin^2(pi (1 - z) / 2), which doesn't cancel near the end as the cosine does.
        wave = np.sin((0.5 * np.pi) * ((extent - t) / extent))
        return blend(self.lr, self.final_lr, wave * wave)

    def _code(self, extent: int, horizon: Horizon) -> str:
        wave = f"wave = math.sin(0.5 * math.pi * ({extent} - t) / {extent}) ** 2"
        return f"{wave}\nreturn {blend_code(self.lr, self.final_lr, 'wave')}"
