"""Places on Explore's curve: going to one and back, and what a training that goes on from there would see.

The cursor and what is drawn at it belong to the preview pane.
"""

from __future__ import annotations

from textual import on
from textual.widget import Widget

from lrtui.schedules import Length, ScheduleError
from lrtui.ui.keys import key_for, with_keys
from lrtui.ui.numbers import many
from lrtui.ui.resuming import rest
from lrtui.ui.screens.explore_editing import ExploreEditing
from lrtui.ui.widgets.ask_line import AskLine


class ExplorePlaces(ExploreEditing):
    """To the curve, along it, and back."""

    def __init__(self) -> None:
        """Begin away from the curve."""
        super().__init__()
        self._came_from: Widget | None = None

    def action_curve(self) -> None:
        """Go to the curve, remembering from where."""
        if self.focused is not self.pane.chart:
            self._came_from = self.focused
            self.set_focus(self.pane.chart)

    def action_back(self) -> None:
        """From the curve back to where the person came from, else to the phases."""
        before, self._came_from = self._came_from, None
        if before is not None and before.is_attached and before.focusable:
            self._go(before)
        else:
            self.action_leave_field()

    def action_jump(self) -> None:
        """Ask for a place on the curve."""
        self.action_curve()
        self.ask.ask("place", "Go to", hint="an update such as 1000, or 5ep, or 50%")

    @on(AskLine.Changed, "#ask")
    def _jumping(self, event: AskLine.Changed) -> None:
        """Say what doesn't make sense; until then the cursor follows what is typed."""
        self._jump(event.text)

    @on(AskLine.Answered, "#ask")
    def _jumped(self, event: AskLine.Answered) -> None:
        """Go there."""
        if self._jump(event.text):
            self._leave_question()

    @on(AskLine.Left, "#ask")
    def _leave_question(self) -> None:
        """Back to the curve."""
        self.ask.close()
        self.set_focus(self.pane.chart)

    def _jump(self, text: str) -> bool:
        """Put the cursor at a place that was typed; return whether there is such a place."""
        horizon = self.lrtui.draft.horizon()
        try:
            update = Length.parse(text).resolve(horizon)
        except ScheduleError:
            self.ask.note("such as 500, 5ep or 50%" if text.strip() else "", wrong=True)
            return False
        if update >= horizon.total and text.strip() != "100%":
            self.ask.note(f"the last update is {horizon.total - 1:,}", wrong=True)
            return False
        self.ask.note("")
        self.pane.go_to(min(update, horizon.total - 1))
        return True

    async def action_resume(self, take: bool) -> None:
        """Draw what is left at the cursor beside the curve, or make it the schedule."""
        draft, horizon, update = self.lrtui.draft, self.lrtui.draft.horizon(), self.pane.cursor_update
        if update is None:
            shown = self.pane.resumed is not None
            self.pane.resume(None)
            way = with_keys(
                "put the cursor where training stopped: {explore.jump} and the update, or {chart.go} and "
                "{chart.left} {chart.right}; then {explore.resume}"
            )
            self.line.say("" if shown and not take else way, notice=True)
            return
        try:
            left_over = rest(draft.schedule, horizon, update)
        except ScheduleError as error:
            self.line.say(f"what is left can't be written: {error}", notice=True)
            return
        per_epoch = draft.steps_per_epoch
        epochs = min(max(round(update / per_epoch), 1), draft.epochs - 1)
        if not take:
            again = self.pane.resumed == update
            self.pane.resume(None if again else update)
            words = f"{many(horizon.total - update, 'update')} left, {key_for('explore.resume')} hides them"
            if epochs > 0:
                take_it = key_for("explore.rest")
                words += f"; {take_it} makes what is left after {many(epochs, 'epoch')} the schedule"
            self.line.say("" if again else f"{words}: {left_over}", notice=True)
            return
        if epochs < 1:
            self.line.say("nothing is left of a single epoch", notice=True)
            return
        left = draft.epochs - epochs
        said = f"what is left after {many(epochs, 'epoch')}; the horizon is {many(left, 'epoch')} now"
        if await self.change(lambda s: (rest(s, horizon, epochs * per_epoch), ()), said, epochs=left):
            self.pane.resume(None)
        self.horizon.show()
