"""One run: its folder, its spec, whether it lives, its state and its summary, all derived from files.

Nothing about a run is stored twice: the lock says whether its worker lives, the log says how it ended, a mark
says that it waits for its turn, and a dead run with neither crashed. Reads only; runs are made and deleted by
`store`, started by `launch`.
"""

from __future__ import annotations

import contextlib
import re
import threading
import time
import tomllib
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from lrtui.runs.digest import Digest
from lrtui.runs.files import is_file, is_folder, read_file
from lrtui.runs.history import Axis, Floats, History, HistoryFollower
from lrtui.runs.index import Signature, as_of_now, signature
from lrtui.runs.labels import FILE as LABELS
from lrtui.runs.labels import Labels, read_labels
from lrtui.runs.life import Life
from lrtui.runs.queue_marker import FILE as MARK
from lrtui.runs.queue_marker import read_marker
from lrtui.runs.spec import RunSpec, SpecError
from lrtui.runs.summary import RunState, RunSummary, summarise
from lrtui.runs.text import one_line, printable

__all__ = ["NEVER_STARTED_AFTER", "Run", "RunState", "RunSummary"]

NEVER_STARTED_AFTER = 60.0
"""Seconds after which a run that was made but never launched counts as crashed."""

_ID = re.compile(r"(\d{8}-\d{6})-(?:(.*)-)?[a-z0-9]{4}")


