"""The Runs screen driven as a person drives it."""

from __future__ import annotations

import csv
import json
import threading
import time
from pathlib import Path

from fake_runs import app_at, finished, live, spec, until
from looking import curves, line, names, screen_of, table_of
from textual import events
from textual.widgets import Input, Static

from lrtui.runs.control import send
from lrtui.runs.spec import RunSpec
from lrtui.runs.store import RunStore, RunSummary
from lrtui.ui.app import LrtuiApp
from lrtui.ui.screens.confirm import Confirm
from lrtui.ui.screens.export_dialog import ExportDialog
from lrtui.ui.screens.train import TrainScreen
from lrtui.ui.widgets.chart import Chart
from lrtui.ui.widgets.lines import Lines
from lrtui.ui.widgets.run_columns import COLUMNS, SORTS


async def test_an_empty_folder_says_what_to_do(root: Path) -> None:
    app = app_at("runs", root)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(lambda: screen_of(app).has_class("-empty"), "the words for nothing")
        assert str(root) in str(screen_of(app).query_one("#empty", Static).render())
        await pilot.press("space", "enter", "e", "d", "u", "m", "x", "l", "o", "O", "c", "down", "up", "end")
        finished(RunStore(root), spec("first"))
        await until(lambda: names(app) == ["first"], "a run made elsewhere appears")


class SlowStore(RunStore):
    """A store on a slow disk: nothing can be listed before `listable` is set."""

    def __init__(self, root: Path) -> None:
        super().__init__(root)
        self.listable = threading.Event()

    def summaries(self) -> list[RunSummary]:
        assert self.listable.wait(60)
        return super().summaries()


async def test_keys_that_come_before_the_list_wait_for_it(root: Path) -> None:
    store = SlowStore(root)
    for name in ("one", "two"):
        finished(store, spec(name))
    app = LrtuiApp(store)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(lambda: app.current_mode == "explore", "the first screen")
        await pilot.press("f4")
        for key in ("down", "e"):  # pilot.press would wait for their effect
            app.post_message(events.Key(key, key if len(key) == 1 else None))
        await pilot.pause()
        assert not isinstance(app.screen, ExportDialog)
        store.listable.set()
        await until(lambda: isinstance(app.screen, ExportDialog), "the dialog")
        await until(lambda: isinstance(app.focused, Input), "its field")
        chosen = table_of(app).selected
        assert chosen is not None
        assert chosen.id == table_of(app).rows[1].id


async def test_a_list_that_does_not_come_holds_no_function_key(root: Path) -> None:
    store = SlowStore(root)
    finished(store, spec("first"))
    app = LrtuiApp(store)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(lambda: app.current_mode == "explore", "the first screen")
        await pilot.press("f4")
        app.post_message(events.Key("e", "e"))
        await pilot.press("f2")
        await until(lambda: app.current_mode == "explore", "Explore")
        store.listable.set()
        await pilot.press("f4")
        await until(lambda: names(app) == ["first"], "the list")
        assert app.screen is screen_of(app), "the key was for the screen as it was"


async def test_runs_made_elsewhere_appear_and_the_highlight_stays_where_it_is(root: Path) -> None:
    store = RunStore(root)
    for number in range(12):
        finished(store, spec(f"run {number}"), best=0.1 + number / 100)
        time.sleep(0.01)
    app = app_at("runs", root)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(lambda: len(names(app)) == 12, "the list")
        await pilot.press("down", "down", "down")
        table = table_of(app)
        chosen = table.selected
        assert chosen is not None
        place = names(app).index(chosen.name) - table.scroll_offset.y
        began = time.monotonic()
        finished(store, spec("from elsewhere"))
        await until(lambda: len(names(app)) == 13, "it appears")
        assert time.monotonic() - began < 4  # two seconds on a quiet machine
        assert table.selected is not None
        assert table.selected.id == chosen.id
        await pilot.pause()
        assert names(app).index(chosen.name) - table.scroll_offset.y == place
        await pilot.press("end")
        assert table.selected.id == table.rows[-1].id
        assert table.selected.name[:6] in line(app, table.size.height - 1)


async def test_who_is_at_the_top_of_the_list_sees_what_is_started_elsewhere(root: Path) -> None:
    store = RunStore(root)
    for number in range(12):
        finished(store, spec(f"run {number}"))
    app = app_at("runs", root)
    async with app.run_test(size=(80, 24)):
        await until(lambda: len(names(app)) == 12, "the list")
        first = table_of(app).selected
        time.sleep(1)  # ids go by whole seconds
        finished(store, spec("from elsewhere"))
        await until(lambda: len(names(app)) == 13, "it appears")
        assert table_of(app).selected is not None
        assert first is not None
        assert table_of(app).selected.id == first.id  # type: ignore[union-attr]
        assert "from elsewhere"[:6] in line(app, 1)
        assert first.name in line(app, 2)


