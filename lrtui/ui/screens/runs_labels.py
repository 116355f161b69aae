"""What people call runs in the list and note of them: names, tags, notes, and the target that they set.

They are kept by `lrtui.runs`, in threads; here a person is asked. What else is done is in `runs_deeds`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from textual import on, work
from textual.message import Message

from lrtui.runs.figures import accuracy_target
from lrtui.runs.fold import Folded
from lrtui.runs.store import Run, RunStore, RunSummary, StoreError
from lrtui.runs.text import one_line
from lrtui.ui.keys import key_for
from lrtui.ui.screens.note_editor import NoteEditor
from lrtui.ui.screens.runs_list import RunsList
from lrtui.ui.widgets.ask_line import AskLine


class RunsLabels(RunsList):
    """The list, and what people call its runs."""

    class Labelled(Message):
        """Labels were changed; or not, and why."""

        def __init__(self, problem: str, failed: Callable[[str], None] | None = None) -> None:
            super().__init__()
            self.problem = problem
            self.failed = failed

    def __init__(self) -> None:
        super().__init__()
        self._asked: tuple[RunSummary, ...] = ()

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
            if event.failed is None:  # else it was asked elsewhere, and the line may ask for something new
                self._unasked()
        elif event.failed is not None:
            event.failed(event.problem)
        elif self.ask_line.question:
            self.ask_line.note(event.problem, wrong=True)
        else:
            self.notify(event.problem, severity="error", markup=False)
