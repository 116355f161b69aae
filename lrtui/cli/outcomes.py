"""What became of each run that a command was about: a line each for people, a JSON array for scripts."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from typing import Any

import click

from lrtui.cli.options import Failed

json_option = click.option(
    "--json", "as_json", is_flag=True, help="Print what became of each run as a JSON array."
)


class Outcomes:
    """Says outcomes as they come, or gathers them."""

    def __init__(self, as_json: bool) -> None:
        self._as_json = as_json
        self._rows: list[dict[str, Any]] = []

    def say(self, run_id: str, line: str, **fields: Any) -> None:
        """One outcome: the line for people, the fields for scripts."""
        if self._as_json:
            self._rows.append({"id": run_id, **fields})
        else:
            print(line, flush=True)

    def close(self) -> None:
        """Print what was gathered."""
        if self._as_json:
            print(json.dumps(self._rows, allow_nan=False))


@contextlib.contextmanager
def outcomes(as_json: bool) -> Iterator[Outcomes]:
    """Outcomes to be said; what was done before a failure is printed all the same."""
    said = Outcomes(as_json)
    try:
        yield said
    except Failed:
        said.close()
        raise
    said.close()
