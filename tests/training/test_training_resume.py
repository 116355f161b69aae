"""Runs interrupted at random by stop, pause, SIGTERM and SIGKILL end exactly as if nothing had happened.

The usual number of interruptions is small; LRTUI_INTERRUPTIONS=200 is the longer mode.
"""

from __future__ import annotations

import math
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest
import torch
from quick_worker import TEST, TRAIN

from lrtui.runs.control import send
from lrtui.runs.events import CLOCK_FIELDS, Event, EventFollower
from lrtui.runs.history import History
from lrtui.runs.launch import LaunchError, take_up
from lrtui.runs.run import Run, RunState
from lrtui.runs.spec import make_spec
from lrtui.runs.store import RunStore

INTERRUPTIONS = int(os.environ.get("LRTUI_INTERRUPTIONS", "25"))
PATIENCE = 90.0
EPOCHS = 6
UPDATES = EPOCHS * 6
CLOCK = CLOCK_FIELDS | {"time", "epoch_seconds"}

SETTINGS = [
    {"schedule": "cosine(0.05)", "optimizer": "sgd(momentum=linear(0.8, final_lr=0.9))"},
    {"schedule": "warmup(5) >> linear(0.002)", "optimizer": "adamw(betas=(0.9, 0.95))"},
    {"schedule": "constant(0.01)", "optimizer": "sgld(temperature=0.01)"},
    {"schedule": "warmup(4) >> plateau(0.05, factor=0.5, patience=0, threshold=0.1)"},
]


class Workers:
    """Starts workers, through the process that has torch loaded already."""

    def __init__(self) -> None:
        folder = Path(__file__).parent
        self._process = subprocess.Popen(
            [sys.executable, str(folder / "quick_worker.py")],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "OMP_NUM_THREADS": "1"},
        )

    def start(self, run: Run) -> int:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(f"{run.path}\n")
        self._process.stdin.flush()
        return int(self._process.stdout.readline())

    def close(self) -> None:
        self._process.stdin.close()  # type: ignore[union-attr]
        self._process.wait(PATIENCE)


@pytest.fixture(scope="module")
def workers() -> Iterator[Workers]:
    workers = Workers()
    yield workers
    workers.close()


def a_run(tmp_path: Path, **values: Any) -> Run:
    settings = {"schedule": "constant(0.05)", "epochs": EPOCHS, "threads": 1, "device": "cpu", **values}
    spec = make_spec(data="embedded", batch_size=16, **settings)  # type: ignore[arg-type]
    run = RunStore(tmp_path / "runs").create(spec)
    spec = msgspec.structs.replace(spec, train_examples=TRAIN, test_examples=TEST)
    run.spec_path.chmod(0o600)
    run.spec_path.write_text(spec.to_toml())
    return Run(run.path)


