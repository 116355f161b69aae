"""Explore: compose a schedule from the catalogue, by its phases, by a form or as text, and look at it.

The draft's schedule is the one truth; every widget here shows it, and every change goes through it. Working
curves out and drawing them is the preview pane's business, training is another screen's.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.widget import Widget
from textual.widgets import Input

from lrtui.experiments.presets import preset as find_preset
from lrtui.schedules import Schedule, ScheduleError, family, parse
from lrtui.ui import rearrange
from lrtui.ui.messages import TrainSchedule
from lrtui.ui.outline import Path, nearest_path, outline, part_at, with_part
from lrtui.ui.screens.base import ModeScreen
from lrtui.ui.widgets.catalogue import Catalogue, CatalogueList, FilterInput, How
from lrtui.ui.widgets.expression_input import ExpressionInput, ExpressionLine
from lrtui.ui.widgets.horizon_form import HorizonForm
from lrtui.ui.widgets.parameter_form import ParameterForm
from lrtui.ui.widgets.phase_list import PhaseList
from lrtui.ui.widgets.preview_pane import PreviewPane

WIDE = 110
"""From this many columns on catalogue and parts stand side by side; as the app's -wide breakpoint."""


class ExploreScreen(ModeScreen):
    """Catalogue, expression, phases, form, horizon and preview."""

    MODE = "explore"
    GUIDE = (
        "Put a learning-rate schedule together and see it as it will be trained.\n"
        "1 Walk through the catalogue with ↑ and ↓; enter takes a schedule.\n"
        "2 Change its values in the form, or type the expression on top.\n"
        "3 w puts a warmup in front, a adds a phase after the selected one.\n"
        "4 p pins the curve, and the next one is drawn beside it.\n"
        "5 t goes on to training."
    )
    AUTO_FOCUS = "#entries"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("t", "train", "Train", id="explore.train", tooltip="Go on to training this schedule"),
        Binding("c", "catalogue", "Catalogue", id="explore.catalogue",
                tooltip="Go to the catalogue, or back to the phases"),
        Binding("w", "warmup", "Warmup", id="explore.warmup", tooltip="Put a warmup in front of it all"),
        Binding("p", "pin", "Pin", id="explore.pin", tooltip="Keep this curve to compare the next ones with"),
        Binding("l", "log", "Log", id="explore.log", tooltip="Rates on a logarithmic or linear axis"),
        Binding("x", "axis", "Axis", id="explore.axis", tooltip="Count in epochs or in updates along x"),
        Binding("z", "undo", "Undo", show=False, id="explore.undo", tooltip="Undo the last change"),
        Binding("Z", "redo", "Redo", show=False, id="explore.redo", tooltip="Take the undo back"),
        Binding("backspace", "unpin(False)", "Unpin", show=False, id="explore.unpin",
                tooltip="Let the last pinned curve go"),
        Binding("P", "unpin(True)", "Unpin all", show=False, id="explore.unpin_all",
                tooltip="Let all pinned curves go"),
        Binding("slash", "filter", "Filter", show=False, key_display="/", id="explore.filter",
                tooltip="Type to find a schedule in the catalogue"),
        Binding("i", "go('expression')", "Expression", show=False, id="explore.expression",
                tooltip="Type the schedule as an expression"),
        Binding("s", "go('phases')", "Phases", show=False, id="explore.phases",
                tooltip="Select and rearrange phases"),
        Binding("v", "go('preview')", "Curve", show=False, id="explore.curve",
                tooltip="Go to the curve: left and right walk along it"),
    ]  # fmt: skip
    DEFAULT_CSS: ClassVar[str] = """
    ExploreScreen {
        & #main { height: 1fr; }
        & #catalogue { width: 28; }
        & #parts { width: 34; }
        & #form { height: 1fr; min-height: 3; }
        & #view { width: 1fr; }
        & #catalogue, & #phases, & #form, & #horizon {
            border: none;
            border-top: solid $border-blurred;
            border-title-color: $foreground;
            padding: 0 1 0 1;
        }
        & #catalogue:focus-within, & #phases:focus, & #form:focus-within, & #horizon:focus-within {
            border-top: solid $primary;
            border-title-color: $primary;
            border-title-style: bold;
        }
        & #phases { padding: 0; }
        &.-narrow #parts, &.-narrow #catalogue { width: 29; }
        &.-very-wide #catalogue { width: 32; }
        &.-very-wide #parts { width: 44; }
        &.-short #phases { max-height: 7; }
    }
    """

    def __init__(self) -> None:
        """Begin with the catalogue open and the last phase selected."""
        super().__init__()
        self.path: Path = ()
        self._how: How = "use"
        self._browsing = True

    def body(self) -> Iterable[Widget]:
        """Expression on top; catalogue, parts and preview side by side."""
        draft = self.lrtui.draft
        self.line = ExpressionLine(draft.expression, id="line")
        self.catalogue = Catalogue(id="catalogue")
        self.phases = PhaseList(id="phases")
        self.form = ParameterForm(id="form")
        self.horizon = HorizonForm(draft, id="horizon")
        self.pane = PreviewPane(id="view")
        yield self.line
        with Horizontal(id="main"):
            yield self.catalogue
            self.parts = Vertical(self.phases, self.form, self.horizon, id="parts")
            yield self.parts
            yield self.pane

    async def on_screen_resume(self) -> None:
        """Show the draft as it is now: another screen may have changed it."""
        self.horizon.show()
        await self.update_all(say=self._greeting())

    async def draft_changed(self) -> None:
        """The app says that the draft is another one."""
        await self.on_screen_resume()

    def _greeting(self) -> str:
        if self.lrtui.draft.untouched and self.lrtui.draft.preset is None:
            return "↑ ↓ walk through the catalogue, enter takes a schedule; F1 explains everything"
        return self._about()

    def on_mount(self) -> None:
        """Point at the family that is shown."""
        self.catalogue.point_at(f"family:{self.lrtui.draft.schedule.phases[-1].family.name}")

    # One way for every change to reach every widget

    async def update_all(self, *, typed: bool = False, say: str | None = None, notice: bool = False) -> None:
        """Show the draft everywhere; `typed` leaves the expression line as the person typed it."""
        draft = self.lrtui.draft
        horizon = draft.horizon()
        if not typed:
            self.line.write(draft.expression)
        if draft.error is not None:
            self.line.blame(draft.error)
        elif say is not None or typed:
            self.line.say(say or self._about(), notice=notice)
        self.path = nearest_path(draft.schedule, self.path)
        self.phases.show(outline(draft.schedule, horizon), self.path)
        await self.form.show(part_at(draft.schedule, self.path), self.path)
        self.pane.show(draft.schedule, horizon, stale=draft.error is not None)

    def _about(self) -> str:
        draft = self.lrtui.draft
        if draft.preset is not None:
            return find_preset(draft.preset).lesson
        return part_at(draft.schedule, nearest_path(draft.schedule, self.path)).family.summary

    async def change(self, make: Callable[[Schedule], rearrange.Change], said: str = "") -> bool:
        """Put a change made from the last good schedule into the draft, or say why it can't be."""
        try:
            schedule, path = make(self.lrtui.draft.schedule)
            self.lrtui.draft.put(schedule)
        except ScheduleError as error:
            self.line.say(error.message, notice=True)
            return False
        self.path = path
        await self.update_all(say=said or self._about())
        return True

    # The expression, the form, the horizon

    async def on_input_changed(self, event: Input.Changed) -> None:
        """Follow the expression keystroke by keystroke."""
        if isinstance(event.input, ExpressionInput):
            self.lrtui.draft.type(event.value)
            await self.update_all(typed=True)

    async def on_parameter_form_changed(self, event: ParameterForm.Changed) -> None:
        """Put a value into its part; one that doesn't fit the rest marks its field."""
        draft = self.lrtui.draft
        try:
            part = part_at(draft.schedule, event.path).replace(**{event.name: event.value})
            draft.put(with_part(draft.schedule, event.path, part), burst=(event.path, event.name))
        except (ScheduleError, IndexError) as error:
            self.form.mark(event.name, str(error))
            return
        await self.update_all(say=self._about())

    async def on_horizon_form_changed(self) -> None:
        """Look at everything on the new horizon."""
        self.lrtui.draft.recheck()
        await self.update_all(typed=True)

    async def on_preview_pane_failed(self, event: PreviewPane.Failed) -> None:
        """Say what only showed when every update was looked at."""
        self.lrtui.draft.error = event.error
        self.line.blame(event.error)

    # The catalogue

    async def on_catalogue_pointed(self, event: Catalogue.Pointed) -> None:
        """Show what is pointed at: at once as long as nothing is lost by it, else in words."""
        if self.lrtui.draft.untouched and self._how == "use":
            await self._show_entry(event.key)
        else:
            self.line.say(_entry_words(event.key))

    async def on_catalogue_chosen(self, event: Catalogue.Chosen) -> None:
        """Take an entry: a preset as the whole schedule, a family where it belongs."""
        how = event.how if event.how != "use" else self._how
        kind, _, name = event.key.partition(":")
        if kind == "preset" or (how == "use" and self.lrtui.draft.untouched and family(name).role == "shape"):
            await self._show_entry(event.key)
        elif not await self.change(lambda s: self._placed(s, name, how), _entry_words(event.key)):
            return
        self._reset_how()
        if self._narrow:
            self.action_go("phases")

    def _placed(self, schedule: Schedule, name: str, how: How) -> rearrange.Change:
        kind = family(name)
        if how == "use" or kind.role == "combinator":
            return rearrange.change_family(schedule, self.path, kind)
        new = rearrange.new_part(kind)
        return rearrange.add(schedule, self.path, new, self.lrtui.draft.horizon(), after=how == "after")

    async def _show_entry(self, key: str) -> None:
        draft = self.lrtui.draft
        kind, _, name = key.partition(":")
        try:
            if kind == "preset":
                found = find_preset(name)
                draft.epochs = found.epochs
                draft.put(parse(found.expression), untouched=True, preset=name)
                self.horizon.show()
            elif family(name).role == "shape":
                draft.put(rearrange.new_part(family(name)), untouched=True)
        except ScheduleError as error:
            self.line.say(error.message, notice=True)
            return
        self.path = ()
        await self.update_all(say=_entry_words(key))

    def _reset_how(self) -> None:
        self._how = "use"
        self.catalogue.border_title = "Catalogue"

    # Phases

    async def on_phase_list_picked(self, event: PhaseList.Picked) -> None:
        """Show the form of the part that was selected."""
        self.path = event.path
        await self.form.show(part_at(self.lrtui.draft.schedule, self.path), self.path)
        if self.lrtui.draft.error is None:
            self.line.say(self._about())

    def on_phase_list_entered(self) -> None:
        """Go on to the values."""
        self.form.focus_first()

    async def action_part(self, what: str) -> None:
        """Do something to the selected part."""
        path, horizon = self.path, self.lrtui.draft.horizon()
        acts: dict[str, Callable[[Schedule], rearrange.Change]] = {
            "delete": lambda s: rearrange.delete(s, path),
            "duplicate": lambda s: rearrange.duplicate(s, path, horizon),
            "earlier": lambda s: rearrange.move(s, path, -1),
            "later": lambda s: rearrange.move(s, path, 1),
            "unwrap": lambda s: rearrange.unwrap(s, path),
        }
        await self.change(acts.get(what) or (lambda s: rearrange.wrap(s, path, what)))

    async def action_warmup(self) -> None:
        """Put a warmup in front."""
        await self.change(rearrange.warmup_first)

    def action_begin(self, how: How) -> None:
        """Ask for a family to add before or after the selected part."""
        self._how = how
        name = part_at(self.lrtui.draft.schedule, self.path).family.name
        self.catalogue.border_title = f"Add {how} {name if name not in ('>>', '*') else 'all'}"
        self.line.say("enter takes the schedule to add, esc goes back", notice=True)
        self._open_catalogue()

    # Going about

    @property
    def _narrow(self) -> bool:
        return self.app.size.width < WIDE

    def on_resize(self) -> None:
        """Show catalogue and parts side by side, or one of them where there is room for one only."""
        self._arrange()

    def _arrange(self) -> None:
        self.catalogue.display = self._browsing or not self._narrow
        self.parts.display = not (self._browsing and self._narrow)

    def _go(self, widget: Widget) -> None:
        """Focus at once: the next key may be waiting already, and is meant for the widget."""
        if self.catalogue in widget.ancestors:
            self._browsing = True
        elif self.parts in widget.ancestors:
            self._browsing = False
        self._arrange()
        self.set_focus(widget)

    def _open_catalogue(self) -> None:
        self._go(self.query_one(CatalogueList))

    def action_catalogue(self) -> None:
        """To the catalogue, or from it to the phases."""
        if self.catalogue.has_focus_within:
            self.action_leave_field()
        else:
            self._open_catalogue()

    def action_filter(self) -> None:
        """To the line that filters the catalogue."""
        self._go(self.query_one(FilterInput))

    def action_go(self, id: str) -> None:
        """To a widget by its id."""
        self._go(self.query_one(f"#{id}"))

    def action_leave_field(self) -> None:
        """From a field, the expression or the catalogue to the phases."""
        self._reset_how()
        self.action_go("phases")

    # The rest of the keys

    async def action_tidy(self) -> None:
        """Write the expression canonically, if it is one."""
        draft = self.lrtui.draft
        if draft.error is None:
            draft.expression = str(draft.schedule)
            await self.update_all(say=self._about())
            self.action_leave_field()

    async def action_undo(self) -> None:
        """Undo the last change of the schedule."""
        done = self.lrtui.draft.undo()
        await self.update_all(say="undone; Z takes it back" if done else "nothing to undo", notice=True)

    async def action_redo(self) -> None:
        """Take the undo back."""
        done = self.lrtui.draft.redo()
        await self.update_all(say="done again" if done else "nothing to redo", notice=True)

    def action_log(self) -> None:
        """Logarithmic or linear."""
        self.pane.toggle_log()

    def action_axis(self) -> None:
        """Updates or epochs."""
        self.pane.toggle_axis()

    def action_pin(self) -> None:
        """Pin the curve."""
        self.line.say(self.pane.pin(), notice=True)

    def action_unpin(self, every: bool) -> None:
        """Unpin the last curve, or all."""
        self.line.say(self.pane.unpin(every=every), notice=True)

    def action_train(self) -> None:
        """Go on to training, if what is typed can be trained."""
        if self.lrtui.draft.error is None:
            self.post_message(TrainSchedule())
        else:
            self.line.blame(self.lrtui.draft.error)
            self.app.bell()


def _entry_words(key: str) -> str:
    kind, _, name = key.partition(":")
    return find_preset(name).lesson if kind == "preset" else family(name).summary
