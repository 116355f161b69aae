"""The metric that runs are judged by, the curve that is picked, and what is remembered of all choices."""

from __future__ import annotations

import json
from pathlib import Path

import msgspec
from fake_runs import app_at, finished, spec, until
from looking import chart_of, curves, line, listed, names, said, screen_of, table_of, write

import lrtui
from lrtui.runs.events import EventWriter
from lrtui.runs.spec import RunSpec
from lrtui.runs.store import RunStore
from lrtui.ui.app import LrtuiApp
from lrtui.ui.state import Draft
from lrtui.ui.state_file import StateFile
from lrtui.ui.widgets.lines import ChoiceBar
from lrtui.ui.widgets.run_columns import Look, column


def own(store: RunStore, name: str, losses: list[float]) -> None:
    """A script's run that measures no test accuracy."""
    with lrtui.start(runs_dir=store.root, name=name, total_steps=len(losses)) as run:
        for step, loss in enumerate(losses):
            run.log(step=step, train_loss=loss / 2)
            run.epoch(val_loss=loss, perplexity=100 * loss)


async def test_what_has_no_test_accuracy_is_judged_and_drawn_by_what_it_has(root: Path) -> None:
    store = RunStore(root)
    own(store, "good", [3.0, 0.5, 0.75])
    own(store, "bad", [4.0, 2.0, 2.5])
    app = app_at("runs", root)
    async with app.run_test(size=(120, 35)) as pilot:
        await listed(app, 2)
        assert table_of(app).metric == "val_loss"
        assert "Best val loss" in line(app, 0)
        rows = {run.name: line(app, y) for y, run in enumerate(table_of(app).rows, 1)}
        assert "0.5000" in rows["good"]
        assert "2.500" in rows["bad"]
        await until(lambda: list(curves(app, 1).values()) in ([0.75], [2.5]), "its last loss")
        while table_of(app).sorted_by[0] != "best":
            await pilot.press("o")
        assert names(app) == ["good", "bad"], "less is better"
        await pilot.press("O")
        assert names(app) == ["bad", "good"]
        while screen_of(app).overlay.metric != "perplexity":
            await pilot.press("m")
        await pilot.press("b")
        assert "Best perplexity" in line(app, 0)
        await pilot.press("slash")
        await write(pilot, "perplexity<100")
        await until(lambda: names(app) == ["good"], "those that pass")


async def test_b_judges_by_the_metric_on_the_chart_and_back(root: Path) -> None:
    store = RunStore(root)
    finished(store, spec("a"), best=0.5)
    finished(store, spec("b"), best=0.9)
    own(store, "mine", [1.0])
    app = app_at("runs", root)
    async with app.run_test(size=(120, 35)) as pilot:
        await listed(app, 3)
        assert table_of(app).metric == "test_acc"
        assert "≥.85" in line(app, 0)
        table_of(app).select(next(run.id for run in table_of(app).rows if run.name == "mine"))
        await until(lambda: screen_of(app).overlay.metric == "val_loss", "of its own what it has")
        table_of(app).select(next(run.id for run in table_of(app).rows if run.name == "a"))
        await until(lambda: screen_of(app).overlay.metric == "test_acc", "what was chosen")
        await until(lambda: curves(app, 5), "its curve")
        await pilot.press("a")
        await until(
            lambda: "Test accuracy: 2 of 3 have it" in chart_of(app).render_line(0).text, "who lacks it"
        )
        await pilot.press("c", "b")
        assert "judged by test acc already" in said(app)
        await pilot.press("m", "b")
        assert table_of(app).metric == "test_loss"
        assert "Best test loss" in line(app, 0)
        assert "≥.85" not in line(app, 0)
        assert any("0.4800" in line(app, y) for y in (1, 2, 3))
        assert line(app, 1 + names(app).index("mine")).count("–") >= 3
        while screen_of(app).overlay.metric != "lr":
            await pilot.press("m")
        await pilot.press("b")
        assert "rate says nothing of how good a run is" in said(app)
        while screen_of(app).overlay.metric != "test_loss":
            await pilot.press("M")
        await pilot.press("b")
        assert table_of(app).metric == "test_acc"


async def test_v_goes_to_the_chart_and_picks_a_curve(root: Path) -> None:
    store = RunStore(root)
    for number in range(4):
        finished(store, spec(f"r{number}"), best=0.5 + number / 10)
    app = app_at("runs", root)
    async with app.run_test(size=(80, 24)) as pilot:
        await listed(app, 4)
        await until(lambda: curves(app, 5), "a curve")
        await pilot.press("v")
        assert app.focused is chart_of(app)
        assert screen_of(app).overlay.picked is None, "there is but one"
        await pilot.press("escape")
        assert app.focused is table_of(app)
        await pilot.press("a")
        await until(lambda: len(curves(app, 5)) == 4, "all of them")
        assert "4 marked: v picks one" in screen_of(app).query_one(ChoiceBar).text
        await pilot.press("down", "v")
        chosen = table_of(app).selected
        assert chosen is not None
        assert screen_of(app).overlay.picked == chosen.id
        await until(lambda: first_in_legend(app) == chosen.name, "the legend begins with it")
        await pilot.press("escape", "escape")
        assert app.focused is table_of(app)
        assert screen_of(app).overlay.picked is None


