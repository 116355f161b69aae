"""The schedule as a self-contained module: one pure function of the update, and a LambdaLR around it.

Generated from the schedule's structure; each family brings the code of its own closed form.
"""

from __future__ import annotations

from lrtui.schedules.core import Schedule
from lrtui.schedules.dialects.writing.layout import head
from lrtui.schedules.horizon import Horizon
from lrtui.schedules.inspection import summarise
from lrtui.schedules.source import Source, number

_SCHEDULER = '''
def make_scheduler(optimizer, last_update=-1):
    """Return a LambdaLR that sets the rates of learning_rate(); call its step() after every optimizer step.

    Build the optimizer with lr=PEAK. A parameter group with another lr keeps its ratio to PEAK throughout.
    To resume, make the scheduler first and load the states of the optimizer and of the scheduler after it:
    the rates go on exactly, since they depend on the update alone. Without a saved state, say which update
    was done last: make_scheduler(optimizer, last_update=41).
    """
    from torch.optim.lr_scheduler import LambdaLR

    groups = optimizer.param_groups
    if not any(math.isclose(group.get("initial_lr", group["lr"]), PEAK, rel_tol=1e-6) for group in groups):
        raise ValueError(f"build the optimizer with lr={PEAK!r}: the schedule scales it")
    if last_update >= 0:
        for group in groups:
            group.setdefault("initial_lr", group["lr"])
    return LambdaLR(optimizer, factor, last_epoch=last_update)


def factor(update):
    """Return what LambdaLR multiplies the optimizer's lr with during update `update`."""
    return learning_rate(update) / PEAK
'''


_FOLLOWER = '''
def make_scheduler(optimizer, last_update=-1):
    """Return a LambdaLR that sets learning_rate(), ALSO; call its step() after every optimizer step.

    Build the optimizer with lr=PEAK. A parameter group with another lr keeps its ratio to PEAK throughout.
DECAYS    To resume, make the scheduler first and load the states of the optimizer and of the scheduler after
    it: all goes on exactly, since it depends on the update alone. Without a saved state, say which update
    was done last: make_scheduler(optimizer, last_update=41).
    """
    from torch.optim.lr_scheduler import LambdaLR

    class Scheduler(LambdaLR):
        def get_lr(self):
            for group in self.optimizer.param_groups:
                set_others(group, self.last_epoch)
            return super().get_lr()

CHECKS    return Scheduler(optimizer, factor, last_epoch=last_update)


def factor(update):
    """Return what LambdaLR multiplies the optimizer's lr with during update `update`."""
    return learning_rate(update) / PEAK


def set_others(group, update):
    """Set what follows a schedule besides the rate, in one parameter group, for update `update`."""
OTHERS'''

_SETS = {
    "momentum": """    if "betas" in group:  # Adam and its like: the first beta is their momentum
        group["betas"] = (momentum(update), *group["betas"][1:])
    elif "momentum" in group:
        group["momentum"] = momentum(update)
    else:
        raise ValueError("this optimizer has neither momentum nor betas")
""",
    "weight_decay": """    if group.setdefault("decays", group["weight_decay"] > 0):
        group["weight_decay"] = weight_decay(update)
""",
}
_DECAYS = """    Build it with some weight_decay above 0, too: a group that has 0 keeps 0.
"""


def write(schedule: Schedule, horizon: Horizon) -> str:
    """Return the module's source. Imports nothing but math, and torch inside make_scheduler."""
    return write_with(schedule, horizon, {})


def write_with(schedule: Schedule, horizon: Horizon, others: dict[str, Schedule]) -> str:
    """Return the module's source, with a function for each of the `others` (momentum, weight_decay)."""
    code = Source("pytorch")
    body = schedule._source(code, horizon.total, horizon)
    bodies = {name: other._source(code, horizon.total, horizon) for name, other in others.items()}
    figures = summarise(schedule, horizon)
    peak = f"PEAK = {number(figures.peak)}  # the highest rate, in force during update {figures.peak_update}"
    if figures.peak == 0:
        peak = "PEAK = 1.0  # every rate is 0; the optimizer's lr only has to be something to scale"
    parts = [
        head(
            schedule,
            horizon,
            *(f"{name} follows {other}" for name, other in others.items()),
            "Updates are optimizer updates, counted from 0 (not batches, if you accumulate gradients, and "
            "not epochs). Lengths in epochs and per cent are those of this training: for another length, "
            "generate the code again.",
        ),
        "import math\n",
        f"UPDATES = {horizon.total}\n{peak}\n\n",
        *(f"{function}\n" for function in code.functions),
        _function("learning_rate", "the learning rate", body),
        *("\n" + _function(name, f"the {name.replace('_', ' ')}", text) for name, text in bodies.items()),
        _scheduler(others),
    ]
    return "\n".join(parts)


def _function(name: str, what: str, body: str) -> str:
    return (
        f"def {name}(update: int) -> float:\n"
        f'    """Return {what} in force during optimizer update `update`, counted from 0.\n\n'
        "    It depends on nothing else, so it can be asked in any order; past the end it stays as it was.\n"
        '    """\n'
        "    if update < 0:\n"
        '        raise ValueError(f"updates count from 0; {update} is negative")\n'
        "    t = update\n" + "".join(f"    {line}\n" for line in body.splitlines())
    )


def _scheduler(others: dict[str, Schedule]) -> str:
    if not others:
        return _SCHEDULER
    begin, end = _SCHEDULER.index("    groups = optimizer"), _SCHEDULER.index("    return LambdaLR(")
    text = _FOLLOWER.replace("CHECKS", _SCHEDULER[begin:end])
    text = text.replace("ALSO", " and ".join(f"{name}()" for name in others))
    text = text.replace("DECAYS", _DECAYS if "weight_decay" in others else "")
    return text.replace("OTHERS", "".join(_SETS[name] for name in others))
