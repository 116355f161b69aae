"""Keep an average of the weights beside them; which count how much is `lrtui.runs.averages`' to say."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import torch
from torch import nn

from lrtui.runs.averages import Ema, Swa


class Averaged:
    """A second model whose weights are an average of the first one's along its way.

    Buffers (of layers with running statistics) are copied, not averaged.

    Args:
        model: what is averaged; it is only ever read.
        rule: how much each update's weights count.

    Attributes:
        model: the average; as the first model was at the start until something is taken in.
        taken: how many weights were taken in so far.
    """

    def __init__(self, model: nn.Module, rule: Ema | Swa) -> None:
        self.model = deepcopy(model).requires_grad_(False)
        self.taken = 0
        self._rule = rule
        self._from = [parameter.detach() for parameter in model.parameters()]
        self._to = [parameter.detach() for parameter in self.model.parameters()]
        self._buffers = list(zip(self.model.buffers(), model.buffers(), strict=True))

    @property
    def name(self) -> str:
        """`ema` or `swa`."""
        return self._rule.name

    @torch.no_grad()
    def follow(self, made: int, total: int) -> None:
        """Take in the weights as they are after `made` of `total` updates, if the rule says so."""
        share = self._rule.weight(made, total)
        if not share:
            return
        torch._foreach_lerp_(self._to, self._from, share)
        for mine, theirs in self._buffers:
            mine.copy_(theirs)
        self.taken += 1

    def state(self) -> dict[str, Any]:
        """The average as tensors and plain values, not copied."""
        return {"model": self.model.state_dict(), "taken": self.taken}

    def restore(self, state: dict[str, Any]) -> None:
        """Go on from what `state` gave."""
        self.model.load_state_dict(state["model"])
        self.taken = state["taken"]
