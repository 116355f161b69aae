"""Families that come back: sgdr (cosine restarts) and cyclic (triangles).

Which cycle an update is in is found with integers or a table of starts, never with a logarithm: those miss
restarts such as update 121 of a first cycle of 1 that trebles.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lrtui.schedules.core import MANY_CORNERS, Rates, Shape, Updates, blend
from lrtui.schedules.growing import check_growth, cycle_starts, float_starts, powers
from lrtui.schedules.horizon import Horizon, Length
from lrtui.schedules.parameters import choice, count, length, number, rate, steps
from lrtui.schedules.registry import Dialect, register
from lrtui.schedules.source import blend_code
from lrtui.schedules.source import number as number_code


@register(
    "sgdr",
    title="SGDR",
    summary="Cosines with warm restarts, each longer than the one before if wanted.",
    formula="final_lr + (peak_k - final_lr) * (1 + cos(pi * t_k / T_k)) / 2, T_k = first_cycle * growth^k",
    references=(
        "Loshchilov and Hutter, SGDR (2017), arXiv:1608.03983",
        "torch.optim.lr_scheduler.CosineAnnealingWarmRestarts",
        "timm.scheduler.CosineLRScheduler (cycle_mul, cycle_decay, cycle_limit)",
        "keras.optimizers.schedules.CosineDecayRestarts (t_mul, m_mul)",
    ),
    aliases=("hard_restarts", "warm_restarts", "cosine_annealing_warm_restarts"),
    order=220,
    dialects={
        "torch": Dialect(
            "CosineAnnealingWarmRestarts(T_0, T_mult, eta_min)",
            "T_mult is a whole number; step(epoch) misses restarts such as 121 of T_0=1, T_mult=3.",
            deliberate=True,
        ),
        "timm": Dialect(
            "CosineLRScheduler(t_initial, cycle_mul, cycle_decay, cycle_limit)",
            "Finds cycles by logarithms, and misses restarts such as 121 of 1 that trebles.",
            deliberate=True,
        ),
        "keras": Dialect(
            "CosineDecayRestarts(first_decay_steps, t_mul, m_mul, alpha)",
            "m_mul shrinks the swing and not the floor: decays=swing. A float32 logarithm misses restarts "
            "such as 8,191 of 1 that doubles.",
            deliberate=True,
        ),
        "optax": Dialect("sgdr_schedule(cosine_kwargs)", "A list of warmup-cosines, one for each cycle."),
        "transformers": Dialect("cosine_with_restarts(num_cycles)"),
    },
)
@dataclass(frozen=True)
class Sgdr(Shape):
    """Cycle k is `first_cycle * growth^k` long and starts at its own peak.

    The peak is `lr * peak_decay^k` (decays=peak, as in timm) or `final_lr + (lr - final_lr) * peak_decay^k`
    (decays=swing, as in keras). After `cycles` cycles the rate holds at `final_lr`; left out, they go on.
    """

    lr: float = rate(0.1, "The first peak.")
    final_lr: float = rate(0.0, "The rate at the end of each cycle.")
    first_cycle: Length = length(Length(20, "percent"), "The length of the first cycle.")
    growth: float = number(1.0, "The factor from one cycle's length to the next.", minimum=1, maximum=100)
    peak_decay: float = number(
        1.0, "The factor from one peak to the next.", minimum=0, exclusive_minimum=True
    )
    decays: str = choice(
        "peak", "What peak_decay shrinks: the peak, or its height above final_lr.", ("peak", "swing")
    )
    cycles: int | None = count(
        None, "After how many cycles it holds; left out, never.", minimum=1, maximum=10**6
    )
    steps: Length | None = steps()

    def _check_together(self) -> None:
        check_growth(self.growth, "sgdr")

    def _curve(self, t: Updates, extent: int, horizon: Horizon) -> Rates:
        first = self._resolve("first_cycle", horizon)
        # The very end belongs to the cycle it ends, not to one that would start there.
        inside = np.minimum(t, extent - 1)
        base = self.final_lr
        if self.growth == 1.0 and first < t.size:
            # Short cycles: one is worked out, and its values are handed round.
            index = inside // first
            local = (first - np.arange(first + 1)) / first
            wave = self._waves(local)[t - index * first]
        else:
            index, left = self._place(inside, t, first)
            wave = self._waves(left)
        if self.peak_decay == 1.0:
            rates = blend(self.lr, base, wave)
        else:
            fade = powers(self.peak_decay, index)
            peak = self.lr * fade if self.decays == "peak" else base + (self.lr - base) * fade
            rates = peak * wave
            if base:
                rates += base * (1.0 - wave)
        return rates if self.cycles is None else np.where(index < self.cycles, rates, base)

    def _place(self, inside: Updates, t: Updates, first: int) -> tuple[Updates, Rates]:
        """Return the cycle of each update `inside`, and how much of it is left at `t`, from 1 to 0."""
        if self.growth == 1.0:
            index = inside // first
            return index, ((index + 1) * first - t) / first
        starts = float_starts(first, self.growth)
        if inside.size:
            low, high = np.searchsorted(starts[1:-1], [inside.min(), inside.max()], side="right")
            if low == high:
                return np.full(1, low), (starts[low + 1] - t) / (starts[low + 1] - starts[low])
        index = np.searchsorted(starts[1:-1], inside, side="right")
        return index, (starts[index + 1] - t) / np.diff(starts)[index]

    def _waves(self, left: Rates) -> Rates:
        wave = np.sin((0.5 * np.pi) * np.clip(left, 0.0, 1.0))
        wave *= wave
        return wave

    def _code(self, extent: int, horizon: Horizon) -> str:
        first = self._resolve("first_cycle", horizon)
        # The very end belongs to the cycle it ends, not to one that would start there.
        inside = f"min(t, {extent - 1})"
        if self.growth == 1.0:
            lines = [f"cycle = {inside} // {first}", f"start, size = cycle * {first}, {first}"]
        else:
            starts = [float(start) for start in cycle_starts(first, self.growth, until=extent - 1)]
            lines = [
                f"# When cycles start: each is {self.growth!r} times as long as the one before.",
                f"starts = {starts}",
                f"cycle = sum(start <= {inside} for start in starts) - 1",
                "start, size = starts[cycle], starts[cycle + 1] - starts[cycle]",
            ]
        if self.cycles is not None:
            lines += [f"if cycle >= {self.cycles}:", f"    return {number_code(self.final_lr)}"]
        lines.append("left = min(max((start + size - t) / size, 0.0), 1.0)")
        lines.append("wave = math.sin(0.5 * math.pi * left) ** 2")
        peak: float | str = self.lr
        if self.peak_decay != 1.0:
            fade, peak = f"{number_code(self.peak_decay)} ** cycle", "peak"
            if self.decays == "peak":
                lines.append(f"peak = {number_code(self.lr)} * {fade}")
            else:
                height = f"({number_code(self.lr)} - {number_code(self.final_lr)})"
                lines.append(f"peak = {number_code(self.final_lr)} + {height} * {fade}")
        return "\n".join([*lines, f"return {blend_code(peak, self.final_lr, 'wave')}"])

    def _corners(self, span: int, horizon: Horizon) -> list[int]:
        first, extent = self._resolve("first_cycle", horizon), self._extent(span, horizon)
        if self.growth == 1.0:
            corners = list(range(0, extent + 1, first)[: MANY_CORNERS + 1])
        else:
            corners = [-int(-start // 1) for start in cycle_starts(first, self.growth, until=extent)]
        return corners if self.cycles is None else corners[: self.cycles + 1]


@register(
    "cyclic",
    title="Cyclic",
    summary="Up and down in triangles between two rates.",
    formula="base_lr + (lr - base_lr) * triangle(t) * {1, 2^-cycle, gamma^t}",
    references=(
        "Smith, Cyclical Learning Rates for Training Neural Networks (2017), arXiv:1506.01186",
        "torch.optim.lr_scheduler.CyclicLR",
    ),
    aliases=("triangular",),
    order=230,
    dialects={
        "torch": Dialect(
            "CyclicLR(base_lr, max_lr, step_size_up, step_size_down, mode, gamma)",
            "base_lr is the bottom there; momentum runs the other way by default.",
        ),
    },
)
@dataclass(frozen=True)
class Cyclic(Shape):
    """Triangles from `base_lr` up to `lr` in `up` updates and back in `down`.

    triangular2 halves their height every cycle; exp_range scales it by gamma^t at every update.
    """

    lr: float = rate(0.1, "The rate at the top.")
    base_lr: float = rate(0.001, "The rate at the bottom.")
    up: Length = length(Length(10, "percent"), "How long the rise lasts.")
    down: Length | None = length(None, "How long the fall lasts; left out, as long as the rise.")
    mode: str = choice(
        "triangular", "How the height changes over time.", ("triangular", "triangular2", "exp_range")
    )
    gamma: float = number(
        0.9999, "exp_range's factor an update.", minimum=0, exclusive_minimum=True, maximum=1
    )
    steps: Length | None = steps()

    def _sides(self, horizon: Horizon) -> tuple[int, int]:
        up = self._resolve("up", horizon)
        return up, up if self.down is None else self._resolve("down", horizon)

    def _curve(self, t: Updates, extent: int, horizon: Horizon) -> Rates:
        up, down = self._sides(horizon)
        cycle = t // (up + down)
        local = t - cycle * (up + down)
        height = np.where(local <= up, local / up, (up + down - local) / down)
        if self.mode == "triangular2":
            height = height * np.power(0.5, cycle.astype(np.float64))
        elif self.mode == "exp_range":
            height = height * np.power(self.gamma, t.astype(np.float64))
        mixed = self.lr * height + self.base_lr * (1.0 - height)
        return np.clip(mixed, min(self.lr, self.base_lr), max(self.lr, self.base_lr))

    def _code(self, extent: int, horizon: Horizon) -> str:
        up, down = self._sides(horizon)
        lines = [
            f"cycle = t // {up + down}",
            f"local = t % {up + down}",
            f"height = local / {up} if local <= {up} else ({up + down} - local) / {down}",
        ]
        if self.mode == "triangular2":
            lines.append("height *= 0.5 ** cycle")
        elif self.mode == "exp_range":
            lines.append(f"height *= {number_code(self.gamma)} ** t")
        return "\n".join([*lines, f"return {blend_code(self.lr, self.base_lr, 'height')}"])

    def _corners(self, span: int, horizon: Horizon) -> list[int]:
        up, down = self._sides(horizon)
        bottoms = range(0, self._extent(span, horizon) + 1, up + down)[: MANY_CORNERS // 2 + 1]
        return [corner for bottom in bottoms for corner in (bottom, bottom + up)]
