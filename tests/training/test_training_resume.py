"""A run that was killed, stopped or amended is taken up where its last checkpoint stands.

Interruptions at random moments are in `interruptions`.
"""

from __future__ import annotations

import io
import math
import os
import signal
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import pytest
import quick_runs
import torch
from interruptions import complete, differences
from quick_runs import Start, alive, count, events, wait

from lrtui.runs.control import send
from lrtui.runs.events import Event, EventWriter
from lrtui.runs.history import History
from lrtui.runs.killing import kill
from lrtui.runs.launch import LaunchError, take_up
from lrtui.runs.run import Run, RunState
from lrtui.runs.spec import make_spec
from lrtui.runs.store import RunStore
from lrtui.schedules import parse

EPOCHS = 6
UPDATES = EPOCHS * 6


def a_run(tmp_path: Path, **values: object) -> Run:
    return quick_runs.a_run(tmp_path, **{"epochs": EPOCHS, **values})  # type: ignore[arg-type]


def finish(run: Run, pid: int) -> list[Event]:
    wait(lambda: not alive(pid), "the end")
    return events(run)


def test_a_killed_run_goes_on_from_its_checkpoint_and_logs_nothing_twice(
    tmp_path: Path, start: Start
) -> None:
    run = a_run(tmp_path)
    pid = start(run)
    wait(lambda: run.history().done >= 9, "the second epoch")
    os.kill(pid, signal.SIGKILL)
    finish(run, pid)
    assert run.state() is RunState.CRASHED
    reached = run.history().done
    assert reached >= 9
    pid = start(run)
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


def test_a_run_killed_before_its_first_checkpoint_begins_anew(tmp_path: Path, start: Start) -> None:
    run, whole = a_run(tmp_path), a_run(tmp_path)
    pid = start(run)
    wait(lambda: run.history().done >= 1, "a report")
    os.kill(pid, signal.SIGKILL)
    finish(run, pid)
    for path in (run.path / "checkpoints").glob("*"):
        path.unlink()  # on a quick machine the first epoch may be over
    complete(run, start)
    complete(whole, start)
    assert differences(run, whole) == []


def test_what_an_earlier_worker_did_not_answer_is_refused(tmp_path: Path, start: Start) -> None:
    run = a_run(tmp_path)
    pid = start(run)
    wait(lambda: run.history().done >= 3, "progress")
    os.kill(pid, signal.SIGKILL)
    finish(run, pid)
    stale = send(run, "stop", by="test")
    log = finish(run, start(run))
    assert run.state() is RunState.COMPLETED
    (answer,) = [event for event in log if event.kind == "command"]
    assert answer.fields["id"] == stale
    assert not answer.fields["accepted"]


def test_rates_set_by_hand_and_checkpoints_on_command_survive_a_kill(tmp_path: Path, start: Start) -> None:
    run = a_run(tmp_path, schedule="linear(0.05)", epochs=40)
    pid = start(run)
    wait(lambda: run.history().done >= 2, "progress")
    send(run, "scale-rate", by="test", factor=0.5)
    wait(lambda: count(run, "command") == 1, "the answer")
    send(run, "checkpoint", by="test")
    wait(lambda: count(run, "command") == 2, "the answer")
    send(run, "set-rate", by="test", lr=-1)
    wait(lambda: count(run, "command") == 3, "the answer")
    os.kill(pid, signal.SIGKILL)
    finish(run, pid)
    complete(run, start)
    answers = [event for event in events(run) if event.kind == "command"]
    assert [answer.fields["accepted"] for answer in answers] == [True, True, False]
    assert answers[0].fields["factor"] == 0.5
    rates = parse("linear(0.05)").rates(run.spec.horizon())
    at = answers[0].fields["step"]
    rates[at:] *= 0.5
    assert run.history().columns("report")["lr"].tolist() == rates.tolist()


def test_a_checkpoint_that_is_damaged_or_anothers_is_a_failure_and_harms_nothing(
    tmp_path: Path, start: Start
) -> None:
    run, other = a_run(tmp_path), a_run(tmp_path, seed=1)
    for each in (run, other):
        pid = start(each)
        wait(lambda each=each: count(each, "checkpoint") > 0, "a checkpoint")  # type: ignore[misc]
        os.kill(pid, signal.SIGTERM)
        finish(each, pid)
    path = run.path / "checkpoints" / "last.pt"
    good, done = path.read_bytes(), run.history().done
    newer = io.BytesIO()
    torch.save({**torch.load(path, weights_only=True), "layout": 99}, newer)
    for content, word in [
        (good[: len(good) // 2], "can't be read"),
        (b"", "can't be read"),
        (newer.getvalue(), "written by another version of lrtui"),
        ((other.path / "checkpoints" / "last.pt").read_bytes(), "another spec"),
    ]:
        path.write_bytes(content)
        finish(run, start(run))
        assert run.state() is RunState.FAILED
        assert word in events(run)[-1].fields["reason"]
        assert run.history().done == done
    path.write_bytes(good)
    complete(run, start)


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


def test_only_runs_that_ended_before_their_time_are_taken_up(tmp_path: Path, start: Start) -> None:
    run = a_run(tmp_path, epochs=2)
    complete(run, start)
    with pytest.raises(LaunchError, match="nothing left to do"):
        take_up(run)
    wild = a_run(tmp_path, schedule="constant(1e6)")
    finish(wild, start(wild))
    with pytest.raises(LaunchError, match="diverged"):
        take_up(wild)


def test_a_real_worker_that_takes_a_run_up_no_longer_counts_as_ended_and_can_be_killed(
    tmp_path: Path,
) -> None:
    spec = make_spec(schedule="0.05", data="embedded", epochs=1000, threads=1, device="cpu")
    run = RunStore(tmp_path / "runs").create(spec)
    with EventWriter(run.events_path) as writer:
        writer.emit("finished", outcome="stopped", reason="stopped by SIGTERM", step=0)
    run.lock_path.touch()
    assert run.state() is RunState.STOPPED
    pid = take_up(run)
    assert run.state() is RunState.STARTING
    wait(lambda: count(run, "report") > 1, "some training")
    assert run.state() is RunState.RUNNING
    kill(run, by="test")
    assert not alive(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    assert run.state() is RunState.STOPPED
    last = events(run)[-1].fields
    assert (last["outcome"], last["reason"]) == ("stopped", "killed by test")
    assert last["step"] == run.history().done > 0


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
