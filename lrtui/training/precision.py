"""In what precision a run computes: float32, TF32 on CUDA, or mixed with bfloat16 or float16.

Weights, gradients, averages and the loss are float32 always; mixed precision computes the network's products
in the shorter type.
"""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from typing import Any

import torch
from torch import Tensor
from torch.amp.grad_scaler import GradScaler

from lrtui.training.devices import DeviceError

_SHORT = {"bf16": torch.bfloat16, "fp16": torch.float16}


class Precision:
    """How the products of a run are computed on its device.

    With `fp16` the loss is scaled, so that small gradients don't vanish: an update whose scaled gradients
    overflow changes no weight (the schedule goes on all the same), and the scale is halved.

    Args:
        name: `float32`, `tf32`, `bf16` or `fp16`.
        device: where the run trains; CUDA's choice between float32 and TF32 is the process's own and is set.

    Raises:
        DeviceError: for TF32 on anything but CUDA.
    """

    def __init__(self, name: str, device: torch.device) -> None:
        if name == "tf32" and device.type != "cuda":
            raise DeviceError(f"precision tf32: needs a CUDA device, not {device.type}; use float32 or bf16")
        allow_tf32(name == "tf32")
        self._device = device.type
        self._type = _SHORT.get(name)
        self._scaler = GradScaler(self._device) if name == "fp16" else None

    def context(self) -> AbstractContextManager[Any]:
        """What the network and the loss are computed in."""
        if self._type is None:
            return nullcontext()
        return torch.autocast(self._device, dtype=self._type)

    def scaled(self, loss: Tensor) -> Tensor:
        """The loss to take gradients of."""
        return loss if self._scaler is None else self._scaler.scale(loss)

    def unscale(self, optimizer: torch.optim.Optimizer) -> None:
        """Bring the gradients back to their own scale, once an update, before they are looked at."""
        if self._scaler is not None:
            self._scaler.unscale_(optimizer)

    def step(self, optimizer: torch.optim.Optimizer) -> None:
        """Have the optimizer make its update, unless scaled gradients have overflowed."""
        if self._scaler is None:
            optimizer.step()
        else:
            self._scaler.step(optimizer)
            self._scaler.update()

    def state(self) -> dict[str, Any] | None:
        """The scale and its history, plain values; None where nothing is scaled."""
        return None if self._scaler is None else self._scaler.state_dict()

    def restore(self, state: dict[str, Any] | None) -> None:
        """Go on from what `state` gave."""
        if self._scaler is not None and state is not None:
            self._scaler.load_state_dict(state)


def allow_tf32(allowed: bool) -> None:
    """Have CUDA compute float32 products and convolutions in TF32, or in float32 itself."""
    torch.set_float32_matmul_precision("high" if allowed else "highest")
    torch.backends.cudnn.allow_tf32 = allowed
