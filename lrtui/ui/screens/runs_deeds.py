"""What can be done to runs from the list: trash and undo, training again, commands to their workers.

All of it is work of `lrtui.runs`, done in threads; here a person is asked and told. The keys are the
screen's.
"""

from __future__ import annotations

from collections.abc import Sequence

from textual import on, work
from textual.message import Message

from lrtui.runs import queue
from lrtui.runs.control import ControlError, send
from lrtui.runs.fold import members
from lrtui.runs.launch import LaunchError
from lrtui.runs.store import RunState, RunSummary, StoreError, Trashed
from lrtui.runs.text import one_line
from lrtui.ui import words
from lrtui.ui.keys import key_for, with_keys
from lrtui.ui.screens.again_dialog import AgainDialog, Trained, refusal
from lrtui.ui.screens.confirm import Confirm
from lrtui.ui.screens.runs_labels import RunsLabels


class RunsDeeds(RunsLabels):
    """The list, and what a person does with it."""

    class Said(Message):
        """The outcome of work done in a thread, one line for the person."""

        def __init__(self, text: str, error: bool = False) -> None:
            super().__init__()
            self.text = text
            self.error = error

    class Deleted(Message):
        """These went into the trash."""

        def __init__(self, gone: list[Trashed], text: str) -> None:
            super().__init__()
            self.gone = gone
            self.text = text

    def __init__(self) -> None:
        super().__init__()
        self._undo: list[list[Trashed]] = []

    def on_runs_deeds_said(self, event: Said) -> None:
        """Say how it went."""
        self.notify(event.text, severity="error" if event.error else "information", markup=False)

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
        names = _told_apart(meant)
        listed = {run.id for shown in self.table.rows for run in members(shown)}
        if hidden := sum(run.id not in listed for run in meant):
            names += f"\nThe filter hides {hidden:,} of them."
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

    def stop(self) -> None:
        """Stop the chosen run, or after a question those of the marked ones that train or wait."""
        meant, chosen = self.meant(), self.table.selected
        going = [run for run in meant if not run.state.ended]
        # Marks are for the chart, too: one that goes on and isn't marked was chosen to be stopped.
        here = [] if chosen is None else [run for run in members(chosen) if not run.state.ended]
        if here and not {run.id for run in here} & {run.id for run in going}:
            going = here
        if chosen is None or not going or [run.id for run in going] == [chosen.id]:
            self.command("stop")
            return

        def answered(yes: bool | None) -> None:
            if yes:
                self._stop(going)

        question = (
            f"Stop {words.count(len(going), 'run')}?\n{_told_apart(going)}\n\nWhat they have logged is kept."
        )
        self.app.clear_notifications()
        self.app.push_screen(Confirm(question, "Stop", "Let them train"), answered)

    @work(thread=True, group="command", exit_on_error=False)
    def _stop(self, runs: Sequence[RunSummary]) -> None:
        asked = 0
        # Those that wait first: else one of them would begin when another makes room.
        for run in sorted(runs, key=lambda run: run.state is not RunState.QUEUED):
            try:
                queue.stop(self.lrtui.store, self.lrtui.store.get(run.id), by="app")
                asked += 1
            except (StoreError, ControlError, queue.QueueError, OSError) as error:
                self.post_message(self.Said(one_line(error), error=True))
        if asked:
            self.post_message(self.Said(f"Asked {words.count(asked, 'run')} to stop"))
        self._lister.wake()

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


def _told_apart(runs: Sequence[RunSummary]) -> str:
    """The first runs by name, those of one name with the end of their ids."""
    every = [run.name for run in runs]
    told = [f"{run.name} {run.id[-4:]}" if every.count(run.name) > 1 else run.name for run in runs[:6]]
    return ", ".join(told) + (", …" if len(runs) > 6 else "")
