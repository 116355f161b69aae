"""Terminals of every kind and every way of leaving them: what is sent fits, and what is left is in order."""

from __future__ import annotations

import os
import random
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.end_to_end.steps import READY, said_on_the_shell
from tests.end_to_end.terminal import LRTUI, Terminal

SGR = re.compile(rb"\x1b\[([\d;:]*)m")


def colour_codes(sent: bytes) -> set[str]:
    """Which kinds of colours were set: 16, 256, rgb."""
    kinds = set()
    for codes in SGR.findall(sent):
        numbers = codes.decode().replace(":", ";").split(";")
        if "2" in numbers and {"38", "48"} & set(numbers) and re.search(r"[34]8;2;", ";".join(numbers)):
            kinds.add("rgb")
        elif re.search(r"[34]8;5;", ";".join(numbers)):
            kinds.add("256")
        elif any(each.isdigit() and (30 <= int(each) <= 37 or 90 <= int(each) <= 97) for each in numbers):
            kinds.add("16")
    return kinds


def whole(screen: str, rows: int) -> bool:
    """Whether the tabs are on top of a screen and its keys at the bottom."""
    lines = screen.split("\n")
    return len(lines) == rows and lines[0].strip().startswith("lrtui") and bool(lines[-1].strip())


def look_around(terminal: Terminal) -> None:
    """See each screen, help and palette, and leave in order."""
    terminal.wait_for(READY)
    for key, words in (("f1", "Help"), ("escape", READY), ("f3", "Start (s"), ("f4", "No runs yet")):
        terminal.send(key)
        terminal.wait_for(words)
    terminal.send("f2")
    terminal.wait_for(READY)
    terminal.send("q")
    assert terminal.wait_exit() == 0
    terminal.assert_clean()


@pytest.mark.parametrize("size", [(60, 20), (200, 60)])
def test_every_screen_fits(size: tuple[int, int]) -> None:
    columns, rows = size
    # What was exported for another size must not be believed.
    exported = {"COLUMNS": "80", "LINES": "24"}
    with Terminal([LRTUI], exported, columns=columns, rows=rows) as terminal:
        terminal.wait_for(READY)
        for key, words in (("f3", "Start (s"), ("f4", "No runs yet"), ("f2", READY)):
            terminal.send(key)
            terminal.wait_for(words)
            # The tabs are on top and the keys at the bottom.
            terminal.wait_for(lambda text: whole(text, rows))
        terminal.send("q")
        assert terminal.wait_exit() == 0


@pytest.mark.parametrize(
    ("environment", "kinds"),
    [
        ({"TERM": "xterm-256color", "COLORTERM": "truecolor"}, {"rgb"}),
        ({"TERM": "xterm-256color", "COLORTERM": ""}, {"256"}),
        ({"TERM": "linux", "COLORTERM": ""}, {"16"}),
        ({"TERM": "xterm-256color", "NO_COLOR": "1"}, set()),
    ],
)
def test_no_more_colours_than_the_terminal_has(environment: dict[str, str], kinds: set[str]) -> None:
    with Terminal([LRTUI], environment, columns=80, rows=24) as terminal:
        look_around(terminal)
        assert colour_codes(bytes(terminal.sent)) - {"16"} == kinds - {"16"}


@pytest.mark.parametrize(
    ("arguments", "environment"),
    [
        ([], {"LC_ALL": "", "LANG": "C", "LC_CTYPE": ""}),
        ([], {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}),
        (["--ascii"], {}),
    ],
)
def test_ascii_alone(arguments: list[str], environment: dict[str, str]) -> None:
    with Terminal([LRTUI, *arguments], environment, columns=80, rows=24) as terminal:
        terminal.wait_for(READY)
        terminal.wait_for(lambda text: text.count("*") > 20)  # the curve
        look_around(terminal)
        assert bytes(terminal.sent).isascii()
        assert b"\\u2" not in terminal.sent


def test_without_the_mouse_none_is_asked_for() -> None:
    with Terminal([LRTUI, "--no-mouse"], columns=80, rows=24) as terminal:
        look_around(terminal)
        assert not {1000, 1002, 1003, 1006} & {mode for mode, on in terminal.modes.items() if on}
        assert b"\x1b[?1003h" not in terminal.sent


