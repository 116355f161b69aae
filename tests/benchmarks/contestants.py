"""What `engine_throughput` measures lrtui's engine against: loops that people usually run, and the limit."""

from __future__ import annotations

import contextlib
import time
import warnings
from collections.abc import Callable, Iterator
from typing import Any

import torch
from PIL import Image
from torch.nn import functional
from torch.utils.data import DataLoader, Dataset
from torchvision.transforms import ToTensor

from lrtui.training import models
from lrtui.training.data import Images
from lrtui.training.resident import to_floats

Go = Callable[[float], float]
"""Trains for so many seconds; returns examples a second."""


class Pictures(Dataset[tuple[torch.Tensor, int]]):
    """What torchvision's FashionMNIST does for each example: array to PIL image to tensor."""

    def __init__(self, images: Images) -> None:
        self.images = torch.tensor(images.train_images)
        self.labels = torch.tensor(images.train_labels).long()
        self.transform = ToTensor()

    def __len__(self) -> int:
        return len(self.labels)

    def __getitem__(self, index: int) -> tuple[torch.Tensor, int]:
        return self.transform(Image.fromarray(self.images[index].numpy())), int(self.labels[index])


def loader(images: Images, batch_size: int) -> DataLoader[tuple[torch.Tensor, int]]:
    """Batches as the tutorials make them."""
    return DataLoader(Pictures(images), batch_size, shuffle=True, num_workers=2, persistent_workers=True)


def textbook(images: Images, device: torch.device, batch_size: int) -> Go:
    """The loop of the tutorials."""
    torch.manual_seed(0)
    model = models.build("lenet").to(device)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    batches = loader(images, batch_size)

    def forever() -> Iterator[Any]:
        while True:
            yield from batches

    endless = forever()

    def go(seconds: float) -> float:
        next(endless)  # the workers have started
        examples, start = 0, time.perf_counter()
        while time.perf_counter() - start < seconds:
            pixels, labels = (part.to(device) for part in next(endless))
            optimizer.zero_grad()
            logits = model(pixels)
            loss = functional.cross_entropy(logits, labels)
            loss.backward()
            optimizer.step()
            _ = loss.item(), (logits.argmax(1) == labels).float().mean().item()
            examples += len(labels)
        return examples / (time.perf_counter() - start)

    return go


def lightning(images: Images, device: torch.device, batch_size: int) -> Go:
    """Lightning's Trainer, with loss and accuracy logged at every step; ImportError without it."""
    import logging

    from lightning import pytorch as pl

    logging.getLogger("lightning.pytorch").setLevel(logging.ERROR)
    warnings.filterwarnings("ignore", module="lightning")
    batches = loader(images, batch_size)

    class Classifier(pl.LightningModule):
        def __init__(self) -> None:
            super().__init__()
            torch.manual_seed(0)
            self.model = models.build("lenet")

        def training_step(self, batch: Any, _: int) -> torch.Tensor:
            pixels, labels = batch
            logits = self.model(pixels)
            loss = functional.cross_entropy(logits, labels)
            accuracy = (logits.argmax(1) == labels).float().mean()
            self.log_dict({"loss": loss, "accuracy": accuracy}, on_step=True, on_epoch=True)
            return loss

        def configure_optimizers(self) -> torch.optim.Optimizer:
            return torch.optim.SGD(self.parameters(), lr=0.1)

    class Clock(pl.Callback):
        """Counts from the end of the first batch on, when everything has started."""

        def __init__(self, seconds: float) -> None:
            self.seconds, self.examples, self.start, self.end = seconds, 0, 0.0, 0.0

        def on_train_batch_end(self, trainer: Any, module: Any, outputs: Any, batch: Any, index: int) -> None:
            now = time.perf_counter()
            if not self.start:
                self.start = now
                return
            self.examples += len(batch[1])
            if now - self.start >= self.seconds and not self.end:
                self.end = now
                trainer.should_stop = True
                raise StopIteration

    classifier = Classifier()
    accelerator = {"cuda": "gpu"}.get(device.type, device.type)

    def go(seconds: float) -> float:
        clock = Clock(seconds)
        trainer = pl.Trainer(
            max_epochs=-1,
            accelerator=accelerator,
            devices=1,
            logger=False,
            enable_checkpointing=False,
            enable_progress_bar=False,
            enable_model_summary=False,
            callbacks=[clock],
        )
        with contextlib.suppress(StopIteration):
            trainer.fit(classifier, batches)
        return clock.examples / (clock.end - clock.start)

    return go


def limit(images: Images, device: torch.device, batch_size: int) -> Go:
    """Nothing but the arithmetic."""
    torch.manual_seed(0)
    model = models.build("lenet").to(device).to(memory_format=torch.channels_last)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    pixels = to_floats(torch.tensor(images.train_images[:batch_size], device=device).unsqueeze(1))
    labels = torch.tensor(images.train_labels[:batch_size], device=device).long()

    def go(seconds: float) -> float:
        steps, start = 0, time.perf_counter()
        while time.perf_counter() - start < seconds:
            functional.cross_entropy(model(pixels), labels).backward()
            optimizer.step()
            optimizer.zero_grad(set_to_none=True)
            steps += 1
        synchronize(device)
        return steps * batch_size / (time.perf_counter() - start)

    return go


def synchronize(device: torch.device) -> None:
    """Wait for what was only asked of the device so far."""
    if device.type == "cuda":
        torch.cuda.synchronize(device)
    elif device.type == "mps":
        torch.mps.synchronize()
