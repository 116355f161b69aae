"""Schedules as timm.scheduler's classes: one shape, with a warmup from a given rate in front of it."""

from __future__ import annotations

from typing import Any

from lrtui.schedules.core import Schedule
from lrtui.schedules.dialects.writing.layout import call, head
from lrtui.schedules.dialects.writing.pieces import simple
from lrtui.schedules.dialects.writing.plan import Phase, plain, plan, refusal
from lrtui.schedules.horizon import Horizon
from lrtui.schedules.source import NotRepresentable, number

TARGET = "timm"


def write(schedule: Schedule, horizon: Horizon) -> str:
    """Return a module with make_scheduler(optimizer), driven by step_update.

    Raises:
        NotRepresentable: No class of timm says this exactly.
    """
    phases = list(simple(plan(schedule, horizon, TARGET).phases, horizon))
    warmup: dict[str, Any] = {}
    first = phases[0]
    if first.name == "linear" and len(phases) > 1 and first.value("final_lr") == phases[1].first:
        if first.used != first.extent:
            raise refusal(TARGET, first, "its warmup ends where the schedule starts")
        warmup = {"warmup_t": first.extent, "warmup_lr_init": first.value("lr"), "warmup_prefix": True}
        phases = phases[1:]
    elif first.name == "masked_warmup" and len(phases) == 1:
        warmup = {
            "warmup_t": first.updates("warmup", horizon),
            "warmup_lr_init": first.value("start_lr"),
            "warmup_prefix": False,
        }
        phases = list(simple(plan(first.value("schedule"), horizon, TARGET).phases, horizon))
        if len(phases) > 1 or phases[0].name == "tanh":
            raise refusal(TARGET, first, "behind a warmup its clock runs on only for one plain shape")
    name, values, base = _said(phases, horizon)
    if name == "WSDLRScheduler":
        warmup.pop("warmup_prefix", None)  # its warmup always comes first
    source = call(name, "optimizer", **values, **warmup, t_in_epochs=False)
    notes = [
        "Build the optimizer with lr=BASE_LR. After update i, counted from 0, call "
        "scheduler.step_update(num_updates=i + 1); step() does nothing with t_in_epochs=False.",
    ]
    if warmup.get("warmup_prefix") is False:
        notes.append(
            "warmup_prefix=False: the schedule runs on behind the warmup, and the rate drops after it."
        )
    elif warmup:
        notes.append(
            "Without warmup_prefix=True timm runs the schedule behind the warmup, and the rate drops."
        )
    if name == "MultiStepLRScheduler":
        notes.append("timm applies a milestone one update early, so each of them is written one later.")
    body = f"    return {source}\n"
    if not warmup and abs(phases[0].first - base) > 1e-12 * base:
        body = (
            f"    scheduler = {source}\n"
            "    scheduler.step_update(num_updates=0)  # else timm leaves update 0 at the optimizer's lr\n"
            "    return scheduler\n"
        )
    return (
        f"{head(schedule, horizon, *notes)}\n"
        f"from timm.scheduler import {name}\n\n"
        f"BASE_LR = {number(base)}\n\n\n"
        f"def make_scheduler(optimizer):\n{body}"
    )


