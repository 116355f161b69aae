"""Every command to a followed run, by keyboard, with its answer in words; the fake worker can be steered."""

from __future__ import annotations

import sys
from pathlib import Path

import fake_runs
import pytest
from fake_runs import app_at, finished, live, spec, until
from textual.pilot import Pilot
from textual.widgets import Input, OptionList, Static

from lrtui.runs import queue
from lrtui.runs.launch import launch
from lrtui.runs.run import Run, RunState
from lrtui.runs.store import RunStore
from lrtui.ui.app import LrtuiApp
from lrtui.ui.screens.again_dialog import AgainDialog
from lrtui.ui.screens.confirm import Confirm
from lrtui.ui.screens.export_dialog import ExportDialog
from lrtui.ui.screens.queue_panel import QueuePanel
from lrtui.ui.screens.reading_panel import HappeningsPanel, LogPanel
from lrtui.ui.screens.steer_dialog import SteerDialog
from lrtui.ui.screens.train import TrainScreen
from lrtui.ui.widgets.chart import Chart
from lrtui.ui.widgets.run_status import RunStatus
from lrtui.ui.widgets.spec_form import SpecForm

LARGE = (120, 40)


@pytest.fixture(autouse=True)
def _fake_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    command = [sys.executable, fake_runs.__file__, "train"]
    monkeypatch.setattr(queue, "launch", lambda run, standby=None: launch(run, command))


def train(app: LrtuiApp) -> TrainScreen:
    return next(screen for screen in app.screen_stack if isinstance(screen, TrainScreen))


def status(app: LrtuiApp) -> str:
    return train(app).query_one(RunStatus).text


async def following(app: LrtuiApp, run: Run) -> None:
    await until(lambda: isinstance(app.screen, TrainScreen), "the screen is there")
    train(app).follow(run.id)
    await until(lambda: "nothing found wrong" in status(app) or "!" in status(app), "it trains")


async def steer(pilot: Pilot[None], app: LrtuiApp, key: str, text: str | None) -> str:
    """Open the dialog with a key, write a line, and return what the dialog says of it."""
    await pilot.press(key)
    await until(lambda: isinstance(app.screen, SteerDialog), "it asks")
    outlook = app.screen.query_one("#outlook", Static)
    if text is not None:
        app.screen.query_one(Input).value = text
    await until(lambda: "looking" not in str(outlook.render()), "it says what it would do")
    await pilot.pause()
    return str(outlook.render())


async def test_a_worker_that_still_saves_is_said_to_stop_until_it_has(root: Path) -> None:
    run = live(RunStore(root).create(spec("heavy", epochs=100)), "keep")
    app = app_at("train", root)
    async with app.run_test(size=LARGE) as pilot:
        await following(app, run)
        await pilot.press("S")
        await until(lambda: "stops at update" in status(app), "it has heard")
        said = []

        def ended() -> bool:
            said.append(status(app))
            return "stopped" in said[-1]

        await until(ended, "it has stopped")
    assert all("stops at update" in text for text in said[:-1])


async def test_every_command_by_keyboard_is_answered_in_words(root: Path) -> None:
    run = live(RunStore(root).create(spec("steered", "constant(0.1)", epochs=100)), "crawl")
    app = app_at("train", root)
    async with app.run_test(size=LARGE) as pilot:
        await following(app, run)

        await pilot.press("F")
        await until(lambda: "it stops when this epoch is over" in status(app), "it will stop")
        await pilot.press("F")
        await until(lambda: "goes on from update" in status(app), "it won't after all")
        await pilot.press("k")
        await until(lambda: "a checkpoint of update" in status(app), "it is saved")

        said = await steer(pilot, app, "a", "x0.5")
        assert "the schedule is multiplied by 0.5; it is 0.1 now and would be 0.05" in said
        await pilot.press("enter")
        await until(lambda: "on the schedule is multiplied by 0.5" in status(app), "it is scaled")
        await until(lambda: "rate 0.05" in status(app), "its rate is halved")
        chart = train(app).query_one("#rate-chart", Chart)
        await until(lambda: "rate ×0.5" in "\n".join(chart.frame.texts), "the chart has a mark")

        await steer(pilot, app, "a", "0.02")
        await pilot.press("enter")
        await until(lambda: "the rate is held at 0.02" in status(app), "it is held")
        await pilot.press("b")
        await until(lambda: "the schedule is followed" in status(app), "it follows again")

        said = await steer(pilot, app, "c", None)
        assert "the rate falls from 0.1 to 0 (linear)" in said
        assert "(10.0 epochs)" in said
        await pilot.press("enter")
        await until(lambda: "and the run ends after" in status(app), "it cools down")

        await pilot.press("h")
        await until(lambda: isinstance(app.screen, HappeningsPanel), "it tells")
        await pilot.pause()
        told = str(app.screen.query_one("#text", Static).render())
        assert "the rate is held at 0.02" in told
        assert "asked by app" in told
        await pilot.press("escape", "o")
        await until(lambda: isinstance(app.screen, LogPanel), "it shows the output")
        output = app.screen.query_one("#text", Static)
        await until(lambda: "hello from the worker\\x1b[31m" in str(output.render()), "printable")
        await pilot.press("escape")

        await pilot.press("K")
        await until(lambda: isinstance(app.screen, Confirm), "it asks")
        await pilot.press("n")
        await pilot.pause()
        assert run.alive()
        await pilot.press("K", "y")
        await until(lambda: "■ stopped" in status(app), "it is killed")
        assert not run.alive()
        await until(lambda: "killed at update" in status(app), "it says so")


