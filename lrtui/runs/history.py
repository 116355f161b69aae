"""What a run's events add up to: columns of numbers for charts and tables, the latest values, the ending.

Fed with events in the order of the log, as many at a time as there are. Reads no files (see `HistoryFollower`
for the log of a run) and keeps no reports as objects: a million of them are a few float64 columns, and of
more only what a curve shows is kept (see `table`; `window` reads the detail).
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Literal

import numpy as np

from lrtui.runs.control import STEERING
from lrtui.runs.events import Event, EventFollower
from lrtui.runs.judging import lower_is_better
from lrtui.runs.table import Floats, Table, number

__all__ = ["Axis", "Floats", "History", "HistoryFollower", "Source", "number"]

Axis = Literal["step", "epoch", "seconds", "examples"]
Source = Literal["report", "epoch"]

MOST_NOTES = 10_000
"""Commands, diagnoses and turns kept; of more, the latest."""


class History:
    """The curves and milestones of one run.

    Attributes:
        started: the latest `started` event.
        resumed: the latest `resumed` event, None if the run was never taken up again.
        amended: the `amended` event that changed what is still to do, None once the run was taken up with it.
        ending: the `finished` event, None while there is none (or after the run was taken up again).
        turns: the `resumed` and `amended` events: where the run was taken up again, and made another one.
        commands: the `command` events.
        diagnoses: the `diagnosis` events.
        paused: whether the latest pause or resume since the start was a pause.
    """

    def __init__(self) -> None:
        self.started: Event | None = None
        self.resumed: Event | None = None
        self.amended: Event | None = None
        self.ending: Event | None = None
        self.turns: list[Event] = []
        self.commands: list[Event] = []
        self.diagnoses: list[Event] = []
        self.paused = False
        self._taken_up: float = 0.0  # the updates of the checkpoint that the run was last taken up at
        self._end: float = math.nan  # where a cooldown begun by hand ends the run
        self._tables: dict[str, Table] = {"report": Table(), "epoch": Table()}
        self._latest: dict[str, Event] = {}
        self._origin: float | None = None
        self._seconds = 0.0

    def feed(self, events: Iterable[Event]) -> None:
        """Take in events, in the order of the log; of unknown kinds only the latest is kept.

        A killed run is taken up where its last checkpoint stands, and what it had logged after that is logged
        again: a `resumed` event takes it back, so that every report and epoch counts once.
        """
        events = events if isinstance(events, list) else list(events)
        begin = 0
        for at in [index for index, event in enumerate(events) if event.kind == "resumed"]:
            self._feed(events[begin:at])
            self._take_back(events[at])
            begin = at
        self._feed(events[begin:] if begin else events)

    def _feed(self, events: list[Event]) -> None:
        if not events:
            return
        if self._origin is None:
            self._origin = next((event.time for event in events if event.kind == "started"), events[0].time)
        # Clocks jump; seconds since the start never do: they stand still until the clock has caught up.
        seconds = np.array([event.time for event in events], dtype=np.float64) - self._origin
        seconds = np.maximum.accumulate(np.maximum(seconds, self._seconds))
        self._seconds = float(seconds[-1])
        for kind, table in self._tables.items():
            at = [index for index, event in enumerate(events) if event.kind == kind]
            if at:
                chosen = [events[index] for index in at]
                table.extend(chosen, seconds[at])
                self._latest[kind] = chosen[-1]
        self._tables["report"].thin()
        for event in events:
            if event.kind not in self._tables:
                self._take(event)

    def _take(self, event: Event) -> None:
        self._latest[event.kind] = event
        if event.kind == "started":
            self.started, self.ending, self.paused = event, None, False
        elif event.kind in ("resuming", "resumed"):
            self.ending, self.paused = None, False
            if event.kind == "resumed":
                self.resumed, self.amended = event, None
                self._turn(event)
        elif event.kind == "finished":
            self.ending = event
        elif event.kind in ("command", "diagnosis"):
            notes = self.commands if event.kind == "command" else self.diagnoses
            notes.append(event)
            del notes[:-MOST_NOTES]
            if event.kind == "command" and event.get("accepted", True) is True:
                self._obeyed(event)
        elif event.kind == "amended":
            self.amended, self._end = event, math.nan
            self._turn(event)

    def _turn(self, event: Event) -> None:
        self.turns.append(event)
        del self.turns[:-MOST_NOTES]

    def _obeyed(self, event: Event) -> None:
        command = event.get("command")
        if command in ("pause", "resume"):
            self.paused = command == "pause"
        elif command in STEERING:
            self._end = number(event.get("end")) if command == "cooldown" else math.nan

    def _take_back(self, resumed: Event) -> None:
        """Drop what a resumed run is about to log again."""
        step, epochs, diagnoses = (number(resumed.get(each)) for each in ("step", "epochs", "diagnoses"))
        if math.isfinite(step):
            self._taken_up = max(step, 0.0)
            self._tables["report"].drop("step", step)
            # What people command is kept with a checkpoint; what the spec plans is done and logged again.
            self.commands = [
                each
                for each in self.commands
                if not (each.get("planned") and number(each.get("step")) >= step)
            ]
        if math.isfinite(epochs):
            self._tables["epoch"].drop("epoch", epochs + 1)
        if diagnoses >= 0 and math.isfinite(diagnoses):
            del self.diagnoses[int(diagnoses) :]
        for kind, table in self._tables.items():
            latest = self._latest.get(kind)
            if latest is not None and (fields := table.last()) is not None:
                self._latest[kind] = Event(kind, latest.time, {**latest.fields, **fields})
            else:
                self._latest.pop(kind, None)

    @property
    def thinned(self) -> bool:
        """Whether reports were left out that are in the log (see `window`)."""
        return self._tables["report"].thinned

    def columns(self, kind: Source) -> dict[str, Floats]:
        """All numbers of the reports or of the epochs: read-only views of one length, nan where absent.

        `time` is in seconds since 1970, `seconds` since the start of the run (an epoch's own duration, which
        the event calls `seconds`, is the column `epoch_seconds`); the others are named as in the events.
        """
        return self._tables[kind].columns()

    def metrics(self, kind: Source) -> tuple[str, ...]:
        """Names of the metrics that the reports or the epochs have, positions and times left out."""
        positions = ("time", "seconds", "step", "epoch")
        return tuple(name for name in self._tables[kind].names() if name not in positions)

    def series(self, metric: str, x: Axis = "step", source: Source | None = None) -> tuple[Floats, Floats]:
        """A metric against updates, epochs, seconds since the start or examples seen.

        Args:
            metric: a name as in the events (`train_loss`, `test_acc`, `lr`, …).
            x: what to draw against.
            source: take it from the reports or from the epochs; left out, from the reports, or from the
                epochs if they alone have it (`test_*`).

        Returns:
            Two arrays of one length, cheap views where possible; a missing or null value is nan. Both are
            empty when the run has no such metric.
        """
        if source is None:
            source = "report" if self._tables["report"].has(metric) else "epoch"
        table = self._tables[source]
        if not table.has(metric):
            return np.empty(0), np.empty(0)
        return self.on_axis(table, x), table.column(metric)

    def on_axis(self, table: Table, x: Axis) -> Floats:
        """Where on an axis the rows of a table of this run's reports or epochs lie."""
        if x == "examples":
            with np.errstate(all="ignore"):  # a damaged log may say anything
                return table.column("epoch") * self._train_examples()
        return table.column(x)

    def latest(self, kind: str) -> dict[str, Any] | None:
        """The fields of the latest event of a kind, None if there was none."""
        event = self._latest.get(kind)
        return None if event is None else event.fields

    def best(self, metric: str = "test_acc") -> float | None:
        """The best value of all epochs: the least of a loss, else the greatest; None without any."""
        point = self.best_point(metric)
        return None if point is None else point[1]

    def best_point(self, metric: str = "test_acc") -> tuple[float, float] | None:
        """The epoch of the best value and the value, None without any finite one."""
        epochs, values = self.series(metric, "epoch", source="epoch")
        finite = np.flatnonzero(np.isfinite(values))
        if not finite.size:
            return None
        chosen = values[finite]
        at = finite[int(np.argmin(chosen) if lower_is_better(metric) else np.argmax(chosen))]
        return float(epochs[at]), float(values[at])

    @property
    def step(self) -> int:
        """The latest update any report or epoch names, counted from 0; 0 before the first, too."""
        return max(self.done - 1, 0)

    @property
    def done(self) -> int:
        """The updates made, as far as reports, epochs and the checkpoint it was taken up at tell."""
        steps = (number((self.latest(kind) or {}).get("step")) for kind in ("report", "epoch"))
        return int(max([self._taken_up, *(step + 1 for step in steps if math.isfinite(step))]))

    @property
    def updates(self) -> int | None:
        """The updates the run is going to make, None before it started.

        Fewer than its schedule has if somebody began a cooldown; other ones if it was amended.
        """
        if self._end >= 1:
            return int(self._end)
        latest = self.resumed or self.started
        updates = number(latest.get("updates")) if latest else math.nan
        return int(updates) if math.isfinite(updates) and updates >= 1 else None

    @property
    def progress(self) -> float:
        """The part of all updates that is done, in 0..1."""
        if self.ending is not None and self.ending.get("outcome") == "completed":
            return 1.0
        updates = self.updates
        return 0.0 if updates is None else min(self.done / updates, 1.0)

    @property
    def origin(self) -> float:
        """When the run started, in seconds since 1970 (UTC); 0 before its first event."""
        return self._origin or 0.0

    @property
    def seconds(self) -> float:
        """From the start of the run to its last sign of life, in seconds."""
        return self._seconds

    def _train_examples(self) -> float:
        data = self.started.get("data") if self.started else None
        return number(data.get("train")) if isinstance(data, dict) else math.nan


class HistoryFollower:
    """A log and the history of it, kept up to date by polling; begins anew when the log is another one."""

    def __init__(self, path: Path) -> None:
        self.history = History()
        self.follower = EventFollower(path)

    def poll(self) -> list[Event]:
        """Read what is new (8 MiB at most: see `follower.behind`), feed it, and return it."""
        restarts = self.follower.restarts
        events = self.follower.poll()
        if self.follower.restarts != restarts:
            self.history = History()
        self.history.feed(events)
        return events

    def catch_up(self) -> History:
        """Read all there is now."""
        self.poll()
        while self.follower.behind:
            self.poll()
        return self.history
