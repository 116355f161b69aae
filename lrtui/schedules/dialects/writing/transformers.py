"""Schedules as Hugging Face Transformers names them: lr_scheduler_type, warmup_steps and lr_scheduler_kwargs.

All of its schedules are a warmup from 0 and one shape after it, over the whole training.
"""

from __future__ import annotations

from typing import Any

from lrtui.schedules.core import Schedule
from lrtui.schedules.dialects.writing import metric
from lrtui.schedules.dialects.writing.layout import head, said
from lrtui.schedules.dialects.writing.pieces import constant, simple
from lrtui.schedules.dialects.writing.plan import Phase, plain, plan, refusal
from lrtui.schedules.horizon import Horizon
from lrtui.schedules.source import NotRepresentable, number

TARGET = "transformers"


def write(schedule: Schedule, horizon: Horizon) -> str:
    """Return a module with the arguments for TrainingArguments, and make_scheduler(optimizer).

    Raises:
        NotRepresentable: No scheduler type of Transformers says this exactly.
    """
    if schedule.family.role == "metric":
        kind, kwargs, remark = metric.of_transformers(schedule)
        return _module(schedule, horizon, schedule.values["lr"], kind, 0, kwargs, remark)
    laid = plan(schedule, horizon, TARGET)
    phases = list(simple(laid.phases, horizon))
    warmup, start = 0, 0.0
    first = phases[0]
    if first.name == "linear" and len(phases) > 1 and first.value("final_lr") > first.value("lr"):
        if first.value("final_lr") != phases[1].first or first.used != first.extent:
            raise refusal(TARGET, first, "its warmups end where the next phase starts")
        warmup, start = first.extent, first.value("lr")
        phases = phases[1:]
    elif first.name == "linear" and len(phases) == 1 and first.value("lr") == 0:
        phases, warmup = [constant(first, first.value("final_lr"))], first.extent
    kind, kwargs = _kind(phases, warmup, horizon)
    if start and start != kwargs.get("min_lr_ratio", 0.0) * phases[0].first:
        raise refusal(TARGET, first, "its warmups start at 0, or at the floor of warmup_stable_decay")
    if warmup and not start and kwargs.get("min_lr_ratio"):
        raise refusal(TARGET, first, "with a floor its warmup starts at the floor, not at 0")
    peak = phases[0].first
    if phases[0].name == "inverse_sqrt":
        peak, warmup = phases[0].value("lr"), phases[0].updates("warmup", horizon)
    if peak == 0:
        raise NotRepresentable(TARGET, "its schedules are factors of a learning rate above 0")
    return _module(schedule, horizon, peak, kind, warmup, kwargs)


def _kind(phases: list[Phase], warmup: int, horizon: Horizon) -> tuple[str, dict[str, Any]]:
    phase = phases[0]
    whole = len(phases) == 1 and (phase.used == phase.extent)
    if phase.name == "constant" and len(phases) == 1:
        return ("constant_with_warmup" if warmup else "constant"), {}
    if phase.name in ("inverse_sqrt", "inverse_power") and phase.used > phase.extent + 1:
        raise refusal(TARGET, phase, "its inverse square root goes on past steps, where this holds")
    if phase.name == "inverse_sqrt" and len(phases) == 1 and not warmup:
        scale = phase.value("timescale")
        return "inverse_sqrt", {} if scale is None else {"timescale": scale.resolve(horizon)}
    if phase.name == "inverse_power" and len(phases) == 1 and phase.value("power") == 0.5:
        return "inverse_sqrt", {"timescale": phase.updates("timescale", horizon)}
    if len(phases) == 2 and phase.name == "constant":
        return _trapezoid(phase, phases[1])
    if len(phases) > 1:
        raise NotRepresentable(
            TARGET, "its schedules have one shape after the warmup, or a plateau and a decay"
        )
    if not whole:
        raise refusal(TARGET, phase, "its schedules end exactly where the training ends")
    if phase.name == "linear":
        return _polynomial(phase, 1.0) if phase.value("final_lr") else ("linear", {})
    if phase.name == "polynomial":
        plain(TARGET, phase, "lr", "final_lr", "power")
        return _polynomial(phase, phase.value("power"))
    if phase.name == "cosine":
        plain(TARGET, phase, "lr", "final_lr", "half_cycles")
        final, halves = phase.value("final_lr"), phase.schedule.values.get("half_cycles", 1.0)
        if 2 * (0.5 * halves) != halves:
            raise refusal(TARGET, phase, "half of that half_cycles is no number")
        waves = {} if halves == 1 else {"num_cycles": 0.5 * halves}
        return ("cosine_with_min_lr", {"min_lr": final, **waves}) if final else ("cosine", waves)
    if phase.name == "sgdr":
        return _restarts(phase, horizon)
    raise refusal(TARGET, phase)