async def test_a_row_says_what_a_run_is(root: Path) -> None:
    store = RunStore(root)
    finished(store, spec("odd [/x] [red]b", schedule="warmup(1ep) >> cosine(0.5)"), best=0.876)
    app = app_at("runs", root)
    async with app.run_test(size=(120, 35)) as pilot:
        await until(lambda: names(app), "the list")
        row = line(app, 1)
        for text in (
            "✓ completed",
            "odd [/x] [red]b",
            "warmup(1ep) >>",
            "5/5",
            "0.876",
            "now",
        ):
            assert text in row
        # What there is no room for in the row stands below the table.
        assert "10,000/2,000" in screen_of(app).query_one("#about", Lines).text
        await pilot.resize_terminal(80, 24)
        await pilot.pause()
        assert "0.876" in line(app, 1)
        assert len(line(app, 1)) == 80
        for width, height in [(20, 6), (3, 2), (200, 50), (80, 24)]:
            await pilot.resize_terminal(width, height)
            await pilot.pause()


async def test_marked_runs_are_overlaid_on_the_chosen_axes(root: Path) -> None:
    store = RunStore(root)
    finished(store, spec("a"), best=0.5)
    finished(store, spec("b", epochs=10), best=0.9)
    app = app_at("runs", root)
    async with app.run_test(size=(120, 35)) as pilot:
        await until(lambda: len(names(app)) == 2, "the list")
        await until(lambda: len(curves(app, 5)) == 1, "the highlighted run alone")
        await pilot.press("space", "down", "space")
        await until(lambda: len(curves(app, 5)) == 2, "both")
        assert curves(app, 5) == {"a": 0.5, "b": 0.45}
        chart = screen_of(app).query_one("#overlay", Chart)
        series = chart._request.series
        assert len({one.color for one in series}) == 2
        assert chart._request.x.high == 10
        await pilot.press("m")
        await until(lambda: abs(curves(app, 5)["a"] - 0.48) < 1e-9, "test loss")
        await pilot.press("x")
        await until(lambda: abs(curves(app, 199)["a"] - 0.48) < 1e-9, "against updates")
        assert chart._request.x.high == 400
        await pilot.press("l")
        assert chart._request.y.log
        await pilot.press("c")
        await until(lambda: len(curves(app, 5)) == 1, "the highlighted run alone")


async def test_sorting_by_keys(root: Path) -> None:
    store = RunStore(root)
    for name, best in [("b", 0.5), ("c", 0.9), ("a", 0.7)]:
        finished(store, spec(name), best=best)
    app = app_at("runs", root)
    async with app.run_test(size=(120, 35)) as pilot:
        await until(lambda: len(names(app)) == 3, "the list")
        table = table_of(app)
        await pilot.press("o")
        assert table.sorted_by == ("best", True), "what is asked for most is one key away"
        assert set(SORTS) == {column.key for column in COLUMNS}
        while table.sorted_by[0] != "name":
            await pilot.press("o")
        assert names(app) == ["a", "b", "c"]
        await pilot.press("O")
        assert names(app) == ["c", "b", "a"]
        while table.sorted_by[0] != "best":
            await pilot.press("o")
        assert names(app) == ["c", "a", "b"]
        assert "Best▼" in line(app, 0)


async def test_export_asks_before_overwriting_and_says_where_it_went(root: Path) -> None:
    store = RunStore(root)
    finished(store, spec("a"))
    finished(store, spec("b"))
    app = app_at("runs", root)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(lambda: len(names(app)) == 2, "the list")
        await pilot.press("space", "down", "space", "e")
        await until(lambda: isinstance(app.screen, ExportDialog), "the dialog")
        path = Path(app.screen.query_one(Input).value)
        assert path.parent == root.parent
        path.write_text("precious")
        await pilot.press("enter")
        problem = app.screen.query_one("#problem", Static)
        await until(lambda: "exists" in str(problem.render()), "the question")
        assert path.read_text() == "precious"
        await pilot.press("enter")
        await until(lambda: not isinstance(app.screen, ExportDialog), "it is written")
        rows = list(csv.DictReader(path.read_text().splitlines()))
        assert {row["event"] for row in rows} == {"report", "epoch"}
        assert len({row["run"] for row in rows}) == 2
        assert any(str(path) in str(note.message) for note in app._notifications)

        await pilot.press("e", "f6")
        await until(lambda: isinstance(app.screen, ExportDialog), "the dialog")
        document = Path(app.screen.query_one(Input).value)
        assert document.suffix == ".json"
        await pilot.press("enter")
        await until(document.exists, "it is written")
        assert len(json.loads(document.read_text())["runs"]) == 2


