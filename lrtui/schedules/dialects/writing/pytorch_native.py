"""Schedules composed of torch's own scheduler classes, where those say exactly the same.

All of torch's classes start from the optimizer's one learning rate and work by factors of it, which is what
most refusals come from.
"""

# The writers of the families share one signature, whether they need all of it or not.
# ruff: noqa: ARG001

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from lrtui.schedules.composition import Product
from lrtui.schedules.core import Schedule
from lrtui.schedules.dialects.writing import metric
from lrtui.schedules.dialects.writing.layout import call, comment, head
from lrtui.schedules.dialects.writing.pieces import simple
from lrtui.schedules.dialects.writing.plan import Phase, Plan, plain, plan, refusal, without_idle
from lrtui.schedules.horizon import Horizon, Length
from lrtui.schedules.source import NotRepresentable, number

TARGET = "pytorch-native"


@dataclass(frozen=True, slots=True)
class _Part:
    """One torch scheduler: its constructor call, when it takes over, and a remark."""

    source: str
    start: int
    remark: str = ""


_FROM_BASE = ("cosine", "exponential", "step", "multistep", "polynomial", "sgdr", "repeat")


def write(schedule: Schedule, horizon: Horizon) -> str:
    """Return a module with make_scheduler(optimizer).

    Raises:
        NotRepresentable: torch's classes can't say this schedule exactly.
    """
    if schedule.family.role == "metric":
        return metric.write(schedule, horizon)
    bare = without_idle(schedule, horizon)
    if isinstance(bare, Product):
        laid = Plan((), horizon)
        base, parts = _chained(bare, horizon)
        wrap = "ChainedScheduler"
    else:
        laid = plan(schedule, horizon, TARGET, epochs=True)
        alone = laid.phases[0] if len(laid.phases) == 1 else None
        if alone is not None and alone.name in ("cyclic", "one_cycle"):
            base, parts = _alone(alone, laid)
        else:
            phases = simple(laid.phases, laid.horizon)
            base = _base(phases)
            parts = [part for phase in phases for part in _say(phase, base, laid.horizon)]
        wrap = "SequentialLR" if len(parts) > 1 else ""
    return _module(schedule, horizon, laid, base, parts, wrap)


def _module(
    schedule: Schedule, horizon: Horizon, laid: Plan, base: float, parts: list[_Part], wrap: str
) -> str:
    names = sorted({part.source.partition("(")[0] for part in parts} | ({wrap} if wrap else set()))
    if laid.clock == "epochs":
        stepping = (
            f"Call scheduler.step() once an epoch ({laid.steps_per_epoch} updates): lengths are epochs."
        )
    else:
        stepping = "Call scheduler.step() after every optimizer step, not once an epoch: lengths are updates."
    notes = [
        f"Build the optimizer with lr=BASE_LR. {stepping}",
        "Make all schedulers before training starts, and load the states of the optimizer and the scheduler "
        "after making them. Beyond this training's end torch's classes don't all hold their last rate.",
    ]
    if wrap == "SequentialLR":
        notes.append(
            "Resume a SequentialLR through its state_dict only: made with last_epoch it gives other rates."
        )
    lines = [head(schedule, horizon, *notes)]
    lines.append(f"from torch.optim.lr_scheduler import {', '.join(names)}\n")
    lines.append(f"BASE_LR = {number(base)}\n\n\ndef make_scheduler(optimizer):")
    if not wrap:
        lines += [f"    {line}" for line in _remark(parts[0])]
        lines.append(f"    return {parts[0].source}")
        return "\n".join(lines) + "\n"
    lines.append("    schedulers = [")
    for part in parts:
        lines += [f"        {line}" for line in _remark(part)]
        lines.append(f"        {part.source},")
    lines.append("    ]")
    if wrap == "SequentialLR":
        milestones = [part.start for part in parts[1:]]
        lines.append(f"    return SequentialLR(optimizer, schedulers=schedulers, milestones={milestones})")
    else:
        lines.append("    return ChainedScheduler(schedulers, optimizer=optimizer)")
    return "\n".join(lines) + "\n"


def _remark(part: _Part) -> list[str]:
    return comment(part.remark) if part.remark else []


def _base(phases: tuple[Phase, ...]) -> float:
    """Return the optimizer's lr that all phases can be factors of."""
    needed = {_start(phase): phase for phase in phases if phase.name in _FROM_BASE}
    if len(needed) > 1:
        said = " and ".join(f"{rate:.6g}" for rate in list(needed)[:2])
        raise NotRepresentable(
            TARGET, f"its classes all start from the optimizer's one lr, and these phases start at {said}"
        )
    if needed:
        return next(iter(needed))
    return max([max(phase.first, phase.last) for phase in phases], default=1.0) or 1.0


