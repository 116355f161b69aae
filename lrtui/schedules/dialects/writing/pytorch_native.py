"""Schedules composed of torch's own scheduler classes, where those say exactly the same.

Which class says a family is `torch_classes`' knowledge; here they are put in a row or multiplied.
"""

from __future__ import annotations

from lrtui.schedules.composition import Product
from lrtui.schedules.core import Schedule
from lrtui.schedules.dialects.writing import metric, torch_classes
from lrtui.schedules.dialects.writing.layout import comment, head
from lrtui.schedules.dialects.writing.pieces import simple
from lrtui.schedules.dialects.writing.plan import Phase, Plan, plan, refusal, without_idle
from lrtui.schedules.dialects.writing.torch_classes import TARGET, Part
from lrtui.schedules.horizon import Horizon
from lrtui.schedules.source import NotRepresentable, number

_FROM_BASE = ("cosine", "exponential", "step", "multistep", "polynomial", "sgdr")


def write(schedule: Schedule, horizon: Horizon) -> str:
    """Return a module with make_scheduler(optimizer).

    Raises:
        NotRepresentable: torch's classes can't say this schedule exactly.
    """
    return write_with(schedule, horizon, {})


def write_with(schedule: Schedule, horizon: Horizon, others: dict[str, Schedule]) -> str:
    """Return the module, with a momentum that runs against a rate of OneCycleLR or CyclicLR.

    Raises:
        NotRepresentable: torch's classes can't say this exactly, or move no such momentum or weight decay.
    """
    if others.keys() - {"momentum"}:
        raise NotRepresentable(TARGET, "its classes move no weight decay")
    momentum = others.get("momentum")
    if schedule.family.role == "metric":
        if momentum is not None:
            raise NotRepresentable(TARGET, "ReduceLROnPlateau moves no momentum")
        return metric.write(schedule, horizon)
    bare = without_idle(schedule, horizon)
    if isinstance(bare, Product):
        laid = Plan((), horizon)
        base, parts = _chained(bare, horizon)
        wrap = "ChainedScheduler"
    else:
        laid = plan(schedule, horizon, TARGET, epochs=True)
        phases = laid.phases if torch_classes.is_alone(laid) else simple(laid.phases, laid.horizon)
        if len(phases) == 1 and phases[0].name in ("cyclic", "one_cycle"):
            base, parts = torch_classes.alone(phases[0], laid, momentum)
            momentum = None
        else:
            base = _base(phases)
            parts = [part for phase in phases for part in torch_classes.say(phase, base, laid.horizon)]
        wrap = "SequentialLR" if len(parts) > 1 else ""
    if momentum is not None:
        raise NotRepresentable(TARGET, "only OneCycleLR and CyclicLR move the momentum, against the rate")
    return _module(schedule, horizon, laid, base, parts, wrap)


def _module(
    schedule: Schedule, horizon: Horizon, laid: Plan, base: float, parts: list[Part], wrap: str
) -> str:
    names = sorted({part.source.partition("(")[0] for part in parts} | ({wrap} if wrap else set()))
    if laid.clock == "epochs":
        stepping = (
            f"Call scheduler.step() once an epoch ({laid.steps_per_epoch} updates): lengths are epochs."
        )
    else:
        stepping = "Call scheduler.step() after every optimizer step, not once an epoch: lengths are updates."
    notes = [
        f"Build the optimizer with lr=BASE_LR. {stepping}",
        "Make all schedulers before training starts, and load the states of the optimizer and the scheduler "
        "after making them. Beyond this training's end torch's classes don't all hold their last rate.",
    ]
    if wrap == "SequentialLR":
        notes.append(
            "Resume a SequentialLR through its state_dict only: made with last_epoch it gives other rates."
        )
    lines = [head(schedule, horizon, *notes)]
    lines.append(f"from torch.optim.lr_scheduler import {', '.join(names)}\n")
    lines.append(f"BASE_LR = {number(base)}\n\n\ndef make_scheduler(optimizer):")
    if not wrap:
        lines += [f"    {line}" for line in _remark(parts[0])]
        lines.append(f"    return {parts[0].source}")
        return "\n".join(lines) + "\n"
    lines.append("    schedulers = [")
    for part in parts:
        lines += [f"        {line}" for line in _remark(part)]
        lines.append(f"        {part.source},")
    lines.append("    ]")
    if wrap == "SequentialLR":
        milestones = [part.start for part in parts[1:]]
        lines.append(f"    return SequentialLR(optimizer, schedulers=schedulers, milestones={milestones})")
    else:
        lines.append("    return ChainedScheduler(schedulers, optimizer=optimizer)")
    return "\n".join(lines) + "\n"


def _remark(part: Part) -> list[str]:
    return comment(part.remark) if part.remark else []


def _base(phases: tuple[Phase, ...]) -> float:
    """Return the optimizer's lr that all phases can be factors of."""
    needed = {float(phase.value("lr")): phase for phase in phases if phase.name in _FROM_BASE}
    if len(needed) > 1:
        said = " and ".join(f"{rate:.6g}" for rate in list(needed)[:2])
        raise NotRepresentable(
            TARGET, f"its classes all start from the optimizer's one lr, and these phases start at {said}"
        )
    if needed:
        return next(iter(needed))
    return max([max(phase.first, phase.last) for phase in phases], default=1.0) or 1.0


def _chained(product: Product, horizon: Horizon) -> tuple[float, list[Part]]:
    """Write a product of factors; only classes that are nothing but factors can be multiplied."""
    base = 1.0
    parts = []
    for factor in product.factors:
        laid = plan(factor, horizon, TARGET)
        phases = simple(laid.phases, horizon)
        if len(phases) != 1 or phases[0].name not in (
            "linear",
            "exponential",
            "step",
            "multistep",
            "constant",
        ):
            raise refusal(
                TARGET, phases[0], "ChainedScheduler multiplies only classes that are plain factors"
            )
        phase = phases[0]
        own = max(phase.first, phase.last) if phase.name in ("linear", "constant") else phase.value("lr")
        said = list(torch_classes.say(phase, own or 1.0, horizon))
        if len(said) != 1 or said[0].source.startswith("LambdaLR"):
            raise refusal(TARGET, phase, "ChainedScheduler takes no phase that starts at 0 or holds")
        parts += said
        base *= own
    return base or 1.0, parts