async def test_an_export_that_cannot_be_written_says_why_and_stays_open(root: Path) -> None:
    finished(RunStore(root), spec("a"))
    app = app_at("runs", root)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(lambda: names(app), "the list")
        await pilot.press("e")
        await until(lambda: isinstance(app.screen, ExportDialog), "the dialog")
        problem = app.screen.query_one("#problem", Static)
        for text in ("", "/no/such/folder/x.csv", str(root.parent)):
            app.screen.query_one(Input).value = text
            await pilot.pause()
            await pilot.press("enter")
            await until(lambda: str(problem.render()) not in ("", "writing …"), f"a reason for {text!r}")
            assert isinstance(app.screen, ExportDialog)
        await pilot.press("escape")
        assert not isinstance(app.screen, ExportDialog)


async def test_delete_refuses_a_run_that_trains(root: Path) -> None:
    store = RunStore(root)
    finished(store, spec("old"))
    time.sleep(1.1)  # ids are made of seconds: the live one is the newer one
    run = live(store.create(spec("busy", epochs=100)), "slow")
    app = app_at("runs", root)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(lambda: names(app) == ["busy", "old"], "the list")
        table_of(app).select(run.id)
        await pilot.press("d")
        await pilot.pause()
        assert not isinstance(app.screen, Confirm)
        assert any("stop it" in str(note.message) for note in app._notifications)
        await pilot.press("down", "d")
        await until(lambda: names(app) == ["busy"], "it is gone")
    assert [one.id for one in store.runs()] == [run.id]
    assert [one.id.split("-")[2] for one in store.trashed()] == ["old"]
    send(run, "stop", by="test")
    await until(lambda: not run.alive(), "it stops")


async def test_broken_runs_have_a_row_and_a_chart(root: Path) -> None:
    store = RunStore(root)
    one, other = finished(store, spec("fine")), finished(store, spec("broken"))
    other.spec_path.write_bytes(b"\xff\x00 = [")
    other.events_path.write_bytes(b'{"event":"epoch","time":1e999,"epoch":"x"}\n[]\n{"event":"report"')
    (root / "notes").mkdir()
    app = app_at("runs", root)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(lambda: len(names(app)) == 2, "the list")
        table_of(app).select(other.id)
        await pilot.press("space", "m", "m", "m", "m", "m", "m", "x", "x", "l")
        table_of(app).select(one.id)
        await pilot.press("space")
        await pilot.pause(0.5)
        table_of(app).select(other.id)
        await pilot.press("u", "e")
        await pilot.pause(0.2)
        assert isinstance(app.screen, ExportDialog)


async def test_enter_follows_the_run_in_train(root: Path) -> None:
    store = RunStore(root)
    run = finished(store, spec("a"))
    app = app_at("runs", root)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(lambda: names(app), "the list")
        await pilot.press("enter")
        await until(
            lambda: isinstance(app.screen, TrainScreen) and app.screen.run_id == run.id, "it is followed"
        )


async def test_u_takes_the_schedule_to_explore(root: Path) -> None:
    run = RunSpec(schedule="linear(0.25)", preset="made-elsewhere", epochs=7, batch_size=500)
    finished(RunStore(root), run)
    app = app_at("runs", root)
    before = (app.draft.expression, app.draft.epochs, app.draft.batch_size)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(lambda: names(app), "the list")
        await pilot.press("u")
        await until(lambda: app.draft.expression == "linear(0.25)", "it is the draft")
        await until(lambda: app.current_mode == "explore", "Explore")
        # Over the run's length, not over what happened to stand there or what a preset of that name has.
        assert (app.draft.epochs, app.draft.batch_size, app.draft.preset) == (7, 500, None)
        await until(lambda: "7 epochs of batches of 500" in str([*app._notifications]), "it is said")
        await pilot.press("z")
        now = app.draft
        await until(lambda: (now.expression, now.epochs, now.batch_size) == before, "it is undone")


async def test_nothing_is_read_while_the_screen_is_not_seen(root: Path) -> None:
    finished(RunStore(root), spec("a"))
    app = app_at("runs", root)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(lambda: names(app), "the list")
        screen = screen_of(app)
        await pilot.press("f3")
        await until(lambda: app.current_mode == "train", "Train")
        assert not screen._lister.active
        assert not screen._follower.active
        await pilot.press("f4")
        await until(lambda: screen._lister.active and screen._follower.active, "it reads again")
