"""The Runs screen's list: every run there is, and the filter that shows some of them.

Runs started elsewhere appear by themselves; listing happens in a thread. What is drawn of them is in
`runs_shown`, what can be done to them in `runs_deeds`, the keys are the screen's.
"""

from __future__ import annotations

import time

import msgspec
from textual import on
from textual.widgets import Static

from lrtui.runs.filter import Filter, FilterError, parse_filter, unfinished
from lrtui.runs.fold import members
from lrtui.runs.judging import can_judge, most_common
from lrtui.runs.store import RunSummary
from lrtui.ui import words
from lrtui.ui.following import RunsListed
from lrtui.ui.kept_runs import keep_runs, recall_runs
from lrtui.ui.keys import key_for, with_keys
from lrtui.ui.messages import ShowRun
from lrtui.ui.screens.runs_shown import RunsShown
from lrtui.ui.widgets.ask_line import AskLine
from lrtui.ui.widgets.overlaid import short
from lrtui.ui.widgets.run_table import RunTable


class RunsList(RunsShown):
    """Every run, or those that pass a filter."""

    def __init__(self) -> None:
        super().__init__()
        self._runs: tuple[RunSummary, ...] = ()
        self._passes: Filter = parse_filter("")
        self._terms = ""
        """The filter that is in force, as it was typed; the last good one while a wrong one stands there."""
        self.judge: str | None = None
        """The metric a person chose to judge runs by; None for what most of them have."""
        self.awaited: str | None = None
        """A run that is to be chosen as soon as it is listed."""
        self._metrics: frozenset[str] = frozenset()

    @property
    def filter_line(self) -> AskLine:
        """The line of the filter."""
        return self.query_one("#filter", AskLine)

    # Coming and going

    def on_mount(self) -> None:
        """Look at runs as before. Ages go on while nothing else does; it costs only what reads otherwise."""
        self.judge = recall_runs(self.lrtui.remembered, self.overlay, self.table)
        self.set_interval(20, self._older)

    def keep(self) -> None:
        """Remember how runs are looked at."""
        keep_runs(self.lrtui.remembered, self.overlay, self.table, self.judge)

    def on_screen_resume(self) -> None:
        """Look again."""
        self._lister.start()
        self._follower.start()

    def on_screen_suspend(self) -> None:
        """Read nothing while nobody looks."""
        self._lister.stop()
        self._follower.stop()

    def on_unmount(self) -> None:
        """Stop reading."""
        self.on_screen_suspend()

    def _older(self) -> None:
        if not self.is_current:
            return
        now = time.time()
        if "age" in self._terms:
            self._runs = tuple(
                msgspec.structs.replace(run, age=max(now - run.created, 0.0)) for run in self._runs
            )
            self._show_list()
        self.table.age(now)

    # The list

    def on_runs_listed(self, event: RunsListed) -> None:
        """Show the list as it is now."""
        self._runs = event.runs
        self._known = {run.id: run for run in event.runs}
        self._metrics = frozenset(name for run in event.runs for name in run.figures)
        self.judged()
        self.set_class(not event.runs, "-empty")
        if not event.runs:
            self.query_one("#empty", Static).update(
                event.error
                or f"No runs yet in {self.lrtui.store.root}.\n\n{key_for('go.train')} trains one; so does "
                "`lrtui train` in any terminal, and it appears here by itself. "
                f"{key_for('runs.trash')} shows what was deleted."
            )  # fmt: skip
        self._show_list()
        if self.awaited in self._known:
            self.table.select(self.awaited or "")
            self.awaited = None
        if self.focused is None and event.runs:
            self.table.focus()
        if self.has_class("-differing"):
            self._compare()
        self.filled()

    def judged(self) -> None:
        """Let the table judge runs by the metric chosen, if any has it, or else by what most have."""
        chosen = self.judge if self.judge in self._metrics else None
        self.table.metric = chosen or most_common(run.figures for run in self._runs)

    def judge_by(self, metric: str) -> None:
        """Judge runs by a metric; if they are judged by it already, by what most of them have."""
        name, another = short(metric), with_keys("{runs.metric} draws another metric")
        if not can_judge(metric):
            self.notify(f"{name} says nothing of how good a run is: {another}", markup=False)
            return
        before = self.table.metric
        self.judge = None if metric == before else metric
        self.judged()
        if self.table.metric == before:
            self.notify(f"Runs are judged by {name} already: {another}", markup=False)
        self.keep()

    def _show_list(self) -> None:
        passed = [run for run in self._runs if self._passes(run)]
        self.table.show(passed, known=self._known)
        if self._terms and not self.filter_line.wrong:
            self.filter_line.note(f"{len(passed):,} of {words.count(len(self._runs), 'run')}")
        self.set_class(bool(self._runs) and not passed and not self.table.marked, "-none")
        if self.has_class("-none"):
            self.query_one("#empty", Static).update(
                with_keys("No run passes the filter. {back} takes it away.")
            )
        self._choose()

    def on_run_table_highlighted(self) -> None:
        """Another run is chosen; without marks the chart shows it."""
        if self.overlay.picked is not None:
            self.overlay.pick(self.table.selected.id if self.table.selected else None)
        self._choose()

    def on_run_table_marked(self) -> None:
        """Other runs are marked, or seeds are folded."""
        self._choose()
        self.keep()
        if self.has_class("-differing"):
            self._compare()

    def on_run_overlay_wanted(self) -> None:
        """Another metric or axis was clicked."""
        self._choose()
        self.keep()

    def on_run_table_sorted(self) -> None:
        """The list has another order."""
        self.keep()

    def on_run_table_opened(self, event: RunTable.Opened) -> None:
        """A double click opens."""
        self.open(event.run_id)

    def open(self, row_id: str) -> None:
        """Show a row's run in Train; of several seeds the newest."""
        run = self.newest(row_id)
        if run is not None:
            self.post_message(ShowRun(run.id))

    def newest(self, row_id: str) -> RunSummary | None:
        """The run of a row; of several seeds the newest."""
        row = self.table.row(row_id)
        return None if row is None else max(members(row), key=lambda run: (run.created, run.id))

    # The filter

    @on(AskLine.Changed, "#filter")
    def _filter(self, event: AskLine.Changed) -> None:
        """Filter with what is typed; a wrong filter says so, and the last good list stays."""
        if not unfinished(event.text, self._metrics):
            self._apply(event.text)

    def _apply(self, text: str) -> None:
        try:
            passes = parse_filter(text, self._metrics)
        except FilterError as error:
            self.filter_line.note(str(error), wrong=True)
            return
        self._passes, self._terms = passes, text.strip()
        self.filter_line.note("")
        self._show_list()

    @on(AskLine.Answered, "#filter")
    def _filtered(self) -> None:
        """Enter goes to the list; a filter that says nothing goes away."""
        self._apply(self.filter_line.text)
        if not self.filter_line.text.strip():
            self.filter_line.close()
        self.table.focus()

    @on(AskLine.Left, "#filter")
    def unfilter(self) -> None:
        """Show every run again."""
        self._passes, self._terms = parse_filter(""), ""
        self.filter_line.close()
        self.table.focus()
        self._show_list()
