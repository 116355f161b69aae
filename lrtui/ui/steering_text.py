"""What a person may write to steer a run's rate, read into a command, and what it would do, worked out ahead.

The same `Steering` that the worker asks works it out, so there is no second formula. Knows no widget.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from lrtui.runs.history import number
from lrtui.runs.interventions import interventions
from lrtui.runs.spec import SpecError
from lrtui.runs.steering import DEFAULT_COOLDOWN, SHAPES, Refused, Steering
from lrtui.schedules import Length, ScheduleError, decider, parse
from lrtui.ui.happenings import planned
from lrtui.ui.numbers import rate_text
from lrtui.ui.run_view import Curve, Floats, RunView

EXAMPLES = "0.01   x0.5   schedule   cooldown 10% to 0 linear"
EXPLAINED = (
    "0.01 holds the rate there   x0.5 scales it   schedule follows the schedule again   "
    "cooldown 10% to 0 linear lets it fall and ends the run"
)
POINTS = 500
"""Points of the curve that shows what would come."""


class Unclear(ValueError):  # noqa: N818 -- it says what is wrong with what was written
    """Text that isn't a command; the message is one line with the remedy."""


@dataclass(frozen=True, slots=True)
class Steer:
    """A command that changes the rate, with what it needs."""

    command: str
    args: dict[str, Any]


def read(text: str) -> Steer:
    """The command that a line means.

    That is a rate, `x` and a factor, `schedule`, or `cooldown [LENGTH] [to RATE] [SHAPE]`.

    Raises:
        Unclear: if it means none; says what is expected.
    """
    words = text.lower().split()
    if not words:
        raise Unclear("write what the rate is to be")
    first = words[0]
    if first.startswith("cool"):
        return Steer("cooldown", _cooldown(words[1:]))
    if len(words) > 1 and first in ("x", "*"):
        words, first = words[1:], first + words[1]
    if len(words) > 1:
        raise Unclear(f"{words[1]!r} is one word too many: write {EXAMPLES}")
    if first in ("schedule", "follow"):
        return Steer("follow-schedule", {})
    if first[0] in "x*×":
        return Steer("scale-rate", {"factor": _amount(first[1:], "a factor")})
    return Steer("set-rate", {"lr": _amount(first, "a rate")})


def _cooldown(words: list[str]) -> dict[str, Any]:
    args: dict[str, Any] = {"length": DEFAULT_COOLDOWN, "final_lr": 0.0, "shape": "linear"}
    rest = iter(words)
    for word in rest:
        if word in SHAPES:
            args["shape"] = word
        elif word in ("to", "->"):
            args["final_lr"] = _amount(next(rest, ""), "the rate it falls to")
        else:
            try:
                args["length"] = str(Length.parse(word))
            except ScheduleError:
                raise Unclear(
                    f"{word!r}: write a length (500, 2ep, 10%), `to` and a rate, or {', '.join(SHAPES)}"
                ) from None
    return args


def _amount(text: str, what: str) -> float:
    try:
        amount = float(text)
    except ValueError:
        raise Unclear(f"{text!r} is not {what}: write {EXAMPLES}") from None
    if not 0 <= amount < math.inf:
        raise Unclear(f"{what} must be finite and not negative")
    return amount


@dataclass(frozen=True, slots=True)
class Outlook:
    """What a command would do.

    Attributes:
        words: in one sentence.
        before: the rates of the run as they are now to be; x is the update.
        after: the rates with it; before it took effect they are those of `before`.
    """

    words: str
    before: Curve
    after: Curve


class Ahead:
    """The rates a run is going to have, from its spec and what was done to it by hand; see `of`."""

    def __init__(self, steering: Steering, rates: Floats | None, done: int, each: int) -> None:
        self._state = steering.state()
        self._rates = rates
        self._each = each
        self.done = done
        self.before = self._curve(steering, 0)
        self.now = steering.at(done)
        self.end = steering.end

    @classmethod
    def of(cls, view: RunView) -> Ahead:
        """Work out the rates; for a run of many updates this takes a while, so not for an event loop.

        Raises:
            Unclear: if the run has no schedule that can be worked out.
        """
        spec = view.spec
        rates: Floats | None = None
        each = 1
        try:
            if spec is not None and spec.schedule:
                each, horizon, schedule = spec.steps_per_epoch(), spec.horizon(), parse(spec.schedule)
                if schedule.metric_driven is None:
                    rates = np.asarray(schedule.rates(horizon), dtype=np.float64)
                else:
                    # What it has decided shows in the rate of now; what it will decide, nobody knows.
                    rates = np.array(decider(schedule, horizon).rates(np.arange(horizon.total)), np.float64)
                    rates[view.done :] = number((view.report or {}).get("lr", math.nan))
        except (SpecError, ScheduleError, ArithmeticError, MemoryError, ValueError) as error:
            raise Unclear(f"its schedule can't be worked out: {error}") from error
        steering = Steering(rates, each)
        for past in interventions(event for event in view.commands if event.time >= view.amended):
            try:
                steering.obey(past.command, past.args, past.step)
            except Refused:
                continue  # the worker knows better
        return cls(steering, rates, view.done, each)

    def outlook(self, steer: Steer) -> Outlook:
        """What a command would do if the worker obeyed now.

        Raises:
            Unclear: if it would be refused; says why.
        """
        steering = Steering(self._rates, self._each)
        steering.restore(self._state)
        try:
            facts = steering.obey(steer.command, steer.args, self.done)
        except Refused as why:
            raise Unclear(str(why)) from why
        then = steering.at(self.done)
        said = planned(steer.command, facts)
        if steer.command != "cooldown" and self.now is not None and then is not None:
            said += f"; it is {rate_text(self.now)} now and would be {rate_text(then)}"
        if steer.command == "cooldown" and (end := steering.end) is not None:
            updates = end - self.done
            said += f", and the run would end in {updates:,} updates ({updates / self._each:.1f} epochs)"
        return Outlook(f"From update {self.done:,} on {said}", self.before, self._curve(steering, self.done))

    def _curve(self, steering: Steering, first: int) -> Curve:
        last = max(steering.end or 0, self.done + 1)
        updates = np.unique(np.linspace(first, last - 1, POINTS).astype(np.int64))
        rates = [steering.at(int(step)) for step in updates]
        values: Floats = np.array([math.nan if rate is None else rate for rate in rates], dtype=np.float64)
        return Curve(updates.astype(np.float64), values)
