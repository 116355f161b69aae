"""The shapes of Transformers' scheduler types, each read from its own arguments."""

# Readers share one signature, whether they need all of it or not.
# ruff: noqa: ARG001

from __future__ import annotations

from lrtui.schedules.core import Schedule
from lrtui.schedules.dialects.reading.context import (
    Arguments,
    Context,
    Reader,
    constant,
    make,
    tidy,
)
from lrtui.schedules.dialects.reading.joining import join
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
    if not call.told("num_training_steps"):
        context.whole("num_training_steps")
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


_WARM = "num_warmup_steps=0, num_training_steps=None"
TYPES: dict[str, tuple[str, Reader]] = {
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
"""The arguments and the reader of each scheduler type, those that follow a metric left out."""
