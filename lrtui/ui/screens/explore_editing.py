"""Composing in Explore: every change of the draft's schedule, and every widget shown as it is then.

The draft's schedule is the one truth; every widget here shows it, and every change goes through it. The keys
that start all this are the screen's.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from textual import work
from textual.message import Message
from textual.widgets import Input

from lrtui.experiments.presets import preset as find_preset
from lrtui.experiments.saved import saved
from lrtui.runs.text import printable
from lrtui.schedules import Schedule, ScheduleError, family, parse
from lrtui.ui import rearrange
from lrtui.ui.keys import key_for, with_keys
from lrtui.ui.outline import Path, main_path, nearest_path, outline, part_at, with_part
from lrtui.ui.screens.explore_offers import ExploreOffers
from lrtui.ui.widgets.catalogue import Catalogue, Entry, How, saved_entries
from lrtui.ui.widgets.expression_input import ExpressionInput
from lrtui.ui.widgets.field import Field, FieldInput, explained
from lrtui.ui.widgets.parameter_form import ParameterForm
from lrtui.ui.widgets.phase_list import PhaseList
from lrtui.ui.widgets.preview_pane import PreviewPane


class ExploreEditing(ExploreOffers):
    """The draft, and what a person does to it."""

    class SavedRead(Message):
        """What is saved under names, and as entries of the catalogue."""

        def __init__(self, expressions: Mapping[str, str], entries: list[Entry]) -> None:
            """Take both."""
            super().__init__()
            self.expressions = expressions
            self.entries = entries

    def __init__(self) -> None:
        """Begin with the main part selected."""
        super().__init__()
        self._path: Path = ()
        self._picked = False
        """Whether a part was selected by hand; else the main one is selected."""
        self._helping = False

    @property
    def path(self) -> Path:
        """Where the selected part is.

        The draft may be another one than that it was selected in: a run's, or one that was undone, of which
        this screen hears after the next key.
        """
        return nearest_path(self.lrtui.draft.schedule, self._path)

    @path.setter
    def path(self, path: Path) -> None:
        self._path = path

    async def on_screen_resume(self) -> None:
        """Show the draft as it is now: another screen may have changed it."""
        if self.lrtui.draft.horizon_changed():
            self.lrtui.draft.recheck()
        self.horizon.show()
        await self.update_all(say=self._greeting())

    async def draft_changed(self) -> None:
        """The app says that the draft is another one."""
        await self.on_screen_resume()

    def _greeting(self) -> str:
        draft = self.lrtui.draft
        if draft.untouched and draft.preset is None and self.catalogue.has_focus_within:
            return with_keys(
                "↑ ↓ walk through the catalogue, {list.take} takes a schedule; {help} explains everything"
            )
        return self._about()

    def on_mount(self) -> None:
        """Point at the family that is shown, and look for what is saved."""
        self.read_saved()
        self.catalogue.point_at(f"family:{self.lrtui.draft.schedule.phases[-1].family.name}")

    @work(thread=True, exclusive=True, group="saved", exit_on_error=False)
    def read_saved(self) -> None:
        """Bring what is saved under names into the catalogue."""
        found = saved()
        self.post_message(self.SavedRead(found.expressions, saved_entries(found.expressions)))

    def on_explore_editing_saved_read(self, event: SavedRead) -> None:
        """List it."""
        self.saved = event.expressions
        self.catalogue.offer_saved(event.entries)

    # One way for every change to reach every widget

    async def update_all(self, *, typed: bool = False, say: str | None = None, notice: bool = False) -> None:
        """Show the draft everywhere; `typed` leaves the expression line as the person typed it."""
        draft = self.lrtui.draft
        horizon = draft.horizon()
        if not typed:
            self.line.write(draft.expression)
        self.path = self.path if self._picked else main_path(draft.schedule)
        self.offered = None if draft.error is None else self.offer_of(draft.expression)
        if draft.error is not None:
            self.line.blame(draft.error)
            self.say_offer()
        elif say is not None or typed:
            self.line.say(say or self._about(), notice=notice)
        self.phases.show(outline(draft.schedule, horizon), self.path)
        await self.form.show(part_at(draft.schedule, self.path), self.path)
        self.pane.show(draft.schedule, horizon, stale=draft.error is not None)

    def _about(self) -> str:
        draft, focused = self.lrtui.draft, self.focused
        if isinstance(focused, FieldInput):
            return explained(focused.parameter, self.line.room)
        if draft.preset is not None:
            return _lesson(draft.preset)
        return part_at(draft.schedule, self.path).family.summary

    async def change(
        self, make: Callable[[Schedule], rearrange.Change], said: str = "", *, epochs: int | None = None
    ) -> bool:
        """Put a change made from the last good schedule into the draft, or say why it can't be."""
        try:
            schedule, path = make(self.lrtui.draft.schedule)
            self.lrtui.draft.put(schedule, epochs=epochs)
        except ScheduleError as error:
            self.line.say(error.message, notice=True)
            return False
        self.path, self._picked = path, True
        await self.update_all(say=said or self._about())
        return True

    # The expression, the form, the horizon

    async def on_input_changed(self, event: Input.Changed) -> None:
        """Follow the expression keystroke by keystroke."""
        # A field also tells what it begins with; that is no change.
        if isinstance(event.input, ExpressionInput) and event.value != self.lrtui.draft.expression:
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
            await self.show_entry(event.key)
        else:
            self.line.say(self._entry_words(event.key))

    def on_catalogue_found(self, event: Catalogue.Found) -> None:
        """Say what the first is that fits what is typed: it is what enter takes."""
        self.line.say(self._entry_words(event.key))

    async def on_catalogue_chosen(self, event: Catalogue.Chosen) -> None:
        """Take an entry: a preset or saved one as the whole or as a phase, a family where it belongs."""
        how = event.how if event.how != "use" else self._how
        kind, _, name = event.key.partition(":")
        whole = kind != "family" or (self.lrtui.draft.untouched and family(name).role == "shape")
        if how == "use" and whole:
            await self.show_entry(event.key)
        elif not await self.change(lambda s: self._placed(s, event.key, how), self._entry_words(event.key)):
            return
        asked_for = self._how != "use"
        self._reset_how()
        if self._narrow or asked_for:
            self.action_go("phases")

    def _placed(self, schedule: Schedule, key: str, how: How) -> rearrange.Change:
        entry, _, name = key.partition(":")
        if entry != "family":
            text = find_preset(name).expression if entry == "preset" else self.saved[name]
            new = parse(text)
        else:
            kind = family(name)
            if how == "use" or kind.role == "combinator":
                return rearrange.change_family(schedule, self.path, kind)
            new = rearrange.new_part(kind)
        return rearrange.add(schedule, self.path, new, self.lrtui.draft.horizon(), after=how == "after")

    async def show_entry(self, key: str) -> None:
        """Take an entry of the catalogue as the whole schedule."""
        draft = self.lrtui.draft
        kind, _, name = key.partition(":")
        try:
            if kind == "preset":
                found = find_preset(name)
                draft.put(parse(found.expression), epochs=found.epochs, untouched=True, preset=name)
                self.horizon.show()
            elif kind == "saved":
                draft.put(parse(self.saved[name]), untouched=True)
            elif family(name).role == "shape":
                draft.put(rearrange.new_part(family(name)), untouched=True)
        except KeyError:
            self.line.say(f"{name} isn't saved any more", notice=True)
            return
        except ScheduleError as error:
            self.line.say(error.message, notice=True)
            return
        self._picked = False
        await self.update_all(say=self._entry_words(key))

    def _entry_words(self, key: str) -> str:
        """What the status line says about an entry of the catalogue."""
        kind, _, name = key.partition(":")
        if kind == "saved":
            return f"saved as {name}: {printable(self.saved.get(name, ''), 200)}"
        return _lesson(name) if kind == "preset" else family(name).summary

    # Phases

    async def on_phase_list_picked(self, event: PhaseList.Picked) -> None:
        """Show the form of the part that was selected."""
        self.path, self._picked = event.path, True
        await self.form.show(part_at(self.lrtui.draft.schedule, self.path), self.path)
        if self.lrtui.draft.error is None:
            self.line.say(self._about())

    async def on_phase_list_entered(self) -> None:
        """Go on to the values; of what has none of its own, to those of the main part in it."""
        if self.form.focus_first():
            return
        draft = self.lrtui.draft
        self.path = (*self.path, *main_path(part_at(draft.schedule, self.path)))
        self.phases.show(outline(draft.schedule, draft.horizon()), self.path)
        await self.form.show(part_at(draft.schedule, self.path), self.path)
        self.form.focus_first()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Enter in a field is the end of it, unless something is wrong there."""
        if isinstance(event.input, FieldInput):
            field = event.input.query_ancestor(Field)
            if field.wrong:
                self.app.bell()
            else:
                self.action_leave_field()

    def action_leave_field(self) -> None:
        """From a field, the expression or the catalogue to the phases; a wrong value is given up."""
        if isinstance(self.focused, FieldInput):
            field = self.focused.query_ancestor(Field)
            if field.wrong:
                field.reset()
        super().action_leave_field()

    def on_descendant_focus(self) -> None:
        """Say what a field is for and takes, as long as the cursor is in it."""
        inside = isinstance(self.focused, FieldInput)
        if (inside or self._helping) and self.lrtui.draft.error is None:
            self.line.say(self._about())
        self._helping = inside

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
        name = part_at(self.lrtui.draft.schedule, path).family.name
        said = with_keys(f"{name} is gone; {{undo}} takes it back") if what == "delete" else ""
        await self.change(acts.get(what) or (lambda s: rearrange.wrap(s, path, what)), said)

    async def action_warmup(self) -> None:
        """Put a warmup in front."""
        first = self.lrtui.draft.schedule.phases[0].family.name
        said = (
            "there is a warmup already, selected now" if first == "warmup" else "a warmup in front of it all"
        )
        way = "{edit}" if self.phases.has_focus else "{explore.phases} and {edit}"
        await self.change(rearrange.warmup_first, f"{said}: {with_keys(way)} to say how long")

    def action_begin(self, how: How) -> None:
        """Ask for a family to add before or after the selected part."""
        self._how = how
        name = part_at(self.lrtui.draft.schedule, self.path).family.name
        self.catalogue.border_title = f"Add {how} {name if name not in ('>>', '*') else 'all'}"
        self.line.say(
            with_keys("{list.take} takes the schedule to add, {catalogue.leave} goes back"), notice=True
        )
        self._open_catalogue()


def _lesson(preset: str) -> str:
    found = find_preset(preset)
    return f"{found.title} ({key_for('explore.page')} tells all of it). {found.lesson}"
