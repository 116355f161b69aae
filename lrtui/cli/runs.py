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
@click.option(
    "--metric",
    metavar="NAME",
    help="Judge by this metric, of losses the least; left out, by test_acc or what most runs have.",
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
    metric: str | None,
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
    from lrtui.runs.judging import most_common
    from lrtui.runs.store import StoreError
    from lrtui.runs.text import printable

    with wrong_input(ValueError, option="--target"):
        goal = None if target is None else accuracy_target(target)
    store = open_store(runs_dir)
    with wrong_input(StoreError):
        everything = store.summaries()
        if any(str(each.state) == "queued" for each in everything):
            from lrtui.runs.queue import tend

            if tend(store):
                everything = store.summaries()
    known = {name: None for each in everything for name in each.figures}
    with wrong_input(FilterError, option="--filter"):
        passes = parse_filter(only or "", known)
    if metric is not None and metric not in known and everything:
        have = f"they have {', '.join(map(printable, known))}" if known else "they have none yet"
        raise click.UsageError(f"--metric {printable(metric)}: no run has it; {have}", ctx)
    summaries = [each for each in everything if passes(each)]
    judge = metric or most_common(each.figures for each in summaries)
    if seeds:
        summaries = fold(summaries, judge)
    if as_json:
        print(json.dumps([_document(each, goal) for each in summaries], allow_nan=False))
    elif summaries:
        _print_table(summaries, judge, goal)
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
    from lrtui.ui.words import duration, moment

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
        *_judged(summary),
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
    document["figures"] = {name: msgspec.structs.asdict(each) for name, each in summary.figures.items()}
    if isinstance(summary, Folded):
        document["members"] = [each.id for each in summary.members]
    if target is not None:
        found = to_target(summary, target)
        document["target"] = target
        document["target_epoch"], document["target_seconds"] = (None, None) if found is None else found
    return document


def _judged(summary: RunSummary) -> list[tuple[str, str]]:
    """The accuracy on the test data, as of every run of lrtui's own; of others, all that they measured."""
    from lrtui.runs.judging import MAIN
    from lrtui.ui.words import judged

    names = [MAIN] if MAIN in summary.figures or not summary.figures else list(summary.figures)
    rows = []
    for name in names:
        found = summary.judged(name)
        what = "accuracy" if name == MAIN else name
        text = f"{what} best {judged(found.best, name)}, last {judged(found.final, name)}"
        rows.append(("test" if name == MAIN else "figures", text))
    return rows


def _model(summary: RunSummary) -> str:
    seed = "" if summary.seed is None else f"seed {summary.seed}"
    return ", ".join(part for part in (summary.model, summary.optimizer, seed) if part)


def _epochs(summary: RunSummary) -> str:
    return f"{summary.last_epoch}/{summary.epochs if summary.epochs is not None else '?'}"


def _print_table(summaries: list[RunSummary], metric: str, target: float | None) -> None:
    """Aligned columns; on a terminal the schedule is cut to what fits, in a pipe it is whole."""
    from lrtui.runs.fold import Folded, to_target
    from lrtui.runs.judging import MAIN
    from lrtui.runs.text import printable
    from lrtui.ui.words import age, count, deviation, duration, elide, judged

    def best(each: RunSummary) -> str:
        known = each.best if isinstance(each, Folded) else None
        spread = "" if known is None or known.count < 2 else f" {deviation(known.deviation, metric)}"
        return judged(each.judged(metric).best, metric) + spread

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
    judge = "BEST" if metric == MAIN else f"BEST {printable(metric, 30)}"
    head = ["ID", "STATE", "EPOCHS", judge, *goal, "TIME", "AGE", "SCHEDULE"]
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