def wait(condition: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, f"waited in vain for {what}"
        time.sleep(0.002)


def events(run: Run) -> list[Event]:
    return EventFollower(run.events_path).poll()


def count(run: Run, kind: str) -> int:
    return sum(event.kind == kind for event in events(run))


def gone(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return False


def finish(run: Run, pid: int) -> list[Event]:
    wait(lambda: gone(pid), "the end")
    return events(run)


def complete(run: Run, workers: Workers) -> None:
    finish(run, workers.start(run))
    assert run.state() is RunState.COMPLETED, run.log_path.read_text()


def weights(run: Run, name: str = "last.pt") -> dict[str, Any]:
    content = torch.load(run.path / "checkpoints" / name, weights_only=True)
    assert isinstance(content["state"], dict)
    return content["state"]


def same(one: Any, other: Any) -> bool:
    if isinstance(one, torch.Tensor):
        return torch.equal(one, other)
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(same(one[key], other[key]) for key in one)
    if isinstance(one, list | tuple):
        return len(one) == len(other) and all(map(same, one, other))
    return bool(one == other)


def metrics(run: Run) -> dict[str, dict[str, list[float]]]:
    history = run.history()
    return {
        kind: {name: column.tolist() for name, column in history.columns(kind).items() if name not in CLOCK}
        for kind in ("report", "epoch")
    }


def assert_the_same_run(run: Run, whole: Run) -> None:
    expected, found = metrics(whole), metrics(run)
    assert expected["report"]["step"] == list(range(UPDATES))
    assert expected["epoch"]["epoch"] == list(range(1, EPOCHS + 1))
    assert found == expected
    for name in ("last.pt", "best.pt"):
        state, other = weights(run, name), weights(whole, name)
        for each in (state, other):
            del each["seconds"]
            for epoch in each["epochs"]:
                del epoch["seconds"], epoch["examples_per_sec"]
        assert same(state, other)


def interrupt(run: Run, pid: int, how: str) -> None:
    """Interrupt a running worker, and see that it has noticed."""
    if how == "SIGKILL":
        os.kill(pid, signal.SIGKILL)
        finish(run, pid)
        if run.state().ended:
            assert run.state() in (RunState.CRASHED, RunState.COMPLETED)
    elif how == "SIGTERM":
        os.kill(pid, signal.SIGTERM)
        finish(run, pid)
    elif how == "stop":
        send(run, "stop", by="test")
        finish(run, pid)
    else:
        answered = count(run, "command")
        send(run, "pause", by="test")
        wait(lambda: count(run, "command") > answered or gone(pid), "the pause")
        send(run, "resume", by="test")
        wait(lambda: count(run, "command") > answered + 1 or gone(pid), "the resumption")


@pytest.mark.timeout(1800)
def test_interrupted_runs_end_as_if_nothing_had_happened(tmp_path: Path, workers: Workers) -> None:
    chance = random.Random(4)
    wholes = []
    for values in SETTINGS:
        wholes.append(a_run(tmp_path, **values))
        complete(wholes[-1], workers)
    made = {"SIGKILL": 0, "SIGTERM": 0, "stop": 0, "pause": 0}
    while sum(made.values()) < INTERRUPTIONS:
        place = chance.randrange(len(SETTINGS))
        run = a_run(tmp_path, **SETTINGS[place])
        pid = workers.start(run)
        # The update to interrupt at grows, with a little chance, so that a run takes several interruptions.
        at = 0
        while (at := at + chance.randrange(1, 16)) < UPDATES:
            wait(lambda at=at, pid=pid, run=run: run.history().done >= at or gone(pid), "progress")  # type: ignore[misc]
            if gone(pid):
                break
            how = chance.choice(list(made))
            interrupt(run, pid, how)
            made[how] += 1
            if gone(pid) and run.state() is not RunState.COMPLETED:
                pid = workers.start(run)
        log = finish(run, pid)
        assert run.state() is RunState.COMPLETED, (run.log_path.read_text(), log[-1])
        assert_the_same_run(run, wholes[place])
    assert all(made.values()), made
    print(made)


def test_a_killed_run_goes_on_from_its_checkpoint_and_logs_nothing_twice(
    tmp_path: Path, workers: Workers
) -> None:
    run = a_run(tmp_path)
    pid = workers.start(run)
    wait(lambda: run.history().done >= 9, "the second epoch")
    os.kill(pid, signal.SIGKILL)
    finish(run, pid)
    assert run.state() is RunState.CRASHED
    reached = run.history().done
    assert reached >= 9
    pid = workers.start(run)
    log = finish(run, pid)
    resuming, resumed = (
        next(event for event in log if event.kind == kind) for kind in ("resuming", "resumed")
    )
    assert resuming.fields["step"] == reached
    assert resumed.fields["step"] == resumed.fields["epochs"] * 6 <= reached  # an epoch's end
    steps = [event.fields["step"] for event in log if event.kind == "report"]
    assert len(steps) > UPDATES  # the log is append-only
    assert run.history().columns("report")["step"].tolist() == list(range(UPDATES))
    assert run.summary().last_epoch == EPOCHS
    assert run.summary().done == UPDATES
    assert sum(event.kind == "started" for event in log) == 1


def test_a_run_killed_before_its_first_checkpoint_begins_anew(tmp_path: Path, workers: Workers) -> None:
    run, whole = a_run(tmp_path), a_run(tmp_path)
    pid = workers.start(run)
    wait(lambda: run.history().done >= 1, "a report")
    os.kill(pid, signal.SIGKILL)
    finish(run, pid)
    for path in (run.path / "checkpoints").glob("*"):
        path.unlink()  # on a quick machine the first epoch may be over
    complete(run, workers)
    complete(whole, workers)
    assert_the_same_run(run, whole)


def test_what_an_earlier_worker_did_not_answer_is_refused(tmp_path: Path, workers: Workers) -> None:
    run = a_run(tmp_path)
    pid = workers.start(run)
    wait(lambda: run.history().done >= 3, "progress")
    os.kill(pid, signal.SIGKILL)
    finish(run, pid)
    stale = send(run, "stop", by="test")
    log = finish(run, workers.start(run))
    assert run.state() is RunState.COMPLETED
    (answer,) = [event for event in log if event.kind == "command"]
    assert answer.fields["id"] == stale
    assert not answer.fields["accepted"]


def test_rates_set_by_hand_and_checkpoints_on_command_survive_a_kill(
    tmp_path: Path, workers: Workers
) -> None:
    run = a_run(tmp_path, schedule="linear(0.05)", epochs=40)
    pid = workers.start(run)
    wait(lambda: run.history().done >= 2, "progress")
    send(run, "scale-rate", by="test", factor=0.5)
    wait(lambda: count(run, "command") == 1, "the answer")
    send(run, "checkpoint", by="test")
    wait(lambda: count(run, "command") == 2, "the answer")
    send(run, "set-rate", by="test", lr=-1)
    wait(lambda: count(run, "command") == 3, "the answer")
    os.kill(pid, signal.SIGKILL)
    finish(run, pid)
    complete(run, workers)
    answers = [event for event in events(run) if event.kind == "command"]
    assert [answer.fields["accepted"] for answer in answers] == [True, True, False]
    assert answers[0].fields["factor"] == 0.5
    from lrtui.schedules import parse

    rates = parse("linear(0.05)").rates(run.spec.horizon())
    at = answers[0].fields["step"]
    rates[at:] *= 0.5
    assert run.history().columns("report")["lr"].tolist() == rates.tolist()


def test_out_of_memory_is_a_failure_with_a_remedy_that_can_be_taken_up(
    tmp_path: Path, workers: Workers
) -> None:
    run = a_run(tmp_path)
    command = [sys.executable, str(Path(__file__).with_name("quick_worker.py"))]
    process = subprocess.run(
        command, input=f"{run.path}\n", env={**os.environ, "OUT_OF_MEMORY_AT": "8"}, text=True, check=False
    )
    assert process.returncode == 0
    wait(lambda: count(run, "finished") == 1, "the ending")
    wait(lambda: not run.alive(), "the end")
    assert run.state() is RunState.FAILED
    assert events(run)[-1].fields["reason"].startswith("out of memory: choose a smaller batch size")
    assert run.history().done == 8
    complete(run, workers)


def test_a_checkpoint_that_is_damaged_or_anothers_is_a_failure_and_harms_nothing(
    tmp_path: Path, workers: Workers
) -> None:
    run, other = a_run(tmp_path), a_run(tmp_path, seed=1)
    for each in (run, other):
        pid = workers.start(each)
        wait(lambda each=each: count(each, "checkpoint") > 0, "a checkpoint")  # type: ignore[misc]
        os.kill(pid, signal.SIGTERM)
        finish(each, pid)
    path = run.path / "checkpoints" / "last.pt"
    good, done = path.read_bytes(), run.history().done
    for content, word in [
        (good[: len(good) // 2], "can't be read"),
        (b"", "can't be read"),
        ((other.path / "checkpoints" / "last.pt").read_bytes(), "another spec"),
    ]:
        path.write_bytes(content)
        finish(run, workers.start(run))
        assert run.state() is RunState.FAILED
        assert word in events(run)[-1].fields["reason"]
        assert run.history().done == done
    path.write_bytes(good)
    complete(run, workers)


def test_a_full_disk_still_gets_its_ending(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The worker in this process, with a log that takes nothing until the reserve is given back."""
    from lrtui.runs import events as log
    from lrtui.training import worker

    run = a_run(tmp_path, optimizer="sgd")
    run.spec_path.write_text("schedule = ")  # it fails at once; what counts is the ending
    emit = log.EventWriter.emit

    def full(self: log.EventWriter, kind: str, /, **fields: Any) -> Event:
        if (run.path / ".reserve").exists():
            raise OSError(28, "No space left on device")
        return emit(self, kind, **fields)

    monkeypatch.setattr(log.EventWriter, "emit", full)
    before = [signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)]
    try:
        assert worker.main([str(run.path)]) == 1
    finally:
        for number, handler in zip((signal.SIGTERM, signal.SIGINT, signal.SIGHUP), before, strict=True):
            signal.signal(number, handler)
    assert [event.kind for event in events(run)] == ["finished"]
    assert not (run.path / ".reserve").exists()


def test_only_runs_that_ended_before_their_time_are_taken_up(tmp_path: Path, workers: Workers) -> None:
    run = a_run(tmp_path, epochs=2)
    complete(run, workers)
    with pytest.raises(LaunchError, match="nothing left to do"):
        take_up(run)
    wild = a_run(tmp_path, schedule="constant(1e6)")
    finish(wild, workers.start(wild))
    with pytest.raises(LaunchError, match="diverged"):
        take_up(wild)


def test_take_up_starts_a_real_worker_that_no_longer_counts_as_ended(tmp_path: Path) -> None:
    spec = make_spec(schedule="0.05", data="embedded", epochs=1, threads=1, device="cpu")
    run = RunStore(tmp_path / "runs").create(spec)
    from lrtui.runs.events import EventWriter

    with EventWriter(run.events_path) as writer:
        writer.emit("finished", outcome="stopped", reason="stopped by SIGTERM", step=0)
    run.lock_path.touch()
    assert run.state() is RunState.STOPPED
    take_up(run)
    assert run.state() is RunState.STARTING
    wait(lambda: not run.alive(), "the end")
    assert run.state() is RunState.COMPLETED, run.log_path.read_text()


def test_a_history_takes_back_what_is_logged_again_whole_or_in_pieces() -> None:
    log = [Event("started", 0.0, {"updates": 12, "steps_per_epoch": 4})]
    for step in range(7):
        log.append(Event("report", 1.0 + step, {"step": step, "epoch": step / 4, "train_loss": 9.0}))
        if step == 3:
            log.append(Event("epoch", 4.5, {"epoch": 1, "step": 3, "test_acc": 0.5, "seconds": 2.0}))
            log.append(Event("diagnosis", 4.6, {"kind": "stuck", "step": 3}))
    log.append(Event("finished", 8.0, {"outcome": "stopped"}))
    log.append(Event("resuming", 20.0, {"step": 7}))
    # Broken off in the evaluation of the first epoch: its updates are made, the epoch isn't closed.
    log.append(Event("resumed", 21.0, {"step": 4, "epochs": 0, "diagnoses": 0}))
    whole, pieces = History(), History()
    whole.feed(log)
    for event in log:
        pieces.feed([event])
    for history in (whole, pieces):
        assert history.ending is None
        assert history.columns("report")["step"].tolist() == [0, 1, 2, 3]
        assert history.columns("epoch")["step"].size == 0
        assert history.latest("epoch") is None
        assert history.diagnoses == []
        assert history.done == 4
        assert history.latest("report") == {"step": 3, "epoch": 0.75, "train_loss": 9.0}
    again = Event("report", 22.0, {"step": 4, "epoch": 1.0, "train_loss": 1.0})
    whole.feed([again])
    assert whole.columns("report")["train_loss"].tolist() == [9.0, 9.0, 9.0, 9.0, 1.0]
    assert math.isclose(whole.seconds, 22.0)
    assert np.all(np.diff(whole.columns("report")["seconds"]) >= 0)
