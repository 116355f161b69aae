"""What every update of an epoch leaves on the device, and what an epoch or a part of it adds up to."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Page:
    """The figures of an epoch's updates so far, read back; float64 (updates,) each, in order.

    Attributes:
        losses: mean loss of each update's examples.
        hits: how many of them were got right before the update.
        norms: norm of the update's gradient, before clipping.
        sizes: how many examples it took.
    """

    losses: Floats
    hits: Floats
    norms: Floats
    sizes: Floats

    def loss(self, last: int = 0) -> float:
        """Mean loss an example over the `last` updates, or over all."""
        return float(np.average(self.losses[-last:], weights=self.sizes[-last:]))

    def accuracy(self, last: int = 0) -> float:
        """Accuracy (0..1) over the `last` updates, or over all."""
        return float(self.hits[-last:].sum() / self.sizes[-last:].sum())


class Books:
    """Loss, hits and gradient norm of each update of the current epoch, on the device.

    Args:
        examples: in an epoch.
        per_update: how many an update takes; the last one of an epoch takes what is left.
        device: where training happens.

    Attributes:
        updates: in an epoch.
        figures: float32 (3, updates): losses, hits and norms.
    """

    def __init__(self, examples: int, per_update: int, device: torch.device) -> None:
        self.updates = math.ceil(examples / per_update)
        self.figures = torch.zeros(3, self.updates, device=device)
        self._sizes = np.full(self.updates, per_update, np.float64)
        self._sizes[-1] = examples - per_update * (self.updates - 1)
        self._examples, self._per_update = examples, per_update

    def write(self, update: int, loss: Tensor, hits: Tensor, norm: Tensor) -> None:
        """Note what an update (from the run's start, from 0) has left: scalars on the device."""
        place = update % self.updates
        self.figures[0, place] = loss
        self.figures[1, place] = hits
        self.figures[2, place] = norm

    def read(self, done: int) -> Page:
        """The page of the epoch that the last of `done` updates lies in: here the device is waited for."""
        made = (done - 1) % self.updates + 1
        losses, hits, norms = self.figures[:, :made].cpu().double().numpy()
        return Page(losses, hits, norms, self._sizes[:made])

    def examples_before(self, update: int) -> int:
        """How many examples the updates before this one have taken."""
        epochs, updates = divmod(update, self.updates)
        return epochs * self._examples + updates * self._per_update

    def restore(self, figures: Tensor) -> None:
        """Take over another's figures; those of an older version lack the norms."""
        self.figures[: len(figures)].copy_(figures)
