"""Schedules cut short and put one after the other, as other libraries do it."""

from __future__ import annotations

from collections.abc import Sequence

from lrtui.schedules.composition import sequence
from lrtui.schedules.core import Schedule
from lrtui.schedules.dialects.reading.context import Arguments, make, tidy
from lrtui.schedules.horizon import Length

_CLIPPED_BY_STEPS = (
    "constant",
    "exponential",
    "step",
    "multistep",
    "sgdr",
    "cyclic",
    "inverse_power",
    "inverse_time",
    "formula",
)
"""Families whose `steps` says only how long they last: it doesn't change their shape."""


def cut(
    schedule: Schedule, length: Length, arguments: Arguments, *, periodic: bool = False
) -> list[Schedule]:
    """Return the phases that are `schedule` for `length` and then give way to another.

    `periodic` says that a cosine goes on with its wave past its end, as torch's does; otherwise it holds.

    Raises:
        ReadingError: It is cut short in a place where what is left has no name.
    """
    parts = list(schedule.phases)
    out: list[Schedule] = []
    left: float = length.value
    for index, part in enumerate(parts):
        if left <= 0:
            break
        values = part.values
        own = values.get("steps")
        last = index + 1 == len(parts)
        if part.family.name in _CLIPPED_BY_STEPS:
            size = left if own is None or (last and own.value >= left) else min(own.value, left)
            out.append(part.replace(steps=Length(size, length.unit)))
            if last and size < left:
                out.append(_held(part, size, left, length, arguments))
                size = left
        elif own is None:
            raise arguments.fail(f"{part.family.name} can't be handed over at {length}: it has no length")
        elif own.value == left or (
            own.value < left and not (periodic and last and part.family.name == "cosine")
        ):
            out.append(part)
            size = own.value
            if last and size < left:
                out.append(_held(part, size, left, length, arguments))
                size = left
        elif part.family.name == "cosine":
            waves = values["half_cycles"] * left / own.value
            out.append(part.replace(half_cycles=waves, steps=Length(left, length.unit)))
            size = left
        elif part.family.name == "linear":
            end = values["lr"] + (values["final_lr"] - values["lr"]) * left / own.value
            out.append(part.replace(final_lr=max(tidy(end), 0.0), steps=Length(left, length.unit)))
            size = left
        else:
            raise arguments.fail(f"{part.family.name} handed over before its end has no name here")
        left -= size
    return out


def _held(part: Schedule, size: float, left: float, length: Length, arguments: Arguments) -> Schedule:
    values = part.values
    if "final_lr" in values and values["final_lr"] is not None and part.family.name != "sgdr":
        rate = values["final_lr"]
    elif part.family.name == "constant":
        rate = values["lr"]
    else:
        raise arguments.fail(f"{part.family.name} can't be held here")
    return make("constant", lr=rate, steps=Length(left - size, length.unit))


def join(parts: Sequence[Schedule]) -> Schedule:
    """Return phases in time order, where a line up to where the next one starts is a warmup."""
    flat = [phase for part in parts for phase in part.phases]
    out: list[Schedule] = []
    for index, part in enumerate(flat):
        values = part.values
        if index + 1 < len(flat) and part.family.name == "linear" and values["steps"] is not None:
            following = flat[index + 1]
            start = following.values.get("lr") if following.family.name in _START_AT_LR else None
            if start == values["final_lr"] and values["lr"] < values["final_lr"]:
                out.append(make("warmup", steps=values["steps"], start_lr=values["lr"]))
                continue
        out.append(part)
    return sequence(*out)


_START_AT_LR = (
    "constant",
    "linear",
    "cosine",
    "polynomial",
    "exponential",
    "step",
    "sgdr",
    "inverse_power",
    "multistep",
)
