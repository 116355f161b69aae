"""What the chart of the Runs screen draws: any metric on any axis, smoothed, with bands, picked curves."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
from fake_runs import app_at, finished, report, spec, start, until
from looking import chart_of, curves, listed, screen_of, table_of, write

import lrtui
from lrtui.runs.compare import smooth
from lrtui.runs.events import EventWriter
from lrtui.runs.store import RunStore
from lrtui.ui.plotting import Series
from lrtui.ui.widgets.lines import ChoiceBar
from lrtui.ui.widgets.run_overlay import RunOverlay


def own(store: RunStore, name: str, seed: int, best: float) -> str:
    with lrtui.start(
        runs_dir=store.root, name=name, lr="cosine(0.1)", total_steps=20, steps_per_epoch=5, seed=seed
    ) as run:
        for step in range(20):
            run.log(step=step, perplexity=100 / (1 + step) + seed, lr=0.1, train_loss=float(step % 2))
            if step % 5 == 4:
                run.epoch(test_acc=best * (step + 1) / 20)
    return run.id


def drawn(app: lrtui.ui.app.LrtuiApp) -> tuple[Series, ...]:  # type: ignore[name-defined]
    return chart_of(app)._request.series


def overlay(app: lrtui.ui.app.LrtuiApp) -> RunOverlay:  # type: ignore[name-defined]
    return screen_of(app).query_one(RunOverlay)


async def test_every_metric_that_a_run_logged_is_offered(root: Path) -> None:
    own(RunStore(root), "mine", 1, 0.8)
    app = app_at("runs", root)
    async with app.run_test(size=(120, 35)) as pilot:
        await listed(app, 1)
        await until(lambda: curves(app, 4), "its accuracy")
        seen = []
        for _ in range(8):
            seen.append(overlay(app).metric)
            await pilot.press("m")
        assert {"test_acc", "train_loss", "lr", "perplexity"} <= set(seen)
        assert seen[0] in seen[1:], "it comes round"
        while overlay(app).metric != "perplexity":
            await pilot.press("M")
        await until(lambda: curves(app, 4).get("mine") == 6.0, "what the script logged")
        assert "perplexity" in screen_of(app).query_one("#overlay-bar", ChoiceBar).text
        await pilot.click(ChoiceBar, offset=(screen_of(app).query_one(ChoiceBar).text.index("rate"), 0))
        assert overlay(app).metric == "lr"


async def test_all_axes(root: Path) -> None:
    finished(RunStore(root), spec("a"), best=0.5)
    app = app_at("runs", root)
    async with app.run_test(size=(80, 24)) as pilot:
        await listed(app, 1)
        await until(lambda: curves(app, 5) == {"a": 0.5}, "against epochs")
        await pilot.press("x")
        await until(lambda: curves(app, 199) == {"a": 0.5}, "against updates")
        await pilot.press("x")
        await until(lambda: curves(app, 50_000) == {"a": 0.5}, "against examples")
        assert chart_of(app)._request.x.high == 50_000
        await pilot.press("x")
        await until(lambda: chart_of(app)._request.x.kind == "seconds", "against time")
        await pilot.press("x")
        await until(lambda: curves(app, 5) == {"a": 0.5}, "against epochs again")


async def test_smoothed_with_the_raw_line_behind_but_never_the_rate(root: Path) -> None:
    finished(RunStore(root), spec("a"))
    app = app_at("runs", root)
    async with app.run_test(size=(120, 35)) as pilot:
        await listed(app, 1)
        while overlay(app).metric != "train_loss":
            await pilot.press("m")
        await until(lambda: drawn(app) and drawn(app)[0].y[0] == 2.3, "the loss")
        raw = drawn(app)[0].y
        await pilot.press("y", "y")
        await until(lambda: len(drawn(app)) == 2, "two lines")
        behind, line = drawn(app)
        assert behind.faint
        assert not line.faint
        np.testing.assert_array_equal(behind.y, raw)
        np.testing.assert_allclose(line.y, smooth("train_loss", raw, 0.9))
        while overlay(app).metric != "lr":
            await pilot.press("m")
        await until(lambda: len(drawn(app)) == 1 and (drawn(app)[0].y == 0.1).all(), "the rate as it was")


async def test_seeds_are_one_row_and_one_curve_with_a_band(root: Path) -> None:
    store = RunStore(root)
    own(store, "s1", 1, 0.8)
    own(store, "s2", 2, 0.6)
    other = finished(store, spec("other"))
    app = app_at("runs", root)
    async with app.run_test(size=(120, 35)) as pilot:
        await listed(app, 3)
        await pilot.press("a", "g")
        await listed(app, 2)
        folded = next(row for row in table_of(app).rows if row.id != other.id)
        assert folded.best_test_acc == pytest.approx(0.7)
        assert "2 seeds" in "".join(table_of(app).render_line(y).text for y in range(3))
        await until(lambda: len(drawn(app)) == 2, "a curve each")
        band = next(one for one in drawn(app) if one.low is not None)
        assert band.high is not None
        assert (band.y[-1], band.low[-1], band.high[-1]) == pytest.approx((0.7, 0.6, 0.8))
        assert len(table_of(app).marked) == 3, "marks are those of runs"
        await pilot.press("g")
        await listed(app, 3)
        await until(lambda: len(drawn(app)) == 3, "apart again")


async def test_a_curve_is_picked_and_its_run_is_chosen(root: Path) -> None:
    store = RunStore(root)
    for name, best in [("low", 0.5), ("mid", 0.7), ("high", 0.9)]:
        finished(store, spec(name), best=best)
    app = app_at("runs", root)
    async with app.run_test(size=(120, 35)) as pilot:
        await listed(app, 3)
        await pilot.press("a")
        await until(lambda: len(drawn(app)) == 3, "three curves")
        chart_of(app).focus()
        await until(lambda: app.focused is chart_of(app), "the chart has the keys")
        await pilot.press("up")
        assert table_of(app).selected is not None
        for name in ("low", "mid", "high", "high"):
            await until(
                lambda name=name: table_of(app).selected.name == name,  # type: ignore[union-attr]
                f"{name} is chosen",
            )
            await until(
                lambda name=name: [one.name for one in drawn(app) if not one.faint] == [name],
                "the others are faint",
            )
            await pilot.press("up")
        table_of(app).focus()
        await until(lambda: app.focused is table_of(app), "the table has the keys")
        await pilot.press("home")
        chosen = table_of(app).selected
        assert chosen is not None
        await until(
            lambda: [one.name for one in drawn(app) if not one.faint] == [chosen.name],
            "the pick follows the table",
        )
        await pilot.press("escape")
        await until(lambda: not any(one.faint for one in drawn(app)), "all alike again")
        # A click picks the curve that is there.
        chart, frame = chart_of(app), chart_of(app).frame
        column = frame.column_of(4.0)
        place = float(frame.y.place(np.array([0.72]))[0])
        top = chart.content_size.height - frame.height + frame.top
        await pilot.click(chart, offset=(column, int(top + (1 - place) * frame.rows)))
        await until(lambda: table_of(app).selected.name == "high", "it is chosen")  # type: ignore[union-attr]
        # So does one on its name in the legend.
        for name in ("low", "mid", "high"):
            row = next(y for y in range(3) if name in chart.render_line(y).text)
            await pilot.click(chart, offset=(chart.render_line(row).text.index(name), row))
            await until(
                lambda name=name: table_of(app).selected.name == name,  # type: ignore[union-attr]
                f"{name} is chosen",
            )


async def test_more_marks_than_can_be_drawn(root: Path) -> None:
    store = RunStore(root)
    for number in range(42):
        finished(store, spec(f"r{number}", epochs=1))
    app = app_at("runs", root)
    async with app.run_test(size=(200, 50)) as pilot:
        await listed(app, 42)
        await pilot.press("a")
        await until(lambda: len(drawn(app)) == 40, "forty of them")
        assert "42 marked, the first 40 drawn" in screen_of(app).query_one(ChoiceBar).text
        await pilot.press("slash")
        await write(pilot, "r41")
        await pilot.press("enter", "c", "space")
        await until(lambda: len(drawn(app)) == 1, "one")


def long_run(store: RunStore, name: str, offset: float) -> None:
    """A run of so many reports that a curve of it is thinned."""
    run_spec = spec(name, epochs=200)
    run = store.create(run_spec)
    run.lock_path.touch()
    with EventWriter(run.events_path) as log:
        start(log, run_spec)
        for step in range(8000):
            report(log, step, loss=offset + math.sin(step) + step / 1e6, accuracy=0.5)
        log.emit("finished", outcome="completed", reason="", step=8000)


async def test_zooming_reads_the_detail_of_every_run(root: Path) -> None:
    store = RunStore(root)
    long_run(store, "one", 10.0)
    long_run(store, "two", 20.0)
    app = app_at("runs", root)

    def exact(place: int) -> bool:
        got = curves(app, place)
        return got == {name: each + math.sin(place) + place / 1e6 for name, each in OFFSETS.items()}

    async with app.run_test(size=(120, 35)) as pilot:
        await listed(app, 2)
        while overlay(app).metric != "train_loss":
            await pilot.press("m")
        await pilot.press("a", "x", "y")
        await until(lambda: len(drawn(app)) == 4, "both, smoothed, with the raw lines behind")
        await pilot.press("y", "y", "y", "y")
        await until(lambda: len(drawn(app)) == 2 and drawn(app)[0].x.size > 1000, "both as they were")
        # Most places aren't among what is drawn of the whole.
        assert sum(exact(place) for place in range(4000, 4040)) < 40
        chart_of(app).focus()
        await until(lambda: app.focused is chart_of(app), "the chart has the keys")
        chart_of(app).cursor = 4020.0
        await pilot.press(*["plus"] * 6)
        await until(lambda: all(exact(place) for place in range(4000, 4040)), "every report of the stretch")
        await pilot.press("y")
        await until(lambda: len(chart_of(app).series) == 4, "smoothed")
        history = store.get("one").history()
        steps, losses = history.series("train_loss", "step")
        known = dict(zip(steps, smooth("train_loss", losses, 0.6), strict=True))

        def fine() -> bool:
            line = next(one for one in chart_of(app).series if one.name == "one")
            seen = dict(zip(line.x, line.y, strict=True))
            return all(abs(seen.get(place, 0.0) - known[place]) < 1e-9 for place in range(4000, 4040))

        await until(fine, "the detail of the average of everything")
        await pilot.press("0")
        await until(lambda: chart_of(app).window is None, "all of it again")


OFFSETS = {"one": 10.0, "two": 20.0}


async def test_marks_of_the_table_and_of_the_chart_are_the_same_in_ascii(root: Path) -> None:
    store = RunStore(root)
    for number in range(10):
        finished(store, spec(f"r{number}", epochs=2))
    app = app_at("runs", root)
    app.ascii_only = True
    async with app.run_test(size=(120, 35)) as pilot:
        await listed(app, 10)
        await pilot.press("a")
        await until(lambda: len(drawn(app)) == 10, "all of them")
        markers = {one.name: one.marker for one in drawn(app)}
        assert len(set(zip(markers.values(), (one.color % 8 for one in drawn(app)), strict=True))) == 10
        for y, row in enumerate(table_of(app).rows, 1):
            assert table_of(app).render_line(y).text[0] == markers[row.name]


async def test_a_look_from_close_up_ends_where_the_next_run_has_nothing(root: Path) -> None:
    store = RunStore(root)
    short = finished(store, spec("short", epochs=3))
    long, longer = (finished(store, spec(name, epochs=epochs)) for name, epochs in (("b", 20), ("c", 30)))
    app = app_at("runs", root)
    async with app.run_test(size=(120, 35)) as pilot:
        await listed(app, 3)
        table_of(app).select(long.id)
        await until(lambda: curves(app, 20).get("b"), "its curve")
        await pilot.press("v", "end", "plus", "plus", "escape", "escape")
        close = chart_of(app).window
        assert close is not None
        assert close[0] > 10
        table_of(app).select(longer.id)
        await until(lambda: curves(app, 30).get("c"), "another curve")
        assert chart_of(app).window == pytest.approx(close), "it has something there"
        table_of(app).select(short.id)
        await until(lambda: curves(app, 3).get("short"), "a shorter curve")
        await until(lambda: chart_of(app).window is None, "all of it is seen")
