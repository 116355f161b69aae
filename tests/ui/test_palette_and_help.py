"""The palette finds runs and themes; help begins where the focus is; a person's own keys are shown."""

from __future__ import annotations

import re
import threading
from pathlib import Path

import msgspec
import pytest
from fake_runs import finished, spec, until
from textual.command import CommandList, CommandPalette
from textual.pilot import Pilot
from textual.widgets import Static

from lrtui.experiments.saved import save
from lrtui.runs.store import RunStore
from lrtui.settings import Settings
from lrtui.ui.app import LrtuiApp
from lrtui.ui.commands import groups
from lrtui.ui.elsewhere import ElsewhereCommands
from lrtui.ui.key_faults import wrong_keys
from lrtui.ui.keys import own_bindings, shown_keys
from lrtui.ui.palette import MOST, RunCommands
from lrtui.ui.screens.help import HelpScreen
from lrtui.ui.screens.runs import RunsScreen
from lrtui.ui.screens.train import TrainScreen
from lrtui.ui.state import Draft
from lrtui.ui.theme import LIGHT


def app_with(store: RunStore, **keys: str) -> LrtuiApp:
    own = {name.replace("_", "."): key for name, key in keys.items()}
    return LrtuiApp(store, Draft(data="embedded"), settings=Settings(keys=own))


async def opened(pilot: Pilot[None]) -> None:
    while pilot.app.current_mode == "start":
        await pilot.pause(0.02)
    await pilot.pause()


def shown(app: LrtuiApp) -> str:
    return "\n".join(str(part.render()) for part in app.screen.query(Static))


async def find(app: LrtuiApp, pilot: Pilot[None], text: str, wanted: str) -> list[str]:
    """Type into the palette until its first entry has the wanted words; all entries then."""
    await pilot.press("ctrl+p")
    await until(lambda: isinstance(app.screen, CommandPalette), "the palette is open")
    await pilot.press(*("space" if letter == " " else letter for letter in text))

    def entries() -> list[str]:
        found = app.screen.query_one(CommandList).options
        return [str(option.prompt) for option in found]

    await until(lambda: any(wanted in entry for entry in entries()[:1]), f"{wanted} in the palette", 20)
    return entries()


async def test_a_runs_name_in_the_palette_opens_the_run(tmp_path: Path) -> None:
    store = RunStore(tmp_path / "runs")
    run = finished(store, spec("zebra [/x]", schedule="multistep(0.5, milestones=[5ep, 30ep], gamma=0.5)"))
    finished(store, spec("lion"))
    app = app_with(store)
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(pilot)
        (entry, *_) = await find(app, pilot, "zebra", "zebra [/x]")
        assert "completed, best accuracy 0.800: multistep(0.5, milestones=[5ep, 30ep], gamma=0.5)" in entry
        await pilot.press("enter")
        await until(lambda: app.current_mode == "train", "Train is shown")
        await until(lambda: app.screen.run_id == run.id, "the run is followed")  # type: ignore[attr-defined]


async def test_a_thousand_runs_are_found_by_part_of_a_name_and_nearly(tmp_path: Path) -> None:
    store = RunStore(tmp_path / "runs")
    old = finished(store, spec("zebra crossing"))
    app = app_with(store)
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(pilot)
        (row,) = store.summaries()
        others = [msgspec.structs.replace(row, id=f"run-{n}", name=f"z e b r a {n}") for n in range(1000)]
        rows = [*others, row]  # the oldest comes last, behind more that are nearly it than are shown
        app.store.summaries = lambda: rows  # type: ignore[assignment,method-assign,return-value]
        provider = RunCommands(app.screen)
        await provider.startup()
        assert [hit.text async for hit in provider.search("zebra cr")] == [f"Run zebra crossing ({old.id})"]
        nearly = [hit async for hit in provider.search("zbcrossng")]
        assert [hit.text for hit in nearly] == [f"Run zebra crossing ({old.id})"]
        hits = [hit async for hit in provider.search("zebra")]
        assert len(hits) == MOST
        assert hits[0].text == f"Run zebra crossing ({old.id})"
        assert [hit async for hit in provider.search("zebra?")] == []  # no letter: an id ends in any four


async def test_the_palette_finds_what_other_screens_can_do(tmp_path: Path) -> None:
    app = app_with(RunStore(tmp_path / "runs"))
    finished(app.store, spec("zebra"))
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(pilot)
        entries = await find(app, pilot, "runs differ", "Runs: Differ (D)")
        assert "In what the marked runs differ" in entries[0]
        await pilot.press("enter")
        await until(lambda: app.current_mode == "runs", "Runs is shown")
        await until(lambda: app.screen.has_class("-differing"), "the action has run there")
        await find(app, pilot, "train checkpoint", "Train: Checkpoint (k)")
        await pilot.press("enter")
        await until(lambda: app._notifications, "it can't be done without a run, and that is said")
        assert app.current_mode == "train"


async def test_the_palette_knows_every_action_of_every_screen(tmp_path: Path) -> None:
    app = app_with(RunStore(tmp_path / "runs"))
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(pilot)
        provider = ElsewhereCommands(app.screen)
        await provider.startup()
        here = {command.title for command in app.get_system_commands(app.screen)}
        for kind in (TrainScreen, RunsScreen):
            for binding in own_bindings(kind):
                title = f"{binding.description} ({shown_keys(app, binding)[0]})"
                found = {hit.text async for hit in provider.search(binding.description)}
                assert title in here or any(name.endswith(f": {title}") for name in found), title


