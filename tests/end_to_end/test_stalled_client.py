"""A client that reads nothing for a while finds what is current, at once; the app goes on meanwhile."""

from __future__ import annotations

import sys
import time
from pathlib import Path

import pytest

from lrtui.ui.wire_flow import MOST
from tests.end_to_end.terminal import Terminal

COLUMNS, ROWS = 100, 30
SCREENFUL = 4000
"""Bytes of a frame here, with some to spare."""

BUSY = """
import random
from pathlib import Path
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip
from textual.widget import Widget
from lrtui.ui.wire import SparingApp

PENS = [Style.parse("red"), Style.parse("green")]

def tell(name, number):
    Path(name + ".new").write_text(str(number))
    Path(name + ".new").replace(name)

class Noise(Widget, can_focus=True):
    frame, keys = 0, 0

    def render_line(self, y):
        if y == 0:
            text = f"frame {self.frame} keys {self.keys} "
            return Strip([Segment(text.ljust(self.size.width), PENS[0])])
        dice = random.Random(self.frame * 1000 + y)
        return Strip([Segment("".join(dice.choices("abc", k=self.size.width)), PENS[y % 2])])

    def on_key(self, event):
        self.keys += 1
        self.app.moving = event.key != "s"
        tell("keys", self.keys)
        self.refresh()

class Busy(SparingApp):
    moving = True

    def compose(self):
        yield Noise()

    def on_mount(self):
        self.set_interval(0.05, self.advance)

    def advance(self):
        if self.moving:
            noise = self.query_one(Noise)
            noise.frame += 1
            tell("frame", noise.frame)
            noise.refresh()

Busy(ansi_color=True).run()
"""


def wait_for_file(path: Path, text: str, patience: float = 20.0) -> None:
    until = time.monotonic() + patience
    while not path.exists() or path.read_text() != text:
        assert time.monotonic() < until, f"{path.name} never said {text!r}"
        time.sleep(0.02)


def number(screen: str, word: str) -> int:
    words = screen.split()
    return int(words[words.index(word) + 1])


@pytest.mark.parametrize("answers", [False, True])
def test_nothing_gets_old_while_nobody_reads(tmp_path: Path, answers: bool) -> None:
    command = [sys.executable, "-c", BUSY]
    with Terminal(command, columns=COLUMNS, rows=ROWS, cwd=tmp_path, answers=answers) as terminal:
        terminal.wait_for("frame")
        time.sleep(0.5)
        terminal.stall()
        before = terminal.traffic
        frame = int((tmp_path / "frame").read_text())
        for count in range(1, 4):
            time.sleep(1)
            terminal.send("x")
            wait_for_file(tmp_path / "keys", str(count))
        terminal.send("s")
        wait_for_file(tmp_path / "keys", "4")
        current = int((tmp_path / "frame").read_text())
        assert current > frame + 35  # more than Textual's queue and the device hold
        terminal.go_on()
        terminal.wait_for(f"frame {current} keys 4")
        time.sleep(0.5)
        # What the device had room for, which a terminal that answers keeps from filling up; what the keys
        # did; and what is current. The frames that are old by now would be a screenful each.
        assert terminal.traffic - before < (MOST if answers else 18 * SCREENFUL) + 6 * SCREENFUL
        terminal.send("x")
        terminal.wait_for("keys 5")
        terminal.wait_for(lambda screen: f"frame {current} " not in screen)
