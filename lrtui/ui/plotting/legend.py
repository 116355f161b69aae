"""The words around a drawing: legend, values at a place, and the table where there is no room to draw.

Lines are (text, style key) runs; cutting them to a width is part of the job, painting them isn't.
"""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from lrtui.ui.asciify import ascii_text

from .model import ASCII_MARKERS, Axis, Cells, Floats, Series, printable
from .ticks import write

SHORTEST = 6
"""Columns of a name that are left when a legend is short of room."""

READABLE = 12
"""Columns of a name that say something, even if it goes on."""

_SHARED = 4
"""A beginning that all names share is left out from this length on, before they are cut at their end."""


@dataclass(frozen=True, slots=True)
class _Entry:
    """One series in a legend: its sample in its style, its name, its value as text."""

    sample: str
    key: str
    name: str
    value: str

    def width(self, longest: int) -> int:
        """Columns it takes when its name has at most so many."""
        return len(self.sample) + 1 + min(columns_of(self.name), longest) + len(self.value)

    def cells(self, name: str) -> Cells:
        """The entry in its styles, under a name."""
        parts = [(self.sample + " ", self.key), (name, "label"), (self.value, "title")]
        return [part for part in parts if part[0]]


def legend(
    series: Sequence[Series],
    values: Sequence[float] | None = None,
    y: Axis | None = None,
    ascii_only: bool = False,
) -> Cells:
    """One line that names the series: a sample of each, its name and, when given, its value.

    Args:
        series: The series of the chart; unnamed ones are left out.
        values: One value a series, nan where it has none.
        y: The axis that says how values are written.
        ascii_only: Use no character outside ASCII.
    """
    entries = _entries(series, None if values is None else [(value,) for value in values], y, ascii_only)
    longest = max((columns_of(entry.name) for entry in entries), default=0)
    return _flow(entries, longest, (), ascii_only)


def legend_lines(
    series: Sequence[Series],
    width: int,
    most: int,
    cursor: float | None = None,
    y: Axis | None = None,
    ascii_only: bool = False,
    at_most: int = 0,
) -> list[Cells]:
    """The legend as lines no wider than `width`, `most` at most; how many doesn't depend on the cursor.

    Long names are shortened before series are left out, and what is left out is counted. Rather than cut
    names to a few letters, or leave some out, it takes more lines, up to `at_most`. Faint ones come last.

    Args:
        series: The series of the chart; unnamed ones are left out.
        width: Columns there are.
        most: Lines it takes at most if the names can be read then, >= 1.
        cursor: The x whose values stand beside the names; None for names alone.
        y: The axis that says how values are written.
        ascii_only: Use no character outside ASCII.
        at_most: Lines there are; `most` if less.
    """
    series = sorted(series, key=lambda each: each.faint)
    bare = _entries(series, None, y, ascii_only)
    if not bare or width < 1:
        return []
    lines, _ = _fit(bare, width, most, ascii_only)
    while most < at_most and not _readable(lines, bare):
        most += 1
        lines, _ = _fit(bare, width, most, ascii_only)
    if cursor is None:
        return lines
    read = [readings(each, cursor) for each in series]
    full, complete = _fit(_entries(series, read, y, ascii_only), width, len(lines), ascii_only)
    if not complete:
        # Rather no ends of bands than no value.
        read = [each[:1] for each in read]
        full, _ = _fit(_entries(series, read, y, ascii_only), width, len(lines), ascii_only)
    return full + [[] for _ in range(len(lines) - len(full))]


def columns_of(text: str) -> int:
    """How many columns a terminal gives a text."""
    return len(text) if text.isascii() else sum(map(_columns, text))


def _columns(char: str) -> int:
    if unicodedata.combining(char):
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1


def _cut(text: str, columns: int) -> str:
    """The beginning of a text, as much as fits."""
    while columns_of(text) > columns:
        text = text[:-1]
    return text.rstrip()


def _cut_start(text: str, columns: int) -> str:
    """The end of a text, as much as fits."""
    while columns_of(text) > columns:
        text = text[1:]
    return text


