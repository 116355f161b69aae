"""Smooth curves from one rate to another that are known by a paper: rex, tanh, hyperbolic, exp_hyperbolic.

And one that isn't smooth at all: chebyshev.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from lrtui.schedules.core import Rates, Shape, Updates, blend
from lrtui.schedules.errors import ScheduleError
from lrtui.schedules.horizon import Horizon, Length
from lrtui.schedules.parameters import count, length, number, rate, steps
from lrtui.schedules.registry import Dialect, register
from lrtui.schedules.source import blend_code
from lrtui.schedules.source import number as number_code


@register(
    "rex",
    title="REX",
    summary="Stays high longer than a line, and falls fast at the end.",
    formula="final_lr + (lr - final_lr) * (1 - z) / (1 - z/2)",
    references=("Chen et al., REX: Revisiting Budgeted Training (2022), arXiv:2107.04197",),
    order=140,
    dialects={
        "pytorch_optimizer": Dialect(
            "REXScheduler(total_steps, max_lr, min_lr)",
            "Update 0 runs at min_lr there, so that the peak is never used.",
            deliberate=True,
        ),
        "pytorch_scheduler": Dialect("RexScheduler(total_steps)", "It always ends at 0."),
    },
)
@dataclass(frozen=True)
class Rex(Shape):
    """`final_lr + (lr - final_lr) (1 - z) / (1 - z/2)`: the reflected exponential."""

    lr: float = rate(0.1, "The rate at the start.")
    final_lr: float = rate(0.0, "The rate at the end.")
    steps: Length | None = steps()

    def _curve(self, t: Updates, extent: int, horizon: Horizon) -> Rates:
        left = (extent - t) / extent
        return blend(self.lr, self.final_lr, 2.0 * left / (1.0 + left))

    def _code(self, extent: int, horizon: Horizon) -> str:
        left = f"left = ({extent} - t) / {extent}\nleft = 2.0 * left / (1.0 + left)"
        return f"{left}\nreturn {blend_code(self.lr, self.final_lr, 'left')}"


@register(
    "tanh",
    title="Tanh",
    summary="A stretch of the hyperbolic tangent: flat, a fall, flat again.",
    formula="final_lr + (lr - final_lr) * (1 - tanh(lower * (1 - z) + upper * z)) / 2",
    references=("Hsueh et al., SGD with Hyperbolic-Tangent Decay (2019), arXiv:1806.01593",),
    order=150,
    dialects={
        "timm": Dialect(
            "TanhLRScheduler(lb=-7, ub=3)",
            "Its bounds are -7 and 3 by default; past its end it jumps to lr_min, where this holds.",
            deliberate=True,
        ),
        "pytorch_scheduler": Dialect(
            "TanhDecayScheduler(total_steps, steepness)", "lower is -steepness, upper is steepness."
        ),
    },
)
@dataclass(frozen=True)
class Tanh(Shape):
    """The paper's formula as it stands: the ends are met as closely as `lower` and `upper` are far out."""

    lr: float = rate(0.1, "The rate it starts near.")
    final_lr: float = rate(0.0, "The rate it ends near.")
    lower: float = number(-6.0, "Where on the tangent it starts.", minimum=-50, maximum=50)
    upper: float = number(3.0, "Where on the tangent it ends.", minimum=-50, maximum=50)
    steps: Length | None = steps()

    def _curve(self, t: Updates, extent: int, horizon: Horizon) -> Rates:
        x = (self.lower * (extent - t) + self.upper * t) / extent
        # (1 - tanh(x)) / 2 = 1 / (1 + exp(2x)), without cancellation.
        return blend(self.lr, self.final_lr, 1.0 / (1.0 + np.exp(2.0 * x)))

    def _code(self, extent: int, horizon: Horizon) -> str:
        place = f"({number_code(self.lower)} * ({extent} - t) + {number_code(self.upper)} * t) / {extent}"
        left = f"x = {place}\nleft = 1.0 / (1.0 + math.exp(2.0 * x))  # (1 - tanh(x)) / 2"
        return f"{left}\nreturn {blend_code(self.lr, self.final_lr, 'left')}"


