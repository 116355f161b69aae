"""How fast the engine trains, between what people usually run and the limit of the machine, in one run.

    python tests/benchmarks/engine_throughput.py [--seconds 4] [--rounds 5] [--batch-size 256] [--threads N]

The contestants take turns, so that a machine that slows down slows all of them:

textbook   a torchvision-style DataLoader, ToTensor, two workers; loss and accuracy read back every step
lightning  the same data and the same metrics in Lightning's Trainer; left out where it isn't installed
limit      forward, backward and update on one batch that is ready on the device, channels_last
engine     lrtui's own step loop as the worker runs it: resident data, reports into a run's log
app        the same, while the real `lrtui` is open in a terminal of 120x36 and draws that run

Evaluation and checkpoints are left out of all of them. Prints the median round of each in examples a second,
and the ratios that matter, each the median of the rounds' own. This is a program, no test: its figures depend
on the machine, its ratios hardly. Give it a quiet one.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import statistics
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")  # as the worker sets it

import torch
from PIL import Image
from torch.nn import functional
from torch.utils.data import DataLoader, Dataset
from torchvision.transforms import ToTensor

from lrtui.runs.events import EventWriter
from lrtui.runs.launch import take_lock
from lrtui.runs.run import Run
from lrtui.runs.spec import make_spec
from lrtui.runs.store import RunStore
from lrtui.training import devices, models
from lrtui.training.data import Images, load_embedded
from lrtui.training.ending import Interrupted
from lrtui.training.resident import to_floats
from lrtui.training.session import facts, prepare

Go = Callable[[float], float]
"""Trains for so many seconds; returns examples a second."""

APP = Path(__file__).with_name("open_app.py")


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


class Bell:
    """Looks after the engine as the worker's oversight does, until it is time to stop."""

    def __init__(self, writer: EventWriter) -> None:
        self.emit = writer.emit
        self.until = 0.0

    def closed(self, best: bool) -> None:
        """Save nothing."""

    def poll(self, step: int) -> None:
        """Stop when the time is over."""
        if time.perf_counter() > self.until:
            raise Interrupted("time is up")


def engine(run: Run, images: Images, device: torch.device) -> Go:
    """lrtui's engine with its reports in the run's log, up to the moment the time is over."""
    writer = EventWriter(run.events_path)
    bell = Bell(writer)
    ready = prepare(run.spec, images, device, bell)
    ready.evaluate = lambda model=None: (1.0, 0.5)  # type: ignore[method-assign]
    data = {"label": "the embedded subset", "kind": "embedded", "path": None}
    counts = {"train": len(images.train_labels), "test": len(images.test_labels)}
    bell.emit("started", **facts(ready, device), data={**data, **counts})

    def go(seconds: float) -> float:
        first, start = ready.done, time.perf_counter()
        bell.until = start + seconds
        with contextlib.suppress(Interrupted):
            ready.run()
        synchronize(device)
        elapsed = time.perf_counter() - start
        return (ready.books.examples_before(ready.done) - ready.books.examples_before(first)) / elapsed

    return go


def with_app(go: Go, runs: Path, shares: list[float]) -> Go:
    """The same with the app open on it, in processes of their own; `shares` gets what it takes of a core."""

    def under_eyes(seconds: float) -> float:
        command = [sys.executable, str(APP), str(runs)]
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as app:
            assert app.stdin is not None
            assert app.stdout is not None
            go(0.5)  # something to draw
            if app.stdout.readline() != "following\n":
                raise SystemExit("the app didn't come to follow the run")
            go(2.0)  # its first paint
            app.stdin.write("count\n")
            app.stdin.flush()
            speed = go(seconds)
            drawn, used = app.communicate("")[0].split()
        if not int(drawn):
            raise SystemExit("the app drew nothing")
        shares.append(float(used) / seconds)
        return speed

    return under_eyes


def synchronize(device: torch.device) -> None:
    """Wait for what was only asked of the device so far."""
    if device.type == "cuda":
        torch.cuda.synchronize(device)
    elif device.type == "mps":
        torch.mps.synchronize()


RATIOS = (
    ("engine", "textbook", 1.8),
    ("engine", "lightning", 1.8),
    ("engine", "limit", 0.92),
    ("app", "engine", 0.98),
)
"""Which ratios count, and what is expected of them on two cores."""


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seconds", type=float, default=4.0, help="of each turn")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--batch-size", type=int, default=256)
    parser.add_argument("--threads", type=int, default=None)
    parser.add_argument("--device", default="auto")
    options = parser.parse_args()
    if options.threads:
        torch.set_num_threads(options.threads)
    device = devices.resolve(options.device)
    images = load_embedded()
    spec = make_spec(
        schedule="0.1",
        data="embedded",
        epochs=1_000,
        batch_size=options.batch_size,
        device=str(device),
        threads=options.threads,
    )
    with tempfile.TemporaryDirectory() as folder:
        run = RunStore(Path(folder)).create(spec)
        take_lock(run)  # so that the app sees it train
        shares: list[float] = []
        contestants: dict[str, Go] = {"textbook": textbook(images, device, options.batch_size)}
        try:
            contestants["lightning"] = lightning(images, device, options.batch_size)
        except ImportError:
            print("lightning isn't installed: left out")
        contestants["limit"] = limit(images, device, options.batch_size)
        contestants["engine"] = engine(run, images, device)
        contestants["app"] = with_app(contestants["engine"], Path(folder), shares)
        for go in contestants.values():
            go(0.5)  # warm
        speeds = [
            {name: go(options.seconds) for name, go in contestants.items()} for _ in range(options.rounds)
        ]
    print(f"{devices.describe(device)}, batch {options.batch_size}, median of {options.rounds} rounds")
    for name in contestants:
        print(f"{name:10} {statistics.median(each[name] for each in speeds):10,.0f} examples/s")
    for one, other, goal in RATIOS:
        if other in contestants:
            ratios = [each[one] / each[other] for each in speeds]
            spread = f"{min(ratios):.2f} to {max(ratios):.2f}"
            print(f"{one} / {other:10} {statistics.median(ratios):.3f}  ({spread}; goal: at least {goal:g})")
    print(f"the app took {statistics.median(shares):.1%} of a core")


if __name__ == "__main__":
    main()
