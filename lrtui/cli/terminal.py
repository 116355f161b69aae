"""What the command line asks of its terminal and draws on it: width, colours, paragraphs, charts.

It knows no command. Charts come from the same plotting code as the app's.
"""

from __future__ import annotations

import os
import shutil
import sys
import textwrap
from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lrtui.schedules import Horizon, Schedule
    from lrtui.ui.plotting import ThemeName


def columns(most: int = 160) -> int:
    """The width to draw in: the terminal's, or 80 where there is none."""
    return max(min(shutil.get_terminal_size().columns, most), 20)


def colours() -> bool:
    """Whether stdout takes colours: a terminal that isn't dumb, and NO_COLOR not set."""
    return sys.stdout.isatty() and os.environ.get("TERM") != "dumb" and not os.environ.get("NO_COLOR")


def ascii_wanted() -> bool:
    """Whether to draw with ASCII alone: by `lrtui --ascii`, the settings or the locale."""
    import click

    from lrtui.settings import ascii_only, load

    context = click.get_current_context(silent=True)
    said = context.find_root().params.get("ascii") if context is not None else None
    return ascii_only(load({"ascii": said}))


def paragraph(text: str, head: str = "") -> str:
    """`text` wrapped to the terminal's width behind `head`, the further lines indented as far."""
    return textwrap.fill(
        text,
        min(columns(), 100),
        initial_indent=head,
        subsequent_indent=" " * len(head),
        break_long_words=False,
    )


def draw(schedules: Sequence[Schedule], horizon: Horizon, height: int, width: int, log: bool = False) -> str:
    """A chart of the rates on a horizon, in epochs where it knows them; a legend if there are several."""
    from lrtui.schedules import sample
    from lrtui.ui.plotting import Axis, Series, legend, render, to_ansi

    per_epoch = horizon.steps_per_epoch or 1
    series = []
    for number, schedule in enumerate(schedules):
        updates, rates = sample(schedule, horizon)
        series.append(Series(str(schedule), updates / per_epoch, rates, color=number))
    unit = "epochs" if horizon.steps_per_epoch else "updates"
    x = Axis(
        0.0, horizon.total / per_epoch, kind="number" if horizon.steps_per_epoch else "count", label=unit
    )
    y = Axis(None if log else 0.0, log=log, kind="rate", label="rate")
    plain_ascii = ascii_wanted()
    theme: ThemeName = "plain"
    if colours():
        # Without COLORTERM few terminals over SSH know 24-bit colours; the sixteen of ANSI they all do.
        theme = "dark" if os.environ.get("COLORTERM") in ("truecolor", "24bit") else "ansi"
    parts = [to_ansi(render(series, x, y, width, height, ascii_only=plain_ascii), theme)]
    if len(schedules) > 1:
        parts.append(to_ansi([legend(series, ascii_only=plain_ascii)], theme))
    return "\n".join(parts)


def objection() -> str | None:
    """Why the app can't be opened here, with the remedy, in one sentence; None if it can."""
    # A stream that was closed by whoever started us is None.
    if sys.stdin is None or not (sys.stdin.isatty() and sys.stdout.isatty()):
        return "the app needs a terminal; in scripts use the commands that `lrtui --help` lists"
    if not sys.stderr.isatty():
        return "the app is drawn on stderr, which isn't a terminal here; open it without redirecting stderr"
    if os.environ.get("TERM", "dumb") in ("dumb", "unknown", ""):
        return (
            "the app needs a terminal that can be drawn on; set TERM to what yours is, such as xterm-256color"
        )
    return None
