"""Schedules that follow a metric, in the two libraries that have classes for them."""

from __future__ import annotations

from typing import Any

from lrtui.schedules.core import Schedule
from lrtui.schedules.dialects.writing.layout import call, head
from lrtui.schedules.horizon import Horizon
from lrtui.schedules.source import NotRepresentable, number

TARGETS = ("pytorch-native", "transformers")
"""The targets that can say a schedule that follows a metric, if it stands alone."""


def write(schedule: Schedule, horizon: Horizon) -> str:
    """Return a module of torch with make_scheduler(optimizer).

    Raises:
        NotRepresentable: It isn't plateau.
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


_TYPES = {"plateau": "reduce_lr_on_plateau", "greedy": "greedy"}


def of_transformers(schedule: Schedule) -> tuple[str, dict[str, Any], str]:
    """Return the type, the keyword arguments and a remark, as Transformers has them.

    Raises:
        NotRepresentable: It is another family that follows a metric.
    """
    name = schedule.family.name
    if name not in _TYPES:
        raise NotRepresentable("transformers", f"it has nothing like {name} ({schedule})")
    kwargs = {key: value for key, value in schedule.values.items() if key not in ("lr", "window")}
    window = schedule.values.get("window")
    if window is not None:
        kwargs |= {"smooth": True, "window_size": window}
    remark = (
        "A Trainer steps it after each evaluation, with metric_for_best_model: an epoch here is an "
        "evaluation there (eval_strategy='epoch')."
    )
    return _TYPES[name], kwargs, remark