def _entries(
    series: Sequence[Series], values: Sequence[tuple[float, ...]] | None, y: Axis | None, ascii_only: bool
) -> list[_Entry]:
    return [
        _Entry(
            sample(each, ascii_only),
            each.key,
            ascii_text(printable(each.name)) if ascii_only else printable(each.name),
            "" if values is None else " " + _written(values[index], y, ascii_only),
        )
        for index, each in enumerate(series)
        if each.name
    ]


def _written(values: tuple[float, ...], y: Axis | None, ascii_only: bool) -> str:
    """A value, with its band in parentheses; a dash for none."""
    dash = "-" if ascii_only else "–"
    texts = [
        write(value, y.kind if y else "number") if math.isfinite(value) else dash for value in values
    ]  # fmt: skip
    if len(texts) < 3 or texts[1] == texts[2] == dash:
        return texts[0]
    return f"{texts[0]} ({texts[1]}..{texts[2]})"


def _fit(entries: list[_Entry], width: int, most: int, ascii_only: bool) -> tuple[list[Cells], bool]:
    """Entries on at most so many lines: names in full, else shortened, else some left out.

    Also whether everything is there.
    """
    longest = max(columns_of(entry.name) for entry in entries)
    lines = _wrap(entries, width, longest)
    widest = max(entry.width(longest) for entry in entries)
    if (len(lines) > most or widest > width) and longest > SHORTEST:
        low, high = SHORTEST, longest - 1
        while low < high:
            middle = (low + high + 1) // 2
            fits = all(entry.width(middle) <= width for entry in entries)
            if fits and len(_wrap(entries, width, middle)) <= most:
                low = middle
            else:
                high = middle - 1
        longest = low
        lines = _wrap(entries, width, longest)
    shared = beginnings([entry.name for entry in entries if columns_of(entry.name) > longest])
    if len(lines) <= most:
        fits = all(entry.width(longest) <= width for entry in entries)
        return [_flow(line, longest, shared, ascii_only) for line in lines], fits
    lines, left_out = lines[:most], len([entry for line in lines[most:] for entry in line])
    while True:
        more = f"  +{left_out} more"
        used = sum(entry.width(longest) + 2 for entry in lines[-1]) - 2
        if not lines[-1] or used + len(more) <= width:
            break
        lines[-1], left_out = lines[-1][:-1], left_out + 1
    flowed = [_flow(line, longest, shared, ascii_only) for line in lines]
    flowed[-1].append((more if lines[-1] else more.strip(), "label"))
    return flowed, False


def _readable(lines: list[Cells], entries: list[_Entry]) -> bool:
    """Whether every series is there, under its name or enough of it."""
    names = [entry.name for entry in entries]
    shown = [text for line in lines for text, key in line if key == "label"]
    if len(shown) < len(entries):
        return False
    return all(
        columns_of(text) >= READABLE or any(name.endswith(text.lstrip("…~")) for name in names)
        for text in shown
    )


def beginnings(names: Sequence[str]) -> tuple[int, ...]:
    """How many characters may go from the beginning of all names, which share them: few first, then more.

    First up to where the last word that they share begins (`…cosine(0.5)`), then all but the number in which
    they differ (`…0.5)`). None where there is nothing to tell apart.
    """
    if len(names) < 2:
        return ()
    first, last = min(names), max(names)
    same = next((at for at, (a, b) in enumerate(zip(first, last, strict=False)) if a != b), len(first))
    found = (first.rfind(" ", 0, same) + 1, len(first[:same].rstrip("0123456789.")))
    return tuple(at for at in found if at >= _SHARED)