class Run:
    """A run's folder. Cheap to make; reads what it is asked for. May be used from several threads."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._spec: tuple[tuple[int, int], RunSpec] | None = None
        self._digest = Digest(self.events_path)
        self._life = Life(self.lock_path)
        self._lock = threading.Lock()
        self._row: tuple[Signature, RunSummary] | None = None
        self._labels: tuple[tuple[int, int], Labels] | None = None

    def __repr__(self) -> str:
        return f"Run({self.id!r})"

    @property
    def id(self) -> str:
        """The folder's name; never changes."""
        return self.path.name

    @property
    def spec_path(self) -> Path:
        """`spec.toml`; only amending an ended run replaces it."""
        return self.path / "spec.toml"

    @property
    def events_path(self) -> Path:
        """The log, written by the worker alone."""
        return self.path / "events.jsonl"

    @property
    def commands_path(self) -> Path:
        """Commands to the worker."""
        return self.path / "commands.jsonl"

    @property
    def log_path(self) -> Path:
        """What the worker printed."""
        return self.path / "worker.log"

    @property
    def lock_path(self) -> Path:
        """Locked while the worker lives."""
        return self.path / "lock"

    @property
    def spec(self) -> RunSpec:
        """What the run is; read again when it was amended.

        Raises:
            SpecError: if the file is gone or can't be read; see `summary` for what never raises.
        """
        known = self._spec
        try:
            found = self.spec_path.stat()
            version = (found.st_mtime_ns, found.st_ino)
            if known is not None and known[0] == version:
                return known[1]
            text = read_file(self.spec_path).decode()
        except (OSError, UnicodeDecodeError) as error:
            raise SpecError(f"{self.id}: the spec can't be read: {one_line(error)}") from error
        spec = RunSpec.from_toml(text)
        self._spec = version, spec
        return spec

    @property
    def passed_over(self) -> tuple[str, ...]:
        """What the spec says and this version of lrtui doesn't know: the names, printable; never raises."""
        try:
            found = tomllib.loads(read_file(self.spec_path).decode())
        except (OSError, ValueError, RecursionError):
            return ()
        return tuple(printable(name, 40) for name in found if name not in RunSpec.__struct_fields__)

    @property
    def labels(self) -> Labels:
        """The name, tags and notes people gave it afterwards; read again when the file is another one."""
        try:
            status = (self.path / LABELS).stat()
        except (OSError, ValueError):
            return Labels()
        version = (status.st_mtime_ns, status.st_ino)
        if self._labels is None or self._labels[0] != version:
            self._labels = (version, read_labels(self.path))
        return self._labels[1]

    @property
    def name(self) -> str:
        """The name a person gave it, else the word in its id; printable, never empty."""
        given = self.labels.name
        if not given:
            with contextlib.suppress(SpecError):
                given = printable(self.spec.name.strip(), 200)
        match = _ID.fullmatch(self.id)
        return given or (match and match[2]) or printable(self.id)

    @property
    def created(self) -> float:
        """When the run was made, in seconds since 1970 (UTC): from its id, else from its folder."""
        match = _ID.fullmatch(self.id)
        try:
            if match:
                return datetime.fromisoformat(match[1].replace("-", "T")).replace(tzinfo=UTC).timestamp()
        except ValueError:
            pass
        try:
            return self.path.stat().st_mtime
        except OSError:
            return 0.0

    def alive(self) -> bool:
        """Whether its worker lives (see `life`): whether somebody holds the lock, or its heart beats."""
        return self._life.alive()

    def state(self, history: History | None = None) -> RunState:
        """What became of the run; pass the history a view already follows to save reading the log again."""
        # First the lock, then the log: a worker that ends in between has written its ending before letting
        # go.
        alive = self.alive()
        if history is None or (not alive and history.ending is None):
            with self._lock:
                self._digest.update()
                return self._judge(
                    alive, self._digest.outcome, self._digest.started is not None, self._digest.paused
                )
        outcome = None if history.ending is None else str(history.ending.get("outcome"))
        return self._judge(alive, outcome, history.started is not None, history.paused)

    def _judge(self, alive: bool, outcome: str | None, started: bool, paused: bool) -> RunState:
        if not alive or outcome is not None:
            marker = read_marker(self.path)
            if marker is not None and not alive and marker.launched is None:
                return RunState.QUEUED
            if marker is not None and alive and outcome is not None:
                return RunState.STARTING  # it was queued to be taken up, and hasn't said anything yet
        if outcome is not None:
            # An ending of an unknown kind (a newer version's) is an ending all the same.
            known = ("completed", "stopped", "diverged", "failed")
            return RunState(outcome) if outcome in known else RunState.STOPPED
        if alive:
            return RunState.PAUSED if paused else RunState.RUNNING if started else RunState.STARTING
        launched = is_file(self.lock_path) or not is_folder(self.path)
        if not launched and time.time() - self.created < NEVER_STARTED_AFTER:
            return RunState.STARTING
        return RunState.CRASHED

    def history(self) -> History:
        """Everything the log says, read afresh; of a long log this takes a while (not for an event loop)."""
        return self.follow().catch_up()

    def follow(self) -> HistoryFollower:
        """The log and its history, to be kept up to date by polling."""
        return HistoryFollower(self.events_path)

    def window(
        self,
        metric: str,
        low: float,
        high: float,
        x: Axis = "step",
        points: int = 1000,
        history: History | None = None,
    ) -> tuple[Floats, Floats]:
        """A stretch of a curve in all its detail (see `window`); pass the history a view already follows."""
        from lrtui.runs.window import window

        history = self.history() if history is None else history
        return window(history, self.events_path, metric, low, high, x, points)

    def last_words(self) -> str:
        """The last line the worker printed (of a traceback, the error), printable; empty if there is none."""
        try:
            lines = read_file(self.log_path, 4096, end=True).decode(errors="replace").split("\n")
        except OSError:
            return ""
        return printable(next((line.strip() for line in reversed(lines) if line.strip()), ""), 300)

    def summary(self) -> RunSummary:
        """The run in one row; reads only what is new in the log since the last time, and never raises.

        Of a run with an ending, whose files are as they were, the row is as it was.
        """
        made_from = signature(self.events_path, self.spec_path, self.path / LABELS, self.path / MARK)
        if self._row is not None and self._row[0] == made_from:
            return as_of_now(self._row[1])
        state = self.state()
        problem, spec = "", None
        try:
            spec = self.spec
        except SpecError as error:
            problem = str(error)
        with self._lock:
            row = summarise(self.id, self.name, self.created, state, spec, self._digest, self.labels)
        reason = row.reason
        if state in (RunState.CRASHED, RunState.FAILED) and not reason:
            reason = self.last_words()
        reason = "; ".join(text for text in (printable(problem, 300), reason) if text)
        row = msgspec.structs.replace(row, reason=reason)
        # One that crashed may be taken up again before its log says so: only an ending makes a row last.
        self._row = (made_from, row) if self._digest.outcome is not None and state.ended else None
        return row

    @property
    def lasting_row(self) -> tuple[Signature, RunSummary] | None:
        """The row of an ended run, as `summary` last made it, and the files it was made from."""
        return self._row

    def remember(self, row: tuple[Signature, RunSummary]) -> None:
        """Take a row that was made earlier; it is used as long as it fits the files."""
        if self._row is None:
            self._row = row
