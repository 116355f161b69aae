"""Reading Transformers: get_scheduler, its get_*_schedule functions, and TrainingArguments."""

# Readers share one signature, whether they need all of it or not.
# ruff: noqa: ARG001

from __future__ import annotations

from typing import Any

from lrtui.schedules.core import Schedule
from lrtui.schedules.dialects.reading.calls import Call, ReadingError
from lrtui.schedules.dialects.reading.context import (
    MISSING,
    Arguments,
    Context,
    Reader,
    constant,
    join,
    make,
    signature,
    tidy,
)
from lrtui.schedules.errors import nearest, shorten
from lrtui.schedules.horizon import Length


def _warmup(context: Context, call: Arguments) -> list[Schedule]:
    updates = call["num_warmup_steps"]
    if isinstance(updates, Length):
        return [make("warmup", steps=updates)]
    count = call.count("num_warmup_steps")
    return [make("warmup", steps=context.length(count))] if count else []


def _rest(context: Context, call: Arguments) -> Length | None:
    """Return what the warmup leaves of the training; None if that isn't said, which takes what remains."""
    if not call.given("num_training_steps"):
        return None
    total, warmup = call.count("num_training_steps", 1), call["num_warmup_steps"]
    if isinstance(warmup, Length):
        return None
    updates = total - call.count("num_warmup_steps")
    if updates < 1:
        raise call.fail("the warmup is as long as the whole training")
    return context.length(updates)


def _constant(context: Context, call: Arguments) -> Schedule:
    return constant(context.base())


def _constant_warm(context: Context, call: Arguments) -> Schedule:
    return join([*_warmup(context, call), constant(context.base())])


def _linear(context: Context, call: Arguments) -> Schedule:
    return join([*_warmup(context, call), make("linear", lr=context.base(), steps=_rest(context, call))])


def _cosine(context: Context, call: Arguments) -> Schedule:
    waves = 2 * call.number("num_cycles")
    base, final = context.base(), 0.0
    if call.values.get("min_lr") is not None and call.values.get("min_lr_rate") is not None:
        raise call.fail("only one of min_lr and min_lr_rate may be given")
    if call.values.get("min_lr") is not None:
        final = call.number("min_lr", 0)
    elif call.values.get("min_lr_rate") is not None:
        final = tidy(base * call.number("min_lr_rate", 0))
    elif "min_lr" in call.values:
        raise call.fail("it needs min_lr or min_lr_rate")
    context.note("past its last step transformers' cosine would rise again: held here")
    fall = make(
        "cosine",
        lr=base,
        final_lr=final,
        half_cycles=None if waves == 1 else waves,
        steps=_rest(context, call),
    )
    return join([*_warmup(context, call), fall])


def _cosine_late(context: Context, call: Arguments) -> Schedule:
    """`cosine_warmup_with_min_lr`, which counts updates from 1: everything comes one update early."""
    warmup, rest = call.count("num_warmup_steps"), _rest(context, call)
    if rest is None:
        raise call.fail("it needs num_training_steps")
    base, final = context.base(), 0.0
    if call.given("min_lr") == call.given("min_lr_rate"):
        raise call.fail("it needs one of min_lr and min_lr_rate")
    final = call.number("min_lr", 0) if call.given("min_lr") else base * call.number("min_lr_rate", 0)
    context.note(
        "this one counts updates from 1: its warmup starts above 0 and its floor comes one update early"
    )
    waves = 2 * call.number("num_cycles")
    cosine = make(
        "cosine", lr=base, final_lr=tidy(final), half_cycles=None if waves == 1 else waves, steps=rest
    )
    fall = make("offset", schedule=cosine, by=context.length(1))
    if not warmup:
        return fall
    if call.given("warmup_lr_rate"):
        start = call.number("warmup_lr_rate", 0)
        first, slope = start, (1.0 - start) / max(1, warmup - 1)
    else:
        first, slope = 1.0 / warmup, 1.0 / warmup
    rise = make(
        "linear",
        lr=base * first,
        final_lr=base * (first + slope * warmup),
        steps=context.length(warmup),
    )
    return join([rise, fall])


