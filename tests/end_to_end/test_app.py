"""The real command in a real pseudo-terminal: a person's whole way through it, and what may befall it."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

import pytest

from lrtui.runs.store import RunStore
from tests.end_to_end.steps import dots, events, start_run, wait_for_reports
from tests.end_to_end.terminal import LRTUI, Terminal
from tests.ui.fake_runs import live, spec

pytestmark = pytest.mark.timeout(900)


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


def test_a_run_that_diverges_says_so_where_it_is_looked_at(runs_dir: Path) -> None:
    store = RunStore(runs_dir)
    run = store.create(spec("wild", schedule="constant(100)"))
    with Terminal([LRTUI]) as terminal:
        terminal.wait_for("lr(t)")
        live(run, "diverge")
        terminal.send("f3")
        terminal.wait_for("diverged")
        screen = terminal.wait_for("The rate was too high there")
        assert "Traceback" not in screen
        terminal.send("f4")
        terminal.wait_for(lambda text: "∞ diverged" in text and "wild" in text)
        # It can be taken up again in Explore.
        terminal.send("u")
        terminal.wait_for("constant(100)")
        terminal.send("q")
        assert terminal.wait_exit() == 0
        terminal.assert_clean()
        assert b"goes on training" not in terminal.sent
