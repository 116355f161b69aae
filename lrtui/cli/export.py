"""`lrtui export`: the logs of runs as one CSV or JSON file. The writing is `lrtui.runs.export`'s."""

from __future__ import annotations

from pathlib import Path

import click

from lrtui.cli.options import one_of, open_store, runs_dir_option, wrong_input


@click.command()
@click.argument("ids", metavar="ID...", nargs=-1, required=True)
@click.option(
    "--format",
    "form",
    type=one_of("csv", "json"),
    metavar="csv|json",
    help="[default: what PATH ends in, else csv]",
)
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    metavar="PATH",
    help="[default: ID.csv here, or runs.csv for several]",
)
@click.option("--overwrite", is_flag=True, help="Replace a file that is already there.")
@runs_dir_option
def export(
    ids: tuple[str, ...], form: str | None, output: Path | None, overwrite: bool, runs_dir: Path | None
) -> None:
    """Write the logs of one or more runs into one file.

    CSV has a row for each report and each epoch, with the runs' specs in a second file beside it; JSON has
    the specs and every event in one document.
    """
    from lrtui.runs.export import ExportError
    from lrtui.runs.export import export as write
    from lrtui.runs.store import StoreError
    from lrtui.runs.text import printable

    store = open_store(runs_dir)
    with wrong_input(StoreError):
        runs = list({run.id: run for run in (store.get(id_) for id_ in ids)}.values())
    if form is None:
        form = "json" if output is not None and output.suffix.lower() == ".json" else "csv"
    if output is None:
        output = Path(f"{runs[0].id if len(runs) == 1 else 'runs'}.{form}")
    with wrong_input(ExportError):
        written = write(runs, "json" if form == "json" else "csv", output, overwrite=overwrite)
    for path in written:
        print(printable(str(path)))
