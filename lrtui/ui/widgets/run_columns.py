"""The columns of the table of runs: how a run reads in each, how runs sort by it, how the room is shared.

Pure functions of summaries and a clock that is handed in; draws nothing.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

from rich.cells import cell_len, set_cell_size

from lrtui.runs.store import RunSummary
from lrtui.ui import words
from lrtui.ui.run_view import is_live


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its heading, how a run reads in it, how runs sort by it and how much room it takes.

    ``width`` 0 shares what the others leave; ``from_width``: the narrowest table that shows it.
    """

    key: str
    title: str
    text: Callable[[RunSummary, float], str]
    order: Callable[[RunSummary], float | str]
    width: int = 0
    right: bool = False
    descending: bool = False
    from_width: int = 0


def _epochs(run: RunSummary) -> str:
    done = run.last_epoch or 0
    return f"{done}/{run.epochs}" if run.epochs else "–"


def _data(run: RunSummary) -> str:
    """Sizes first, for they tell data apart: `10,000/2,000 embedded`; else the label as it is."""
    found = re.fullmatch(r"Fashion-MNIST, (.*) \((\d[\d,]*/\d[\d,]*)\)", run.data)
    if found is None:
        return run.data
    return f"{found[2]} {'embedded' if found[1].startswith('embedded') else found[1].rsplit('/', 1)[-1]}"


def _took(run: RunSummary) -> str:
    return words.coarse_duration(run.duration) if is_live(run.state) else words.duration(run.duration)


COLUMNS = (
    Column("state", "State", lambda run, _: f"{words.SYMBOLS[run.state]} {run.state.value}",
           lambda run: run.state.value, 11),
    Column("name", "Run", lambda run, _: run.name or run.id, lambda run: (run.name or run.id).lower()),
    Column("schedule", "Schedule", lambda run, _: run.schedule, lambda run: run.schedule),
    Column("data", "Data", lambda run, _: _data(run), lambda run: run.data, 22, from_width=110),
    Column("epochs", "Epochs", lambda run, _: _epochs(run), lambda run: run.last_epoch or 0, 7, True, True),
    Column("best", "Best", lambda run, _: words.accuracy(run.best_test_acc),
           lambda run: -1.0 if run.best_test_acc is None else run.best_test_acc, 5, True, True),
    Column("took", "Took", lambda run, _: _took(run), lambda run: run.duration or 0.0, 7, True, True, 76),
    Column("age", "Age", lambda run, now: words.age(now - run.created),
           lambda run: run.created, 6, True, True),
)  # fmt: skip


@lru_cache(maxsize=8)
def layout(width: int) -> tuple[tuple[Column, int], ...]:
    """The columns that a table of this width shows, and the width of each."""
    shown = [column for column in COLUMNS if width >= column.from_width]
    flexible = sum(1 for column in shown if not column.width)
    spare = max(width - 2 - sum(column.width + 1 for column in shown), 0)
    name = min(spare * 2 // 5, 30)
    shares = {"name": name, "schedule": spare - name} if flexible == 2 else {}
    return tuple((column, column.width or shares.get(column.key, spare)) for column in shown)


def headings(width: int, sort: Column, descending: bool) -> list[str]:
    """The headings, the one that the table is sorted by with an arrow."""
    arrow = "▼" if descending else "▲"
    cells = ["  "]
    for column, room in layout(width):
        title = column.title + (arrow if column is sort else "")
        cells.append(fit(title, room, column.right) + " ")
    return cells


def cells(run: RunSummary, now: float, width: int) -> list[str]:
    """A run's line in a table of this width, a string a column."""
    return [fit(column.text(run, now), room, column.right) + " " for column, room in layout(width)]


def fit(text: str, width: int, right: bool) -> str:
    """Cut or fill a text to a width in columns of the terminal."""
    short = words.elide(text, width)
    while cell_len(short) > width:  # wide characters
        short = words.elide(short[:-2], width) + "…" if len(short) > 2 else ""
    return " " * (width - cell_len(short)) + short if right else set_cell_size(short, width)
