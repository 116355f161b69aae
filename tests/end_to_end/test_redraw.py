"""What the terminal shows is what the app means it to show, though only differences are written."""

from __future__ import annotations

import os
import random
import signal
import time
from pathlib import Path

from tests.end_to_end.terminal import LRTUI, Terminal

KEYS = [
    *["down", "up", "left", "right", "tab", "enter", "escape", "home", "end"],
    *["f1", "f2", "f3", "f4", "ctrl+p", "space", "backspace"],
    *"awspxlzvkhnocbde/?.,()0159",
]
SIZES = [(80, 24), (120, 35), (100, 30), (60, 20)]


def quiet(terminal: Terminal, patience: float = 20.0) -> list[list[tuple[object, ...]]]:
    """Every cell with its colours, once nothing has come for a while."""
    until = time.monotonic() + patience
    before = -1
    while time.monotonic() < until and before != terminal.traffic:
        before = terminal.traffic
        time.sleep(1.5)
    return terminal.cells


def test_a_storm_of_keys_and_sizes_leaves_the_screen_as_a_redraw_makes_it(tmp_path: Path) -> None:
    dice = random.Random(1)
    with Terminal([LRTUI, "--runs-dir", str(tmp_path / "runs")], cwd=tmp_path) as terminal:
        terminal.wait_for("Catalogue")
        for count in range(100):
            terminal.send(dice.choice(KEYS))
            if count % 30 == 29:
                terminal.resize(*dice.choice(SIZES))
                terminal.resize(*dice.choice(SIZES))
            if count % 50 == 49:
                shown = quiet(terminal)
                terminal.send("ctrl+l")
                assert quiet(terminal) == shown
        assert terminal.process.poll() is None


def test_back_from_the_shell_everything_is_drawn_again(tmp_path: Path) -> None:
    with Terminal([LRTUI, "--runs-dir", str(tmp_path / "runs")], cwd=tmp_path) as terminal:
        terminal.wait_for("Catalogue")
        shown = quiet(terminal)
        terminal.send("ctrl+z")
        time.sleep(0.5)
        before = terminal.traffic
        os.kill(terminal.process.pid, signal.SIGCONT)
        assert quiet(terminal) == shown
        assert terminal.traffic - before > 2000
