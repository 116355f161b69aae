"""The first half of the Train screen: the form of the next run, the rates it will use, and its start.

Checking and launching happen in threads. What it starts is a process of its own; following that is the
business of `followed_run`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, cast

from textual import work
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.message import Message
from textual.widgets import Button, Static

from lrtui.runs import queue
from lrtui.runs.launch import LaunchError
from lrtui.runs.spec import RunSpec
from lrtui.runs.store import StoreError
from lrtui.ui import words
from lrtui.ui.keys import with_keys
from lrtui.ui.plotting import Axis, Series
from lrtui.ui.plotting.frame import MIN_HEIGHT
from lrtui.ui.run_panels import plan
from lrtui.ui.widgets.chart import Chart
from lrtui.ui.widgets.spec_form import SpecForm

if TYPE_CHECKING:
    from lrtui.ui.app import LrtuiApp

NAME = "form"
"""Under which it is remembered whether all fields are shown."""


class NewRun(Vertical):
    """A form to start a run from. Its button only says `Button.Pressed`: the screen decides."""

    DEFAULT_CSS: ClassVar[str] = """
    NewRun {
        height: 1fr;
        & > #what { height: 1; color: $text; text-style: bold; text-wrap: nowrap; text-overflow: ellipsis; }
        & > #needs { height: 1; color: $text-muted; text-wrap: nowrap; text-overflow: ellipsis; }
        &.-wrong > #what { height: 2; text-wrap: wrap; }
        &.-wrong > #needs { display: none; }
        & #form-pane { width: 1fr; height: auto; max-height: 100%; }
        & #form { max-height: 100%; }
        & #start-row { dock: bottom; height: 1; margin: 0 0 0 12; }
        & #start-row > #start-note { width: 1fr; padding: 0 0 0 2; color: $text-muted; }
        & #plan { height: 1fr; min-height: 6; margin: 1 0 0 0; }
        & #form-row { height: 1fr; layout: vertical; }
    }
    """

    class Started(Message):
        """A run was started. Nothing more is started until the screen says so by `started`."""

        def __init__(self, run_id: str) -> None:
            super().__init__()
            self.run_id = run_id

    class Failed(Message):
        """The run could not be started; one line says why."""

        def __init__(self, text: str) -> None:
            super().__init__()
            self.text = text

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._starting = False
        self._start_when_checked = False
        self._now = False

    @property
    def _lrtui(self) -> LrtuiApp:
        return cast("LrtuiApp", self.app)

    def compose(self) -> ComposeResult:
        """What would be trained, the form, the button, the rates."""
        yield Static("", id="what", markup=False)
        yield Static("", id="needs", markup=False)
        with Horizontal(id="form-row"):
            with Vertical(id="form-pane"):
                kept: dict[str, Any] = self._lrtui.remembered.recall(NAME, {})
                more = kept.get("more") is True
                yield SpecForm(self._lrtui.draft, self._lrtui.store, more=more, id="form")
                with Horizontal(id="start-row"):
                    yield Button(
                        with_keys("Start ({train.start}, {train.start.always})"),
                        id="start",
                        variant="success",
                        compact=True,
                    )
                    yield Static("", id="start-note", markup=False)
            yield Chart(id="plan")

    def more(self) -> None:
        """Show all fields of the form, or only those that most runs need."""
        form = self.query_one(SpecForm)
        form.show_more(not form.more)
        self._lrtui.remembered.remember(NAME, {"more": form.more})

    def edit(self) -> None:
        """Put the cursor into the form: where something is wrong, else into the first field."""
        form = self.query_one(SpecForm)
        form.focus_field(next(iter(form.errors), "schedule"))

    def load(self) -> None:
        """Show the draft as it is now."""
        form = self.query(SpecForm)
        if form and form.first().is_mounted:
            form.first().load()

    def note(self, text: str) -> None:
        """Say something beside the button, unless a run is being started."""
        if not self._starting:
            self.query_one("#start-note", Static).update(text)

    def start(self, *, now: bool = False) -> None:
        """Start a run of what is in the form, once it has been checked as it stands.

        It waits for its turn when too many train already, unless it is to start ``now``.
        """
        if not self._starting:
            self._start_when_checked, self._now = True, now
            self.query_one(SpecForm).check()

    def on_resize(self) -> None:
        """Another size may have room for the rates, or no longer."""
        self.call_after_refresh(self._fit)

    def _fit(self) -> None:
        """Draw the rates only where a curve has room: in their place would stand the last one alone."""
        if not self.query("#form-pane, #plan"):
            return  # not yet, or no longer
        row, pane = self.query_one("#form-row"), self.query_one("#form-pane")
        beside = pane.outer_size.width < row.size.width
        above = 0 if beside else pane.outer_size.height + 1  # a line stays free between them
        room = row.size.height - above
        self.query_one("#plan", Chart).visible = room > MIN_HEIGHT  # a line of it is the title

    def on_spec_form_checked(self, event: SpecForm.Checked) -> None:
        """Say what would be trained and draw its rates."""
        event.stop()
        what = self.query_one("#what", Static)
        self.set_class(event.spec is None, "-wrong")
        self.query_one("#start", Button).variant = "default" if event.spec is None else "success"
        if event.spec is None:
            field = next(iter(event.errors), "")
            what.update(f"Not ready: {_problem(field, event.errors[field])}" if field else "Not ready")
            self.query_one("#needs", Static).update("")
        else:
            spec = event.spec
            what.update(
                f"About to train {spec.model} on {spec.train_examples:,} images for "
                f"{words.count(spec.epochs, 'epoch')}, {spec.horizon().total:,} updates, "
                f"with {spec.optimizer}"
            )
            self.query_one("#needs", Static).update(_sentence(event.needs))
            curve = plan(spec, "epoch")
            self.query_one("#plan", Chart).show(
                [Series("rate", curve.x, curve.y, 0)],
                Axis(0, spec.epochs, label="epochs"), Axis(0, kind="rate"), title="The rate it will use",
            )  # fmt: skip
        self.call_after_refresh(self._fit)
        if self._start_when_checked:
            self._start_when_checked = False
            self._begin(event.spec)

    def _begin(self, spec: RunSpec | None) -> None:
        form = self.query_one(SpecForm)
        if spec is None:
            field = next(iter(form.errors), "schedule")
            form.focus_field(field)
            self.notify(f"Can't start: {_problem(field, form.errors.get(field, ''))}",
                        severity="error", markup=False)  # fmt: skip
            return
        self.note("starting …")
        self._starting = True
        self._launch(spec, self._now)

    @work(thread=True, group="start", exit_on_error=False)
    def _launch(self, spec: RunSpec, now: bool) -> None:
        try:
            run = queue.start(self._lrtui.store, spec, "app", now=now, standby=self._lrtui.standby)
        except (StoreError, LaunchError, OSError) as error:
            self.post_message(self.Failed(str(error)))
        else:
            self.post_message(self.Started(run.id))

    def started(self) -> None:
        """Be ready for the next, now that the screen shows this one; a name is for one run."""
        self._lrtui.draft.name = ""
        self._lrtui.keep_draft()
        self._start_when_checked = False
        self._over()

    def on_new_run_failed(self, event: Failed) -> None:
        """Say why it couldn't be started."""
        event.stop()
        self._over()
        self.notify(event.text, severity="error", markup=False, timeout=10)

    def _over(self) -> None:
        self._starting = False
        self.note("")


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]


def _problem(field: str, error: str) -> str:
    """What is wrong, as a sentence about the field if the words for it go on like one."""
    name = field.replace("_", " ")
    return f"{name} {error}" if error.startswith(("is ", "must ", "has ")) else f"{name}: {error}"
