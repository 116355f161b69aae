"""Whatever names a key in words names the one in force: nothing says `s starts it` to who put it on F9."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from fake_runs import finished, spec, until
from textual.geometry import Region
from textual.keys import _character_to_key
from textual.pilot import Pilot
from textual.widget import Widget
from textual.widgets import Input

from lrtui import ui
from lrtui.experiments.saved import save
from lrtui.runs.store import RunStore
from lrtui.settings import Settings
from lrtui.ui.app import LrtuiApp
from lrtui.ui.keys import _PLACE, in_words, key_for, node_classes, own_bindings, use_own, with_keys
from lrtui.ui.screens.train import TrainScreen
from lrtui.ui.state import Draft
from lrtui.ui.widgets.chart import Chart

OLD = re.compile(
    r"(?<![\w({.@'’=+-])(?:[B-Zb-z](?![\w'’(=.+-])|F\d{1,2}\b|[cC]trl[+-]\w|[Ee]sc(?:ape)?\b|[Ee]nter\b"
    r"|[Bb]ackspace\b|[Ss]pace\b|/ |[←→])|\(([a-zA-Z])\)"
)
"""What looks like a key in a sentence: a letter by itself, F3, ctrl+s, a key by its name."""

NO_KEYS = {
    "Count in epochs or in updates along x", "Logarithmic y axis", "lr(t) =",
    # Textual's own, of a field: it can't be remapped.
    "That exists. Enter again overwrites it.",
    "That exists. Enter again overwrites it; another name keeps it.",
    "enter save   tab to the saved ones   {dialog.close} close",
    " is another schedule; enter again replaces it",
    "enter does it, {dialog.cancel} cancels",
    "↑ ↓ enter take   tab to the file   {dialog.close} close",
    "path, then enter",
    # The shell's, not the app's.
    "its process is stopped, as by Ctrl-Z: kill -CONT ",
    # How to write a key.
    " is no key; write it like ctrl+s, f5, A or slash",
    "Fashion-MNIST, (.*) \\((\\d[\\d,]*/\\d[\\d,]*)\\)",
}  # fmt: skip
UNITS = ("words.py", "plotting/model.py", "plotting/ticks.py")
"""Modules whose letters are seconds, hours, x and y."""


@pytest.fixture(autouse=True)
def _usual_keys_again() -> Iterator[None]:
    yield
    use_own({})


def sentences() -> Iterator[tuple[str, str]]:
    """Every text of the app that has a space in it, with its place; no docstrings, styles and keys."""
    root = Path(ui.__path__[0])
    for path in sorted(root.rglob("*.py")):
        place = path.relative_to(root).as_posix()
        tree = ast.parse(path.read_text())
        skipped = set()
        for node in ast.walk(tree):
            if isinstance(node, ast.Expr):
                skipped.add(id(node.value))
            elif isinstance(node, ast.AnnAssign | ast.Assign):
                target = node.target if isinstance(node, ast.AnnAssign) else node.targets[0]
                if isinstance(target, ast.Name) and target.id == "DEFAULT_CSS":
                    skipped.add(id(node.value))
            elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Binding":
                skipped |= {id(each) for each in node.args[:2]}
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in skipped:
                yield f"{place}:{node.lineno}", node.value


def test_no_sentence_has_a_key_of_its_own() -> None:
    found = [
        f"{place}: {text}"
        for place, text in sentences()
        if " " in text and OLD.search(text) and text not in NO_KEYS and not place.startswith(UNITS)
    ]
    assert found == [], "\n".join(found)
    assert all(any(text == each for _, each in sentences()) for text in NO_KEYS)


@pytest.mark.parametrize(
    "text", ["s starts it", "stop it (S) first", "F3 trains", "then ctrl+s", "Escape leaves", "v, then ← →",
             "put it down; z takes it back", "space marks", "/ finds"]
)  # fmt: skip
def test_what_looks_like_a_key(text: str) -> None:
    assert OLD.search(text)


def test_every_id_in_a_sentence_is_one() -> None:
    ids = {binding.id for kind in node_classes() for binding in own_bindings(kind)}
    named = {name for _, text in sentences() for name in _PLACE.findall(text) if "." in name}
    assert len(named) > 30
    assert named - ids == set()


def test_keys_in_words() -> None:
    use_own({"run.stop": "f9", "explore.unpin": "ctrl+b,x"})
    said = with_keys("{run.stop} {explore.unpin} {go.train} {filter} {dialog.close} {help} {no such thing}")
    assert said == "F9 ctrl+b F3 / esc F1 {no such thing}"
    assert in_words("question_mark") == "?"
    assert with_keys("↑ ↓ scroll, {chart.left} walks") == "↑ ↓ scroll, ← walks"
    use_own({}, ascii_only=True)
    assert with_keys("↑ ↓ scroll, {chart.left} walks") == "up down scroll, left walks"
    with pytest.raises(KeyError):
        key_for("nothing.such")


# The whole app on other keys


def unlikely() -> dict[str, str]:
    """A key of its own for every binding of the app, one that nobody would choose."""
    ids = sorted({binding.id for kind in node_classes() for binding in own_bindings(kind) if binding.id})
    letters = [
        chr(code) for code in range(0x100, 0x250) if chr(code).islower() and len(chr(code).upper()) == 1
    ]
    assert len(letters) > len(ids) > 100
    return {name: f"ctrl+{_character_to_key(letter)}" for name, letter in zip(ids, letters, strict=False)}


def seen(app: LrtuiApp) -> Iterator[str]:
    """All that the screen in front says, line by line; no charts, and not what is typed into fields."""
    for widget in app.screen.walk_children(Widget):
        yield from (str(widget.border_title or ""), str(widget.border_subtitle or ""))
        if not (widget.is_container or isinstance(widget, Chart)) and widget.display:
            lines = widget.render_lines(Region(0, 0, *widget.size))
            if isinstance(widget, Input):
                yield widget.placeholder
            else:
                yield from (strip.text for strip in lines)


NEW = re.compile(r"(ctrl\+|\^)[\u0100-\u024f]")
OTHERS = re.compile(r"↑ ↓|\benter\b|along x|Logarithmic y|n - 1|lr\(t\)|\d+ s\b|\bby constant\b")
"""What looks like a key on a screen and is none of ours: of a list, of a field, of mathematics, seconds."""

DIALOGS = {
    "explore": ("explore.code", "explore.units", "explore.save", "explore.page", "explore.metric", "help"),
    "train": ("train.queue", "help"),
    "runs": ("runs.trash", "run.again", "runs.note", "run.export", "help"),
}


async def test_no_screen_and_no_dialog_names_an_old_key(tmp_path: Path) -> None:
    keys = unlikely()
    store = RunStore(tmp_path / "runs")
    run = finished(store, spec("zebra", schedule="constant(0.5)"))
    save("zigzag", "constant(0.7)")
    draft = Draft(data="embedded", expression="plateau(0.1)")
    app = LrtuiApp(store, draft, settings=Settings(keys=keys))

    def old(where: str) -> list[str]:
        lines = list(seen(app))
        assert any(map(NEW.search, lines)), f"{where} names no key at all"
        return [f"{where}: {line}" for line in lines if OLD.search(OTHERS.sub("", NEW.sub("", line)))]

    async with app.run_test(size=(160, 60)) as pilot:
        await until(lambda: app.current_mode == "explore", "Explore is shown")
        found: list[str] = []
        for mode, dialogs in DIALOGS.items():
            await press(pilot, keys[f"go.{mode}"])
            await until(lambda mode=mode: app.current_mode == mode, f"{mode} is shown")
            if mode == "runs":
                await until(lambda: app.screen.table.rows, "runs are listed")  # type: ignore[attr-defined]
            await pilot.pause(0.1)
            found += old(mode)
            for dialog in dialogs:
                await press(pilot, keys[dialog])
                await until(lambda: app.screen.is_modal, f"{dialog} is open")
                await pilot.pause(0.1)
                found += old(dialog)
                await press(pilot, keys["dialog.close"])
                await press(pilot, keys["dialog.cancel"])
                await until(lambda: not app.screen.is_modal, f"{dialog} is closed")
        await press(pilot, keys["go.train"])
        screen = app.screen
        assert isinstance(screen, TrainScreen)
        screen.follow(run.id)
        await until(lambda: screen.followed.view is not None, "the run is followed")
        await pilot.pause(0.2)
        found += old("a run")
    assert found == [], "\n".join(found)


async def press(pilot: Pilot[None], key: str) -> None:
    await pilot.press(key)
    await pilot.pause()


OPENED = """
import asyncio, sys
from pathlib import Path
from lrtui.runs.store import RunStore
from lrtui.ui.app import LrtuiApp
from lrtui.ui.state import Draft

async def main():
    app = LrtuiApp(RunStore(Path(sys.argv[1])), Draft(data="embedded"))
    async with app.run_test(size=(120, 40)) as pilot:
        for mode, key in (("explore", "f2"), ("train", "f3"), ("runs", "f4")):
            while app.current_mode == "start":
                await pilot.pause(0.02)
            await pilot.press(key)
            await pilot.pause(0.2)
            assert app.current_mode == mode
            print(*sorted(name for name in sys.modules if "lrtui.ui.screens." in name), file=out)

out = sys.stdout
asyncio.run(main())
"""


def test_naming_a_key_loads_no_screen_that_isnt_shown(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", OPENED, str(tmp_path)], capture_output=True, text=True, check=True
    )
    explore, train, runs = (line.split()[1:] for line in done.stdout.splitlines())
    assert "lrtui.ui.screens.explore" in explore
    assert not [name for name in explore if "train" in name or "runs" in name or "panel" in name]
    assert not [name for name in train if "runs" in name or "saved_panel" in name]
    assert "lrtui.ui.screens.saved_panel" not in runs
