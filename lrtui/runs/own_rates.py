"""The rate of every update of an own loop, the schedule's or one set by hand, and how optimizers get it.

Knows optimizers only by their `param_groups`; imports no torch.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt

from lrtui.runs.own_log import OwnLoopError


class OwnRates:
    """The rates in force: `rates[i]` of the schedule times a factor, unless a rate is held by hand.

    Attributes:
        held: the rate somebody set by hand, None while the schedule is followed.
        factor: what the schedule is multiplied by.
    """

    def __init__(self, rates: npt.NDArray[np.float64] | None) -> None:
        self._rates = rates
        self.held: float | None = None
        self.factor = 1.0

    def at(self, step: int) -> float | None:
        """The rate of an update (from 0); past the end the last one holds. None if nothing says any."""
        if self.held is not None:
            return self.held
        if self._rates is None:
            return None
        return float(self._rates[min(max(step, 0), len(self._rates) - 1)]) * self.factor

    def obey(self, command: str, args: dict[str, Any]) -> str:
        """Do `set-rate` (lr), `scale-rate` (factor) or `follow-schedule`; what is wrong, else empty."""
        if command == "follow-schedule":
            if self._rates is None:
                return "this run has no schedule to follow"
            self.held, self.factor = None, 1.0
            return ""
        name = "lr" if command == "set-rate" else "factor"
        value = args.get(name)
        if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value < math.inf:
            return f"{command} needs {name}, a finite number that isn't negative"
        if command == "set-rate":
            self.held = float(value)
        elif self._rates is None:
            return "this run has no schedule to scale"
        else:
            self.held, self.factor = None, float(value)
        return ""


class ParamGroups:
    """The parameter groups of an optimizer, their rates set together.

    Groups keep the ratio of their initial rate to the first group's: with groups at 0.1 and 0.01, a rate of
    0.5 makes them 0.5 and 0.05. Where the first group's rate is 0, and for groups added later, it is 1.

    Attributes:
        ratios: those of the groups there were.
    """

    def __init__(self, optimizer: Any) -> None:
        groups = getattr(optimizer, "param_groups", None)
        if not isinstance(groups, list) or not groups:
            raise OwnLoopError(f"an optimizer with param_groups is needed, not a {type(optimizer).__name__}")
        self._optimizer = optimizer
        initial = [float(group.get("initial_lr", group["lr"])) for group in groups]
        self.ratios = [each / initial[0] if initial[0] > 0 else 1.0 for each in initial]

    def current(self) -> float:
        """The first group's rate as it is now."""
        return float(self._optimizer.param_groups[0]["lr"])

    def set(self, lr: float) -> None:
        """Give the first group this rate, and the others theirs."""
        for index, group in enumerate(self._optimizer.param_groups):
            ratio = self.ratios[index] if index < len(self.ratios) else 1.0
            if hasattr(group["lr"], "fill_"):
                # A rate that is a tensor (capturable, compiled optimizers) must stay the same tensor.
                group["lr"].fill_(lr * ratio)
            else:
                group["lr"] = lr * ratio
