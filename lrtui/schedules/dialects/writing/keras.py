"""Schedules as keras.optimizers.schedules.

Keras joins no schedules: only a warmup before a cosine is one of its classes.
"""

# The writers of the families share one signature, whether they need all of it or not.
# ruff: noqa: ARG001

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from lrtui.schedules.core import Schedule
from lrtui.schedules.dialects.writing.layout import call, head
from lrtui.schedules.dialects.writing.pieces import simple
from lrtui.schedules.dialects.writing.plan import Phase, plain, plan, refusal
from lrtui.schedules.horizon import Horizon
from lrtui.schedules.source import NotRepresentable, number

TARGET = "keras"

MOST_STAIRS = 1000
"""Into how many boundaries a staircase is written out, at most."""


def write(schedule: Schedule, horizon: Horizon) -> str:
    """Return a module with `learning_rate`, for an optimizer's learning_rate argument.

    Raises:
        NotRepresentable: No class of Keras says this exactly.
    """
    phases = simple(plan(schedule, horizon, TARGET).phases, horizon)
    source = _said(phases, horizon)
    notes = [
        "Steps are optimizer updates, counted from 0; keras computes in float32.",
        "For an optimizer: keras.optimizers.SGD(learning_rate=learning_rate).",
    ]
    if "PiecewiseConstantDecay" in source:
        notes.append("Boundaries are inclusive in keras: the value changes one update after each.")
    if "CosineDecay(" in source and "warmup_steps" in source:
        notes.append("decay_steps doesn't include the warmup in keras, and alpha is a fraction of the peak.")
    elif "CosineDecay" in source:
        notes.append("alpha is a fraction of the initial rate in keras, not a rate.")
    imports = "import keras\n\n" if "keras." in source else ""
    return f"{head(schedule, horizon, *notes)}\n{imports}learning_rate = {source}\n"


def _said(phases: tuple[Phase, ...], horizon: Horizon) -> str:
    if all(phase.name in ("constant", "step", "multistep") for phase in phases):
        levels = [level for phase in phases for level in _levels(phase, horizon)]
        # A value that returns or repeats needs no boundary.
        kept = [level for index, level in enumerate(levels) if not index or levels[index - 1][1] != level[1]]
        if len(kept) == 1:
            return number(kept[0][1])
        if len(phases) > 1 or phases[0].name != "step":
            return call(
                "keras.optimizers.schedules.PiecewiseConstantDecay",
                boundaries=[start - 1 for start, _ in kept[1:]],
                values=[rate for _, rate in kept],
            )
    if len(phases) == 2 and phases[0].name == "linear" and phases[1].name == "cosine":
        rise, fall = phases
        if rise.value("final_lr") == fall.value("lr") and rise.extent == rise.used and fall.value("lr"):
            plain(TARGET, fall, "lr", "final_lr")
            return call(
                "keras.optimizers.schedules.CosineDecay",
                initial_learning_rate=rise.value("lr"),
                decay_steps=fall.extent,
                alpha=fall.value("final_lr") / fall.value("lr"),
                warmup_target=fall.value("lr"),
                warmup_steps=rise.extent,
            )
    if len(phases) > 1:
        raise NotRepresentable(
            TARGET,
            "it has no way to put schedules one after the other, except a linear warmup before a cosine",
        )
    phase = phases[0]
    writer = _WRITERS.get(phase.name)
    if writer is None:
        raise refusal(TARGET, phase)
    if phase.used > phase.extent + 1 and phase.name in _GO_ON:
        raise refusal(TARGET, phase, "its class goes on past steps, where this holds")
    return writer(phase, horizon)


def _levels(phase: Phase, horizon: Horizon) -> list[tuple[int, float]]:
    """Return the updates at which a staircase changes, within the training, and its rates from there on."""
    if phase.name == "constant":
        return [(phase.start, phase.value("lr"))]
    if phase.name == "step":
        size = phase.updates("step_size", horizon)
        changes = list(range(size, min(phase.extent, phase.used - 1) + 1, size))
        if len(changes) > MOST_STAIRS:
            raise refusal(TARGET, phase, f"as one of several phases it comes to {len(changes):,} boundaries")
    else:
        milestones = sorted(length.resolve(horizon) for length in phase.value("milestones"))
        changes = [time for time in milestones if time <= min(phase.extent, phase.used - 1)]
    levels = {0: phase.value("lr")}
    for falls, time in enumerate(changes, 1):
        levels[time] = phase.value("lr") * phase.value("gamma") ** falls
    return [(phase.start + time, rate) for time, rate in levels.items()]


