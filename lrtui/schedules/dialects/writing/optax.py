"""Schedules as optax's own, joined with join_schedules. Every phase may start at any rate there."""

# The writers of the families share one signature, whether they need all of it or not.
# ruff: noqa: ARG001

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from lrtui.schedules.core import Schedule
from lrtui.schedules.dialects.writing.layout import call, head, said
from lrtui.schedules.dialects.writing.pieces import cycles, simple
from lrtui.schedules.dialects.writing.plan import Phase, plain, plan, refusal
from lrtui.schedules.horizon import Horizon

TARGET = "optax"


def write(schedule: Schedule, horizon: Horizon) -> str:
    """Return a module with `schedule`, a function of optax's update count.

    Raises:
        NotRepresentable: optax has no schedule that says one of the phases exactly.
    """
    return write_with(schedule, horizon, {})


def write_with(schedule: Schedule, horizon: Horizon, others: dict[str, Schedule]) -> str:
    """Return a module with `schedule`, and a function of the count for each of the `others`.

    Raises:
        NotRepresentable: optax has no schedule that says one of the phases exactly.
    """
    notes = [
        "Counts are optimizer updates from 0, the count optax itself keeps: optax.sgd(schedule).",
        "optax computes in float32 unless jax.config.update('jax_enable_x64', True) comes first; over a "
        "million updates that shows.",
    ]
    if others:
        words = ", ".join(f"{name}={name}" for name in others)
        notes[0] = (
            "Counts are optimizer updates from 0, the count optax itself keeps: "
            f"optax.inject_hyperparams(optax.sgd)(learning_rate=schedule, {words}). Adam's momentum is "
            "called b1, and only some optimizers have a weight_decay."
        )
        notes += [f"{name} follows {other}" for name, other in others.items()]
    assigned = [
        f"{name} = {_source(one, horizon)}\n" for name, one in {"schedule": schedule, **others}.items()
    ]
    return "\n".join([head(schedule, horizon, *notes), "import optax\n", *assigned])


def _source(schedule: Schedule, horizon: Horizon) -> str:
    laid = plan(schedule, horizon, TARGET)
    phases = tuple(
        piece
        for phase in laid.phases
        for piece in ((phase,) if _one_cycle(phase) else simple(cycles((phase,), horizon), horizon))
    )
    parts: list[tuple[int, str]] = []
    for phase in phases:
        writer = _WRITERS.get(phase.name)
        source = _one_cycle(phase) or (writer(phase, horizon) if writer else "")
        if not source:
            few = "it says restarts as one cosine after the other: these are too many, or not whole"
            raise refusal(TARGET, phase, few if phase.name == "sgdr" else "")
        parts.append((phase.start, source))
        if phase.used > phase.extent + 1 and phase.name in _GO_ON:
            parts.append((phase.start + phase.extent, call("optax.constant_schedule", phase.last)))
    if len(parts) == 1:
        return parts[0][1]
    rows = "".join(f"        {source},\n" for _, source in parts)
    boundaries = [start for start, _ in parts[1:]]
    return f"optax.join_schedules(\n    schedules=[\n{rows}    ],\n    boundaries={boundaries},\n)"


_GO_ON = ("exponential", "step", "floor")


def _constant(phase: Phase, horizon: Horizon) -> str:
    return call("optax.constant_schedule", phase.value("lr"))


def _linear(phase: Phase, horizon: Horizon) -> str:
    return call(
        "optax.linear_schedule",
        init_value=phase.value("lr"),
        end_value=phase.value("final_lr"),
        transition_steps=phase.extent,
    )


def _polynomial(phase: Phase, horizon: Horizon) -> str:
    plain(TARGET, phase, "lr", "final_lr", "power")
    return call(
        "optax.polynomial_schedule",
        init_value=phase.value("lr"),
        end_value=phase.value("final_lr"),
        power=phase.value("power"),
        transition_steps=phase.extent,
    )


