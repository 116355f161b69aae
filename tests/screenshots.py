"""Makes the pictures in `screenshots/` again, from real runs on the embedded data (about two minutes).

    python -m tests.screenshots [FOLDER]

The app runs as it always does, only without a terminal; the runs are trained by the real worker. The pictures
differ a little from time to time, as speeds and ids do.
"""

from __future__ import annotations

import asyncio
import os
import re
import sys
import tempfile
import time
from pathlib import Path

from textual.pilot import Pilot

from lrtui.runs.launch import launch
from lrtui.runs.run import Run
from lrtui.runs.spec import make_spec
from lrtui.runs.store import RunStore
from lrtui.ui.app import LrtuiApp
from lrtui.ui.state import Draft

SIZE = (118, 34)
EXPLORED = ("linear(0.5, final_lr=0.01)", "warmup(2ep) >> cosine(0.5, final_lr=0.01)")
COMPARED = (
    ("square root", "per_epoch(inverse_power(0.2))"),
    ("fixed", "constant(0.1)"),
    ("one cycle", "one_cycle(0.3)"),
)
LIVE = ("warmup, cosine", "warmup(1ep) >> cosine(0.2, final_lr=0.001)")
EPOCHS, BATCH_SIZE = 12, 64


def start(store: RunStore, name: str, schedule: str) -> Run:
    """Launch a run on the embedded data."""
    spec = make_spec(
        schedule=schedule, epochs=EPOCHS, batch_size=BATCH_SIZE, data="embedded", device="cpu", name=name
    )
    run = store.create(spec)
    launch(run)
    return run


def wait_until(run: Run, progress: float, patience: float = 600) -> None:
    """Wait until a run has made a part of its updates, or has ended."""
    following = run.follow()
    until = time.monotonic() + patience
    while following.catch_up().progress < progress and not run.state().ended:
        if time.monotonic() > until:
            raise TimeoutError(f"{run.id} is only at {following.history.progress:.0%}")
        time.sleep(0.1)


def save(pilot: Pilot[None], folder: Path, name: str) -> None:
    """Write what the app shows as an SVG that needs nothing from elsewhere."""
    picture = pilot.app.export_screenshot(title=f"lrtui: {name}")
    # Textual names fonts by web addresses; a page that shows the picture wouldn't fetch them anyway.
    picture = re.sub(r"@font-face\s*\{.*?\}", "", picture, flags=re.DOTALL)
    picture = re.sub(r"Fira Code(?=,)", "Fira Code, DejaVu Sans Mono, Menlo, Consolas", picture)
    path = folder / f"{name}.svg"
    path.write_text(picture, encoding="utf-8")
    print(path)


async def explore(store: RunStore, folder: Path) -> None:
    """A schedule with another one pinned beside it; then its code."""
    pinned, shown = EXPLORED
    app = LrtuiApp(store, Draft(pinned, epochs=10, data="embedded"))
    async with app.run_test(size=SIZE) as pilot:
        await pilot.pause(1)
        await pilot.press("p")
        app.draft.type(shown)
        app.draft_changed()
        await pilot.pause(1)
        save(pilot, folder, "explore")
        await pilot.press("k")
        await pilot.pause(1)
        save(pilot, folder, "code")


async def train(store: RunStore, folder: Path) -> None:
    """A run that is well on its way."""
    run = start(store, *LIVE)
    app = LrtuiApp(store, Draft(LIVE[1], epochs=EPOCHS, batch_size=BATCH_SIZE, data="embedded"))
    async with app.run_test(size=SIZE) as pilot:
        await pilot.press("f3")
        await asyncio.to_thread(wait_until, run, 0.5)
        await pilot.pause(1.5)
        save(pilot, folder, "train")
    await asyncio.to_thread(wait_until, run, 1.0)


async def runs(store: RunStore, folder: Path) -> None:
    """All runs on one chart."""
    app = LrtuiApp(store, Draft(data="embedded"))
    async with app.run_test(size=SIZE) as pilot:
        await pilot.press("f4")
        await pilot.pause(1.5)
        for _ in range(len(COMPARED) + 1):
            await pilot.press("space", "down")
        await pilot.pause(1.5)
        save(pilot, folder, "runs")


async def everything(folder: Path) -> None:
    """Train, then make all pictures."""
    with tempfile.TemporaryDirectory() as place:
        store = RunStore(Path(place) / "runs")
        for name, schedule in COMPARED:
            await asyncio.to_thread(wait_until, start(store, name, schedule), 1.0)
        await explore(store, folder)
        await train(store, folder)
        await runs(store, folder)


def main() -> None:
    """Make the pictures in the folder named, or in `screenshots/`."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent.parent / "screenshots"
    folder.mkdir(exist_ok=True)
    # The pictures don't depend on the terminal they are made from.
    os.environ.update(TERM="xterm-256color", COLORTERM="truecolor")
    os.environ.pop("NO_COLOR", None)
    asyncio.run(everything(folder.absolute()))


if __name__ == "__main__":
    main()
