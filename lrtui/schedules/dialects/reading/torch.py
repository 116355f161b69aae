"""Reading torch.optim.lr_scheduler.

Its schedulers multiply the optimizer's lr, which the call doesn't carry.
"""

# Readers share one signature, whether they need all of it or not.
# ruff: noqa: ARG001

from __future__ import annotations

from lrtui.schedules.composition import product
from lrtui.schedules.core import Schedule
from lrtui.schedules.dialects.reading import torch_cycles
from lrtui.schedules.dialects.reading.calls import Call, Lambda, ReadingError
from lrtui.schedules.dialects.reading.context import (
    Arguments,
    Context,
    Reader,
    constant,
    make,
    metric_rules,
    signature,
    tidy,
)
from lrtui.schedules.dialects.reading.joining import cut, join
from lrtui.schedules.dialects.reading.ramps import of_function


def _constant(context: Context, call: Arguments) -> Schedule:
    base, factor, updates = context.base(), call.number("factor", 0), call.count("total_iters")
    if factor == 1:
        return constant(base)
    if updates == 0:
        context.note("torch's ConstantLR with total_iters=0 never gives up its factor")
        return constant(base * factor)
    first = make("constant", lr=tidy(base * factor), steps=context.length(updates))
    return join([first, constant(base)])


def _linear(context: Context, call: Arguments) -> Schedule:
    base, updates = context.base(), call.count("total_iters")
    start, end = call.number("start_factor", 0), call.number("end_factor", 0)
    if start == 0:
        raise call.fail("torch refuses start_factor 0")
    if updates == 0:
        context.note("torch's LinearLR with total_iters=0 stays at start_factor for ever")
        return constant(base * start)
    return make("linear", lr=tidy(base * start), final_lr=tidy(base * end), steps=context.length(updates))


def _exponential(context: Context, call: Arguments) -> Schedule:
    return make("exponential", lr=context.base(), gamma=call.number("gamma"), decay_steps=context.length(1))


def _step(context: Context, call: Arguments) -> Schedule:
    return make(
        "step",
        lr=context.base(),
        step_size=context.length(call.count("step_size", 1)),
        gamma=call.number("gamma"),
    )


def _multistep(context: Context, call: Arguments) -> Schedule:
    milestones = tuple(context.length(count) for count in call.counts("milestones"))
    return make("multistep", lr=context.base(), milestones=milestones, gamma=call.number("gamma"))


def _polynomial(context: Context, call: Arguments) -> Schedule:
    updates = call.count("total_iters")
    if updates == 0:
        context.note("torch's PolynomialLR with total_iters=0 stays at the optimizer's lr")
        return constant(context.base())
    power = call.number("power")
    if power == 1:
        return make("linear", lr=context.base(), steps=context.length(updates))
    return make("polynomial", lr=context.base(), power=power, steps=context.length(updates))


def _cosine(context: Context, call: Arguments) -> Schedule:
    context.note(
        "torch's cosine rises again after T_max: held here; half_cycles= or repeat(...) says a longer wave"
    )
    return make(
        "cosine",
        lr=context.base(),
        final_lr=call.number("eta_min", 0),
        steps=context.length(call.count("T_max", 1)),
    )


def _restarts(context: Context, call: Arguments) -> Schedule:
    return make(
        "sgdr",
        lr=context.base(),
        final_lr=call.number("eta_min", 0),
        first_cycle=context.length(call.count("T_0", 1)),
        growth=call.count("T_mult", 1),
    )


_ALONE = ("OneCycleLR", "CyclicLR")


def _sequential(context: Context, call: Arguments) -> Schedule:
    schedulers, milestones = call.items("schedulers"), call.counts("milestones")
    if not schedulers or len(milestones) != len(schedulers) - 1:
        raise call.fail("there must be one milestone less than there are schedulers")
    if sorted(set(milestones)) != milestones:
        raise call.fail("milestones must rise")
    parts: list[Schedule] = []
    previous = 0
    for index, scheduler in enumerate(schedulers):
        if isinstance(scheduler, Call) and scheduler.name in _ALONE:
            raise call.fail(
                f"{scheduler.name} in a sequence overwrites the optimizer's lr for all the others"
            )
        schedule = context.read(scheduler)
        if index < len(milestones):
            length = context.length(milestones[index] - previous)
            previous = milestones[index]
            if length.value:
                parts += cut(schedule, length, call, periodic=True)
        else:
            parts.append(schedule)
    return join(parts)


_FACTORS = (
    "ConstantLR",
    "LinearLR",
    "ExponentialLR",
    "StepLR",
    "MultiStepLR",
    "PolynomialLR",
    "CosineAnnealingLR",
)


