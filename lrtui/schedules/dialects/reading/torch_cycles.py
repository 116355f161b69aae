"""Reading torch's two schedulers that carry their own rates, and move the momentum against them."""

from __future__ import annotations

from lrtui.schedules.core import Schedule
from lrtui.schedules.dialects.reading.context import Arguments, Context, make


def cyclic(context: Context, call: Arguments) -> Schedule:
    """Read CyclicLR."""
    if call.given("scale_fn"):
        raise call.fail("scale_fn is a function, and nothing is run to read a call")
    up = call.count("step_size_up", 1)
    down = call.count("step_size_down", 1) if call.given("step_size_down") else None
    mode = call.word("mode", "triangular", "triangular2", "exp_range")
    schedule = make(
        "cyclic",
        lr=call.number("max_lr", 0),
        base_lr=call.number("base_lr", 0),
        up=context.length(up),
        down=None if down is None or down == up else context.length(down),
        mode=mode,
        gamma=call.number("gamma") if mode == "exp_range" else None,
    )
    if call.flag("cycle_momentum"):
        low, high = _momenta(call)
        _moves(context, call, schedule.replace(lr=low, base_lr=high))
    return schedule


def _momenta(call: Arguments) -> tuple[float, float]:
    low, high = call.number("base_momentum", 0), call.number("max_momentum", 0)
    if not low <= high < 1:
        raise call.fail("base_momentum must be at most max_momentum, and both below 1")
    return low, high


def _moves(context: Context, call: Arguments, momentum: Schedule) -> None:
    context.momentum = momentum
    context.note(
        f"{call.call} also moves the momentum, against the rate, unless cycle_momentum=False: {momentum}"
    )


def one_cycle(context: Context, call: Arguments) -> Schedule:
    """Read OneCycleLR."""
    total: int | None = None
    if call.given("total_steps"):
        if call.told("total_steps"):
            total = call.count("total_steps", 1)
        else:
            context.whole("total_steps")
    elif call.given("epochs") and call.given("steps_per_epoch"):
        if call.told("epochs") and call.told("steps_per_epoch"):
            total = call.count("epochs", 1) * call.count("steps_per_epoch", 1)
        else:
            context.whole("epochs * steps_per_epoch")
    else:
        raise call.fail("it needs total_steps, or epochs and steps_per_epoch")
    context.note("torch raises when OneCycleLR is stepped past total_steps: held here")
    schedule = make(
        "one_cycle",
        lr=call.number("max_lr", 0),
        pct_start=call.number("pct_start", 0),
        div_factor=call.number("div_factor"),
        final_div_factor=call.number("final_div_factor"),
        anneal={"cos": "cosine", "linear": "linear"}[call.word("anneal_strategy", "cos", "linear")],
        legs=3 if call.flag("three_phase") else 2,
        steps=None if total is None else context.length(total),
    )
    if call.flag("cycle_momentum"):
        low, high = _momenta(call)
        if low == 0:
            raise call.fail("a base_momentum of 0 has no name here; any above 0 has")
        _moves(context, call, schedule.replace(lr=low, div_factor=low / high, final_div_factor=1))
    return schedule
