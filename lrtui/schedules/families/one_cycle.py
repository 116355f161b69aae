"""One family, one_cycle, because three libraries mean three different things by it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lrtui.schedules.core import Rates, Shape, Updates
from lrtui.schedules.errors import ScheduleError
from lrtui.schedules.fading import fade
from lrtui.schedules.horizon import Horizon, Length
from lrtui.schedules.parameters import choice, count, number, rate, steps
from lrtui.schedules.registry import Dialect, register
from lrtui.schedules.source import fade_code, indented
from lrtui.schedules.source import number as number_code


@register(
    "one_cycle",
    title="One cycle",
    summary="Up to a high peak, down again, and far below the start.",
    formula="lr / div_factor to lr over pct_start, then down to lr / (div_factor * final_div_factor)",
    references=(
        "Smith and Topin, Super-Convergence (2018), arXiv:1708.07120",
        "torch.optim.lr_scheduler.OneCycleLR (peak at pct * T - 1, end at T - 1)",
        "optax.cosine_onecycle_schedule, linear_onecycle_schedule (peak at int(pct * T), end at T)",
        "fastai's Learner.fit_one_cycle (peak at pct * T, end at T, final_div_factor from the peak)",
    ),
    aliases=("onecycle",),
    order=270,
    dialects={
        "torch": Dialect(
            "OneCycleLR(max_lr, total_steps, pct_start, div_factor, final_div_factor, three_phase)",
            "One step too many raises, or gives a negative rate with linear legs; here the last rate holds.",
            deliberate=True,
        ),
        "optax": Dialect(
            "cosine_onecycle_schedule, linear_onecycle_schedule",
            "convention=optax: the peak at int(pct * T), the end at T.",
        ),
        "fastai": Dialect(
            "fit_one_cycle(lr_max, div, div_final, pct_start)",
            "convention=fastai: div_final divides the peak, and is 1e5.",
        ),
    },
)
@dataclass(frozen=True)
class OneCycle(Shape):
    """Legs between the first rate lr / div_factor, the peak lr and the last rate.

    The last rate is reached at T - 1 (torch) or T (optax, fastai); it's lr / (div_factor * final_div_factor),
    in fastai's convention lr / final_div_factor. Three legs come back to the first rate on the way: at
    2 pct_start, unless pct_final says where. Where torch divides by zero (pct_start * T = 1) the first update
    is at the peak.
    """

    lr: float = rate(0.1, "The peak rate.")
    pct_start: float = number(
        0.3, "The fraction of the phase that rises.", minimum=0, maximum=1, exclusive_maximum=True
    )
    div_factor: float = number(25.0, "The peak over the first rate.", minimum=0, exclusive_minimum=True)
    final_div_factor: float = number(
        1e4,
        "The first rate over the last (fastai: the peak over the last).",
        minimum=0,
        exclusive_minimum=True,
    )
    anneal: str = choice("cosine", "The shape of the legs.", ("cosine", "linear"))
    legs: int = count(2, "Two legs, or three that come back to the first rate.", minimum=2, maximum=3)
    pct_final: float | None = number(
        None,
        "Where the second of three legs ends, as a fraction; left out, 2 pct_start.",
        minimum=0,
        maximum=1,
    )
    convention: str = choice(
        "torch", "Whose idea of where the peak and the end fall.", ("torch", "optax", "fastai")
    )
    steps: Length | None = steps()

    def _check_together(self) -> None:
        if self.legs == 2 and self.pct_final is not None:
            raise ScheduleError("pct_final needs legs=3", family="one_cycle", parameter="pct_final")
        if self.legs == 3 and not self.pct_start <= self._second <= 1:
            raise ScheduleError(
                "the second leg must end after pct_start: above 0.5, say pct_final",
                family="one_cycle",
                parameter="pct_start" if self.pct_final is None else "pct_final",
            )

    @property
    def _second(self) -> float:
        return 2.0 * self.pct_start if self.pct_final is None else self.pct_final

    def _joins(self, extent: int) -> tuple[list[float], list[float]]:
        """Return when the legs end, and the rates at their ends, the first rate in front."""
        first = self.lr / self.div_factor
        last = (
            self.lr / self.final_div_factor if self.convention == "fastai" else first / self.final_div_factor
        )
        fractions = [self.pct_start, *([self._second] if self.legs == 3 else []), 1.0]
        ends = [float(fraction * extent) for fraction in fractions]
        if self.convention == "optax":
            ends = [float(int(end)) for end in ends]
        if self.convention == "torch":
            # An update is counted as passed at each join, and with three legs torch counts two at the second.
            ends[0] -= 1.0
            ends[-1] -= 1.0
            if self.legs == 3:
                ends[1] -= 2.0
        return ends, [first, self.lr, *([first] if self.legs == 3 else []), last]

    def _curve(self, t: Updates, extent: int, horizon: Horizon) -> Rates:
        ends, rates = self._joins(extent)
        out = np.full(t.shape, rates[-1])
        begin, todo = 0.0, np.ones(t.shape, dtype=bool)
        for end, low, high in zip(ends, rates, rates[1:], strict=False):
            here = todo & (t <= end)
            if here.any():
                span = end - begin
                past = np.clip(t[here] - begin, 0.0, max(span, 0.0))
                out[here] = fade(self.anneal, low, high, past, span) if span > 0 else high
            todo &= ~here
            begin = end
        return out

    def _code(self, extent: int, horizon: Horizon) -> str:
        ends, rates = self._joins(extent)
        lines, begin = [], 0.0
        for end, low, high in zip(ends, rates, rates[1:], strict=False):
            if end >= 0:
                lines.append(f"if t <= {number_code(end)}:")
                if end > begin:
                    lines.append(
                        f"    past = min(max(t - {number_code(begin)}, 0.0), {number_code(end - begin)})"
                    )
                    lines.append(indented(fade_code(self.anneal, low, high, "past", end - begin)))
                else:
                    lines.append(f"    return {number_code(high)}")
            begin = end
        return "\n".join([*lines, f"return {number_code(rates[-1])}"])

    def _corners(self, span: int, horizon: Horizon) -> list[int]:
        return [int(end) for end in self._joins(self._extent(span, horizon))[0]]
