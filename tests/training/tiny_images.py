"""Random images with labels in turn, for tests where the pictures don't matter."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from lrtui.runs.datasets import FILES
from lrtui.training import idx
from lrtui.training.data import Images


def tiny(train: int = 64, test: int = 32, *, classes: int = 10, seed: int = 0) -> Images:
    generator = np.random.default_rng(seed)

    def pixels(count: int) -> idx.Bytes:
        return generator.integers(0, 256, (count, 28, 28), dtype=np.uint8)

    def labels(count: int) -> idx.Bytes:
        return (np.arange(count) % classes).astype(np.uint8)

    return Images(pixels(train), labels(train), pixels(test), labels(test))


def write(folder: Path, images: Images) -> None:
    """Write a data set as the four files that a run finds in a folder."""
    arrays = (images.train_images, images.train_labels, images.test_images, images.test_labels)
    folder.mkdir()
    for name, array in zip(FILES.values(), arrays, strict=True):
        (folder / name).write_bytes(idx.encode(array))
