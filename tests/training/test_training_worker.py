"""The worker as a process of its own, as it is started: its log, an early signal, wrong usage."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from lrtui.runs.events import Event, EventFollower
from lrtui.runs.launch import launch
from lrtui.runs.run import Run, RunState
from lrtui.runs.spec import make_spec
from lrtui.runs.store import RunStore
from lrtui.schedules import parse

PATIENCE = 240.0  # seconds; importing torch alone takes a few, more on a busy machine


def a_run(tmp_path: Path, schedule: str = "constant(0.1)", **values: object) -> Run:
    settings = {"data": "embedded", "epochs": 1, "threads": 1, "device": "cpu", **values}
    return RunStore(tmp_path / "runs").create(make_spec(schedule=schedule, **settings))  # type: ignore[arg-type]


def wait(condition: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, f"waited in vain for {what}"
        time.sleep(0.02)


def events(run: Run) -> list[Event]:
    return EventFollower(run.events_path).poll()


def seen(run: Run, kind: str, count: int = 1) -> Callable[[], bool]:
    return lambda: sum(event.kind == kind for event in events(run)) >= count


def finish(run: Run) -> list[Event]:
    wait(lambda: not run.alive(), "the end")
    return events(run)


def catches(pid: int, number: int) -> bool:
    """Whether a process has a handler for a signal."""
    status = Path(f"/proc/{pid}/status").read_text()
    caught = next(line.split()[1] for line in status.splitlines() if line.startswith("SigCgt"))
    return bool(int(caught, 16) >> (number - 1) & 1)


def test_a_run_trains_in_the_background_and_its_log_tells_everything(tmp_path: Path) -> None:
    expression = "warmup(10) >> constant(0.3)"
    run = a_run(tmp_path, expression, epochs=2)
    launch(run)
    log = finish(run)
    assert run.state() is RunState.COMPLETED, run.log_path.read_text()
    kinds = [event.kind for event in log]
    assert kinds[0] == "started"
    assert kinds[-3:] == ["epoch", "checkpoint", "finished"]
    assert kinds.count("epoch") == 2
    assert kinds.count("report") >= 2
    started = log[0].fields
    assert started["data"] == {
        "label": "Fashion-MNIST, embedded subset (10,000/2,000)",
        "kind": "embedded",
        "path": None,
        "train": 10_000,
        "test": 2_000,
    }
    assert started["device"] == "cpu"
    assert {"lrtui", "python", "torch"} <= set(started["versions"])
    assert (started["updates"], started["steps_per_epoch"], started["parameters"]) == (80, 40, 61_706)
    rates = parse(expression).rates(run.spec.horizon())
    for event in log:
        if event.kind in ("report", "epoch"):
            assert event.fields["lr"] == rates[event.fields["step"]]  # what was previewed is what trained
            assert 0 <= event.fields["train_acc"] <= 1
            assert event.fields["examples_per_sec"] > 0
    assert log[-1].fields["outcome"] == "completed"
    assert log[-1].fields["step"] == 80
    for line in run.events_path.read_text().splitlines():
        json.loads(line, parse_constant=lambda name: pytest.fail(f"{name} is no JSON"))


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="needs /proc to see the handlers")
def test_sigterm_stops_with_an_ending_even_before_training_and_sighup_does_nothing(tmp_path: Path) -> None:
    run = a_run(tmp_path, epochs=1000)
    pid = launch(run)
    wait(lambda: catches(pid, signal.SIGTERM), "the handlers")  # set long before torch is there
    os.kill(pid, signal.SIGHUP)
    os.kill(pid, signal.SIGTERM)
    log = finish(run)
    assert run.state() is RunState.STOPPED
    assert log[-1].fields["reason"] == "stopped by SIGTERM"


def worker(run: Run) -> subprocess.CompletedProcess[str]:
    """The worker in the foreground, taking the lock itself."""
    command = [sys.executable, "-m", "lrtui.training.worker", str(run.path)]
    return subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE, check=False)


def test_wrong_usage_and_a_second_worker_are_refused(tmp_path: Path) -> None:
    import fcntl

    run = a_run(tmp_path)
    with run.lock_path.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        result = worker(run)
    assert result.returncode == 2
    assert "running already" in result.stderr
    result = worker(Run(tmp_path / "runs" / "nothing-here"))
    assert result.returncode == 2
    assert "nothing-here" in result.stderr
    assert "Traceback" not in result.stderr
