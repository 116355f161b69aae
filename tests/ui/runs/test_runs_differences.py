"""In what marked runs differ, in place of their chart."""

from __future__ import annotations

from pathlib import Path

import msgspec
from fake_runs import app_at, finished, spec, until
from looking import listed, names, screen_of, table_of

from lrtui.runs.store import RunStore
from lrtui.ui.widgets.run_differences import RunDifferences


async def test_what_differs_among_marked_runs(root: Path) -> None:
    store = RunStore(root)
    for number, name in enumerate(("one [/x]", "two")):
        run = finished(store, spec(name, schedule=f"cosine(0.{number + 1})"), best=0.8 + number / 10)
        changed = msgspec.structs.replace(run.spec, seed=number)
        run.spec_path.write_text(changed.to_toml())
    app = app_at("runs", root)
    async with app.run_test(size=(120, 35)) as pilot:
        await listed(app, 2)
        await pilot.press("D")
        panel = screen_of(app).query_one(RunDifferences)
        await until(lambda: "space marks runs" in panel.text, "what to do")
        await pilot.press("a")
        await until(lambda: "one [/x]" in panel.text, "the table")
        heads, *rows = panel.text.splitlines()
        assert heads.split() == ["run", "best", "final", "area", "≥0.85", "in", "schedule", "seed"]
        assert any("cosine(0.2)" in row and "0.9000" in row and "5 ep" in row for row in rows)
        await pilot.press("m")
        await until(lambda: "area: test loss" in panel.text, "by another metric")
        await pilot.press("escape")
        assert not panel.display
        assert names(app)


async def test_headings_and_names_stay_while_the_differences_are_moved_along(root: Path) -> None:
    store = RunStore(root)
    for number in range(14):
        schedule = f"warmup({number + 1}ep) >> cosine(0.1, final_lr=0.0{number + 10})"
        run = finished(store, spec(f"r{number}" + "-long" * 9 * (number == 3), schedule=schedule, epochs=30))
        spare = msgspec.structs.replace(
            run.spec, batch_size=8 + number, optimizer=f"sgd(momentum=0.{number})"
        )
        run.spec_path.write_text(spare.to_toml())
    app = app_at("runs", root)
    async with app.run_test(size=(80, 24)) as pilot:
        await listed(app, 14)
        await pilot.press("a", "D")
        panel = screen_of(app).query_one(RunDifferences)
        await until(lambda: "r13" in panel.text, "the table")
        assert panel.render_line(0).text.split()[:4] == ["run", "best", "final", "area"]
        panel.focus()
        await pilot.press("end", "right", "right")
        await until(lambda: panel.scroll_offset.y > 0 and panel.scroll_offset.x > 0, "it moves")
        rows = [panel.render_line(y).text for y in range(panel.size.height)]
        assert rows[0].split()[0] == "run"
        assert any(row[2:].startswith("r0 ") for row in rows), "the oldest is the last"
        assert "best, final and area: test acc" in rows[panel.scrollable_content_region.height - 1]
        await pilot.press("escape")
        assert app.focused is table_of(app)
