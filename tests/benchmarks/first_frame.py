"""How soon the app shows its first frame, as a ratio to an empty Textual app on the same machine.

    python -m tests.benchmarks.first_frame [ROUNDS]

Both start as whole processes in a pseudo-terminal, in turn; the clock runs from the start of the process to
the byte that paints the first word. The time to the first drawn curve is printed beside it. Absolute times
move with the machine and its load, the ratio hardly; the goal is at most 2.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
from pathlib import Path

from tests.end_to_end.terminal import LRTUI, Terminal

GOAL = 2.0

EMPTY_APP = """
from textual.app import App
from textual.widgets import Label

class Empty(App):
    def compose(self):
        yield Label("Explore")

Empty().run()
"""


def first_time(command: list[str], environment: dict[str, str]) -> tuple[float, float | None]:
    """Seconds from the start of the process to the first word, and to the first line of a chart if any."""
    started = time.perf_counter()
    with Terminal(command, environment) as terminal:
        word = _seconds_until(terminal, b"Explore", started)
        curve = _seconds_until_braille(terminal, started) if command[0] == LRTUI else None
    return word, curve


def _seconds_until(terminal: Terminal, wanted: bytes, started: float, patience: float = 30) -> float:
    while wanted not in terminal.sent:
        if time.perf_counter() - started > patience:
            raise TimeoutError(f"{wanted!r} was never painted; the screen:\n{terminal.text}")
        time.sleep(0.002)
    return time.perf_counter() - started


def _seconds_until_braille(terminal: Terminal, started: float) -> float:
    # A braille dot pattern, U+2800 to U+28FF, is two lead bytes and any third one.
    while not any(lead in terminal.sent for lead in (b"\xe2\xa0", b"\xe2\xa1", b"\xe2\xa2", b"\xe2\xa3")):
        if time.perf_counter() - started > 30:
            raise TimeoutError(f"no curve was ever painted; the screen:\n{terminal.text}")
        time.sleep(0.002)
    return time.perf_counter() - started


def measure(rounds: int) -> tuple[float, float, float]:
    """Median seconds of the empty app's first frame, of ours, and of our first curve."""
    empty: list[float] = []
    ours: list[float] = []
    curves: list[float] = []
    with tempfile.TemporaryDirectory() as folder:
        environment = {
            "LRTUI_RUNS_DIR": str(Path(folder) / "runs"),
            "LRTUI_STATE_DIR": str(Path(folder) / "state"),
        }
        for turn in range(rounds + 1):
            first_empty, _ = first_time([sys.executable, "-c", EMPTY_APP], environment)
            first_ours, curve = first_time([LRTUI], environment)
            if turn:  # the first turn fills the disk cache and writes byte code
                empty.append(first_empty)
                ours.append(first_ours)
                curves.append(curve or 0.0)
    return statistics.median(empty), statistics.median(ours), statistics.median(curves)


def main() -> None:
    """Print the ratio."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    empty, ours, curve = measure(rounds)
    print(
        f"first frame: lrtui {ours:.3f} s, an empty Textual app {empty:.3f} s, ratio {ours / empty:.2f} "
        f"(goal: at most {GOAL:g}); first curve after {curve:.3f} s; median of {rounds}"
    )


if __name__ == "__main__":
    main()