def _polynomial(phase: Phase, power: float) -> tuple[str, dict[str, Any]]:
    if phase.value("final_lr") >= phase.value("lr"):
        raise refusal(TARGET, phase, "its polynomial ends below where it starts")
    return "polynomial", {"lr_end": phase.value("final_lr"), "power": power}


def _restarts(phase: Phase, horizon: Horizon) -> tuple[str, dict[str, Any]]:
    size = phase.updates("first_cycle", horizon)
    values = phase.schedule.values
    even = values["growth"] == 1 and values["peak_decay"] == 1 and values["final_lr"] == 0
    limit = values["cycles"]
    cycles, rest = divmod(phase.extent, size)
    if not even or rest or (limit is not None and limit < cycles):
        raise refusal(TARGET, phase, "its restarts are whole, equal cosines that fall to 0")
    # In its arithmetic a restart may come out just below a whole cycle, which gives 0 instead of the peak.
    if any((float(cycles) * (index * size / phase.extent)) % 1.0 > 0.5 for index in range(1, cycles)):
        raise refusal(TARGET, phase, "its floating-point cycles miss one of these restarts")
    return "cosine_with_restarts", {"num_cycles": cycles}


_FALLS = {"linear": "linear", "cosine": "cosine", "sqrt": "1-sqrt"}


def _trapezoid(flat: Phase, fall: Phase) -> tuple[str, dict[str, Any]]:
    name = fall.value("shape") if fall.name == "cooldown" else fall.name
    if name not in _FALLS or fall.first != flat.value("lr"):
        raise refusal(TARGET, fall, "after a plateau it falls from there, along a line, a cosine or 1 - sqrt")
    plain(TARGET, fall, "lr", "final_lr", "shape")
    ratio = fall.last / flat.value("lr") if flat.value("lr") else 1.0
    if ratio >= 1:
        raise refusal(TARGET, fall, "after a plateau it only falls")
    return "warmup_stable_decay", {
        "num_decay_steps": fall.extent,
        "num_stable_steps": flat.used,
        "decay_type": _FALLS[name],
        "min_lr_ratio": ratio,
    }


def _module(
    schedule: Schedule,
    horizon: Horizon,
    peak: float,
    kind: str,
    warmup: int,
    kwargs: dict[str, Any],
    *remarks: str,
) -> str:
    notes = [
        "Steps are optimizer updates (after accumulation), and max_steps includes the warmup.",
        "For a Trainer: TrainingArguments(output_dir=..., **arguments). A warmup_steps below 1 would be a "
        "fraction of max_steps.",
        *remarks,
    ]
    if "min_lr" in kwargs or kind == "polynomial":
        notes.append("The floor is a rate; it is divided by the optimizer's lr, which must be learning_rate.")
    values = "{" + ", ".join(
        f'"{key}": {repr(value) if isinstance(value, str) else said(value)}' for key, value in kwargs.items()
    )
    return f"""{head(schedule, horizon, *notes)}
arguments = {{
    "learning_rate": {number(peak)},
    "max_steps": {horizon.total},
    "lr_scheduler_type": "{kind}",
    "warmup_steps": {warmup},
    "lr_scheduler_kwargs": {values}}},
}}


def make_scheduler(optimizer):
    from transformers import get_scheduler

    return get_scheduler(
        arguments["lr_scheduler_type"],
        optimizer,  # built with lr=arguments["learning_rate"]
        num_warmup_steps=arguments["warmup_steps"],
        num_training_steps=arguments["max_steps"],
        scheduler_specific_kwargs=arguments["lr_scheduler_kwargs"],
    )
"""
