"""Whether a schedule fits the length of its horizon, in words: what is never reached, cut off or over early.

It looks at lengths, and of a cooldown at both ends, which costs nothing; rates are worked out elsewhere.
"""

from __future__ import annotations

from itertools import accumulate

from lrtui.schedules import Horizon, Schedule, Sequence
from lrtui.ui.numbers import count_text, epoch_text, many, rate_text


def unfit(schedule: Schedule, horizon: Horizon) -> str:
    """What doesn't fit, in words for one line; empty if schedule and horizon are of one length.

    A schedule that takes what remains fits unless nothing remains for a phase, or a cooldown has nowhere to
    fall. One that follows a metric is looked at without it.
    """
    total = horizon.total
    if isinstance(schedule, Sequence):
        shares = schedule.shares(total, horizon)
        starts = [0, *accumulate(shares)]
        missed = sum(start >= total or not share for start, share in zip(starts, shares, strict=False))
        needed = starts[-1]
        if missed:
            words = f"{many(missed, 'phase')} never reached"
            return f"{_needs(needed, horizon)}: {words}" if needed > total else words
        if flat := _flat(schedule, horizon, starts):
            return flat
    else:
        own = schedule.length(horizon)
        needed = total if own is None else own
    if needed > total:
        return f"{_needs(needed, horizon)}: cut off"
    if needed < total:
        return f"over after {_long(needed, horizon)}, then holds {_last(schedule, horizon)}"
    return ""


def _last(schedule: Schedule, horizon: Horizon) -> str:
    if schedule.metric_driven is not None:
        return "its rate"  # which depends on how training goes
    return rate_text(float(schedule([horizon.total - 1], horizon)[0]))


def _flat(schedule: Sequence, horizon: Horizon, starts: list[int]) -> str:
    """That a cooldown begins where it is to end, as one behind a whole cosine does; empty if none does."""
    if schedule.metric_driven is not None:
        return ""
    for phase, start, end in zip(schedule.phases, starts, starts[1:], strict=False):
        values = phase.values
        if phase.family.name != "cooldown" or values["shape"] == "constant" or end - start < 2:
            continue  # a constant one is a step down
        first, last = schedule([start, min(end, horizon.total) - 1], horizon)
        if first == last == values["final_lr"]:
            return f"nothing to cool down: the rate is {rate_text(float(last))} already"
    return ""


def _needs(updates: int, horizon: Horizon) -> str:
    """How long it would have to be, and how long it is, in epochs where these tell the two apart."""
    per_epoch = horizon.steps_per_epoch
    if per_epoch:
        theirs, ours = epoch_text(updates / per_epoch), epoch_text(horizon.total / per_epoch)
        if theirs != ours:
            return f"needs {theirs} epochs, has {ours}"
    return f"needs {count_text(updates)} updates, has {count_text(horizon.total)}"


def _long(updates: int, horizon: Horizon) -> str:
    per_epoch = horizon.steps_per_epoch
    words = many(updates, "update")
    return f"{words} ({epoch_text(updates / per_epoch)} epochs)" if per_epoch else words