def _chained(context: Context, call: Arguments) -> Schedule:
    factors = []
    base = context.base()
    for index, scheduler in enumerate(call.items("schedulers")):
        if not isinstance(scheduler, Call) or scheduler.name not in _FACTORS:
            raise call.fail(
                "only schedulers that are plain factors can be chained: others overwrite the rate"
            )
        context.lr = base if index == 0 else 1.0
        schedule = context.read(scheduler)
        if scheduler.name == "CosineAnnealingLR" and schedule.values["final_lr"] != 0:
            raise call.fail("with an eta_min above 0 torch's chained cosine is no product")
        factors.append(schedule)
    context.lr = base
    if not factors:
        raise call.fail("there is no scheduler in it")
    return product(*factors)


def _lambda(context: Context, call: Arguments) -> Schedule:
    function = call["lr_lambda"]
    if isinstance(function, list) and len(function) == 1:
        function = function[0]
    if isinstance(function, list):
        raise call.fail("each group of parameters has a function of its own; read them one by one")
    if not isinstance(function, Lambda):
        raise call.fail("its function isn't in the text; write it out, as in lambda t: 0.95 ** t")
    return of_function(context, call, function)


def _swa(context: Context, call: Arguments) -> Schedule:
    rate, updates = call.number("swa_lr", 0), call.count("anneal_epochs")
    if updates == 0:
        return constant(rate)
    shape = {"cos": "cosine", "linear": "linear"}[call.word("anneal_strategy", "cos", "linear")]
    return make(shape, lr=context.base(), final_lr=rate, steps=context.length(updates))


def _plateau(context: Context, call: Arguments) -> Schedule:
    context.note("it is stepped once an epoch, with that epoch's metric: step(test_loss)")
    return make("plateau", lr=context.base(), **metric_rules(call))


def _code(context: Context, call: Arguments) -> Schedule:
    raise ReadingError(f"{call.call} multiplies by a function, which would have to be run")


_SIGNATURES: dict[str, tuple[str, Reader]] = {
    "ConstantLR": ("optimizer, factor=0.3333333333333333, total_iters=5, last_epoch=-1", _constant),
    "LinearLR": (
        "optimizer, start_factor=0.3333333333333333, end_factor=1.0, total_iters=5, last_epoch=-1",
        _linear,
    ),
    "ExponentialLR": ("optimizer, gamma, last_epoch=-1", _exponential),
    "StepLR": ("optimizer, step_size, gamma=0.1, last_epoch=-1", _step),
    "MultiStepLR": ("optimizer, milestones, gamma=0.1, last_epoch=-1", _multistep),
    "PolynomialLR": ("optimizer, total_iters=5, power=1.0, last_epoch=-1", _polynomial),
    "CosineAnnealingLR": ("optimizer, T_max, eta_min=0.0, last_epoch=-1", _cosine),
    "CosineAnnealingWarmRestarts": ("optimizer, T_0, T_mult=1, eta_min=0.0, last_epoch=-1", _restarts),
    "CyclicLR": (
        "optimizer, base_lr, max_lr, step_size_up=2000, step_size_down=None, mode='triangular', gamma=1.0, "
        "scale_fn=None, scale_mode='cycle', cycle_momentum=True, base_momentum=0.8, max_momentum=0.9, "
        "last_epoch=-1",
        torch_cycles.cyclic,
    ),
    "OneCycleLR": (
        "optimizer, max_lr, total_steps=None, epochs=None, steps_per_epoch=None, pct_start=0.3, "
        "anneal_strategy='cos', cycle_momentum=True, base_momentum=0.85, max_momentum=0.95, div_factor=25.0, "
        "final_div_factor=10000.0, three_phase=False, last_epoch=-1",
        torch_cycles.one_cycle,
    ),
    "SequentialLR": ("optimizer, schedulers, milestones, last_epoch=-1", _sequential),
    "ChainedScheduler": ("schedulers, optimizer=None", _chained),
    "LambdaLR": ("optimizer, lr_lambda, last_epoch=-1", _lambda),
    "SWALR": (
        "optimizer, swa_lr, anneal_epochs=10, anneal_strategy='cos', last_epoch=-1",
        _swa,
    ),
    "MultiplicativeLR": ("optimizer, lr_lambda, last_epoch=-1", _code),
    "ReduceLROnPlateau": (
        "optimizer, mode='min', factor=0.1, patience=10, threshold=0.0001, threshold_mode='rel', cooldown=0, "
        "min_lr=0, eps=1e-08",
        _plateau,
    ),
}

READERS = {name: (signature(text), reader) for name, (text, reader) in _SIGNATURES.items()}
