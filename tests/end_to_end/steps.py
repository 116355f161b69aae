"""What several of the scenarios do in the app, and how they look at what has come of it."""

from __future__ import annotations

import json
import re
import time
from pathlib import Path
from typing import Any

from tests.end_to_end.terminal import Terminal

READY = "lr(t)"
"""What Explore shows as soon as it is there."""

ESCAPES = re.compile(rb"\x1b(\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(\x07|\x1b\\)|[@-Z\\-_])")


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


def wait_for_command(runs_dir: Path, name: str, timeout: float = 60) -> None:
    """Wait until the worker of the only run has taken a command, or the run is over."""
    until = time.monotonic() + timeout
    while not any(event.get("command") == name or event["event"] == "finished" for event in events(runs_dir)):
        assert time.monotonic() < until, f"{name} never arrived"
        time.sleep(0.05)


def dots(screen: str) -> int:
    """How many characters of the screen are drawn curve."""
    return len(re.findall(r"[\u2801-\u28ff]", screen))


def enter_expression(terminal: Terminal) -> None:
    """Go into Explore's field for the expression; keys that come sooner would go elsewhere."""
    terminal.wait_for(READY)
    terminal.send("i")
    terminal.wait_for("Leave field")


def look_into(terminal: Terminal, key: str, words: str) -> None:
    """Open a dialog by its key, see what it shows, and close it."""
    terminal.send(key)
    terminal.wait_for(words)
    terminal.send("escape")
    terminal.wait_for(lambda text: words not in text)


def leave_field(terminal: Terminal) -> None:
    """Leave a field; an escape is one only when nothing follows it at once."""
    terminal.send("escape")
    terminal.wait_for(lambda text: "Leave field" not in text)


def write_schedule(terminal: Terminal, expression: str) -> None:
    """Type an expression into Explore."""
    enter_expression(terminal)
    terminal.send("end", "ctrl+u", *expression)
    terminal.wait_for(expression)
    leave_field(terminal)


def start_run(terminal: Terminal, runs_dir: Path) -> None:
    """Go to Train and start what Explore shows, for many epochs so that it doesn't end by itself."""
    terminal.send("f3")
    terminal.wait_for("Start (s")
    terminal.send("s")
    wait_for_reports(runs_dir, 0)


def said_on_the_shell(terminal: Terminal) -> list[str]:
    """The lines that came after the alternate screen was left."""
    after = bytes(terminal.sent).rpartition(b"\x1b[?1049l")[2]
    lines = ESCAPES.sub(b"", after).decode().replace("\r", "").split("\n")
    return [line for line in lines if line.strip()]
