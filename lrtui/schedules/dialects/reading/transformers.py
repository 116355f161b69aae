"""Reading Transformers: get_scheduler, its get_*_schedule functions, and TrainingArguments."""

from __future__ import annotations

from typing import Any

from lrtui.schedules.core import Schedule
from lrtui.schedules.dialects.reading.calls import Call, ReadingError
from lrtui.schedules.dialects.reading.context import (
    MISSING,
    Arguments,
    Context,
    Reader,
    make,
    metric_rules,
    signature,
    tidy,
)
from lrtui.schedules.dialects.reading.transformers_types import TYPES
from lrtui.schedules.errors import nearest, shorten
from lrtui.schedules.horizon import Length


def _greedy(context: Context, call: Arguments) -> Schedule:
    context.note(
        "it is stepped once an epoch here, with that epoch's metric; Trainer steps it at evaluations"
    )
    smooth = call.flag("smooth")
    return make(
        "greedy",
        lr=context.base(),
        **metric_rules(call),
        warmup=call.count("warmup"),
        max_lr=call.number("max_lr", 0),
        window=call.count("window_size", 1) if smooth else None,
        reset_start=call.count("reset_start"),
    )


_GREEDY = (
    "mode='min', factor=0.95, patience=10, threshold=1e-06, threshold_mode='abs', cooldown=0, warmup=0, "
    "min_lr=0.001, max_lr=1.0, eps=1e-08, verbose=False, smooth=False, window_size=50, reset_start=500"
)

_METRIC = {"reduce_lr_on_plateau": "ReduceLROnPlateau", "greedy": "GreedyLR"}
"""Types whose arguments are those of another class."""


def _typed(context: Context, name: Any, values: dict[str, Any], call: str) -> Schedule:
    word = getattr(name, "text", name)
    if not isinstance(word, str):
        raise ReadingError(f"{call}: the scheduler's type must be a word written out")
    word = word.lower()
    if word in _METRIC:
        own = {key: value for key, value in values.items() if not key.startswith("num_")}
        return context.read(Call(_METRIC[word], (), own))
    if word not in TYPES:
        hint = nearest(word, TYPES)
        more = f"did you mean {hint}?" if hint else "there are " + ", ".join(TYPES)
        raise ReadingError(f"{call}: there is no scheduler type '{shorten(word)}'; {more}")
    text, reader = TYPES[word]
    return reader(context, Arguments.bind(Call(call, (), values), signature(text)))


def _get_scheduler(context: Context, call: Arguments) -> Schedule:
    values = {
        "num_warmup_steps": call["num_warmup_steps"] if call.given("num_warmup_steps") else 0,
        "num_training_steps": call["num_training_steps"],
    }
    specific = call["scheduler_specific_kwargs"]
    if specific is not None and not isinstance(specific, dict):
        raise call.fail("scheduler_specific_kwargs must be a dict written out")
    return _typed(context, call["name"], {**values, **_words(specific)}, call.call)


def _words(values: dict[Any, Any] | None) -> dict[str, Any]:
    return {str(key): value for key, value in (values or {}).items()}


def training_arguments(context: Context, values: dict[str, Any]) -> Schedule:
    """Return the schedule of TrainingArguments, of which only those about the schedule are looked at."""
    known = {"learning_rate": 5e-5, "lr_scheduler_type": "linear", "max_steps": -1, "warmup_steps": 0}
    known |= {"warmup_ratio": None, "lr_scheduler_kwargs": None}
    call = Arguments("TrainingArguments", {**known, **values})
    if context.lr is None:
        context.lr = call.number("learning_rate", 0)
        if "learning_rate" not in values:
            context.note("learning_rate is 5e-5 unless given")
    context.note("steps are optimizer updates, after accumulation; max_steps includes the warmup")
    total = call.count("max_steps") if call["max_steps"] != -1 else 0
    steps: Any = call["warmup_steps"] if call.given("warmup_steps") else 0
    ratio = call.number("warmup_ratio", 0) if call.given("warmup_ratio") else 0.0
    if not steps and ratio:
        steps = ratio
    warmup: Any = steps
    if isinstance(steps, float) and 0 < steps < 1:
        context.note(
            "a warmup below 1 is a fraction of the training; transformers rounds it up to whole updates"
        )
        warmup = Length(tidy(steps * 100), "percent")
        if total:
            warmup = -int(-total * steps // 1)
    specific = call["lr_scheduler_kwargs"]
    if specific is not None and not isinstance(specific, dict):
        raise call.fail("lr_scheduler_kwargs must be a dict written out")
    arguments = {"num_warmup_steps": warmup, "num_training_steps": total or None, **_words(specific)}
    return _typed(context, call["lr_scheduler_type"], arguments, "TrainingArguments")


def _function(kind: str, text: str) -> tuple[tuple[tuple[str, Any], ...], Reader]:
    reader = TYPES[kind][1]
    return signature(text), reader


_OPT = "optimizer, num_warmup_steps"

READERS: dict[str, tuple[tuple[tuple[str, Any], ...], Reader]] = {
    "get_scheduler": (
        (
            ("name", MISSING),
            *signature(
                "optimizer=None, num_warmup_steps=None, num_training_steps=None, "
                "scheduler_specific_kwargs=None"
            ),
        ),
        _get_scheduler,
    ),
    "GreedyLR": (signature(f"optimizer, {_GREEDY}"), _greedy),
    "get_constant_schedule": _function("constant", "optimizer, last_epoch=-1"),
    "get_constant_schedule_with_warmup": _function("constant_with_warmup", f"{_OPT}, last_epoch=-1"),
    "get_linear_schedule_with_warmup": _function("linear", f"{_OPT}, num_training_steps, last_epoch=-1"),
    "get_cosine_schedule_with_warmup": _function(
        "cosine", f"{_OPT}, num_training_steps, num_cycles=0.5, last_epoch=-1"
    ),
    "get_cosine_with_hard_restarts_schedule_with_warmup": _function(
        "cosine_with_restarts", f"{_OPT}, num_training_steps, num_cycles=1, last_epoch=-1"
    ),
    "get_polynomial_decay_schedule_with_warmup": _function(
        "polynomial", f"{_OPT}, num_training_steps, lr_end=1e-07, power=1.0, last_epoch=-1"
    ),
    "get_inverse_sqrt_schedule": _function("inverse_sqrt", f"{_OPT}, timescale=None, last_epoch=-1"),
    "get_cosine_with_min_lr_schedule_with_warmup": _function(
        "cosine_with_min_lr",
        f"{_OPT}, num_training_steps, num_cycles=0.5, last_epoch=-1, min_lr=None, min_lr_rate=None",
    ),
    "get_cosine_with_min_lr_schedule_with_warmup_lr_rate": _function(
        "cosine_warmup_with_min_lr",
        f"{_OPT}, num_training_steps, num_cycles=0.5, last_epoch=-1, min_lr=None, min_lr_rate=None, "
        "warmup_lr_rate=None",
    ),
    "get_wsd_schedule": _function(
        "warmup_stable_decay",
        f"{_OPT}, num_decay_steps, num_training_steps=None, num_stable_steps=None, warmup_type='linear', "
        "decay_type='cosine', min_lr_ratio=0, num_cycles=0.5, last_epoch=-1",
    ),
}
