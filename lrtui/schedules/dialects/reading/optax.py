"""Reading optax's schedules, which carry their own rates and count updates."""

# Readers share one signature, whether they need all of it or not.
# ruff: noqa: ARG001

from __future__ import annotations

from typing import Any

from lrtui.schedules.core import Schedule
from lrtui.schedules.dialects.reading.context import (
    Arguments,
    Context,
    Reader,
    constant,
    make,
    signature,
    tidy,
)
from lrtui.schedules.dialects.reading.joining import cut, join


def _constant(context: Context, call: Arguments) -> Schedule:
    return constant(call.number("value", 0))


def _polynomial(context: Context, call: Arguments) -> Schedule:
    return _late(context, call, _falling(context, call, call.number("power")))


def _linear(context: Context, call: Arguments) -> Schedule:
    return _late(context, call, _falling(context, call, 1.0))


def _falling(context: Context, call: Arguments, power: float) -> Schedule:
    first, updates = call.number("init_value", 0), _steps(call, "transition_steps")
    if updates <= 0:
        context.note("optax takes transition_steps of 0 or less to mean a constant")
        return constant(first)
    shape: dict[str, Any] = {} if power == 1 else {"power": power}
    return make(
        "linear" if power == 1 else "polynomial",
        lr=first,
        final_lr=call.number("end_value", 0),
        steps=context.length(updates),
        **shape,
    )


def _steps(call: Arguments, name: str) -> int:
    number = call.number(name)
    return int(number) if number <= 0 else call.count(name)


def _late(context: Context, call: Arguments, schedule: Schedule) -> Schedule:
    begin = max(_steps(call, "transition_begin"), 0)
    if not begin:
        return schedule
    wait = make("constant", lr=call.number("init_value", 0), steps=context.length(begin))
    return join([wait, schedule])


def _exponential(context: Context, call: Arguments) -> Schedule:
    first, updates, rate = (
        call.number("init_value", 0),
        _steps(call, "transition_steps"),
        call.number("decay_rate"),
    )
    if updates <= 0 or rate == 0:
        context.note("optax takes transition_steps of 0 or less, or a decay_rate of 0, to mean a constant")
        return constant(first)
    schedule = make(
        "exponential",
        lr=first,
        gamma=rate,
        decay_steps=context.length(updates),
        staircase="yes" if call.flag("staircase") else None,
        final_lr=call.number("end_value", 0) if call.given("end_value") else None,
    )
    return _late(context, call, schedule)


def _cosine(context: Context, call: Arguments) -> Schedule:
    first, alpha = call.number("init_value", 0), call.number("alpha", 0)
    if alpha:
        context.note("alpha is a fraction of init_value in optax, not a rate")
    exponent = call.number("exponent")
    return make(
        "cosine",
        lr=first,
        final_lr=tidy(first * alpha),
        exponent=None if exponent == 1 else exponent,
        steps=context.length(call.count("decay_steps", 1)),
    )


def _scales(context: Context, call: Arguments) -> tuple[list[int], list[float]]:
    scales = call["boundaries_and_scales"] or {}
    if not isinstance(scales, dict) or len(scales) > 500:
        raise call.fail("boundaries_and_scales must be a dict of at most 500 boundaries")
    context.note("optax's scales multiply each other: each applies to the value before it")
    pairs = sorted(
        zip(
            call.counts("boundaries", list(scales)),
            call.numbers("scales", list(scales.values())),
            strict=True,
        )
    )
    level, levels = call.number("init_value", 0), []
    for _, scale in pairs:
        level *= scale
        levels.append(tidy(level))
    return [boundary for boundary, _ in pairs], levels


def _piecewise(context: Context, call: Arguments) -> Schedule:
    points, levels = _scales(context, call)
    joined = "interpolate_type" in call.values
    return make(
        "piecewise",
        lr=call.number("init_value", 0),
        points=tuple(context.length(point) for point in points),
        levels=tuple(levels),
        interpolation=call.word("interpolate_type", "linear", "cosine") if joined else None,
    )


def _one_cycle(context: Context, call: Arguments) -> Schedule:
    linear = call.call == "linear_onecycle_schedule"
    return make(
        "one_cycle",
        lr=call.number("peak_value", 0),
        pct_start=call.number("pct_start", 0),
        div_factor=call.number("div_factor"),
        final_div_factor=call.number("final_div_factor"),
        anneal="linear" if linear else "cosine",
        legs=3 if linear else None,
        pct_final=call.number("pct_final", 0) if linear else None,
        convention="optax",
        steps=context.length(call.count("transition_steps", 1)),
    )


def _warmup(context: Context, call: Arguments) -> Schedule | None:
    updates = call.count("warmup_steps")
    if not updates:
        return None
    first, peak = call.number("init_value", 0), call.number("peak_value", 0)
    return make("linear", lr=first, final_lr=peak, steps=context.length(updates))


