"""Families that follow a metric: plateau and greedy. They decide after each epoch, from its metric alone.

What is here is what they decide, one observation at a time. Running them over a trace of metrics, in front of
other phases or drawn, is `following`'s business.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from lrtui.schedules.errors import ScheduleError
from lrtui.schedules.parameters import choice, count, number, rate
from lrtui.schedules.registry import Dialect, register
from lrtui.schedules.roles import MetricDriven

State = dict[str, Any]
"""Plain numbers and lists of them: what a checkpoint can hold."""


def _mode() -> Any:
    return choice("min", "Whether less is better (a loss) or more (an accuracy).", ("min", "max"))


def _patience() -> Any:
    return count(10, "How many epochs in a row are let pass; it acts on the next.", minimum=0)


def _threshold_mode(default: str) -> Any:
    return choice(default, "Whether threshold is a part of the best value or a difference.", ("rel", "abs"))


_FACTOR_BOUNDS = {"minimum": 0, "maximum": 1, "exclusive_minimum": True, "exclusive_maximum": True}
_COOLDOWN = "How many epochs after a cut don't count."
_EPS = "A change of the rate that isn't larger than this is left undone."


class _Metric(MetricDriven):
    """What both families share: when a value is better than the best before it."""

    lr: float
    mode: str
    threshold: float
    threshold_mode: str
    factor: float
    min_lr: float
    eps: float

    def _better(self, value: float, best: float) -> bool:
        # Kept in the order of operations of torch and transformers, which agree on it. NaN is never better.
        if self.mode == "min":
            bar = best * (1.0 - self.threshold) if self.threshold_mode == "rel" else best - self.threshold
            return value < bar
        bar = best * (1.0 + self.threshold) if self.threshold_mode == "rel" else best + self.threshold
        return value > bar

    @property
    def _worst(self) -> float:
        return math.inf if self.mode == "min" else -math.inf

    def _less(self, lr: float) -> float:
        lower = max(lr * self.factor, self.min_lr)
        return lower if lr - lower > self.eps else lr


@register(
    "plateau",
    title="Plateau",
    summary="Cuts the rate when a metric has stopped getting better.",
    formula="lr * factor^(number of times that more than `patience` epochs in a row were no better)",
    references=("torch.optim.lr_scheduler.ReduceLROnPlateau", "keras.callbacks.ReduceLROnPlateau"),
    aliases=("reduce_on_plateau", "reduce_lr_on_plateau"),
    role="metric",
    order=280,
    dialects={
        "torch": Dialect(
            "ReduceLROnPlateau(mode, factor, patience, threshold, threshold_mode, cooldown, min_lr, eps)",
        ),
        "keras": Dialect(
            "ReduceLROnPlateau(monitor, factor, patience, mode, min_delta, cooldown, min_lr)",
            "Acts at patience bad epochs, not after more, and counts the last epoch of a cooldown: "
            "patience=n and cooldown=n there are n - 1 here. min_delta is threshold, with threshold_mode=abs "
            "and eps=0.",
        ),
        "transformers": Dialect("reduce_lr_on_plateau", "torch's, stepped at each evaluation."),
    },
)
@dataclass(frozen=True)
class Plateau(_Metric):
    """torch's ReduceLROnPlateau, stepped once an epoch with that epoch's metric.

    An epoch is better if its metric beats the best by more than `threshold`. After more than `patience`
    epochs in a row that aren't, the rate is multiplied by `factor`, though not below `min_lr`, and the next
    `cooldown` epochs don't count. A metric that isn't a number is never better.
    """

    lr: float = rate(0.1, "The rate until the first cut.")
    mode: str = _mode()
    factor: float = number(0.1, "What the rate is multiplied with.", **_FACTOR_BOUNDS)
    patience: int = _patience()
    threshold: float = number(1e-4, "How much better than the best counts as better.", minimum=0)
    threshold_mode: str = _threshold_mode("rel")
    cooldown: int = count(0, _COOLDOWN, minimum=0)
    min_lr: float = rate(0.0, "The least rate.")
    eps: float = number(1e-8, _EPS, minimum=0)

    def begin(self) -> State:
        """Return the state before the first metric."""
        return {"lr": self.lr, "best": self._worst, "bad": 0, "cooling": 0}

    def observe(self, state: State, metric: float) -> State:
        """Return the state after an epoch whose metric is `metric`."""
        lr, best, bad, cooling = state["lr"], state["best"], state["bad"], state["cooling"]
        if self._better(metric, best):
            best, bad = metric, 0
        else:
            bad += 1
        if cooling > 0:
            cooling, bad = cooling - 1, 0
        if bad > self.patience:
            lr, cooling, bad = self._less(lr), self.cooldown, 0
        return {"lr": lr, "best": best, "bad": bad, "cooling": cooling}


@register(
    "greedy",
    title="Greedy",
    summary="Cuts the rate when a metric stops getting better, and raises it while it keeps getting better.",
    formula="lr * factor^(cuts - raises), each after more than `patience` epochs in a row",
    references=("transformers.GreedyLR", "GreedyLR (2025), arXiv:2512.14527"),
    aliases=("greedylr",),
    role="metric",
    order=290,
    dialects={
        "transformers": Dialect("GreedyLR (greedy)", "smooth=True with window_size=n is window=n here."),
    },
)
@dataclass(frozen=True)
class Greedy(_Metric):
    """transformers' GreedyLR, stepped once an epoch with that epoch's metric.

    The rate is multiplied by `factor` after more than `patience` epochs in a row that aren't better, and
    divided by it after more than `patience` in a row that are; `cooldown` and `warmup` epochs after that
    don't count. After `reset_start` cuts at `min_lr` it starts again at `lr`. With `window` the metric is
    averaged over that many epochs first.
    """

    lr: float = rate(0.1, "The rate it starts with.")
    mode: str = _mode()
    factor: float = number(0.95, "What the rate is multiplied with, or divided by.", **_FACTOR_BOUNDS)
    patience: int = _patience()
    threshold: float = number(1e-6, "How much better than the best counts as better.", minimum=0)
    threshold_mode: str = _threshold_mode("abs")
    cooldown: int = count(0, _COOLDOWN, minimum=0)
    warmup: int = count(0, "How many epochs after a raise don't count.", minimum=0)
    min_lr: float = rate(1e-3, "The least rate.")
    max_lr: float = rate(1.0, "The greatest rate.")
    eps: float = number(1e-8, _EPS, minimum=0)
    window: int | None = count(
        None, "Over how many epochs the metric is averaged; left out, it isn't.", minimum=1, maximum=10_000
    )
    reset_start: int = count(500, "After how many cuts at min_lr it starts again.", minimum=0)

    def _check_together(self) -> None:
        if self.max_lr < self.min_lr:
            raise ScheduleError("max_lr must be at least min_lr", family="greedy", parameter="max_lr")

    def begin(self) -> State:
        """Return the state before the first metric."""
        return {
            "lr": self.lr,
            "best": self._worst,
            "bad": 0,
            "good": 0,
            "cooling": 0,
            "warming": 0,
            "until_reset": self.reset_start,
            "recent": [],
            "sum": 0.0,
        }

    def observe(self, state: State, metric: float) -> State:
        """Return the state after an epoch whose metric is `metric`."""
        new = dict(state)
        value = metric if self.window is None else self._averaged(new, metric)
        if new["cooling"] > 0 or new["warming"] > 0:
            waiting = "cooling" if new["cooling"] > 0 else "warming"
            return new | {waiting: new[waiting] - 1, "bad": 0, "good": 0}
        if self._better(value, new["best"]):
            new |= {"best": value, "bad": 0, "good": new["good"] + 1}
        else:
            new |= {"bad": new["bad"] + 1, "good": 0}
        if new["good"] > self.patience:
            higher = min(new["lr"] / self.factor, self.max_lr)
            if higher - new["lr"] > self.eps:
                new["lr"] = higher
            new |= {"until_reset": self.reset_start, "warming": self.warmup, "good": 0}
        elif new["bad"] > self.patience:
            new = self._cut(new) | {"cooling": self.cooldown, "bad": 0}
        return new

    def _cut(self, state: State) -> State:
        new = state | {"lr": self._less(state["lr"])}
        if new["lr"] > self.min_lr:
            return new
        new["until_reset"] -= 1
        return self.begin() if new["until_reset"] <= 0 else new

    def _averaged(self, state: State, metric: float) -> float:
        # A running sum as transformers keeps it, rounding and all, so that a NaN stays in it for ever there.
        state["recent"] = [*state["recent"], metric]
        state["sum"] += metric
        assert self.window is not None
        if len(state["recent"]) > self.window:
            state["sum"] -= state["recent"][0]
            state["recent"] = state["recent"][1:]
        return float(state["sum"] / len(state["recent"]))
