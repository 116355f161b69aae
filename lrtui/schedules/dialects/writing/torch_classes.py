"""torch's scheduler classes, each with the families that it says exactly.

All of them start from the optimizer's one learning rate and work by factors of it, which is what most
refusals come from. How they are put together is `pytorch_native`'s work.
"""

# The writers of the families share one signature, whether they need all of it or not.
# ruff: noqa: ARG001

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from lrtui.schedules.core import Schedule
from lrtui.schedules.dialects.writing.layout import call
from lrtui.schedules.dialects.writing.plan import Phase, Plan, plain, refusal
from lrtui.schedules.horizon import Horizon, Length
from lrtui.schedules.source import NotRepresentable, number

TARGET = "pytorch-native"


@dataclass(frozen=True, slots=True)
class Part:
    """One torch scheduler: its constructor call, when it takes over, and a remark."""

    source: str
    start: int
    remark: str = ""


def say(phase: Phase, base: float, horizon: Horizon) -> Iterator[Part]:
    """Yield the scheduler of a phase, and one that holds its last rate if its class doesn't.

    Args:
        phase: What to say.
        base: The optimizer's lr.
        horizon: The training, in the units of the plan's clock.

    Raises:
        NotRepresentable: torch has no class that says it exactly.
    """
    writer = _WRITERS.get(phase.name)
    if writer is None:
        raise refusal(TARGET, phase)
    yield writer(phase, base, horizon)
    # Past its end a shape of ours holds; these classes of torch's go on instead, sgdr with the next peak.
    goes_on = phase.used > phase.extent + 1 and phase.name in ("cosine", "exponential", "step")
    if goes_on or (phase.used > phase.extent and phase.name == "sgdr"):
        held = _held(phase.last, base, phase.used - phase.extent)
        yield Part(held, phase.start + phase.extent, "Hold the last rate, which the class above doesn't.")


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


def _constant(phase: Phase, base: float, horizon: Horizon) -> Part:
    return Part(_held(phase.value("lr"), base, phase.used), phase.start)


def _linear(phase: Phase, base: float, horizon: Horizon) -> Part:
    first, last = phase.value("lr"), phase.value("final_lr")
    if first == last:
        return Part(_held(first, base, phase.used), phase.start)
    if first > 0:
        source = call(
            "LinearLR",
            "optimizer",
            start_factor=_factor(first, base),
            end_factor=_factor(last, base),
            total_iters=phase.extent,
        )
        return Part(source, phase.start)
    clock = "t" if phase.used <= phase.extent + 1 else f"min(t, {phase.extent})"
    factor = last / base
    scaled = f"{clock} / {phase.extent}" if factor == 1 else f"{number(factor)} * {clock} / {phase.extent}"
    remark = "LinearLR refuses to start at 0. A lambda isn't saved in the state: make it again to resume."
    return Part(f"LambdaLR(optimizer, lambda t: {scaled})", phase.start, remark)


def _cosine(phase: Phase, base: float, horizon: Horizon) -> Part:
    plain(TARGET, phase, "lr", "final_lr")
    source = call("CosineAnnealingLR", "optimizer", T_max=phase.extent, eta_min=phase.value("final_lr"))
    return Part(source, phase.start, "After T_max it would rise again.")


def _polynomial(phase: Phase, base: float, horizon: Horizon) -> Part:
    plain(TARGET, phase, "lr", "final_lr", "power")
    if phase.value("final_lr") != 0:
        raise refusal(TARGET, phase, "PolynomialLR always ends at 0")
    source = call("PolynomialLR", "optimizer", total_iters=phase.extent, power=phase.value("power"))
    return Part(source, phase.start)


def _exponential(phase: Phase, base: float, horizon: Horizon) -> Part:
    plain(TARGET, phase, "lr", "gamma", "decay_steps")
    decay = phase.updates("decay_steps", horizon)
    gamma = phase.value("gamma") ** (1.0 / decay)
    remark = "" if decay == 1 else f"gamma is {number(phase.value('gamma'))} ** (1 / {decay})."
    return Part(call("ExponentialLR", "optimizer", gamma=gamma), phase.start, remark)


def _step(phase: Phase, base: float, horizon: Horizon) -> Part:
    size = phase.updates("step_size", horizon)
    return Part(call("StepLR", "optimizer", step_size=size, gamma=phase.value("gamma")), phase.start)


def _multistep(phase: Phase, base: float, horizon: Horizon) -> Part:
    milestones = sorted(milestone.resolve(horizon) for milestone in phase.value("milestones"))
    reached = [milestone for milestone in milestones if milestone <= phase.extent]
    source = call("MultiStepLR", "optimizer", milestones=reached, gamma=phase.value("gamma"))
    return Part(source, phase.start, "Milestones count from where this scheduler takes over.")


