"""What a screen knows of one run at one instant: a finished snapshot, with curves thin enough to draw.

Values only, made by `following` in its threads and read by widgets; no files, no widgets, no threads.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from lrtui.runs.events import Event
from lrtui.runs.labels import Labels
from lrtui.runs.run import RunState
from lrtui.runs.spec import RunSpec
from lrtui.ui.silence import AS_USUAL, Silence

Floats = NDArray[np.float64]
XAxis = Literal["epoch", "step", "seconds", "examples"]
Span = tuple[float, float]
"""A stretch of an x axis, in its units."""

POINTS = 2000
"""The most points a curve carries to the event loop; of more, each bucket's minimum and maximum stay."""


@dataclass(frozen=True, slots=True)
class Want:
    """One curve that a screen wants: a metric, what it is drawn against, which events it comes from.

    ``weight`` is that of the past in an exponential moving average (see `compare.smooth`), 0 for none.
    """

    metric: str
    x: XAxis = "epoch"
    source: Literal["report", "epoch"] | None = None
    weight: float = 0.0


@dataclass(frozen=True, slots=True, eq=False)
class Curve:
    """Points of a curve; y is nan where the value was not finite."""

    x: Floats
    y: Floats


@dataclass(frozen=True, slots=True)
class Note:
    """What happened to a run, for a mark on its charts: at which update (0-based), when, in a word."""

    step: float
    seconds: float
    word: str


@dataclass(frozen=True, slots=True, eq=False)
class RunView:
    """Everything a screen shows of one run at one instant. Immutable, so threads can hand it over freely.

    ``amended`` is when the run's spec was last changed and ``worker_since`` when its latest worker began
    (seconds since 1970, 0 if never), ``done`` the updates made, ``updates`` those it is to make, ``pace`` the
    seconds an update takes now, ``silence`` how strange it is that nothing is heard, ``details`` the curves
    in all detail within ``span``, the stretch looked at.
    """

    run_id: str
    name: str
    state: RunState
    path: str
    spec: RunSpec | None
    spec_error: str
    labels: Labels = field(default_factory=Labels)
    started: Event | None = None
    ending: Event | None = None
    report: Mapping[str, Any] | None = None
    epoch: Mapping[str, Any] | None = None
    best: float | None = None
    progress: float = 0.0
    diagnoses: tuple[Event, ...] = ()
    notes: tuple[Note, ...] = ()
    commands: tuple[Event, ...] = ()
    turns: tuple[Event, ...] = ()
    amended: float = 0.0
    worker_since: float = 0.0
    checkpoint: Mapping[str, Any] | None = None
    download: Mapping[str, Any] | None = None
    updates: int | None = None
    done: int = 0
    pace: float | None = None
    last_sign: float | None = None
    silence: Silence = AS_USUAL
    skipped: int = 0
    log_tail: str = ""
    metrics: tuple[str, ...] = ()
    curves: Mapping[Want, Curve] = field(default_factory=dict)
    span: Span | None = None
    details: Mapping[Want, Curve] = field(default_factory=dict)

    @property
    def live(self) -> bool:
        """Whether a worker holds the run."""
        return is_live(self.state)


def is_live(state: RunState) -> bool:
    """Whether a run in this state has a living worker."""
    return state in (RunState.STARTING, RunState.RUNNING, RunState.PAUSED)


def thin(x: Floats, y: Floats, points: int = POINTS) -> Curve:
    """Thin a curve to about ``points`` points; each bucket keeps its minimum, maximum and a gap it holds."""
    if len(x) <= points:
        return Curve(x, y)
    edges = np.linspace(0, len(x), max(points // 3, 2), dtype=np.int64)
    starts, lengths = edges[:-1], np.diff(edges)
    finite = np.isfinite(y)
    low, high = np.where(finite, y, np.inf), np.where(finite, y, -np.inf)
    keep = np.zeros(len(x), dtype=bool)
    keep[[0, -1]] = True
    least = np.repeat(np.minimum.reduceat(low, starts), lengths)
    most = np.repeat(np.maximum.reduceat(high, starts), lengths)
    for wanted in ((low == least) & finite, (high == most) & finite, ~finite):
        hits = np.flatnonzero(wanted)
        owners = np.searchsorted(starts, hits, side="right")
        keep[hits[np.flatnonzero(np.diff(owners, prepend=-1))]] = True
    return Curve(x[keep], y[keep])


class Growing:
    """A curve that is thinned again and again while it grows: what was thinned once isn't looked at again."""

    def __init__(self) -> None:
        self._curve = Curve(np.empty(0), np.empty(0))
        self._count = 0
        self._last = (math.nan, math.nan)

    def thinned(self, x: Floats, y: Floats) -> Curve:
        """The curve, thinned to about `POINTS` points and half as many more that are new."""
        count = self._count
        # A run that was taken up again at its checkpoint logs otherwise what it had logged.
        same = 0 < count <= len(x) and np.array_equal(
            (x[count - 1], y[count - 1]), self._last, equal_nan=True
        )
        if not same or len(x) > count + POINTS // 2:
            self._curve, self._count = thin(x, y), len(x)
            self._last = (float(x[-1]), float(y[-1])) if len(x) else (math.nan, math.nan)
            return self._curve
        if count == len(x):
            return self._curve
        return Curve(np.concatenate((self._curve.x, x[count:])), np.concatenate((self._curve.y, y[count:])))