async def test_what_makes_no_sense_isnt_sent(root: Path) -> None:
    run = live(RunStore(root).create(spec("steered", "constant(0.1)", epochs=100)), "slow")
    app = app_at("train", root)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(lambda: isinstance(app.screen, TrainScreen), "the screen is there")
        train(app).follow(run.id)
        await until(lambda: "training" in status(app), "it trains")
        for text, expected in [
            ("fast", "'fast' is not a rate"),
            ("-1", "must be finite and not negative"),
            ("nan", "must be finite"),
            ("0.1 0.2", "one word too many"),
            ("cooldown soon", "write a length"),
            ("cooldown to", "is not the rate it falls to"),
            ("cooldown 10% to 0 exponential", "cooldown:"),
        ]:
            said = await steer(pilot, app, "a", text)
            assert expected in said, said
            await pilot.press("enter")
            await pilot.pause()
            assert isinstance(app.screen, SteerDialog)
            await pilot.press("escape")
        assert not run.history().commands
        await pilot.press("S")
        await until(lambda: "stopped" in status(app), "it stops")
        assert not [each for each in run.history().commands if each.get("command") != "stop"]


async def test_finishing_its_epoch_ends_the_run_there(root: Path) -> None:
    run = live(RunStore(root).create(spec("finish", "constant(0.1)", epochs=100)), "train")
    app = app_at("train", root)
    async with app.run_test(size=LARGE) as pilot:
        await following(app, run)
        await pilot.press("F")
        await until(lambda: "■ stopped" in status(app), "it stops by itself")
        assert run.history().done % 40 == 0


async def test_a_diagnosis_is_told_in_short_and_in_full(root: Path) -> None:
    run = live(RunStore(root).create(spec("ill", "constant(0.1)", epochs=3)), "overfit")
    app = app_at("train", root)
    async with app.run_test(size=LARGE) as pilot:
        await until(lambda: isinstance(app.screen, TrainScreen), "the screen is there")
        train(app).follow(run.id)
        await until(lambda: "! overfitting: It learns by heart." in status(app), "it is told")
        await pilot.press("h")
        await until(lambda: isinstance(app.screen, HappeningsPanel), "it tells")
        await pilot.pause()
        told = str(app.screen.query_one("#text", Static).render())
        assert "overfitting: the test loss rises while the training loss falls" in told
        assert "Use more data." in told
        assert "evidence: test loss 1.25, epochs 1, 2" in told


class Ready:
    """In the place of the app's keeper: remembers which runs the process that stands by was given to."""

    def __init__(self, app: LrtuiApp, monkeypatch: pytest.MonkeyPatch) -> None:
        self.standby = object()
        self.given: list[str] = []
        command = [sys.executable, fake_runs.__file__, "train"]

        def note(run: Run, standby: object = None) -> int:
            if standby is self.standby:
                self.given.append(run.id)
            return launch(run, command)

        monkeypatch.setattr(queue, "launch", note)
        monkeypatch.setattr(app, "_keeper", self)

    def close(self) -> None:
        """Nothing stands by."""


