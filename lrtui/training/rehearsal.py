"""A network's pass forwards and backwards before the first update, for what torch settles at that moment.

Compilers compile then, and DistributedDataParallel puts the gradients in the order in which they come. No
trace of it is left in the model or in the random generators.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from typing import Any

import torch
from torch import Tensor, nn

from lrtui.training import devices


def rehearse(
    model: nn.Module,
    network: Callable[[Tensor], Tensor],
    batches: Iterable[Tensor],
    context: Callable[[], AbstractContextManager[Any]],
) -> None:
    """Compute the gradients of some batches and forget them.

    Args:
        model: what is trained; it is left in training mode, without gradients.
        network: what calls it, compiled or wrapped.
        batches: of images, such as there will be.
        context: what the network will be computed in.
    """
    kept = [each.clone() for each in model.buffers()]
    model.train()
    for images in batches:
        random = devices.random_state(images.device)
        with context():
            logits = network(images)
        torch.autograd.backward(logits.float().sum())
        devices.set_random_state(images.device, random)
    model.zero_grad(set_to_none=True)
    for buffer, before in zip(model.buffers(), kept, strict=True):
        buffer.copy_(before)
