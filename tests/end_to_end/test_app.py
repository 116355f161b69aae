"""The real command in a real pseudo-terminal: a person's whole way through it, and what may befall it."""

from __future__ import annotations

import csv
import json
import os
import re
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.cli.commands import lrtui
from tests.end_to_end.terminal import LRTUI, Terminal

pytestmark = pytest.mark.timeout(900)

SCHEDULE = "warmup(1ep) >> cosine(0.3, final_lr=0.01)"


@pytest.fixture
def stopped_afterwards(runs_dir: Path) -> Iterator[Path]:
    """The runs folder; whatever still trains in it at the end of the test is stopped."""
    yield runs_dir
    for lock in runs_dir.glob("*/lock"):
        lrtui("runs", "stop", lock.parent.name)


def events(runs_dir: Path) -> list[dict[str, Any]]:
    """The events of the only run; without a last line that is still being written."""
    logs = list(runs_dir.glob("*/events.jsonl"))
    if not logs:
        return []
    (log,) = logs
    lines = log.read_text().splitlines(keepends=True)
    return [json.loads(line) for line in lines if line.endswith("\n")]


def wait_for_reports(runs_dir: Path, more_than: int, timeout: float = 240) -> int:
    """Wait until the only run has logged more reports than that; return how many."""
    until = time.monotonic() + timeout
    while time.monotonic() < until:
        count = sum(event["event"] == "report" for event in events(runs_dir))
        if count > more_than:
            return count
        time.sleep(0.1)
    raise AssertionError(f"no more than {more_than} reports in {timeout:.0f} s")


def dots(screen: str) -> int:
    """How many characters of the screen are drawn curve."""
    return len(re.findall(r"[\u2801-\u28ff]", screen))


def enter_expression(terminal: Terminal) -> None:
    """Go into Explore's field for the expression; keys that come sooner would go elsewhere."""
    terminal.wait_for("lr(t)")
    terminal.send("i")
    terminal.wait_for("Leave field")


def leave_field(terminal: Terminal) -> None:
    """Leave a field; an escape is one only when nothing follows it at once."""
    terminal.send("escape")
    terminal.wait_for(lambda text: "Leave field" not in text)


def write_schedule(terminal: Terminal, expression: str) -> None:
    """Type an expression into Explore."""
    enter_expression(terminal)
    terminal.send("ctrl+u", *expression)
    terminal.wait_for(expression)
    leave_field(terminal)


def start_run(terminal: Terminal, runs_dir: Path) -> None:
    """Go to Train and start what Explore shows, for many epochs so that it doesn't end by itself."""
    terminal.send("f3")
    terminal.wait_for("Start (s")
    terminal.send("s")
    wait_for_reports(runs_dir, 0)


def test_explore_train_watch_stop_export_quit(stopped_afterwards: Path, tmp_path: Path) -> None:
    runs_dir = stopped_afterwards
    exported = tmp_path / "mine.csv"
    with Terminal([LRTUI], cwd=tmp_path) as terminal:
        # Explore: the curve follows what is typed, and a wrong expression keeps the last good one.
        write_schedule(terminal, SCHEDULE)
        screen = terminal.wait_for("peak 0.3")
        assert dots(screen) > 30
        enter_expression(terminal)
        terminal.send("end", "backspace")
        screen = terminal.wait_for("missing")
        assert dots(screen) > 30
        terminal.send(")")
        terminal.wait_for(lambda text: "missing" not in text)
        leave_field(terminal)

        # Train: points arrive on the screen, not only in the file.
        start_run(terminal, runs_dir)
        few = dots(terminal.wait_for("examples/s", timeout=240))
        terminal.wait_for(lambda text: dots(text) > few, timeout=240)
        wait_for_reports(runs_dir, 5)
        terminal.send("S")
        terminal.wait_for("stopped", timeout=240)
        log = events(runs_dir)
        assert log[-1]["outcome"] == "stopped"

        # What was previewed is what trained.
        (run,) = json.loads(lrtui("runs", "--json").stdout)
        assert run["schedule"] == SCHEDULE
        started = log[0]
        preview = lrtui(
            "preview", SCHEDULE, "--steps", str(started["updates"]),
            "--steps-per-epoch", str(started["steps_per_epoch"]), "--format", "csv",
        )  # fmt: skip
        rates = {int(row["step"]): float(row["lr"]) for row in csv.DictReader(preview.stdout.splitlines())}
        reports = [event for event in log if event["event"] == "report"]
        assert all(event["lr"] == rates[event["step"]] for event in reports)

        # Runs: it is in the table, and can be taken away; `e` waits for the table by itself.
        terminal.send("f4", "e")
        terminal.wait_for("Export 1 run")
        terminal.send("ctrl+u", *str(exported), "enter")
        terminal.wait_for(lambda _: exported.exists())
        terminal.send("escape")
        terminal.wait_for(lambda text: "Export 1 run" not in text)
        terminal.send("ctrl+q")
        assert terminal.wait_exit() == 0
        terminal.assert_clean()
    with exported.open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert sum(row["event"] == "report" for row in rows) == len(reports)
    assert [float(row["lr"]) for row in rows if row["event"] == "report"] == [
        event["lr"] for event in reports
    ]


