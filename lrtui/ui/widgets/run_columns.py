"""The columns of the table of runs: how a run reads in each, how runs sort by it, how the room is shared.

Pure functions of summaries and of what they are looked at with, which is handed in; draws nothing.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

from rich.cells import cell_len, set_cell_size

from lrtui.runs.fold import Folded, members, to_target
from lrtui.runs.store import RunSummary
from lrtui.ui import words
from lrtui.ui.run_view import is_live

TARGET = 0.85
"""The test accuracy to reach, until a person sets another."""


LEAST = 44
"""Room that name and schedule keep for themselves before another column is shown."""

NEVER = 99
"""The rank of what is shown only when it is asked for."""


@dataclass(frozen=True, slots=True)
class Look:
    """What a list is looked at with: the time it is, and the test accuracy that runs are to reach."""

    now: float
    target: float = TARGET


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its heading, how a run reads in it, how runs sort by it and how much room it takes.

    An ``order`` of None, what isn't known, comes last whichever way round.

    ``width`` 0 shares what the others leave. ``rank`` 0 is always shown, the others in their order while
    there is room; the column that is sorted by is shown, too. ``{}`` in the title stands for the target.
    """

    key: str
    title: str
    about: str
    text: Callable[[RunSummary, Look], str]
    order: Callable[[RunSummary, Look], float | str | None]
    width: int = 0
    right: bool = False
    descending: bool = False
    rank: int = 0


def _state(run: RunSummary) -> str:
    if isinstance(run, Folded):
        return f"{words.SYMBOLS[run.state]} {words.count(len(run.members), 'seed')}"
    return f"{words.SYMBOLS[run.state]} {run.state.value}"


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


def _spread(run: RunSummary) -> str:
    """How far seeds lie apart: the sample deviation of their best accuracies."""
    if not isinstance(run, Folded) or run.best is None:
        return ""
    return f"±{run.best.deviation:.3f}"


def _deviation(run: RunSummary) -> float | None:
    return run.best.deviation if isinstance(run, Folded) and run.best else None


def _reached(run: RunSummary, look: Look) -> str:
    found = to_target(run, look.target)
    if found is not None:
        return f"{found[0]:.3g} ep"
    # Of seeds of which only some got there, how many: a mean of those alone would flatter.
    some = sum(to_target(each, look.target) is not None for each in members(run))
    return f"{some} of {len(members(run))}" if some else "–"


def _reached_after(run: RunSummary, look: Look) -> str:
    found = to_target(run, look.target)
    return words.duration(None if found is None else found[1])


def _until(run: RunSummary, look: Look, which: int) -> float | None:
    found = to_target(run, look.target)
    return None if found is None else found[which]


COLUMNS = (
    Column("state", "State", "state", lambda run, _: _state(run), lambda run, _: run.state.value, 11),
    Column("name", "Run", "name", lambda run, _: run.name or run.id,
           lambda run, _: (run.name or run.id).lower()),
    Column("schedule", "Schedule", "schedule", lambda run, _: run.schedule, lambda run, _: run.schedule),
    Column("data", "Data", "data", lambda run, _: _data(run), lambda run, _: run.data, 22, rank=8),
    Column("seed", "Seed", "seed", lambda run, _: "" if run.seed is None else str(run.seed),
           lambda run, _: run.seed, 5, True, rank=6),
    Column("tags", "Tags", "tags", lambda run, _: " ".join(run.tags),
           lambda run, _: " ".join(run.tags) or None, 14, rank=5),
    Column("epochs", "Epochs", "epochs done", lambda run, _: _epochs(run),
           lambda run, _: run.last_epoch or 0, 7, True, True),
    Column("best", "Best", "best test accuracy", lambda run, _: words.accuracy(run.best_test_acc),
           lambda run, _: run.best_test_acc, 5, True, True),
    Column("spread", "±", "spread of the seeds' best", lambda run, _: _spread(run),
           lambda run, _: _deviation(run), 6, True, True, rank=NEVER),
    Column("final", "Final", "last test accuracy", lambda run, _: words.accuracy(run.last_test_acc),
           lambda run, _: run.last_test_acc, 6, True, True, rank=2),
    Column("area", "Area", "mean test accuracy over the epochs", lambda run, _: words.accuracy(run.area),
           lambda run, _: run.area, 5, True, True, rank=4),
    Column("target", "≥{}", "epochs to the target", _reached,
           lambda run, look: _until(run, look, 0), 8, True, rank=3),
    Column("soon", "≥{} in", "time to the target", _reached_after,
           lambda run, look: _until(run, look, 1), 10, True, rank=7),
    Column("took", "Took", "duration", lambda run, _: _took(run),
           lambda run, _: run.duration or 0.0, 7, True, True, rank=1),
    Column("age", "Age", "age", lambda run, look: words.age(look.now - run.created),
           lambda run, _: run.created, 6, True, True),
)  # fmt: skip


def column(key: str) -> Column:
    """The column of a key."""
    return next(each for each in COLUMNS if each.key == key)


@lru_cache(maxsize=64)
def layout(width: int, sort: str = "age", folded: bool = False) -> tuple[tuple[Column, int], ...]:
    """The columns that a table of this width shows, and the width of each."""
    asked = {sort, "spread"} if folded else {sort}
    shown = {column for column in COLUMNS if column.rank == 0 or column.key in asked}
    spare = width - 2 - sum(column.width + 1 for column in shown)
    for column in sorted(COLUMNS, key=lambda column: column.rank):
        if column not in shown:
            if column.rank == NEVER or spare - column.width - 1 < LEAST:
                break
            shown.add(column)
            spare -= column.width + 1
    spare = max(spare, 0)
    name = min(spare * 9 // 20, 30)
    shares = {"name": name, "schedule": spare - name}
    return tuple((column, column.width or shares[column.key]) for column in COLUMNS if column in shown)


def headings(width: int, sort: Column, descending: bool, look: Look, folded: bool = False) -> list[str]:
    """The headings, the one that the table is sorted by with an arrow."""
    arrow = "▼" if descending else "▲"
    cells = ["  "]
    for column, room in layout(width, sort.key, folded):
        title = column.title.format(f"{look.target:g}".removeprefix("0")) + (arrow if column is sort else "")
        cells.append(fit(title, room, column.right) + " ")
    return cells


def cells(run: RunSummary, look: Look, width: int, sort: str = "age", folded: bool = False) -> list[str]:
    """A run's line in a table of this width, a string a column."""
    return [
        fit(column.text(run, look), room, column.right) + " " for column, room in layout(width, sort, folded)
    ]


def fit(text: str, width: int, right: bool) -> str:
    """Cut or fill a text to a width in columns of the terminal."""
    short = words.elide(text, width)
    while cell_len(short) > width:  # wide characters
        short = words.elide(short[:-2], width) + "…" if len(short) > 2 else ""
    return " " * (width - cell_len(short)) + short if right else set_cell_size(short, width)
