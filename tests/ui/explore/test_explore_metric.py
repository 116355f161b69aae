"""Schedules that follow a metric, drawn in Explore: on a typical course, on a run's metric, on a file's."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from textual.widgets import Input, OptionList, Static

from lrtui.experiments.traces import Trace
from lrtui.runs.store import RunStore
from lrtui.schedules import Horizon, parse, simulate, typical_trace
from lrtui.ui.app import LrtuiApp
from lrtui.ui.preview import look
from lrtui.ui.screens.explore import ExploreScreen
from lrtui.ui.screens.trace_panel import TracePanel
from lrtui.ui.widgets.readout import Readout
from tests.ui.fake_runs import finished, spec, until

FOLLOWS = "plateau(1, factor=0.5, patience=0, threshold=0.5)"


def explore(app: LrtuiApp) -> ExploreScreen:
    screen = app.screen_stack[0]
    assert isinstance(screen, ExploreScreen)
    return screen


def drawn(app: LrtuiApp) -> list[float]:
    """The rate at the start of each epoch, as drawn."""
    preview = explore(app).pane.preview
    assert preview is not None
    per_epoch = preview.horizon.steps_per_epoch
    assert per_epoch
    return [preview.rate_at(update) for update in range(0, preview.horizon.total, per_epoch)]


def said(app: LrtuiApp) -> str:
    return " ".join(str(explore(app).query_one(Readout).render()).split())


def simulated(metrics: object, epochs: int) -> list[float]:
    return simulate(parse(FOLLOWS), np.asarray(metrics)[:epochs]).tolist()


async def test_it_is_drawn_on_a_typical_course_that_is_said_to_be_made_up(make_app) -> None:
    app = make_app(FOLLOWS, epochs=12)
    async with app.run_test(size=(120, 35)):
        await until(lambda: app.current_mode == "explore" and explore(app).pane.preview, "a curve")
        await until(lambda: "on a made-up, typical loss" in said(app), "what it is drawn on")
        assert drawn(app) == simulated(typical_trace(12), 12)
        assert len(set(drawn(app))) > 1


async def test_it_is_drawn_on_what_a_run_logged(make_app) -> None:
    app = make_app(FOLLOWS, epochs=5)
    run = finished(RunStore(app.store.root), spec("earlier", epochs=5))
    losses = run.history().columns("epoch")["test_loss"]
    async with app.run_test(size=(80, 24)) as pilot:
        await until(lambda: app.current_mode == "explore" and explore(app).pane.preview, "a curve")
        await pilot.press("g")
        await until(lambda: isinstance(app.screen, TracePanel), "the panel")
        await until(lambda: app.screen.query_one(OptionList).option_count == 2, "the run in the list")
        await pilot.press("down", "enter")
        await until(lambda: app.screen is explore(app), "the choice")
        await until(lambda: f"on test_loss of {run.id}" in said(app), "what it is drawn on")
        assert drawn(app) == simulated(losses, 5)
        # Longer than the run was: it can't say more than it knows.
        explore(app).lrtui.draft.epochs = 9
        explore(app).horizon.show()
        await explore(app).on_horizon_form_changed()
        await until(lambda: "has 5 epochs, of 9)" in said(app), "why it isn't drawn on the run")
        assert drawn(app) == simulated(typical_trace(9), 9)


async def test_it_is_drawn_on_a_column_of_a_file(make_app, tmp_path: Path) -> None:
    app = make_app(FOLLOWS, epochs=4)
    file = tmp_path / "log.csv"
    file.write_text("epoch,val_loss,f1\n1,1,9\n2,1,4\n3,1,4\n4,1,4\n")
    async with app.run_test(size=(80, 24)) as pilot:
        await until(lambda: app.current_mode == "explore" and explore(app).pane.preview, "a curve")
        await pilot.press("g")
        await until(lambda: isinstance(app.screen, TracePanel), "the panel")
        panel = app.screen
        panel.query_one("#column", Input).value = "missing"
        panel.query_one("#file", Input).focus()
        await pilot.press(*str(file), "enter")
        await until(
            lambda: "no column 'missing'" in str(panel.query_one("#said", Static).render()), "why not"
        )
        panel.query_one("#column", Input).value = "f1"
        await pilot.press("enter")
        await until(lambda: app.screen is explore(app), "the choice")
        await until(lambda: "on f1 of log.csv" in said(app), "what it is drawn on")
        assert drawn(app) == simulated([9, 4, 4, 4], 4)
        # And back to the typical course.
        await pilot.press("g")
        await until(lambda: isinstance(app.screen, TracePanel), "the panel again")
        await pilot.press("enter")
        await until(lambda: "on a made-up" in said(app), "the typical course")


async def test_other_schedules_follow_nothing_and_say_so(make_app) -> None:
    app = make_app("cosine(0.1)")
    async with app.run_test(size=(80, 24)) as pilot:
        await until(lambda: app.current_mode == "explore" and explore(app).pane.preview, "a curve")
        await pilot.press("g")
        await pilot.pause()
        assert app.screen is explore(app)
        assert "made-up" not in said(app)


def test_the_last_epochs_metric_is_not_needed() -> None:
    horizon = Horizon(30, 10)
    two = Trace("two", (1.0, 1.0))
    assert look(parse(FOLLOWS), horizon, two).trace == "two"
    assert look(parse(FOLLOWS), horizon, Trace("one", (1.0,))).trace.endswith("(one has 1 epochs, of 3)")
