"""Phases that join others: warmup rises to whatever comes next, cooldown falls from whatever came before."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from lrtui.schedules.core import Rates, Updates, blend
from lrtui.schedules.fading import FADES_AND_CONSTANT, fade
from lrtui.schedules.horizon import Length
from lrtui.schedules.parameters import choice, count, length, rate
from lrtui.schedules.registry import Dialect, register
from lrtui.schedules.roles import Transition
from lrtui.schedules.source import blend_code, fade_code
from lrtui.schedules.source import number as number_code

_SHAPES = FADES_AND_CONSTANT
_SHAPE_HELP = "linear, cosine, sqrt, square, exponential (both rates above 0); "
_FIRST_HELP = "1 counts updates from 1: the first has gone 1/steps of the way, the last all of it."


@register(
    "warmup",
    title="Warmup",
    summary="Rises in a straight line to whatever rate the next phase starts at.",
    formula="start_lr + (next phase's first rate - start_lr) * t / steps",
    references=(
        "Goyal et al., Accurate, Large Minibatch SGD (2017), arXiv:1706.02677",
        "Dive into Deep Learning, Learning Rate Scheduling",
    ),
    role="transition",
    order=200,
    dialects={
        "torch": Dialect("LinearLR in a SequentialLR", "start_factor 0 is refused there."),
        "transformers": Dialect("warmup_steps", "cosine_warmup_with_min_lr counts from 1: first=1."),
        "timm": Dialect(
            "warmup_t, warmup_lr_init, warmup_prefix=True",
            "By default it masks the schedule's start: see masked_warmup.",
        ),
    },
)
@dataclass(frozen=True)
class Warmup(Transition):
    """From `start_lr` at t = 0 to the next phase's first rate, which that phase has.

    With z = t / steps the part of the way that is gone is z (linear), (1 - cos(pi z)) / 2 (cosine), sqrt(z),
    or z^2 (square); exponential is start_lr * (next / start_lr)^z. With `first=1` z is (t + 1) / steps, as in
    pytorch_warmup: the last update of the warmup is already at the next phase's rate.
    """

    steps: Length = length(Length(5, "percent"), "How long the rise lasts.", zero=True)
    start_lr: float = rate(0.0, "The rate that the rise starts from.")
    shape: str = choice("linear", _SHAPE_HELP + "constant holds start_lr.", _SHAPES)
    first: int = count(0, _FIRST_HELP, minimum=0, maximum=1)

    leads: ClassVar[str] = "in"

    @property
    def own_edge(self) -> float | None:
        """`start_lr`, unless the first update is already on the way."""
        return None if self.first else self.start_lr

    def ramp(self, t: Updates, extent: int, neighbour: float) -> Rates:
        """Return the rise from `start_lr` to `neighbour`."""
        if self.shape == "constant":
            return np.where(t < extent, self.start_lr, neighbour)
        passed = np.minimum(t + self.first, extent).astype(np.float64)
        if self.shape == "sqrt":
            return blend(neighbour, self.start_lr, np.sqrt(passed / extent))
        if self.shape == "square":
            return blend(neighbour, self.start_lr, (passed / extent) ** 2)
        return fade(self.shape, self.start_lr, neighbour, passed, extent)

    def ramp_code(self, extent: int) -> str:
        """Return the rise as code."""
        if self.shape == "constant":
            return f"return {number_code(self.start_lr)} if t < {extent} else neighbour"
        past = f"past = min(t + {self.first}, {extent})" if self.first else "past = t"
        if self.shape in ("sqrt", "square"):
            power = "0.5" if self.shape == "sqrt" else "2"
            gone = f"gone = (past / {extent}) ** {power}"
            return f"{past}\n{gone}\nreturn {blend_code('neighbour', self.start_lr, 'gone')}"
        return f"{past}\n{fade_code(self.shape, self.start_lr, 'neighbour', 'past', extent)}"


@register(
    "cooldown",
    title="Cooldown",
    summary="Falls in a straight line from wherever the phase before it was.",
    formula="previous phase's last rate + (final_lr - previous phase's last rate) * t / steps",
    references=("Hägele et al., Scaling Laws Beyond Fixed Training Durations (2024), arXiv:2405.18392",),
    role="transition",
    order=210,
)
@dataclass(frozen=True)
class Cooldown(Transition):
    """From the previous phase's rate at its end to `final_lr`.

    With z = t / steps, or (t + 1) / steps with `first=1`, the part of the way that is gone is z (linear),
    (1 - cos(pi z)) / 2 (cosine), sqrt(z), or z^2 (square); exponential is previous * (final_lr / previous)^z.
    """

    steps: Length = length(Length(20, "percent"), "How long the fall lasts.", zero=True)
    final_lr: float = rate(0.0, "The rate at the end.")
    shape: str = choice("linear", _SHAPE_HELP + "constant is at final_lr throughout.", _SHAPES)
    first: int = count(0, _FIRST_HELP, minimum=0, maximum=1)

    leads: ClassVar[str] = "out"

    @property
    def own_edge(self) -> float | None:
        """`final_lr`."""
        return self.final_lr

    def ramp(self, t: Updates, extent: int, neighbour: float) -> Rates:
        """Return the fall from `neighbour` to `final_lr`."""
        if self.shape == "constant":
            return np.full(t.shape, self.final_lr)
        passed = np.minimum(t + self.first, extent).astype(np.float64)
        return fade(self.shape, neighbour, self.final_lr, passed, extent)

    def ramp_code(self, extent: int) -> str:
        """Return the fall as code."""
        if self.shape == "constant":
            return f"return {number_code(self.final_lr)}"
        past = f"past = min(t + {self.first}, {extent})" if self.first else "past = t"
        return f"{past}\n{fade_code(self.shape, 'neighbour', self.final_lr, 'past', extent)}"
