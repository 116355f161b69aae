"""`lrtui runs trash`, `restore` and `empty-trash`: what was deleted, back again or gone for good."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

import click

from lrtui.cli.options import Failed, open_store, runs_dir_option, wrong_input
from lrtui.cli.outcomes import json_option, outcomes

_UNITS = {"m": 60.0, "h": 3600.0, "d": 86_400.0}


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print a JSON array.")
@runs_dir_option
def trash(as_json: bool, runs_dir: Path | None) -> None:
    """List the deleted runs that can be restored, the latest first."""
    from lrtui.runs.run import Run
    from lrtui.runs.store import StoreError
    from lrtui.runs.text import printable
    from lrtui.runs.trash import KEPT

    with wrong_input(StoreError):
        found = open_store(runs_dir).trashed()
    rows = [(each, Run(each.path).summary()) for each in found]
    if as_json:
        print(
            json.dumps(
                [
                    {"id": each.id, "deleted": each.deleted, "schedule": row.schedule, "path": str(each.path)}
                    for each, row in rows
                ],
                allow_nan=False,
            )
        )
        return
    if not rows:
        print("the trash is empty")
        return
    from lrtui.ui.words import age

    width = max(len(each.id) for each, _ in rows)
    for each, row in rows:
        print(f"{printable(each.id):<{width}}  deleted {age(time.time() - each.deleted):>8}  {row.schedule}")
    print(f"kept for {KEPT / _UNITS['d']:.0f} days; `lrtui runs restore ID` takes one back")


@click.command()
@click.argument("ids", metavar="ID...", nargs=-1, required=True)
@json_option
@runs_dir_option
def restore(ids: tuple[str, ...], as_json: bool, runs_dir: Path | None) -> None:
    """Take deleted runs back from the trash, as they were."""
    from lrtui.runs.store import StoreError

    store = open_store(runs_dir)
    with outcomes(as_json) as said:
        for id_ in dict.fromkeys(ids):
            with wrong_input(StoreError):
                run = store.restore(id_)
            said.say(run.id, f"restored {run.id}", state=str(run.state()))


def _age(text: str) -> float:
    """An option's type: a time such as 12h or 7d, in seconds."""
    number, unit = (text[:-1], text[-1:]) if text[-1:] in _UNITS else ("", "")
    try:
        seconds = float(number) * _UNITS[unit]
    except (KeyError, ValueError):
        seconds = -1.0
    if not 0 <= seconds < 1e11:
        raise click.BadParameter(f"{text}: must be a time such as 30m, 12h or 7d")
    return seconds


_age.__name__ = "age"


@click.command(name="empty-trash")
@click.option("--older-than", type=_age, default="0d", help="Only what was deleted so long ago: 12h, 7d.")
@click.option("--yes", "-y", is_flag=True, help="Don't ask.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@runs_dir_option
def empty_trash(older_than: float, yes: bool, as_json: bool, runs_dir: Path | None) -> None:
    """Delete for good what is in the trash; asks first."""
    from lrtui.runs.store import StoreError

    store = open_store(runs_dir)
    with wrong_input(StoreError):
        found = [each for each in store.trashed() if time.time() - each.deleted >= older_than]
    if not found:
        print('{"deleted": 0}' if as_json else "there is nothing to delete")
        return
    what = f"{len(found)} run{'s' if len(found) > 1 else ''}"
    if not yes:
        if not sys.stdin.isatty():
            raise click.UsageError("nobody is there to ask; add --yes to delete", click.get_current_context())
        click.confirm(f"Delete {what} for good?", abort=True, err=True)
    try:
        gone = store.empty_trash(older_than)
    except StoreError as error:
        raise Failed(str(error)) from error
    text = f"deleted {gone} run{'' if gone == 1 else 's'} for good"
    print(json.dumps({"deleted": gone}) if as_json else text)
