"""Schedules as code for other libraries: which targets there are, and the one way to ask for one.

A target is a module of this package with `write(schedule, horizon) -> str`.
"""

from __future__ import annotations

import importlib
from dataclasses import dataclass

from lrtui.schedules.core import Schedule
from lrtui.schedules.dialects.writing.metric import TARGETS as METRIC_TARGETS
from lrtui.schedules.errors import ScheduleError, nearest, shorten
from lrtui.schedules.horizon import Horizon
from lrtui.schedules.inspection import check
from lrtui.schedules.source import NotRepresentable


@dataclass(frozen=True, slots=True)
class Target:
    """A library that code can be generated for: its name on the command line, and what comes out."""

    name: str
    title: str
    summary: str


_TARGETS = (
    Target("pytorch", "PyTorch", "one pure function and a LambdaLR; says every schedule"),
    Target("pytorch-native", "PyTorch's own schedulers", "torch.optim.lr_scheduler's classes"),
    Target("optax", "Optax", "optax schedules joined with join_schedules"),
    Target("keras", "Keras", "keras.optimizers.schedules"),
    Target("transformers", "Transformers", "lr_scheduler_type and its arguments, as for TrainingArguments"),
    Target("timm", "timm", "timm.scheduler classes, driven by step_update"),
)

TARGETS: dict[str, Target] = {target.name: target for target in _TARGETS}
"""The targets by name, in the order to offer them."""


def generate(schedule: Schedule, horizon: Horizon, target: str) -> str:
    """Return Python source that gives, in another library, the rates `schedule` has on `horizon`.

    Args:
        schedule: What to say.
        horizon: The training it is for. Lengths in epochs and per cent come out as updates of this horizon.
        target: A name out of TARGETS.

    Raises:
        NotRepresentable: The target can't say this schedule exactly; the message says why.
        ScheduleError: There is no such target, or the schedule can't be used on this horizon.
    """
    if target not in TARGETS:
        hint = nearest(target, TARGETS)
        more = f"did you mean {hint}?" if hint else "there are " + ", ".join(TARGETS)
        raise ScheduleError(f"there is no target '{shorten(target)}'; {more}")
    metric = next((part for part in schedule.phases if part.family.role == "metric"), None)
    if metric is not None and not (target in METRIC_TARGETS and metric is schedule):
        raise NotRepresentable(
            target, f"{metric.family.name} follows a metric, and is no function of the update"
        )
    if metric is None:
        check(schedule, horizon)
    module = importlib.import_module(f"{__name__}.{target.replace('-', '_')}")
    text: str = module.write(schedule, horizon)
    return text
