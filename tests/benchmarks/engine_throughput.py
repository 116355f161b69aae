"""How fast the engine trains, between the textbook loop and the limit of the machine, measured in one run.

    python tests/benchmarks/engine_throughput.py [--seconds 4] [--rounds 3] [--batch-size 256] [--threads N]

Three contestants take turns, so that a machine that slows down slows all of them:

textbook   a torchvision-style DataLoader, ToTensor, two workers; loss and accuracy read back every step
engine     lrtui's own step loop: data resident as bytes, nothing read back but once a report
limit      forward, backward and update on one batch that is ready on the device, channels_last

Prints the best round of each in examples a second, and the two ratios that matter.  This is a program, no
test: its figures depend on the machine, its ratios hardly.
"""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Callable, Iterator
from typing import Any

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")  # as the worker sets it

import torch
from PIL import Image
from torch.nn import functional
from torch.utils.data import DataLoader, Dataset
from torchvision.transforms import ToTensor

from lrtui.runs.spec import RunSpec
from lrtui.training import devices, models
from lrtui.training.data import Images, load_embedded
from lrtui.training.ending import Interrupted
from lrtui.training.engine import to_floats
from lrtui.training.session import prepare


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


def textbook(images: Images, device: torch.device, batch_size: int) -> Callable[[float], float]:
    """The loop of the tutorials."""
    torch.manual_seed(0)
    model = models.build("lenet").to(device)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    loader = DataLoader(Pictures(images), batch_size, shuffle=True, num_workers=2, persistent_workers=True)

    def batches() -> Iterator[Any]:
        while True:
            yield from loader

    endless = batches()

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


def engine(images: Images, device: torch.device, batch_size: int) -> Callable[[float], float]:
    """lrtui's engine with its reports, up to the moment the time is over."""

    class Bell:
        until = 0.0

        def emit(self, kind: str, /, **fields: Any) -> None:
            return None

        def closed(self, best: bool) -> None:
            pass

        def poll(self, step: int) -> None:
            if time.perf_counter() > self.until:
                raise Interrupted("time is up")

    bell = Bell()
    spec = RunSpec(schedule="constant(0.1)", epochs=1_000, batch_size=batch_size)
    ready = prepare(spec, images, device, bell)
    ready.evaluate = lambda: (0.0, 0.0)  # type: ignore[method-assign]  # training time only, as examples_per_sec is

    def go(seconds: float) -> float:
        first, start = ready.done, time.perf_counter()
        bell.until = start + seconds
        try:
            ready.run()
        except Interrupted:
            synchronize(device)
        elapsed = time.perf_counter() - start
        return (ready._examples_before(ready.done) - ready._examples_before(first)) / elapsed

    return go


def limit(images: Images, device: torch.device, batch_size: int) -> Callable[[float], float]:
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


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seconds", type=float, default=4.0, help="of each turn")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--batch-size", type=int, default=256)
    parser.add_argument("--threads", type=int, default=None)
    parser.add_argument("--device", default="auto")
    options = parser.parse_args()
    if options.threads:
        torch.set_num_threads(options.threads)
    device = devices.resolve(options.device)
    images = load_embedded()
    contestants = {
        make.__name__: make(images, device, options.batch_size) for make in (textbook, engine, limit)
    }
    best = dict.fromkeys(contestants, 0.0)
    for go in contestants.values():
        go(0.5)  # warm
    for _ in range(options.rounds):
        for name, go in contestants.items():
            best[name] = max(best[name], go(options.seconds))
    print(f"{devices.describe(device)}, batch {options.batch_size}, best of {options.rounds}")
    for name, speed in best.items():
        print(f"{name:10} {speed:10,.0f} examples/s")
    print(f"engine / textbook  {best['engine'] / best['textbook']:.2f}")
    print(f"engine / limit     {best['engine'] / best['limit']:.2f}")


if __name__ == "__main__":
    main()
