"""The engine of a run that several processes train together: each takes its part of every update.

The model of each is wrapped in DistributedDataParallel, which averages gradients, so that all make the same
update. Everything that depends on a clock, the disk or a person (reports, commands, checkpoints, endings) is
decided by the first process at updates they have agreed on, and holds for all from there on.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from time import perf_counter
from typing import Any

from torch import Tensor, nn

from lrtui.training.ending import Interrupted
from lrtui.training.engine import POLL_EVERY, Diverged, Engine
from lrtui.training.evaluation import totals
from lrtui.training.team import Team


class ParallelEngine(Engine):
    """One of several processes' engine; its books hold its own part until they are added up.

    Args:
        given, named: as `Engine` takes them, the same in all processes.
        team: the others.
    """

    def __init__(self, *given: Any, team: Team, **named: Any) -> None:
        self._team = team
        super().__init__(*given, part=(team.rank, team.size), **named)
        self._meet_at = 1  # the updates that are made when all meet next
        self._met, self._met_at = 0, perf_counter()
        self._added = 0  # updates whose figures are everybody's
        self._stopped: Interrupted | None = None  # while an epoch was evaluated, and not told yet

    def restore(self, state: dict[str, Any], *, amended: bool = False) -> None:
        """As `Engine` does; all must have been given the same state."""
        super().restore(state, amended=amended)
        self._added = self._met = self.done
        self._meet_at = self.done + 1

    def evaluate(self, model: nn.Module | None = None) -> tuple[float, float]:
        """Mean loss and accuracy on the whole test set, of which each process takes a part."""
        mine = slice(self._team.rank, None, self._team.size)
        part = replace(
            self.data, test_images=self.data.test_images[mine], test_labels=self.data.test_labels[mine]
        )
        model = self.model if model is None else model
        sums = totals(model, part, self._updater.precision, self._listen)
        self._team.sum(sums)
        loss, hits = sums.tolist()
        count = len(self.data.test_labels)
        return loss / count, hits / count

    def _listen(self) -> None:
        """Obey commands between two batches of an evaluation; a stop waits until it is over and told."""
        if self._team.leads and self._stopped is None and (now := perf_counter()) >= self._next_poll:
            try:
                self._poll(now)
            except Interrupted as stop:
                self._stopped = stop

    def _update(self, index: Tensor) -> None:
        """Make one update; if it is time to meet, add up and have the first process look around."""
        meeting = self.done + 1 >= self._meet_at
        if meeting:
            self._change.note()
        self.step(index)
        if meeting:
            self._add_up()
            self._lead(self._look_around)

    def _look_around(self) -> None:
        now = perf_counter()
        if now >= self._next_poll:
            self._poll(now)
        if now >= self._next_report:
            self._report()

    def _close_epoch(self) -> None:
        self._add_up()
        super()._close_epoch()

    def _tell_epoch(self, *figures: Any) -> None:
        self._lead(lambda: super(ParallelEngine, self)._tell_epoch(*figures))

    def _add_up(self) -> None:
        """Make the figures of the updates since the last time, which lie in one epoch, everybody's."""
        if self._added < self.done:
            first = self._added % self.steps_per_epoch
            mine = self.books.figures[:2, first : first + self.done - self._added].contiguous()
            self._team.sum(mine)  # losses and hits; the gradient's norm is the same everywhere
            self.books.figures[:2, first : first + mine.shape[1]] = mine
            self._added = self.done

    def _lead(self, work: Callable[[], object]) -> None:
        """Have the first process do something that all depend on, and do as it came out."""
        outcome: tuple[str, str] = ("", "")
        if self._team.leads:
            try:
                work()
                if self._stopped is not None:
                    raise self._stopped
            except Interrupted as stop:
                outcome = ("interrupted", str(stop))
            except Diverged:
                outcome = ("diverged", "")
        said = self._team.tell((outcome, self.pace.steering.state(), self._next_meeting()))
        (kind, reason), steering, self._meet_at = said
        self.pace.steering.restore(steering)
        if kind == "interrupted":
            raise Interrupted(reason)
        if kind == "diverged":
            raise Diverged

    def _next_meeting(self) -> int:
        """About as many updates ahead as are made from one look at the commands to the next."""
        now, made = perf_counter(), self.done - self._met
        each = (now - self._met_at) / made if made else POLL_EVERY
        self._met, self._met_at = self.done, now
        return self.done + min(max(round(POLL_EVERY / max(each, 1e-6)), 1), 1_000)
