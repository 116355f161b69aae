"""What the terminal shows is what the app means it to show, though only differences are written."""

from __future__ import annotations

import os
import random
import signal
import time
from pathlib import Path

from lrtui.runs.control import send
from lrtui.runs.store import RunStore
from tests.end_to_end.terminal import LRTUI, Terminal

KEYS = [
    *["down", "up", "left", "right", "tab", "enter", "escape", "home", "end"],
    *["f1", "f2", "f3", "f4", "ctrl+p", "space", "backspace"],
    *"awspxlzvkhnocbde/?.,()0159",
]
SIZES = [(80, 24), (120, 35), (100, 30), (60, 20)]


NOTICE = 6.0
"""Seconds that are longer than a notice stays on the screen."""


def quiet(
    terminal: Terminal, still: float = NOTICE, patience: float = 90.0
) -> list[list[tuple[object, ...]]]:
    """Every cell with its colours, once nothing has come for so many seconds."""
    until = time.monotonic() + patience
    before, since = -1, time.monotonic()
    while time.monotonic() - since < still:
        assert time.monotonic() < until, "the screen never comes to rest"
        if before != terminal.traffic:
            before, since = terminal.traffic, time.monotonic()
        time.sleep(0.1)
    return terminal.cells


def redrawn(terminal: Terminal, before: int) -> list[list[tuple[object, ...]]]:
    """The same, once a screen has been drawn whole since so much had come; no notice is there to go."""
    until = time.monotonic() + 90
    while terminal.traffic - before < 1000:
        assert time.monotonic() < until, "nothing is drawn again"
        time.sleep(0.05)
    return quiet(terminal, 2.0)


def stop_runs(root: Path) -> None:
    """End the training that the keys may have started: its charts would never be quiet, nor the machine."""
    for run in RunStore(root).runs():
        until = time.monotonic() + 60
        if run.alive():
            send(run, "stop", by="test")
        while run.alive():
            assert time.monotonic() < until, f"{run.id} doesn't stop"
            time.sleep(0.1)


def test_a_storm_of_keys_and_sizes_leaves_the_screen_as_a_redraw_makes_it(tmp_path: Path) -> None:
    dice = random.Random(1)
    root = tmp_path / "runs"
    with Terminal([LRTUI, "--runs-dir", str(root)], cwd=tmp_path) as terminal:
        terminal.wait_for("Catalogue")
        for count in range(100):
            terminal.send(dice.choice(KEYS))
            if count % 30 == 29:
                terminal.resize(*dice.choice(SIZES))
                terminal.resize(*dice.choice(SIZES))
            if count % 50 == 49:
                stop_runs(root)
                shown = quiet(terminal)
                before = terminal.traffic
                terminal.send("ctrl+l")
                assert redrawn(terminal, before) == shown
        assert terminal.process.poll() is None


def test_back_from_the_shell_everything_is_drawn_again(tmp_path: Path) -> None:
    with Terminal([LRTUI, "--runs-dir", str(tmp_path / "runs")], cwd=tmp_path) as terminal:
        terminal.wait_for("Catalogue")
        shown = quiet(terminal, 2.0)
        terminal.send("ctrl+z")
        time.sleep(0.5)
        before = terminal.traffic
        os.kill(terminal.process.pid, signal.SIGCONT)
        assert redrawn(terminal, before) == shown
