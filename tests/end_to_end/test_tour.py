"""The tour of the README, keystroke by keystroke: the real command, real training, real files."""

from __future__ import annotations

import csv
import json
import re
from pathlib import Path

import pytest

from tests.cli.commands import lrtui
from tests.end_to_end.steps import (
    READY,
    dots,
    enter_expression,
    events,
    leave_field,
    look_into,
    wait_for_command,
    wait_for_reports,
)
from tests.end_to_end.terminal import LRTUI, Terminal

pytestmark = pytest.mark.timeout(900)

SCHEDULE = "warmup(1ep) >> cosine(0.3, final_lr=0.01)"


def test_the_tour(stopped_afterwards: Path, tmp_path: Path) -> None:
    runs_dir = stopped_afterwards
    with Terminal([LRTUI], cwd=tmp_path) as terminal:
        explore(terminal)
        train(terminal, runs_dir)
        terminal.send("q")
        assert terminal.wait_exit() == 0
        terminal.assert_clean()
        assert re.search(rb"goes on training; lrtui shows it live again", terminal.sent)
    count = wait_for_reports(runs_dir, 0)
    wait_for_reports(runs_dir, count)
    with Terminal([LRTUI], cwd=tmp_path) as terminal:
        # The app shows it again, where it was left; now it is stopped.
        terminal.wait_for("examples/s", timeout=240)
        terminal.send("F")
        wait_for_command(runs_dir, "finish")
        terminal.send("S")  # which doesn't wait for the epoch, unless that has just ended
        terminal.wait_for("stopped", timeout=240)
        assert events(runs_dir)[-1]["outcome"] == "stopped"
        runs(terminal, runs_dir, tmp_path / "mine.csv")
        help_and_palette(terminal)
        terminal.send("q")
        assert terminal.wait_exit() == 0
        terminal.assert_clean()
    what_was_previewed_is_what_trained(runs_dir)


def explore(terminal: Terminal) -> None:
    """1: a family from the catalogue, an expression, a wrong one, a pin, the cursor."""
    terminal.wait_for(READY)
    before = terminal.wait_for(lambda text: dots(text) > 30)
    terminal.send("home", "down", "enter")
    terminal.wait_for(lambda text: text.split("\n")[1] != before.split("\n")[1], 30)
    enter_expression(terminal)
    terminal.send("end", "ctrl+u", *SCHEDULE)
    terminal.wait_for("peak 0.3")
    terminal.send("end", "backspace")
    screen = terminal.wait_for("missing")  # it says what, and the last good curve stays
    assert dots(screen) > 30
    terminal.send(")")
    terminal.wait_for(lambda text: "missing" not in text)
    leave_field(terminal)
    few = dots(terminal.text)
    terminal.send("p")
    terminal.wait_for("pinned")
    enter_expression(terminal)
    terminal.send("end", "ctrl+u", *"linear(0.5)")
    terminal.wait_for(lambda text: dots(text) > few + 20)  # beside the first one
    terminal.send("end", "ctrl+u", *SCHEDULE)
    terminal.wait_for(SCHEDULE)
    leave_field(terminal)
    terminal.send("v", "home")
    terminal.wait_for(lambda text: bool(re.search(r"update 0\b|update 1\b", text)))
    first = terminal.text
    terminal.send(*["right"] * 5)
    terminal.wait_for(lambda text: text != first)
    for key in ("+", "-"):
        before = terminal.text
        terminal.send(key)
        terminal.wait_for(lambda text, before=before: text != before)
    look_into(terminal, "k", "Code for ")
    enter_expression(terminal)
    terminal.send("end", "ctrl+u")
    terminal.type(b"\x1b[200~StepLR(optimizer, step_size=30, gamma=0.1)\x1b[201~")
    terminal.wait_for("step(")  # as an expression of ours
    terminal.send("end", "ctrl+u", *SCHEDULE)
    terminal.wait_for(SCHEDULE)
    leave_field(terminal)
    terminal.send("ctrl+s")
    terminal.wait_for("Save")
    terminal.send("ctrl+u", *"tour", "enter")
    terminal.wait_for("saved as tour")


