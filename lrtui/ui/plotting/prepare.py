"""Make data fit to be drawn: finite, linear, inside the canvas, and no more than the canvas has room for.

The drawing library aborts the process on a NaN and takes seconds over far-away points, so nothing reaches
it but what leaves here. Everything is numpy; nothing here draws.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .model import Floats, Series, Window

RUN_LIMIT = 3
"""Polyline points a column at most; more means that x jumps to and fro, and a cloud of points is drawn."""


@dataclass(frozen=True, slots=True)
class Stroke:
    """One series in cell units: x in [0, columns], y in [0, rows] upwards.

    `starts` are the indices where a new piece begins; `joined` says whether the points of a piece are.
    """

    x: Floats
    y: Floats
    starts: tuple[int, ...]
    joined: bool


def prepare(series: Series, x: Window, y: Window, columns: int, rows: int) -> Stroke:
    """Split at gaps, thin, clip to the window, and scale to cells.

    Args:
        series: The data; any values.
        x: The x window.
        y: The y window.
        columns: Canvas width in cells, >= 1.
        rows: Canvas height in cells, >= 1.
    """
    u = x.place(series.x) * columns
    v = y.place(series.y) * rows
    if series.style == "points":
        return _cloud(u, v, columns, rows)
    finite = np.isfinite(u) & np.isfinite(v)
    stretch = np.cumsum(~finite)[finite]
    u, v = u[finite], v[finite]
    dense = u.size > 2 * columns
    if dense:
        kept = thin(u, v, columns, hold=series.style == "steps")
        u, v, stretch = u[kept], v[kept], stretch[kept]
    if u.size > RUN_LIMIT * columns + 2:
        return _cloud(u, v, columns, rows)
    apart = np.diff(stretch) != 0
    if dense:
        # A gap narrower than a column can't be seen, and a thousand of them would cost seconds.
        apart &= np.diff(np.floor(u)) != 0
    pieces: list[tuple[Floats, Floats]] = []
    edges = np.flatnonzero(apart) + 1
    for pu, pv in zip(np.split(u, edges), np.split(v, edges), strict=True):
        if series.style == "steps" and pu.size > 1:
            pieces.extend(clip(np.repeat(pu, 2)[1:], np.repeat(pv, 2)[:-1], columns, rows))
        elif pu.size:
            pieces.extend(clip(pu, pv, columns, rows))
    if not pieces:
        return Stroke(np.empty(0), np.empty(0), (), True)
    starts = np.cumsum([0] + [piece[0].size for piece in pieces[:-1]])
    return Stroke(
        np.concatenate([piece[0] for piece in pieces]),
        np.concatenate([piece[1] for piece in pieces]),
        tuple(int(start) for start in starts),
        True,
    )


def thin(u: Floats, v: Floats, columns: int, hold: bool = False) -> NDArray[np.int64]:
    """The indices of the lowest and the highest point of every column, in their own order: no spike is lost.

    Runs of neighbours in one column are what is thinned, so x need not be sorted. The first and last point
    stay, and outside the canvas the two points next to it, since the line to them crosses the border. With
    `hold` the last point of a column stays too: a step holds it until the next column. `u` and `v` must be
    finite and not empty.
    """
    # -1 and `columns` stand for everything to the left and to the right of the canvas.
    bucket = np.clip(np.floor(u), -1, columns).astype(np.int64)
    edges = np.flatnonzero(np.diff(bucket)) + 1
    first = np.concatenate(([0], edges))
    last = np.concatenate((edges, [u.size])) - 1
    run = np.repeat(np.arange(first.size), last - first + 1)
    keep = np.zeros(u.size, dtype=bool)
    for extreme in (np.minimum.reduceat(v, first), np.maximum.reduceat(v, first)):
        hits = np.flatnonzero(v == extreme[run])
        keep[hits[np.unique(run[hits], return_index=True)[1]]] = True
    if hold:
        keep[last] = True
    keep[0] = keep[-1] = True
    outside = (bucket[first] < 0) | (bucket[first] >= columns)
    if outside.any():
        keep[(bucket < 0) | (bucket >= columns)] = False
        keep[first[outside]] = True
        keep[last[outside]] = True
    return np.flatnonzero(keep)


def clip(u: Floats, v: Floats, columns: int, rows: int) -> list[tuple[Floats, Floats]]:
    """Cut a polyline to the canvas; where it leaves and comes back it falls into pieces."""
    inside = (u >= 0) & (u <= columns) & (v >= 0) & (v <= rows)
    if inside.all():
        return [(u, v)]
    if u.size < 2:
        return []
    du, dv = np.diff(u), np.diff(v)
    enter = np.zeros(du.size)
    leave = np.ones(du.size)
    visible = np.ones(du.size, dtype=bool)
    # Liang and Barsky, "A new concept and method for line clipping", 1984: every segment against four
    # borders.
    for step, distance in ((-du, u[:-1]), (du, columns - u[:-1]), (-dv, v[:-1]), (dv, rows - v[:-1])):
        with np.errstate(all="ignore"):
            crossing = distance / step
        enter = np.where(step < 0, np.maximum(enter, crossing), enter)
        leave = np.where(step > 0, np.minimum(leave, crossing), leave)
        visible &= (step != 0) | (distance >= 0)
    visible &= enter <= leave
    pieces: list[tuple[Floats, Floats]] = []
    us: list[float] = []
    vs: list[float] = []
    joined = False
    for index in np.flatnonzero(visible):
        head = (u[index] + enter[index] * du[index], v[index] + enter[index] * dv[index])
        tail = (u[index] + leave[index] * du[index], v[index] + leave[index] * dv[index])
        if not us or enter[index] > 0 or not joined:
            if us:
                pieces.append((np.array(us), np.array(vs)))
            us, vs = [head[0]], [head[1]]
        us.append(tail[0])
        vs.append(tail[1])
        joined = leave[index] >= 1
    if us:
        pieces.append((np.array(us), np.array(vs)))
    return [(np.clip(pu, 0, columns), np.clip(pv, 0, rows)) for pu, pv in pieces]


def _cloud(u: Floats, v: Floats, columns: int, rows: int) -> Stroke:
    """The points inside the canvas, one a cell."""
    inside = np.isfinite(u) & np.isfinite(v)
    inside[inside] = (u[inside] >= 0) & (u[inside] <= columns) & (v[inside] >= 0) & (v[inside] <= rows)
    us, vs = u[inside], v[inside]
    cell = np.minimum(us, columns - 1).astype(np.int64) * rows + np.minimum(vs, rows - 1).astype(np.int64)
    chosen = np.sort(np.unique(cell, return_index=True)[1])
    us, vs = us[chosen], vs[chosen]
    return Stroke(us, vs, tuple(range(us.size)), False)
