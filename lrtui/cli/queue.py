"""`lrtui runs queue`: which runs wait for their turn, in what order; and out of turn."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import TYPE_CHECKING

import click

from lrtui.cli.choosing import one_run
from lrtui.cli.options import Failed, open_store, runs_dir_option, wrong_input

if TYPE_CHECKING:
    from lrtui.runs.run import Run
    from lrtui.runs.store import RunStore


@click.command()
@click.option("--front", metavar="ID", help="Make this one the next.")
@click.option("--now", metavar="ID", help="Start this one at once, beside whatever trains.")
@click.option("--json", "as_json", is_flag=True, help="Print a JSON array.")
@runs_dir_option
def queue(front: str | None, now: str | None, as_json: bool, runs_dir: Path | None) -> None:
    """Show the runs that wait for their turn, the next one first.

    LRTUI_SLOTS says how many train together; left alone, one a GPU, or one for every two cores. `lrtui runs
    stop ID` takes a run out of the queue.
    """
    from lrtui.runs.launch import LaunchError
    from lrtui.runs.queue import QueueError, start_now, tend, to_front, waiting
    from lrtui.runs.queue_slots import slots
    from lrtui.runs.store import StoreError

    store = open_store(runs_dir)
    try:
        with wrong_input(StoreError):
            if front is not None:
                to_front(store, one_run(front, runs_dir))
            if now is not None:
                start_now(store, one_run(now, runs_dir))
    except (QueueError, LaunchError) as error:
        raise Failed(str(error)) from error
    say_wrong_slots("runs queue")
    with wrong_input(StoreError):
        together = slots()
        tend(store)
        line = waiting(store)
        training = [run for run in store.runs() if run.alive()]
    if as_json:
        print(json.dumps([_row(place, run) for place, run in enumerate(line, 1)], allow_nan=False))
        return
    print(f"{_count(len(training))} of {together} at a time; {_count(len(line)).replace('train', 'wait')}")
    if line:
        _print_line(line)


def _count(number: int) -> str:
    return "no run trains" if not number else "1 run trains" if number == 1 else f"{number} runs train"


def _row(place: int, run: Run) -> dict[str, object]:
    from lrtui.runs.queue_marker import read_marker

    summary, marker = run.summary(), read_marker(run.path)
    return {
        "place": place,
        "id": run.id,
        "name": summary.name,
        "schedule": summary.schedule,
        "queued": None if marker is None else marker.since,
        "by": "" if marker is None else marker.by,
    }


def _print_line(line: list[Run]) -> None:
    from lrtui.runs.queue_marker import read_marker
    from lrtui.runs.text import printable
    from lrtui.ui.words import age

    rows = [("", "ID", "WAITS", "SCHEDULE")]
    for place, run in enumerate(line, 1):
        marker = read_marker(run.path)
        waits = age(time.time() - marker.since) if marker is not None else ""
        rows.append((str(place), printable(run.id), waits, run.summary().schedule))
    widths = [max(len(row[column]) for row in rows) for column in range(3)]
    for row in rows:
        cells = [text.ljust(width) for text, width in zip(row, widths, strict=False)]
        print("  ".join([*cells, row[-1]]).rstrip())


def say_wrong_slots(command: str) -> None:
    """Say on stderr what is wrong with the setting of how many train together, if anything is."""
    import sys

    from lrtui.settings import load

    for complaint in load().complaints:
        if "slots" in complaint.lower():
            print(f"lrtui {command}: {complaint}", file=sys.stderr)


def sentence(store: RunStore, run: Run) -> str:
    """That a run waits, for what, and what can be done about it."""
    from lrtui.runs.queue import waiting
    from lrtui.runs.queue_slots import slots

    before = [each.path for each in waiting(store)]
    ahead = before.index(run.path) if run.path in before else 0
    others = "" if not ahead else " after 1 other" if ahead == 1 else f" after {ahead} others"
    together = slots()
    full = "one run trains" if together == 1 else f"{together} runs train"
    return (
        f"queued{others}: {full} at a time (LRTUI_SLOTS); "
        f"`lrtui runs queue --now {run.id}` starts it at once, `lrtui runs stop {run.id}` takes it out"
    )
