"""A schedule as a word of block characters, small enough to stand beside a name in a list."""

from __future__ import annotations

from lrtui.schedules import Family, Horizon, Schedule, ScheduleError, drawable, family
from lrtui.ui.rearrange import new_part

BLOCKS = "▁▂▃▄▅▆▇"
_POINTS = Horizon(1000, 100)


def shape(schedule: Schedule, width: int = 8, horizon: Horizon = _POINTS) -> str:
    """The schedule's course over a horizon in `width` characters; spaces if it can't be drawn there."""
    updates = [round(i * (horizon.total - 1) / (width - 1)) for i in range(width)]
    try:
        rates = drawable(schedule, horizon)(updates, horizon)
    except ScheduleError:
        return " " * width
    peak = float(rates.max())
    if peak <= 0:
        return BLOCKS[0] * width
    return "".join(BLOCKS[round(6 * float(rate) / peak)] for rate in rates)


def family_shape(kind: Family, width: int = 8) -> str:
    """The course of a family with its defaults; what needs another schedule is shown with one."""
    cosine = family("cosine").make()
    if kind.name == "warmup":
        return shape(kind.make().replace(steps="40%") >> family("constant").make(), width)
    if kind.name == "cooldown":
        before = family("constant").make().replace(steps="60%")
        return shape(before >> kind.make().replace(steps="40%"), width)
    if kind.role == "metric":
        return shape(kind.make(), width, Horizon(1000, 20))  # epochs enough for it to act
    if kind.role != "combinator":
        return shape(new_part(kind), width)
    values: dict[str, object] = {}
    if kind.name == "floor":
        values["minimum"] = 0.04
    elif kind.name == "repeat":
        values["cycles"] = 2
    horizon = Horizon(1000, 250) if kind.name == "per_epoch" else _POINTS
    return shape(kind.make(**{kind.parameters[0].name: cosine}, **values), width, horizon)
