"""The rate of every update of a run: the schedule's, one set by hand, or a cooldown begun by hand.

The worker and scripts' own loops ask it before each update, and pass on to it what people command. It knows
neither logs nor optimizers.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from lrtui.schedules import Horizon, Length, ScheduleError, family, parse

SHAPES = family("cooldown").parameter("shape").choices
DEFAULT_COOLDOWN = "10%"


class Refused(ValueError):  # noqa: N818 -- it says what became of a command
    """A command that can't be obeyed; the message is one line."""


@dataclass(frozen=True)
class Cooling:
    """A fall from one rate to another that ends the run.

    Attributes:
        begin: the first update of it.
        updates: how long it is.
        start_lr: the rate of its first update, the one that was in force.
        final_lr: the rate after its last.
        shape: as of the `cooldown` family: linear, cosine, sqrt, …
    """

    begin: int
    updates: int
    start_lr: float
    final_lr: float
    shape: str

    @property
    def end(self) -> int:
        """The updates the run has made when it is over."""
        return self.begin + self.updates

    def at(self, step: int) -> float:
        """The rate of an update; after the last one, the final rate."""
        past = min(max(step - self.begin, 0), self.updates)
        return float(self._rates[past])

    @cached_property
    def _rates(self) -> npt.NDArray[np.float64]:
        # What a schedule that falls the same way would give, so that there is no second formula.
        fall = f"cooldown({self.updates}, final_lr={self.final_lr!r}, shape={self.shape})"
        schedule = parse(f"constant({self.start_lr!r}, steps=1) >> {fall}")
        return np.asarray(schedule(np.arange(self.updates + 1) + 1, Horizon(self.updates + 1)))


class Steering:
    """The rates in force: `rates[i]` of the schedule times a factor, unless a rate is held by hand.

    Args:
        rates: of the schedule, update by update; None without one.
        steps_per_epoch: updates in an epoch, for cooldowns whose length is in epochs.

    Attributes:
        held: the rate somebody set by hand, None while the schedule is followed.
        factor: what the schedule is multiplied by.
        cooling: the cooldown somebody began, if any.
    """

    def __init__(self, rates: npt.NDArray[np.float64] | None, steps_per_epoch: int | None = None) -> None:
        self._rates = rates
        self._steps_per_epoch = steps_per_epoch
        self.held: float | None = None
        self.factor = 1.0
        self.cooling: Cooling | None = None

    def at(self, step: int) -> float | None:
        """The rate of an update (from 0); past the end the last one holds. None if nothing says any."""
        if self.cooling is not None:
            return self.cooling.at(step)
        if self.held is not None:
            return self.held
        if self._rates is None:
            return None
        return float(self._rates[min(max(step, 0), len(self._rates) - 1)]) * self.factor

    @property
    def end(self) -> int | None:
        """The updates the run makes in all; None if nothing says how many."""
        if self.cooling is not None:
            return self.cooling.end
        return None if self._rates is None else len(self._rates)

    def obey(self, command: str, args: dict[str, Any], step: int) -> dict[str, Any]:
        """Do one of `control.STEERING` from update `step` on.

        `set-rate` takes lr, `scale-rate` a factor; `cooldown` takes length ("500" updates, "2ep" or "10%",
        which is the default), final_lr (0) and shape ("linear"), falls from the rate in force and ends the
        run when it is over; it takes what is left of the run at most.

        Returns:
            What the log is to say of it: enough to do the same again.

        Raises:
            Refused: if it makes no sense; everything is as it was.
        """
        match command:
            case "follow-schedule":
                if self._rates is None:
                    raise Refused("this run has no schedule to follow")
                self.held, self.factor, self.cooling = None, 1.0, None
                return {}
            case "set-rate":
                self.held, self.cooling = _amount(command, "lr", args.get("lr")), None
                return {"lr": self.held}
            case "scale-rate":
                factor = _amount(command, "factor", args.get("factor"))
                if self._rates is None:
                    raise Refused("this run has no schedule to scale")
                self.held, self.factor, self.cooling = None, factor, None
                return {"factor": factor}
        self.cooling = cooling = self._cooldown(args, step)
        return {
            "length": str(cooling.updates),
            "final_lr": cooling.final_lr,
            "shape": cooling.shape,
            "from_lr": cooling.start_lr,
            "end": cooling.end,
        }

    def _cooldown(self, args: dict[str, Any], step: int) -> Cooling:
        final_lr = _amount("cooldown", "final_lr", args.get("final_lr", 0.0))
        shape = args.get("shape", "linear")
        if shape not in SHAPES:
            raise Refused(f"cooldown needs a shape of {', '.join(SHAPES)}")
        start_lr = self.at(step)
        if start_lr is None:
            raise Refused("the rate isn't known here, so it can't be cooled down from: set it by hand first")
        total = None if self._rates is None else len(self._rates)
        text = str(args.get("length", DEFAULT_COOLDOWN))
        try:
            length = Length.parse(text)
            if total is None and length.unit != "updates":
                raise Refused(f"cooldown needs a length in updates here, not {length}")
            updates = length.resolve(Horizon(total or max(int(length.value), 1), self._steps_per_epoch))
        except ScheduleError as error:
            raise Refused(f"cooldown: {error}") from error
        left = updates if total is None else total - step
        if left < 1:
            raise Refused("no update is left to cool down in")
        cooling = Cooling(step, max(min(updates, left), 1), start_lr, final_lr, shape)
        try:
            cooling.at(step)
        except ScheduleError as error:  # an exponential fall to zero, say
            raise Refused(f"cooldown: {error}") from error
        return cooling

    def state(self) -> dict[str, Any]:
        """All of this as plain values."""
        cooling = self.cooling
        return {
            "held": self.held,
            "factor": self.factor,
            "cooling": None if cooling is None else [
                cooling.begin, cooling.updates, cooling.start_lr, cooling.final_lr, cooling.shape
            ],
        }  # fmt: skip

    def restore(self, state: dict[str, Any]) -> None:
        """Be as when `state` was taken."""
        self.held, self.factor = state["held"], state["factor"]
        cooling = state.get("cooling")  # checkpoints of earlier versions have none
        self.cooling = None if cooling is None else Cooling(*cooling)


def _amount(command: str, name: str, value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value < math.inf:
        raise Refused(f"{command} needs {name}, a finite number that isn't negative")
    return float(value)
