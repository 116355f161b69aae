"""The event log of a run: what an event is, its line of strict JSON, writing the log and following it.

The worker alone writes a log; anybody may read it while it grows. What the events add up to is `history`'s
business.

The kinds that tools may rely on, with their fields:

    started     device, versions, data (label, kind, path, train, test), updates, steps_per_epoch, parameters;
                processes, if there are several
    report      step, epoch (a float), lr, train_loss, train_acc, examples_per_sec     several a second;
                grad_norm (before clipping) and update_ratio (the weights' change over their norm) of that
                update; cpu_load, gpu_load (0..1), memory, device_memory (bytes), where they can be known;
                momentum, where there is one, and weight_decay, where it follows a schedule
    epoch       epoch (1, 2, …), step, lr, train_loss, train_acc, test_loss, test_acc, seconds,
                examples_per_sec, grad_norm (the mean), momentum and weight_decay as in a report; of a run
                that averages its weights also ema_test_loss, ema_test_acc or swa_test_loss, swa_test_acc
    command     id, command, by, step
    diagnosis   kind, message, evidence
    checkpoint  step, path
    resuming    step                                       an ended run's new worker has begun to load
    resumed     step, epochs, diagnoses (how much of the log so far stays in force), and as in started
    amended     step; of epochs and schedule those that were changed, each as [before, after]
    download    received, total (bytes)
    finished    outcome (completed, stopped, diverged, failed), reason, step
"""

from __future__ import annotations

import math
import time as clock
from pathlib import Path
from types import TracebackType
from typing import Any

import msgspec

from lrtui.runs.files import LineAppender, LineFollower

SYNCED_KINDS = frozenset({"epoch", "finished"})
"""Kinds that are on the disk itself when `EventWriter.append` returns: a power cut doesn't lose them."""

CLOCK_FIELDS = frozenset({"seconds", "examples_per_sec", "cpu_load", "gpu_load", "memory", "device_memory"})
"""What a report or an epoch says of the machine and not of the training: never the same twice."""

REPORT_START = b'{"event":"report",'
RESUMED_START = b'{"event":"resumed",'
"""How `encode` begins the lines of these kinds: they can be told without decoding them."""

_RESERVED = ("event", "time", "nonfinite")


class EventError(ValueError):
    """A line that isn't an event of ours."""


class Event(msgspec.Struct, frozen=True, gc=False):
    """One entry of a run's log.

    Attributes:
        kind: `report`, `epoch`, … (see the module).
        time: seconds since 1970, UTC.
        fields: everything else; plain values (numbers, text, booleans, None, lists and dictionaries of them).
    """

    kind: str
    time: float
    fields: dict[str, Any]

    def get(self, name: str, default: Any = None) -> Any:
        """The field `name`, or `default`."""
        return self.fields.get(name, default)


def encode(event: Event) -> bytes:
    """One line (without its end) of strict JSON.

    JSON has no NaN or infinity: such a value becomes null, and the key `nonfinite` says what it was, as in
    `{"event":"report",…,"train_loss":null,"nonfinite":{"train_loss":"nan"}}`. A value inside a list or
    dictionary is named by its path (`evidence/losses/3`). Numbers of numpy and 0-d arrays become plain ones.

    Raises:
        EventError: if a field is named like a key of the event itself, or a value has no JSON form.
    """
    if not math.isfinite(event.time):
        raise EventError(f"an event's time must be finite, not {event.time}")
    for name in _RESERVED:
        if name in event.fields:
            raise EventError(f"an event can't have a field called {name!r}")
    nonfinite: dict[str, str] = {}
    line: dict[str, Any] = {"event": event.kind, "time": event.time}
    for name, value in event.fields.items():
        line[name] = _plain(value, _escape(name), nonfinite)
    if nonfinite:
        line["nonfinite"] = nonfinite
    try:
        return msgspec.json.encode(line)
    except (TypeError, ValueError, OverflowError, RecursionError) as error:
        raise EventError(f"event {event.kind!r} has no JSON form: {error}") from error


def decode(line: bytes) -> Event:
    """The event of a line; values noted as not finite are floats (nan, inf) again.

    Raises:
        EventError: if the line isn't JSON, not an object, or has no kind or time.
    """
    try:
        fields = msgspec.json.decode(line)
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        raise EventError(f"not JSON: {error}") from error
    if not isinstance(fields, dict):
        raise EventError("not an object")
    kind = fields.pop("event", None)
    time = fields.pop("time", None)
    if not isinstance(kind, str):
        raise EventError("no kind of event")
    if not isinstance(time, (int, float)) or isinstance(time, bool) or not -1e12 < time < 1e12:
        raise EventError("no usable time")
    nonfinite = fields.pop("nonfinite", None)
    if isinstance(nonfinite, dict):
        for path, text in nonfinite.items():
            _restore(fields, path, text)
    return Event(kind, float(time), fields)