async def test_s_trains_an_ended_run_again_and_follows_it(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = RunStore(root)
    run = finished(store, spec("first", epochs=100))
    app = app_at("train", root)
    ready = Ready(app, monkeypatch)
    async with app.run_test(size=LARGE) as pilot:
        await until(lambda: isinstance(app.screen, TrainScreen), "the screen is there")
        train(app).follow(run.id)
        await until(lambda: "completed" in status(app), "it is shown")
        await pilot.press("s")
        await until(lambda: isinstance(app.screen, AgainDialog), "it asks how")
        await pilot.press("escape")
        await pilot.pause()
        assert train(app).run_id == run.id
        await pilot.press("s")
        await until(lambda: isinstance(app.screen, AgainDialog), "it asks how")
        await pilot.press("enter")
        await until(lambda: train(app).run_id != run.id, "the repetition is followed")
        again = store.get(train(app).run_id or "")
        assert again.spec.seed == run.spec.seed + 1
        await until(lambda: "training" in status(app), "it trains")
        await pilot.press("S")
        await until(lambda: "stopped" in status(app), "it stops")
        await pilot.press("s")
        await until(lambda: isinstance(app.screen, AgainDialog), "it asks how")
        await pilot.press("enter")
        await until(lambda: len(ready.given) == 2, "it goes on")
        assert ready.given == [again.id] * 2
        await until(lambda: not again.alive(), "the fake worker obeys what it was told before")


async def test_the_queue_is_shown_and_changed_by_keyboard(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LRTUI_SLOTS", "1")
    store = RunStore(root)
    busy = live(store.create(spec("busy", "constant(0.1)", epochs=100)), "slow")
    waiting = [queue.start(store, spec(name), "test") for name in ("one", "two", "three")]
    app = app_at("train", root)
    async with app.run_test(size=LARGE) as pilot:
        await until(lambda: isinstance(app.screen, TrainScreen), "the screen is there")
        await pilot.press("Q")
        await until(lambda: isinstance(app.screen, QueuePanel), "it is shown")
        how_many = app.screen.query_one("#how-many", Static)
        await until(lambda: "1 of 1 trains" in str(how_many.render()), "it says how many")
        assert f": busy {busy.id[-4:]}; 3 runs wait" in str(how_many.render())
        line = [str(option.prompt) for option in app.screen.query_one(OptionList).options]
        # Of a series the seed is all that tells its runs apart.
        assert [f"{run.id[-4:]}   seed {run.spec.seed}   {run.spec.schedule}" in text
                for run, text in zip(waiting, line, strict=True)] == [True] * 3  # fmt: skip
        await pilot.press("down", "f")
        await until(lambda: queue.waiting(store)[0].id == waiting[1].id, "the second is the first")
        said = app.screen.query_one("#said", Static)
        await until(lambda: f"two {waiting[1].id[-4:]} is the next" in str(said.render()), "it says so")
        await pilot.press("d")
        await until(lambda: len(queue.waiting(store)) == 2, "one is out")
        await until(lambda: "out of the queue" in str(said.render()), "it says so")
        await until(lambda: "2 runs wait" in str(how_many.render()), "two are left")
        ready = Ready(app, monkeypatch)
        await pilot.press("N")
        await until(lambda: ready.given == [waiting[0].id], "one starts out of turn")
        await until(lambda: "1 run waits" in str(how_many.render()), "one is left")
        await pilot.press("enter")
        await until(lambda: train(app).run_id == waiting[2].id, "it is shown")
        await until(lambda: "queued: starts by itself" in status(app), "in words")
        await pilot.press("S")
        await until(lambda: waiting[2].state() is RunState.STOPPED, "it is taken out")
        for run in (busy, waiting[0]):
            train(app).follow(run.id)
            await until(lambda: "training" in status(app), "the others train")
            await pilot.press("S")
            await until(lambda: "■ stopped" in status(app), "they stop")


async def test_what_leads_elsewhere_by_keyboard(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LRTUI_SLOTS", "1")
    store = RunStore(root)
    run = finished(store, spec("over", "linear(0.3)"))
    app = app_at("train", root)
    async with app.run_test(size=LARGE) as pilot:
        await until(lambda: isinstance(app.screen, TrainScreen), "the screen is there")
        train(app).follow(run.id)
        await until(lambda: "completed" in status(app), "it is shown")
        await pilot.press("w")
        await until(
            lambda: any("No run is training: n brings" in str(note.message) for note in app._notifications),
            "no other",
        )
        await pilot.press("e")
        await until(lambda: isinstance(app.screen, ExportDialog), "the export asks")
        await pilot.press("escape", "n")
        await until(lambda: train(app).run_id is None, "the form")
        # N takes no turn; w goes to what trains.
        await until(lambda: train(app).query_one(SpecForm).spec is not None, "it is checked")
        await pilot.press("N")
        await until(lambda: train(app).run_id not in (None, run.id), "it is followed")
        first = train(app).run_id
        train(app).follow(run.id)
        await pilot.press("w")
        await until(lambda: train(app).run_id == first, "what trains is shown")
        await until(lambda: "training" in status(app), "it trains")
        await pilot.press("S")
        await until(lambda: "stopped" in status(app), "it stops")
        train(app).follow(run.id)
        await until(lambda: "completed" in status(app), "it is shown")
        await pilot.press("u")
        await until(lambda: app.current_mode == "explore", "its schedule is opened")
        assert app.draft.expression == "linear(0.3)"
