"""Runs as files for other tools: tables, documents, charts, reports. Which and where is the caller's choice.

Each format is a module of `lrtui.runs.exporting`, loaded when it is asked for. What needs a package that
isn't installed says so in one line.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Literal, get_args

from lrtui.runs.exporting.files import ExistsError, ExportError, MissingError, Write, as_text, write_all
from lrtui.runs.files import absolute, is_file
from lrtui.runs.run import Run
from lrtui.runs.text import printable

__all__ = [
    "ABOUT",
    "ENDINGS",
    "FORMATS",
    "ExistsError",
    "ExportError",
    "Format",
    "MissingError",
    "export",
    "format_of",
]

Format = Literal["csv", "json", "parquet", "tensorboard"]
FORMATS: tuple[Format, ...] = get_args(Format)

ABOUT: dict[Format, str] = {
    "csv": "one row a report and an epoch, every metric; the specs in a side file",
    "json": "specs and all events in one document",
    "parquet": "the table of csv in one Parquet file, the specs in its metadata",
    "tensorboard": "a folder of event files, one sub-folder a run",
}
"""What each format holds, in a few words."""

ENDINGS: dict[Format, tuple[str, ...]] = {
    "csv": (".csv",),
    "json": (".json",),
    "parquet": (".parquet", ".pq"),
    "tensorboard": ("",),
}
"""What the names of each format end in; the first is the usual one, empty for a folder."""


def format_of(path: Path) -> Format | None:
    """The format a file's name asks for, None if it doesn't."""
    ending = path.suffix.lower()
    return next((format for format, endings in ENDINGS.items() if ending and ending in endings), None)


def export(runs: Sequence[Run], format: Format, path: Path | str, overwrite: bool = False) -> list[Path]:
    """Write runs into one file, or one folder.

    csv: a header and one row a report and an epoch (`event` says which), in the order of the log: `run`,
        `event`, `step`, `epoch`, `time` (since 1970, UTC), `seconds` (since the run's start, never falling),
        `lr` and every other metric any of the runs has; an epoch's own duration is `epoch_seconds`. Numbers
        read back as the same float64; values that aren't finite are `nan`, `inf`, `-inf`; what an event
        doesn't have is empty. The specs go into a side file, `PATH.specs.json`.

    json: `{"lrtui": version, "runs": [{"id", "name", "state", "spec", "events": […]}]}`, strict JSON, events
        as in the log.

    parquet: the table of csv; `step` is int64, the other numbers float64, what an event doesn't have is null.
        The file's metadata holds the specs, as JSON under `lrtui`.

    tensorboard: `PATH/ID/events.out.tfevents.…`, for `tensorboard --logdir PATH`: scalars at the update and
        the wall time they were logged (as float32), the spec as text and as hyper-parameters. A folder that
        is there is added to.

    Args:
        runs: which, in this order.
        format: one of `FORMATS`.
        path: the file to write (for tensorboard, the folder); the folder it lies in must exist.
        overwrite: whether files that are there may be replaced.

    Returns:
        The files written.

    Raises:
        ExistsError: if a file exists and may not be replaced.
        MissingError: if the format needs a package that isn't installed.
        ExportError: if there is nothing to export, or it can't be written.
    """
    if format not in FORMATS:
        raise ExportError(
            f"no format is called {printable(str(format), 40)!r}: choose {', '.join(FORMATS[:-1])}"
            f" or {FORMATS[-1]}"
        )
    if not runs:
        raise ExportError("no run to export: name at least one")
    path = absolute(path)
    outputs = _outputs(runs, format, path)
    write_all(outputs, overwrite, under=path if format == "tensorboard" else None)
    return sorted(outputs, key=lambda target: len(target.name))


def _outputs(runs: Sequence[Run], format: Format, path: Path) -> dict[Path, Write]:
    """What writes each file of a format."""
    if format == "json":
        from lrtui.runs.exporting import documents

        return {path: as_text(partial(documents.write_json, runs))}
    if format == "parquet":
        from lrtui.runs.exporting import parquet

        parquet.require()
        return {path: partial(parquet.write_parquet, runs)}
    if format == "tensorboard":
        from lrtui.runs.exporting import tensorboard

        tensorboard.require()
        if is_file(path):
            raise ExportError(f"{printable(str(path))} is a file: name a folder for the event files")
        return {
            path / run.id / tensorboard.file_name(run): partial(tensorboard.write_events, run) for run in runs
        }
    from lrtui.runs.exporting import tables

    return {
        path.with_name(f"{path.name}.specs.json"): as_text(partial(tables.write_specs, runs)),
        path: as_text(partial(tables.write_csv, runs)),
    }
