"""Plain words and short figures for runs: states, durations, ages, time left, rates of work.

Pure functions of their arguments: no clock, no files, no widgets. Figures are coarse on purpose: a
figure that moves every second costs the line it travels on and tells nobody more.
"""

from __future__ import annotations

import math
import time

from lrtui.runs.judging import is_share
from lrtui.runs.run import RunState
from lrtui.runs.text import printable

SYMBOLS = {
    RunState.QUEUED: "…",
    RunState.STARTING: "◌",
    RunState.RUNNING: "▶",
    RunState.PAUSED: "‖",
    RunState.COMPLETED: "✓",
    RunState.STOPPED: "■",
    RunState.DIVERGED: "∞",
    RunState.FAILED: "✗",
    RunState.CRASHED: "†",
}

JUDGED = 8
"""Characters of a metric's value in lists, at most."""

COLORS = {
    RunState.QUEUED: "$foreground",
    RunState.STARTING: "$primary",
    RunState.RUNNING: "$primary",
    RunState.PAUSED: "$warning",
    RunState.COMPLETED: "$success",
    RunState.STOPPED: "$warning",
    RunState.DIVERGED: "$error",
    RunState.FAILED: "$error",
    RunState.CRASHED: "$error",
}
"""The theme's colour of each state, as `widgets.lines` and the style sheets name it."""


def duration(seconds: float | None) -> str:
    """A length of time in seven characters at most: ``8 s``, ``4m 05s``, ``3h 20m``; a dash for None."""
    if seconds is None or not math.isfinite(seconds):
        return "–"
    whole = max(round(seconds), 0)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60}m {whole % 60:02d}s"
    if whole < 86400:
        return f"{whole // 3600}h {whole % 3600 // 60:02d}m"
    return f"{whole // 86400}d {whole % 86400 // 3600}h"


def coarse_duration(seconds: float | None) -> str:
    """The same for a run that goes on, in steps of ten seconds, of a minute and of an hour."""
    if seconds is None or not math.isfinite(seconds):
        return "–"
    if seconds < 60:
        return f"{int(max(seconds, 0) // 10 * 10)} s"
    if seconds < 3600:
        return f"{int(seconds // 60)} min"
    return duration(seconds)


def moment(seconds: float) -> str:
    """A time in seconds since 1970 as date and time of day here; ``an impossible date`` for what is none."""
    try:
        return time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(seconds))
    except (OverflowError, ValueError, OSError):
        return "an impossible date"


def age(seconds: float) -> str:
    """How long ago, coarse, in at most six characters; a clock that jumped backwards reads as now."""
    if seconds < 60:
        return "now"
    if seconds < 3600:
        return f"{int(seconds // 60)} min"
    if seconds < 86400:
        return f"{int(seconds // 3600)} h"
    return f"{int(seconds // 86400)} d"


def time_left(progress: float, seconds: float | None) -> str:
    """What remains at the pace so far, in words; empty while there is nothing to judge by.

    ``progress`` lies in 0..1, ``seconds`` is the time that took.
    """
    if seconds is None or seconds < 1 or not 0.005 <= progress < 1:
        return ""
    return left_in_words(seconds * (1 - progress) / progress)


def left_in_words(left: float) -> str:
    """So many seconds left, in words."""
    if not math.isfinite(left):
        return ""
    if left < 10:
        return "a few seconds left"
    if left < 60:
        return f"about {math.ceil(left / 10) * 10} s left"
    if left < 600:
        half = math.ceil(left / 30) / 2
        return f"about {half:g} min left"
    if left < 5400:
        return f"about {math.ceil(left / 60)} min left"
    return f"about {left / 3600:.1f} h left"


def about(seconds: float) -> str:
    """How long something is going to take, to a person's precision: ``about 40 s``, ``about 12 min``."""
    if not math.isfinite(seconds):
        return "very long"
    if seconds < 10:
        return "a few seconds"
    if seconds < 90:
        return f"about {math.ceil(seconds / 10) * 10} s"
    if seconds < 5400:
        return f"about {math.ceil(seconds / 60)} min"
    if seconds < 48 * 3600:
        return f"about {seconds / 3600:.1f} h"
    return f"about {seconds / 86400:.1f} days"


def size(count: float | None) -> str:
    """Bytes to two digits: ``780 MB``, ``1.2 GB``; empty for None and what isn't finite."""
    if count is None or not math.isfinite(count) or count < 0:
        return ""
    for unit in ("B", "kB", "MB", "GB", "TB"):
        rounded = float(f"{count:.2g}")
        if rounded < 1000 or unit == "TB":
            return f"{rounded:g} {unit}"
        count /= 1000
    raise AssertionError


def throughput(examples_per_sec: float | None) -> str:
    """Examples a second to two digits, so that noise doesn't move it; empty for None."""
    if examples_per_sec is None or not math.isfinite(examples_per_sec) or examples_per_sec <= 0:
        return ""
    rounded = float(f"{examples_per_sec:.2g}")
    return f"{rounded:,.0f} examples/s" if rounded < 1e12 else f"{rounded:g} examples/s"


def number(value: float | None, digits: int = 4) -> str:
    """A loss or a rate to some significant digits; a dash for None, words for what isn't finite."""
    if value is None:
        return "–"
    if math.isnan(value):
        return "nan"
    return f"{value:.{digits}g}"


def accuracy(value: float | None) -> str:
    """An accuracy (0..1) with three decimals, or a dash."""
    return "–" if value is None or not math.isfinite(value) else f"{value:.3f}"


def judged(value: float | None, metric: str) -> str:
    """A metric's value in `JUDGED` characters at most: shares with three decimals, others in four digits."""
    if is_share(metric) and (value is None or 0 <= value <= 1):
        return accuracy(value)
    if value is None or not math.isfinite(value):
        return number(value)
    text = f"{value:#.4g}".rstrip(".")
    return text if len(text) <= JUDGED else f"{value:.2g}"


def deviation(value: float, metric: str) -> str:
    """How far values of a metric lie apart: of shares three decimals, of others two digits."""
    return f"±{accuracy(value) if is_share(metric) else number(value, 2)}"


def count(number: int, noun: str) -> str:
    """``1 run``, ``3 runs``."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def elide(text: str, width: int) -> str:
    """Cut a text to a width with an ellipsis; control characters are written out."""
    return printable(text, width) if width > 0 else ""