def shortened(name: str, columns: int, shared: Sequence[int], cut: str = "…", middle: bool = False) -> str:
    """A name in so many columns: without a beginning in `shared`, else without its end or `middle`."""
    if columns_of(name) <= columns:
        return name
    shorter = [cut + name[at:] for at in shared] or [name]
    fitting = next((each for each in shorter if columns_of(each) <= columns), None)
    if fitting is not None:
        return fitting
    tail = _cut_start(name, (columns - 1) // 2) if middle else ""
    return _cut(shorter[-1], columns - 1 - columns_of(tail)) + cut + tail


def _wrap(entries: list[_Entry], width: int, longest: int) -> list[list[_Entry]]:
    lines: list[list[_Entry]] = [[]]
    used = 0
    for entry in entries:
        needs = entry.width(longest)
        if lines[-1] and used + 2 + needs > width:
            lines.append([])
            used = 0
        used += needs + (2 if lines[-1] else 0)
        lines[-1].append(entry)
    return lines


def _flow(entries: Sequence[_Entry], longest: int, shared: tuple[int, ...], ascii_only: bool) -> Cells:
    cells: Cells = []
    cut = "~" if ascii_only else "…"
    names = [shortened(entry.name, longest, shared, cut) for entry in entries]
    for entry, name in zip(entries, names, strict=True):
        # Where the beginning doesn't tell two apart, their ends may.
        if names.count(name) > 1:
            name = shortened(entry.name, longest, shared, cut, middle=True)
        cells += ([("  ", "")] if cells else []) + entry.cells(name)
    return cells


def sample(series: Series, ascii_only: bool = False) -> str:
    """A short piece of the series as it is drawn: `──`, `─○─`, `•`."""
    if ascii_only:
        return ascii_pen(series) * (1 if series.style == "points" else 2)
    if series.style == "points":
        return series.glyph
    return f"─{series.glyph or '─'}─"


def ascii_pen(series: Series) -> str:
    """The character that an ASCII chart draws a series with."""
    if series.marker and series.marker.isascii():
        return series.marker
    return "." if series.faint else ASCII_MARKERS[series.color % len(ASCII_MARKERS)]


def value_at(series: Series, x: float) -> float:
    """The y of the datum that answers for x: the nearest one, or with `steps` the last at or before x.

    nan outside the series, at a gap, and for an empty series. No value is made up between two data.
    """
    finite = np.isfinite(series.x)
    xs, ys = (series.x, series.y) if finite.all() else (series.x[finite], series.y[finite])
    if not xs.size or not math.isfinite(x) or not xs.min() <= x <= xs.max():
        return math.nan
    if series.style == "steps":
        before = np.flatnonzero(xs <= x)
        return float(ys[before[np.argmax(xs[before])]])
    with np.errstate(over="ignore"):
        return float(ys[np.argmin(np.abs(xs - x))])


def readings(series: Series, x: float) -> tuple[float, ...]:
    """The value at x as `value_at` has it, followed by the ends of its band where there is one."""
    value = value_at(series, x)
    if series.low is None or series.high is None:
        return (value,)
    ends = (_other(series, end) for end in (series.low, series.high))
    return (value, *(value_at(end, x) for end in ends))


def _other(series: Series, y: Floats) -> Series:
    """The series with other values and no band."""
    return Series(series.name, series.x, y, series.color, series.marker, series.style, series.faint)


def table(
    series: Sequence[Series],
    y: Axis,
    width: int,
    height: int,
    cursor: float | None = None,
    ascii_only: bool = False,
) -> list[Cells]:
    """The value of each series at the cursor, or its last one, one a line, cut to width x height."""
    cut = "~" if ascii_only else "…"
    lines: list[Cells] = []
    for each in series[: max(0, height)]:
        finite = each.y[np.isfinite(each.y)]
        read = value_at(each, cursor) if cursor is not None else finite[-1] if finite.size else math.nan
        value = write(float(read), y.kind) if math.isfinite(read) else "-"
        name = ascii_text(printable(each.name)) if ascii_only else printable(each.name)
        room = width - len(value) - 1
        if room < 1:
            lines.append([(value[: max(0, width)], each.key)])
            continue
        name = name if len(name) <= room else name[: room - 1] + cut
        lines.append([(name.ljust(room) + " ", "label"), (value, each.key)])
    return lines
