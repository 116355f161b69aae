"""Reading keras: its schedules, which carry their own rates and count updates, and ReduceLROnPlateau."""

from __future__ import annotations

from lrtui.schedules.core import Schedule
from lrtui.schedules.dialects.reading.context import Arguments, Context, Reader, make, signature, tidy
from lrtui.schedules.dialects.reading.joining import join
from lrtui.schedules.errors import shorten


def _exponential(context: Context, call: Arguments) -> Schedule:
    return make(
        "exponential",
        lr=call.number("initial_learning_rate", 0),
        gamma=call.number("decay_rate"),
        decay_steps=context.length(call.count("decay_steps", 1)),
        staircase="yes" if call.flag("staircase") else None,
    )


def _piecewise(context: Context, call: Arguments) -> Schedule:
    boundaries, values = call.counts("boundaries"), call.numbers("values")
    if not values or len(boundaries) != len(values) - 1:
        raise call.fail("there must be one boundary less than there are values")
    context.note("keras changes the value one update after a boundary: points are written one later here")
    return make(
        "piecewise",
        lr=values[0],
        points=tuple(context.length(boundary + 1) for boundary in boundaries),
        levels=tuple(values[1:]),
    )


def _polynomial(context: Context, call: Arguments) -> Schedule:
    power, cycle = call.number("power"), call.flag("cycle")
    updates = context.length(call.count("decay_steps", 1))
    line = power == 1 and not cycle
    return make(
        "linear" if line else "polynomial",
        lr=call.number("initial_learning_rate", 0),
        final_lr=call.number("end_learning_rate", 0),
        **({} if line else {"power": power}),
        **({"cycle": updates} if cycle else {"steps": updates}),
    )


def _inverse_time(context: Context, call: Arguments) -> Schedule:
    return make(
        "inverse_time",
        lr=call.number("initial_learning_rate", 0),
        decay_rate=call.number("decay_rate", 0),
        decay_steps=context.length(call.count("decay_steps", 1)),
        staircase="yes" if call.flag("staircase") else None,
    )


def _cosine(context: Context, call: Arguments) -> Schedule:
    first, alpha = call.number("initial_learning_rate", 0), call.number("alpha", 0)
    steps = context.length(call.count("decay_steps", 1))
    if alpha:
        context.note("alpha is a fraction in keras, not a rate")
    if not call.given("warmup_target"):
        return make("cosine", lr=first, final_lr=tidy(first * alpha), steps=steps)
    peak, warmup = call.number("warmup_target", 0), call.count("warmup_steps")
    fall = make("cosine", lr=peak, final_lr=tidy(peak * alpha), steps=steps)
    if not warmup:
        return fall
    context.note("decay_steps doesn't include the warmup in keras")
    return join([make("linear", lr=first, final_lr=peak, steps=context.length(warmup)), fall])


def _restarts(context: Context, call: Arguments) -> Schedule:
    first, alpha = call.number("initial_learning_rate", 0), call.number("alpha", 0)
    growth, shrink = call.number("t_mul"), call.number("m_mul")
    if growth != 1:
        context.note("keras finds the cycle by a float32 logarithm, and can miss a restart by one update")
    if alpha:
        context.note("alpha is a fraction in keras, not a rate; m_mul shrinks only what is above it")
    return make(
        "sgdr",
        lr=first,
        final_lr=tidy(first * alpha),
        first_cycle=context.length(call.count("first_decay_steps", 1)),
        growth=growth,
        peak_decay=shrink,
        decays="swing" if alpha and shrink != 1 else None,
    )


_GROWING = ("acc", "auc", "precision", "recall", "f1", "score", "iou")
"""What the names of metrics that should grow have in them."""


def _plateau(context: Context, call: Arguments) -> Schedule:
    monitor, mode = call["monitor"], call.word("mode", "auto", "min", "max")
    if not isinstance(monitor, str):
        raise call.fail("monitor must be a name written out")
    if mode == "auto" and "loss" in monitor:
        mode = "min"
    elif mode == "auto":
        if not any(part in monitor.lower() for part in _GROWING):
            raise call.fail(
                f"say mode='min' or mode='max': '{shorten(monitor)}' doesn't tell which is better"
            )
        mode = "max"
    context.note(f"it decides after each epoch, by {shorten(monitor)}; mode={mode}")
    context.note("keras acts at patience epochs, torch and lrtui after more: patience is one less here")
    cooldown = call.count("cooldown")
    if cooldown:
        context.note("the last epoch of keras's cooldown counts already: cooldown is one less here")
    return make(
        "plateau",
        lr=context.base(),
        mode=mode,
        factor=call.number("factor"),
        patience=max(call.count("patience") - 1, 0),
        threshold=abs(call.number("min_delta")),
        threshold_mode="abs",
        cooldown=max(cooldown - 1, 0),
        min_lr=call.number("min_lr", 0),
        eps=0.0,
    )


_SIGNATURES: dict[str, tuple[str, Reader]] = {
    "ExponentialDecay": (
        "initial_learning_rate, decay_steps, decay_rate, staircase=False, name=None",
        _exponential,
    ),
    "PiecewiseConstantDecay": ("boundaries, values, name=None", _piecewise),
    "PolynomialDecay": (
        "initial_learning_rate, decay_steps, end_learning_rate=0.0001, power=1.0, cycle=False, name=None",
        _polynomial,
    ),
    "InverseTimeDecay": (
        "initial_learning_rate, decay_steps, decay_rate, staircase=False, name=None",
        _inverse_time,
    ),
    "CosineDecay": (
        "initial_learning_rate, decay_steps, alpha=0.0, name=None, warmup_target=None, warmup_steps=0",
        _cosine,
    ),
    "CosineDecayRestarts": (
        "initial_learning_rate, first_decay_steps, t_mul=2.0, m_mul=1.0, alpha=0.0, name=None",
        _restarts,
    ),
    "callbacks.ReduceLROnPlateau": (
        "monitor='val_loss', factor=0.1, patience=10, verbose=0, mode='auto', min_delta=0.0001, cooldown=0, "
        "min_lr=0.0",
        _plateau,
    ),
}

READERS = {name: (signature(text), reader) for name, (text, reader) in _SIGNATURES.items()}
