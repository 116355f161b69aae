"""The spec of a run: all that is needed to repeat it, checked before it is written.

`make_spec` is the one way from what a person chose to a spec, for the app and the command line alike. Reads
and writes TOML; starts nothing, and doesn't ask whether a device exists (the worker does).
"""

from __future__ import annotations

import tomllib
from typing import TYPE_CHECKING, Annotated, Any

import msgspec

from lrtui import __version__
from lrtui.runs import spec_checks
from lrtui.runs.averages import AverageError, parse_average
from lrtui.runs.choices import DEVICES as DEVICES
from lrtui.runs.choices import MODELS as MODELS
from lrtui.runs.choices import MOST_UPDATES as MOST_UPDATES
from lrtui.runs.choices import OWN as OWN
from lrtui.runs.choices import PRECISIONS as PRECISIONS
from lrtui.runs.choices import TASKS as TASKS
from lrtui.runs.datasets import DataError, find_data
from lrtui.runs.interventions import Intervention
from lrtui.runs.optimizers import OptimizerError, parse_optimizer
from lrtui.runs.spec_errors import SpecError as SpecError
from lrtui.runs.spec_errors import wrong_schedule as wrong_schedule
from lrtui.runs.text import one_line
from lrtui.runs.values import plain_values
from lrtui.schedules import Horizon, Schedule, ScheduleError, parse

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

SPEC_VERSION = 3
"""1: Fashion-MNIST alone. 2: also scripts' own loops (`updates`, `updates_per_epoch`, `hyper`). 3: clipping,
accumulation, label smoothing, averages, precision, compiling, diagnoses that stop a run, interventions."""

_SAYS_NOTHING_OF_OWN = (
    "model", "optimizer", "epochs", "batch_size", "seed", "device", "data", "train_examples", "test_examples",
    "accumulate", "label_smoothing", "average", "precision", "compile", "stop_on", "interventions",
    "processes",
)  # fmt: skip

Positive = Annotated[int, msgspec.Meta(ge=1)]
"""Held when a spec is read, so that nobody who only shows a run has to divide by nothing."""