def _start(phase: Phase) -> float:
    values = phase.schedule.values
    if phase.name == "repeat":
        return float(values["schedule"].values.get("lr", phase.first))
    return float(values["lr"])


def _say(phase: Phase, base: float, horizon: Horizon) -> Iterator[_Part]:
    writer = _WRITERS.get(phase.name)
    if writer is None:
        raise refusal(TARGET, phase)
    yield writer(phase, base, horizon)
    # Past its end a shape of ours holds; these classes of torch's go on instead.
    if phase.used > phase.extent + 1 and phase.name in ("cosine", "exponential", "step", "sgdr"):
        held = _held(phase.last, base, phase.used - phase.extent)
        yield _Part(held, phase.start + phase.extent, "Hold the last rate, which the class above doesn't.")


def _held(rate: float, base: float, updates: int) -> str:
    # One more than is used: at its end ConstantLR divides by its factor.
    return call("ConstantLR", "optimizer", factor=_factor(rate, base), total_iters=updates + 1)


def _factor(rate: float, base: float) -> float:
    factor = rate / base if base else (math.inf if rate else 1.0)
    if factor > 1:
        raise NotRepresentable(
            TARGET,
            f"ConstantLR and LinearLR can't rise above the optimizer's lr ({base:.6g}), "
            f"and this goes to {rate:.6g}",
        )
    return factor


def _constant(phase: Phase, base: float, horizon: Horizon) -> _Part:
    return _Part(_held(phase.value("lr"), base, phase.used), phase.start)


def _linear(phase: Phase, base: float, horizon: Horizon) -> _Part:
    first, last = phase.value("lr"), phase.value("final_lr")
    if first == last:
        return _Part(_held(first, base, phase.used), phase.start)
    if first > 0:
        source = call(
            "LinearLR",
            "optimizer",
            start_factor=_factor(first, base),
            end_factor=_factor(last, base),
            total_iters=phase.extent,
        )
        return _Part(source, phase.start)
    clock = "t" if phase.used <= phase.extent + 1 else f"min(t, {phase.extent})"
    factor = last / base
    scaled = f"{clock} / {phase.extent}" if factor == 1 else f"{number(factor)} * {clock} / {phase.extent}"
    remark = "LinearLR refuses to start at 0. A lambda isn't saved in the state: make it again to resume."
    return _Part(f"LambdaLR(optimizer, lambda t: {scaled})", phase.start, remark)


def _cosine(phase: Phase, base: float, horizon: Horizon) -> _Part:
    plain(TARGET, phase, "lr", "final_lr")
    source = call("CosineAnnealingLR", "optimizer", T_max=phase.extent, eta_min=phase.value("final_lr"))
    return _Part(source, phase.start, "After T_max it would rise again.")


def _polynomial(phase: Phase, base: float, horizon: Horizon) -> _Part:
    plain(TARGET, phase, "lr", "final_lr", "power")
    if phase.value("final_lr") != 0:
        raise refusal(TARGET, phase, "PolynomialLR always ends at 0")
    source = call("PolynomialLR", "optimizer", total_iters=phase.extent, power=phase.value("power"))
    return _Part(source, phase.start)


def _exponential(phase: Phase, base: float, horizon: Horizon) -> _Part:
    plain(TARGET, phase, "lr", "gamma", "decay_steps")
    decay = phase.updates("decay_steps", horizon)
    gamma = phase.value("gamma") ** (1.0 / decay)
    remark = "" if decay == 1 else f"gamma is {number(phase.value('gamma'))} ** (1 / {decay})."
    return _Part(call("ExponentialLR", "optimizer", gamma=gamma), phase.start, remark)


def _step(phase: Phase, base: float, horizon: Horizon) -> _Part:
    size = phase.updates("step_size", horizon)
    return _Part(call("StepLR", "optimizer", step_size=size, gamma=phase.value("gamma")), phase.start)


def _multistep(phase: Phase, base: float, horizon: Horizon) -> _Part:
    milestones = sorted(milestone.resolve(horizon) for milestone in phase.value("milestones"))
    reached = [milestone for milestone in milestones if milestone <= phase.extent]
    source = call("MultiStepLR", "optimizer", milestones=reached, gamma=phase.value("gamma"))
    return _Part(source, phase.start, "Milestones count from where this scheduler takes over.")


def _sgdr(phase: Phase, base: float, horizon: Horizon) -> _Part:
    growth = phase.value("growth")
    first = phase.updates("first_cycle", horizon)
    if phase.value("peak_decay") != 1:
        raise refusal(TARGET, phase, "CosineAnnealingWarmRestarts always returns to the same peak")
    if growth != int(growth):
        raise refusal(TARGET, phase, "its T_mult must be a whole number")
    if phase.value("cycles") is not None and _covers(first, growth, phase.value("cycles")) < phase.used:
        raise refusal(TARGET, phase, "CosineAnnealingWarmRestarts never stops restarting")
    source = call(
        "CosineAnnealingWarmRestarts",
        "optimizer",
        T_0=first,
        T_mult=int(growth),
        eta_min=phase.value("final_lr"),
    )
    return _Part(source, phase.start)