def _warmup_constant(context: Context, call: Arguments) -> Schedule:
    rise = _warmup(context, call)
    if rise is None:
        context.note("optax takes a warmup of 0 updates to mean init_value throughout")
        return constant(call.number("init_value", 0))
    return join([rise, constant(call.number("peak_value", 0))])


def _warmup_cosine(context: Context, call: Arguments) -> Schedule:
    rise, peak = _warmup(context, call), call.number("peak_value", 0)
    total, updates = call.count("decay_steps", 1), call.count("warmup_steps")
    if total <= updates:
        raise call.fail("decay_steps includes the warmup, and must be more than warmup_steps")
    context.note("decay_steps includes the warmup in optax")
    exponent = call.number("exponent")
    if peak == 0:
        fall = make("constant", lr=0.0, steps=context.length(total - updates))
    else:
        fall = make(
            "cosine",
            lr=peak,
            final_lr=call.number("end_value", 0),
            exponent=None if exponent == 1 else exponent,
            steps=context.length(total - updates),
        )
    return join([fall] if rise is None else [rise, fall])


def _warmup_exponential(context: Context, call: Arguments) -> Schedule:
    values = {**call.values, "init_value": call["peak_value"]}
    fall = _exponential(context, Arguments(call.call, values))
    rise = _warmup(context, call)
    return join([fall] if rise is None else [rise, fall])


def _sgdr(context: Context, call: Arguments) -> Schedule:
    cycles = call.items("cosine_kwargs")
    if not cycles:
        raise call.fail("there is no cycle in it")
    parts = []
    for kwargs in cycles:
        if not isinstance(kwargs, dict):
            raise call.fail("each cycle must be a dict written out")
        from lrtui.schedules.dialects.reading.calls import Call

        words = {str(key): value for key, value in kwargs.items()}
        bound = Arguments.bind(
            Call("warmup_cosine_decay_schedule", (), words), READERS["warmup_cosine_decay_schedule"][0]
        )
        parts.append(_warmup_cosine(context, bound))
    return join(parts)


def _joined(context: Context, call: Arguments) -> Schedule:
    schedules, boundaries = call.items("schedules"), call.counts("boundaries")
    if not schedules or len(boundaries) != len(schedules) - 1:
        raise call.fail("there must be one boundary less than there are schedules")
    if sorted(set(boundaries)) != boundaries or 0 in boundaries:
        raise call.fail("boundaries must rise from above 0")
    parts: list[Schedule] = []
    previous = 0
    for index, schedule in enumerate(schedules):
        part = context.read(schedule)
        if index < len(boundaries):
            parts += cut(part, context.length(boundaries[index] - previous), call)
            previous = boundaries[index]
        else:
            parts.append(part)
    return join(parts)


_SIGNATURES: dict[str, tuple[str, Reader]] = {
    "constant_schedule": ("value", _constant),
    "polynomial_schedule": (
        "init_value, end_value, power, transition_steps, transition_begin=0",
        _polynomial,
    ),
    "linear_schedule": ("init_value, end_value, transition_steps, transition_begin=0", _linear),
    "exponential_decay": (
        "init_value, transition_steps, decay_rate, transition_begin=0, staircase=False, end_value=None",
        _exponential,
    ),
    "cosine_decay_schedule": ("init_value, decay_steps, alpha=0.0, exponent=1.0", _cosine),
    "piecewise_constant_schedule": ("init_value, boundaries_and_scales=None", _piecewise),
    "piecewise_interpolate_schedule": (
        "interpolate_type, init_value, boundaries_and_scales=None",
        _piecewise,
    ),
    "linear_onecycle_schedule": (
        "transition_steps, peak_value, pct_start=0.3, pct_final=0.85, div_factor=25.0, "
        "final_div_factor=10000.0",
        _one_cycle,
    ),
    "cosine_onecycle_schedule": (
        "transition_steps, peak_value, pct_start=0.3, div_factor=25.0, final_div_factor=10000.0",
        _one_cycle,
    ),
    "warmup_constant_schedule": ("init_value, peak_value, warmup_steps", _warmup_constant),
    "warmup_cosine_decay_schedule": (
        "init_value, peak_value, warmup_steps, decay_steps, end_value=0.0, exponent=1.0",
        _warmup_cosine,
    ),
    "warmup_exponential_decay_schedule": (
        "init_value, peak_value, warmup_steps, transition_steps, decay_rate, transition_begin=0, "
        "staircase=False, end_value=None",
        _warmup_exponential,
    ),
    "sgdr_schedule": ("cosine_kwargs", _sgdr),
    "join_schedules": ("schedules, boundaries", _joined),
}

READERS = {name: (signature(text), reader) for name, (text, reader) in _SIGNATURES.items()}
