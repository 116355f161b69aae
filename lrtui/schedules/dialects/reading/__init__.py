"""Constructor calls of other libraries as schedules, with notes on what the library does differently.

The text is looked at as data, never run: a call, or some lines of code with one in them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from lrtui.schedules.composition import Sequence, sequence
from lrtui.schedules.core import Schedule
from lrtui.schedules.dialects.reading import keras, optax, timm, torch, transformers
from lrtui.schedules.dialects.reading.calls import Call, ReadingError, Text, read_text
from lrtui.schedules.dialects.reading.context import Context, constant
from lrtui.schedules.errors import ScheduleError, nearest, shorten
from lrtui.schedules.registry import family

__all__ = ["Reading", "ReadingError", "read"]

_READERS = {**torch.READERS, **optax.READERS, **keras.READERS, **timm.READERS, **transformers.READERS}

_OTHERS = {
    "create_scheduler_v2": "is timm's factory: write the scheduler it makes, such as CosineLRScheduler(...)",
    "create_scheduler": "is timm's factory: write the scheduler it makes, such as CosineLRScheduler(...)",
    "PlateauLRScheduler": "follows a metric, which torch's ReduceLROnPlateau inside it can say",
    "LearningRateScheduler": "is a function of the epoch, which would have to be run",
    "AdafactorSchedule": "reads the rate out of the optimizer, which decides it",
    "CosineAnnealingWarmupRestarts": "isn't torch's; warmup(...) >> sgdr(...) says its first cycle",
    "reduce_on_plateau": "is a transformation of gradients; plateau(...) decides in the same way",
}
"""Names that people may well try, and why they can't be read."""

_RATES = ("BASE_LR", "base_lr", "lr", "learning_rate", "LEARNING_RATE", "LR", "max_lr")
"""Names that people give the optimizer's learning rate."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What was read: the schedule, a line for each thing that may surprise, and the momentum if it moves."""

    schedule: Schedule
    notes: tuple[str, ...]
    momentum: Schedule | None = None


def read(text: str, lr: float | None = None, clock: str = "updates") -> Reading:
    """Read a scheduler of torch, optax, keras, timm or transformers.

    Args:
        text: A call such as `StepLR(optimizer, 30)`, arguments as for TrainingArguments (Python's, or a
            command line's), or code with such a call in it; the last one counts. Names assigned in the code
            are followed, and so are functions that LambdaLR is given, as far as a formula can say them.
        lr: The optimizer's learning rate, which most calls don't carry; else it is looked for in the text.
        clock: What the call counts: "updates", or "epochs" if its step() is called once an epoch.

    Raises:
        ReadingError: There is no call that can be read, or it can't be said exactly; one line says why.
    """
    if clock not in ("updates", "epochs"):
        raise ReadingError("the clock counts updates or epochs")
    found = read_text(text)
    context = Context(lr if lr is not None else _rate(found), clock, _READERS)
    try:
        schedule = _schedule(context, found)
    except ReadingError:
        raise
    except ScheduleError as error:
        raise ReadingError(error.message, parameter=error.parameter, family=error.family) from None
    except (RecursionError, MemoryError, OverflowError):
        raise ReadingError("this is too large or too deep to read") from None
    momentum = context.momentum
    assigned = found.names.get("momentum")
    if isinstance(assigned, Call) and assigned.name in _READERS:
        momentum = context.read(assigned)
    if clock == "epochs" and schedule.family.role != "metric":
        held = family("per_epoch").make
        schedule = held(schedule=schedule)  # type: ignore[call-arg]
        momentum = None if momentum is None else held(schedule=momentum)  # type: ignore[call-arg]
    return Reading(schedule, tuple(context.notes), momentum)


def _schedule(context: Context, found: Text) -> Schedule:
    # What a module assigns to these names isn't the learning rate.
    others = [found.names.get(name) for name in ("momentum", "weight_decay")]
    calls = [
        value
        for value in found.values
        if isinstance(value, Call) and not any(value is other for other in others)
    ]
    for value in reversed(found.values):
        arguments = value if isinstance(value, dict) else getattr(value, "kwargs", {})
        named = isinstance(value, Call) and value.name in ("TrainingArguments", "Seq2SeqTrainingArguments")
        if (named and arguments) or (isinstance(value, dict) and "lr_scheduler_type" in value):
            return transformers.training_arguments(
                context, {str(key): item for key, item in arguments.items()}
            )
    for call in reversed(calls):
        if call.name in _READERS:
            schedule = context.read(call)
            return sequence(*schedule.parts) if isinstance(schedule, Sequence) else schedule
    rate = found.names.get("learning_rate", found.values[-1] if len(found.values) == 1 else None)
    if isinstance(rate, float | int) and not isinstance(rate, bool):
        return constant(float(rate))
    names = [call.name for call in calls if call.name]
    for name in reversed(names):
        if name in _OTHERS:
            raise ReadingError(f"{name} {_OTHERS[name]}")
        hint = nearest(name, _READERS)
        if hint:
            raise ReadingError(f"there is no scheduler called '{shorten(name)}'; did you mean {hint}?")
    said = f", only '{shorten(names[-1])}'" if names else ""
    raise ReadingError(
        f"there is no scheduler's call of torch, optax, keras, timm or transformers in this{said}"
    )


def _rate(found: Text) -> float | None:
    """Return the optimizer's learning rate if the text says it: `SGD(..., lr=0.1)` or a name for it."""
    for value in [*found.values, *found.names.values()]:
        if isinstance(value, Call) and value.name not in _READERS and _is_rate(value.kwargs.get("lr")):
            return float(value.kwargs["lr"])
        for inside in (*value.args, *value.kwargs.values()) if isinstance(value, Call) else ():
            if isinstance(inside, Call) and _is_rate(inside.kwargs.get("lr")):
                return float(inside.kwargs["lr"])
    for name in _RATES:
        if _is_rate(found.names.get(name)):
            return float(found.names[name])
    return None


def _is_rate(value: Any) -> bool:
    return isinstance(value, float | int) and not isinstance(value, bool) and 0 <= value < 1e300
