"""What is in force during each update: the rate, and whatever else of the optimizer follows a schedule.

The schedule's values lie ready in arrays. A schedule that follows a metric decides its own after each epoch,
and people, or the spec on their behalf, may steer. The engine asks before each update; nothing here trains.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lrtui.runs.interventions import Intervention
from lrtui.runs.steering import Refused, Steering
from lrtui.schedules import Decider


class Pace:
    """The settings of every update of a run.

    Args:
        rates: float64 (updates,): `rates[i]` is the learning rate of update `i`; its size is that of the run.
        steps_per_epoch: updates in an epoch.
        followed: what else of the optimizer is set and told at every update, by name (`momentum`,
            `weight_decay`): float64 (updates,) each.
        decider: of a schedule that follows a metric: after each epoch it says the rates of the rest, from the
            test loss, or from the test accuracy if it takes the greatest for the best.
        interventions: what is done to the rate on the way, in the order of their updates.

    Attributes:
        steering: the rates in force, those set by hand among them.
    """

    def __init__(
        self,
        rates: NDArray[np.float64],
        steps_per_epoch: int,
        *,
        followed: Mapping[str, NDArray[np.float64]] | None = None,
        decider: Decider | None = None,
        interventions: Sequence[Intervention] = (),
    ) -> None:
        self.rates = rates
        self.followed = dict(followed or {})
        self.steering = Steering(rates, steps_per_epoch)
        self._decider = decider
        self._planned = deque(interventions)
        self._steps_per_epoch = steps_per_epoch

    def over(self, done: int) -> bool:
        """Whether all updates are made: those of the schedule, or of a cooldown that was begun by hand."""
        return done >= (self.steering.end or 0)

    def settings(self, update: int) -> dict[str, float]:
        """What is in force during an update: the rate, and what else follows a schedule."""
        rate = self.steering.at(update)
        assert rate is not None
        return {"lr": rate, **{name: float(values[update]) for name, values in self.followed.items()}}

    def intervene(self, done: int) -> Iterator[dict[str, Any]]:
        """Do what the spec says is done before the next update; gives a `command` event's fields for each."""
        while self._planned and self._planned[0].step <= done:
            planned = self._planned.popleft()
            try:
                facts = {**self.steering.obey(planned.command, planned.args, done), "accepted": True}
            except Refused as why:
                facts = {"accepted": False, "message": str(why)}
            name = f"{planned.command}-{done}"
            about = {"id": name, "command": planned.command, "by": "the spec", "step": done, "planned": True}
            yield {**about, **facts}

    def observe(self, done: int, test_loss: float, test_acc: float) -> None:
        """Take in how an epoch went; a schedule that follows a metric decides on the rest."""
        if self._decider is not None:
            follows = self._decider.schedule.metric_driven
            most = follows is not None and follows.values["mode"] == "max"
            self._decider.observe(test_acc if most else test_loss)
            self._put_rates(self._decider, done)

    def state(self) -> dict[str, Any]:
        """What was decided and steered so far, as plain values."""
        return {
            "steering": self.steering.state(),
            "decider": None if self._decider is None else self._decider.state(),
        }

    def restore(self, state: Mapping[str, Any], done: int, epochs: int, *, amended: bool = False) -> None:
        """Go on from what `state` gave after `done` updates and `epochs` closed epochs.

        Args:
            state: what `state` gave.
            done: updates made so far.
            epochs: epochs closed so far.
            amended: whether it was given under another schedule or for other epochs: then this one's is
                followed, rates set by hand are over, and a metric-driven one decides afresh.
        """
        self._planned = deque(each for each in self._planned if each.step >= done)
        if amended:
            self.steering = Steering(self.rates, self._steps_per_epoch)
        else:
            self.steering.restore(state["steering"])
        if self._decider is None:
            return
        decided = state["decider"]
        if amended and (decided or {}).get("schedule") != str(self._decider.schedule):
            self._decider.epochs = epochs
        else:
            self._decider = Decider.from_state(self._decider.schedule, self._decider.horizon, decided)
        self._put_rates(self._decider, done)

    def _put_rates(self, decider: Decider, done: int) -> None:
        """Have the rest of the run at the rates decided so far."""
        self.rates[done:] = decider.rates(np.arange(done, len(self.rates)))
