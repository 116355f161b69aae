"""The one schedule that follows a metric and that torch has a class for: plateau."""

from __future__ import annotations

from lrtui.schedules.core import Schedule
from lrtui.schedules.dialects.writing.layout import call, head
from lrtui.schedules.horizon import Horizon
from lrtui.schedules.source import NotRepresentable, number


def write(schedule: Schedule, horizon: Horizon) -> str:
    """Return a module with make_scheduler(optimizer).

    Raises:
        NotRepresentable: It is another family that follows a metric.
    """
    if schedule.family.name != "plateau":
        raise NotRepresentable("pytorch-native", f"it has nothing like {schedule.family.name} ({schedule})")
    values = dict(schedule.values)
    base: float = values.pop("lr")
    words = {name: repr(value) if isinstance(value, str) else value for name, value in values.items()}
    note = (
        "Build the optimizer with lr=BASE_LR. Call scheduler.step(metric) after each epoch, with the metric "
        "of that epoch. It can't be part of a SequentialLR."
    )
    return (
        f"{head(schedule, horizon, note)}\n"
        "from torch.optim.lr_scheduler import ReduceLROnPlateau\n\n"
        f"BASE_LR = {number(base)}\n\n\n"
        f"def make_scheduler(optimizer):\n    return {call('ReduceLROnPlateau', 'optimizer', **words)}\n"
    )