def _linear(phase: Phase, horizon: Horizon) -> str:
    return _polynomial_call(phase, 1.0)


def _polynomial(phase: Phase, horizon: Horizon) -> str:
    plain(TARGET, phase, "lr", "final_lr", "power", "cycle")
    if phase.value("cycle") is None:
        return _polynomial_call(phase, phase.value("power"))
    if phase.used > phase.extent + 1:
        raise refusal(TARGET, phase, "its class goes on past steps, where this holds")
    return _polynomial_call(phase, phase.value("power"), phase.updates("cycle", horizon))


def _polynomial_call(phase: Phase, power: float, cycle: int | None = None) -> str:
    values = {
        "initial_learning_rate": phase.value("lr"),
        "decay_steps": cycle or phase.extent,
        "end_learning_rate": phase.value("final_lr"),
        "power": power,
    }
    if cycle:
        values["cycle"] = True
    return call("keras.optimizers.schedules.PolynomialDecay", **values)


def _cosine(phase: Phase, horizon: Horizon) -> str:
    plain(TARGET, phase, "lr", "final_lr")
    if phase.value("lr") == 0:
        raise refusal(TARGET, phase, "CosineDecay's end is a fraction of its start, which is 0 here")
    return call(
        "keras.optimizers.schedules.CosineDecay",
        initial_learning_rate=phase.value("lr"),
        decay_steps=phase.extent,
        alpha=phase.value("final_lr") / phase.value("lr"),
    )


def _exponential(phase: Phase, horizon: Horizon) -> str:
    plain(TARGET, phase, "lr", "gamma", "decay_steps", "staircase")
    values: dict[str, Any] = {
        "initial_learning_rate": phase.value("lr"),
        "decay_steps": phase.updates("decay_steps", horizon),
        "decay_rate": phase.value("gamma"),
    }
    if phase.schedule.values.get("staircase") == "yes":
        values["staircase"] = True
    return call("keras.optimizers.schedules.ExponentialDecay", **values)


def _step(phase: Phase, horizon: Horizon) -> str:
    return call(
        "keras.optimizers.schedules.ExponentialDecay",
        initial_learning_rate=phase.value("lr"),
        decay_steps=phase.updates("step_size", horizon),
        decay_rate=phase.value("gamma"),
        staircase=True,
    )


def _inverse_time(phase: Phase, horizon: Horizon) -> str:
    values: dict[str, Any] = {
        "initial_learning_rate": phase.value("lr"),
        "decay_steps": phase.updates("decay_steps", horizon),
        "decay_rate": phase.value("decay_rate"),
    }
    if phase.value("staircase") == "yes":
        values["staircase"] = True
    return call("keras.optimizers.schedules.InverseTimeDecay", **values)


def _inverse_power(phase: Phase, horizon: Horizon) -> str:
    if phase.value("power") != 1:
        raise refusal(TARGET, phase, "InverseTimeDecay is a plain inverse: only power=1 is")
    return call(
        "keras.optimizers.schedules.InverseTimeDecay",
        initial_learning_rate=phase.value("lr"),
        decay_steps=phase.updates("timescale", horizon),
        decay_rate=1.0,
    )


def _sgdr(phase: Phase, horizon: Horizon) -> str:
    if phase.value("lr") == 0 or (
        phase.value("peak_decay") != 1 and phase.value("final_lr") and phase.value("decays") == "peak"
    ):
        raise refusal(TARGET, phase, "m_mul shrinks the height above the floor, not the peak")
    if phase.value("cycles") is not None:
        raise refusal(TARGET, phase, "CosineDecayRestarts never stops restarting")
    if phase.value("growth") != 1:
        # It finds the cycle with a float32 logarithm, which lands on the wrong side of some restarts.
        raise refusal(
            TARGET, phase, "CosineDecayRestarts finds growing cycles by a logarithm, and misses restarts"
        )
    return call(
        "keras.optimizers.schedules.CosineDecayRestarts",
        initial_learning_rate=phase.value("lr"),
        first_decay_steps=phase.updates("first_cycle", horizon),
        t_mul=phase.value("growth"),
        m_mul=phase.value("peak_decay"),
        alpha=phase.value("final_lr") / phase.value("lr"),
    )


_GO_ON = ("exponential", "step", "inverse_time", "inverse_power", "sgdr")

_WRITERS: dict[str, Callable[[Phase, Horizon], str]] = {
    "linear": _linear,
    "polynomial": _polynomial,
    "cosine": _cosine,
    "exponential": _exponential,
    "step": _step,
    "inverse_time": _inverse_time,
    "inverse_power": _inverse_power,
    "sgdr": _sgdr,
}
