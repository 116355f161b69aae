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


def write(schedule: Schedule, horizon: Horizon) -> str:
    """Return the module's source. Imports nothing but math, and torch inside make_scheduler."""
    code = Source("pytorch")
    body = schedule._source(code, horizon.total, horizon)
    figures = summarise(schedule, horizon)
    peak = f"PEAK = {number(figures.peak)}  # the highest rate, in force during update {figures.peak_update}"
    if figures.peak == 0:
        peak = "PEAK = 1.0  # every rate is 0; the optimizer's lr only has to be something to scale"
    parts = [
        head(
            schedule,
            horizon,
            "Updates are optimizer updates, counted from 0 (not batches, if you accumulate gradients, and "
            "not epochs). Lengths in epochs and per cent are those of this training: for another length, "
            "generate the code again.",
        ),
        "import math\n",
        f"UPDATES = {horizon.total}\n{peak}\n\n",
        *(f"{function}\n" for function in code.functions),
        "def learning_rate(update: int) -> float:\n"
        '    """Return the learning rate in force during optimizer update `update`, counted from 0.\n\n'
        "    It depends on nothing else, so it can be asked in any order; past the end the last rate holds.\n"
        '    """\n'
        "    if update < 0:\n"
        '        raise ValueError(f"updates count from 0; {update} is negative")\n'
        "    t = update\n" + "".join(f"    {line}\n" for line in body.splitlines()),
        _SCHEDULER,
    ]
    return "\n".join(parts)
