"""Runs as files for other tools: tables, documents, charts, reports. Which and where is the caller's choice.

Each format is a module of `lrtui.runs.exporting`, loaded when it is asked for. What needs a package that
isn't installed says so in one line.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import Literal, TextIO, get_args

from lrtui.runs.exporting.files import ExistsError, ExportError, MissingError, Write, as_text, write_all
from lrtui.runs.files import absolute, is_file
from lrtui.runs.history import Axis
from lrtui.runs.judging import most_common
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
    "lacks",
]

Format = Literal["csv", "json", "parquet", "tensorboard", "markdown", "html", "svg", "png", "wandb", "mlflow"]
FORMATS: tuple[Format, ...] = get_args(Format)

ABOUT: dict[Format, str] = {
    "csv": "a row for each report and epoch; the specs in a second file",
    "json": "specs and all events in one document",
    "parquet": "the table of csv as Parquet, the specs in its metadata",
    "tensorboard": "a folder of event files, one sub-folder a run",
    "markdown": "a report with tables; its charts in SVG files beside it",
    "html": "a report with tables and charts, in one page",
    "svg": "the chart of one metric",
    "png": "the chart of one metric, as a picture",
    "wandb": "a folder of offline runs for `wandb sync`",
    "mlflow": "a folder that is an MLflow file store",
}
"""What each format holds, in a few words."""

ENDINGS: dict[Format, tuple[str, ...]] = {
    "csv": (".csv",),
    "json": (".json",),
    "parquet": (".parquet", ".pq"),
    "tensorboard": ("",),
    "markdown": (".md", ".markdown"),
    "html": (".html", ".htm"),
    "svg": (".svg",),
    "png": (".png",),
    "wandb": ("",),
    "mlflow": ("",),
}
"""What the names of each format end in; the first is the usual one, empty for a folder."""


_PACKAGES: dict[Format, str] = {
    "parquet": "pyarrow",
    "tensorboard": "tensorboard",
    "png": "matplotlib",
    "wandb": "wandb",
    "mlflow": "mlflow",
}


def lacks(format: Format) -> str:
    """What to install for a format, as a command; empty if nothing is missing. Loads no package."""
    package = _PACKAGES.get(format)
    if package is None or find_spec(package) is not None:
        return ""
    return f"pip install 'lrtui[{format}]'"


def format_of(path: Path) -> Format | None:
    """The format a file's name asks for, None if it doesn't."""
    ending = path.suffix.lower()
    return next((format for format, endings in ENDINGS.items() if ending and ending in endings), None)


def export(
    runs: Sequence[Run],
    format: Format,
    path: Path | str,
    overwrite: bool = False,
    *,
    metric: str | None = None,
    x: Axis = "epoch",
    log: bool = False,
) -> list[Path]:
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

    markdown, html: a report: states, best and final accuracies, durations, what went wrong, charts of loss,
        accuracy and rate, and what differs between the specs. The page is complete in itself and loads and
        runs nothing; of a Markdown file the charts lie beside it (`PATH` without its ending, `.loss.svg`, …).

    svg, png: the chart of one metric of all the runs.

    wandb, mlflow: a folder that isn't there yet, with the runs in the tool's own offline format: metrics are
        `report/NAME` and `epoch/NAME` at the update and the time they were logged, the spec is the
        configuration. Written by the tool's own library in a process of its own; a minute for a long log.

    Args:
        runs: which, in this order.
        format: one of `FORMATS`.
        path: the file to write (for tensorboard, wandb and mlflow the folder); the folder it lies in must
            exist.
        overwrite: whether files that are there may be replaced.
        metric: for svg and png: which, as in the events; left out, the test accuracy, or what most of the
            runs are judged by (see `judging`).
        x: for svg and png: what to draw it against.
        log: for svg and png: a logarithmic y axis; for the reports: one for loss and rate.

    Returns:
        The files written; for wandb and mlflow the folder.

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
    if format in ("wandb", "mlflow"):
        from lrtui.runs.exporting import offline

        return offline.write_folder(runs, format, path)
    if metric is None:
        metric = most_common(run.summary().figures for run in runs)
    outputs = _outputs(runs, format, path, metric, x, log)
    write_all(outputs, overwrite, under=path if format == "tensorboard" else None)
    return sorted(outputs, key=lambda target: len(target.name))


def _outputs(
    runs: Sequence[Run], format: Format, path: Path, metric: str, x: Axis, log: bool
) -> dict[Path, Write]:
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
    if format == "png":
        from lrtui.runs.exporting import curves, png

        png.require()
        chart = curves.metric_chart(curves.records(runs, (x,)), metric, x, log)
        return {path: partial(png.write_png, chart)}
    if format == "markdown":
        return _markdown(runs, path, log)
    if format in ("html", "svg"):
        return {path: as_text(partial(_draw, runs, format, metric, x, log))}
    from lrtui.runs.exporting import tables

    return {
        path.with_name(f"{path.name}.specs.json"): as_text(partial(tables.write_specs, runs)),
        path: as_text(partial(tables.write_csv, runs)),
    }


def _draw(runs: Sequence[Run], format: Format, metric: str, x: Axis, log: bool, file: TextIO) -> None:
    """Write a page or a chart."""
    from lrtui.runs.exporting import curves, page, report, svg

    if format == "svg":
        chart = curves.metric_chart(curves.records(runs, (x,)), metric, x, log)
        file.write(svg.draw(chart))
    else:
        page.write_html(report.report(runs, log), file)


def _markdown(runs: Sequence[Run], path: Path, log: bool) -> dict[Path, Write]:
    """A report and its pictures; which there are depends on what the runs logged."""
    from lrtui.runs.exporting import markdown, report, svg

    found = report.report(runs, log)
    charts = markdown.pictures(found, path)
    outputs = {target: as_text(partial(_picture, svg.draw(chart))) for target, chart in charts.items()}
    return {**outputs, path: as_text(partial(markdown.write_markdown, found, charts))}


def _picture(text: str, file: TextIO) -> None:
    file.write(text)
