"""`lrtui runs`: list, show, watch and remove runs. What is done to running ones is in `control`."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from lrtui.cli.choosing import chosen_runs, one_run
from lrtui.cli.following import Following, ending, exit_code
from lrtui.cli.groups import Group
from lrtui.cli.options import Failed, open_store, runs_dir_option, wrong_input
from lrtui.cli.outcomes import json_option, outcomes
from lrtui.cli.terminal import columns

if TYPE_CHECKING:
    from lrtui.runs.summary import RunSummary


@click.group(cls=Group, invoke_without_command=True)
@click.option("--json", "as_json", is_flag=True, help="Print a JSON array.")
@click.option(
    "--filter",
    "-f",
    "only",
    metavar="TERMS",
    help="Only some: 'schedule:cosine acc>0.89 tag:good -state:crashed'.",
)
@click.option("--target", metavar="ACC", help="Also when each first reached a test accuracy: 0.85 or 85%.")
@click.option(
    "--seeds", is_flag=True, help="One row for runs that differ in their seeds alone: means, ± spread."
)
@runs_dir_option
@click.pass_context
def runs(
    ctx: click.Context,
    as_json: bool,
    only: str | None,
    target: str | None,
    seeds: bool,
    runs_dir: Path | None,
) -> None:
    """List the runs, newest first; or show, watch, stop, pause, resume, remove one.

    ID is a run's id, the beginning of one, or a run's name, wherever that is unambiguous.
    """
    if ctx.invoked_subcommand is not None:
        return
    from lrtui.runs.figures import accuracy_target
    from lrtui.runs.filter import FilterError, parse_filter
    from lrtui.runs.fold import fold
    from lrtui.runs.store import StoreError

    with wrong_input(FilterError, option="--filter"):
        passes = parse_filter(only or "")
    with wrong_input(ValueError, option="--target"):
        goal = None if target is None else accuracy_target(target)
    store = open_store(runs_dir)
    with wrong_input(StoreError):
        everything = store.summaries()
        if any(str(each.state) == "queued" for each in everything):
            from lrtui.runs.queue import tend

            if tend(store):
                everything = store.summaries()
    summaries = [each for each in everything if passes(each)]
    if seeds:
        summaries = fold(summaries)
    if as_json:
        print(json.dumps([_document(each, goal) for each in summaries], allow_nan=False))
    elif summaries:
        _print_table(summaries, goal)
    elif everything:
        print(f"none of the {len(everything)} runs passes the filter")
    else:
        print("no runs yet; `lrtui train --preset cosine` makes one")


@runs.command()
@click.argument("id_", metavar="ID")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@runs_dir_option
def show(id_: str, as_json: bool, runs_dir: Path | None) -> None:
    """Show one run: what it is, how far it is, what became of it."""
    from lrtui.runs.text import printable

    run = one_run(id_, runs_dir)
    summary = run.summary()
    if as_json:
        document = {**_document(summary), "path": str(run.path)}
        print(json.dumps(document, allow_nan=False))
        return
    history = run.history()
    from lrtui.ui.words import accuracy, duration, moment

    last_sign = moment(history.origin + history.seconds) if history.origin else "never"
    together = history.started.get("processes") if history.started else None
    rows = [
        ("run", run.id),
        ("name", summary.name),
        ("state", summary.state.words + (f" ({summary.reason})" if summary.reason else "")),
        ("schedule", summary.schedule),
        ("preset", summary.preset or ""),
        ("model", _model(summary)),
        ("data", summary.data),
        ("device", summary.device + (f", {together} processes" if together else "")),
        ("progress", f"{_epochs(summary)} epochs, update {summary.done:,} of {summary.updates or '?'}"),
        ("test", f"accuracy best {accuracy(summary.best_test_acc)}, last {accuracy(summary.last_test_acc)}"),
        ("duration", duration(summary.duration)),
        ("last sign", f"of life {last_sign}" if summary.state == "crashed" else ""),
        ("folder", printable(str(run.path))),
        ("tags", " ".join(summary.tags)),
        *(("note", line) for line in summary.notes.split("\n")),
        *(("note", f"{event.get('kind')}: {event.get('message')}") for event in history.diagnoses),
    ]
    if run.passed_over:
        names = ", ".join(run.passed_over[:8]) + (", …" if len(run.passed_over) > 8 else "")
        rows.append(("note", f"of the spec, this version of lrtui doesn't know and passes over {names}"))
    if summary.skipped:
        rows.append(("note", f"{summary.skipped} lines of the log couldn't be read"))
    for label, text in rows:
        if text:
            print(f"{label:<9} {printable(text)}")


@runs.command()
@click.argument("id_", metavar="ID")
@click.option("--json", "as_json", is_flag=True, help="Print the run's events on stdout, and nothing else.")
@runs_dir_option
def watch(id_: str, as_json: bool, runs_dir: Path | None) -> int:
    """Follow a run until it ends; Ctrl-C ends the watching, not the run."""
    run = one_run(id_, runs_dir)
    try:
        state = Following(run, as_json, open_store(runs_dir)).until_end()
    except KeyboardInterrupt:
        return 130
    print(ending(run), file=sys.stderr if as_json else sys.stdout)
    return exit_code(state)


@runs.command()
@click.argument("ids", metavar="ID...", nargs=-1, required=True)
@click.option("--yes", "-y", is_flag=True, help="Don't ask.")
@click.option("--for-good", is_flag=True, help="Not into the trash: free the disk now.")
@json_option
@runs_dir_option
def rm(ids: tuple[str, ...], yes: bool, for_good: bool, as_json: bool, runs_dir: Path | None) -> None:
    """Remove runs with all they logged; asks first. `restore` takes them back for 30 days."""
    from lrtui.runs.store import StoreError

    store = open_store(runs_dir)
    chosen = chosen_runs(ids, runs_dir)
    if not yes:
        if not sys.stdin.isatty():
            raise click.UsageError("nobody is there to ask; add --yes to remove", click.get_current_context())
        what = (
            chosen[0].id
            if len(chosen) == 1
            else f"these {len(chosen)} runs: {', '.join(run.id for run in chosen)}"
        )
        click.confirm(f"Remove {what}{' for good' if for_good else ''}?", abort=True, err=True)
    with outcomes(as_json) as said:
        for run in chosen:
            try:
                gone = store.delete(run, for_good)
            except StoreError as error:
                raise Failed(str(error)) from error
            said.say(run.id, f"removed {run.id}", trashed=gone is not None)


def _document(summary: RunSummary, target: float | None = None) -> dict[str, Any]:
    """A row for scripts; when the target was reached stands in place of all that tells it for any."""
    import msgspec

    from lrtui.runs.fold import Folded, to_target

    document: dict[str, Any] = msgspec.to_builtins(summary)
    for field in ("rises", "experiment"):
        document.pop(field)
    if isinstance(summary, Folded):
        document["members"] = [each.id for each in summary.members]
    if target is not None:
        found = to_target(summary, target)
        document["target"] = target
        document["target_epoch"], document["target_seconds"] = (None, None) if found is None else found
    return document


def _model(summary: RunSummary) -> str:
    seed = "" if summary.seed is None else f"seed {summary.seed}"
    return ", ".join(part for part in (summary.model, summary.optimizer, seed) if part)


def _epochs(summary: RunSummary) -> str:
    return f"{summary.last_epoch}/{summary.epochs if summary.epochs is not None else '?'}"


def _print_table(summaries: list[RunSummary], target: float | None) -> None:
    """Aligned columns; on a terminal the schedule is cut to what fits, in a pipe it is whole."""
    from lrtui.runs.fold import Folded, to_target
    from lrtui.runs.text import printable
    from lrtui.ui.words import accuracy, age, count, duration, elide

    def best(each: RunSummary) -> str:
        spread = f" ±{each.best.deviation:.3f}" if isinstance(each, Folded) and each.best else ""
        return accuracy(each.best_test_acc) + spread

    def id_(each: RunSummary) -> str:
        return (
            f"{each.name}, {count(len(each.members), 'seed')}"
            if isinstance(each, Folded)
            else printable(each.id)
        )

    def to_goal(each: RunSummary) -> list[str]:
        if target is None:
            return []
        found = to_target(each, target)
        return ["–", "–"] if found is None else [f"{found[0]:.3g} ep", duration(found[1])]

    goal = [] if target is None else [f"≥{target:g}", "IN"]
    head = ["ID", "STATE", "EPOCHS", "BEST", *goal, "TIME", "AGE", "SCHEDULE"]
    rows = [
        [
            id_(each),
            str(each.state),
            _epochs(each),
            best(each),
            *to_goal(each),
            duration(each.duration),
            age(each.age),
            each.schedule,
        ]
        for each in summaries
    ]
    widths = [max(len(row[column]) for row in [head, *rows]) for column in range(len(head) - 1)]
    room = columns(most=1000) - sum(widths) - 2 * len(widths)
    for row in [head, *rows]:
        cells = [text.ljust(width) for text, width in zip(row, widths, strict=False)]
        last = elide(row[-1], max(room, 10)) if sys.stdout.isatty() else row[-1]
        print("  ".join([*cells, last]).rstrip())
