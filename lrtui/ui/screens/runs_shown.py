"""What the Runs screen shows of the runs that are meant: their curves overlaid, or in what they differ.

Lays the screen out; following and comparing happen in threads. Which runs there are is `runs_list`'s
business, what can be done to them that of `runs_deeds`.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Static

from lrtui.runs.compare import Comparison
from lrtui.runs.compare import compare as compare_runs
from lrtui.runs.fold import PREFIX, members
from lrtui.runs.judging import is_share
from lrtui.runs.store import RunState, RunStore, RunSummary, StoreError
from lrtui.ui.following import RunsFollowed, RunsFollower, RunsLister
from lrtui.ui.keys import with_keys
from lrtui.ui.plotting.model import INK, PALETTE_SIZE
from lrtui.ui.screens.base import ModeScreen
from lrtui.ui.widgets.ask_line import AskLine
from lrtui.ui.widgets.chart_paint import pen_styles
from lrtui.ui.widgets.lines import Lines, Span
from lrtui.ui.widgets.overlaid import Drawn
from lrtui.ui.widgets.run_differences import RunDifferences
from lrtui.ui.widgets.run_overlay import RunOverlay
from lrtui.ui.widgets.run_table import RunTable

MOST_DRAWN = 40
"""Runs that are drawn and compared at most; of more that are marked, the first."""


class RunsShown(ModeScreen):
    """The table's place, and the curves of what is marked in it."""

    DEFAULT_CSS: ClassVar[str] = """
    RunsShown {
        & > RunTable { height: auto; min-height: 2; max-height: 45%; }
        &.-short > RunTable { max-height: 36%; }
        & > #about { height: 1; }
        & > #empty { height: auto; padding: 1 2; color: $text-muted; display: none; }
        &.-empty > #empty, &.-none > #empty { display: block; }
        &.-empty > RunTable, &.-empty > RunOverlay, &.-empty > #about { display: none; }
        &.-none > RunOverlay, &.-none > #about { display: none; }
        &.-differing > RunOverlay { display: none; }
        &.-differing > RunDifferences { display: block; }
        &.-empty > RunDifferences, &.-none > RunDifferences { display: none; }
    }
    """

    class Compared(Message):
        """A comparison was made."""

        def __init__(self, found: Comparison) -> None:
            super().__init__()
            self.found = found

        def can_replace(self, message: Message) -> bool:
            """Only the last one matters."""
            return isinstance(message, RunsShown.Compared)

    def __init__(self) -> None:
        super().__init__()
        self._nothing = True
        self._known: dict[str, RunSummary] = {}

    def body(self) -> Iterable[Widget]:
        """Filter, table, questions, chart."""
        store: RunStore = self.lrtui.store
        self._lister = RunsLister(store, self)
        self._follower = RunsFollower(store, self)
        overlay = RunOverlay(id="overlaid")
        yield AskLine(id="filter")
        yield RunTable(overlay.color_of, id="table")
        yield AskLine(id="ask")
        yield Lines(id="about")
        yield Static("", id="empty", markup=False)
        yield overlay
        yield RunDifferences(self._pen, id="differences")

    def compose(self) -> ComposeResult:
        """As every screen; kept here for the type of what is yielded."""
        yield from super().compose()

    @property
    def table(self) -> RunTable:
        """The table."""
        return self.query_one(RunTable)

    @property
    def overlay(self) -> RunOverlay:
        """The chart with its choices."""
        return self.query_one(RunOverlay)

    def _pen(self, color: int) -> str:
        style = pen_styles(self.overlay)[INK[f"series{color % PALETTE_SIZE}"]]
        return f"bold {style.color.name}" if style.color is not None else "bold"

    # What is drawn

    def drawn_ids(self) -> tuple[str, ...]:
        """The runs that are meant: the marked ones, else those of the chosen row."""
        chosen = self.table.selected
        return self.table.marked or (
            tuple(run.id for run in members(chosen)) if chosen is not None else ()
        )  # fmt: skip

    def _curves(self, ids: tuple[str, ...]) -> list[Drawn]:
        """A curve a run; folded, one for all its seeds that are meant."""
        groups: dict[str, list[str]] = {}
        for run_id in ids:
            run = self._known.get(run_id)
            key = PREFIX + run.experiment if run is not None and run.experiment else run_id
            groups.setdefault(key if self.table.row(key) is not None else run_id, []).append(run_id)
        found = []
        for key, run_ids in groups.items():
            row = self.table.row(key) if len(run_ids) > 1 else None
            name = "" if row is None else f"{row.name} ×{len(run_ids)}"
            found.append(Drawn(key, tuple(run_ids), name))
        return found

    def _choose(self) -> None:
        """Follow and draw what is marked, or chosen."""
        ids = self.drawn_ids()
        drawn = ids[:MOST_DRAWN]
        known = [self._known[run_id] for run_id in drawn if run_id in self._known]
        self.overlay.suit(dict.fromkeys(name for run in known for name in run.figures))
        self._follower.follow(drawn, self.overlay.wants)
        self.overlay.draw(self._curves(drawn), len(self.table.marked), len(ids) - len(drawn))
        self.table.repaint()
        self._tell()
        # It builds the footer anew, most of what a key costs: only when other keys work than before.
        if (self.table.selected is None) != self._nothing:
            self._nothing = self.table.selected is None
            self.refresh_bindings()

    @on(RunTable.Fitted)
    def _tell(self) -> None:
        """Say of the chosen run what the table has no room for."""
        run = self.table.selected
        if run is None:
            self.query_one("#about", Lines).show([[("", "")]])
            return
        seed = "" if run.seed is None else f"seed {run.seed}"
        parts = [part for part in (run.model, run.optimizer, seed, run.data) if part]
        line: list[Span] = []
        # First what somebody looks for at the end of a line too long: why it failed, what was noted.
        if run.reason and run.state.ended and run.state is not RunState.COMPLETED:
            line.append(("  " + run.reason, "$warning"))
        if run.tags:
            line.append(("  " + " ".join(f"#{tag}" for tag in run.tags), "$accent"))
        if run.notes:
            line.append(("  “" + run.notes.split("\n")[0] + "”", "italic"))
        line.append(("  " + ", ".join([*self.table.cut(run), *parts]), "dim"))
        self.query_one("#about", Lines).show([line])

    # The chart, or what differs

    def on_runs_followed(self, event: RunsFollowed) -> None:
        """Draw what is new."""
        self.overlay.take(event.views)

    def on_run_overlay_looked(self, event: RunOverlay.Looked) -> None:
        """The chart was zoomed: read the detail of what is seen."""
        self._follower.look(event.span)

    def on_run_overlay_picked(self, event: RunOverlay.Picked) -> None:
        """A curve was picked on the chart: choose its run."""
        if event.key is not None:
            self.table.select(event.key)

    def differ(self, shown: bool) -> None:
        """Show what differs in place of the chart, or the chart again."""
        if not shown and self.focused is self.query_one(RunDifferences):
            self.table.focus()
        self.set_class(shown, "-differing")
        if shown:
            self._compare()

    def _compare(self) -> None:
        ids = self.drawn_ids()[:MOST_DRAWN]
        if len(ids) < 2:
            self.query_one(RunDifferences).say(
                with_keys("  {runs.mark} marks runs; of two and more this says what differs")
            )
            return
        metric = self.overlay.metric
        self._work_out(ids, metric, self.table.target if is_share(metric) else None)

    @work(thread=True, exclusive=True, group="compare", exit_on_error=False)
    def _work_out(self, ids: tuple[str, ...], metric: str, target: float | None) -> None:
        runs = []
        for run_id in ids:
            try:
                runs.append(self.lrtui.store.get(run_id))
            except (StoreError, OSError):
                continue  # deleted meanwhile
        self.post_message(self.Compared(compare_runs(runs, metric, target)))

    @on(Compared)
    def _compared(self, event: Compared) -> None:
        self.query_one(RunDifferences).compare(event.found, self.overlay.color_of_run)
