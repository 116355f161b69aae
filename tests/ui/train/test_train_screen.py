"""The Train screen driven as a person drives it, with a fake worker in a real process."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import fake_runs
import pytest
from fake_runs import app_at, finished, live, spec, until
from textual.pilot import Pilot
from textual.widgets import Button, Static

from lrtui.runs import queue
from lrtui.runs.launch import launch
from lrtui.runs.run import RunState
from lrtui.runs.store import RunStore
from lrtui.ui.app import LrtuiApp
from lrtui.ui.looking import Look
from lrtui.ui.run_view import RunView
from lrtui.ui.screens.train import TrainScreen
from lrtui.ui.widgets import followed_run
from lrtui.ui.widgets.chart import Chart
from lrtui.ui.widgets.followed_run import FollowedRun
from lrtui.ui.widgets.run_charts import RunCharts
from lrtui.ui.widgets.run_status import RunStatus
from lrtui.ui.widgets.spec_fields import SpecField
from lrtui.ui.widgets.spec_form import SpecForm, SpecInput


@pytest.fixture(autouse=True)
def _fake_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    command = [sys.executable, fake_runs.__file__, "train"]
    monkeypatch.setattr(queue, "launch", lambda run, standby=None: launch(run, command))
    monkeypatch.setenv("LRTUI_SLOTS", "9")


def screen_of(app: LrtuiApp) -> TrainScreen:
    screen = app.screen
    assert isinstance(screen, TrainScreen)
    return screen


def status(app: LrtuiApp) -> str:
    return screen_of(app).query_one(RunStatus).text


def what(app: LrtuiApp) -> str:
    return str(screen_of(app).query_one("#what", Static).render())


def said_below(field: SpecField) -> str:
    below = field.query_one(".below", Static)
    return str(below.render()) if below.display else ""


async def ready(app: LrtuiApp) -> None:
    await until(lambda: screen_of(app).query_one(SpecForm).spec is not None, "the form is checked")


async def type_into(pilot: Pilot[None], app: LrtuiApp, name: str, text: str) -> None:
    field = screen_of(app).query_one(f"#spec-{name}", SpecInput)
    field.focus()
    field.value = text
    await pilot.pause()


async def test_says_in_words_what_would_be_trained_and_draws_its_rates(root: Path) -> None:
    app = app_at("train", root)
    async with app.run_test(size=(80, 24)) as pilot:
        await ready(app)
        await until(lambda: "About to train" in what(app), "it says so")
        assert "lenet on 10,000 images for 10 epochs, 400 updates, with sgd" in what(app)
        chart = screen_of(app).query_one("#plan", Chart)
        assert chart.values_at(0)[0][0] == "rate"
        await until(lambda: chart.visible, "the curve")
        await pilot.resize_terminal(60, 20)  # the last rate alone isn't what it will use
        await until(lambda: not chart.visible, "no curve where there is no room")
        await pilot.resize_terminal(120, 20)
        await until(lambda: chart.visible, "the curve beside the form")
        assert not root.exists()


async def test_what_a_schedule_never_gets_to_is_said_below_it_and_is_no_error(root: Path) -> None:
    app = app_at("train", root)
    async with app.run_test(size=(80, 24)) as pilot:
        await ready(app)
        field = next(each for each in screen_of(app).query(SpecField) if each.kind.name == "schedule")
        await type_into(pilot, app, "schedule", "warmup(5ep) >> cosine(0.1)")
        assert not said_below(field)
        await type_into(pilot, app, "epochs", "4")
        await until(lambda: said_below(field), "it is said")
        assert said_below(field) == "needs 5 epochs, has 4: 1 phase never reached"
        assert screen_of(app).query_one(SpecForm).spec is not None
        await type_into(pilot, app, "epochs", "6")
        await until(lambda: not said_below(field), "it fits")


@pytest.mark.parametrize("schedule", ["plateau(0.1)", "warmup(1ep) >> greedy(0.1)"])
async def test_a_schedule_that_follows_a_metric_can_be_trained(root: Path, schedule: str) -> None:
    app = app_at("train", root)
    async with app.run_test(size=(80, 24)) as pilot:
        await ready(app)
        await type_into(pilot, app, "schedule", schedule)
        form = screen_of(app).query_one(SpecForm)
        await until(lambda: form.spec is not None and form.spec.schedule == schedule, "it is checked", 20)


async def test_a_wrong_value_is_marked_with_the_remedy_and_nothing_starts(root: Path) -> None:
    app = app_at("train", root)
    async with app.run_test(size=(80, 24)) as pilot:
        await ready(app)
        for name, text, expected in [
            ("epochs", "0", "must be at least 1"),
            ("epochs", "x", "must be a whole number"),
            ("batch_size", "20000", "larger than the data"),
            ("optimizer", "sdg", "sgd"),
            ("device", "gpu", "choose auto"),
            ("schedule", "cosin(0.1)", "cosine"),
            ("data", "/no/such/folder", "/no/such/folder"),
        ]:
            field = screen_of(app).query_one(f"#spec-{name}", SpecInput)
            good = field.value
            await type_into(pilot, app, name, text)
            form = screen_of(app).query_one(SpecForm)
            await until(lambda: name in form.errors, f"{name} is marked")  # noqa: B023
            assert expected in form.errors[name]
            await pilot.press("escape", "s")
            await pilot.pause(0.2)
            assert screen_of(app).run_id is None
            await type_into(pilot, app, name, good)
            await until(lambda: not form.errors, f"{name} is good again")  # noqa: B023
            await pilot.press("escape")
    assert not RunStore(root).runs()


async def test_start_watch_pause_resume_stop(root: Path) -> None:
    app = app_at("train", root)
    async with app.run_test(size=(120, 35)) as pilot:
        await ready(app)
        await type_into(pilot, app, "epochs", "200")
        await pilot.press("escape", "s")
        screen = screen_of(app)
        await until(lambda: screen.run_id, "it is followed")
        await until(lambda: "starting" in status(app) or "training" in status(app), "it says that it starts")
        loss = screen.query_one("#loss-chart", Chart)
        await until(lambda: loss.values_at(0.25) and loss.values_at(0.25)[0][1] > 0, "points arrive")
        await until(lambda: "training" in status(app), "it says so")
        assert "examples/s" in status(app)
        assert "on cpu" in status(app)
        await until(lambda: "test 1.1" in status(app), "the epoch's test loss")
        # The axis is the whole run from the start.
        assert (loss.frame.x.low, loss.frame.x.high) == (0, 200)
        await pilot.press("p")
        await until(lambda: "paused after epoch" in status(app), "it pauses")
        await pilot.press("p")
        await until(lambda: "▶ running" in status(app), "it goes on")
        await pilot.press("S")
        assert any(word in status(app) for word in ("stopping", "stops at update", "stopped after epoch"))
        await until(lambda: "stopped after epoch" in status(app), "it stops")
        assert not screen.check_action("stop", ())
        await pilot.press("n")
        assert screen.run_id is None
    run = RunStore(root).runs()[0]
    assert run.state() is RunState.STOPPED
    assert run.spec.epochs == 200


async def test_impatient_keys_start_one_run(root: Path) -> None:
    app = app_at("train", root)
    async with app.run_test(size=(80, 24)) as pilot:
        await ready(app)
        await pilot.press("s", "s", "s")
        screen_of(app).query_one("#start", Button).press()
        await until(lambda: screen_of(app).run_id, "it is followed")
        await pilot.press("s", "f5")
        await pilot.pause(0.3)
        assert len(RunStore(root).runs()) == 1
        await pilot.press("S")
        await until(lambda: "stopped" in status(app), "it stops")


@pytest.mark.parametrize(
    ("mode", "expected"),
    [
        ("diverge", "The rate was too high there"),
        ("crash", "crashed: the worker is gone without an ending; last sign of life 20"),
    ],
)
async def test_bad_endings_are_explained(root: Path, mode: str, expected: str) -> None:
    store = RunStore(root)
    run = live(store.create(spec("odd [/x] [red]")), mode)
    app = app_at("train", root)
    async with app.run_test(size=(120, 35)):
        await ready(app)  # by now it may be over, so that it would no longer be found by itself
        screen_of(app).follow(run.id)
        await until(lambda: expected in status(app).replace("\n", " "), expected)
        assert "odd [/x] [red]" in status(app)
        if mode == "crash":
            assert "out of memory, or so" in status(app).replace("\n", " ")


async def test_opening_the_app_shows_the_run_that_lives(root: Path) -> None:
    store = RunStore(root)
    finished(store, spec("over"))
    run = live(store.create(spec("alive", epochs=100)), "slow")
    app = app_at("train", root)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(lambda: screen_of(app).run_id == run.id, "it is found")
        await until(lambda: "training" in status(app), "it is live")
        await pilot.press("S")
        await until(lambda: "stopped" in status(app), "another app's run obeys")


async def test_nothing_is_read_while_the_screen_is_not_seen(root: Path) -> None:
    store = RunStore(root)
    run = live(store.create(spec(epochs=100)), "slow")
    app = app_at("train", root)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(lambda: screen_of(app).run_id == run.id, "it is found")
        screen = screen_of(app)
        await until(lambda: "training" in status(app), "it is live")
        await pilot.press("f4")
        await until(lambda: app.screen is not screen, "another screen")
        assert not screen.query_one(FollowedRun).reading
        await pilot.press("f3")
        await until(
            lambda: app.screen is screen and screen.query_one(FollowedRun).reading, "it follows again"
        )
        await pilot.press("S")
        await until(lambda: "stopped" in status(app), "it stops")


async def test_a_folder_that_vanishes_brings_the_form_back(root: Path) -> None:
    store = RunStore(root)
    run = finished(store, spec())
    app = app_at("train", root)
    async with app.run_test(size=(80, 24)):
        await ready(app)
        screen_of(app).follow(run.id)
        await until(lambda: "completed" in status(app), "it is shown")
        shutil.rmtree(run.path)
        await until(lambda: screen_of(app).run_id is None, "the form is back")


async def test_broken_files_are_shown_not_fatal(root: Path) -> None:
    store = RunStore(root)
    run = finished(store, spec("torn"))
    run.spec_path.write_text("schedule = [broken")
    with run.events_path.open("ab") as log:
        log.write(
            b'{"event": "report", "time": 1, "step": "x", "train_loss": {}}\nnot json\n\xff\xfe\n{"half'
        )
    app = app_at("train", root)
    async with app.run_test(size=(80, 24)):
        await ready(app)
        screen_of(app).follow(run.id)
        await until(lambda: "completed" in status(app), "it is shown")
        assert "spec can't be read" in status(app)
        assert "2 lines of the log can't be read" in status(app)


async def test_one_chart_at_a_time_on_a_small_terminal_and_all_on_a_large_one(root: Path) -> None:
    store = RunStore(root)
    run = finished(store, spec(), gauges=True)
    app = app_at("train", root)
    every = [f"{name}-chart" for name in ("loss", "accuracy", "rate", "gradient", "throughput", "load")]
    async with app.run_test(size=(80, 24)) as pilot:
        await ready(app)
        screen_of(app).follow(run.id)
        await until(lambda: "completed" in status(app), "it is shown")
        shown = lambda: [chart.id for chart in screen_of(app).query("RunCharts > Chart") if chart.display]  # noqa: E731
        await pilot.pause()
        assert shown() == every[:1]
        await pilot.press("m")
        assert shown() == every[1:2]
        await pilot.press("m", "m", "m", "m", "m")
        assert shown() == every[:1]
        await pilot.resize_terminal(120, 35)
        await pilot.pause()
        assert shown() == every
        await pilot.press("m")
        assert shown() == every[:1]
        await pilot.press(*["m"] * len(every))
        assert shown() == every
        await pilot.resize_terminal(200, 50)
        await pilot.pause()
        assert shown() == every
        await pilot.press("x", "x", "l")
        await pilot.pause(0.4)
        for width, height in [(20, 6), (5, 3), (200, 50), (60, 20), (80, 24)]:
            await pilot.resize_terminal(width, height)
            await pilot.pause()
        assert shown() == every[:1]


async def test_charts_walk_zoom_and_go_logarithmic_together(root: Path) -> None:
    store = RunStore(root)
    run = finished(store, spec(epochs=20), gauges=True)
    app = app_at("train", root)
    async with app.run_test(size=(120, 35)) as pilot:
        await ready(app)
        screen_of(app).follow(run.id)
        await until(lambda: "completed" in status(app), "it is shown")
        loss, rate, gradient = (
            screen_of(app).query_one(f"#{name}-chart", Chart) for name in ("loss", "rate", "gradient")
        )
        await until(lambda: gradient.frame.has_canvas, "they are drawn")
        await pilot.press("v")
        await until(lambda: loss.has_focus and loss.cursor == 20, "the cursor is at the end")
        assert rate.cursor == gradient.cursor == 20
        await pilot.press("left")
        await until(lambda: rate.cursor == 19, "all cursors walk")
        await pilot.press("plus", "plus")
        await until(lambda: rate.window is not None and rate.window == loss.window, "all are zoomed")
        followed = screen_of(app).query_one(FollowedRun)
        await until(
            lambda: followed.view and followed.view.span == loss.window, "the stretch was read in detail"
        )
        await pilot.resize_terminal(80, 24)
        await pilot.press("m", "m")
        await until(lambda: rate.display and rate.frame.has_canvas, "another chart alone")
        assert rate.window == loss.window
        assert rate.cursor == 19
        await pilot.resize_terminal(120, 35)
        await until(lambda: loss.display, "all of them")
        loss.focus()
        await pilot.press("l")
        await until(lambda: loss.frame.y.log, "the chart with the focus is logarithmic")
        assert not gradient.frame.y.log
        await pilot.press("0")
        await until(lambda: rate.window is None and followed.view.span is None, "all of it again")
        await pilot.press("f")
        await until(lambda: screen_of(app).maximized is loss, "it fills the screen")
        await pilot.press("f")
        await until(lambda: screen_of(app).maximized is None, "and goes back")


async def test_figures_are_newer_than_the_charts_of_a_long_run(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(followed_run, "SHOWN_EVERY", 0.05)
    monkeypatch.setattr(followed_run, "CALM", 60.0)
    drawn: list[RunView] = []
    real = RunCharts.show

    def show(charts: RunCharts, view: RunView, look: Look) -> None:
        drawn.append(view)
        real(charts, view, look)

    run = live(RunStore(root).create(spec(epochs=100_000)), "slow")
    app = app_at("train", root)
    async with app.run_test(size=(120, 35)) as pilot:
        await ready(app)
        followed = screen_of(app).query_one(FollowedRun)
        await until(lambda: followed.view and followed.view.pace, "it is followed")
        loss = screen_of(app).query_one("#loss-chart", Chart)
        await until(lambda: loss.frame.has_canvas, "and drawn")
        assert followed.charts.half_a_column(followed.view) > 60
        monkeypatch.setattr(RunCharts, "show", show)
        seen: set[str] = set()
        await until(lambda: seen.add(status(app)) or len(seen) >= 6, "its figures change")
        assert len(drawn) <= 1  # its pace wasn't known when they were drawn first
        await pilot.press("x")
        await until(lambda: len(drawn) > 1, "another axis is drawn at once")
        await pilot.press("S")
        await until(lambda: drawn[-1].state is RunState.STOPPED, "and so is its end")
    assert run.state() is RunState.STOPPED


async def test_arrows_step_values_in_the_form(root: Path) -> None:
    app = app_at("train", root)
    async with app.run_test(size=(80, 24)) as pilot:
        await ready(app)
        screen_of(app).query_one("#spec-epochs", SpecInput).focus()
        await pilot.press("up", "up", "down")
        screen_of(app).query_one("#spec-model", SpecInput).focus()
        await pilot.press("up")
        await pilot.pause()
        assert app.draft.epochs == 11
        assert app.draft.model == "lenet-1"


async def test_what_starts_is_what_was_typed_last(root: Path) -> None:
    app = app_at("train", root)
    async with app.run_test(size=(80, 24)) as pilot:
        await ready(app)
        field = screen_of(app).query_one("#spec-epochs", SpecInput)
        field.focus()
        field.value = ""
        await pilot.press("3", "7", "f5")
        await until(lambda: screen_of(app).run_id, "it is followed")
        assert RunStore(root).runs()[0].spec.epochs == 37
        await pilot.press("S")
        await until(lambda: "stopped" in status(app), "it stops")