@pytest.mark.parametrize("term", ["dumb", "", "unknown"])
def test_a_terminal_that_cannot_be_drawn_on_gets_a_sentence(term: str) -> None:
    with Terminal([LRTUI], {"TERM": term}, columns=80, rows=24) as terminal:
        assert terminal.wait_exit() == 2
        assert "set TERM to what yours is" in " ".join(terminal.text.split())
        assert b"\x1b" not in terminal.sent


@pytest.mark.parametrize("redirection", ["<&-", "</dev/null", ">&-", "2>&-"])
def test_a_stream_that_is_closed_gets_a_sentence(redirection: str) -> None:
    with Terminal(["sh", "-c", f"'{LRTUI}' {redirection}; echo code $?"], columns=80, rows=24) as terminal:
        terminal.wait_for("code 2")
        assert "Traceback" not in terminal.text
        assert b"\x1b[?1049h" not in terminal.sent
        if redirection != "2>&-":
            assert "terminal" in terminal.text


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_leaves_the_terminal_as_it_was(number: signal.Signals) -> None:
    with Terminal([LRTUI], columns=80, rows=24) as terminal:
        terminal.wait_for(READY)
        terminal.process.send_signal(number)
        assert terminal.wait_exit(30) == 128 + number
        terminal.assert_clean()
        assert "Traceback" not in terminal.text


@pytest.mark.parametrize("moment", [0.0, 0.1, 0.3, 0.6])
def test_a_signal_while_it_opens_leaves_the_terminal_as_it_was(moment: float) -> None:
    with Terminal([LRTUI], columns=80, rows=24) as terminal:
        time.sleep(moment)
        terminal.process.send_signal(signal.SIGTERM)
        terminal.wait_exit(30)
        terminal.assert_clean()


def test_ctrl_c_twice_leaves_and_once_says_so() -> None:
    with Terminal([LRTUI], columns=80, rows=24) as terminal:
        terminal.wait_for(READY)
        terminal.send("ctrl+c")
        terminal.wait_for("ctrl+c again leaves")
        terminal.send("ctrl+c")
        assert terminal.wait_exit(30) == 0
        terminal.assert_clean()


def test_ctrl_z_gives_the_shell_its_terminal_and_fg_the_app_its_screen(tmp_path: Path) -> None:
    # Without its line editor, which sets modes of its own.
    shell = ["bash", "--norc", "--noprofile", "--noediting", "-i"]
    with Terminal(shell, {"PS1": "shell> ", "HISTFILE": "/dev/null"}, columns=100, rows=30) as terminal:
        terminal.wait_for("shell>")
        assert terminal.echoes
        terminal.send(LRTUI, "enter")
        terminal.wait_for(READY)
        terminal.send("ctrl+z")
        terminal.wait_for("Stopped")
        terminal.assert_clean()
        terminal.send("echo in the shell", "enter")
        terminal.wait_for("\nin the shell")
        terminal.send("fg", "enter")
        terminal.wait_for(READY)
        assert terminal.modes[1049]
        terminal.send("f4")
        terminal.wait_for("No runs yet")
        terminal.send("q")
        terminal.wait_for("shell>")
        terminal.assert_clean()
        terminal.send("exit", "enter")
        assert terminal.wait_exit() == 0


CRASHES = {
    "a key": "ExploreScreen.action_log = lambda self: {}['no such key']",
    "drawing": "Chart.render_line = lambda self, y: 1 / 0",
    "a worker": "ExploreScreen.action_log = lambda self: self.run_worker(fails(), exit_on_error=True)",
    "a timer": "ExploreScreen.action_log = lambda self: self.set_timer(0.01, fails)",
}