class RunSpec(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=False):
    """All that is needed to repeat a run.

    Attributes:
        schedule: the learning rate as a canonical expression; empty for an own loop without one.
        name: a name a person gave it; may be empty.
        preset: the preset it was started from, for the record.
        task: data set and loss; `own` for a script's own loop, of which model, optimizer, device, seed,
            data and the numbers of examples say nothing.
        model: name of the model.
        optimizer: canonical call text, such as `sgd(momentum=0.9)`.
        epochs: passes over the training data.
        batch_size: examples a batch; the last, shorter batch of an epoch is kept.
        accumulate: batches an update. Their gradients are those of one batch of all their examples, and the
            schedule counts updates; the last update of an epoch takes the batches that are left.
        clip_norm: the largest norm an update's gradient may have, longer ones are shortened to it; None for
            any.
        label_smoothing: the share of each label that is spread over all classes while training; the test loss
            is plain cross-entropy always.
        average: of the weights, evaluated beside them: `ema(decay=0.999)`, `swa(start=75%)` or empty.
        precision: what is computed in: `float32`, `tf32` (CUDA only), or mixed, `bf16` or `fp16`; weights are
            float32 always.
        compile: whether torch compiles the network.
        stop_on: the kinds of diagnoses (see `diagnoses`) that end the run; others are only told.
        interventions: what is done to the rate at which updates, as people did it by hand to another run.
        seed: of the initial weights and the shuffling.
        device: `auto`, `cpu`, `cuda`, `cuda:N` or `mps`.
        data: `embedded`, `download` or the absolute folder of the files.
        train_examples: examples to train on.
        test_examples: examples to test on.
        threads: threads the worker may use, None for as many as it likes.
        processes: how many train it together, each its part of every batch.
        updates: of an own loop: how many it makes, None if it doesn't say.
        updates_per_epoch: of an own loop: updates in an epoch, None if it has no epochs.
        hyper: of an own loop: what its script says of itself, plain values by name.
        spec_version: of this layout; a newer one is read as far as it is understood.
        lrtui: the version that wrote it.
    """

    schedule: str
    name: str = ""
    preset: str | None = None
    task: str = "fashion-mnist"
    model: str = "lenet"
    optimizer: str = "sgd"
    epochs: Positive = 10
    batch_size: Positive = 256
    accumulate: Positive = 1
    clip_norm: float | None = None
    label_smoothing: float = 0.0
    average: str = ""
    precision: str = "float32"
    compile: bool = False
    stop_on: tuple[str, ...] = ()
    interventions: tuple[Intervention, ...] = ()
    seed: int = 0
    device: str = "auto"
    data: str = "embedded"
    train_examples: Positive = 10_000
    test_examples: Positive = 2_000
    threads: Positive | None = None
    processes: Positive = 1
    updates: Positive | None = None
    updates_per_epoch: Positive | None = None
    hyper: dict[str, Any] = {}
    spec_version: int = SPEC_VERSION
    lrtui: str = __version__

    def steps_per_epoch(self) -> int:
        """Updates in an epoch; an own loop without epochs counts as a single one."""
        if self.task == OWN:
            return self.updates_per_epoch or self.updates or 1
        return updates_in_epoch(self.train_examples, self.batch_size, self.accumulate)

    def total_updates(self) -> int | None:
        """All the updates the run is to make; None for an own loop that doesn't say."""
        return self.updates if self.task == OWN else self.epochs * self.steps_per_epoch()

    def total_epochs(self) -> int | None:
        """The epochs the run is to make, the last one begun counted whole; None where `total_updates` is."""
        total = self.total_updates()
        return None if total is None else -(-total // self.steps_per_epoch())

    def horizon(self) -> Horizon:
        """The horizon the schedule runs on: every update of the run, warmup included.

        Raises:
            SpecError: for an own loop that doesn't say how many updates it makes; one of lrtui's runs has a
                horizon always.
        """
        if self.task != OWN:
            return Horizon.from_epochs(self.epochs, self.steps_per_epoch())
        if self.updates is None:
            raise SpecError("isn't known: this loop didn't say how many updates it makes", "updates")
        return Horizon(self.updates, self.updates_per_epoch)

    def check(self) -> None:
        """See that lrtui's worker can make the run, as far as that can be known without torch and the data.

        Raises:
            SpecError: naming the first field that is wrong.
        """
        spec_checks.check(self)

    def check_schedule(self) -> None:
        """See that the schedule gives a rate for every update of the run; SpecError if not."""
        spec_checks.check_schedule(self)

    def to_toml(self) -> str:
        """The spec as a TOML document of what `plain` gives."""
        import tomli_w

        return tomli_w.dumps(self.plain())

    def plain(self) -> dict[str, Any]:
        """The fields by name, without those that are None or empty tables or say nothing of an own loop."""
        values: dict[str, Any] = msgspec.structs.asdict(self)
        values["interventions"] = [msgspec.structs.asdict(each) for each in self.interventions]
        silent = _SAYS_NOTHING_OF_OWN if self.task == OWN else ()
        return {
            name: value
            for name, value in values.items()
            if value is not None and value not in ({}, []) and name not in silent
        }

    @classmethod
    def from_toml(cls, text: str) -> RunSpec:
        """Read a document of this version, an older or a newer one; keys it doesn't know are passed over.

        The values have the right types and make a horizon; whether they make a run is `check`'s to say.

        Raises:
            SpecError: if the text isn't TOML, or a field is missing, of another type or out of all bounds.
        """
        try:
            spec = msgspec.convert(tomllib.loads(text), cls)
        except msgspec.ValidationError as error:
            raise SpecError(f"the spec can't be read: {one_line(error)}") from error
        except (ValueError, RecursionError) as error:
            raise SpecError(f"the spec isn't TOML: {one_line(error)}") from error
        if (spec.total_updates() or 0) > MOST_UPDATES:
            raise SpecError(f"the spec asks for more than {MOST_UPDATES:,} updates")
        if spec.hyper:
            spec = msgspec.structs.replace(spec, hyper=plain_values(spec.hyper))
        return spec


def updates_in_epoch(examples: int, batch_size: int, accumulate: int = 1) -> int:
    """How many updates an epoch has; its last one takes what is left."""
    return -(-examples // (batch_size * accumulate))


def make_spec(
    *,
    schedule: str | Schedule,
    name: str = "",
    preset: str | None = None,
    task: str = "fashion-mnist",
    model: str = "lenet",
    optimizer: str = "sgd",
    epochs: int = 10,
    batch_size: int = 256,
    accumulate: int = 1,
    clip_norm: float | None = None,
    label_smoothing: float = 0.0,
    average: str = "",
    precision: str = "float32",
    compile: bool = False,
    stop_on: Iterable[str] = (),
    seed: int = 0,
    device: str = "auto",
    data: str | Path = "auto",
    threads: int | None = None,
    processes: int = 1,
) -> RunSpec:
    """A checked spec of what a person chose, with the data found and the expressions in canonical form.

    Args:
        schedule: an expression, or a schedule.
        name: a name for people; spaces around it are dropped.
        preset: the preset all this comes from.
        task: data set and loss.
        model: name of the model.
        optimizer: a name or a call, such as `sgd(momentum=0.9)`.
        epochs: passes over the training data.
        batch_size: examples a batch.
        accumulate: batches an update.
        clip_norm: the largest norm of an update's gradient, None for any.
        label_smoothing: the share of each label that is spread over all classes, below 1.
        average: of the weights: `ema(decay=0.999)`, `swa(start=75%)` or empty.
        precision: one of `PRECISIONS`.
        compile: whether torch compiles the network.
        stop_on: kinds of diagnoses that end the run.
        seed: of the initial weights and the shuffling.
        device: `auto`, `cpu`, `cuda`, `cuda:N` or `mps`.
        data: what `lrtui.runs.datasets.find_data` takes.
        threads: threads the worker may use.
        processes: how many train it together.

    Raises:
        SpecError: one line about the first field that is wrong, with `field`, `value` and, for expressions,
            `position`.
    """
    try:
        source = find_data(data)
    except DataError as error:
        raise SpecError(str(error), "data", str(data)) from error
    try:
        expression = str(parse(schedule)) if isinstance(schedule, str) else str(schedule)
    except ScheduleError as error:
        raise wrong_schedule(error, str(schedule)) from error
    try:
        call = str(parse_optimizer(optimizer))
    except OptimizerError as error:
        raise SpecError(str(error), "optimizer", optimizer, error.position) from error
    try:
        averaged = parse_average(average)
    except AverageError as error:
        raise SpecError(str(error), "average", average, error.position) from error
    spec = RunSpec(
        schedule=expression,
        name=name.strip(),
        preset=preset,
        task=task,
        model=model,
        optimizer=call,
        epochs=epochs,
        batch_size=batch_size,
        accumulate=accumulate,
        clip_norm=_real(clip_norm),
        label_smoothing=_real(label_smoothing),
        average="" if averaged is None else str(averaged),
        precision=precision.strip().lower(),
        compile=compile,
        stop_on=tuple(dict.fromkeys(stop_on)),
        seed=seed,
        device=device.strip().lower(),
        data=source.spec,
        train_examples=source.train_examples,
        test_examples=source.test_examples,
        threads=threads,
        processes=processes,
    )
    spec.check()
    return spec


def _real(value: Any) -> Any:
    """A whole number as the float that it reads back as; anything else as it is, for `check` to judge."""
    return float(value) if isinstance(value, int) and not isinstance(value, bool) else value