def _sgdr(phase: Phase, base: float, horizon: Horizon) -> Part:
    growth = phase.value("growth")
    first = phase.updates("first_cycle", horizon)
    if phase.value("peak_decay") != 1:
        raise refusal(TARGET, phase, "CosineAnnealingWarmRestarts always returns to the same peak")
    if growth != int(growth):
        raise refusal(TARGET, phase, "its T_mult must be a whole number")
    if phase.value("cycles") is not None and _covers(first, growth, phase.value("cycles")) < min(
        phase.used, phase.extent
    ):
        raise refusal(TARGET, phase, "CosineAnnealingWarmRestarts never stops restarting")
    source = call(
        "CosineAnnealingWarmRestarts",
        "optimizer",
        T_0=first,
        T_mult=int(growth),
        eta_min=phase.value("final_lr"),
    )
    return Part(source, phase.start)


def _covers(first: int, growth: float, cycles: int) -> float:
    return first * cycles if growth == 1 else first * (growth ** min(cycles, 64) - 1) / (growth - 1)


_WRITERS: dict[str, Callable[[Phase, float, Horizon], Part]] = {
    "constant": _constant,
    "linear": _linear,
    "cosine": _cosine,
    "polynomial": _polynomial,
    "exponential": _exponential,
    "step": _step,
    "multistep": _multistep,
    "sgdr": _sgdr,
}


def is_alone(laid: Plan) -> bool:
    """Return whether a plan is nothing but what OneCycleLR or CyclicLR says."""
    only = laid.phases[0] if len(laid.phases) == 1 else None
    if only is None or only.name not in ("cyclic", "one_cycle"):
        return False
    return only.name == "cyclic" or only.value("convention") == "torch"


def alone(phase: Phase, laid: Plan, momentum: Schedule | None) -> tuple[float, list[Part]]:
    """Write the two classes that set the optimizer's lr themselves, and so can't be part of a sequence.

    They can move the momentum, too, along the same curve the other way up.
    """
    value: dict[str, Any] = phase.schedule.values
    remark = "It sets the optimizer's lr itself, and its momentum too unless cycle_momentum=False."
    if phase.used > phase.extent:
        raise refusal(TARGET, phase, f"{phase.name} can't be followed by holding its last rate")
    turned = _turned(phase, laid, momentum)
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
            **turned,
            div_factor=value["div_factor"],
            final_div_factor=value["final_div_factor"],
            three_phase=value["legs"] == 3,
        )
        return value["lr"], [Part(source, 0, f"{remark} One step() more than total_steps raises.")]
    up, down = _sides(phase.schedule, laid.horizon)
    source = call(
        "CyclicLR",
        "optimizer",
        base_lr=value["base_lr"],
        max_lr=value["lr"],
        step_size_up=up,
        step_size_down=down,
        mode=repr(value["mode"]),
        gamma=value["gamma"] if value["mode"] == "exp_range" else 1.0,
        **turned,
    )
    return value["lr"], [Part(source, 0, remark)]


def _sides(cyclic: Schedule, horizon: Horizon) -> tuple[int, int]:
    up: int = cyclic.values["up"].resolve(horizon)
    down: Length | None = cyclic.values["down"]
    return up, up if down is None else down.resolve(horizon)


def _turned(phase: Phase, laid: Plan, momentum: Schedule | None) -> dict[str, object]:
    """Return the arguments for a momentum that is the rate's curve the other way up."""
    if momentum is None:
        return {"cycle_momentum": False}
    ours, theirs = phase.schedule.values, momentum.values
    extent = momentum.length(laid.horizon)
    same = momentum.family.name == phase.name and (laid.horizon.total if extent is None else extent) in (
        phase.extent,
        phase.used,
    )
    if same and phase.name == "one_cycle":
        same = all(ours[name] == theirs[name] for name in ("pct_start", "anneal", "legs", "convention"))
        low, high = theirs["lr"], theirs["lr"] / theirs["div_factor"]
        same = same and theirs["final_div_factor"] == 1 and theirs["pct_final"] is None
    elif same:
        same = _sides(phase.schedule, laid.horizon) == _sides(momentum, laid.horizon)
        same = same and all(ours[name] == theirs[name] for name in ("mode", "gamma"))
        low, high = theirs["lr"], theirs["base_lr"]
    if not same or laid.clock != "updates" or low > high:
        raise NotRepresentable(
            TARGET,
            f"{phase.name} moves the momentum along its own curve the other way up, and not another way",
        )
    return {"cycle_momentum": True, "base_momentum": low, "max_momentum": high}
