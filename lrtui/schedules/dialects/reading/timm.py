"""Reading timm.scheduler.

Its schedulers start from the optimizer's lr, and count epochs unless told otherwise.
"""

from __future__ import annotations

from lrtui.schedules.core import Schedule
from lrtui.schedules.dialects.reading.context import Arguments, Context, Reader, make, signature
from lrtui.schedules.dialects.reading.joining import join


def _clock(context: Context, call: Arguments) -> None:
    if any(call.given(name) for name in call.values if name == "noise_range_t"):
        raise call.fail("noise on the rate has no name here")
    if call.flag("t_in_epochs") and context.clock == "updates":
        context.note(
            "timm counts epochs unless t_in_epochs=False: read as updates; --clock epochs for epochs"
        )


def _warmed(context: Context, call: Arguments, schedule: Schedule, prefix: bool | None = None) -> Schedule:
    """Return the schedule with timm's warmup, in front of it or over its start."""
    _clock(context, call)
    updates = call.count("warmup_t")
    if not updates:
        return schedule
    start, peak = call.number("warmup_lr_init", 0), context.base()
    length = context.length(updates)
    if call.flag("warmup_prefix") if prefix is None else prefix:
        return join([make("linear", lr=start, final_lr=peak, steps=length), schedule])
    if schedule.family.name == "tanh":
        raise call.fail("its warmup over the start of the curve has no name here; say warmup_prefix=True")
    context.note(
        "without warmup_prefix=True timm's schedule runs on behind its warmup, and the rate drops there"
    )
    return make("masked_warmup", schedule=schedule, warmup=length, start_lr=start)


def _cosine(context: Context, call: Arguments) -> Schedule:
    return _warmed(context, call, _cycles(context, call))


def _cycles(context: Context, call: Arguments) -> Schedule:
    limit, growth, decay = call.count("cycle_limit", 1), call.number("cycle_mul"), call.number("cycle_decay")
    size, k = context.length(call.count("t_initial", 1)), call.number("k_decay")
    if limit == 1:
        return make(
            "cosine",
            lr=context.base(),
            final_lr=call.number("lr_min", 0),
            k=None if k == 1 else k,
            steps=size,
        )
    if k != 1:
        raise call.fail("k_decay with more than one cycle has no name here")
    if growth != 1:
        context.note("timm finds growing cycles by a logarithm, and misses some restarts, such as update 121")
    return make(
        "sgdr",
        lr=context.base(),
        final_lr=call.number("lr_min", 0),
        first_cycle=size,
        growth=growth,
        peak_decay=decay,
        cycles=limit,
    )


def _once(call: Arguments) -> None:
    if call.count("cycle_limit", 1) != 1:
        raise call.fail("more than one cycle of this curve has no name here")


def _tanh(context: Context, call: Arguments) -> Schedule:
    _once(call)
    context.note("timm starts at the optimizer's lr before the first step_update, a little above the curve")
    context.note("past its end timm's tanh jumps to lr_min; here it holds where the curve ends")
    schedule = make(
        "tanh",
        lr=context.base(),
        final_lr=call.number("lr_min", 0),
        lower=call.number("lb"),
        upper=call.number("ub"),
        steps=context.length(call.count("t_initial", 1)),
    )
    return _warmed(context, call, schedule)


def _polynomial(context: Context, call: Arguments) -> Schedule:
    _once(call)
    if call.number("k_decay") != 1:
        raise call.fail("k_decay of a polynomial has no name here")
    power = call.number("power")
    line = power == 1
    schedule = make(
        "linear" if line else "polynomial",
        lr=context.base(),
        final_lr=call.number("lr_min", 0),
        **({} if line else {"power": power}),
        steps=context.length(call.count("t_initial", 1)),
    )
    return _warmed(context, call, schedule)


def _step(context: Context, call: Arguments) -> Schedule:
    rate = call.number("decay_rate")
    if rate == 1:
        return _warmed(context, call, make("constant", lr=context.base()))
    schedule = make("step", lr=context.base(), step_size=context.length(call.count("decay_t", 1)), gamma=rate)
    return _warmed(context, call, schedule)