def train(terminal: Terminal, runs_dir: Path) -> None:
    """2: what is about to be trained, its start, its curves; a pause, and on."""
    terminal.send("f3")
    terminal.wait_for("Start (s")
    assert SCHEDULE in terminal.text
    terminal.send("m")
    terminal.wait_for("Clip norm")
    leave_field(terminal)
    terminal.send("s")
    wait_for_reports(runs_dir, 0)
    few = dots(terminal.wait_for("examples/s", timeout=240))
    terminal.wait_for(lambda text: dots(text) > few, timeout=240)
    wait_for_reports(runs_dir, 5)
    terminal.send("p")
    terminal.wait_for("paused", timeout=60)
    terminal.send("p")
    count = wait_for_reports(runs_dir, 0)
    wait_for_reports(runs_dir, count)
    terminal.send("a")
    terminal.wait_for("The rate from the next update on")
    terminal.send(*"x0.5")
    terminal.wait_for("multiplied by 0.5")  # first it shows what it would do
    terminal.send("escape")
    terminal.wait_for(lambda text: "multiplied by 0.5" not in text)
    look_into(terminal, "c", "cooldown")
    for key, words in (("h", "What happened"), ("o", "What the worker printed"), ("Q", "The queue")):
        look_into(terminal, key, words)


def runs(terminal: Terminal, runs_dir: Path, exported: Path) -> None:
    """3: the table, a mark, other axes, an export, the schedule back in Explore."""
    terminal.send("f4", "e")  # `e` waits for the table by itself
    terminal.wait_for("Export 1 run")
    terminal.send("ctrl+u", *str(exported), "enter")
    terminal.wait_for(lambda _: exported.exists())
    terminal.send("escape")
    terminal.wait_for(lambda text: "Export 1 run" not in text)
    terminal.send("space")
    screen = terminal.wait_for("1 marked")
    for _ in range(9):  # no epoch may have ended, so that there is no test accuracy yet
        terminal.send("m")
        before = screen
        screen = terminal.wait_for(lambda text, before=before: text != before)
        if dots(screen) > 0:
            break
    terminal.wait_for(lambda text: dots(text) > 0)
    for key in ("x", "y"):
        shown = terminal.text
        terminal.send(key)
        terminal.wait_for(lambda text, shown=shown: text != shown)
    terminal.send("g")
    terminal.wait_for("±")
    terminal.send("D")
    terminal.wait_for("what differs")
    terminal.send("D")
    terminal.send("/")
    terminal.wait_for("Filter")
    terminal.send(*"schedule:linear")
    terminal.wait_for(lambda text: "stopped" not in text)
    terminal.send("ctrl+u", *"schedule:cosine")
    terminal.wait_for(lambda text: "schedule:cosine" in text and "stopped" in text)
    terminal.send("escape")
    terminal.wait_for(lambda text: "schedule:cosine" not in text and "stopped" in text)
    terminal.send("t")
    terminal.wait_for("Tags")
    terminal.send("ctrl+u", *"good", "enter")
    terminal.wait_for("#good")
    terminal.send("n")
    terminal.wait_for("Notes on")
    terminal.send(*"by hand", "ctrl+s")
    terminal.wait_for(lambda text: "Notes on" not in text)
    terminal.send("r")
    terminal.wait_for("Name ")
    terminal.send("ctrl+u", *"toured", "enter")
    terminal.wait_for("toured")
    look_into(terminal, "s", "Train again")
    terminal.send("d")
    terminal.wait_for("Delete")
    terminal.send("y")
    terminal.wait_for("No runs yet")
    terminal.send("z")
    terminal.wait_for("toured")
    terminal.send("u")
    terminal.wait_for(READY)
    terminal.wait_for(SCHEDULE)
    with exported.open(newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["event"] == "report"]
    reports = [event for event in events(runs_dir) if event["event"] == "report"]
    assert [float(row["lr"]) for row in rows] == [event["lr"] for event in reports]


def help_and_palette(terminal: Terminal) -> None:
    """F1 explains the keys, ctrl+p finds any action by name."""
    terminal.send("f1")
    terminal.wait_for("─ Help ─")
    terminal.send("escape")
    # By its title: the notice of the export may lie over what stands below.
    terminal.wait_for(lambda text: "─ Help ─" not in text)
    terminal.send("ctrl+p")
    terminal.wait_for("Search for commands")
    terminal.send(*"code")
    terminal.wait_for("Code (k)")
    terminal.send("enter")
    terminal.wait_for("Code for ")
    terminal.send("escape")
    terminal.wait_for(lambda text: "Code for " not in text)


def what_was_previewed_is_what_trained(runs_dir: Path) -> None:
    """The first promise, over the command line and the log."""
    (run,) = json.loads(lrtui("runs", "--json").stdout)
    assert run["schedule"] == SCHEDULE
    log = events(runs_dir)
    preview = lrtui(
        "preview", SCHEDULE, "--steps", str(log[0]["updates"]),
        "--steps-per-epoch", str(log[0]["steps_per_epoch"]), "--format", "csv",
    )  # fmt: skip
    rates = {int(row["step"]): float(row["lr"]) for row in csv.DictReader(preview.stdout.splitlines())}
    reports = [event for event in log if event["event"] == "report"]
    assert reports
    assert all(event["lr"] == rates[event["step"]] for event in reports)
