"""What a run's events add up to: columns of numbers for charts and tables, the latest values, the ending.

Fed with events in the order of the log, as many at a time as there are. Reads no files (see `HistoryFollower`
for the log of a run) and keeps no reports as objects: a million of them are a few float64 columns.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from lrtui.runs.control import STEERING
from lrtui.runs.events import Event, EventFollower

Floats = npt.NDArray[np.float64]
Axis = Literal["step", "epoch", "seconds", "examples"]
Source = Literal["report", "epoch"]

MOST_COLUMNS = 64
"""Further metrics are ignored: a log that makes up a name a line must not fill the memory."""

MOST_NOTES = 10_000
"""Commands and diagnoses kept; of more, the latest."""


class History:
    """The curves and milestones of one run.

    Attributes:
        started: the latest `started` event.
        resumed: the latest `resumed` event, None if the run was never taken up again.
        ending: the `finished` event, None while there is none (or after the run was taken up again).
        commands: the `command` events.
        diagnoses: the `diagnosis` events.
        paused: whether the latest pause or resume since the start was a pause.
    """

    def __init__(self) -> None:
        self.started: Event | None = None
        self.resumed: Event | None = None
        self.ending: Event | None = None
        self.commands: list[Event] = []
        self.diagnoses: list[Event] = []
        self.paused = False
        self._end: float = math.nan  # where a cooldown begun by hand ends the run
        self._tables: dict[str, _Table] = {"report": _Table(), "epoch": _Table()}
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
                self.resumed = event
        elif event.kind == "finished":
            self.ending = event
        elif event.kind in ("command", "diagnosis"):
            notes = self.commands if event.kind == "command" else self.diagnoses
            notes.append(event)
            del notes[:-MOST_NOTES]
            if event.kind == "command" and event.get("accepted", True) is True:
                self._obeyed(event)
        elif event.kind == "amended":
            self._end = math.nan

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
            self._tables["report"].drop("step", step)
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
        if x == "examples":
            with np.errstate(all="ignore"):  # a damaged log may say anything
                return table.column("epoch") * self._train_examples(), table.column(metric)
        return table.column(x), table.column(metric)

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
        at = finite[int(np.argmin(chosen) if metric.endswith("loss") else np.argmax(chosen))]
        return float(epochs[at]), float(values[at])

    @property
    def step(self) -> int:
        """The latest update any report or epoch names, counted from 0; 0 before the first, too."""
        return max(self.done - 1, 0)

    @property
    def done(self) -> int:
        """The updates made, as far as reports and epochs tell."""
        steps = (number((self.latest(kind) or {}).get("step")) for kind in ("report", "epoch"))
        return int(max((step + 1 for step in steps if math.isfinite(step) and step >= 0), default=0.0))

    @property
    def updates(self) -> int | None:
        """The updates the run is going to make, None before it started.

        Fewer than its schedule has if somebody began a cooldown; other ones if it was amended.
        """
        if self._end >= 1:
            return int(self._end)
        latest = self.resumed or self.started
        updates = number(latest.get("updates")) if latest else math.nan
        return int(updates) if math.isfinite(updates) and updates > 0 else None

    @property
    def progress(self) -> float:
        """The part of all updates that is done, in 0..1."""
        if self.ending is not None and self.ending.get("outcome") == "completed":
            return 1.0
        updates = self.updates
        return 0.0 if updates is None else min(self.done / updates, 1.0)

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


class _Table:
    """Growing float64 columns of one length."""

    def __init__(self) -> None:
        self._length = 0
        self._columns: dict[str, Floats] = {}

    def names(self) -> tuple[str, ...]:
        return tuple(self._columns)

    def has(self, name: str) -> bool:
        return name in self._columns

    def column(self, name: str) -> Floats:
        column = self._columns.get(name)
        if column is None:
            return np.full(self._length, np.nan)
        view = column[: self._length]
        view.flags.writeable = False
        return view

    def columns(self) -> dict[str, Floats]:
        return {name: self.column(name) for name in self._columns}

    def drop(self, name: str, least: float) -> None:
        """Leave out the rows whose column has at least this value."""
        keep = np.flatnonzero(~(self.column(name) >= least))
        if keep.size < self._length:
            # New arrays: views of the old ones may still be drawn from.
            self._columns = {each: column[keep] for each, column in self._columns.items()}
            self._length = keep.size

    def last(self) -> dict[str, float] | None:
        """The last row as the fields of an event, None without any."""
        if not self._length:
            return None
        row = {name: float(column[self._length - 1]) for name, column in self._columns.items()}
        row.pop("time", None)
        row.pop("seconds", None)
        if "epoch_seconds" in row:
            row["seconds"] = row.pop("epoch_seconds")
        return {
            name: int(x) if name in ("step", "epoch") and x.is_integer() else x for name, x in row.items()
        }

    def extend(self, events: Sequence[Event], seconds: Floats) -> None:
        rows = [event.fields for event in events]
        self._append("time", len(rows), np.array([event.time for event in events], dtype=np.float64))
        self._append("seconds", len(rows), seconds)
        for field in sorted(set().union(*rows), key=_rank):
            name = "epoch_seconds" if field == "seconds" else field
            if name != "time" and (name in self._columns or len(self._columns) < MOST_COLUMNS):
                values = _floats([row.get(field) for row in rows])
                if name in self._columns or values is not None:
                    self._append(name, len(rows), np.full(len(rows), np.nan) if values is None else values)
        for name, column in self._columns.items():
            # Also a column that these rows say nothing of grows along, filled with nan.
            if column.size < self._length + len(rows):
                self._append(name, len(rows), None)
        self._length += len(rows)

    def _append(self, name: str, count: int, values: Floats | None) -> None:
        """Put `values` (nothing: leave nan) behind the current end of a column, making it if need be."""
        column = self._columns.get(name)
        end = self._length + count
        if column is None or column.size < end:
            grown = np.full(max(2 * end, 256), np.nan)
            if column is not None:
                grown[: self._length] = column[: self._length]
            self._columns[name] = column = grown
        if values is not None:
            column[self._length : end] = values


_ORDER = (
    "step",
    "epoch",
    "lr",
    "train_loss",
    "train_acc",
    "test_loss",
    "test_acc",
    "examples_per_sec",
    "seconds",
)


def _rank(name: str) -> tuple[int, str]:
    return (_ORDER.index(name) if name in _ORDER else len(_ORDER), name)


def _floats(values: list[Any]) -> Floats | None:
    """The values as float64, nan for whatever isn't a number; None if none of them is one."""
    kinds = set(map(type, values))
    if kinds <= {float, int, type(None)}:
        if kinds == {type(None)}:
            return None
        try:
            return np.array(values, dtype=np.float64)
        except (OverflowError, ValueError):
            pass
    numbers = np.array([number(value) for value in values], dtype=np.float64)
    return numbers if any(isinstance(value, (int, float)) for value in values) else None


def number(value: Any) -> float:
    """A float of what may be anything: nan for what isn't a number or is a truth value."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return math.nan
    try:
        return float(value)
    except OverflowError:
        return math.inf if value > 0 else -math.inf
