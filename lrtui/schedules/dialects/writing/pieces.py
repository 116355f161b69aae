"""Breaking recipes into the simple phases that every library knows: constant, linear, cosine and their like.

A phase that can't be broken up exactly is left as it is, for the writer to know or to refuse.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise
from typing import Any

from lrtui.schedules.core import Schedule, Shape, Transition
from lrtui.schedules.dialects.writing.plan import Phase
from lrtui.schedules.horizon import Horizon, Length
from lrtui.schedules.registry import family

MOST_CYCLES = 50
"""Into how many cycles a repetition is written out, at most: more than that nobody reads."""


def make(name: str, **values: Any) -> Schedule:
    """Return a schedule of a family by its name."""
    return family(name).make(**values)


def simple(phases: tuple[Phase, ...], horizon: Horizon) -> tuple[Phase, ...]:
    """Return the phases with warmups, cooldowns, trapezoids, polygons and lines of other names broken up."""
    return tuple(piece for phase in phases for piece in _break(phase, horizon))


def cycles(phases: tuple[Phase, ...], horizon: Horizon) -> tuple[Phase, ...]:
    """Return the phases with cosine restarts and repetitions written out, where there are few of them."""
    return tuple(piece for phase in phases for piece in _cycles(phase, horizon))


def _break(phase: Phase, horizon: Horizon) -> Iterator[Phase]:
    schedule, value = phase.schedule, phase.schedule.values
    if isinstance(schedule, Transition):
        shape = value.get("shape", "linear")
        plain = all(
            value[p.name] == p.default
            for p in schedule.family.parameters
            if p.name not in ("steps", "start_lr", "final_lr", "shape")
        )
        if plain and shape in ("linear", "cosine"):
            yield _leg(phase, shape, phase.first, phase.last)
            return
    elif phase.name == "polynomial" and value["power"] == 1 and not value.get("cycle"):
        yield replace(phase, schedule=make("linear", lr=value["lr"], final_lr=value["final_lr"]))
        return
    elif phase.name == "piecewise":
        times = [0, *(point.resolve(horizon) for point in value["points"]), phase.extent]
        levels = [value["lr"], *value["levels"]]
        shape = value["interpolation"]
        if times == sorted(times):  # points past the end of the phase need the phase's own rules
            ends = levels if shape == "step" else [*levels[1:], levels[-1]]
            for (here, there), low, high in zip(pairwise(times), levels, ends, strict=True):
                kind = "constant" if low == high else shape
                yield from _between(phase, here, there, kind, low, high)
            return
    elif phase.name == "wsd" and value["shape"] in ("linear", "cosine"):
        warmup, fall = schedule._joins(phase.extent, horizon)  # type: ignore[attr-defined]
        legs = (
            (0, warmup, "linear", value["start_lr"], value["lr"]),
            (warmup, fall, "constant", value["lr"], value["lr"]),
            (fall, phase.extent, value["shape"], value["lr"], value["final_lr"]),
        )
        if warmup <= phase.extent:
            for here, there, kind, low, high in legs:
                yield from _between(phase, here, there, kind, low, high)
            return
    elif phase.name == "flat_cosine":
        flat = value["flat"] * phase.extent
        if flat == int(flat):
            yield from _between(phase, 0, int(flat), "constant", value["lr"], value["lr"])
            yield from _between(phase, int(flat), phase.extent, "cosine", value["lr"], value["final_lr"])
            return
    yield phase


def constant(phase: Phase, rate: float) -> Phase:
    """Return a phase of the same time at one rate."""
    return _leg(phase, "constant", rate, rate)


def _leg(phase: Phase, kind: str, low: float, high: float) -> Phase:
    if kind == "constant" or low == high:
        return replace(phase, schedule=make("constant", lr=low), first=low, last=low)
    return replace(phase, schedule=make(kind, lr=low, final_lr=high), first=low, last=high)


def _between(phase: Phase, here: int, there: int, kind: str, low: float, high: float) -> Iterator[Phase]:
    """Yield the leg from `here` to `there` of a phase's clock; the one that ends the phase holds on."""
    used = phase.used - here if there >= phase.extent else min(there, phase.used) - here
    if there > here and used > 0:
        yield _leg(replace(phase, start=phase.start + here, extent=there - here, used=used), kind, low, high)


def _cycles(phase: Phase, horizon: Horizon) -> Iterator[Phase]:
    value = phase.schedule.values
    if phase.name == "sgdr":
        size: float = value["first_cycle"].resolve(horizon)
        start, index = 0, 0
        pieces = []
        while start < phase.extent and index < MOST_CYCLES and size == int(size):
            if value["cycles"] is not None and index >= value["cycles"]:
                pieces += list(_between(phase, start, phase.extent, "constant", *[value["final_lr"]] * 2))
                start = phase.extent
                break
            fade = value["peak_decay"] ** index
            peak = value["lr"] * fade
            if value["decays"] == "swing":
                peak = value["final_lr"] + (value["lr"] - value["final_lr"]) * fade
            if phase.used > phase.extent and start + size > phase.extent:
                break  # held in the middle of a cycle
            end = start + int(size)
            pieces += list(_between(phase, start, end, "cosine", peak, value["final_lr"]))
            start, size, index = end, size * value["growth"], index + 1
        if start >= min(phase.extent, phase.used):
            yield from pieces
            return
    if phase.name == "repeat":
        child = value["schedule"]
        cycle: int = phase.schedule._cycle(phase.extent, horizon)  # type: ignore[attr-defined]
        count = -(-phase.used // cycle)
        if value["cycles"] is not None:
            count = min(count, value["cycles"])
        scalable = (
            isinstance(child, Shape)
            and not child.values.get("cycle")
            and child.family.name
            in (
                "constant",
                "linear",
                "cosine",
                "polynomial",
            )
        )
        if scalable and count <= MOST_CYCLES and value["growth"] == 1:
            for index in range(count):
                fade = value["decay"] ** index
                scaled = {
                    name: child.values[name] * fade for name in ("lr", "final_lr") if name in child.values
                }
                last = index + 1 == count
                yield Phase(
                    child.replace(**scaled, steps=Length(cycle)),
                    phase.start + index * cycle,
                    cycle,
                    phase.used - index * cycle if last else cycle,
                    scaled["lr"],
                    scaled.get("final_lr", scaled["lr"]),
                )
            return
    yield phase
