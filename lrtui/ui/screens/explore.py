"""Explore: compose a schedule from the catalogue, by its phases, by a form or as text, and look at it.

This class is the keys and what they open; editing and layout are in the classes it is built on. Working
curves out and drawing them is the preview pane's business, training is another screen's.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING, ClassVar

from textual import events
from textual.binding import Binding, BindingType

from lrtui.experiments.presets import preset as find_preset
from lrtui.schedules import Family, ScheduleError, family, parse
from lrtui.ui.kept_view import keep_view, recall_view
from lrtui.ui.keys import in_words, own_bindings, with_keys
from lrtui.ui.messages import TrainSchedule
from lrtui.ui.numbers import many
from lrtui.ui.outline import first_leaf, part_at
from lrtui.ui.screens.explore_places import ExplorePlaces
from lrtui.ui.widgets.catalogue import highlighted
from lrtui.ui.widgets.chart_keys import ChartKeys
from lrtui.ui.widgets.field import FieldInput
from lrtui.ui.widgets.phase_list import PhaseList

if TYPE_CHECKING:
    from lrtui.experiments.traces import Trace
    from lrtui.ui.screens.saved_panel import Outcome
    from lrtui.ui.screens.units_panel import Use


_ELSEWHERE = {
    PhaseList: "it acts on phases, {explore.phases} goes there",
    ChartKeys: "it acts on the curve, {chart.go} goes there",
}
"""Where keys are that are none on all of the screen, and the way there."""


class ExploreScreen(ExplorePlaces):
    """Catalogue, expression, phases, form, horizon and preview."""

    MODE = "explore"
    GUIDE = (
        "Put a learning-rate schedule together and see it as it will be trained.\n"
        "1 Walk through the catalogue with ↑ and ↓; {list.take} takes a schedule.\n"
        "2 Change its values in the form ({explore.phases}, {edit}), or type the expression on top "
        "({explore.expression}).\n"
        "3 {explore.warmup} puts a warmup in front, {phase.after} adds a phase after the selected one; "
        "{explore.horizon} says how long it all is.\n"
        "4 {explore.pin} pins the curve, and the next one is drawn beside it; {explore.pin-typing} does so "
        "while you type a value.\n"
        "5 {chart.go} goes to the curve, {chart.zoom-in} and {chart.zoom-out} look closer and back; "
        "{explore.jump} goes to an update, {explore.resume} shows what resuming there sees.\n"
        "6 {explore.save} saves it under a name, {undo} takes back what you did.\n"
        "7 {explore.train} goes on to training; {explore.code} shows it as code for other libraries.\n"
        "A scheduler's call of torch, optax, keras, timm or transformers can be pasted into the expression."
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("t", "train", "Train it", id="explore.train", tooltip="Go on to training this schedule"),
        Binding("k", "code", "Code", id="explore.code",
                tooltip="This schedule as code for PyTorch, Optax, Keras, Transformers or timm"),
        Binding("c", "catalogue", "Catalogue", id="explore.catalogue",
                tooltip="Go to the catalogue, or back to the phases"),
        Binding("w", "warmup", "Warmup", id="explore.warmup", tooltip="Put a warmup in front of it all"),
        Binding("p", "pin", "Pin", id="explore.pin", tooltip="Keep this curve to compare the next ones with"),
        Binding("l", "log", "Log", show=False, id="chart.log",
                tooltip="Rates on a logarithmic or linear axis"),
        Binding("x", "axis", "Axis", show=False, id="chart.axis",
                tooltip="Count in epochs or in updates along x"),
        Binding("z", "undo", "Undo", show=False, id="undo", tooltip="Undo the last change"),
        Binding("Z", "redo", "Redo", show=False, id="redo", tooltip="Take the undo back"),
        Binding("h", "page", "About", show=False, id="explore.page",
                tooltip="The catalogue's page: formula, values, references of the selected schedule"),
        Binding("n", "units", "Units", show=False, id="explore.units",
                tooltip="Calculate epochs, batches, devices and updates from each other"),
        Binding("ctrl+s", "save", "Save schedule", show=False, id="explore.save",
                tooltip="Save the schedule under a name; take or delete one that is saved"),
        Binding("o", "resume(False)", "Resume here", show=False, id="explore.resume",
                tooltip="What resuming at the cursor would look like, beside the curve; again takes it away"),
        Binding("O", "resume(True)", "Take the rest", show=False, id="explore.rest",
                tooltip="Make what is left at the cursor the schedule (from the epoch nearest to it)"),
        Binding("g", "metric", "Follow", show=False, id="explore.metric",
                tooltip="Choose the metric that plateau and greedy are drawn on: a run's, a CSV file's"),
        Binding("backspace", "unpin(False)", "Unpin", show=False, id="explore.unpin",
                tooltip="Let the last pinned curve go"),
        Binding("P", "unpin(True)", "Unpin all", show=False, id="explore.unpin-all",
                tooltip="Let all pinned curves go"),
        Binding("slash", "filter", "Filter", show=False, key_display="/", id="filter",
                tooltip="Type to find a schedule in the catalogue"),
        Binding("i", "go('expression')", "Expression", show=False, id="explore.expression",
                tooltip="Type the schedule as an expression"),
        Binding("s", "go('phases')", "Phases", show=False, id="explore.phases",
                tooltip="Select and rearrange phases"),
        Binding("H", "horizon", "Horizon", show=False, id="explore.horizon",
                tooltip="Type how long the training is: epochs and batch size"),
        Binding("v", "curve", "Curve", show=False, id="chart.go",
                tooltip="Go to the curve, to walk along it"),
        Binding("j", "jump", "Go to", show=False, id="explore.jump",
                tooltip="Type an update, an epoch or a per cent, and read the rate there"),
        Binding("f5", "pin_value", "Pin while typing", show=False, id="explore.pin-typing",
                tooltip="Pin the curve, also from within a field: what is typed next is drawn beside it"),
        Binding("escape", "back", "Back", show=False, id="back",
                tooltip="From the curve back to where you came from"),
    ]  # fmt: skip

    def on_mount(self) -> None:
        """Look at the curve as it was looked at last."""
        recall_view(self.lrtui.remembered, self.pane)

    def on_key(self, event: events.Key) -> None:
        """Say of a letter that does nothing where the focus is where it does something."""
        if not event.is_printable or event.key in self.active_bindings or self.lrtui.draft.error is not None:
            return
        way = "{help} shows every key"
        for kind, there in _ELSEWHERE.items():
            if any(event.key in binding.key.split(",") for binding in own_bindings(kind)):
                way = there
        self.line.say(with_keys(f"nothing to do here with {in_words(event.key)}: {way}"), notice=True)

    async def action_tidy(self) -> None:
        """Write the expression canonically, if it is one; read another library's call as one."""
        draft = self.lrtui.draft
        offered = self.offered
        if draft.error is not None and offered is not None and offered.schedule is not None:
            schedule = offered.schedule
            said = "; ".join(offered.notes) or f"read from {offered.what}"
            if await self.change(lambda _: (schedule, ()), said):
                self.action_leave_field()
            return
        if draft.error is None:
            draft.tidy()
            await self.update_all(say=self._about())
            self.action_leave_field()

    async def action_undo(self) -> None:
        """Undo the last change of the schedule or its horizon."""
        await self._travel(
            self.lrtui.draft.undo, "undone", with_keys("; {redo} takes it back"), "nothing to undo"
        )

    async def action_redo(self) -> None:
        """Take the undo back."""
        await self._travel(self.lrtui.draft.redo, "done again", "", "nothing to redo")

    async def _travel(self, go: Callable[[], bool], done: str, then: str, nothing: str) -> None:
        """Go back or forth, and say so, with the horizon if that is another one now."""
        draft = self.lrtui.draft
        before = draft.epochs, draft.batch_size
        if not go():
            self.line.say(nothing, notice=True)
            return
        if (draft.epochs, draft.batch_size) != before:
            done += f": {many(draft.epochs, 'epoch')} of batches of {draft.batch_size} again"
            self.horizon.show()
        await self.update_all(say=done + then, notice=True)

    def action_log(self) -> None:
        """Logarithmic or linear."""
        self.pane.toggle_log()
        keep_view(self.lrtui.remembered, self.pane)

    def action_axis(self) -> None:
        """Updates or epochs."""
        self.pane.toggle_axis()
        keep_view(self.lrtui.remembered, self.pane)

    def action_pin(self) -> None:
        """Pin the curve."""
        self.line.say(self.pane.pin(), notice=True)
        keep_view(self.lrtui.remembered, self.pane)

    def action_pin_value(self) -> None:
        """Pin the curve; in a field the next value can be typed at once."""
        self.action_pin()
        if isinstance(self.focused, FieldInput):
            self.focused.select_all()

    def action_unpin(self, every: bool) -> None:
        """Unpin the last curve, or all."""
        self.line.say(self.pane.unpin(every=every), notice=True)
        keep_view(self.lrtui.remembered, self.pane)

    async def action_code(self) -> None:
        """Open the code of the last good schedule."""
        from lrtui.ui.screens.code_panel import CodePanel

        draft = self.lrtui.draft
        stale = draft.error is not None
        await self.app.push_screen(CodePanel(draft.schedule, draft.horizon(), draft.others(), stale=stale))

    async def action_page(self) -> None:
        """Open the page of what is pointed at in the catalogue, or of the selected part."""
        from lrtui.ui.screens.family_page import FamilyPage

        pointed = (highlighted(self.catalogue) or "") if self.catalogue.has_focus_within else ""
        preset = pointed.removeprefix("preset:") if pointed.startswith("preset:") else None
        preset = preset or (None if pointed else self.lrtui.draft.preset)
        lesson = None if preset is None else find_preset(preset)
        await self.app.push_screen(FamilyPage(self._family_in_hand(pointed), lesson))

    def _family_in_hand(self, pointed: str) -> Family:
        kind, _, name = pointed.partition(":")
        if kind == "family":
            return family(name)
        if kind == "preset":
            return parse(find_preset(name).expression).phases[-1].family
        if kind == "saved" and name in self.saved:
            with suppress(ScheduleError):
                return parse(self.saved[name]).phases[-1].family
        part = part_at(self.lrtui.draft.schedule, self.path)
        return (part if part.family.role != "operator" else first_leaf(part)).family

    async def action_units(self) -> None:
        """Open the calculator; what is used there becomes the horizon."""
        from lrtui.ui.screens.units_panel import UnitsPanel

        await self.app.push_screen(UnitsPanel(self.lrtui.draft), self._use_units)

    async def _use_units(self, use: Use | None) -> None:
        if use is not None:
            self.lrtui.draft.epochs, self.lrtui.draft.batch_size = use.epochs, use.batch_size
            self.horizon.show()
            await self.on_horizon_form_changed()

    async def action_save(self) -> None:
        """Ask for a name to save the schedule under, with what is saved already."""
        from lrtui.ui.screens.saved_panel import SavedPanel

        draft = self.lrtui.draft
        name = next((name for name, text in self.saved.items() if text == str(draft.schedule)), draft.name)
        panel = SavedPanel(str(draft.schedule), name, stale=draft.error is not None)
        await self.app.push_screen(panel, self._saved_or_taken)

    async def _saved_or_taken(self, outcome: Outcome | None) -> None:
        self.read_saved()
        if outcome is not None and outcome.take:
            from lrtui.experiments.saved import saved

            self.saved = (await asyncio.to_thread(saved)).expressions
            await self.show_entry(f"saved:{outcome.take}")
        elif outcome is not None and outcome.said:
            # After the greeting, which every return to the screen brings.
            self.call_after_refresh(self.line.say, outcome.said, notice=True)

    async def action_metric(self) -> None:
        """Choose what a schedule that follows a metric is drawn on."""
        from lrtui.ui.screens.trace_panel import TracePanel

        follows = self.lrtui.draft.schedule.metric_driven
        if follows is None:
            self.line.say("only plateau and greedy follow a metric; this schedule's rates are known ahead",
                          notice=True)  # fmt: skip
            return
        await self.app.push_screen(TracePanel(self.lrtui.store, follows.values["mode"]), self._use_trace)

    def _use_trace(self, chosen: tuple[Trace | None] | None) -> None:
        if chosen is not None:
            self.pane.follow(chosen[0])

    def action_train(self) -> None:
        """Go on to training, if what is typed can be trained."""
        if self.lrtui.draft.error is None:
            self.post_message(TrainSchedule())
        else:
            self.line.blame(self.lrtui.draft.error)
            self.app.bell()
