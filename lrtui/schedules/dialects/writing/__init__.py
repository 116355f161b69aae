"""Schedules as code for other libraries: which targets there are, and the one way to ask for one.

A target is a module of this package with `write(schedule, horizon) -> str`; one whose library can move
momentum or weight decay, too, has `write_with(schedule, horizon, others) -> str`.
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


def generate(
    schedule: Schedule,
    horizon: Horizon,
    target: str,
    *,
    momentum: Schedule | None = None,
    weight_decay: Schedule | None = None,
) -> str:
    """Return Python source that gives, in another library, the rates `schedule` has on `horizon`.

    Args:
        schedule: What to say.
        horizon: The training it is for. Lengths in epochs and per cent come out as updates of this horizon.
        target: A name out of TARGETS.
        momentum: What the optimizer's momentum follows (Adam's first beta), if it isn't constant.
        weight_decay: What its weight decay follows.

    Raises:
        NotRepresentable: The target can't say this exactly; the message says why.
        ScheduleError: There is no such target, or a schedule can't be used on this horizon.
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
    others = {"momentum": momentum, "weight_decay": weight_decay}
    following = {name: other for name, other in others.items() if other is not None}
    text: str
    if not following:
        text = module.write(schedule, horizon)
        return text
    for name, other in following.items():
        _check_other(name, other, horizon)
    if not hasattr(module, "write_with"):
        names = " and ".join(name.replace("_", " ") for name in following)
        raise NotRepresentable(target, f"its schedules move the learning rate alone, not {names}")
    text = module.write_with(schedule, horizon, following)
    return text


def _check_other(name: str, schedule: Schedule, horizon: Horizon) -> None:
    try:
        check(schedule, horizon)
    except ScheduleError as error:
        raise ScheduleError(f"{name}: {error.message}") from None
    if name == "momentum" and schedule.rates(horizon).max() >= 1:
        raise ScheduleError("momentum: it must stay below 1 throughout")
