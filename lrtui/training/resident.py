"""A data set as it lies on the device, and the order in which an epoch goes through it.

The images stay bytes; a batch becomes floats when it is used.  On a CPU that takes as long as picking it from
floats would (0.05 ms, where an update takes 15): floats would only take four times the memory.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from lrtui.training.data import Images


@dataclass(frozen=True, slots=True)
class Resident:
    """A data set on its device: images uint8 (count, 1, rows, columns), labels int64 (count,)."""

    train_images: Tensor
    train_labels: Tensor
    test_images: Tensor
    test_labels: Tensor
    classes: int

    @classmethod
    def on(cls, device: torch.device, images: Images) -> Resident:
        """Copy a data set to `device`."""

        def pixels(array: NDArray[np.uint8]) -> Tensor:
            return torch.tensor(array, device=device).unsqueeze(1)

        def classes(array: NDArray[np.uint8]) -> Tensor:
            return torch.tensor(array, device=device).long()

        return cls(
            pixels(images.train_images),
            classes(images.train_labels),
            pixels(images.test_images),
            classes(images.test_labels),
            images.classes,
        )

    @property
    def device(self) -> torch.device:
        """Where it lies."""
        return self.train_labels.device

    def batch(self, index: Tensor) -> tuple[Tensor, Tensor]:
        """The training images (as floats) and labels that `index`, int64 (batch,) on the device, names."""
        return to_floats(self.train_images.index_select(0, index)), self.train_labels[index]


def to_floats(pixels: Tensor) -> Tensor:
    """Bytes 0..255 as floats 0..1, channels_last: what torchvision's ToTensor does, a batch at a time."""
    return pixels.to(torch.float32, memory_format=torch.channels_last).div_(255)


def epoch_order(examples: int, seed: int, epoch: int) -> Tensor:
    """The order of the examples in an epoch: a permutation that only the seed and the epoch decide.

    It is drawn on the CPU, so that all devices see the examples in the same order, and from the epoch's own
    seed, so that a run can be taken up at any epoch without replaying those before it.
    """
    # A stream of its own for each epoch: with seed + epoch, neighbouring seeds would share most of them.
    stream = np.random.SeedSequence(seed, spawn_key=(epoch,))
    generator = torch.Generator()
    generator.manual_seed(int(stream.generate_state(1, np.uint64)[0]))
    return torch.randperm(examples, generator=generator)
