"""The worker as a process, on real runs: its log, commands, signals, failures, a folder that vanishes."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from lrtui.runs.control import send
from lrtui.runs.events import CLOCK_FIELDS, Event, EventFollower
from lrtui.runs.launch import launch
from lrtui.runs.run import Run, RunState
from lrtui.runs.spec import RunSpec, make_spec
from lrtui.runs.store import RunStore
from lrtui.schedules import parse

PATIENCE = 240.0  # seconds; importing torch alone takes a few, more on a busy machine


def a_run(tmp_path: Path, schedule: str = "constant(0.1)", **values: object) -> Run:
    settings = {"data": "embedded", "epochs": 1, "threads": 1, "device": "cpu", **values}
    return RunStore(tmp_path / "runs").create(make_spec(schedule=schedule, **settings))  # type: ignore[arg-type]


def rewrite(run: Run, **values: object) -> Run:
    """Change a run's spec behind the back of every check."""
    spec: RunSpec = msgspec.structs.replace(run.spec, **values)
    run.spec_path.chmod(0o600)
    run.spec_path.write_text(spec.to_toml())
    return Run(run.path)


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


def plain(log: list[Event]) -> list[dict[str, object]]:
    return [
        {key: value for key, value in event.fields.items() if key not in CLOCK_FIELDS}
        for event in log
        if event.kind == "epoch"
    ]


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

    again = a_run(tmp_path, expression, epochs=2)
    launch(again)
    assert plain(finish(again)) == plain(log)


def test_pause_resume_an_unknown_command_and_stop_are_each_answered(tmp_path: Path) -> None:
    run = a_run(tmp_path, epochs=1000)
    launch(run)
    wait(seen(run, "report"), "the first report")
    send(run, "pause", by="test")
    wait(lambda: run.state() is RunState.PAUSED, "the pause")
    time.sleep(0.3)
    before = len(events(run))
    time.sleep(0.6)
    assert len(events(run)) == before, "it trains on while paused"
    send(run, "dance", by="test")
    wait(seen(run, "command", 2), "the answer")
    send(run, "resume", by="test")
    wait(lambda: run.state() is RunState.RUNNING, "the resumption")
    reports = sum(event.kind == "report" for event in events(run))
    wait(seen(run, "report", reports + 2), "more reports")
    asked = time.time()
    identity = send(run, "stop", by="test")
    log = finish(run)
    answers = [event.fields for event in log if event.kind == "command"]
    assert [answer["command"] for answer in answers] == ["pause", "dance", "resume", "stop"]
    assert [answer["accepted"] for answer in answers] == [True, False, True, True]
    assert "stop, pause, resume" in answers[1]["message"]
    assert answers[0]["step"] == answers[2]["step"]
    assert answers[3]["id"] == identity
    ending = log[-1]
    assert (ending.kind, ending.fields["outcome"], ending.fields["reason"]) == (
        "finished",
        "stopped",
        "stopped by test",
    )
    assert ending.time - asked < 5  # 0.3 s on a quiet machine
    last = [event for event in log if event.kind in ("report", "epoch")][-1]
    assert last.fields["step"] == ending.fields["step"] - 1, "the last updates weren't reported"


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


def test_a_rate_of_a_million_ends_as_diverged_with_a_strict_log(tmp_path: Path) -> None:
    run = a_run(tmp_path, "constant(1e6)", epochs=3)
    launch(run)
    log = finish(run)
    assert run.state() is RunState.DIVERGED
    assert [event.kind for event in log][-2:] == ["diagnosis", "finished"]
    lines = [json.loads(line) for line in run.events_path.read_text().splitlines()]
    spoilt = [line for line in lines if "nonfinite" in line and line["event"] != "diagnosis"]
    assert spoilt
    assert all(line["train_loss"] is None for line in spoilt if "train_loss" in line["nonfinite"])
    assert "NaN" not in run.events_path.read_text()


def worker(run: Run) -> subprocess.CompletedProcess[str]:
    """The worker in the foreground, taking the lock itself."""
    command = [sys.executable, "-m", "lrtui.training.worker", str(run.path)]
    return subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE, check=False)


def ending(run: Run) -> tuple[str, str]:
    last = events(run)[-1]
    assert last.kind == "finished"
    reason = str(last.fields["reason"])
    assert "\n" not in reason
    return str(last.fields["outcome"]), reason


def test_an_unknown_device_is_a_failure_with_a_reason(tmp_path: Path) -> None:
    run = rewrite(a_run(tmp_path), device="cuda:7")
    result = worker(run)
    assert result.returncode == 1
    outcome, reason = ending(run)
    assert outcome == "failed"
    assert "cuda:7" in reason
    assert "Traceback" in result.stderr  # for worker.log


def test_broken_specs_and_missing_data_are_failures_with_a_reason(tmp_path: Path) -> None:
    gone = str(tmp_path / "nowhere")
    cases = [({"schedule": "cosin(0.1)"}, "cosine"), ({"epochs": 0}, "epochs"), ({"data": gone}, gone)]
    for values, word in cases:
        run = rewrite(a_run(tmp_path), **values)
        assert worker(run).returncode == 1
        outcome, reason = ending(run)
        assert outcome == "failed"
        assert word in reason
    run = a_run(tmp_path)
    run.spec_path.chmod(0o600)
    run.spec_path.write_text("schedule = ")
    assert worker(Run(run.path)).returncode == 1
    assert ending(run)[0] == "failed"


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


def test_a_worker_whose_folder_is_deleted_ends_quietly(tmp_path: Path) -> None:
    run = a_run(tmp_path, epochs=1000)
    process = subprocess.Popen(
        [sys.executable, "-m", "lrtui.training.worker", str(run.path)], stderr=subprocess.PIPE, text=True
    )
    try:
        wait(seen(run, "report"), "the first report")
        shutil.rmtree(run.path)
        _, errors = process.communicate(timeout=240)
    finally:
        process.kill()
    assert process.returncode == 0
    assert "Traceback" not in errors
    assert not run.path.exists()
