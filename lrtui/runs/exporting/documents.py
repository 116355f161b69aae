"""Runs as one JSON document: specs and every event. Reads and writes event by event."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TextIO

from lrtui import __version__
from lrtui.runs.events import encode
from lrtui.runs.exporting.tables import about, events
from lrtui.runs.run import Run
from lrtui.runs.text import json_printable


def write_json(runs: Sequence[Run], file: TextIO) -> None:
    """Strict JSON, one event a line."""
    # By hand around the events, so that a log of any length passes through without being held in memory.
    file.write('{"lrtui": ' + json.dumps(__version__) + ', "runs": [')
    for place, run in enumerate(runs):
        head = json_printable(json.dumps(about(run), ensure_ascii=False, allow_nan=False))
        file.write(("," if place else "") + "\n" + head[:-1] + ', "events": [')
        for index, event in enumerate(events(run)):
            file.write(("," if index else "") + "\n" + json_printable(encode(event).decode()))
        file.write("\n]}")
    file.write("\n]}\n")
