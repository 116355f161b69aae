"""Growing columns of float64 with one length: what a history keeps of a log's reports and epochs.

Holds no events and knows no log. A table that would grow without end is thinned: least and greatest of every
column stay, so that curves drawn from it look the same; the detail is in the log (see `window`).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from lrtui.runs.events import Event

Floats = npt.NDArray[np.float64]

MOST_COLUMNS = 64
"""Further metrics are ignored: a log that makes up a name a line must not fill the memory."""

MOST_CELLS = 4_000_000
"""Numbers a table holds (32 MB) before it is thinned: it bounds the memory of a log however long it is."""

PARTS = 8_000
"""Parts of all updates of which a thinned table keeps every column's least and greatest value, at most."""


class Table:
    """Growing float64 columns of one length.

    Attributes:
        thinned: whether rows have been left out.
    """

    def __init__(self) -> None:
        self.thinned = False
        self._length = 0
        self._columns: dict[str, Floats] = {}

    def __len__(self) -> int:
        return self._length

    def names(self) -> tuple[str, ...]:
        """The columns' names."""
        return tuple(self._columns)

    def has(self, name: str) -> bool:
        """Whether there is a column of this name."""
        return name in self._columns

    def column(self, name: str) -> Floats:
        """A column as a read-only view; nan throughout if there is none."""
        column = self._columns.get(name)
        if column is None:
            return np.full(self._length, np.nan)
        view = column[: self._length]
        view.flags.writeable = False
        return view

    def columns(self) -> dict[str, Floats]:
        """All columns as read-only views."""
        return {name: self.column(name) for name in self._columns}

    def drop(self, name: str, least: float) -> None:
        """Leave out the rows whose column has at least this value."""
        self._keep(np.flatnonzero(~(self.column(name) >= least)))

    def _keep(self, rows: npt.NDArray[np.intp]) -> None:
        if rows.size < self._length:
            # New arrays: views of the old ones may still be drawn from.
            self._columns = {each: column[rows] for each, column in self._columns.items()}
            self._length = rows.size

    def last(self) -> dict[str, float] | None:
        """The last row as the fields of an event, None without any."""
        if not self._length:
            return None
        row = {name: float(column[self._length - 1]) for name, column in self._columns.items()}
        row.pop("time", None)
        row.pop("seconds", None)
        if "epoch_seconds" in row:
            row["seconds"] = row.pop("epoch_seconds")
        return {
            name: int(x) if name in ("step", "epoch") and x.is_integer() else x for name, x in row.items()
        }

    def extend(self, events: Sequence[Event], seconds: Floats) -> None:
        """Append a row for each event; `seconds` since the start of the run, of the same length."""
        rows = [event.fields for event in events]
        self._append("time", len(rows), np.array([event.time for event in events], dtype=np.float64))
        self._append("seconds", len(rows), seconds)
        for field in sorted(set().union(*rows), key=_rank):
            name = "epoch_seconds" if field == "seconds" else field
            if name != "time" and (name in self._columns or len(self._columns) < MOST_COLUMNS):
                values = _floats([row.get(field) for row in rows])
                if name in self._columns or values is not None:
                    self._append(name, len(rows), np.full(len(rows), np.nan) if values is None else values)
        for name, column in self._columns.items():
            # Also a column that these rows say nothing of grows along, filled with nan.
            if column.size < self._length + len(rows):
                self._append(name, len(rows), None)
        self._length += len(rows)

    def thin(self) -> None:
        """Leave out rows if there are too many: those without a least or greatest value of their part."""
        most = MOST_CELLS // max(len(self._columns), 1)
        if self._length > most:
            self.thinned = True
            # A part has two ends and two extremes a column: at most half of the rows remain.
            parts = min(PARTS, max(most // (4 + 4 * len(self._columns)), 1))
            self._keep(_telling(self.columns(), self._length, parts))

    def _append(self, name: str, count: int, values: Floats | None) -> None:
        """Put `values` (nothing: leave nan) behind the current end of a column, making it if need be."""
        column = self._columns.get(name)
        end = self._length + count
        if column is None or column.size < end:
            grown = np.full(max(2 * end, 256), np.nan)
            if column is not None:
                grown[: self._length] = column[: self._length]
            self._columns[name] = column = grown
        if values is not None:
            column[self._length : end] = values


def _telling(columns: dict[str, Floats], length: int, parts: int) -> npt.NDArray[np.intp]:
    """The rows of a long table to keep, ascending: of each part the ends and every column's extremes.

    Parts are equal stretches of updates, so that what was thinned before isn't thinned more than what is new.
    """
    x = columns.get("step", np.arange(length, dtype=np.float64))
    finite = x[np.isfinite(x)]
    if not finite.size:
        x = finite = np.arange(length, dtype=np.float64)
    low, high = float(finite.min()), float(finite.max())
    with np.errstate(all="ignore"):  # a damaged log may say anything
        part = np.nan_to_num((x / 2 - low / 2) / ((high / 2 - low / 2) or 1.0) * parts)
    part = np.clip(part, 0, parts - 1).astype(np.int64)
    starts = np.concatenate(([0], np.flatnonzero(np.diff(part)) + 1))
    if starts.size > parts:
        # Steps go to and fro: no log of ours. Equal counts of rows will do.
        starts = np.arange(0, length, -(-length // parts))
    lengths = np.diff(np.append(starts, length))
    kept = np.zeros(length, dtype=bool)
    kept[starts] = kept[starts + lengths - 1] = True
    for values in columns.values():
        for sign in (1.0, -1.0):
            # What isn't finite is no extreme; a part that has nothing else keeps its ends.
            ranked = np.where(np.isfinite(values), sign * values, np.inf)
            best = np.repeat(np.minimum.reduceat(ranked, starts), lengths)
            hits = np.flatnonzero((ranked == best) & np.isfinite(ranked))
            owner = np.searchsorted(starts, hits, side="right")
            kept[hits[np.unique(owner, return_index=True)[1]]] = True
    return np.flatnonzero(kept)


_ORDER = (
    "step",
    "epoch",
    "lr",
    "train_loss",
    "train_acc",
    "test_loss",
    "test_acc",
    "examples_per_sec",
    "seconds",
)


def _rank(name: str) -> tuple[int, str]:
    return (_ORDER.index(name) if name in _ORDER else len(_ORDER), name)


def _floats(values: list[Any]) -> Floats | None:
    """The values as float64, nan for whatever isn't a number; None if none of them is one."""
    kinds = set(map(type, values))
    if kinds <= {float, int, type(None)}:
        if kinds == {type(None)}:
            return None
        try:
            return np.array(values, dtype=np.float64)
        except (OverflowError, ValueError):
            pass
    numbers = np.array([number(value) for value in values], dtype=np.float64)
    return numbers if any(isinstance(value, (int, float)) for value in values) else None


def number(value: Any) -> float:
    """A float of what may be anything: nan for what isn't a number or is a truth value."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return math.nan
    try:
        return float(value)
    except OverflowError:
        return math.inf if value > 0 else -math.inf