class EventWriter:
    """Appends events to a log, one write a line; `epoch` and `finished` are synced to the disk.

    Opening and appending raise OSError when the disk or the folder won't have it. A log that ends in a torn
    line (of a killed worker) is continued on a new line.
    """

    def __init__(self, path: Path) -> None:
        self._file = LineAppender(path)

    def append(self, event: Event) -> None:
        """Append one event."""
        self._file.append(encode(event))
        if event.kind in SYNCED_KINDS:
            self.sync()

    def emit(self, kind: str, /, **fields: Any) -> Event:
        """Append an event that happens now, and return it."""
        event = Event(kind, clock.time(), fields)
        self.append(event)
        return event

    def look_again(self) -> None:
        """Begin a line of its own if another process has left a torn one; see `LineAppender`."""
        self._file.look_again()

    def sync(self) -> None:
        """Return when everything appended is on the disk itself."""
        self._file.sync()

    def close(self) -> None:
        """Close the log."""
        self._file.close()

    def __enter__(self) -> EventWriter:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class EventFollower:
    """Follows a log that may still grow: each event once, only what is new; for one thread at a time.

    `skipped` counts complete lines that couldn't be read. One poll reads about 8 MiB at most (some 40,000
    reports); `behind` says that there is more. If the file is replaced or cut, `restarts` goes up and its
    events come again from the first; if it vanishes, `missing` is true and polls return nothing.
    """

    def __init__(self, path: Path) -> None:
        self._lines = LineFollower(path)
        self._unreadable = 0

    def poll(self) -> list[Event]:
        """The events of the complete lines that are new; never raises, never waits."""
        restarts = self._lines.restarts
        lines = self._lines.poll()
        if self._lines.restarts != restarts:
            self._unreadable = 0
        events: list[Event] = []
        for line in lines:
            try:
                events.append(decode(line))
            except EventError:
                self._unreadable += 1
        return events

    @property
    def skipped(self) -> int:
        """Complete lines so far that couldn't be read."""
        return self._unreadable + self._lines.overlong

    @property
    def pending(self) -> int:
        """Bytes of an incomplete last line: being written, or torn."""
        return self._lines.pending

    @property
    def behind(self) -> bool:
        """Whether the last poll left something unread."""
        return self._lines.behind

    @property
    def missing(self) -> bool:
        """Whether the log wasn't there at the last poll."""
        return self._lines.missing

    @property
    def restarts(self) -> int:
        """How often the log was read from its beginning again."""
        return self._lines.restarts


def _plain(value: Any, path: str, nonfinite: dict[str, str]) -> Any:
    if isinstance(value, bool) or value is None or isinstance(value, (int, str)):
        return value
    if isinstance(value, float):
        if math.isfinite(value):
            return float(value)
        nonfinite[path] = "nan" if math.isnan(value) else "inf" if value > 0 else "-inf"
        return None
    if isinstance(value, dict):
        return {
            str(key): _plain(item, f"{path}/{_escape(str(key))}", nonfinite) for key, item in value.items()
        }
    if hasattr(value, "tolist"):  # numpy numbers and arrays, without importing numpy to find out
        return _plain(value.tolist(), path, nonfinite)
    if isinstance(value, (list, tuple)):
        return [_plain(item, f"{path}/{index}", nonfinite) for index, item in enumerate(value)]
    if isinstance(value, Path):
        return str(value)
    return value


def _escape(key: str) -> str:
    return key.replace("~", "~0").replace("/", "~1")


def _restore(fields: dict[str, Any], path: str, text: Any) -> None:
    """Put the float called `text` where `path` points; a note that fits nothing is ignored."""
    if text not in ("nan", "inf", "-inf"):
        return
    *parents, last = (key.replace("~1", "/").replace("~0", "~") for key in path.split("/"))
    place: Any = fields
    for key in parents:
        place = _item(place, key)
    if isinstance(place, dict) and last in place and place[last] is None:
        place[last] = float(text)
    elif isinstance(place, list) and _item(place, last, missing=0) is None:
        place[int(last)] = float(text)


def _item(place: Any, key: str, missing: Any = None) -> Any:
    if isinstance(place, dict):
        return place.get(key, missing)
    if (
        isinstance(place, list)
        and key.isascii()
        and key.isdigit()
        and len(key) < 10
        and int(key) < len(place)
    ):
        return place[int(key)]
    return missing
