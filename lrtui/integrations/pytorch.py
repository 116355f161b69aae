"""Rates as an ordinary scheduler of torch, exact to the last bit and exactly resumable.

With this module, torch is imported.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from torch import Tensor
from torch.optim import Optimizer
from torch.optim.lr_scheduler import LRScheduler

from lrtui.runs.own_rates import ParamGroups


class RatesLR(LRScheduler):
    """A torch scheduler over an array of rates, one an update; past the end the last one holds.

    Not a `LambdaLR`: that multiplies a group's initial rate by a factor, and a rate divided by another and
    multiplied with it again isn't always the same float.

    Args:
        optimizer: gets the first rate at once. Groups keep the ratio of their rates to the first group's.
        rates: shape (updates,), at least one.
        last_epoch: updates made before, less one; -1 for a fresh start.
    """

    def __init__(self, optimizer: Optimizer, rates: npt.NDArray[np.float64], last_epoch: int = -1) -> None:
        self._rates = rates
        self._ratios = ParamGroups(optimizer).ratios
        super().__init__(optimizer, last_epoch)

    def get_lr(self) -> list[float | Tensor]:
        """The rates of all groups at the present update: a function of the position alone."""
        rate = float(self._rates[min(max(self.last_epoch, 0), len(self._rates) - 1)])
        ratios = self._ratios + [1.0] * (len(self.optimizer.param_groups) - len(self._ratios))
        return [rate * ratio for ratio in ratios]

    def state_dict(self) -> dict[str, Any]:
        """The position and the groups' ratios, plain values; the rates come from the script's schedule."""
        return {"last_epoch": self.last_epoch, "_step_count": self._step_count, "ratios": list(self._ratios)}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Take up another scheduler's position; its rate is in force at once."""
        self.last_epoch = int(state_dict["last_epoch"])
        self._step_count = int(state_dict["_step_count"])
        self._ratios = [float(ratio) for ratio in state_dict["ratios"]]
        rates = self.get_lr()
        for group, rate in zip(self.optimizer.param_groups, rates, strict=True):
            if isinstance(group["lr"], Tensor):
                group["lr"].fill_(rate)
            else:
                group["lr"] = rate
        self._last_lr = rates