class _Hyperbolic(Shape):
    """What both hyperbolic families share: h(t) = sqrt((T - t)/U * (2 - (T + t)/U))."""

    upper_bound: Length | None

    def _drop(self, t: Updates, extent: int, horizon: Horizon) -> Rates:
        """Return h(0) - h(t)."""
        bound = extent if self.upper_bound is None else self.upper_bound.resolve(horizon)
        if bound < extent:
            raise ScheduleError(
                f"upper_bound={self.upper_bound} is less than the phase's {extent} updates",
                family=self.family.name,
                parameter="upper_bound",
            )
        height = np.sqrt((extent - t) / bound * (2.0 - (extent + t) / bound))
        return np.asarray(math.sqrt(extent / bound * (2.0 - extent / bound)) - height)

    def _drop_code(self, extent: int, horizon: Horizon) -> str:
        """Return a line that computes h(0) - h(t) as `drop`."""
        bound = extent if self.upper_bound is None else self.upper_bound.resolve(horizon)
        start = math.sqrt(extent / bound * (2.0 - extent / bound))
        height = f"math.sqrt(({extent} - t) / {bound} * (2.0 - ({extent} + t) / {bound}))"
        return f"drop = {number_code(start)} - {height}"


_BOUND_HELP = "The longest training the curve is made for; left out, the phase's own length."


@register(
    "hyperbolic",
    title="Hyperbolic",
    summary="A hyperbola whose beginning doesn't depend on how long the training is.",
    formula="lr - (lr - final_lr) * (h(0) - h(t)), h(t) = sqrt((T-t)/U * (2 - (T+t)/U)), U = upper_bound",
    references=("Kim, HyperbolicLR: Epoch Insensitive Learning Rate Scheduler (2024), arXiv:2407.15200",),
    order=160,
    dialects={"pytorch_scheduler": Dialect("HyperbolicLRScheduler(total_steps, upper_bound, min_lr)")},
)
@dataclass(frozen=True)
class Hyperbolic(_Hyperbolic):
    """The rate ends at `final_lr` if U = T, and above it if U > T, as the paper wants."""

    lr: float = rate(0.1, "The rate at the start.")
    final_lr: float = rate(0.0, "The rate at the upper bound.")
    upper_bound: Length | None = length(None, _BOUND_HELP)
    steps: Length | None = steps()

    def _curve(self, t: Updates, extent: int, horizon: Horizon) -> Rates:
        return blend(self.lr, self.final_lr, 1.0 - self._drop(t, extent, horizon))

    def _code(self, extent: int, horizon: Horizon) -> str:
        drop = self._drop_code(extent, horizon)
        return f"{drop}\nreturn {blend_code(self.lr, self.final_lr, '1.0 - drop')}"


@register(
    "exp_hyperbolic",
    title="Exponential hyperbolic",
    summary="The hyperbola in the logarithm of the rate.",
    formula="lr * (final_lr / lr)^(h(0) - h(t)), h as in hyperbolic",
    references=("Kim, HyperbolicLR: Epoch Insensitive Learning Rate Scheduler (2024), arXiv:2407.15200",),
    order=170,
    dialects={"pytorch_scheduler": Dialect("ExpHyperbolicLRScheduler(total_steps, upper_bound, min_lr)")},
)
@dataclass(frozen=True)
class ExpHyperbolic(_Hyperbolic):
    """As hyperbolic, with a factor instead of a difference; both rates are more than 0."""

    lr: float = rate(0.1, "The rate at the start; more than 0.")
    final_lr: float = rate(1e-4, "The rate at the upper bound; more than 0.")
    upper_bound: Length | None = length(None, _BOUND_HELP)
    steps: Length | None = steps()

    def _check_together(self) -> None:
        for name in ("lr", "final_lr"):
            if getattr(self, name) <= 0:
                raise ScheduleError(
                    f"{name} must be more than 0, not 0", family=self.family.name, parameter=name
                )

    def _curve(self, t: Updates, extent: int, horizon: Horizon) -> Rates:
        drop = self._drop(t, extent, horizon)
        # One exponential instead of two powers; at the start it is exactly lr.
        rates = self.lr * np.exp((math.log(self.final_lr) - math.log(self.lr)) * drop)
        return np.asarray(np.clip(rates, min(self.lr, self.final_lr), max(self.lr, self.final_lr)))

    def _code(self, extent: int, horizon: Horizon) -> str:
        slope = number_code(math.log(self.final_lr) - math.log(self.lr))
        rates = f"{number_code(self.lr)} * math.exp({slope} * drop)"
        return f"{self._drop_code(extent, horizon)}\nreturn {rates}"


