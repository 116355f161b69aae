"""The rate of every update as text for other tools: CSV and JSON, in pieces, since there may be millions.

Prints nothing and writes no file; where the text goes is for those who ask for it.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict

from lrtui.schedules.core import Schedule
from lrtui.schedules.horizon import Horizon
from lrtui.schedules.inspection import summarise

BLOCK = 8192
"""Updates in a piece of CSV: few system calls, and a reader that has seen enough is noticed soon."""


def as_csv(schedules: Sequence[Schedule], horizon: Horizon) -> Iterator[str]:
    """A header, then one row an update, a column a schedule; floats that read back as exactly what they were.

    Raises:
        ScheduleError: a schedule doesn't fit the horizon; at the first piece, before anything is given.
    """
    rates = [schedule.rates(horizon) for schedule in schedules]
    header = io.StringIO()
    names = ["lr"] if len(schedules) == 1 else [str(schedule) for schedule in schedules]
    csv.writer(header, lineterminator="\n").writerow(["step", *names])
    yield header.getvalue()
    for start in range(0, horizon.total, BLOCK):
        rows = zip(*(column[start : start + BLOCK].tolist() for column in rates), strict=True)
        yield "".join(f"{step},{','.join(map(repr, row))}\n" for step, row in enumerate(rows, start))


def as_json(schedules: Sequence[Schedule], horizon: Horizon) -> Iterator[str]:
    """One document: the horizon, and for each schedule its expression, its figures and every rate.

    Raises:
        ScheduleError: a schedule doesn't fit the horizon; before anything is given.
    """
    document = {
        "updates": horizon.total,
        "steps_per_epoch": horizon.steps_per_epoch,
        "schedules": [
            {
                "expression": str(schedule),
                "summary": asdict(summarise(schedule, horizon)),
                "lr": schedule.rates(horizon).tolist(),
            }
            for schedule in schedules
        ],
    }
    yield from json.JSONEncoder(allow_nan=False).iterencode(document)
    yield "\n"
