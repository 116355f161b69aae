"""What is left of a schedule when a training that was interrupted goes on: an exact schedule of its own."""

from __future__ import annotations

from lrtui.schedules import Horizon, Length, Product, Schedule, Sequence, family, product, sequence
from lrtui.ui.outline import inner_names


def rest(schedule: Schedule, horizon: Horizon, done: int) -> Schedule:
    """The schedule that, on the updates which remain of `horizon` after `done`, goes on as `schedule` would.

    Per cents are of the whole horizon, which the rest doesn't know: they are written as updates. Of a rest
    the rest is taken from the first schedule again.

    Raises:
        ScheduleError: it can't be said (a schedule with a value out of bounds).
    """
    if schedule.family.name == "offset":
        before = schedule.values["by"].resolve(horizon)
        inside = _in_updates(schedule.values["schedule"], horizon)
        return family("offset").make(schedule=inside, by=Length(before + done))  # type: ignore[call-arg]
    return family("offset").make(  # type: ignore[call-arg]
        schedule=_in_updates(schedule, horizon), by=_length(done, horizon)
    )


def _length(updates: int, horizon: Horizon) -> Length:
    """So many updates, as epochs where they come out whole."""
    per_epoch = horizon.steps_per_epoch
    if per_epoch and updates % per_epoch == 0:
        return Length(updates // per_epoch, "epochs")
    return Length(updates)


def _in_updates(schedule: Schedule, horizon: Horizon) -> Schedule:
    if isinstance(schedule, Sequence):
        return sequence(*(_in_updates(part, horizon) for part in schedule.parts))
    if isinstance(schedule, Product):
        return product(*(_in_updates(part, horizon) for part in schedule.factors))
    inner = inner_names(schedule)
    fixed = {
        name: _in_updates(value, horizon) if name in inner else _fixed(value, horizon)
        for name, value in schedule.values.items()
    }
    changed = {name: value for name, value in fixed.items() if value != schedule.values[name]}
    return schedule.replace(**changed) if changed else schedule


def _fixed(value: object, horizon: Horizon) -> object:
    if isinstance(value, Length) and value.unit == "percent":
        updates = value.resolve(horizon)
        # What is less than an update stays as it is: it is none of fewer updates, too, and not every length
        # may be written as none.
        return _length(updates, horizon) if updates else value
    if isinstance(value, tuple):
        return tuple(_fixed(item, horizon) for item in value)
    return value
