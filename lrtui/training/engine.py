"""The step loop: trains one model on data that stays on the device, at rates computed beforehand.

The whole data set lies on the device as uint8; a batch becomes floats when it is used.  Every update leaves
its loss and its hits in a small buffer on the device, which is read back once a report (several a second) and
once an epoch, so a step waits for nothing.  What a report or an epoch says of loss and accuracy is a function
of the update it names and not of the clock: the same spec gives the same numbers however busy the machine is.
Only how often reports come, and the speed they state, depend on time.

The engine neither reads files nor knows about processes: it tells and asks a `Watch`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from time import perf_counter
from typing import Any, Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from lrtui.runs.own_rates import OwnRates
from lrtui.schedules import Decider
from lrtui.training import health
from lrtui.training.data import Images
from lrtui.training.ending import Interrupted
from lrtui.training.optimizers import put
from lrtui.training.stopwatch import Stopwatch

REPORT_EVERY = 0.25  # seconds
POLL_EVERY = 0.1  # seconds
EVALUATION_BATCH = 2_000  # examples; big enough for speed, small enough to notice a command between two


class Watch(Protocol):
    """Whoever looks after a training run: it hears the events and is asked, by time, whether to go on."""

    def emit(self, kind: str, /, **fields: Any) -> object:
        """Take one event (`report`, `epoch` or `diagnosis`, with the fields the design gives them)."""

    def keep(self, best: bool) -> object:
        """An epoch is closed, the best so far or not: a good moment to save the engine's state."""

    def poll(self, step: int) -> object:
        """Called between updates, `step` being the next one; may block (a pause) or raise Interrupted."""


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


