"""Phases that join others: warmup rises to whatever comes next, cooldown falls from whatever came before."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from lrtui.schedules.core import Rates, Transition, Updates, blend
from lrtui.schedules.horizon import Length
from lrtui.schedules.parameters import length, rate
from lrtui.schedules.registry import register
from lrtui.schedules.source import blend_code


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
)
@dataclass(frozen=True)
class Warmup(Transition):
    """A straight line from `start_lr` at t = 0 to the next phase's first rate, which that phase has."""

    steps: Length = length(Length(5, "percent"), "How long the rise lasts.", zero=True)
    start_lr: float = rate(0.0, "The rate at the very first update.")

    leads: ClassVar[str] = "in"

    def ramp(self, t: Updates, extent: int, neighbour: float) -> Rates:
        """Return the rise from `start_lr` to `neighbour`."""
        return blend(self.start_lr, neighbour, (extent - t) / extent)

    def ramp_code(self, extent: int) -> str:
        """Return the rise as code."""
        return f"left = ({extent} - t) / {extent}\nreturn {blend_code(self.start_lr, 'neighbour', 'left')}"


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
    """A straight line from the previous phase's rate at its end to `final_lr`."""

    steps: Length = length(Length(20, "percent"), "How long the fall lasts.", zero=True)
    final_lr: float = rate(0.0, "The rate at the end.")

    leads: ClassVar[str] = "out"

    def ramp(self, t: Updates, extent: int, neighbour: float) -> Rates:
        """Return the fall from `neighbour` to `final_lr`."""
        return blend(neighbour, self.final_lr, (extent - t) / extent)

    def ramp_code(self, extent: int) -> str:
        """Return the fall as code."""
        return f"left = ({extent} - t) / {extent}\nreturn {blend_code('neighbour', self.final_lr, 'left')}"
