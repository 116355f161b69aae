"""`lrtui runs rename`, `tag` and `note`: what people add to a run afterwards; ids and specs stay."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from lrtui.cli.options import Failed, open_store, runs_dir_option, wrong_input

json_option = click.option(
    "--json", "as_json", is_flag=True, help="Print the run's labels as one JSON object."
)

if TYPE_CHECKING:
    from lrtui.runs.run import Run
    from lrtui.runs.store import RunStore


@click.command()
@click.argument("id_", metavar="ID")
@click.argument("name")
@json_option
@runs_dir_option
def rename(id_: str, name: str, as_json: bool, runs_dir: Path | None) -> None:
    """Give a run another name; an empty one ('') brings back its first. Its id stays."""
    run = _change(id_, runs_dir, lambda store, run: store.rename(run, name))
    _print(run, f"{run.id}: {run.name}", as_json)


@click.command()
@click.argument("id_", metavar="ID")
@click.argument("tags", metavar="[TAG]...", nargs=-1)
@click.option(
    "--remove", "-r", "remove", metavar="TAG", multiple=True, help="Take a tag away; may be repeated."
)
@json_option
@runs_dir_option
def tag(
    id_: str, tags: tuple[str, ...], remove: tuple[str, ...], as_json: bool, runs_dir: Path | None
) -> None:
    """Give a run tags, single words, and print all it has; `lrtui runs --filter tag:good` finds them."""
    run = _change(id_, runs_dir, lambda store, run: store.tag(run, tags, remove) if tags or remove else None)
    _print(run, f"{run.id}: {' '.join(run.labels.tags) or 'no tags'}", as_json)


@click.command()
@click.argument("id_", metavar="ID")
@click.argument("text", nargs=-1)
@click.option("--clear", is_flag=True, help="Take the notes away.")
@json_option
@runs_dir_option
def note(id_: str, text: tuple[str, ...], clear: bool, as_json: bool, runs_dir: Path | None) -> None:
    """Add a line to a run's notes, - for lines from stdin; without TEXT, print them."""
    if clear and text:
        raise click.UsageError("--clear takes no text", click.get_current_context())
    words = sys.stdin.read() if text == ("-",) else " ".join(text)

    def write(store: RunStore, run: Run) -> None:
        if clear:
            store.note(run, "")
        elif words.strip():
            store.note(run, "\n".join(part for part in (run.labels.notes, words) if part))

    run = _change(id_, runs_dir, write)
    _print(run, run.labels.notes, as_json)


def _print(run: Run, text: str, as_json: bool) -> None:
    labels = run.labels
    if as_json:
        print(json.dumps({"id": run.id, "name": run.name, "tags": labels.tags, "notes": labels.notes}))
    elif text:
        print(text)


def _change(id_: str, runs_dir: Path | None, change: Callable[[RunStore, Run], None]) -> Run:
    """Find the run, change it, and return it as it is then; what can't be is one line."""
    from lrtui.runs.store import StoreError

    store = open_store(runs_dir)
    with wrong_input(StoreError):
        run = store.get(id_)
    try:
        change(store, run)
    except StoreError as error:
        raise Failed(str(error)) from error
    return run
