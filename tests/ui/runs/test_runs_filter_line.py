"""Finding and choosing runs: the filter, marks that outlive it, the target, sorting by every column."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from fake_runs import app_at, finished, spec, until
from looking import curves, line, listed, names, press_all, screen_of, table_of, write
from textual.widgets import Input, Static

from lrtui.runs.store import RunStore
from lrtui.ui.widgets.run_columns import COLUMNS, Look, column, layout


@pytest.fixture
def store(root: Path) -> RunStore:
    store = RunStore(root)
    for number, (name, best) in enumerate([("low", 0.5), ("mid", 0.7), ("high", 0.9)]):
        run = finished(store, spec(name, schedule=f"cosine(0.{number + 1})"), best=best)
        store.tag(run, ["good"] if best > 0.6 else [])
    return store


async def test_the_filter_works_while_it_is_typed_and_a_wrong_one_says_so(store: RunStore) -> None:
    app = app_at("runs", store.root)
    async with app.run_test(size=(80, 24)) as pilot:
        await listed(app, 3)
        await pilot.press("slash")
        await press_all(pilot, "acc>0.6 tag:good")
        await until(lambda: set(names(app)) == {"mid", "high"}, "the good ones")
        note = screen_of(app).filter_line.query_one("#ask-note", Static)
        assert "2 of 3 runs" in str(note.render())
        await write(pilot, " state:x")
        await until(lambda: "no state is called so" in str(note.render()), "what is wrong")
        assert set(names(app)) == {"mid", "high"}, "the last good list stays"
        await pilot.press(*["backspace"] * len(" state:x"), "enter")
        await pilot.press("o")  # the table has the keys again
        assert set(names(app)) == {"mid", "high"}
        finished(store, spec("another"), best=0.95)
        await pilot.pause(1.5)
        assert set(names(app)) == {"mid", "high"}, "what is new is filtered, too"
        await pilot.press("escape")
        await listed(app, 4)
        assert not screen_of(app).filter_line.has_class("-asking")


async def test_a_field_being_typed_does_not_empty_the_list(store: RunStore) -> None:
    app = app_at("runs", store.root)
    async with app.run_test(size=(80, 24)) as pilot:
        await listed(app, 3)
        await pilot.press("slash")
        await press_all(pilot, "sched")
        await pilot.pause()
        assert len(names(app)) == 3
        await pilot.press("enter")
        assert len(names(app)) == 0, "meant as a word, after all"
        assert "esc takes it away" in str(screen_of(app).query_one("#empty", Static).render())
        await pilot.press("escape")
        await listed(app, 3)


async def test_all_of_the_filter_is_marked_and_stays_so(store: RunStore) -> None:
    app = app_at("runs", store.root)
    async with app.run_test(size=(120, 35)) as pilot:
        await listed(app, 3)
        await pilot.press("slash")
        await write(pilot, "tag:good")
        await pilot.press("enter", "a")
        await until(lambda: set(curves(app, 5)) == {"mid", "high"}, "both are drawn")
        await pilot.press("slash")
        assert screen_of(app).filter_line.text == "tag:good"
        await pilot.press("escape")
        await listed(app, 3)
        assert len(table_of(app).marked) == 2
        await pilot.press("slash")
        await write(pilot, "low")
        await pilot.press("enter", "a")
        await until(lambda: set(curves(app, 5)) == {"mid", "high", "low"}, "one more")
        await pilot.press("a")
        await until(lambda: set(curves(app, 5)) == {"mid", "high"}, "one less")


async def test_runs_sort_by_every_column_and_the_target_can_be_set(store: RunStore) -> None:
    app = app_at("runs", store.root)
    async with app.run_test(size=(80, 24)) as pilot:
        await listed(app, 3)
        seen = set()
        for _ in COLUMNS:
            await pilot.press("o")
            seen.add(table_of(app).sorted_by[0])
            title = column(table_of(app).sorted_by[0]).title.format(".85")
            assert title in line(app, 0), "it is shown, however narrow the table"
        assert seen == {each.key for each in COLUMNS} - {"spread"}
        while table_of(app).sorted_by[0] != "target":
            await pilot.press("o")
        assert names(app)[0] == "high"
        assert "5 ep" in line(app, 1)
        await pilot.press("G")
        field = screen_of(app).ask_line.query_one(Input)
        field.value = ""
        await write(pilot, "45%")
        await pilot.press("enter")
        assert table_of(app).target == 0.45
        assert "≥.45" in line(app, 0)
        assert "3 ep" in line(app, 1)
        assert names(app) == ["high", "mid", "low"]
        await pilot.press("G", "percent_sign", "enter")
        note = screen_of(app).ask_line.query_one("#ask-note", Static)
        await until(lambda: "such as" in str(note.render()), "what is wrong")
        await pilot.press("escape", "O")
        assert names(app) == ["low", "mid", "high"]
        await pilot.press("G", *["backspace"] * 4, "0", "full_stop", "6", "enter", "O")
        assert names(app)[-1] == "low", "what never got there comes last"
        await pilot.press("O")
        assert names(app) == ["mid", "high", "low"], "either way round"


def test_more_columns_with_more_room() -> None:
    before: set[str] = set()
    for width in range(60, 240):
        shown = layout(width)
        keys = {each.key for each, _ in shown}
        assert before <= keys
        assert {"state", "name", "schedule", "best"} <= keys
        if width >= 80:
            assert sum(room + 1 for _, room in shown) + 2 <= width
            assert all(room > 4 for _, room in shown)
        before = keys
    assert before == {each.key for each in COLUMNS} - {"spread"}
    assert "spread" in {each.key for each, _ in layout(80, "age", True)}


def test_ages_are_as_of_the_look(store: RunStore) -> None:
    (run, *_) = store.summaries()
    look = Look(run.created + 7200)
    assert column("age").text(run, look).strip() == "2 h"
    assert time.time() - run.created < 600