def _covers(first: int, growth: float, cycles: int) -> float:
    return first * cycles if growth == 1 else first * (growth ** min(cycles, 64) - 1) / (growth - 1)


def _repeat(phase: Phase, base: float, horizon: Horizon) -> _Part:
    child: Schedule = phase.value("schedule")
    size: int = phase.schedule._cycle(phase.extent, horizon)  # type: ignore[attr-defined]
    cycles = phase.value("cycles")
    endless = cycles is None or cycles * size >= phase.used
    bare = child.family.name == "cosine" and all(
        child.values[p.name] == p.default for p in child.family.parameters if p.name not in _COSINE
    )
    if not (bare and endless and phase.value("decay") == 1 and phase.value("growth") == 1):
        raise refusal(TARGET, phase, "only equal cosines repeat, in CosineAnnealingWarmRestarts")
    source = call(
        "CosineAnnealingWarmRestarts", "optimizer", T_0=size, T_mult=1, eta_min=child.values["final_lr"]
    )
    return _Part(source, phase.start)


_COSINE = ("lr", "final_lr", "steps")


_WRITERS: dict[str, Callable[[Phase, float, Horizon], _Part]] = {
    "constant": _constant,
    "linear": _linear,
    "cosine": _cosine,
    "polynomial": _polynomial,
    "exponential": _exponential,
    "step": _step,
    "multistep": _multistep,
    "sgdr": _sgdr,
    "repeat": _repeat,
}


def _alone(phase: Phase, laid: Plan) -> tuple[float, list[_Part]]:
    """Write the two classes that set the optimizer's lr themselves, and so can't be part of a sequence."""
    value: dict[str, Any] = phase.schedule.values
    remark = "It sets the optimizer's lr itself, and its momentum too unless cycle_momentum=False."
    if phase.used > phase.extent:
        raise refusal(TARGET, phase, f"{phase.name} can't be followed by holding its last rate")
    if phase.name == "one_cycle":
        if value["convention"] != "torch" or value["pct_final"] is not None:
            raise refusal(TARGET, phase, "OneCycleLR has torch's own idea of where the peak and the end fall")
        if phase.extent * value["pct_start"] == 1:
            raise refusal(TARGET, phase, "OneCycleLR divides by zero where pct_start * total_steps is 1")
        source = call(
            "OneCycleLR",
            "optimizer",
            max_lr=value["lr"],
            # One more step() than this raises: the last update of the training is the last one there is.
            total_steps=phase.extent,
            pct_start=value["pct_start"],
            anneal_strategy={"cosine": "'cos'", "linear": "'linear'"}[value["anneal"]],
            cycle_momentum=False,
            div_factor=value["div_factor"],
            final_div_factor=value["final_div_factor"],
            three_phase=value["legs"] == 3,
        )
        return value["lr"], [_Part(source, 0, f"{remark} One step() more than total_steps raises.")]
    down: Length | None = value["down"]
    up = phase.updates("up", laid.horizon)
    source = call(
        "CyclicLR",
        "optimizer",
        base_lr=value["base_lr"],
        max_lr=value["lr"],
        step_size_up=up,
        step_size_down=up if down is None else down.resolve(laid.horizon),
        mode=repr(value["mode"]),
        gamma=value["gamma"] if value["mode"] == "exp_range" else 1.0,
        cycle_momentum=False,
    )
    return value["lr"], [_Part(source, 0, remark)]


def _chained(product: Product, horizon: Horizon) -> tuple[float, list[_Part]]:
    """Write a product of factors; only classes that are nothing but factors can be multiplied."""
    base = 1.0
    parts = []
    for factor in product.factors:
        laid = plan(factor, horizon, TARGET)
        phases = simple(laid.phases, horizon)
        if len(phases) != 1 or phases[0].name not in (
            "linear",
            "exponential",
            "step",
            "multistep",
            "constant",
        ):
            raise refusal(
                TARGET, phases[0], "ChainedScheduler multiplies only classes that are plain factors"
            )
        phase = phases[0]
        own = max(phase.first, phase.last) if phase.name in ("linear", "constant") else phase.value("lr")
        said = list(_say(phase, own or 1.0, horizon))
        if len(said) != 1 or said[0].source.startswith("LambdaLR"):
            raise refusal(TARGET, phase, "ChainedScheduler takes no phase that starts at 0 or holds")
        parts += said
        base *= own
    return base or 1.0, parts
