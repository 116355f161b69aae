"""Breaking recipes into the simple phases that every library knows: constant, linear, cosine and their like.

A phase that can't be broken up exactly is left as it is, for the writer to know or to refuse.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise
from typing import Any

from lrtui.schedules.core import Schedule, Shape
from lrtui.schedules.dialects.writing.plan import Phase
from lrtui.schedules.horizon import Horizon, Length
from lrtui.schedules.registry import family
from lrtui.schedules.roles import Transition

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
        if plain and (shape in ("linear", "cosine") or _is_exponential(shape, phase.first, phase.last)):
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
    elif phase.name == "wsd":
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
    elif phase.name in ("one_cycle", "slanted_triangular"):
        found = _triangle(phase) if phase.name == "slanted_triangular" else _one_cycle(phase)
        if found is not None:
            for here, there, kind, low, high in found:
                yield from _between(phase, here, there, kind, low, high)
            return
    elif phase.name == "every":
        yield _staircase(phase, horizon)
        return
    elif phase.name == "repeat":
        yield _equal_cosines(phase, horizon)
        return
    yield phase


Leg = tuple[int, int, str, float, float]
"""From one update to another along a curve of this name, from one rate to another."""


def _one_cycle(phase: Phase) -> list[Leg] | None:
    """Return the legs of a one_cycle whose legs end on whole updates."""
    ends, rates = phase.schedule._joins(phase.extent)  # type: ignore[attr-defined]
    times = [0, *(int(end) for end in ends)]
    if times[1:] != ends or times != sorted(times):
        return None
    kind = phase.value("anneal")
    return [
        (here, there, kind, low, high)
        for (here, there), (low, high) in zip(pairwise(times), pairwise(rates), strict=True)
    ]


def _triangle(phase: Phase) -> list[Leg] | None:
    """Return the two lines of a slanted triangle, if the second one ends on a whole update."""
    peak, share = phase.value("lr"), phase.value("cut_fraction")
    low = peak / phase.value("ratio")
    cut = int(phase.extent * share)
    fall = cut * (1.0 / share - 1.0) if cut else 0.5  # without a cut it only falls, and not in whole updates
    end = cut + round(fall)
    if abs(fall - round(fall)) > 1e-9 * fall or end > phase.extent:
        return None
    return [
        (0, cut, "linear", low, peak),
        (cut, end, "linear", peak, low),
        (end, phase.extent, "constant", low, low),
    ]


def _staircase(phase: Phase, horizon: Horizon) -> Phase:
    """Return a smooth family held every so many updates as the family's own staircase, if it has one."""
    child: Schedule = phase.value("schedule")
    values = child.values
    fits = child.family.name in ("exponential", "inverse_time") and values["steps"] is None
    if fits and values["decay_steps"].resolve(horizon) == phase.updates("interval", horizon):
        return replace(phase, schedule=child.replace(staircase="yes"))
    return phase


def _equal_cosines(phase: Phase, horizon: Horizon) -> Phase:
    """Return a repeated plain cosine as the sgdr that it is."""
    child: Schedule = phase.value("schedule")
    value, own = phase.schedule.values, child.values
    plain = child.family.name == "cosine" and all(
        own[p.name] == p.default for p in child.family.parameters if p.name not in ("lr", "final_lr", "steps")
    )
    growth, limit = value["growth"], value["cycles"]
    # A growth that isn't whole is rounded by repeat and not by sgdr.
    grows = growth != 1 and (growth != int(growth) or limit is not None)
    if not plain or grows or (value["decay"] != 1 and own["final_lr"]):
        return phase
    size: int = phase.schedule._cycle(phase.extent, horizon)  # type: ignore[attr-defined]
    ends = limit is not None and limit * size < phase.used
    cosines = make(
        "sgdr",
        lr=own["lr"],
        final_lr=own["final_lr"],
        first_cycle=Length(size),
        growth=growth,
        peak_decay=value["decay"],
        cycles=limit if ends else None,
    )
    extent = limit * size if ends else max(phase.extent, phase.used)
    return replace(phase, schedule=cosines, extent=extent)


def _is_exponential(shape: str, low: float, high: float) -> bool:
    return shape == "exponential" and low > 0 and 0 < high / low < math.inf


def constant(phase: Phase, rate: float) -> Phase:
    """Return a phase of the same time at one rate."""
    return _leg(phase, "constant", rate, rate)


def _leg(phase: Phase, kind: str, low: float, high: float) -> Phase:
    if kind == "constant" or low == high:
        return replace(phase, schedule=make("constant", lr=low), first=low, last=low)
    if _is_exponential(kind, low, high):
        curve = make("exponential", lr=low, gamma=high / low, decay_steps=phase.extent, steps=phase.extent)
        return replace(phase, schedule=curve, first=low, last=high)
    if kind not in ("linear", "cosine"):  # a curve that has a name only as a way down
        curve = make("cooldown", steps=phase.extent, final_lr=high, shape=kind)
        return replace(phase, schedule=curve, first=low, last=high)
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
