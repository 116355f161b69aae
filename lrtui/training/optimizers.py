"""Build the torch optimizer that a run's spec names.

Which optimizers and options exist, and whether a text names one, is `lrtui.runs.optimizers`' to say; here is
one entry for each of those names.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import torch
from torch import Tensor
from torch.optim import Optimizer

from lrtui.runs.optimizers import OptimizerSpec

#: How each optimizer of the spec is made: parameters, the first learning rate, and its checked options.
BUILDERS: dict[str, Callable[..., Optimizer]] = {"sgd": torch.optim.SGD}


def build(choice: OptimizerSpec, parameters: Iterable[Tensor], lr: float) -> Optimizer:
    """The optimizer of `choice` over `parameters`; the engine sets its rate anew at every update.

    Raises:
        ValueError: if the spec knows the name and this module doesn't.
    """
    options: dict[str, Any] = choice.options
    if choice.name not in BUILDERS:
        raise ValueError(f"optimizer {choice.name!r}: can't be built; there is {', '.join(BUILDERS)}")
    return BUILDERS[choice.name](parameters, lr=lr, **options)
