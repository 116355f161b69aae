"""The columns of the table of runs: how a run reads in each, how runs sort by it, how the room is shared.

Pure functions of summaries and of what they are looked at with, which is handed in; draws nothing.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

from rich.cells import cell_len, set_cell_size

from lrtui.runs.fold import Folded, members, to_target
from lrtui.runs.judging import MAIN, Judged, is_share, lower_is_better
from lrtui.runs.store import RunSummary
from lrtui.runs.text import printable
from lrtui.ui import words
from lrtui.ui.run_view import is_live
from lrtui.ui.widgets.overlaid import short

TARGET = 0.85
"""The test accuracy to reach, until a person sets another."""


LONGEST = 12
"""Letters of a metric's name in a heading."""

LEAST = 44
"""Room that name and schedule keep for themselves before another column is shown."""

NARROW = 12
"""Columns of a text from which on both its ends are worth showing."""

SLIM = 72
"""Columns of a table below which headings are as short as can be."""

NEVER = 99
"""The rank of what is shown only when it is asked for."""


@dataclass(frozen=True, slots=True)
class Look:
    """What a list is looked at with: the time it is, the accuracy that runs are to reach, their metric.

    ``metric`` is what runs are judged by: whose best, last and mean value the columns show.
    """

    now: float
    target: float = TARGET
    metric: str = MAIN


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its heading, how a run reads in it, how runs sort by it and how much room it takes.

    An ``order`` of None, what isn't known, comes last whichever way round.

    ``width`` 0 shares what the others leave. ``rank`` 0 is always shown, the others in their order while
    there is room; the column that is sorted by is shown, too. ``{}`` in the title stands for the target.
    A ``figure`` is one of the metric's: where that isn't a share, it is wider, and less may be better.
    Of ``ends`` both ends stay where it is cut: names and schedules of a sweep differ at theirs.
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
    figure: bool = False
    ends: bool = False

    def room(self, metric: str, narrow: bool) -> int:
        """The width of the column where runs are judged by this metric."""
        if not self.figure:
            return self.width
        least = 0 if is_share(metric) else words.JUDGED
        return max(self.width, least, len(self.head(metric, narrow)) + 1)

    def head(self, metric: str, narrow: bool) -> str:
        """The heading where runs are judged by this metric; the best value's says by which."""
        if self.key != "best" or metric == MAIN:
            return self.title
        name = words.elide(short(metric), LONGEST)
        return name if narrow else f"{self.title} {name}"

    def falls(self, metric: str) -> bool:
        """Whether it is sorted from the greatest to the least, unless that is turned round."""
        return self.descending and not (self.figure and self.key != "spread" and lower_is_better(metric))

    def fits(self, metric: str) -> bool:
        """Whether it says something where runs are judged by this metric: targets are accuracies."""
        return self.key not in ("target", "soon") or is_share(metric)


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
    if not isinstance(run, Folded) or run.best is None or run.best.count < 2:
        return ""
    return words.deviation(run.best.deviation, run.metric)


def _deviation(run: RunSummary) -> float | None:
    known = run.best if isinstance(run, Folded) else None
    return known.deviation if known is not None and known.count > 1 else None


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


def _judged(run: RunSummary, look: Look) -> Judged:
    return run.judged(look.metric)


COLUMNS = (
    Column("state", "State", "state", lambda run, _: _state(run), lambda run, _: run.state.value, 11),
    Column("name", "Run", "name", lambda run, _: run.name or run.id,
           lambda run, _: (run.name or run.id).lower(), ends=True),
    Column("schedule", "Schedule", "schedule", lambda run, _: run.schedule, lambda run, _: run.schedule,
           ends=True),
    Column("data", "Data", "data", lambda run, _: _data(run), lambda run, _: run.data, 22, rank=8),
    Column("seed", "Seed", "seed", lambda run, _: "" if run.seed is None else str(run.seed),
           lambda run, _: run.seed, 5, True, rank=6),
    Column("tags", "Tags", "tags", lambda run, _: " ".join(run.tags),
           lambda run, _: " ".join(run.tags) or None, 14, rank=5),
    Column("epochs", "Epochs", "epochs done", lambda run, _: _epochs(run),
           lambda run, _: run.last_epoch or 0, 7, True, True),
    Column("best", "Best", "best value", lambda run, look: words.judged(_judged(run, look).best, look.metric),
           lambda run, look: _judged(run, look).best, 5, True, True, figure=True),
    Column("spread", "±", "spread of the seeds' best", lambda run, _: _spread(run),
           lambda run, _: _deviation(run), 6, True, True, rank=NEVER, figure=True),
    Column("final", "Final", "last value",
           lambda run, look: words.judged(_judged(run, look).final, look.metric),
           lambda run, look: _judged(run, look).final, 6, True, True, rank=2, figure=True),
    Column("area", "Area", "mean value over the epochs",
           lambda run, look: words.judged(_judged(run, look).area, look.metric),
           lambda run, look: _judged(run, look).area, 5, True, True, rank=4, figure=True),
    Column("target", "≥{}", "epochs to the target", _reached,
           lambda run, look: _until(run, look, 0), 8, True, rank=3),
    Column("soon", "≥{} in", "time to the target", _reached_after,
           lambda run, look: _until(run, look, 1), 10, True, rank=7),
    Column("took", "Took", "duration", lambda run, _: _took(run),
           lambda run, _: run.duration or 0.0, 7, True, True, rank=1),
    Column("age", "Age", "age", lambda run, look: words.age(look.now - run.created),
           lambda run, _: run.created, 6, True, True),
)  # fmt: skip