def _said(phases: list[Phase], horizon: Horizon) -> tuple[str, dict[str, Any], float]:
    """Return the class, its arguments, and the optimizer's lr."""
    phase = phases[0]
    if len(phases) == 2 and phase.name == "constant" and phases[1].name in ("linear", "cosine", "cooldown"):
        return _trapezoid(phase, phases[1])
    if len(phases) > 1:
        raise NotRepresentable(
            TARGET, "its classes have one shape after the warmup, or a plateau and a decay"
        )
    values = phase.schedule.values
    if phase.name == "constant":
        return "StepLRScheduler", {"decay_t": phase.used + 1, "decay_rate": 1.0}, values["lr"]
    lr = values.get("lr", 0.0)
    if phase.name in ("cosine", "linear", "polynomial"):
        if phase.name == "linear":
            name, extra = "PolyLRScheduler", {"power": 1.0}
        elif phase.name == "polynomial":
            plain(TARGET, phase, "lr", "final_lr", "power")
            name, extra = "PolyLRScheduler", {"power": values["power"]}
        else:
            plain(TARGET, phase, "lr", "final_lr", "k", "k_decay")
            name, extra = "CosineLRScheduler", {}
            if (k := values.get("k", values.get("k_decay", 1.0))) != 1:
                extra["k_decay"] = k
        return name, {"t_initial": phase.extent, "lr_min": values["final_lr"], **extra}, lr
    held = phase.used > phase.extent + 1
    if phase.name == "step" and not held:
        return (
            "StepLRScheduler",
            {"decay_t": phase.updates("step_size", horizon), "decay_rate": values["gamma"]},
            lr,
        )
    if phase.name == "multistep":
        times = sorted(milestone.resolve(horizon) for milestone in values["milestones"])
        reached = [time + 1 for time in times if time <= phase.extent]
        return "MultiStepLRScheduler", {"decay_t": reached, "decay_rate": values["gamma"]}, lr
    if phase.name == "exponential" and not held:
        plain(TARGET, phase, "lr", "gamma", "decay_steps")
        if phase.updates("decay_steps", horizon) != 1:
            raise refusal(TARGET, phase, "its StepLRScheduler falls in stairs: only decay_steps=1 is smooth")
        return "StepLRScheduler", {"decay_t": 1, "decay_rate": values["gamma"]}, lr
    if phase.name == "tanh":
        if not values["lower"] < values["upper"]:
            raise refusal(TARGET, phase, "TanhLRScheduler needs lb below ub")
        if phase.used > phase.extent:
            raise refusal(TARGET, phase, "past its end TanhLRScheduler jumps to lr_min")
        arguments = {"lb": values["lower"], "ub": values["upper"], "lr_min": values["final_lr"]}
        return "TanhLRScheduler", {"t_initial": phase.extent, **arguments}, lr
    if phase.name == "sgdr" and (not held or values["cycles"] is not None):
        return _restarts(phase, horizon)
    raise refusal(TARGET, phase, "its class goes on past steps, where this holds" if held else "")


def _restarts(phase: Phase, horizon: Horizon) -> tuple[str, dict[str, Any], float]:
    values = phase.schedule.values
    if values["peak_decay"] != 1 and values["decays"] == "swing" and values["final_lr"]:
        raise refusal(TARGET, phase, "cycle_decay shrinks the peak, not its height above the floor")
    if values["growth"] != 1:
        raise refusal(TARGET, phase, "it finds growing cycles by a logarithm, and misses restarts")
    size = phase.updates("first_cycle", horizon)
    if phase.used > phase.extent + 1 and values["cycles"] * size > phase.extent:
        raise refusal(TARGET, phase, "its class goes on past steps, where this holds")
    limit = values["cycles"] if values["cycles"] is not None else -(-phase.used // size) + 1
    arguments = {
        "t_initial": size,
        "lr_min": values["final_lr"],
        "cycle_mul": 1.0,
        "cycle_decay": values["peak_decay"],
        "cycle_limit": limit,
    }
    return "CosineLRScheduler", arguments, values["lr"]


_FALLS: dict[str, dict[str, Any]] = {
    "linear": {"decay_fn": "'linear'"},
    "cosine": {"decay_fn": "'cosine'"},
    "sqrt": {"decay_fn": "'1-sqrt'"},
    "square": {"decay_fn": "'power'", "decay_power": 2.0},
}


def _trapezoid(flat: Phase, fall: Phase) -> tuple[str, dict[str, Any], float]:
    plain(TARGET, fall, "lr", "final_lr", "shape")
    name = fall.value("shape") if fall.name == "cooldown" else fall.name
    lr = flat.value("lr")
    if name not in _FALLS or fall.first != lr or fall.last > lr:
        raise refusal(TARGET, fall, "after a plateau WSDLRScheduler falls from there")
    arguments = {
        "t_initial": flat.used + fall.extent,
        "decay_t": fall.extent,
        "lr_min": fall.last,
        **_FALLS[name],
    }
    return "WSDLRScheduler", arguments, lr
