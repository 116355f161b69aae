"""What a screen knows of one run at one instant: a finished snapshot, with curves thin enough to draw.

Values only, made by `following` in its threads and read by widgets; no files, no widgets, no threads.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from lrtui.runs.events import Event
from lrtui.runs.run import RunState
from lrtui.runs.spec import RunSpec

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
    seconds an update takes now, ``details`` the curves in all detail within ``span``, the stretch looked at.
    """

    run_id: str
    name: str
    state: RunState
    path: str
    spec: RunSpec | None
    spec_error: str
    started: Event | None = None
    ending: Event | None = None
    report: Mapping[str, Any] | None = None
    epoch: Mapping[str, Any] | None = None
    best: float | None = None
    progress: float = 0.0
    diagnoses: tuple[Event, ...] = ()
    notes: tuple[Note, ...] = ()
    commands: tuple[Event, ...] = ()
    amended: float = 0.0
    worker_since: float = 0.0
    checkpoint: Mapping[str, Any] | None = None
    updates: int | None = None
    done: int = 0
    pace: float | None = None
    last_sign: float | None = None
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
    keep: set[int] = {0, len(x) - 1}
    for low, high in pairwise(edges):
        part = y[low:high]
        finite = np.isfinite(part)
        if not finite.all():
            keep.add(int(low + np.argmin(finite)))
        if finite.any():
            keep.add(int(low + np.argmin(np.where(finite, part, np.inf))))
            keep.add(int(low + np.argmax(np.where(finite, part, -np.inf))))
    chosen = np.array(sorted(keep), dtype=np.int64)
    return Curve(x[chosen], y[chosen])
