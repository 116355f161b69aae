"""The networks a run can train, by name: plain torch modules.  Training them is the engine's business.

All take images as (batch, 1, 28, 28) floats in 0..1 and return (batch, classes) logits.  Parameters start as
torch initialises them, so the seed set before `build` decides them.
"""

from __future__ import annotations

from collections.abc import Callable

from torch import nn


def lenet(classes: int = 10, filters: tuple[int, int] = (6, 16)) -> nn.Sequential:
    """LeNet-5 with ReLU for its sigmoids and max for its average pooling, as the chapter modernises it.

    Args:
        classes: number of logits.
        filters: output channels of the two convolutions.

    Source: LeCun et al., "Gradient-based learning applied to document recognition", 1998; modernised in
    Dive into Deep Learning, "Learning Rate Scheduling".
    """
    first, second = filters
    return nn.Sequential(
        nn.Conv2d(1, first, kernel_size=5, padding=2),  # 28x28 in, 28x28 out
        nn.ReLU(),
        nn.MaxPool2d(2, 2),
        nn.Conv2d(first, second, kernel_size=5),  # 14x14 in, 10x10 out
        nn.ReLU(),
        nn.MaxPool2d(2, 2),
        nn.Flatten(),
        nn.Linear(second * 5 * 5, 120),
        nn.ReLU(),
        nn.Linear(120, 84),
        nn.ReLU(),
        nn.Linear(84, classes),
    )


def lenet_1(classes: int = 10) -> nn.Sequential:
    """The same network with one filter a layer, which is what the book's Java edition printed results for."""
    return lenet(classes, filters=(1, 1))


MODELS: dict[str, Callable[[int], nn.Module]] = {"lenet": lenet, "lenet-1": lenet_1}


def build(name: str, classes: int = 10) -> nn.Module:
    """The network called `name`, freshly initialised (ValueError if there is none)."""
    if name not in MODELS:
        raise ValueError(f"model {name!r}: unknown; the models are {', '.join(MODELS)}")
    return MODELS[name](classes)
