"""Build the torch optimizer that a run's spec names.

Which optimizers and options exist, and whether a text names one, is `lrtui.runs.optimizers`' to say; here is
one entry for each of those names.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from typing import Any

import torch
from torch import Tensor
from torch.optim import Optimizer

from lrtui.runs.optimizers import OptimizerSpec
from lrtui.schedules import Schedule


class SGLD(Optimizer):
    """Stochastic gradient Langevin dynamics (Welling and Teh 2011): SGD that samples instead of settling.

    An update is `w -= lr * (gradient + weight_decay * w)`, plus Gaussian noise.  The paper's step eps weighs
    the gradient of the sum over all N examples by eps / 2 and adds noise of variance eps.  The loss here is
    the mean over the examples, so `lr` is eps * N / 2, and the variance is 2 * lr / N.  The noise comes from
    torch's generator of the parameters' device.

    Args:
        params: what to train.
        lr: the learning rate, in the mean loss's scale.
        examples: N, the number of training examples.
        weight_decay: precision of a Gaussian prior over the weights, divided by N.
        temperature: times the variance; 1 samples the posterior, 0 is plain SGD, N / 2 makes it `lr`.
    """

    def __init__(
        self,
        params: Iterable[Tensor],
        lr: float,
        examples: int,
        weight_decay: float = 0.0,
        temperature: float = 1.0,
    ) -> None:
        self._examples = examples
        super().__init__(params, {"lr": lr, "weight_decay": weight_decay, "temperature": temperature})

    @torch.no_grad()
    def step(self, closure: None = None) -> None:  # type: ignore[override]
        """Make one update; closures aren't supported."""
        assert closure is None
        for group in self.param_groups:
            spread = math.sqrt(2 * group["lr"] * group["temperature"] / self._examples)
            for parameter in group["params"]:
                if parameter.grad is None:
                    continue
                parameter.add_(parameter.grad.add(parameter, alpha=group["weight_decay"]), alpha=-group["lr"])
                if spread:
                    parameter.add_(torch.randn_like(parameter), alpha=spread)


#: How each optimizer of the spec is made: parameters, the first learning rate, and its checked options.
BUILDERS: dict[str, Callable[..., Optimizer]] = {
    "sgd": torch.optim.SGD,
    "adam": torch.optim.Adam,
    "adamw": torch.optim.AdamW,
    "rmsprop": torch.optim.RMSprop,
    "adagrad": torch.optim.Adagrad,
    "sgld": SGLD,
}


def build(choice: OptimizerSpec, parameters: Iterable[Tensor], lr: float, examples: int) -> Optimizer:
    """The optimizer of `choice` over `parameters`; the engine sets its rate anew at every update.

    Args:
        choice: a checked choice; of an option that follows a schedule, any value will do until it is set.
        parameters: what to train.
        lr: the first learning rate.
        examples: how many there are to train on.

    Raises:
        ValueError: if the spec knows the name and this module doesn't.
    """
    options = {name: _placeholder(value) for name, value in choice.options.items()}
    if choice.name not in BUILDERS:
        raise ValueError(f"optimizer {choice.name!r}: can't be built; there is {', '.join(BUILDERS)}")
    if choice.name == "sgld":
        options["examples"] = examples
    return BUILDERS[choice.name](parameters, lr=lr, **options)


def momentum(optimizer: Optimizer) -> float:
    """The momentum in force, of Adam its first beta; 0 for one that has none."""
    group = optimizer.param_groups[0]
    return float(group["betas"][0] if "betas" in group else group.get("momentum", 0.0))


def put(optimizer: Optimizer, name: str, value: float) -> None:
    """Set `lr`, `momentum` (of Adam: its first beta) or `weight_decay` for the next update."""
    for group in optimizer.param_groups:
        if name == "momentum" and "betas" in group:
            group["betas"] = (value, group["betas"][1])
        else:
            group[name] = value


def _placeholder(value: Any) -> Any:
    if isinstance(value, tuple):
        return tuple(_placeholder(each) for each in value)
    return 0.5 if isinstance(value, Schedule) else value