SORTS = ("age", "best", "final", "area", "target", "soon", "took", "epochs", "name", "schedule", "seed",
         "tags", "data", "state", "spread")  # fmt: skip
"""Keys of the columns in the order that a key sorts by them: what is asked for most is one key away."""


def column(key: str) -> Column:
    """The column of a key."""
    return next(each for each in COLUMNS if each.key == key)


@lru_cache(maxsize=64)
def layout(
    width: int, sort: str = "age", folded: bool = False, metric: str = MAIN
) -> tuple[tuple[Column, int], ...]:
    """The columns that a table of this width shows, and the width of each."""
    asked = {sort, "spread"} if folded else {sort}
    rooms = {column.key: column.room(metric, width < SLIM) for column in COLUMNS}
    shown = {column for column in COLUMNS if column.rank == 0 or column.key in asked}
    spare = width - 2 - sum(rooms[column.key] + 1 for column in shown)
    for column in sorted(COLUMNS, key=lambda column: column.rank):
        if column not in shown and column.fits(metric):
            if column.rank == NEVER or spare - rooms[column.key] - 1 < LEAST:
                break
            shown.add(column)
            spare -= rooms[column.key] + 1
    spare = max(spare, 0)
    name = min(spare * 9 // 20, 30)
    rooms |= {"name": name, "schedule": spare - name}
    return tuple((column, rooms[column.key]) for column in COLUMNS if column in shown)


def headings(width: int, sort: Column, descending: bool, look: Look, folded: bool = False) -> list[str]:
    """The headings, the one that the table is sorted by with an arrow."""
    arrow = "▼" if descending else "▲"
    cells = ["  "]
    for column, room in layout(width, sort.key, folded, look.metric):
        title = column.head(look.metric, width < SLIM)
        if "{}" in column.title:
            title = title.format(f"{look.target:g}".removeprefix("0"))
        title += arrow if column is sort else ""
        cells.append(fit(title, room, column.right) + " ")
    return cells


def cells(run: RunSummary, look: Look, width: int, sort: str = "age", folded: bool = False) -> list[str]:
    """A run's line in a table of this width, a string a column."""
    return [
        fit(column.text(run, look), room, column.right, column.ends) + " "
        for column, room in layout(width, sort, folded, look.metric)
    ]


def fit(text: str, width: int, right: bool, ends: bool = False) -> str:
    """Cut or fill a text to a width in columns of the terminal; with ``ends`` both its ends stay."""
    short = words.elide(text, width)
    if ends and width >= NARROW and cell_len(whole := printable(text)) > width:
        tail = whole[-((width - 1) * 2 // 5) :]
        while cell_len(tail) > (width - 1) * 2 // 5 or (tail and unicodedata.combining(tail[0])):
            tail = tail[1:]
        short = whole[:width]
        while cell_len(short) + 1 + cell_len(tail) > width:
            short = short[:-1]
        short = f"{short}…{tail}"
    while cell_len(short) > width:  # wide characters
        short = words.elide(short[:-2], width) + "…" if len(short) > 2 else ""
    return " " * (width - cell_len(short)) + short if right else set_cell_size(short, width)


def cut(run: RunSummary, look: Look, width: int, sort: str = "age", folded: bool = False) -> list[str]:
    """The name and the schedule of a run as far as a table of this width has no room for them in full."""
    found = []
    for column, room in layout(width, sort, folded, look.metric):
        if column.ends and cell_len(whole := printable(column.text(run, look))) > room:
            found.append(whole)
    return found
