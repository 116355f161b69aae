"""`lrtui export`: runs as files for other tools. The writing is `lrtui.runs.export`'s."""

from __future__ import annotations

from pathlib import Path
from typing import get_args

import click

from lrtui.cli.options import Failed, one_of, open_store, runs_dir_option, wrong_input

# Spelled out rather than imported, so that --help loads nothing; a test holds it to the library's.
FORMATS = ("csv", "json", "parquet", "tensorboard", "markdown", "html", "svg", "png", "wandb", "mlflow")
AXES = ("step", "epoch", "seconds", "examples")


@click.command()
@click.argument("ids", metavar="ID...", nargs=-1, required=True)
@click.option(
    "--format",
    "form",
    type=one_of(*FORMATS),
    metavar="FORMAT",
    help=f"{', '.join(FORMATS[:-1])} or {FORMATS[-1]}.  [default: what PATH ends in, else csv]",
)
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    metavar="PATH",
    help="The file, or for tensorboard, wandb, mlflow the folder.  [default: ID.csv or runs.csv here]",
)
@click.option("--metric", metavar="NAME", help="svg, png: which to draw.  [default: test_acc]")
@click.option(
    "--x",
    type=one_of(*AXES),
    metavar="|".join(AXES),
    help="svg, png: what to draw it against.  [default: epoch]",
)
@click.option("--log", is_flag=True, help="svg, png: a log y axis; html, markdown: for loss and rate.")
@click.option("--overwrite", is_flag=True, help="Replace a file that is already there.")
@runs_dir_option
def export(
    ids: tuple[str, ...],
    form: str | None,
    output: Path | None,
    metric: str | None,
    x: str | None,
    log: bool,
    overwrite: bool,
    runs_dir: Path | None,
) -> None:
    r"""Write one or more runs into one file (or folder) for other tools.

    \b
    csv          a row for each report and each epoch; the specs in a second file
    json         the specs and every event in one document
    parquet      the table of csv as a Parquet file (pip extra: parquet)
    tensorboard  a folder of event files, one sub-folder a run (pip extra: tensorboard)
    markdown     a report with tables; its charts in SVG files beside it
    html         the report with its charts as one page, complete in itself
    svg, png     the chart of one metric (png: pip extra png)
    wandb        a folder of offline runs for `wandb sync` (pip extra: wandb)
    mlflow       a folder that is an MLflow file store (pip extra: mlflow)
    """
    from lrtui.runs.export import ENDINGS, ExistsError, ExportError, Format, MissingError, format_of
    from lrtui.runs.export import export as write
    from lrtui.runs.history import Axis
    from lrtui.runs.store import StoreError
    from lrtui.runs.text import printable

    store = open_store(runs_dir)
    with wrong_input(StoreError):
        runs = list({run.id: run for run in (store.get(id_) for id_ in ids)}.values())
    format: Format = next((known for known in get_args(Format) if known == form), "csv")
    if form is None and output is not None:
        format = format_of(output) or format
    axis: Axis = next((known for known in get_args(Axis) if known == x), "epoch")
    for option, given, formats in (
        ("--metric", metric is not None, ("svg", "png")),
        ("--x", x is not None, ("svg", "png")),
        ("--log", log, ("svg", "png", "html", "markdown")),
    ):
        if given and format not in formats:
            raise click.UsageError(f"{option}: only for --format {', '.join(formats)}, not for {format}")
    if output is None:
        stem = runs[0].id if len(runs) == 1 else "runs"
        output = Path(f"{stem}{ENDINGS[format][0] or '-' + format}")
    with wrong_input(ExportError):
        try:
            written = write(runs, format, output, overwrite, metric=metric, x=axis, log=log)
        except MissingError as error:
            raise Failed(str(error)) from error
        except ExistsError as error:
            said = str(error).replace("allow overwriting it", "add --overwrite")
            raise click.UsageError(said, click.get_current_context()) from error
    for path in written:
        print(printable(str(path)))
