"""Makes the pictures in `screenshots/` again, from real runs on the embedded data (about two minutes).

    python -m tests.screenshots [FOLDER]

The app runs as it always does, only without a terminal; the runs are trained by the real worker. The pictures
differ a little from time to time, as speeds and ids do.
"""

from __future__ import annotations

import asyncio
import re
import sys
import tempfile
import time
from pathlib import Path

from textual.pilot import Pilot

from lrtui.experiments import preset
from lrtui.runs.launch import launch
from lrtui.runs.run import Run
from lrtui.runs.spec import make_spec
from lrtui.runs.store import RunStore
from lrtui.ui.app import LrtuiApp
from lrtui.ui.state import Draft

SIZE = (118, 34)
EXPLORED = ("linear(0.5, final_lr=0.01)", "warmup(2ep) >> cosine(0.5, final_lr=0.01)")
COMPARED = (("squareroot", 10), ("fixed", 10), ("warmup-cosine", 12))
LIVE = ("cosine", 12)


def start(store: RunStore, name: str, epochs: int) -> Run:
    """Launch a preset on the embedded data."""
    chosen = preset(name)
    spec = make_spec(
        schedule=chosen.expression,
        preset=chosen.name,
        epochs=epochs,
        data="embedded",
        device="cpu",
        name=name,
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
        app.on_draft_changed()
        await pilot.pause(1)
        save(pilot, folder, "explore")
        await pilot.press("k")
        await pilot.pause(1)
        save(pilot, folder, "code")


async def train(store: RunStore, folder: Path) -> None:
    """A run that is two thirds through."""
    run = start(store, *LIVE)
    app = LrtuiApp(store, Draft(preset(LIVE[0]).expression, epochs=LIVE[1], data="embedded"))
    async with app.run_test(size=SIZE) as pilot:
        await pilot.press("f3")
        await asyncio.to_thread(wait_until, run, 0.7)
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
        for name, epochs in COMPARED:
            await asyncio.to_thread(wait_until, start(store, name, epochs), 1.0)
        await explore(store, folder)
        await train(store, folder)
        await runs(store, folder)


def main() -> None:
    """Make the pictures in the folder named, or in `screenshots/`."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent.parent / "screenshots"
    folder.mkdir(exist_ok=True)
    asyncio.run(everything(folder.absolute()))


if __name__ == "__main__":
    main()
