"""A schedule on its own, for scripts: `lrtui.schedule("warmup(5%) >> cosine(1e-3)")`.

Rates as numbers, or as an ordinary scheduler of torch, which is imported only then. Logs nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from lrtui.schedules import Horizon, Schedule, ScheduleError, check, parse

if TYPE_CHECKING:
    from torch.optim import Optimizer

    from lrtui.integrations.pytorch import RatesLR


def schedule(expression: str | float | Schedule) -> LooseSchedule:
    """A schedule of an expression (or a number), to be used without a run.

    Raises:
        ScheduleError: one line about what is wrong in the expression, with its place.
    """
    if isinstance(expression, Schedule):
        return LooseSchedule(expression)
    try:
        text = expression if isinstance(expression, str) else repr(float(expression))
    except (TypeError, ValueError):
        raise ScheduleError(f"a schedule is an expression, not a {type(expression).__name__}") from None
    return LooseSchedule(parse(text))


class LooseSchedule:
    """A schedule outside of any run; its text is the canonical expression."""

    def __init__(self, schedule: Schedule) -> None:
        self.schedule = schedule

    def __str__(self) -> str:
        return str(self.schedule)

    def __repr__(self) -> str:
        return f"lrtui.schedule({str(self)!r})"

    def rates(self, total_steps: int, steps_per_epoch: int | None = None) -> npt.NDArray[np.float64]:
        """The rate of every update, shape (total_steps,).

        Args:
            total_steps: optimizer updates in all, warmup included.
            steps_per_epoch: updates in an epoch, for lengths in epochs.

        Raises:
            ScheduleError: if the schedule doesn't fit that horizon.
        """
        horizon = Horizon(total_steps, steps_per_epoch)
        check(self.schedule, horizon)
        return self.schedule.rates(horizon)

    def to_torch(
        self,
        optimizer: Optimizer,
        total_steps: int,
        steps_per_epoch: int | None = None,
        last_epoch: int = -1,
    ) -> RatesLR:
        """An ordinary torch scheduler with these rates; call its `step()` after every optimizer update.

        Parameter groups keep the ratio of their rates to the first group's. The state_dict holds the
        position, so a training that is taken up again goes on exactly where it was.

        Args:
            optimizer: whose rates are set from now on.
            total_steps: optimizer updates in all, warmup included; past them the last rate holds.
            steps_per_epoch: updates in an epoch, for lengths in epochs.
            last_epoch: as for any torch scheduler: updates made before, less one; needs groups with
                `initial_lr`.
        """
        from lrtui.integrations.pytorch import RatesLR

        return RatesLR(optimizer, self.rates(total_steps, steps_per_epoch), last_epoch)
