"""`lrtui units`: examples, batch size, accumulation, devices, epochs and updates, any one of them."""

from __future__ import annotations

import json
import sys

import click

from lrtui.cli.options import one_of, positive, whole, wrong_input

_FOUND = ("updates", "epochs", "examples", "batch-size", "accumulation", "devices")


@click.command()
@click.option("--examples", type=whole(1), help="Examples in one epoch.")
@click.option("--batch-size", type=whole(1), help="Examples one device takes at a time.")
@click.option("--accumulation", type=whole(1), help="Batches that go into one update.  [default: 1]")
@click.option("--devices", type=whole(1), help="Devices that work in parallel.  [default: 1]")
@click.option("--epochs", type=positive, help="How often the examples are seen.")
@click.option("--updates", type=whole(1), help="Optimizer updates in all.")
@click.option("--drop-last", is_flag=True, help="Drop an epoch's last short batch instead of keeping it.")
@click.option(
    "--find",
    type=one_of(*_FOUND),
    metavar="QUANTITY",
    help="What to calculate, if it isn't plain from what is left out.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def units(
    examples: int | None,
    batch_size: int | None,
    accumulation: int | None,
    devices: int | None,
    epochs: float | None,
    updates: int | None,
    drop_last: bool,
    find: str | None,
    as_json: bool,
) -> None:
    r"""Calculate updates from epochs, or any of the quantities from the others.

    \b
    lrtui units --examples 60000 --batch-size 256 --epochs 10
    lrtui units --examples 1281167 --batch-size 64 --devices 8 --updates 100000
    lrtui units --examples 60000 --batch-size 32 --epochs 3 --updates 700 --find accumulation
    """
    from lrtui.schedules import ScheduleError
    from lrtui.schedules.units import solve

    wanted = None if find is None else find.replace("-", "_")
    given = {
        "examples": examples,
        "batch_size": batch_size,
        "accumulation": accumulation,
        "devices": devices,
        "epochs": epochs,
        "updates": updates,
    }
    if wanted is not None and given[wanted] is not None:
        raise click.UsageError(f"--{find} is to be found: don't give it as well", click.get_current_context())
    for name in ("accumulation", "devices"):
        if given[name] is None and name != wanted:
            given[name] = 1
    missing = [name.replace("_", "-") for name, value in given.items() if value is None]
    if len(missing) > 1:
        raise click.UsageError(
            f"give all but one: --{' and --'.join(missing)} are missing", click.get_current_context()
        )
    if not missing:
        raise click.UsageError(
            "everything is given: leave one out, or say --find accumulation or --find devices",
            click.get_current_context(),
        )
    with wrong_input(ScheduleError):
        found = solve(**given, keep_last=not drop_last)  # type: ignore[arg-type]
    document = {
        "found": found.found,
        "examples": found.examples,
        "batch_size": found.batch_size,
        "accumulation": found.accumulation,
        "devices": found.devices,
        "epochs": found.epochs,
        "updates": found.updates,
        "updates_per_epoch": found.updates_per_epoch,
        "examples_per_update": found.examples_per_update,
        "last_batch": "kept" if found.keep_last else "dropped",
        "updates_asked_for": found.asked,
    }
    if as_json:
        json.dump(document, sys.stdout, allow_nan=False)
        sys.stdout.write("\n")
        return
    for label, value in (
        ("examples", f"{found.examples:,}"),
        ("batch size", f"{found.batch_size:,}"),
        ("accumulation", f"{found.accumulation:,}"),
        ("devices", f"{found.devices:,}"),
        ("epochs", f"{found.epochs:.10g}"),
        ("updates", f"{found.updates:,}"),
    ):
        mark = "  <- calculated" if label.replace(" ", "_") == found.found else ""
        click.echo(f"{label:<20}{value:>16}{mark}")
    click.echo(f"{'examples an update':<20}{found.examples_per_update:>16,}")
    click.echo(f"{'updates an epoch':<20}{found.updates_per_epoch:>16,}")
    click.echo(f"Rounding: {found.rounding}; updates come whole, halves rounded up.")
    if found.asked is not None:
        click.echo(f"No whole number comes to exactly {found.asked:,} updates; this is the nearest safe one.")