def _multistep(context: Context, call: Arguments) -> Schedule:
    context.note("timm applies a milestone one early: milestones are written one earlier here")
    milestones = tuple(context.length(max(count - 1, 0)) for count in call.counts("decay_t"))
    schedule = make("multistep", lr=context.base(), milestones=milestones, gamma=call.number("decay_rate"))
    return _warmed(context, call, schedule)


def _trapezoid(context: Context, call: Arguments) -> Schedule:
    if call.word("stable_fn", "constant", "rsqrt", "power") != "constant":
        raise call.fail("a plateau that falls has no name here")
    shapes = {"linear": "linear", "1-sqrt": "sqrt", "cosine": "cosine"}
    word = call["decay_fn"]
    if word == "power":
        shape = {0.5: "sqrt", 1.0: "linear", 2.0: "square"}.get(call.number("decay_power"))
    else:
        shape = shapes.get(word) if isinstance(word, str) else None
    if shape is None:
        raise call.fail("its decay_fn has no name here; linear, 1-sqrt and cosine have")
    total, fall = call.count("t_initial", 1), call.count("decay_t", 1)
    if fall > total:
        raise call.fail("decay_t must be at most t_initial")
    peak = context.base()
    parts = [
        *([make("constant", lr=peak, steps=context.length(total - fall))] if total > fall else []),
    ]
    if shape in ("linear", "cosine"):
        parts.append(make(shape, lr=peak, final_lr=call.number("lr_min", 0), steps=context.length(fall)))
    elif parts:
        parts.append(
            make("cooldown", steps=context.length(fall), final_lr=call.number("lr_min", 0), shape=shape)
        )
    else:
        raise call.fail("a fall without a plateau has no name here, unless it is linear or a cosine")
    return _warmed(context, call, join(parts), prefix=True)


_CYCLES = "cycle_mul=1.0, cycle_decay=1.0, cycle_limit=1, "
_NOISE = "noise_range_t=None, noise_pct=0.67, noise_std=1.0, noise_seed=42"

_SIGNATURES: dict[str, tuple[str, Reader]] = {
    "CosineLRScheduler": (
        f"optimizer, t_initial, lr_min=0.0, {_CYCLES} warmup_t=0, warmup_lr_init=0.0, warmup_prefix=False, "
        f"t_in_epochs=True, {_NOISE}, k_decay=1.0, initialize=True",
        _cosine,
    ),
    "TanhLRScheduler": (
        f"optimizer, t_initial, lb=-7.0, ub=3.0, lr_min=0.0, {_CYCLES} warmup_t=0, warmup_lr_init=0.0, "
        f"warmup_prefix=False, t_in_epochs=True, {_NOISE}, initialize=True",
        _tanh,
    ),
    "PolyLRScheduler": (
        f"optimizer, t_initial, power=0.5, lr_min=0.0, {_CYCLES} warmup_t=0, warmup_lr_init=0.0, "
        f"warmup_prefix=False, t_in_epochs=True, {_NOISE}, k_decay=1.0, initialize=True",
        _polynomial,
    ),
    "StepLRScheduler": (
        "optimizer, decay_t, decay_rate=1.0, warmup_t=0, warmup_lr_init=0.0, warmup_prefix=True, "
        f"t_in_epochs=True, {_NOISE}, initialize=True",
        _step,
    ),
    "MultiStepLRScheduler": (
        "optimizer, decay_t, decay_rate=1.0, warmup_t=0, warmup_lr_init=0.0, warmup_prefix=True, "
        f"t_in_epochs=True, {_NOISE}, initialize=True",
        _multistep,
    ),
    "WSDLRScheduler": (
        "optimizer, t_initial, decay_t, lr_min=0.0, stable_fn='constant', stable_timescale=None, "
        "stable_power=0.5, decay_fn='1-sqrt', decay_power=0.5, decay_ratio=0.1, warmup_t=0, "
        f"warmup_lr_init=0.0, t_in_epochs=True, {_NOISE}, initialize=True",
        _trapezoid,
    ),
}

READERS = {name: (signature(text), reader) for name, (text, reader) in _SIGNATURES.items()}
