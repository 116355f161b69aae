"""What is done to runs from the list, by keys alone: names, tags, notes, the trash, training again."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest
from fake_runs import app_at, finished, live, spec, until
from looking import listed, names, said, screen_of, table_of, write
from textual.pilot import Pilot
from textual.widgets import Input, OptionList, Static

from lrtui.runs import again
from lrtui.runs.queue_marker import new_marker, put_marker
from lrtui.runs.spec import RunSpec
from lrtui.runs.store import Run, RunStore, StoreError
from lrtui.ui.app import LrtuiApp
from lrtui.ui.screens.again_dialog import AgainDialog
from lrtui.ui.screens.confirm import Confirm
from lrtui.ui.screens.note_editor import NoteEditor
from lrtui.ui.screens.trash_view import TrashView
from lrtui.ui.widgets.lines import ChoiceBar, Lines


async def test_tags_names_and_notes_in_place(root: Path) -> None:
    store = RunStore(root)
    one, two = finished(store, spec("one")), finished(store, spec("two"))
    app = app_at("runs", root)
    async with app.run_test(size=(80, 24)) as pilot:
        await listed(app, 2)
        table_of(app).select(one.id)
        await pilot.press("t")
        await write(pilot, "good base")
        await pilot.press("enter")
        about = screen_of(app).query_one("#about", Lines)
        await until(lambda: "#good #base" in about.text, "the tags")
        await pilot.press("t", *["backspace"] * 5)
        await write(pilot, " x:y")
        await pilot.press("enter")
        note = screen_of(app).ask_line.query_one("#ask-note", Static)
        await until(lambda: "'x:y' is no tag" in str(note.render()), "what is wrong")
        assert one.labels.tags == ("good", "base"), "nothing was changed"
        await pilot.press(*["backspace"] * 4, "enter")
        await until(lambda: one.labels.tags == ("good",), "one tag less")
        await pilot.press("a", "t")
        await write(pilot, "both -good")
        await pilot.press("enter")
        await until(lambda: one.labels.tags == two.labels.tags == ("both",), "tags of all that are marked")

        await pilot.press("r")
        await write(pilot, " [/x]")
        await pilot.press("enter")
        await until(lambda: "one [/x]" in names(app), "another name")
        assert one.id in {row.id for row in table_of(app).rows}
        await pilot.press("r", "escape")
        assert not screen_of(app).ask_line.has_class("-asking")

        await pilot.press("n")
        await until(lambda: isinstance(app.screen, NoteEditor), "the editor")
        await write(pilot, "first")
        await pilot.press("enter", "s", "ctrl+s")
        await until(lambda: one.labels.notes == "first\ns", "the notes are kept")
        await until(lambda: "“first”" in about.text, "the first line is shown")
        await pilot.press("n", "z", "escape")
        assert one.labels.notes == "first\ns"
        await pilot.press("n")
        await until(lambda: isinstance(app.screen, NoteEditor), "the editor")
        await write(pilot, "!")
        await pilot.press("ctrl+s", "r")
        await until(lambda: "“first”" in about.text and one.labels.notes == "first\ns!", "they are kept")
        await pilot.pause()
        assert screen_of(app).ask_line.question == "name", "what is asked meanwhile is still asked"
        await pilot.press("escape")


async def test_deleting_is_taken_back(root: Path) -> None:
    store = RunStore(root)
    for name in ("a", "b", "c"):
        finished(store, spec(name))
    app = app_at("runs", root)
    async with app.run_test(size=(80, 24)) as pilot:
        await listed(app, 3)
        first, second, _ = names(app)
        await pilot.press("d")
        await listed(app, 2)
        assert first not in names(app)
        await until(lambda: f"Deleted {first}: z takes it back" in said(app), "how to take it back")
        await pilot.press("a", "d")
        await until(lambda: isinstance(app.screen, Confirm), "several are asked about")
        await pilot.press("n")
        await until(lambda: not isinstance(app.screen, Confirm), "the question's end")
        assert len(store.runs()) == 2
        await pilot.press("d")
        await until(lambda: isinstance(app.screen, Confirm), "the question")
        await pilot.press("y")
        await listed(app, 0)
        await until(lambda: "Deleted 2 marked runs" in said(app), "both are gone")
        await pilot.press("z")
        await listed(app, 2)
        await pilot.press("z")
        await listed(app, 3)
        await pilot.press("z")
        await until(lambda: "Nothing was deleted" in said(app), "no more to take back")
        assert second in names(app)


async def test_it_is_said_which_runs_of_one_name_go_and_what_the_filter_hides(root: Path) -> None:
    store = RunStore(root)
    runs = [finished(store, spec(name)) for name in ("same", "same", "other")]
    app = app_at("runs", root)
    async with app.run_test(size=(80, 24)) as pilot:
        await listed(app, 3)
        await pilot.press("a", "slash", *"other", "enter")
        await listed(app, 1)
        await pilot.press("d")
        await until(lambda: isinstance(app.screen, Confirm), "the question")
        asked = " ".join(str(each.render()) for each in app.screen.query(Static))
        assert "Delete 3 marked runs?" in asked
        assert all(f"same {run.id[-4:]}" in asked for run in runs[:2])
        assert f"other {runs[2].id[-4:]}" not in asked
        assert "The filter hides 2 of them." in asked
        await pilot.press("n")


async def test_one_run_of_the_trash_is_deleted_for_good_after_a_question(root: Path) -> None:
    store = RunStore(root)
    for name in ("a", "b", "c"):
        store.delete(finished(store, spec(name + " [/x]")))
        time.sleep(0.002)
    finished(store, spec("here"))
    app = app_at("runs", root)
    async with app.run_test(size=(60, 20)) as pilot:
        await listed(app, 1)
        await pilot.press("T")
        await until(lambda: isinstance(app.screen, TrashView), "the trash")
        trash = app.screen.query_one(OptionList)
        await until(lambda: trash.option_count == 3, "what is in it")
        close = app.screen.query_one("#close")
        assert close.region.right < app.screen.query_one("Vertical").region.right, "no button is cut off"
        await pilot.press("down", "d")
        await until(lambda: isinstance(app.screen, Confirm), "the question")
        await pilot.press("n", "d")
        await until(lambda: isinstance(app.screen, Confirm), "the question again: nothing was deleted")
        assert len(store.trashed()) == 3
        await pilot.press("y")
        await until(lambda: trash.option_count == 2, "it is gone")
        assert [each.id.split("-")[2] for each in store.trashed()] == ["c", "a"]
        assert {run.name for run in store.runs()} == {"here"}
        store.delete_for_good(store.trashed()[0])  # somebody else is quicker
        await pilot.press("home", "d")
        await until(lambda: isinstance(app.screen, Confirm), "the question")
        await pilot.press("y")
        await until(lambda: trash.option_count == 1, "it is gone all the same")
        assert not str(app.screen.query_one("#said", Static).render())


async def test_the_trash_restores_and_is_emptied(root: Path) -> None:
    store = RunStore(root)
    for name in ("a", "b", "c"):
        store.delete(finished(store, spec(name + " [/x]")))
        time.sleep(0.002)
    finished(store, spec("here"))
    app = app_at("runs", root)
    async with app.run_test(size=(80, 24)) as pilot:
        await listed(app, 1)
        await pilot.press("T")
        await until(lambda: isinstance(app.screen, TrashView), "the trash")
        trash = app.screen.query_one(OptionList)
        await until(lambda: trash.option_count == 3, "what is in it")
        await pilot.press("down", "r")
        await until(lambda: trash.option_count == 2, "one is back")
        assert {run.name for run in store.runs()} == {"here", "b [/x]"}
        await pilot.press("E")
        await until(lambda: isinstance(app.screen, Confirm), "the question")
        await pilot.press("n")
        assert len(store.trashed()) == 2
        await pilot.press("E")
        await until(lambda: isinstance(app.screen, Confirm), "the question")
        await pilot.press("y")
        await until(lambda: not store.trashed(), "it is empty")
        about = app.screen.query_one("#about", Static)
        await until(lambda: "The trash is empty" in str(about.render()), "it says so")
        await pilot.press("r", "E", "enter", "escape")
        await listed(app, 2)


@pytest.fixture
def trained(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Runs whose worker would have been started; none is."""
    started: list[str] = []

    def begin(store: RunStore, run_spec: RunSpec, by: str, *, standby: object) -> Run:
        run = store.create(run_spec)
        started.append(run.id)
        return run

    monkeypatch.setattr(again, "start", begin)
    monkeypatch.setattr(again, "resume", lambda store, run, by, *, standby: started.append(run.id))
    return started


