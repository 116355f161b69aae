"""Runs as files for other tools: a CSV table with the specs beside it, or a JSON document with everything.

Reads the logs event by event, however long they are, and writes each file whole or not at all. What to export
and what to call it is the caller's choice.
"""

from __future__ import annotations

import contextlib
import csv
import json
import os
import secrets
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, Literal, TextIO

import msgspec

from lrtui import __version__
from lrtui.runs.events import Event, EventFollower, encode
from lrtui.runs.files import absolute, is_file, is_folder
from lrtui.runs.run import Run
from lrtui.runs.spec import SpecError
from lrtui.runs.text import one_line, printable

Format = Literal["csv", "json"]
FORMATS: tuple[Format, ...] = ("csv", "json")

_FIRST = ("run", "event", "step", "epoch", "time", "seconds", "lr")
_ORDER = ("train_loss", "train_acc", "test_loss", "test_acc", "examples_per_sec", "epoch_seconds")
_ROWS = ("report", "epoch")


class ExportError(RuntimeError):
    """An export that couldn't be made; the message is one line."""


def export(runs: Sequence[Run], format: Format, path: Path | str, overwrite: bool = False) -> list[Path]:
    """Write runs into one file.

    csv: a header and one row a report and an epoch (`event` says which), in the order of the log: `run`,
        `event`,
    `step`, `epoch`, `time` (since 1970, UTC), `seconds` (since the run's start, never falling), `lr` and
    every other metric any of the runs has; an epoch's own duration is `epoch_seconds`. Numbers read back as
    the same float64; values that aren't finite are `nan`, `inf`, `-inf`; what an event doesn't have is empty.
    The specs go into a side file, `PATH.specs.json`.

    json: `{"lrtui": version, "runs": [{"id", "name", "state", "spec", "events": […]}]}`, strict JSON, events
        as in the log.

    Args:
        runs: which, in this order.
        format: `csv` or `json`.
        path: the file to write; its folder must exist.
        overwrite: whether files that are there may be replaced.

    Returns:
        The files written.

    Raises:
        ExportError: if there is nothing to export, a file exists and may not be replaced, or it can't be
            written.
    """
    if format not in FORMATS:
        raise ExportError(
            f"no format is called {printable(str(format), 40)!r}: choose {' or '.join(FORMATS)}"
        )
    if not runs:
        raise ExportError("no run to export: name at least one")
    path = absolute(path)
    if format == "json":
        outputs: dict[Path, Callable[[TextIO], None]] = {path: lambda file: _write_json(runs, file)}
    else:
        outputs = {
            path.with_name(f"{path.name}.specs.json"): lambda file: _write_specs(runs, file),
            path: lambda file: _write_csv(runs, file),
        }
    for target in outputs:
        if is_folder(target):
            raise ExportError(f"{printable(str(target))} is a folder: name a file")
        if is_file(target) and not overwrite:
            raise _exists(target)
    try:
        _write_all(outputs, overwrite)
    except (OSError, ValueError) as error:
        raise ExportError(f"{printable(str(path))} can't be written: {one_line(error)}") from error
    return sorted(outputs, key=lambda target: len(target.name))


def _write_all(outputs: dict[Path, Callable[[TextIO], None]], overwrite: bool) -> None:
    """Write every file beside its place first, and put them there only when all are complete."""
    ready: dict[Path, Path] = {}
    try:
        for target, write in outputs.items():
            temporary = target.with_name(f".{target.name}.{secrets.token_hex(4)}")
            ready[target] = temporary
            with temporary.open("x", encoding="utf-8", newline="") as file:
                write(file)
                file.flush()
                os.fsync(file.fileno())
        for target, temporary in ready.items():
            _place(temporary, target, overwrite)
    finally:
        for temporary in ready.values():
            with contextlib.suppress(OSError):
                temporary.unlink()


def _place(temporary: Path, target: Path, overwrite: bool) -> None:
    if not overwrite:
        try:
            # A link, unlike a rename, never replaces a file that somebody made in the meantime.
            os.link(temporary, target)
        except FileExistsError:
            raise _exists(target) from None
        except OSError:
            pass  # A file system without hard links.
        else:
            return
    temporary.replace(target)


def _exists(target: Path) -> ExportError:
    return ExportError(f"{printable(str(target))} exists: choose another name or allow overwriting it")


def _events(run: Run) -> Iterator[Event]:
    follower = EventFollower(run.events_path)
    while True:
        yield from follower.poll()
        if not follower.behind:
            return


def _write_csv(runs: Sequence[Run], file: TextIO) -> None:
    metrics: set[str] = set()
    for run in runs:
        for event in _events(run):
            if event.kind in _ROWS and not metrics.issuperset(event.fields):
                metrics.update(
                    name for name, value in event.fields.items() if isinstance(value, (int, float))
                )
    if "seconds" in metrics:
        metrics.add("epoch_seconds")
    ranks = {name: rank for rank, name in enumerate(_ORDER)}
    others = sorted(metrics - set(_FIRST), key=lambda name: (ranks.get(name, len(ranks)), name))
    names = ("step", "epoch", "lr", *others)
    fields = tuple("seconds" if name == "epoch_seconds" else name for name in names)
    rows = csv.writer(file, lineterminator="\n")
    rows.writerow([*_FIRST, *others])
    for run in runs:
        origin: float | None = None
        seconds = 0.0
        for event in _events(run):
            origin = event.time if origin is None else origin
            seconds = max(seconds, event.time - origin)
            if event.kind in _ROWS:
                step, epoch, *values = [_cell(event.fields.get(name)) for name in fields]
                rows.writerow([run.id, event.kind, step, epoch, event.time, seconds, *values])


def _cell(value: Any) -> float | None:
    """A number for the table, which has no place for the rest; csv writes floats so that they read back."""
    if isinstance(value, bool):
        return int(value)
    return value if isinstance(value, (int, float)) else None


def _about(run: Run) -> dict[str, Any]:
    about: dict[str, Any] = {"id": run.id, "name": run.name, "state": str(run.state())}
    try:
        about["spec"] = msgspec.to_builtins(run.spec)
    except SpecError as error:
        about["spec"] = None
        about["problem"] = str(error)
    return about


def _write_specs(runs: Sequence[Run], file: TextIO) -> None:
    document = {"lrtui": __version__, "runs": [_about(run) for run in runs]}
    json.dump(document, file, indent=2, ensure_ascii=False, allow_nan=False)
    file.write("\n")


def _write_json(runs: Sequence[Run], file: TextIO) -> None:
    # By hand around the events, so that a log of any length passes through without being held in memory.
    file.write('{"lrtui": ' + json.dumps(__version__) + ', "runs": [')
    for place, run in enumerate(runs):
        about = json.dumps(_about(run), ensure_ascii=False, allow_nan=False)
        file.write(("," if place else "") + "\n" + about[:-1] + ', "events": [')
        for index, event in enumerate(_events(run)):
            file.write(("," if index else "") + "\n" + encode(event).decode())
        file.write("\n]}")
    file.write("\n]}\n")
