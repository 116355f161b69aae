"""The step loop: trains one model on data that stays on the device, at rates computed beforehand.

Every update leaves its figures in books on the device, which are read back once a report (several a second)
and once an epoch, so a step waits for nothing.  What a report or an epoch says of the training is a function
of the update it names and not of the clock: the same spec gives the same numbers however busy the machine is.
Only how often reports come, and what they state of speed and load, depend on time.

The engine neither reads files nor knows about processes: it tells and asks a `Watch`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Mapping
from time import perf_counter
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from lrtui.runs.averages import Ema, Swa
from lrtui.training import devices
from lrtui.training.averaging import Averaged
from lrtui.training.books import Books, Page
from lrtui.training.doctor import Doctor
from lrtui.training.ending import Interrupted
from lrtui.training.evaluation import evaluate
from lrtui.training.health import Diagnosis
from lrtui.training.optimizers import put
from lrtui.training.pace import Pace
from lrtui.training.resident import Resident, epoch_order
from lrtui.training.stopwatch import Stopwatch
from lrtui.training.update import Change, Recipe, Updater
from lrtui.training.watch import Watch

REPORT_EVERY = 0.25  # seconds
POLL_EVERY = 0.1  # seconds


class Engine:
    """One training run: a model, its optimizer, its data and how far it has got.

    Args:
        model: on the data's device, in channels_last format.
        optimizer: over the model's parameters.
        data: the resident data set.
        pace: the rate of each update and what else is set at it; says how long the run is.
        recipe: how an update is made, and of how many examples; an epoch's last one has fewer if it must.
        seed: decides the order of the examples, afresh in each epoch.
        average: an average of the weights to keep and to evaluate beside them.
        stop_on: kinds of diagnoses that stop the run.
        machine: what reports say of the machine's load.
        watch: hears the events, and may stop training.
        report_every: seconds between reports.
        part: which part of every update is made here, from 0, and of how many (see `parallel`).
    """

    def __init__(
        self,
        model: nn.Module,
        optimizer: torch.optim.Optimizer,
        data: Resident,
        pace: Pace,
        *,
        recipe: Recipe,
        seed: int,
        watch: Watch,
        average: Ema | Swa | None = None,
        stop_on: Collection[str] = frozenset(),
        machine: Callable[[], Mapping[str, float]] = dict,
        report_every: float = REPORT_EVERY,
        part: tuple[int, int] = (0, 1),
    ) -> None:
        self.model = model
        self.optimizer = optimizer
        self.data = data
        self.pace = pace
        self.seed = seed
        self.settings: dict[str, float] = {}  # what was in force during the latest update
        self.watch = watch
        self.done = 0  # updates made so far: the run's position, and the index of the next update
        self.examples = len(data.train_labels)
        self.books = Books(self.examples, recipe.examples, data.device)
        self.steps_per_epoch = self.books.updates
        self.window = math.ceil(self.steps_per_epoch / 20)  # updates a report averages over, at most
        self.average = None if average is None else Averaged(model, average)
        self._recipe = recipe
        self._updater = Updater(model, optimizer, data, recipe, part)
        self._change = Change(model)
        self._doctor = Doctor(data.classes, recipe.clip_norm, stop_on)
        self._machine = machine
        self._report_every = report_every
        self._next_report = self._next_poll = 0.0
        self._seconds = Stopwatch()  # of training since the last report, and in this epoch
        self._reported = 0
        self._fetched = 0.0  # seconds of fetching up to the latest closed epoch
        self._epochs: list[dict[str, float]] = []

    @property
    def findings(self) -> list[Diagnosis]:
        """The diagnoses so far, in order."""
        return self._doctor.findings

    @property
    def over(self) -> bool:
        """Whether all updates are made: those of the schedule, or of a cooldown that was begun by hand."""
        return self.pace.over(self.done)

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
        except Diverged:
            return "diverged"
        return "completed"

    def state(self) -> dict[str, Any]:
        """All that the rest of the run depends on: tensors and plain values, not copied.

        What is not in it follows from the spec: rates, the order of the examples, the data.
        """
        return {
            "done": self.done,
            "model": self.model.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "average": None if self.average is None else self.average.state(),
            "scaling": self._updater.precision.state(),
            "random": devices.random_state(self.data.device),
            "books": self.books.figures,
            "epochs": self._epochs,
            "findings": self._doctor.state(),
            "settings": self.settings,
            "seconds": self._seconds.read("epoch"),
            **self.pace.state(),
        }

    def position(self) -> dict[str, int]:
        """What of an earlier log stays in force: updates, closed epochs and diagnoses made so far."""
        return {"step": self.done, "epochs": len(self._epochs), "diagnoses": len(self.findings)}

    def restore(self, state: dict[str, Any], *, amended: bool = False) -> None:
        """Go on from what `state` gave in another process; from here on everything is the same to the bit.

        Args:
            state: what `state` gave.
            amended: whether it gave it under another schedule or for other epochs: then this one's schedule
                is followed, rates set by hand are over, and a metric-driven one decides afresh.
        """
        self.done = self._reported = state["done"]
        self.model.load_state_dict(state["model"])
        self.optimizer.load_state_dict(state["optimizer"])
        if self.average is not None:
            self.average.restore(state["average"])
        self._updater.precision.restore(state.get("scaling"))
        devices.set_random_state(self.data.device, state["random"])
        self.books.restore(state["books"])
        self._epochs = list(state["epochs"])
        self._doctor.restore(state["findings"])
        self.settings = dict(state["settings"])
        self._seconds.put("epoch", state["seconds"])
        closed = len(self._epochs) * self.steps_per_epoch
        if amended and self.done % self.steps_per_epoch and self.done <= closed:
            del self._epochs[-1]  # a cooldown ended the run within this epoch, which now goes on
        self.pace.restore(state, self.done, len(self._epochs), amended=amended)

    def _train(self) -> None:
        """Train to the end; an epoch that was broken off while it was evaluated is closed first."""
        while True:
            begun = math.ceil(self.done / self.steps_per_epoch)
            ended = self.done % self.steps_per_epoch == 0 or self.over
            if ended and len(self._epochs) < begun:
                self._close_epoch()
            elif self.over:
                return
            else:
                self._train_epoch()

    def _train_epoch(self) -> None:
        """Train from where the run stands to the end of the epoch, or of the run."""
        epoch, place = divmod(self.done, self.steps_per_epoch)
        order = epoch_order(self.examples, self.seed, epoch).to(self.data.device)
        size = self._recipe.examples
        self.model.train()
        with self._seconds.running():
            for batch in range(place, self.steps_per_epoch):
                for facts in self.pace.intervene(self.done):
                    self.watch.emit("command", **facts)
                if self.over:  # a cooldown by hand may end the run anywhere
                    break
                self._update(order[batch * size : (batch + 1) * size])

    def _update(self, index: Tensor) -> None:
        """Make one update, and do what is due by the clock after it."""
        due = perf_counter() >= self._next_report
        if due:
            self._change.note()
        self.step(index)
        if (now := perf_counter()) >= self._next_poll:
            self._poll(now)
        if due:
            self._report()

    def step(self, index: Tensor) -> None:
        """Make one update on the training examples that `index` names; nothing is read back."""
        self.settings = self.pace.settings(self.done)
        for name, value in self.settings.items():
            put(self.optimizer, name, value)
        self.books.write(self.done, *self._updater.make(index))
        self.done += 1
        if self.average is not None:
            self.average.follow(self.done, len(self.pace.rates))

    def evaluate(self, model: nn.Module | None = None) -> tuple[float, float]:
        """Mean loss and accuracy of `model`, or of the weights as they are; see `evaluation.evaluate`."""

        def between() -> None:
            if (now := perf_counter()) >= self._next_poll:
                self._poll(now)

        model = self.model if model is None else model
        return evaluate(model, self.data, self._updater.precision, between)

    def _report(self) -> None:
        """Read the books and tell how training goes; ends the run if the loss isn't finite any more."""
        page = self.books.read(self.done)
        ratio = self._change.ratio()
        change = {} if ratio is None else {"update_ratio": float(ratio)}
        seconds = self._seconds.lap("report")  # after reading: only now has the device done the work
        examples = self.books.examples_before(self.done)
        self.watch.emit(
            "report",
            step=self.done - 1,
            epoch=examples / self.examples,
            **self.settings,
            train_loss=page.loss(self.window),
            train_acc=page.accuracy(self.window),
            grad_norm=float(page.norms[-1]),
            **change,
            **self._machine(),
            examples_per_sec=(examples - self.books.examples_before(self._reported)) / seconds,
        )
        self._reported = self.done
        self._next_report = perf_counter() + self._report_every
        if not np.isfinite(page.losses).all():
            self._say_diverged(page.losses)
            raise Diverged

    def _close_epoch(self) -> None:
        """Evaluate, tell the epoch's figures and what they mean; ends the run if it has diverged."""
        page = self.books.read(self.done)
        seconds = self._seconds.read("epoch")
        test_loss, test_acc = self.evaluate()
        averaged = {}
        if self.average is not None and self.average.taken:
            loss, accuracy = self.evaluate(self.average.model)
            averaged = {f"{self.average.name}_test_loss": loss, f"{self.average.name}_test_acc": accuracy}
        figures = {
            "epoch": math.ceil(self.done / self.steps_per_epoch),
            "step": self.done - 1,
            **self.settings,
            "train_loss": page.loss(),
            "train_acc": page.accuracy(),
            "test_loss": test_loss,
            "test_acc": test_acc,
            **averaged,
            "grad_norm": float(page.norms.mean()),
            "seconds": seconds,
            "examples_per_sec": float(page.sizes.sum()) / seconds,
        }
        best = not any(each["test_acc"] >= test_acc for each in self._epochs)
        self._epochs.append(figures)
        self._seconds.lap("epoch")
        self.pace.observe(self.done, test_loss, test_acc)
        self._tell_epoch(figures, page, best)

    def _tell_epoch(self, figures: dict[str, float], page: Page, best: bool) -> None:
        """Tell the latest epoch's figures and findings; ends the run if it is to end here."""
        self.watch.emit("epoch", **figures)
        # A test loss that isn't finite: the last update spoilt the weights after its own loss was taken.
        if self._say_diverged([*page.losses, figures["test_loss"]]):
            raise Diverged
        new = self._doctor.after_epoch(
            self._epochs, page.losses.tolist(), page.norms.tolist(), self._fetching()
        )
        for finding in new:
            self._say(finding)
        self.watch.closed(best)
        if (end := self._doctor.ends(new)) is not None:
            raise Interrupted(f"stopped by its diagnosis: {end.kind}")

    def _fetching(self) -> float:
        """Seconds that went into getting batches since the latest closed epoch."""
        before, self._fetched = self._fetched, self._updater.fetching
        return self._fetched - before

    def _say_diverged(self, losses: Any) -> bool:
        first = (self.done - 1) // self.steps_per_epoch * self.steps_per_epoch
        finding = self._doctor.diverged(losses, first, self.settings["lr"])
        if finding is not None:
            self._say(finding)
        return finding is not None

    def _say(self, finding: Diagnosis) -> None:
        self.watch.emit(
            "diagnosis",
            kind=finding.kind,
            message=finding.message,
            step=self.done - 1,
            evidence=finding.evidence,
        )

    def _poll(self, now: float) -> None:
        with self._seconds.stopped():
            self.watch.poll(self.done)
        self._next_poll = now + POLL_EVERY


class Diverged(Exception):  # noqa: N818
    """The loss isn't finite any more; everything has been said."""