async def test_a_run_is_trained_again_in_every_way(root: Path, trained: list[str]) -> None:
    store = RunStore(root)
    run = finished(store, spec("a", epochs=5), outcome="stopped")
    app = app_at("runs", root)

    async def answered(pilot: Any, *keys: str, text: str | None = None) -> None:
        await pilot.press("s")
        await until(lambda: isinstance(app.screen, AgainDialog), "the dialog")
        await pilot.press(*keys)
        if text is not None:
            app.screen.query_one(Input).value = text
        await pilot.press("enter")

    async with app.run_test(size=(80, 24)) as pilot:
        await listed(app, 1)
        await answered(pilot)
        await until(lambda: trained == [run.id], "it goes on")
        await until(lambda: "a goes on" in said(app), "it says so")
        await answered(pilot, "f6", text="8")
        await until(lambda: run.spec.epochs == 8, "more epochs")
        assert trained == [run.id] * 2
        await until(lambda: not isinstance(app.screen, AgainDialog), "the dialog is closed")
        await answered(pilot, "f6", "f6", text="linear(0.2)")
        await until(lambda: run.spec.schedule == "linear(0.2)", "another schedule")
        await until(lambda: not isinstance(app.screen, AgainDialog), "the dialog is closed")
        await answered(pilot, "up", text="7")
        await listed(app, 2)
        new = next(each for each in store.runs() if each.id != run.id)
        assert (new.spec.seed, new.spec.schedule, new.spec.epochs) == (7, "linear(0.2)", 8)
        assert trained == [run.id] * 3 + [new.id]
        chosen = table_of(app).selected
        assert chosen is not None
        assert chosen.id == new.id, "enter shows it live, as is said"