async def test_what_cant_be_done_now_says_so_from_the_palette(tmp_path: Path) -> None:
    app = app_with(RunStore(tmp_path / "runs"))
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(pilot)
        await pilot.press("f3")
        await find(app, pilot, "checkpoint", "Checkpoint")
        await pilot.press("enter")
        await until(lambda: len(app._notifications) == 1, "it is said")
        assert [notice.message for notice in app._notifications] == ["Checkpoint: not possible now"]


async def test_a_saved_schedule_in_the_palette_is_taken(tmp_path: Path) -> None:
    save("zigzag", "repeat(linear(0.7), cycles=3)")
    app = app_with(RunStore(tmp_path / "runs"))
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(pilot)
        await pilot.press("f4")
        (entry, *_) = await find(app, pilot, "zigz", "Saved zigzag")
        assert "repeat(linear(0.7), cycles=3)" in entry
        await pilot.press("enter")
        await until(lambda: app.current_mode == "explore", "Explore is shown")
        assert app.draft.expression == "repeat(linear(0.7), cycles=3)"


async def test_a_disk_that_hangs_holds_up_runs_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = RunStore(tmp_path / "runs")
    app = app_with(store)
    hangs = threading.Event()
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(pilot)
        monkeypatch.setattr(store, "summaries", lambda: hangs.wait(60) and [])
        await find(app, pilot, "theme light", "Theme light")
        await pilot.press("enter")
        await until(lambda: app.theme == LIGHT.name, "the theme is chosen")
        hangs.set()


@pytest.mark.parametrize(
    ("key", "title"), [("i", "In the expression"), ("v", "In a chart"), ("s", "In the phases")]
)
async def test_help_begins_with_what_has_the_focus(key: str, title: str, tmp_path: Path) -> None:
    app = app_with(RunStore(tmp_path / "runs"))
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(pilot)
        await pilot.press(key)
        await pilot.pause()
        titles = [group.title for group in groups(app, app.screen)]
        assert titles[0] == title
        assert "On this screen" in titles
        assert titles[-1] == "Everywhere"
        assert len(titles) == len(set(titles))


async def test_help_explains_a_dialog(tmp_path: Path) -> None:
    app = app_with(RunStore(tmp_path / "runs"))
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(pilot)
        await pilot.press("k")
        await until(lambda: app.screen.is_modal, "the code panel is open")
        panel = app.screen
        await pilot.press("f1")
        await until(lambda: isinstance(app.screen, HelpScreen), "help is open")
        await until(lambda: "In this dialog" in shown(app), "its keys are listed")
        assert "Copy the code to the clipboard" in shown(app)
        await pilot.press("f1")
        await until(lambda: app.screen is panel, "back in the panel")


async def test_own_keys_work_and_are_shown(tmp_path: Path) -> None:
    app = app_with(RunStore(tmp_path / "runs"), go_runs="f7,ctrl+r", explore_pin="ctrl+b", help="f12")
    async with app.run_test(size=(100, 30)) as pilot:
        await opened(pilot)
        assert "F7 Runs" in shown(app)
        assert "F12 Help" in shown(app)
        await pilot.press("f12")
        await until(lambda: isinstance(app.screen, HelpScreen), "help is open")
        await until(lambda: "F7 ^r 3  Compare and export runs" in shown(app), "the keys are listed")
        assert re.search(r"  \^b +Keep this curve", shown(app))
        assert "F4 " not in shown(app)
        await pilot.press("escape", "f4")
        await pilot.pause()
        assert app.current_mode == "explore"
        for key in ("f7", "f2", "ctrl+r"):
            await pilot.press(key)
            await pilot.pause()
            assert app.current_mode == ("explore" if key == "f2" else "runs")


async def test_wrong_own_keys_are_said_and_prevent_nothing(tmp_path: Path) -> None:
    app = app_with(RunStore(tmp_path / "runs"), explore_pinn="ctrl+b", go_runs="ctlr+r")
    async with app.run_test(size=(100, 30)) as pilot:
        await opened(pilot)
        await until(lambda: len(app._notifications) == 2, "both are said")
        said = sorted(notice.message for notice in app._notifications)
        assert "go.runs: 'ctlr+r' is no key" in said[0]
        assert "did you mean 'explore.pin'?" in said[1]
        await pilot.press("3")
        await pilot.pause()
        assert app.current_mode == "runs"


@pytest.mark.parametrize(
    "key", ["ctrl+s", "f5", "A", "a", "slash", "/", "+", "ctrl+shift+f12", "alt+x", "ü", "comma"]
)
def test_what_is_a_key(key: str) -> None:
    assert not any("is no key" in line for line in wrong_keys({"train.start": key}))


@pytest.mark.parametrize("key", ["ctlr+s", "F5x", "slahs", "ctrl+", "strg+x", "f99"])
def test_what_is_no_key(key: str) -> None:
    (said,) = wrong_keys({"train.start": key})
    assert "is no key" in said