def _cosine(phase: Phase, horizon: Horizon) -> str:
    plain(TARGET, phase, "lr", "final_lr", "exponent")
    lr, final = phase.value("lr"), phase.value("final_lr")
    values: dict[str, Any] = {"init_value": lr, "decay_steps": phase.extent}
    exponent = phase.schedule.values.get("exponent", 1.0)
    if lr == 0:
        raise refusal(
            TARGET, phase, "cosine_decay_schedule's end is a fraction of its start, which is 0 here"
        )
    if final:
        values["alpha"] = final / lr
    if exponent != 1:
        values["exponent"] = exponent
    return call("optax.cosine_decay_schedule", **values)


def _exponential(phase: Phase, horizon: Horizon, end: float | None = None) -> str:
    plain(TARGET, phase, "lr", "gamma", "decay_steps", "staircase", "final_lr")
    values: dict[str, Any] = {
        "init_value": phase.value("lr"),
        "transition_steps": phase.updates("decay_steps", horizon),
        "decay_rate": phase.value("gamma"),
    }
    if phase.schedule.values.get("staircase") == "yes":
        values["staircase"] = True
    end = end if end is not None else phase.value("final_lr")
    if end is not None:
        values["end_value"] = end
    return call("optax.exponential_decay", **values)


def _step(phase: Phase, horizon: Horizon) -> str:
    return call(
        "optax.exponential_decay",
        init_value=phase.value("lr"),
        transition_steps=phase.updates("step_size", horizon),
        decay_rate=phase.value("gamma"),
        staircase=True,
    )


def _multistep(phase: Phase, horizon: Horizon) -> str:
    scales: dict[int, float] = {}
    for length in phase.value("milestones"):
        milestone = length.resolve(horizon)
        if milestone <= phase.extent:
            scales[milestone] = scales.get(milestone, 1.0) * phase.value("gamma")
    ordered = ", ".join(f"{milestone}: {said(scale)}" for milestone, scale in sorted(scales.items()))
    return call("optax.piecewise_constant_schedule", phase.value("lr"), "{" + ordered + "}")


def _floor(phase: Phase, horizon: Horizon) -> str:
    """`floor(exponential(...), m)` is exponential_decay's end_value."""
    inside: Schedule = phase.value("schedule")
    bare = inside.family.name == "exponential" and inside.values["final_lr"] is None
    if not bare or inside.length(horizon) is not None or inside.values["gamma"] >= 1:
        raise refusal(TARGET, phase, "only exponential_decay has a floor (end_value)")
    child = Phase(inside, phase.start, phase.extent, phase.used, phase.first, phase.last)
    return _exponential(child, horizon, phase.value("minimum"))


def _one_cycle(phase: Phase) -> str:
    """Return one of optax's own two one-cycles; empty if it is neither."""
    if phase.name != "one_cycle" or phase.value("convention") != "optax":
        return ""
    value = phase.schedule.values
    arguments = {"transition_steps": phase.extent, "peak_value": value["lr"], "pct_start": value["pct_start"]}
    divisors = {"div_factor": value["div_factor"], "final_div_factor": value["final_div_factor"]}
    rise = int(value["pct_start"] * phase.extent)
    if value["legs"] == 2 and value["anneal"] == "cosine" and rise:
        return call("optax.cosine_onecycle_schedule", **arguments, **divisors)
    final, linear = value["pct_final"], value["legs"] == 3 and value["anneal"] == "linear"
    if linear and final is not None and 0 < rise < int(final * phase.extent) < phase.extent:
        return call("optax.linear_onecycle_schedule", **arguments, pct_final=final, **divisors)
    return ""


_WRITERS: dict[str, Callable[[Phase, Horizon], str]] = {
    "constant": _constant,
    "linear": _linear,
    "polynomial": _polynomial,
    "cosine": _cosine,
    "exponential": _exponential,
    "step": _step,
    "multistep": _multistep,
    "floor": _floor,
}