@register(
    "chebyshev",
    title="Chebyshev",
    summary="Rates at Chebyshev's nodes in fractal order: small ones make up for large ones.",
    formula="lr * 2 / (1 + r - (1 - r) * cos(pi * (j + 1/2) / nodes)), j in fractal order",
    references=("Agarwal et al., Fractal Learning Rate Schedules (2021), arXiv:2103.01338",),
    order=180,
    dialects={
        "pytorch_optimizer": Dialect(
            "get_chebyshev_schedule(num_epochs)",
            "ratio is 0.05 there, and the first node is used three times before the order begins.",
            deliberate=True,
        ),
    },
)
@dataclass(frozen=True)
class Chebyshev(Shape):
    """The inverse Chebyshev nodes between curvatures r and 1, r = `ratio`, times `lr`, in the paper's order.

    Not monotone, and above `lr` for nearly all nodes: the largest is near lr / ratio. After `nodes` nodes the
    order starts again.
    """

    lr: float = rate(0.1, "The rate that suits the largest curvature.")
    ratio: float = number(0.1, "The smallest curvature over the largest.", minimum=1e-6, maximum=1)
    nodes: int = count(8, "How many nodes; a power of two.", minimum=1, maximum=1 << 16)
    hold: Length = length(Length(1), "How long each node is held.")
    steps: Length | None = steps()

    def _check_together(self) -> None:
        if self.nodes & (self.nodes - 1):
            raise ScheduleError(
                f"nodes must be a power of two, not {self.nodes}", family="chebyshev", parameter="nodes"
            )

    def _curve(self, t: Updates, extent: int, horizon: Horizon) -> Rates:
        order = _fractal_order(self.nodes)
        angles = np.pi * (order + 0.5) / self.nodes
        levels = self.lr * 2.0 / ((1.0 + self.ratio) - (1.0 - self.ratio) * np.cos(angles))
        return np.asarray(levels[t // self._resolve("hold", horizon) % self.nodes])

    def _code(self, extent: int, horizon: Horizon) -> str:
        lines = [
            f"place = t // {self._resolve('hold', horizon)} % {self.nodes}",
            "# Which node is at this place of the fractal order: each bit says which of two mirrors.",
            "node, size = 0, 1",
            f"for bit in reversed(range({self.nodes.bit_length() - 1})):",
            "    node = 2 * size - 1 - node if place >> bit & 1 else node",
            "    size *= 2",
            f"angle = math.pi * (node + 0.5) / {self.nodes}",
            f"spread = {number_code(1.0 + self.ratio)} - {number_code(1.0 - self.ratio)} * math.cos(angle)",
            f"return {number_code(self.lr)} * 2.0 / spread",
        ]
        return "\n".join(lines)


@lru_cache(maxsize=32)
def _fractal_order(nodes: int) -> NDArray[np.int64]:
    """Return the paper's permutation of 0..nodes-1, in which every node is next to its mirror image."""
    order = np.zeros(1, dtype=np.int64)
    while order.size < nodes:
        order = np.stack([order, 2 * order.size - 1 - order], axis=1).reshape(-1)
    return order
