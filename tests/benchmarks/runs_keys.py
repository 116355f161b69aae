"""How fast the Runs screen answers with a thousand runs: `python tests/benchmarks/runs_keys.py`.

Prints when the list stands, cold and from its index, and how long keys take, from the key until the app has
nothing left to do. What a key takes that does nothing is the test driver's, and part of all the others.
Everything is made in a temporary folder. Terminal and line aren't measured: see `chart_wire`.
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
import tempfile
import time
from pathlib import Path

from runs_scale import make_runs
from textual.pilot import Pilot

from lrtui import ui
from lrtui.runs.store import RunStore
from lrtui.ui.app import LrtuiApp
from lrtui.ui.screens.runs import RunsScreen
from lrtui.ui.widgets.run_table import RunTable


class App(LrtuiApp):
    """The app on the Runs screen."""

    DEFAULT_MODE = "runs"
    CSS_PATH = Path(ui.__file__).with_name("lrtui.tcss")


def rows(app: LrtuiApp) -> int:
    tables = app.screen.query(RunTable)
    return len(tables.first().rows) if tables else 0


async def timed(pilot: Pilot[None], what: str, *keys: str, times: int = 1) -> None:
    """Press keys, and print the median and the worst time each took."""
    took = []
    for _ in range(times):
        for key in keys:
            began = time.perf_counter()
            await pilot.press(key)
            took.append(1000 * (time.perf_counter() - began))
    print(f"{what:<34} median {statistics.median(took):6.1f} ms  worst {max(took):6.1f} ms")


async def session(root: Path, count: int) -> None:
    app = App(RunStore(root))
    began = time.perf_counter()
    async with app.run_test(size=(120, 40)) as pilot:
        while rows(app) < count:
            await asyncio.sleep(0.005)
        print(f"list of {count} runs after {time.perf_counter() - began:.2f} s")
        assert isinstance(app.screen, RunsScreen)
        await pilot.pause(1.0)
        await timed(pilot, "a key that does nothing", "F", times=40)
        await timed(pilot, "down", "down", times=40)
        await timed(pilot, "page down", "pagedown", times=10)
        await timed(pilot, "sort by the next column", "o", times=14)
        await timed(pilot, "a letter of the filter", "slash", *"cosine", "escape", times=2)
        await timed(pilot, "mark", "space", "down", times=12)
        await pilot.pause(1.0)
        await timed(pilot, "down, twelve overlaid", "down", times=20)
        await timed(pilot, "fold seeds and back", "g", "g", times=3)
        await timed(pilot, "mark all and none", "a", "a", times=3)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=1000)
    count = parser.parse_args().runs
    with tempfile.TemporaryDirectory() as folder:
        make_runs(Path(folder), count)
        for _ in range(2):
            asyncio.run(session(Path(folder), count))


if __name__ == "__main__":
    main()
