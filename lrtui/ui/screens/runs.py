"""The Runs screen: every run in a table, any number of them on one chart, and all that is done to them.

Here are its keys; what is seen is in `runs_list`, what is done in `runs_labels` and `runs_deeds`.
"""

from __future__ import annotations

from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.widgets import Input

from lrtui.ui.messages import UseSchedule
from lrtui.ui.screens.export_dialog import ExportDialog
from lrtui.ui.screens.runs_deeds import RunsDeeds
from lrtui.ui.screens.trash_view import TrashView


class RunsScreen(RunsDeeds):
    """Every run, the curves of those that are marked, and what can be done with them."""

    MODE = "runs"
    FILLS = 5.0
    GUIDE = (
        "{list.up} and {list.down} choose a run, {runs.mark} marks it: the chart overlays all marked runs, "
        "or shows the chosen one. {runs.metric} and {chart.axis} choose what is drawn against what, "
        "{chart.smooth} smooths, {chart.go} goes to the chart and picks a curve. {runs.judge} judges runs by "
        "the metric on the chart. {filter} finds runs (schedule:cosine acc>0.89 tag:good), "
        "{runs.differences} says in what marked runs differ, {runs.fold} takes seeds together. {runs.open} "
        "opens a run in Train, {run.use} its schedule in Explore, {run.export} exports; {run.again} trains a "
        "run again or goes on with it. {list.delete} deletes, {undo} undoes it."
    )
    AUTO_FOCUS = "RunTable"

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "open", "Open", id="runs.open", tooltip="Open the run in Train, live if it is"),
        Binding("slash", "filter", "Filter", id="filter", key_display="/",
                tooltip="Show only some runs: schedule:cosine acc>0.89 tag:good -state:crashed"),
        # The bar over the chart shows m, x, y and l with what they choose.
        Binding("m", "metric(1)", "Metric", id="runs.metric", show=False, tooltip="Draw the next metric"),
        Binding("M", "metric(-1)", "Metric before", id="runs.metric.before", show=False,
                tooltip="Draw the metric before"),
        Binding("x", "x_axis", "Axis", id="chart.axis", show=False,
                tooltip="Draw against epochs, updates, examples or time"),
        Binding("y", "smooth", "Smooth", id="chart.smooth", show=False,
                tooltip="Smooth the curves, with the raw ones behind; again for more, or none"),
        Binding("l", "log", "Log", id="chart.log", show=False, tooltip="Logarithmic y axis"),
        Binding("b", "judge", "Best by", id="runs.judge", show=False,
                tooltip="Let the table's best, final and area be those of the metric on the chart, and back"),
        Binding("v", "curve", "Curve", id="chart.go", show=False,
                tooltip="Go to the chart and pick a curve there, to read it or to pick others"),
        Binding("D", "differences", "Differ", id="runs.differences",
                tooltip="In what the marked runs differ, in place of the chart"),
        Binding("c", "clear", "Clear", id="runs.clear", show=False, tooltip="Take all marks away"),
        Binding("e", "export", "Export", id="run.export",
                tooltip="Export the marked runs, or the chosen one"),
        Binding("d,delete", "delete", "Delete", id="list.delete", key_display="d",
                tooltip="Put the marked runs, or the chosen one, into the trash"),
        Binding("z", "undelete", "Undo", id="undo", show=False,
                tooltip="Take back what was deleted last"),
        Binding("T", "trash", "Trash", id="runs.trash", show=False,
                tooltip="What was deleted: take runs back, or delete them for good"),
        Binding("s", "again", "Again", id="run.again",
                tooltip="Let the run go on, train it further or otherwise, or repeat it"),
        Binding("S", "stop", "Stop", id="run.stop", key_display="S", show=False,
                tooltip="Stop the chosen run after its present update, or the marked ones"),
        Binding("p", "pause", "Pause", id="run.pause", show=False,
                tooltip="Pause the chosen run, or let it go on"),
        Binding("u", "use", "Use schedule", id="run.use", tooltip="Open the run's schedule in Explore"),
        Binding("t", "tag", "Tags", id="runs.tag", show=False,
                tooltip="Change the tags of the chosen run, or add some to the marked ones"),
        Binding("n", "note", "Notes", id="runs.note", show=False, tooltip="Write notes about the chosen run"),
        Binding("r", "rename", "Rename", id="runs.rename", show=False,
                tooltip="Give the chosen run another name; its id stays"),
        Binding("G", "target", "Target", id="runs.target", show=False,
                tooltip="Set the test accuracy that the column ≥ says the epoch of"),
        Binding("escape", "back", "Back", id="back", show=False,
                tooltip="Back to the chart, let a picked curve go, take the filter away"),
    ]  # fmt: skip

    # The chart

    def action_metric(self, by: int) -> None:
        """Draw the next metric."""
        self.overlay.next_metric(by)
        self._choose()
        self.keep()
        self.differ(self.has_class("-differing"))

    def action_x_axis(self) -> None:
        """Draw against the next kind of x."""
        self.overlay.next_x()
        self._choose()
        self.keep()

    def action_smooth(self) -> None:
        """Smooth more, or not at all."""
        self.overlay.next_weight()
        self._choose()
        self.keep()

    def action_log(self) -> None:
        """Switch the y axis between linear and logarithmic."""
        self.overlay.toggle_log()
        self.keep()

    def action_curve(self) -> None:
        """Go to the chart; of several curves pick that of the chosen run, or the uppermost."""
        chart = self.overlay.chart
        self.differ(False)
        if not chart.display or not chart.keys:
            return
        chart.focus()
        if len(chart.keys) > 1 and self.overlay.picked is None:
            row = self.table.selected
            if row is not None and self.overlay.color_of(row.id) is not None:
                self.overlay.pick(row.id)
            else:
                chart.action_pick(-1)

    def action_judge(self) -> None:
        """Judge runs by the metric on the chart, or as before."""
        self.judge_by(self.overlay.metric)

    def action_differences(self) -> None:
        """Show what differs in place of the chart, or the chart again."""
        self.differ(not self.has_class("-differing"))

    # The list

    def action_filter(self) -> None:
        """Ask for a filter, with the one in force to change."""
        line = self.filter_line
        text = line.text if line.question else ""
        line.ask("filter", "Filter", text, "schedule:cosine acc>0.89 tag:good -state:crashed")
        self._show_list()

    def action_back(self) -> None:
        """Leave what is in the way, one thing at a time."""
        if self.has_class("-differing"):
            self.differ(False)
        elif self.overlay.picked is not None:
            self.overlay.pick(None)
        elif self.focused is self.overlay.chart:
            self.table.focus()
        elif self.filter_line.question:
            self.unfilter()

    def action_clear(self) -> None:
        """Take all marks away."""
        self.table.clear_marks()

    def action_target(self) -> None:
        """Ask for the target."""
        self.target()

    # What can be done with a run

    def action_open(self) -> None:
        """Open the chosen run in Train."""
        row = self.table.selected
        if row is not None:
            self.open(row.id)

    def action_use(self) -> None:
        """Open the chosen run's schedule in Explore, over the run's epochs."""
        run = self.chosen
        if run is not None and run.schedule:
            length = (run.epochs, run.batch_size) if run.epochs and run.batch_size else None
            self.post_message(UseSchedule(run.schedule, run.preset, length))

    def action_export(self) -> None:
        """Export the marked runs, or the chosen one."""
        ids = self.drawn_ids()
        if ids:
            overlay = self.overlay
            self.app.clear_notifications()
            self.app.push_screen(
                ExportDialog(
                    self.lrtui.store, ids, metric=overlay.metric, x=overlay.x, log=overlay.logarithmic
                )
            )

    def action_delete(self) -> None:
        """Put runs into the trash."""
        self.delete()

    def action_undelete(self) -> None:
        """Take back what was deleted last."""
        self.undelete()

    def action_trash(self) -> None:
        """Show what was deleted."""

        def closed(restored: bool | None) -> None:
            if restored:
                self._lister.wake()

        self.app.clear_notifications()  # they would lie on its buttons
        self.app.push_screen(TrashView(self.lrtui.store), closed)

    def action_again(self) -> None:
        """Train the chosen run again."""
        self.again()

    def action_stop(self) -> None:
        """Stop the chosen run, or the marked ones."""
        self.stop()

    def action_pause(self) -> None:
        """Pause the chosen run, or let it go on."""
        run = self.chosen
        self.command("resume" if run is not None and run.state.value == "paused" else "pause")

    def action_tag(self) -> None:
        """Change tags."""
        self.tag()

    def action_note(self) -> None:
        """Write notes."""
        self.note()

    def action_rename(self) -> None:
        """Give another name."""
        self.rename()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002
        """Offer only what can be done now."""
        needs = ("open", "export", "delete", "use", "metric", "x_axis", "log", "again", "differences")
        if action in needs and self.is_mounted:
            return self.table.selected is not None
        if action == "filter":  # what is typed into a field has a slash of its own
            return not isinstance(self.focused, Input)
        return True