def test_killing_the_app_leaves_the_run_training_and_opening_it_again_shows_it_live(
    stopped_afterwards: Path,
) -> None:
    runs_dir = stopped_afterwards
    with Terminal([LRTUI]) as terminal:
        terminal.wait_for("lr(t)")
        start_run(terminal, runs_dir)
        os.kill(terminal.process.pid, signal.SIGKILL)
        terminal.wait_exit()
    count = wait_for_reports(runs_dir, 0)
    wait_for_reports(runs_dir, count + 3)
    with Terminal([LRTUI]) as terminal:
        # It opens where it was left, and shows the run.
        terminal.wait_for("examples/s")
        terminal.send("f4")
        terminal.wait_for("running")
        terminal.send("f3")
        terminal.wait_for("examples/s")
        first = terminal.text
        terminal.wait_for(lambda text: text != first, timeout=240)
        terminal.send("S")
        terminal.wait_for("stopped", timeout=240)
        terminal.send("q")
        assert terminal.wait_exit() == 0
    assert events(runs_dir)[-1]["outcome"] == "stopped"


@pytest.mark.parametrize("how", ["SIGTERM", "SIGHUP", "hang-up"])
def test_a_signal_leaves_the_terminal_clean_and_the_run_training(how: str, stopped_afterwards: Path) -> None:
    runs_dir = stopped_afterwards
    with Terminal([LRTUI]) as terminal:
        terminal.wait_for("lr(t)")
        start_run(terminal, runs_dir)
        assert terminal.modes[1049], "the app draws on the alternate screen"
        assert not terminal.echoes
        if how == "hang-up":
            terminal.hang_up()
        else:
            terminal.process.send_signal(getattr(signal, how))
        terminal.wait_exit()
        terminal.assert_clean()
    count = wait_for_reports(runs_dir, 0)
    wait_for_reports(runs_dir, count + 2)


def test_the_app_is_usable_and_leaves_cleanly_in_a_small_terminal_that_is_resized() -> None:
    with Terminal([LRTUI], columns=80, rows=24) as terminal:
        terminal.wait_for("lr(t)")
        for key, word in (("f3", "Start (s"), ("f4", "No runs yet"), ("f2", "lr(t)")):
            terminal.send(key)
            assert "Traceback" not in terminal.wait_for(word)
        terminal.resize(140, 45)
        terminal.wait_for(lambda text: len(text.split("\n")) == 45 and dots(text) > 30)
        terminal.resize(40, 10)
        time.sleep(0.5)
        terminal.resize(80, 24)
        terminal.wait_for("lr(t)")
        terminal.send("q")
        assert terminal.wait_exit() == 0
        terminal.assert_clean()


def test_the_mouse_reaches_the_screens() -> None:
    with Terminal([LRTUI]) as terminal:
        terminal.wait_for("lr(t)")
        terminal.click("F4 Runs")
        terminal.wait_for("No runs yet")
        terminal.click("F2 Explore")
        terminal.wait_for("lr(t)")
        terminal.click("Polynomial")
        terminal.send("enter")
        terminal.wait_for("polynomial(")
        terminal.send("ctrl+q")
        assert terminal.wait_exit() == 0


def test_an_idle_app_sends_next_to_nothing() -> None:
    """People are on SSH: what isn't changing must not be sent."""
    with Terminal([LRTUI]) as terminal:
        terminal.wait_for("lr(t)")
        before = -1
        while before != terminal.traffic:  # the rest of the first frame, on a busy machine
            before = terminal.traffic
            time.sleep(2)
        time.sleep(3)
        assert terminal.traffic - before < 1024
        terminal.send("q")
        terminal.wait_exit()
