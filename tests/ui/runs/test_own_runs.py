"""Runs of scripts' own loops in the app: listed, drawn and described like any other."""

from __future__ import annotations

from pathlib import Path

import lrtui
from lrtui.runs.store import RunStore
from lrtui.ui.app import LrtuiApp
from lrtui.ui.widgets.chart import Chart
from lrtui.ui.widgets.run_status import RunStatus
from lrtui.ui.widgets.run_table import RunTable


def own(store: RunStore, **arguments: object) -> str:
    with lrtui.start(runs_dir=store.root, **arguments) as run:  # type: ignore[arg-type]
        for step in range(20):
            run.log(step=step, train_loss=1 / (1 + step), lr=0.1)
        run.epoch(test_acc=0.75)
    return run.id


async def test_own_loops_are_listed_and_drawn(tmp_path: Path) -> None:
    store = RunStore(tmp_path / "runs")
    ids = [
        own(store, name="closed", lr="cosine(0.1)", total_steps=20, steps_per_epoch=10, model="vit [/x]"),
        own(store, name="whole", lr="cosine(0.1)", total_steps=20),
        own(store, name="open"),
    ]
    app = LrtuiApp(store)
    async with app.run_test(size=(170, 40)) as pilot:
        await pilot.press("f4")
        for _ in range(100):
            await pilot.pause(0.02)
            tables = app.screen.query(RunTable)
            if tables and len(tables.first().rows) == 3:
                break
        table = app.screen.query_one(RunTable)
        text = "\n".join(table.render_line(y).text for y in range(5))
        assert text.count("own loop") == 3
        assert "2/2" in text
        assert "0.750" in text
        for run_id in ids:
            table.select(run_id)
            await pilot.press("enter")
            for _ in range(100):
                await pilot.pause(0.02)
                status = app.screen.query(RunStatus)
                if status and any("own loop" in str(line) for line in _lines(status.first())):
                    break
            else:
                raise AssertionError(f"{run_id} isn't described")
            assert app.screen.query(Chart)
            await pilot.press("f4")
            await pilot.pause()


def _lines(status: RunStatus) -> list[str]:
    return [status.render_line(y).text for y in range(status.size.height)]