@pytest.mark.parametrize("where", CRASHES)
def test_a_crash_leaves_the_terminal_as_it_was_and_says_where_its_traceback_is(where: str) -> None:
    code = (
        "from lrtui.ui.screens.explore import ExploreScreen\n"
        "from lrtui.ui.widgets.chart import Chart\n"
        "async def fails():\n    return {}['no such key \\x1b[31m']\n"
        f"{CRASHES[where]}\n"
        "from lrtui.cli import main\nmain([])\n"
    )
    with Terminal([sys.executable, "-c", code], columns=200, rows=24) as terminal:
        if where != "drawing":
            terminal.wait_for(READY)
            terminal.send("l")
        assert terminal.wait_exit(60) == 1
        terminal.assert_clean()
        said = said_on_the_shell(terminal)
        assert len(said) == 1, said
        assert said[0].startswith("lrtui: the app failed (")
        (path,) = re.findall(r"the traceback is in (\S+)", said[0])
    written = Path(path).read_text()
    assert "Traceback (most recent call last)" in written
    assert ("ZeroDivisionError" if where == "drawing" else "KeyError") in written
    assert Path(path).stat().st_mode & 0o777 == 0o600


@pytest.mark.skipif(shutil.which("tmux") is None, reason="tmux isn't here")
def test_in_tmux(tmp_path: Path) -> None:
    name = f"lrtui-test-{os.getpid()}"
    tmux = ["tmux", "-L", name, "-f", "/dev/null"]
    try:
        with Terminal([*tmux, "new-session", LRTUI], {"TMUX_TMPDIR": str(tmp_path)}, 100, 30) as terminal:
            terminal.wait_for(READY)
            terminal.wait_for(lambda text: bool(re.search("[\u2801-\u28ff]{3}", text)))
            for key, words in (("f1", "Help"), ("escape", READY), ("f4", "No runs yet"), ("f2", READY)):
                terminal.send(key)
                terminal.wait_for(words)
                time.sleep(0.6)  # tmux waits whether an escape begins a key
            terminal.resize(80, 24)
            terminal.wait_for(lambda text: len(text.split("\n")) == 24 and READY in text)
            terminal.send("q")
            terminal.wait_exit(30)
            terminal.assert_clean()
    finally:
        subprocess.run([*tmux, "kill-server"], env={**os.environ, "TMUX_TMPDIR": str(tmp_path)},
                       stderr=subprocess.DEVNULL, check=False)  # fmt: skip


@pytest.mark.skipif(shutil.which("screen") is None, reason="GNU screen isn't here")
def test_in_screen(tmp_path: Path) -> None:
    tmp_path.chmod(0o700)
    environment = {"SCREENDIR": str(tmp_path), "TERM": "xterm-256color"}
    with Terminal(["screen", "-U", "-c", "/dev/null", LRTUI], environment, 100, 30) as terminal:
        terminal.wait_for(READY)
        terminal.send("f4")
        terminal.wait_for("No runs yet")
        terminal.send("q")
        terminal.wait_exit(30)
        terminal.assert_clean()


def test_where_there_is_no_second_screen_the_first_is_left_empty() -> None:
    """The emulator behind these tests has none, as GNU screen unless it is told to."""
    with Terminal([LRTUI], columns=80, rows=24) as terminal:
        terminal.wait_for(READY)
        terminal.send("q")
        assert terminal.wait_exit() == 0
        assert terminal.text.strip() == ""


def test_a_storm_of_sizes_leaves_a_screen_that_is_whole() -> None:
    dice = random.Random(6)
    with Terminal([LRTUI], columns=120, rows=36) as terminal:
        terminal.wait_for(READY)
        for count in range(150):
            columns, rows = dice.choice([(1, 1), (2, 300), (400, 2), (60, 20), (80, 24), (200, 60), (20, 6)])
            terminal.resize(max(columns + dice.randrange(-3, 4), 1), max(rows + dice.randrange(-3, 4), 1))
            if count % 10 == 0:
                terminal.send(dice.choice(["f2", "f3", "f4", "f1", "escape", "ctrl+p", "down", "l"]))
            time.sleep(dice.choice([0.0, 0.0, 0.002, 0.05]))
        terminal.resize(100, 30)
        terminal.send("escape")
        time.sleep(0.3)
        terminal.send("f4", "f2")
        terminal.wait_for(lambda text: READY in text and whole(text, 30))
        assert terminal.process.poll() is None
        terminal.send("ctrl+q")
        assert terminal.wait_exit() == 0
        terminal.assert_clean()
