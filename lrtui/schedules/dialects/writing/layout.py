"""How generated modules look: the comment on top that says what this is, and calls broken over lines."""

from __future__ import annotations

import textwrap

from lrtui import __version__
from lrtui.schedules.core import Schedule
from lrtui.schedules.horizon import Horizon
from lrtui.schedules.source import number

WIDTH = 100
PROSE = 72
"""Comments are shorter: they are read in a panel on 80 columns, too."""


def head(schedule: Schedule, horizon: Horizon, *notes: str) -> str:
    """Return the comment on top of a generated module: the expression, the horizon and the traps."""
    expression = "".join(c if c.isprintable() else " " for c in str(schedule))
    lines = comment(expression)
    lines += ["#", *comment(f"Written by lrtui {__version__} for {length_in_words(horizon)}.")]
    for note in notes:
        lines += comment(note)
    return "\n".join(lines) + "\n"


def comment(text: str) -> list[str]:
    """Return `text` as lines of Python comment."""
    return [f"# {line}" for line in textwrap.wrap(text, PROSE - 2, break_on_hyphens=False)]


def length_in_words(horizon: Horizon) -> str:
    """Return the horizon as a person says it."""
    if horizon.steps_per_epoch is None or horizon.epochs is None:
        return f"{horizon.total:,} optimizer updates"
    return (
        f"{horizon.total:,} optimizer updates"
        f" ({horizon.epochs:g} epochs of {horizon.steps_per_epoch:,} updates)"
    )


def call(name: str, *arguments: object, **keywords: object) -> str:
    """Return a call as source. Strings are source already; numbers read back exactly."""
    words = [said(value) for value in arguments]
    words += [f"{key}={said(value)}" for key, value in keywords.items()]
    return f"{name}({', '.join(words)})"


def said(value: object) -> str:
    """Return a value as source: a string is source already, a list is written element by element."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool) or value is None:
        return repr(value)
    if isinstance(value, int | float):
        return number(value)
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key!r}: {said(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(said(item) for item in value) + "]"
    raise TypeError(f"can't write {type(value).__name__} as source")
