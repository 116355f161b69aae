"""The spec of a run: all that is needed to repeat it, checked before it is written.

`make_spec` is the one way from what a person chose to a spec, for the app and the command line alike. Reads
and writes TOML; starts nothing, and doesn't ask whether a device exists (the worker does).
"""

from __future__ import annotations

import re
import tomllib
from typing import TYPE_CHECKING, Annotated, Any

import msgspec

from lrtui import __version__
from lrtui.runs.datasets import DataError, find_data
from lrtui.runs.optimizers import OptimizerError, parse_optimizer
from lrtui.runs.text import one_line, printable
from lrtui.runs.values import plain_values
from lrtui.schedules import Horizon, Schedule, ScheduleError, check, decider, parse

if TYPE_CHECKING:
    from pathlib import Path

SPEC_VERSION = 2
"""1: Fashion-MNIST alone. 2: also scripts' own loops (`updates`, `updates_per_epoch`, `hyper`)."""

OWN = "own"
"""The task of a run whose loop is somebody's own script (see `own_spec`): lrtui's worker can't make it."""

TASKS: tuple[str, ...] = ("fashion-mnist",)
MODELS: tuple[str, ...] = ("lenet", "lenet-1")
DEVICES = "auto, cpu, cuda, cuda:N or mps"
MOST_UPDATES = 20_000_000
"""The rates of all updates are worked out beforehand; more of them than this are surely a mistake."""


_SAYS_NOTHING_OF_OWN = (
    "model", "optimizer", "epochs", "batch_size", "seed", "device", "data", "train_examples", "test_examples",
)  # fmt: skip

Positive = Annotated[int, msgspec.Meta(ge=1)]
"""Held when a spec is read, so that nobody who only shows a run has to divide by nothing."""


