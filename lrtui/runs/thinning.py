"""Curves with fewer points that look the same, for charts that have fewer pixels than a run has reports."""

from __future__ import annotations

import numpy as np

from lrtui.runs.table import Floats


def thin(x: Floats, y: Floats, buckets: int) -> tuple[Floats, Floats]:
    """At most about four points for each of `buckets` parts of the x axis: no spike and no wide gap is lost.

    Kept are the least and the greatest of neighbouring points in one part, the first, the last, and a nan
    where a gap separates parts.
    """
    if x.size <= 4 * buckets:
        return x, y
    finite = np.isfinite(x) & np.isfinite(y)
    gap = np.cumsum(~finite)[finite]
    u, v = x[finite], y[finite]
    if not u.size:
        return u, v
    span = float(u.max() / 2 - u.min() / 2) or 1.0
    part = np.minimum((u / 2 - u.min() / 2) / span * buckets, buckets - 1).astype(np.int64)
    edges = np.flatnonzero(np.diff(part)) + 1
    starts = np.concatenate(([0], edges))
    lengths = np.diff(np.concatenate((starts, [u.size])))
    kept = np.zeros(u.size, dtype=bool)
    kept[[0, -1]] = True
    for extreme in (np.minimum.reduceat(v, starts), np.maximum.reduceat(v, starts)):
        hits = np.flatnonzero(v == np.repeat(extreme, lengths))
        owner = np.searchsorted(starts, hits, side="right")
        kept[hits[np.unique(owner, return_index=True)[1]]] = True
    chosen = np.flatnonzero(kept)
    u, v, gap, part = u[chosen], v[chosen], gap[chosen], part[chosen]
    # A gap inside one part is narrower than anything that will be seen.
    apart = np.flatnonzero((np.diff(gap) != 0) & (np.diff(part) != 0)) + 1
    return np.insert(u, apart, np.nan), np.insert(v, apart, np.nan)
