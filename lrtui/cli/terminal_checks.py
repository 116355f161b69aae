"""The doctor's checks of the terminal: its name, size, colours, encoding, multiplexer and clipboard."""

from __future__ import annotations

import os
import subprocess
import sys

from lrtui import settings
from lrtui.cli.checks import Finding
from lrtui.cli.terminal import objection
from lrtui.runs.text import printable

NARROWEST, LOWEST = 60, 20
"""The smallest terminal that every screen is made for."""

WITHOUT_OSC_52 = {
    "Apple_Terminal": "Terminal.app doesn't take",
    "VTE": "GNOME Terminal and its kin mostly don't take",
}
"""Terminals that are known not to take what a program copies."""


def terminal() -> Finding:
    """What the terminal says it is, and whether the app can be opened here."""
    name = os.environ.get("TERM") or "TERM isn't set"
    program = " ".join(
        filter(None, (os.environ.get(key) for key in ("TERM_PROGRAM", "TERM_PROGRAM_VERSION")))
    )
    parts = [printable(name, 40)]
    if program:
        parts.append(printable(program, 60))
    if os.environ.get("SSH_CONNECTION") or os.environ.get("SSH_TTY"):
        parts.append("over SSH")
    found = ", ".join(parts)
    if _terminal() is None:
        return Finding("terminal", "good", f"{found}; this output doesn't go to one")
    # Of output that is kept by somebody else, the app in whose panel it is shown or a pager, nothing follows.
    reason = objection() if sys.stdout.isatty() else None
    return Finding("terminal", "wrong", found, reason) if reason else Finding("terminal", "good", found)


def size() -> Finding:
    """Whether everything fits."""
    terminal = _terminal()
    if terminal is None:
        return Finding("size", "good", "not on a terminal")
    # Its own size, not what somebody exported as COLUMNS and LINES: the app goes by this one.
    columns, rows = os.get_terminal_size(terminal)
    found = f"{columns}x{rows}"
    if columns < NARROWEST or rows < LOWEST:
        return Finding(
            "size", "note", found, f"make it at least {NARROWEST}x{LOWEST}; 120x35 shows everything at once"
        )
    return Finding("size", "good", found)


def colours() -> Finding:
    """How many colours the app is going to use."""
    chosen = settings.load()
    theme = f"theme {chosen.theme or 'auto'}"
    if "NO_COLOR" in os.environ:
        return Finding("colours", "good", f"none, as NO_COLOR says; {theme}")
    if os.environ.get("COLORTERM", "").strip().lower() in ("truecolor", "24bit"):
        return Finding("colours", "good", f"16 million (COLORTERM); {theme}")
    ending = os.environ.get("TERM", "").lower().rpartition("-")[2]
    if ending in ("256color", "kitty", "direct"):
        return Finding(
            "colours",
            "good",
            f"256; {theme}",
            "if your terminal knows 16 million: export COLORTERM=truecolor",
        )
    return Finding(
        "colours",
        "note",
        f"16 (by TERM); {theme}",
        "if it knows more, set TERM to its own name, such as xterm-256color",
    )


def encoding() -> Finding:
    """Whether more than ASCII is drawn."""
    locale = next(
        (f"{key}={os.environ[key]}" for key in ("LC_ALL", "LANG", "LC_CTYPE") if os.environ.get(key)), ""
    )
    found = f"{printable(locale, 60) or 'no locale is set'}, Python writes {sys.stdout.encoding or 'nothing'}"
    if settings.ascii_only(settings.load()):
        return Finding(
            "encoding",
            "note",
            f"{found}: the app draws with ASCII alone",
            "if the terminal knows UTF-8: set LC_ALL=C.UTF-8, or open the app with --no-ascii",
        )
    return Finding("encoding", "good", f"{found}: the app draws with Unicode")


def multiplexer() -> Finding:
    """Whether tmux or screen stand between, and what they do to colours."""
    name = os.environ.get("TERM", "")
    if os.environ.get("TMUX"):
        version = _ask("tmux", "-V") or "tmux"
        if not name.startswith(("tmux", "screen")):
            return Finding(
                "multiplexer",
                "note",
                f"{version}, but TERM is {printable(name, 40)}",
                "leave TERM to tmux: set -g default-terminal tmux-256color",
            )
        if "256color" not in name:
            return Finding(
                "multiplexer",
                "note",
                f"{version} with 16 colours",
                "put into ~/.tmux.conf: set -g default-terminal tmux-256color",
            )
        return Finding("multiplexer", "good", version)
    if os.environ.get("STY"):
        if "256color" not in name:
            return Finding(
                "multiplexer",
                "note",
                "GNU screen with 16 colours",
                "put into ~/.screenrc: term screen-256color",
            )
        return Finding("multiplexer", "good", "GNU screen")
    return Finding("multiplexer", "good", "neither tmux nor screen")


def clipboard() -> Finding:
    """Whether what is copied in the app gets anywhere: it is handed to the terminal (OSC 52)."""
    if os.environ.get("TMUX"):
        setting = _ask("tmux", "show", "-gv", "set-clipboard")
        if setting in ("off", "external"):
            return Finding(
                "clipboard",
                "note",
                f"tmux keeps what programs copy (set-clipboard {setting})",
                "put into ~/.tmux.conf: set -g set-clipboard on",
            )
    if os.environ.get("STY"):
        return Finding(
            "clipboard",
            "note",
            "GNU screen doesn't pass on what programs copy (OSC 52)",
            "save to a file instead, or use tmux",
        )
    program = "VTE" if os.environ.get("VTE_VERSION") else os.environ.get("TERM_PROGRAM", "")
    if program in WITHOUT_OSC_52:
        return Finding(
            "clipboard",
            "note",
            f"{WITHOUT_OSC_52[program]} what programs copy (OSC 52)",
            "save to a file instead, or select with the mouse while holding shift",
        )
    return Finding("clipboard", "good", "copying hands the text to the terminal (OSC 52); most take it")


def _terminal() -> int | None:
    """The terminal that the output goes to, else the one that somebody types on; None without either."""
    for stream in (sys.stdout, sys.stdin):
        if stream is not None and stream.isatty():
            return stream.fileno()
    return None


def _ask(*command: str) -> str:
    """The one line a small program answers; empty if it doesn't."""
    try:
        done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, timeout=2, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return printable(done.stdout.decode(errors="replace").strip(), 60) if done.returncode == 0 else ""