async def test_a_run_is_repeated_with_several_seeds(root: Path, trained: list[str]) -> None:
    store = RunStore(root)
    run = finished(store, spec("a"))
    app = app_at("runs", root)
    async with app.run_test(size=(80, 24)) as pilot:
        await listed(app, 1)
        await pilot.press("s")
        await until(lambda: isinstance(app.screen, AgainDialog), "the dialog")
        await pilot.press(*"3-5,9", "enter")  # in place of the seed that stands there
        await listed(app, 5)
        await until(lambda: "a is repeated as 4 runs" in said(app), "it says so")
        seeds = {each.id: each.spec.seed for each in store.runs() if each.id != run.id}
        assert [seeds[run_id] for run_id in trained] == [3, 4, 5, 9]
        chosen = table_of(app).selected
        assert chosen is not None
        assert chosen.id == trained[0]
        await pilot.press("g")  # they are one experiment
        await listed(app, 1)


async def test_repetitions_that_cannot_all_begin_say_how_many_did(
    root: Path, trained: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    store = RunStore(root)
    finished(store, spec("a"))
    begin = again.start

    def full(store: RunStore, run_spec: RunSpec, by: str, *, standby: object) -> Run:
        if run_spec.seed == 2:
            raise StoreError("the disk is full")
        return begin(store, run_spec, by, standby=standby)  # type: ignore[arg-type]

    monkeypatch.setattr(again, "start", full)
    app = app_at("runs", root)
    async with app.run_test(size=(80, 24)) as pilot:
        await listed(app, 1)
        await pilot.press("s")
        await until(lambda: isinstance(app.screen, AgainDialog), "the dialog")
        await pilot.press(*"1-3", "enter")
        problem = app.screen.query_one("#problem", Static)
        await until(lambda: "the disk is full" in str(problem.render()), "why not")
        assert str(problem.render()) == "1 of 3 repetitions began, then: the disk is full"
        assert len(trained) == 1


async def test_what_cannot_be_trained_again_says_why(root: Path, trained: list[str]) -> None:
    store = RunStore(root)
    finished(store, spec("a", epochs=5))
    app = app_at("runs", root)
    async with app.run_test(size=(80, 24)) as pilot:
        await listed(app, 1)
        await pilot.press("s")
        await until(lambda: isinstance(app.screen, AgainDialog), "the dialog")
        bar = app.screen.query_one(ChoiceBar)
        assert len(bar.text) <= bar.size.width
        problem = app.screen.query_one("#problem", Static)
        for keys, text, words in [
            ((), "x", "whole number"),
            (("f6", "f6"), "3", "more than the 5"),
            ((), "", "missing"),
            (("f6",), "cosin(0.1)", "cosine"),
        ]:
            await pilot.press(*keys)
            app.screen.query_one(Input).value = text
            await pilot.press("enter")
            await until(lambda words=words: words in str(problem.render()), f"{words} about {text!r}")
        await pilot.press("escape")
        assert not isinstance(app.screen, AgainDialog)
        assert not trained


async def test_a_running_one_is_paused_and_stopped(root: Path) -> None:
    store = RunStore(root)
    run = live(store.create(spec("busy", epochs=100)), "slow")
    app = app_at("runs", root)
    async with app.run_test(size=(80, 24)) as pilot:
        await listed(app, 1)
        await until(lambda: str(run.state()) == "running", "it trains")
        await pilot.press("p")
        await until(lambda: table_of(app).rows[0].state.value == "paused", "it pauses")
        await pilot.press("p")
        await until(lambda: table_of(app).rows[0].state.value == "running", "it goes on")
        await pilot.press("d")
        await until(lambda: "stop it" in said(app), "it isn't deleted")
        await pilot.press("S")
        await until(lambda: table_of(app).rows[0].state.value == "stopped", "it stops")
        await pilot.press("S")
        await until(lambda: "isn't training" in said(app), "there is nothing to stop")
    await until(lambda: not run.alive(), "its worker is gone")


async def test_marked_runs_are_stopped_together_after_a_question(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LRTUI_SLOTS", "1")
    store = RunStore(root)
    finished(store, spec("done"))
    waiting = [store.create(spec(name + " [/x]", epochs=100)) for name in ("a", "b", "c")]
    for run in waiting[1:]:
        put_marker(run.path, new_marker("test"))
    live(waiting[0], "slow")
    await until(lambda: str(waiting[0].state()) == "running", "it trains")

    def states() -> list[str]:
        return [str(run.state()) for run in waiting]

    app = app_at("runs", root)
    async with app.run_test(size=(80, 24)) as pilot:
        await listed(app, 4)
        assert states() == ["running", "queued", "queued"]
        await choose(app, pilot, "a [/x]")
        await pilot.press("space")
        await choose(app, pilot, "b [/x]")
        await pilot.press("space")
        await choose(app, pilot, "done")
        await pilot.press("space", "S")
        await until(lambda: isinstance(app.screen, Confirm), "the question")
        question = str(app.screen.query_one(Static).render())
        assert "Stop 2 runs?" in question
        assert "done" not in question
        await pilot.press("n")
        assert states() == ["running", "queued", "queued"]
        await choose(app, pilot, "c [/x]")
        await pilot.press("S")  # not marked, so it is the one that is meant
        await until(lambda: states() == ["running", "queued", "stopped"], "it alone is taken out")
        await choose(app, pilot, "a [/x]")
        await pilot.press("S")
        await until(lambda: isinstance(app.screen, Confirm), "the question")
        await pilot.press("y")
        await until(lambda: states() == ["stopped"] * 3, "all are")
        await until(lambda: all(row.state.ended for row in table_of(app).rows), "the list knows it")
        await pilot.press("S")
        await until(lambda: "isn't training" in said(app), "nothing is left to stop")


async def choose(app: LrtuiApp, pilot: Pilot[None], name: str) -> None:
    """Go to a run's row."""
    place = [row.name for row in table_of(app).rows].index(name)
    await pilot.press("home", *["down"] * place)
    chosen = table_of(app).selected
    assert chosen is not None
    assert chosen.name == name
