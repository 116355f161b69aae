"""The tidy table of runs: a row for each report and each epoch, written as CSV with the specs beside it.

Reads the logs event by event, however long they are. Other formats of the same table take its rows from here.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple, TextIO

import msgspec
import numpy as np

from lrtui import __version__
from lrtui.runs.events import Event, EventFollower
from lrtui.runs.history import number
from lrtui.runs.run import Run
from lrtui.runs.spec import SpecError
from lrtui.runs.text import json_printable, printable

FIRST = ("run", "event", "step", "epoch", "time", "seconds", "lr")
"""The columns every table begins with."""

KINDS = ("report", "epoch")
"""The events that make a row."""

_ORDER = ("train_loss", "train_acc", "test_loss", "test_acc", "examples_per_sec", "epoch_seconds")


class Row(NamedTuple):
    """One report or epoch; `values` are those of the table's columns that come from the event's fields."""

    run: str
    event: str
    time: float
    seconds: float
    values: list[float | None]


def events(run: Run) -> Iterator[Event]:
    """All events of a run's log as it is now."""
    follower = EventFollower(run.events_path)
    while True:
        yield from follower.poll()
        if not follower.behind:
            return


def in_force(run: Run) -> Iterator[Event]:
    """The events without the reports and epochs that a resumed run has logged a second time.

    A killed run is taken up at its last checkpoint; what it had logged after that is taken back by the
    `resumed` event (see `History.feed`), so that a table has every update and epoch once.
    """
    least: list[tuple[float, float]] = []  # of each `resumed` and those after it: the first it takes back
    for event in events(run):
        if event.kind == "resumed":
            least.append((number(event.get("step")), number(event.get("epochs")) + 1))
    for at in range(len(least) - 2, -1, -1):
        least[at] = tuple(np.fmin(least[at], least[at + 1]).tolist())
    passed = 0
    for event in events(run):
        if event.kind == "resumed":
            passed += 1
        elif event.kind in KINDS and passed < len(least):
            step, epoch = least[passed]
            name, first = ("step", step) if event.kind == "report" else ("epoch", epoch)
            if number(event.get(name)) >= first:
                continue
        yield event


def metrics(runs: Sequence[Run]) -> tuple[str, ...]:
    """The columns behind the first ones: every further metric any of the runs has, in a fixed order."""
    found: set[str] = set()
    for run in runs:
        for event in events(run):
            if event.kind in KINDS and not found.issuperset(event.fields):
                found.update(name for name, value in event.fields.items() if isinstance(value, (int, float)))
    if "seconds" in found:
        found.add("epoch_seconds")
    ranks = {name: rank for rank, name in enumerate(_ORDER)}
    return tuple(sorted(found - set(FIRST), key=lambda name: (ranks.get(name, len(ranks)), name)))


def rows(runs: Sequence[Run], names: Sequence[str]) -> Iterator[Row]:
    """The rows of runs, in the order of their logs; `values` are those of `names`, None where there is none.

    `seconds` since a run's start never falls, even when the clock was set back.
    """
    fields = tuple("seconds" if name == "epoch_seconds" else name for name in names)
    for run in runs:
        origin: float | None = None
        seconds = 0.0
        for event in in_force(run):
            origin = event.time if origin is None else origin
            seconds = max(seconds, event.time - origin)
            if event.kind in KINDS:
                values = [_cell(event.fields.get(name)) for name in fields]
                yield Row(run.id, event.kind, event.time, seconds, values)


def write_csv(runs: Sequence[Run], file: TextIO) -> None:
    """The table as CSV; csv writes floats so that they read back, and what isn't finite by name."""
    others = metrics(runs)
    table = csv.writer(file, lineterminator="\n")
    table.writerow([*FIRST, *map(printable, others)])
    for row in rows(runs, ("step", "epoch", "lr", *others)):
        step, epoch, *values = row.values
        table.writerow([row.run, row.event, step, epoch, row.time, row.seconds, *values])


def about(run: Run) -> dict[str, Any]:
    """Id, name, state and spec of a run; a spec that can't be read is None, with the `problem`."""
    found: dict[str, Any] = {"id": run.id, "name": run.name, "state": str(run.state())}
    try:
        found["spec"] = msgspec.to_builtins(run.spec)
    except SpecError as error:
        found["spec"] = None
        found["problem"] = str(error)
    return found


def specs(runs: Sequence[Run]) -> dict[str, Any]:
    """What the table doesn't say of its runs, as one document."""
    return {"lrtui": __version__, "runs": [about(run) for run in runs]}


def write_specs(runs: Sequence[Run], file: TextIO) -> None:
    """`specs` as JSON."""
    document = json.dumps(specs(runs), indent=2, ensure_ascii=False, allow_nan=False)
    file.write(json_printable(document) + "\n")


def _cell(value: Any) -> float | None:
    """A number for the table, which has no place for the rest."""
    if isinstance(value, bool):
        return int(value)
    return value if isinstance(value, (int, float)) else None
