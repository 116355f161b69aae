"""What a live chart costs on the wire: bytes a second through a pseudo-terminal of 120x40.

    python tests/benchmarks/chart_wire.py [SECONDS]

Three series grow by five points a second each on one Chart that fills the terminal. The same run is repeated
with Textual's own writing, with a widget that refreshes itself whole for every frame, and with nothing
changing. Set-up and the first paint aren't counted (they are printed apart).
"""

from __future__ import annotations

import fcntl
import os
import pty
import select
import struct
import subprocess
import sys
import termios
import time
from typing import Any

import numpy as np
from textual.app import App, ComposeResult
from textual.theme import Theme

from lrtui.ui.plotting import Axis, Series
from lrtui.ui.widgets.chart import Chart
from lrtui.ui.wire import SparingApp

COLUMNS, ROWS = 120, 40
SETTLE = 2.0
"""Seconds left out at the start."""


class NaiveChart(Chart):
    """The same chart, sent whole every time."""

    def _now(self) -> None:
        self._stale = True
        self.refresh()


class Live(SparingApp):
    """A chart that fills with three noisy curves, over a run as long as the benchmark."""

    ENABLE_COMMAND_PALETTE = False

    def __init__(self, kind: str, theme: str, seconds: float) -> None:
        super().__init__()
        self.kind, self.seconds, self.tick = kind, seconds, 0
        self.first_theme = theme
        rng = np.random.default_rng(0)
        count = int(seconds * 5) + 50
        self.x = np.arange(count) / count * 10
        self.ys = [
            2.3 * np.exp(-self.x / 3) + 0.2 * k + 0.05 * rng.normal(size=count) + 0.2 for k in range(3)
        ]

    def compose(self) -> ComposeResult:
        yield (NaiveChart if self.kind == "naive" else Chart)()

    def on_mount(self) -> None:
        self.register_theme(Theme(name="dark", primary="#56B4E9", background="#101418", dark=True))
        self.theme = self.first_theme
        self.advance()
        self.set_interval(0.2, self.advance)
        self.set_timer(self.seconds, self.exit)

    def _display(self, screen: Any, renderable: Any) -> None:
        if self.kind in ("naive", "textual"):
            App._display(self, screen, renderable)
        else:
            super()._display(screen, renderable)

    def advance(self) -> None:
        if self.kind != "idle" or not self.tick:
            self.tick += 1
        shown = self.tick + (25 if self.kind == "idle" else 1)
        names = ("train loss", "test loss", "a run before")
        series = [
            Series(name, self.x[:shown], y[:shown], k)
            for k, (name, y) in enumerate(zip(names, self.ys, strict=True))
        ]
        self.query_one(Chart).show(series, Axis(0, 10, label="epochs"), Axis(low=0), title="Loss")


def measure(kind: str, theme: str, seconds: float) -> tuple[int, float, float]:
    """Bytes before `SETTLE`, and bytes a second after it with the share of one processor they took."""
    leader, follower = pty.openpty()
    fcntl.ioctl(follower, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))
    environment = os.environ | {"TERM": "xterm-256color", "COLORTERM": "truecolor", "LC_ALL": "C.UTF-8"}
    child = subprocess.Popen(
        [sys.executable, __file__, "--child", kind, theme, str(seconds + SETTLE)],
        stdin=follower,
        stdout=follower,
        stderr=follower,
        env=environment,
        start_new_session=True,
    )
    os.close(follower)
    setup = counted = 0
    began: float | None = None
    while True:
        ready, _, _ = select.select([leader], [], [], 0.2)
        now = time.monotonic()
        if ready:
            try:
                data = os.read(leader, 65536)
            except OSError:
                break
            if not data:
                break
            began = began or now
            elapsed = now - began
            if elapsed < SETTLE:
                setup += len(data)
            elif elapsed < seconds + SETTLE - 1:
                counted += len(data)
        elif child.poll() is not None:
            break
    used = os.wait4(child.pid, 0)[2] if child.returncode is None else None
    os.close(leader)
    share = (used.ru_utime + used.ru_stime) / (seconds + SETTLE) if used else float("nan")
    return setup, counted / (seconds - 1), share


def main() -> None:
    """Print the table."""
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 20.0
    print(f"{COLUMNS}x{ROWS}, three series, 5 frames a second, {seconds:.0f} s each")
    print(f"{'':28}{'first paint':>14}{'bytes/s':>12}{'of a core':>12}")
    for kind, theme, words in (
        ("chart", "ansi-dark", "Chart, ansi theme"),
        ("chart", "dark", "Chart, painted theme"),
        ("idle", "dark", "Chart, nothing changes"),
        ("textual", "dark", "Textual's own writing"),
        ("naive", "dark", "and refreshed whole"),
    ):
        setup, rate, share = measure(kind, theme, seconds)
        print(f"{words:28}{setup:>14,}{rate:>12,.0f}{share:>11.0%}")


if __name__ == "__main__":
    if sys.argv[1:2] == ["--child"]:
        Live(sys.argv[2], sys.argv[3], float(sys.argv[4])).run()
    else:
        main()
