"""What can be done to runs from the list: names, tags and notes, trash and undo, training again, export.

All of it is work of `lrtui.runs`, done in threads; here a person is asked and told. The keys are the
screen's.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from textual import on, work
from textual.message import Message

from lrtui.runs import queue
from lrtui.runs.control import ControlError, send
from lrtui.runs.figures import accuracy_target
from lrtui.runs.fold import Folded, members
from lrtui.runs.launch import LaunchError
from lrtui.runs.store import Run, RunState, RunStore, RunSummary, StoreError, Trashed
from lrtui.runs.text import one_line
from lrtui.ui import words
from lrtui.ui.keys import key_for, with_keys
from lrtui.ui.screens.again_dialog import AgainDialog, Trained, refusal
from lrtui.ui.screens.confirm import Confirm
from lrtui.ui.screens.note_editor import NoteEditor
from lrtui.ui.screens.runs_list import RunsList
from lrtui.ui.widgets.ask_line import AskLine


class RunsDeeds(RunsList):
    """The list, and what a person does with it."""

    class Said(Message):
        """The outcome of work done in a thread, one line for the person."""

        def __init__(self, text: str, error: bool = False) -> None:
            super().__init__()
            self.text = text
            self.error = error

    class Labelled(Message):
        """Labels were changed; or not, and why."""

        def __init__(self, problem: str, failed: Callable[[str], None] | None = None) -> None:
            super().__init__()
            self.problem = problem
            self.failed = failed

    class Deleted(Message):
        """These went into the trash."""

        def __init__(self, gone: list[Trashed], text: str) -> None:
            super().__init__()
            self.gone = gone
            self.text = text

    def __init__(self) -> None:
        super().__init__()
        self._asked: tuple[RunSummary, ...] = ()
        self._undo: list[list[Trashed]] = []

    @property
    def ask_line(self) -> AskLine:
        """The line that asks for names, tags and the target."""
        return self.query_one("#ask", AskLine)

    @property
    def chosen(self) -> RunSummary | None:
        """The run of the chosen row; of several seeds the newest."""
        row = self.table.selected
        return None if row is None else self.newest(row.id)

    def meant(self) -> tuple[RunSummary, ...]:
        """The marked runs, or those of the chosen row."""
        return tuple(self._known[run_id] for run_id in self.drawn_ids() if run_id in self._known)

    def _single(self) -> RunSummary | None:
        """The chosen run, if it is one."""
        row = self.table.selected
        if isinstance(row, Folded):
            apart = key_for("runs.fold")
            self.notify(f"These are {len(row.members)} seeds: {apart} takes them apart", markup=False)
            return None
        return row

    def on_runs_deeds_said(self, event: Said) -> None:
        """Say how it went."""
        self.notify(event.text, severity="error" if event.error else "information", markup=False)

    # Names, tags, notes, the target

    def rename(self) -> None:
        """Ask for another name."""
        run = self._single()
        if run is not None:
            self._asked = (run,)
            self.ask_line.ask("name", "Name", run.name, "empty brings back its first")

    def tag(self) -> None:
        """Ask for tags: all of one run, or those to add to several."""
        self._asked = self.meant()
        if len(self._asked) == 1:
            self.ask_line.ask("tags", "Tags", " ".join(self._asked[0].tags), "words, such as: good baseline")
        elif self._asked:
            self.ask_line.ask(
                "more tags", f"Tags for {len(self._asked)} runs", "", "good -bad: a minus takes one away"
            )

    def note(self) -> None:
        """Edit the notes."""
        run = self._single()
        if run is not None:
            self._write_notes(run, run.notes)

    def _write_notes(self, run: RunSummary, notes: str, problem: str = "") -> None:
        def answered(text: str | None) -> None:
            if text is not None:
                again = partial(self._write_notes, run, text)
                self._label((run.id,), lambda store, each: store.note(each, text), again)

        self.app.clear_notifications()  # they would lie on what is asked, as below
        self.app.push_screen(NoteEditor(run.name, notes, problem), answered)

    def target(self) -> None:
        """Ask for the test accuracy that runs are to reach."""
        self.ask_line.ask("target", "Target accuracy", f"{self.table.target:g}", "0.85 or 85%")

    @on(AskLine.Answered, "#ask")
    def _answered(self, event: AskLine.Answered) -> None:
        ids = tuple(run.id for run in self._asked)
        match event.question:
            case "target":
                try:
                    self.table.target = accuracy_target(event.text)
                    self.keep()
                except ValueError as error:
                    self.ask_line.note(str(error), wrong=True)
                    return
                self._unasked()
                self.differ(self.has_class("-differing"))
            case "name":
                self._label(ids, lambda store, run: store.rename(run, event.text))
            case "tags":
                given = event.text.split()
                add = [word for word in given if not word.startswith("-")]
                gone = [tag for tag in self._asked[0].tags if tag not in add]
                self._label(ids, lambda store, run: store.tag(run, add, gone))
            case _:
                more = [word for word in event.text.split() if not word.startswith("-")]
                less = [word[1:] for word in event.text.split() if word.startswith("-")]
                self._label(ids, lambda store, run: store.tag(run, more, less))

    @on(AskLine.Left, "#ask")
    def _unasked(self) -> None:
        self.ask_line.close()
        self.table.focus()

    @work(thread=True, group="label", exit_on_error=False)
    def _label(
        self,
        ids: Sequence[str],
        change: Callable[[RunStore, Run], None],
        failed: Callable[[str], None] | None = None,
    ) -> None:
        """Change labels; `failed` is told why that couldn't be, in place of the line that asks."""
        problem = ""
        for run_id in ids:
            try:
                change(self.lrtui.store, self.lrtui.store.get(run_id))
            except (StoreError, OSError) as error:
                problem = str(error) if isinstance(error, StoreError) else one_line(error)
                problem = problem.removeprefix(f"run {run_id} ") if len(ids) == 1 else problem
                break
        self.post_message(self.Labelled(problem, failed))

    @on(Labelled)
    def _labelled(self, event: Labelled) -> None:
        self._lister.wake()
        if not event.problem:
            self._unasked()
        elif event.failed is not None:
            event.failed(event.problem)
        elif self.ask_line.question:
            self.ask_line.note(event.problem, wrong=True)
        else:
            self.notify(event.problem, severity="error", markup=False)

    # The trash

    def delete(self) -> None:
        """Put the marked runs, or the chosen one, into the trash; asks unless it is just the chosen one."""
        meant, row = self.meant(), self.table.selected
        live = [run for run in meant if not run.state.ended and run.state is not RunState.QUEUED]
        if live:
            self.notify(
                f"{live[0].name} is still {live[0].state.value}: "
                f"stop it ({key_for('run.stop')}) before deleting it",
                severity="warning",
                markup=False,
            )
            return
        ids = tuple(run.id for run in meant)
        if not ids or (len(ids) == 1 and row is not None and ids == tuple(run.id for run in members(row))):
            self._delete(ids, "".join(run.name for run in meant))
            return
        names = ", ".join(run.name for run in meant[:6]) + (", …" if len(meant) > 6 else "")
        what = words.count(len(ids), "run" if row is not None and not self.table.marked else "marked run")

        def answered(yes: bool | None) -> None:
            if yes:
                self._delete(ids, what)

        question = f"Delete {what}?\n{names}\n\nThey go into the trash; {key_for('undo')} takes them back."
        self.app.clear_notifications()
        self.app.push_screen(Confirm(question, "Delete"), answered)

    @work(thread=True, group="delete", exit_on_error=False)
    def _delete(self, ids: tuple[str, ...], what: str) -> None:
        store, gone = self.lrtui.store, []
        for run_id in ids:
            try:
                trashed = store.delete(store.get(run_id))
            except (StoreError, OSError) as error:
                self.post_message(self.Said(one_line(error), error=True))
                break
            if trashed is not None:
                gone.append(trashed)
        if gone:
            self.post_message(self.Deleted(gone, what))
        self._lister.wake()

    @on(Deleted)
    def _deleted(self, event: Deleted) -> None:
        self._undo.append(event.gone)
        ways = with_keys("{undo} takes it back, {runs.trash} shows the trash")
        self.notify(f"Deleted {event.text}: {ways}", markup=False, timeout=8)

    def undelete(self) -> None:
        """Take back what was deleted last."""
        if self._undo:
            self._restore(self._undo.pop())
        else:
            self.notify(with_keys("Nothing was deleted here: {runs.trash} shows the trash"), markup=False)

    @work(thread=True, group="delete", exit_on_error=False)
    def _restore(self, gone: list[Trashed]) -> None:
        back = 0
        for each in gone:
            try:
                self.lrtui.store.restore(each)
                back += 1
            except (StoreError, OSError) as error:
                self.post_message(self.Said(one_line(error), error=True))
        if back:
            self.post_message(self.Said(f"{words.count(back, 'run')} back from the trash"))
        self._lister.wake()

    # Training

    def again(self) -> None:
        """Ask how the chosen run is to be trained again."""
        run = self._single()
        if run is None:
            return
        if run.state is RunState.PAUSED:
            self.command("resume")
            return
        if run.state is RunState.QUEUED:
            self.command("start")
            return
        if why := refusal(run):
            self.notify(why, markup=False)
            return

        def answered(trained: Trained | None) -> None:
            if trained is not None:
                self.notify(trained.text, markup=False, timeout=8)
                self.awaited = trained.run_id
                self._lister.wake()

        self.app.clear_notifications()
        self.app.push_screen(AgainDialog(self.lrtui.store, run), answered)

    def command(self, command: str) -> None:
        """Give the chosen run's worker a command."""
        run = self._single()
        if run is None:
            return
        if run.state.ended:
            self.notify(f"{run.name} isn't training: it is {run.state.words}", markup=False)
        else:
            self._send(run, command)

    @work(thread=True, group="command", exit_on_error=False)
    def _send(self, run: RunSummary, command: str) -> None:
        try:
            store = self.lrtui.store
            found = store.get(run.id)
            if command == "start":
                queue.start_now(store, found, self.lrtui.standby)
            elif command == "stop":
                queue.stop(store, found, by="app")
            else:
                send(found, command, by="app")
        except (StoreError, ControlError, LaunchError, queue.QueueError, OSError) as error:
            self.post_message(self.Said(one_line(error), error=True))
        else:
            self.post_message(self.Said(f"Asked {run.name} to {command}"))
        self._lister.wake()
