"""How the optimizer of a script's own loop gets its rates.

Knows optimizers only by their `param_groups`; imports no torch. Which rate is in force, `steering` says.
"""

from __future__ import annotations

from typing import Any

from lrtui.runs.own_log import OwnLoopError


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