class Engine:
    """One training run: a model, its optimizer, its data and how far it has got.

    Args:
        model: on the data's device, in channels_last format.
        optimizer: over the model's parameters.
        data: the resident data set.
        rates: float64 (updates,): `rates[i]` is the learning rate of update `i`; its size is that of the run.
        decider: of a schedule that follows a metric: after each epoch it says the rates of the rest, from the
            test loss, or from the test accuracy if it takes the greatest for the best.
        batch_size: examples an update; an epoch's last batch is shorter if it must be.
        seed: decides the order of the examples, afresh in each epoch.
        followed: what else of the optimizer is set at every update, by name (`momentum`, `weight_decay`):
            float64 (updates,) each.
        watch: hears the events, and may stop training.
        report_every: seconds between reports.
    """

    def __init__(
        self,
        model: nn.Module,
        optimizer: torch.optim.Optimizer,
        data: Resident,
        rates: NDArray[np.float64],
        *,
        batch_size: int,
        seed: int,
        watch: Watch,
        followed: Mapping[str, NDArray[np.float64]] | None = None,
        decider: Decider | None = None,
        report_every: float = REPORT_EVERY,
    ) -> None:
        self.model = model
        self.optimizer = optimizer
        self.data = data
        self.rates = rates
        self.batch_size = batch_size
        self.seed = seed
        self.followed = dict(followed or {})
        self.decider = decider
        self.steering = OwnRates(rates)
        self.settings: dict[str, float] = {}  # what was in force during the latest update
        self.watch = watch
        self.done = 0  # updates made so far: the run's position, and the index of the next update
        self.examples = len(data.train_labels)
        self.steps_per_epoch = math.ceil(self.examples / batch_size)
        self.window = math.ceil(self.steps_per_epoch / 20)  # updates a report averages over, at most
        # Row 0: mean loss of each update of this epoch.  Row 1: how many of its examples were got right.
        self.books = torch.zeros(2, self.steps_per_epoch, device=data.train_labels.device)
        self._sizes = np.full(self.steps_per_epoch, batch_size, np.float64)
        self._sizes[-1] = self.examples - batch_size * (self.steps_per_epoch - 1)
        self._report_every = report_every
        self._next_report = self._next_poll = 0.0
        self._seconds = Stopwatch()  # of training since the last report, and in this epoch
        self._reported = 0
        self._epochs: list[dict[str, float]] = []
        self.findings: list[health.Diagnosis] = []

    def run(self) -> str:
        """Train to the end of the rates; returns the outcome, `completed` or `diverged`.

        Raises:
            Interrupted: as the watch did; the engine then stands between two updates, the last one reported.
        """
        try:
            try:
                self._train()
            except Interrupted:
                if self._reported < self.done:
                    self._report()
                raise
        except _Diverged:
            return "diverged"
        return "completed"

    def state(self) -> dict[str, Any]:
        """All that the rest of the run depends on: tensors and plain values, not copied.

        What is not in it follows from the spec: rates, the order of the examples, the data.
        """
        random = {"cpu": torch.get_rng_state()}
        if self.books.device.type == "cuda":
            random["cuda"] = torch.cuda.get_rng_state(self.books.device)
        return {
            "done": self.done,
            "model": self.model.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "random": random,
            "books": self.books,
            "epochs": self._epochs,
            "findings": [[finding.kind, finding.message] for finding in self.findings],
            "settings": self.settings,
            "steering": {"held": self.steering.held, "factor": self.steering.factor},
            "seconds": self._seconds.read("epoch"),
            "decider": None if self.decider is None else self.decider.state(),
        }

    def position(self) -> dict[str, int]:
        """What of an earlier log stays in force: updates, closed epochs and diagnoses made so far."""
        return {"step": self.done, "epochs": len(self._epochs), "diagnoses": len(self.findings)}

    def restore(self, state: dict[str, Any]) -> None:
        """Go on from what `state` gave in another process; from here on everything is the same to the bit."""
        self.done = self._reported = state["done"]
        self.model.load_state_dict(state["model"])
        self.optimizer.load_state_dict(state["optimizer"])
        torch.set_rng_state(state["random"]["cpu"])
        if "cuda" in state["random"] and self.books.device.type == "cuda":
            torch.cuda.set_rng_state(state["random"]["cuda"], self.books.device)
        self.books.copy_(state["books"])
        self._epochs = list(state["epochs"])
        self.findings = [health.Diagnosis(kind, message) for kind, message in state["findings"]]
        self.settings = dict(state["settings"])
        self.steering.held, self.steering.factor = state["steering"]["held"], state["steering"]["factor"]
        self._seconds.put("epoch", state["seconds"])
        if self.decider is not None:
            decided = state["decider"]
            self.decider = Decider.from_state(self.decider.schedule, self.decider.horizon, decided)
            self._put_rates(self.decider)

    def _train(self) -> None:
        """Train to the end; an epoch that was broken off while it was evaluated is closed first."""
        while True:
            begun = math.ceil(self.done / self.steps_per_epoch)
            ended = self.done % self.steps_per_epoch == 0 or self.done == len(self.rates)
            if ended and len(self._epochs) < begun:
                self._close_epoch()
            elif self.done == len(self.rates):
                return
            else:
                self._train_epoch()

    def _train_epoch(self) -> None:
        """Train from where the run stands to the end of the epoch, or of the run."""
        epoch, place = divmod(self.done, self.steps_per_epoch)
        order = epoch_order(self.examples, self.seed, epoch).to(self.data.train_labels.device)
        self.model.train()
        with self._seconds.running():
            for batch in range(place, min(self.steps_per_epoch, place + len(self.rates) - self.done)):
                self.step(order[batch * self.batch_size : (batch + 1) * self.batch_size])
                now = perf_counter()
                if now >= self._next_poll:
                    self._poll(now)
                if now >= self._next_report:
                    self._report()

    def step(self, index: Tensor) -> None:
        """Make one update on the training examples that `index` names; nothing is read back."""
        place = self.done % self.steps_per_epoch
        self.settings = self._settings(self.done)
        for name, value in self.settings.items():
            put(self.optimizer, name, value)
        labels = self.data.train_labels[index]
        logits = self.model(to_floats(self.data.train_images.index_select(0, index)))
        loss = functional.cross_entropy(logits, labels)
        torch.autograd.backward(loss)
        self.optimizer.step()
        self.optimizer.zero_grad(set_to_none=True)
        self.books[0, place] = loss.detach()
        self.books[1, place] = (logits.detach().argmax(1) == labels).sum()
        self.done += 1

    @torch.inference_mode()
    def evaluate(self) -> tuple[float, float]:
        """Mean loss and accuracy (0..1) on the test set."""
        self.model.eval()
        sums = []
        images, labels = self.data.test_images, self.data.test_labels
        for start in range(0, len(labels), EVALUATION_BATCH):
            some = slice(start, start + EVALUATION_BATCH)
            logits = self.model(to_floats(images[some]))
            loss = functional.cross_entropy(logits, labels[some], reduction="sum")
            sums.append(torch.stack([loss, (logits.argmax(1) == labels[some]).sum()]))
            if (now := perf_counter()) >= self._next_poll:
                self._poll(now)
        loss, hits = torch.stack(sums).cpu().double().sum(0).tolist()
        return loss / len(labels), hits / len(labels)

    def _report(self) -> None:
        """Read the books and tell how training goes; ends the run if the loss isn't finite any more."""
        losses, hits, sizes = self._read()
        seconds = self._seconds.lap("report")  # after reading: only now has the device done the work
        recent = slice(-self.window, None)
        examples = self._examples_before(self.done)
        self.watch.emit(
            "report",
            step=self.done - 1,
            epoch=examples / self.examples,
            **self.settings,
            train_loss=float(np.average(losses[recent], weights=sizes[recent])),
            train_acc=float(hits[recent].sum() / sizes[recent].sum()),
            examples_per_sec=(examples - self._examples_before(self._reported)) / seconds,
        )
        self._reported = self.done
        self._next_report = perf_counter() + self._report_every
        if not np.isfinite(losses).all():
            self._say_diverged(losses)
            raise _Diverged

    def _close_epoch(self) -> None:
        """Evaluate, tell the epoch's figures and what they mean; ends the run if it has diverged."""
        losses, hits, sizes = self._read()
        seconds = self._seconds.read("epoch")
        test_loss, test_acc = self.evaluate()
        figures = {
            "epoch": math.ceil(self.done / self.steps_per_epoch),
            "step": self.done - 1,
            **self.settings,
            "train_loss": float(np.average(losses, weights=sizes)),
            "train_acc": float(hits.sum() / sizes.sum()),
            "test_loss": test_loss,
            "test_acc": test_acc,
            "seconds": seconds,
            "examples_per_sec": float(sizes.sum()) / seconds,
        }
        best = not any(each["test_acc"] >= test_acc for each in self._epochs)
        self.watch.emit("epoch", **figures)
        self._epochs.append(figures)
        self._seconds.lap("epoch")
        # A test loss that isn't finite: the last update spoilt the weights after its own loss was taken.
        if self._say_diverged([*losses, test_loss]):
            raise _Diverged
        self._say_stuck()
        if self.decider is not None:
            follows = self.decider.schedule.metric_driven
            most = follows is not None and follows.values["mode"] == "max"
            self.decider.observe(test_acc if most else test_loss)
            self._put_rates(self.decider)
        self.watch.keep(best)

    def _read(self) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
        """Loss, hits and size of each update made in this epoch: the one place that waits for the device."""
        made = (self.done - 1) % self.steps_per_epoch + 1
        losses, hits = self.books[:, :made].cpu().double().numpy()
        return losses, hits, self._sizes[:made]

    def _say_diverged(self, losses: Any) -> bool:
        first = (self.done - 1) // self.steps_per_epoch * self.steps_per_epoch
        finding = health.diverged(losses, first, self.settings["lr"], self.data.classes)
        if finding:
            self._say(finding)
        return finding is not None

    def _say_stuck(self) -> None:
        losses, accuracies, rates = (
            [epoch[name] for epoch in self._epochs] for name in ("train_loss", "train_acc", "lr")
        )
        finding = health.stuck_at_chance(losses, accuracies, rates, self.data.classes)
        if finding and all(said.kind != finding.kind for said in self.findings):
            self._say(finding)

    def _say(self, finding: health.Diagnosis) -> None:
        self.findings.append(finding)
        self.watch.emit(
            "diagnosis",
            kind=finding.kind,
            message=finding.message,
            step=self.done - 1,
            evidence=finding.evidence,
        )

    def _settings(self, update: int) -> dict[str, float]:
        """What is in force during an update: the rate, and what else follows a schedule."""
        return {
            "lr": self._rate(update),
            **{name: float(values[update]) for name, values in self.followed.items()},
        }

    def _put_rates(self, decider: Decider) -> None:
        """Have the rest of the run at the rates decided so far."""
        self.rates[self.done :] = decider.rates(np.arange(self.done, len(self.rates)))

    def _rate(self, update: int) -> float:
        rate = self.steering.at(update)
        assert rate is not None
        return rate

    def _poll(self, now: float) -> None:
        with self._seconds.stopped():
            self.watch.poll(self.done)
        self._next_poll = now + POLL_EVERY

    def _examples_before(self, update: int) -> int:
        epochs, updates = divmod(update, self.steps_per_epoch)
        return epochs * self.examples + updates * self.batch_size


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


class _Diverged(Exception):  # noqa: N818
    """The loss isn't finite any more; everything has been said."""
