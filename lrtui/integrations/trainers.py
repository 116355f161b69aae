"""What the callbacks of all trainers have in common: a run, the optimizers whose rates it sets, who may log.

Knows no trainer and imports no library; the callbacks translate.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from lrtui.runs.own_loop import OwnRun, start
from lrtui.runs.own_rates import ParamGroups
from lrtui.runs.own_spec import own_spec
from lrtui.runs.spec import SpecError
from lrtui.runs.steering import Steering
from lrtui.schedules import Schedule, parse


class Trained:
    """A training that somebody else's loop makes, as a run; in processes that don't log, rates alone."""

    def __init__(
        self, lr: str | float | Schedule | None, name: str, runs_dir: str | Path | None, hyper: dict[str, Any]
    ) -> None:
        if isinstance(lr, str):
            parse(lr)  # what is wrong with it is said now, not after the model was built
        self._lr = lr
        self._name = name
        self._runs_dir = runs_dir
        self._hyper = hyper
        self._run: OwnRun | None = None
        self._rates = Steering(None)
        self._groups: list[ParamGroups] = []
        self._alone = True

    @property
    def run_id(self) -> str | None:
        """The run's id while this process logs one."""
        return None if self._run is None else self._run.id

    def begin(
        self,
        optimizers: Iterable[Any],
        total: int | None,
        per_epoch: int | None,
        *,
        first: bool = True,
        alone: bool = True,
        hyper: Mapping[str, Any] | None = None,
    ) -> None:
        """Start the run.

        Args:
            optimizers: whose rates are set, or read if there is no schedule.
            total: all updates, if known.
            per_epoch: updates in an epoch, if known.
            first: whether this process is the one that logs.
            alone: whether it is the only one.
            hyper: what the trainer knows of the run.

        Raises:
            SpecError: if the schedule doesn't fit the training.
        """
        self._groups = [ParamGroups(optimizer) for optimizer in optimizers]
        self._alone = alone
        spec = own_spec(self._name, self._lr, total, per_epoch, {})
        schedule = parse(spec.schedule) if spec.schedule else None
        follows = None if schedule is None else schedule.metric_driven
        if follows is not None and not alone:
            raise SpecError(f"{follows.family.name} follows a metric, which only one process hears of", "lr")
        fixed = None if schedule is None or follows is not None else schedule.rates(spec.horizon())
        self._rates = Steering(fixed)
        if first:
            told = {**(hyper or {}), **self._hyper}
            for argument in ("name", "lr", "total_steps", "steps_per_epoch", "runs_dir"):
                if argument in told:
                    told[f"{argument}_"] = told.pop(argument)
            if not alone:
                told["processes"] = told.get("processes", "several")
            self.end()  # of an earlier training by the same trainer
            self._run = start(self._name, self._lr, total, per_epoch, self._runs_dir, **told)
            self._run.by_hand = alone

    def before(self, step: int) -> bool:
        """Before an update: obey commands and set the rate; False if the training is to end."""
        go_on = self._run.tick(step) if self._run is not None else True
        # Of several processes only this one hears commands, and all must have the same rate.
        lr = self._run.rate(step) if self._run is not None and self._alone else self._rates.at(step)
        if lr is not None:
            for groups in self._groups:
                groups.set(lr)
        elif self._groups:
            lr = self._groups[0].current()
        if self._run is not None:
            self._run.at(step, lr)
        return go_on

    def after(self, step: int, metrics: Mapping[str, Any]) -> None:
        """After an update: note its metrics."""
        if self._run is not None:
            self._run.log(step=step, **metrics)

    def epoch(self, metrics: Mapping[str, Any]) -> None:
        """After an epoch or an evaluation."""
        if self._run is not None:
            self._run.epoch(**metrics)

    def end(self) -> None:
        """The training has come to its end, or was stopped."""
        if self._run is not None:
            self._run.finish()

    def left_by(self, error: BaseException) -> None:
        """An exception ended the training."""
        if self._run is not None:
            self._run.left_by(error)