def first_in_legend(app: LrtuiApp) -> str:
    head = " ".join(chart_of(app).render_line(y).text for y in (0, 1))
    return min(names(app), key=lambda name: head.find(name) % 1000)


async def test_how_runs_are_looked_at_is_remembered(root: Path, tmp_path: Path) -> None:
    store = RunStore(root)
    finished(store, spec("a"), best=0.5)
    finished(store, spec("b", schedule="linear(0.1)"), best=0.9)
    kept = tmp_path / "app.json"

    def opened() -> LrtuiApp:
        return type(app_at("runs", root))(store, Draft(data="embedded"), remembered=StateFile(kept))

    app = opened()
    async with app.run_test(size=(80, 24)) as pilot:
        await listed(app, 2)
        await until(lambda: curves(app, 5), "a curve")
        await pilot.press("m", "b", "x", "y", "l", "o", "O", "g", "G", "backspace", "backspace")
        await write(pilot, "7")
        await pilot.press("enter")
        state = looked_at(app)
        assert state == ("test_loss", "step", True, 0.6, ("best", True), True, "test_loss", 0.7)
        assert app.remembered.flush(30)
    app = opened()
    async with app.run_test(size=(80, 24)):
        await listed(app, 2)
        assert looked_at(app) == state
    # What makes no sense is let be, and never in the way.
    nonsense = {"metric": 3, "x": [], "smoothing": "much", "log": "yes", "sort": None, "target": 7,
                "judge": "nonsense", "folded": 1}  # fmt: skip
    kept.write_text(json.dumps({"runs": nonsense}))
    app = opened()
    async with app.run_test(size=(80, 24)):
        await listed(app, 2)
        assert looked_at(app) == ("test_acc", "epoch", False, 0.0, ("age", True), False, "test_acc", 0.85)


def looked_at(app: LrtuiApp) -> tuple[object, ...]:
    overlay, table = screen_of(app).overlay, table_of(app)
    return (overlay.metric, overlay.x, overlay.logarithmic, overlay.weight, table.sorted_by, table.folded,
            table.metric, table.target)  # fmt: skip


async def test_who_sorts_sees_the_first_ones_and_a_run_that_was_chosen_stays_chosen(root: Path) -> None:
    store = RunStore(root)
    for number in range(20):
        finished(store, spec(f"r{number}"), best=0.1 + number * 7 % 20 / 25)
    app = app_at("runs", root)
    async with app.run_test(size=(80, 24)) as pilot:
        await listed(app, 20)
        table = table_of(app)
        while table.sorted_by[0] != "best":
            await pilot.press("o")
        assert table.scroll_offset.y == 0
        assert table.selected is table.rows[0]
        await pilot.press("down", "down")
        chosen = table.selected
        assert chosen is not None
        await pilot.press("O")
        assert table.selected is chosen
        assert table.rows.index(chosen) == 17
        assert chosen.name in "".join(line(app, y) for y in range(1, table.size.height))
        page = table.size.height - 2
        for key, place in [
            ("home", 0),
            ("j", 1),
            ("pagedown", 1 + page),
            ("k", page),
            ("pageup", 0),
            ("end", 19),
        ]:
            await pilot.press(key)
            assert table.selected is table.rows[place], key


async def test_the_chosen_run_stays_chosen_while_figures_change_the_order(root: Path) -> None:
    store = RunStore(root)
    runs = [finished(store, spec(f"r{number}"), best=0.5 + number / 100) for number in range(6)]
    app = app_at("runs", root)
    async with app.run_test(size=(80, 24)) as pilot:
        await listed(app, 6)
        await pilot.press("o", "down", "down", "space")
        assert names(app) == ["r5", "r4", "r3", "r2", "r1", "r0"]
        table = table_of(app)
        for run, best in ((runs[0], 0.9), (runs[3], 0.95), (runs[1], 0.97)):
            with EventWriter(run.events_path) as log:
                log.emit("epoch", epoch=6, step=239, test_acc=best)
            await until(lambda run=run: names(app)[0] == run.name, f"{run.name} is the best now")
            assert table.selected is not None
            assert table.selected.name == "r3"
            assert table.marked == (runs[3].id,)
        assert names(app) == ["r1", "r3", "r0", "r5", "r4", "r2"]


async def test_of_seeds_of_which_one_was_tested_no_spread_is_told(root: Path) -> None:
    store = RunStore(root)
    one = RunSpec(schedule="linear(0.2)", seed=1, epochs=2)
    finished(store, one)
    store.create(msgspec.structs.replace(one, seed=2)).lock_path.touch()
    app = app_at("runs", root)
    async with app.run_test(size=(160, 24)) as pilot:
        await listed(app, 2)
        await pilot.press("g")
        (row,) = table_of(app).rows
        spread = column("spread")
        assert (spread.text(row, Look(0.0)), spread.order(row, Look(0.0))) == ("", None)
        assert "±0" not in line(app, 1)
        finished(store, msgspec.structs.replace(one, seed=3), best=0.6)
        await until(lambda: "±0.141" in line(app, 1), "two of them say something")
