"""Whether a spec makes a run that lrtui's worker can carry out, as far as that shows without torch."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING

from lrtui.runs.averages import AverageError, parse_average
from lrtui.runs.choices import DEVICES, MODELS, MOST_UPDATES, OWN, PRECISIONS, TASKS
from lrtui.runs.control import STEERING
from lrtui.runs.diagnoses import DIAGNOSES
from lrtui.runs.optimizers import OptimizerError, parse_optimizer
from lrtui.runs.spec_errors import SpecError, wrong_schedule
from lrtui.runs.text import one_line, printable
from lrtui.schedules import ScheduleError, decider, parse
from lrtui.schedules import check as check_rates

if TYPE_CHECKING:
    from lrtui.runs.spec import RunSpec

MOST_THREADS = 4096
"""More than any machine has cores: more is a slip, and torch has its limits, too."""


def check(spec: RunSpec) -> None:
    """See that lrtui's worker can make the run, as far as that can be known without torch and the data.

    Raises:
        SpecError: naming the first field that is wrong.
    """
    if spec.task == OWN:
        raise SpecError("this run is a script's own loop: start that script again", "task")
    for field in ("epochs", "train_examples", "test_examples", "batch_size", "accumulate", "processes"):
        _whole(field, getattr(spec, field), 1)
    _whole("seed", spec.seed, 0)
    if spec.threads is not None:
        _whole("threads", spec.threads, 1)
        if spec.threads > MOST_THREADS:
            raise SpecError(f"must be at most {MOST_THREADS:,}", "threads", spec.threads)
    if spec.seed >= 2**63:
        raise SpecError("must be below 2^63", "seed", spec.seed)
    if spec.batch_size > spec.train_examples:
        message = f"is larger than the data: there are {spec.train_examples:,} training examples"
        raise SpecError(message, "batch_size", spec.batch_size)
    if (batches := -(-spec.train_examples // spec.batch_size)) < spec.accumulate:
        message = f"is more than an epoch has: it is {batches:,} batches of {spec.batch_size:,}"
        raise SpecError(message, "accumulate", spec.accumulate)
    if spec.epochs * spec.steps_per_epoch() > MOST_UPDATES:
        most = MOST_UPDATES // spec.steps_per_epoch()
        message = (
            f"makes more than {MOST_UPDATES:,} updates: choose at most {most:,} epochs of this batch size"
        )
        raise SpecError(message, "epochs", spec.epochs)
    _member("task", spec.task, TASKS)
    _member("model", spec.model, MODELS)
    if not re.fullmatch(r"auto|cpu|mps|cuda(:(0|[1-9][0-9]{0,3}))?", spec.device):
        raise SpecError(f"is no device: choose {DEVICES}", "device", spec.device)
    if printable(spec.name) != spec.name or len(spec.name) > 200:
        raise SpecError("must be one line of at most 200 visible characters", "name", spec.name)
    try:
        parse_optimizer(spec.optimizer).followed(spec.horizon())
    except OptimizerError as error:
        raise SpecError(str(error), "optimizer", spec.optimizer, error.position) from error
    _check_training(spec)
    check_schedule(spec)


def _check_training(spec: RunSpec) -> None:
    """See that the ways to train make sense, by themselves and on the device; SpecError if not."""
    if spec.clip_norm is not None:
        _number("clip_norm", spec.clip_norm, 0)
    _number("label_smoothing", spec.label_smoothing, 0, 1, least=True)
    try:
        parse_average(spec.average, spec.horizon())
    except AverageError as error:
        raise SpecError(str(error), "average", spec.average, error.position) from error
    _member("precision", spec.precision, PRECISIONS)
    if spec.precision == "tf32" and spec.device in ("cpu", "mps"):
        raise SpecError("needs a CUDA device: choose float32 or bf16", "precision", spec.precision)
    if not isinstance(spec.compile, bool):
        raise SpecError("must be true or false", "compile", spec.compile)
    if spec.processes > 1:
        _check_processes(spec)
    for each in spec.interventions:
        if each.command not in STEERING or not 0 <= each.step < spec.epochs * spec.steps_per_epoch():
            raise SpecError("must be commands that change the rate, at updates of the run", "interventions")
    for kind in spec.stop_on:
        if kind not in DIAGNOSES:
            raise SpecError(f"is no diagnosis: choose of {', '.join(DIAGNOSES)}", "stop_on", kind)


def _check_processes(spec: RunSpec) -> None:
    """See that a run can be trained by several processes; SpecError if not."""
    whole = spec.batch_size * spec.accumulate
    last = spec.train_examples % whole or whole
    if spec.device not in ("auto", "cpu", "cuda"):
        raise SpecError(f"need device auto, cpu or cuda, not {spec.device}", "processes", spec.processes)
    if spec.compile:
        raise SpecError("can't train a compiled network: leave out compile", "processes", spec.processes)
    if last < spec.processes:
        message = f"are more than an epoch's last update has examples, {last:,}: choose another batch size"
        raise SpecError(message, "processes", spec.processes)
    if spec.test_examples < spec.processes:
        message = f"are more than there are test examples, {spec.test_examples:,}"
        raise SpecError(message, "processes", spec.processes)


def check_schedule(spec: RunSpec) -> None:
    """See that the schedule gives a rate for every update of the run; SpecError if not."""
    try:
        schedule, horizon = parse(spec.schedule), spec.horizon()
        if schedule.metric_driven is None:
            check_rates(schedule, horizon)
        else:
            # What it will decide isn't known; that its phases fit is.
            decider(schedule, horizon).rates(0)
    except ScheduleError as error:
        raise wrong_schedule(error, spec.schedule) from error
    except (ArithmeticError, MemoryError, RecursionError, ValueError) as error:
        message = f"its rates can't be worked out over {spec.horizon().total:,} updates ({one_line(error)})"
        raise SpecError(message, "schedule", spec.schedule) from error


def _whole(field: str, value: object, least: int) -> None:
    """See that a field is a whole number of at least `least`; SpecError if not."""
    if isinstance(value, bool) or not isinstance(value, int):
        raise SpecError("must be a whole number", field, value)
    if value < least:
        raise SpecError(f"must be at least {least}", field, value)


def _number(field: str, value: object, above: float, below: float = math.inf, *, least: bool = False) -> None:
    """See that a field is a finite number above `above` (or at it, with `least`) and below `below`.

    Raises:
        SpecError: if it isn't.
    """
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise SpecError("must be a number", field, value)
    if not (above < value < below or (least and value == above)):
        low = f"at least {above:g}" if least else f"above {above:g}"
        high = f"below {below:g}" if math.isfinite(below) else "finite"
        raise SpecError(f"must be {low} and {high}", field, value)


def _member(field: str, value: object, known: tuple[str, ...]) -> None:
    """See that a field is one of the words `known`; SpecError if not."""
    if value not in known:
        raise SpecError(f"is no {field} of lrtui: choose {' or '.join(known)}", field, value)
