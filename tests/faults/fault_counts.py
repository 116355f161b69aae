"""What the fault suite counts, and the processes it starts: none may be left when it is over."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path

from lrtui.runs.events import EventFollower
from lrtui.runs.store import Run, RunState, RunStore


@dataclass
class Counts:
    """Everything below the first two must stay 0."""

    faults: int = 0
    epochs_logged: int = 0
    epochs_lost: int = 0
    unreadable_runs: int = 0
    processes_left: int = 0
    wrong_states: int = 0
    commands_lost: int = 0
    problems: list[str] = field(default_factory=list)

    def add(self, other: Counts) -> None:
        for name, value in asdict(other).items():
            setattr(self, name, getattr(self, name) + value)

    @property
    def bad(self) -> int:
        """How much went wrong."""
        return (
            self.epochs_lost
            + self.unreadable_runs
            + self.processes_left
            + self.wrong_states
            + self.commands_lost
        )

    def problem(self, text: str) -> None:
        self.problems.append(text)

    def epochs(self, run: Run, acknowledged: int) -> None:
        """Compare the epochs that a run was told are logged with those its log has."""
        found = {event.get("epoch") for event in all_events(run) if event.kind == "epoch"}
        lost = set(range(1, acknowledged + 1)) - found
        self.epochs_logged += acknowledged
        self.epochs_lost += len(lost)
        if lost:
            self.problem(f"{run.path}: epochs {sorted(lost)[:5]} are lost")

    def state(self, run: Run, *expected: RunState) -> None:
        found = run.state()
        if found not in expected:
            self.wrong_states += 1
            self.problem(f"{run.path}: {found}, not {' or '.join(expected)}")

    def readable(self, run: Run) -> None:
        """Open the run in every way there is; no way may raise."""
        try:
            again = RunStore(run.path.parent).get(run.id)
            summary = again.summary()
            history = again.history()
            assert 0 <= summary.progress <= 1
            assert summary.name.isprintable()
            for x in ("step", "epoch", "seconds", "examples"):
                history.series("train_loss", x)  # type: ignore[arg-type]
            assert again.labels is not None
        except Exception as error:  # noqa: BLE001  (that is what is counted)
            self.unreadable_runs += 1
            self.problem(f"{run.path}: {type(error).__name__}: {error}")

    def gone(self, *pids: int) -> None:
        """Count the processes that still live after a moment of grace."""
        for pid in pids:
            if not until(lambda pid=pid: not alive(pid), 5.0):  # type: ignore[misc]
                self.processes_left += 1
                self.problem(f"process {pid} is left")


def all_events(run: Run) -> list[object]:
    follower = EventFollower(run.events_path)
    events = follower.poll()
    while follower.behind:
        events += follower.poll()
    return events  # type: ignore[return-value]


def until(condition: Callable[[], bool], seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.01)
    return True


def alive(pid: int) -> bool:
    """Whether a process runs; one that is only waiting to be reaped doesn't."""
    try:
        os.kill(pid, 0)
        stat = Path(f"/proc/{pid}/stat")
        return not stat.exists() or stat.read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except (OSError, IndexError):
        return False


def start(code: str, folder: Path, *arguments: str) -> subprocess.Popen[str]:
    """Run code in a process of its own, its runs in `folder`, its stdout to be read."""
    return subprocess.Popen(
        [sys.executable, "-c", code, *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        stdin=subprocess.DEVNULL,
        text=True,
        env={**os.environ, "LRTUI_RUNS_DIR": str(folder), "PYTHONPATH": os.pathsep.join(sys.path)},
    )