def _restarts(context: Context, call: Arguments) -> Schedule:
    rest, cycles = _rest(context, call), call.count("num_cycles", 1)
    if rest is None:
        raise call.fail("it needs num_training_steps")
    if rest.value % cycles:
        raise call.fail(
            f"{cycles} cycles in {rest.value} steps restart between two steps, which has no name here"
        )
    size = context.length(rest.value // cycles)
    if cycles == 1:
        fall = make("cosine", lr=context.base(), steps=size)
    else:
        fall = make("sgdr", lr=context.base(), first_cycle=size, cycles=cycles)
    return join([*_warmup(context, call), fall])


def _polynomial(context: Context, call: Arguments) -> Schedule:
    power, end = call.number("power"), call.number("lr_end", 0)
    context.note("lr_end is a rate, and 1e-7 unless given")
    line = power == 1
    fall = make(
        "linear" if line else "polynomial",
        lr=context.base(),
        final_lr=end,
        **({} if line else {"power": power}),
        steps=_rest(context, call),
    )
    return join([*_warmup(context, call), fall])


def _inverse_sqrt(context: Context, call: Arguments) -> Schedule:
    warmup = call["num_warmup_steps"]
    if not isinstance(warmup, Length):
        warmup = context.length(call.count("num_warmup_steps"))
    scale = context.length(call.count("timescale", 1)) if call.given("timescale") else None
    if scale is None and not warmup.value:
        context.note("without a warmup transformers takes a timescale of 10,000")
        scale = context.length(10_000)
    return make("inverse_sqrt", lr=context.base(), warmup=warmup, timescale=scale)


def _trapezoid(context: Context, call: Arguments) -> Schedule:
    warmup, fall = call.count("num_warmup_steps"), call.count("num_decay_steps")
    if call.given("num_stable_steps"):
        flat = call.count("num_stable_steps")
    elif call.given("num_training_steps"):
        flat = call.count("num_training_steps", 1) - warmup - fall
    else:
        raise call.fail("it needs num_stable_steps or num_training_steps")
    rise_shape = call.word("warmup_type", "linear", "cosine", "1-sqrt")
    fall_shape = call.word("decay_type", "linear", "cosine", "1-sqrt")
    if rise_shape == "1-sqrt":
        raise call.fail("a warmup of 1-sqrt has no name here")
    if fall_shape == "cosine" and call.number("num_cycles") != 0.5:
        raise call.fail("a decay of more or less than half a cosine has no name here")
    base = context.base()
    floor = tidy(base * call.number("min_lr_ratio", 0))
    if floor and warmup:
        context.note("its warmup starts at the floor, not at 0")
    parts = []
    if warmup:
        shape = None if rise_shape == "linear" else rise_shape
        parts.append(make("warmup", steps=context.length(warmup), start_lr=floor, shape=shape))
    if flat < 0 or (flat == 0 and fall == 0):
        raise call.fail("there is no time for its plateau")
    if flat:
        parts.append(make("constant", lr=base, steps=context.length(flat)))
    if fall and fall_shape == "1-sqrt":
        if not flat:
            raise call.fail("a fall of 1-sqrt without a plateau has no name here")
        parts.append(make("cooldown", steps=context.length(fall), final_lr=floor, shape="sqrt"))
    elif fall:
        parts.append(make(fall_shape, lr=base, final_lr=floor, steps=context.length(fall)))
    else:
        parts.append(constant(floor))
    return join(parts)


def _greedy(context: Context, call: Arguments) -> Schedule:
    context.note(
        "it is stepped once an epoch here, with that epoch's metric; Trainer steps it at evaluations"
    )
    smooth = call.flag("smooth")
    return make(
        "greedy",
        lr=context.base(),
        mode=call.word("mode", "min", "max"),
        factor=call.number("factor"),
        patience=call.count("patience"),
        threshold=call.number("threshold"),
        threshold_mode=call.word("threshold_mode", "rel", "abs"),
        cooldown=call.count("cooldown"),
        warmup=call.count("warmup"),
        min_lr=call.number("min_lr", 0),
        max_lr=call.number("max_lr", 0),
        eps=call.number("eps"),
        window=call.count("window_size", 1) if smooth else None,
        reset_start=call.count("reset_start"),
    )


_GREEDY = (
    "mode='min', factor=0.95, patience=10, threshold=1e-06, threshold_mode='abs', cooldown=0, warmup=0, "
    "min_lr=0.001, max_lr=1.0, eps=1e-08, verbose=False, smooth=False, window_size=50, reset_start=500"
)
_WARM = "num_warmup_steps=0, num_training_steps=None"
_TYPES: dict[str, tuple[str, Reader]] = {
    "constant": (_WARM, _constant),
    "constant_with_warmup": (_WARM, _constant_warm),
    "linear": (_WARM, _linear),
    "cosine": (f"{_WARM}, num_cycles=0.5", _cosine),
    "cosine_with_restarts": (f"{_WARM}, num_cycles=1", _restarts),
    "polynomial": (f"{_WARM}, lr_end=1e-07, power=1.0", _polynomial),
    "inverse_sqrt": (f"{_WARM}, timescale=None", _inverse_sqrt),
    "cosine_with_min_lr": (f"{_WARM}, num_cycles=0.5, min_lr=None, min_lr_rate=None", _cosine),
    "cosine_warmup_with_min_lr": (
        f"{_WARM}, num_cycles=0.5, min_lr=None, min_lr_rate=None, warmup_lr_rate=None",
        _cosine_late,
    ),
    "warmup_stable_decay": (
        f"{_WARM}, num_decay_steps=None, num_stable_steps=None, warmup_type='linear', decay_type='cosine', "
        "min_lr_ratio=0.0, num_cycles=0.5",
        _trapezoid,
    ),
}
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
    if word not in _TYPES:
        hint = nearest(word, _TYPES)
        more = f"did you mean {hint}?" if hint else "there are " + ", ".join(_TYPES)
        raise ReadingError(f"{call}: there is no scheduler type '{shorten(word)}'; {more}")
    text, reader = _TYPES[word]
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
    reader = _TYPES[kind][1]
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
    "get_constant_schedule": (signature("optimizer, last_epoch=-1"), _constant),
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