class SpecError(ValueError):
    """A spec that can't be run or read.

    Attributes:
        message: what is wrong and what to do, one line without the field's name.
        field: the field of `RunSpec` it is about, None for the document as a whole.
        value: what the field was given.
        position: of an error in the schedule's or the optimizer's text: where, else None.
        end: the end of that place, else None.
    """

    def __init__(
        self,
        message: str,
        field: str | None = None,
        value: object = None,
        position: int | None = None,
        end: int | None = None,
    ) -> None:
        self.message = message
        self.field = field
        self.value = value
        self.position = position
        self.end = end
        silent = field in (None, "schedule", "lr", "data") or value is None
        shown = "" if silent else f" {printable(str(value), 60)}"
        super().__init__(f"{field}{shown}: {message}" if field else message)


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
        batch_size: examples an update; the last, shorter batch of an epoch is kept.
        seed: of the initial weights and the shuffling.
        device: `auto`, `cpu`, `cuda`, `cuda:N` or `mps`.
        data: `embedded`, `download` or the absolute folder of the files.
        train_examples: examples to train on.
        test_examples: examples to test on.
        threads: threads the worker may use, None for as many as it likes.
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
    seed: int = 0
    device: str = "auto"
    data: str = "embedded"
    train_examples: Positive = 10_000
    test_examples: Positive = 2_000
    threads: Positive | None = None
    updates: Positive | None = None
    updates_per_epoch: Positive | None = None
    hyper: dict[str, Any] = {}
    spec_version: int = SPEC_VERSION
    lrtui: str = __version__

    def steps_per_epoch(self) -> int:
        """Updates in an epoch; an own loop without epochs counts as a single one."""
        if self.task == OWN:
            return self.updates_per_epoch or self.updates or 1
        return -(-self.train_examples // self.batch_size)

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
        if self.task == OWN:
            raise SpecError("this run is a script's own loop: start that script again", "task")
        for field, least in (
            ("epochs", 1),
            ("train_examples", 1),
            ("test_examples", 1),
            ("batch_size", 1),
            ("seed", 0),
        ):
            _whole(field, getattr(self, field), least)
        if self.threads is not None:
            _whole("threads", self.threads, 1)
        if self.seed >= 2**63:
            raise SpecError("must be below 2^63", "seed", self.seed)
        if self.batch_size > self.train_examples:
            message = f"is larger than the data: there are {self.train_examples:,} training examples"
            raise SpecError(message, "batch_size", self.batch_size)
        if self.epochs * self.steps_per_epoch() > MOST_UPDATES:
            most = MOST_UPDATES // self.steps_per_epoch()
            message = (
                f"makes more than {MOST_UPDATES:,} updates: choose at most {most:,} epochs of this batch size"
            )
            raise SpecError(message, "epochs", self.epochs)
        _member("task", self.task, TASKS)
        _member("model", self.model, MODELS)
        if not re.fullmatch(r"auto|cpu|mps|cuda(:(0|[1-9][0-9]{0,3}))?", self.device):
            raise SpecError(f"is no device: choose {DEVICES}", "device", self.device)
        if printable(self.name) != self.name or len(self.name) > 200:
            raise SpecError("must be one line of at most 200 visible characters", "name", self.name)
        try:
            parse_optimizer(self.optimizer).followed(self.horizon())
        except OptimizerError as error:
            raise SpecError(str(error), "optimizer", self.optimizer, error.position) from error
        self.check_schedule()

    def check_schedule(self) -> None:
        """See that the schedule gives a rate for every update of the run; SpecError if not."""
        try:
            schedule, horizon = parse(self.schedule), self.horizon()
            if schedule.metric_driven is None:
                check(schedule, horizon)
            else:
                # What it will decide isn't known; that its phases fit is.
                decider(schedule, horizon).rates(0)
        except ScheduleError as error:
            raise wrong_schedule(error, self.schedule) from error
        except (ArithmeticError, MemoryError, RecursionError, ValueError) as error:
            message = (
                f"its rates can't be worked out over {self.horizon().total:,} updates ({one_line(error)})"
            )
            raise SpecError(message, "schedule", self.schedule) from error

    def to_toml(self) -> str:
        """The spec as a TOML document of what `plain` gives."""
        import tomli_w

        return tomli_w.dumps(self.plain())

    def plain(self) -> dict[str, Any]:
        """The fields by name, without those that are None or empty tables or say nothing of an own loop."""
        values: dict[str, Any] = msgspec.structs.asdict(self)
        silent = _SAYS_NOTHING_OF_OWN if self.task == OWN else ()
        return {
            name: value
            for name, value in values.items()
            if value is not None and value != {} and name not in silent
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
    seed: int = 0,
    device: str = "auto",
    data: str | Path = "auto",
    threads: int | None = None,
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
        batch_size: examples an update.
        seed: of the initial weights and the shuffling.
        device: `auto`, `cpu`, `cuda`, `cuda:N` or `mps`.
        data: what `lrtui.runs.datasets.find_data` takes.
        threads: threads the worker may use.

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
    spec = RunSpec(
        schedule=expression,
        name=name.strip(),
        preset=preset,
        task=task,
        model=model,
        optimizer=call,
        epochs=epochs,
        batch_size=batch_size,
        seed=seed,
        device=device.strip().lower(),
        data=source.spec,
        train_examples=source.train_examples,
        test_examples=source.test_examples,
        threads=threads,
    )
    spec.check()
    return spec


def wrong_schedule(error: ScheduleError, text: str, field: str = "schedule") -> SpecError:
    """What is wrong with a schedule's text, as an error of a spec; the place in the text is kept."""
    return SpecError(str(error), field, text, error.position, error.end)


def _whole(field: str, value: object, least: int) -> None:
    if isinstance(value, bool) or not isinstance(value, int):
        raise SpecError("must be a whole number", field, value)
    if value < least:
        raise SpecError(f"must be at least {least}", field, value)


def _member(field: str, value: str, known: tuple[str, ...]) -> None:
    if value not in known:
        raise SpecError(f"is no {field} of lrtui: choose {' or '.join(known)}", field, value)
