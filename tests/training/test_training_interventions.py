"""What is done to a live run by hand takes effect at a logged update, and is repeated from the log."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from quick_runs import (
    PER_EPOCH,
    Start,
    a_run,
    answered,
    count,
    ending,
    events,
    progress,
    rates,
    wait,
    weights,
)
from tiny_images import tiny, write

from lrtui.runs.control import send
from lrtui.runs.events import EventWriter
from lrtui.runs.interventions import Intervention, repeat
from lrtui.runs.killing import KillError, kill
from lrtui.runs.launch import launch
from lrtui.runs.run import Run, RunState
from lrtui.runs.spec import SpecError
from lrtui.runs.store import RunStore
from lrtui.schedules import Horizon, decider, parse
from lrtui.training.pace import Pace
from tests.cli.commands import events_of, lrtui


def test_finish_ends_the_run_with_its_epoch_and_resume_takes_that_back(tmp_path: Path, start: Start) -> None:
    run = a_run(tmp_path, epochs=1000)
    start(run, SLOW=0.02)
    progress(run, 1)
    send(run, "finish", by="test")
    send(run, "resume", by="test")
    assert answered(run, 2)["accepted"]
    progress(run, run.history().done + 2 * PER_EPOCH)
    send(run, "finish", by="test")
    answer = answered(run, 3)
    assert answer["accepted"]
    state, reason = ending(run)
    assert (state, reason) == (RunState.STOPPED, "stopped after its epoch by test")
    done = run.history().done
    assert done % PER_EPOCH == 0
    assert 0 <= done - answer["step"] <= PER_EPOCH
    assert count(run, "epoch") == done // PER_EPOCH


def test_a_run_that_finishes_its_last_epoch_has_completed(tmp_path: Path, start: Start) -> None:
    run = a_run(tmp_path, epochs=1)
    start(run, SLOW=0.1)
    progress(run, 1)
    send(run, "finish", by="test")
    assert ending(run)[0] is RunState.COMPLETED


def test_a_cooldown_falls_from_the_rate_in_force_and_ends_the_run(tmp_path: Path, start: Start) -> None:
    run = a_run(tmp_path, schedule="linear(0.05)", epochs=1000)
    start(run)
    progress(run, 2)
    send(run, "set-rate", by="test", lr=0.04)
    assert answered(run, 1)["accepted"]
    send(run, "cooldown", by="test", length="3ep", final_lr=0.01, shape="cosine")
    answer = answered(run, 2)
    assert (answer["from_lr"], answer["length"], answer["shape"]) == (0.04, "18", "cosine")
    assert answer["end"] == answer["step"] + 18
    state, reason = ending(run)
    assert state is RunState.COMPLETED
    assert reason == f"cooled down by hand: ended after {answer['end']:,} of 6,000 updates"
    history = run.history()
    assert (history.done, history.updates, history.progress) == (answer["end"], answer["end"], 1.0)
    assert run.summary().updates == answer["end"]
    fall = parse("constant(0.04, steps=1) >> cooldown(18, final_lr=0.01, shape=cosine)")
    assert rates(run)[-18:] == fall(np.arange(18) + 1, Horizon(19)).tolist()
    assert events(run)[-3].kind == "epoch", "the part of an epoch that was begun is evaluated too"


@pytest.mark.parametrize(
    ("args", "said"),
    [
        ({"length": "soon"}, "a length is 500 (updates)"),
        ({"final_lr": -1}, "cooldown needs final_lr"),
        ({"shape": "wild"}, "cooldown needs a shape of linear"),
        ({"shape": "exponential"}, "rates above 0 at both"),
    ],
)
def test_a_cooldown_that_makes_no_sense_is_refused(args: dict[str, Any], said: str) -> None:
    from lrtui.runs.steering import Refused, Steering

    steering = Steering(np.full(100, 0.1), 10)
    with pytest.raises(Refused, match=said.replace("(", r"\(").replace(")", r"\)")):
        steering.obey("cooldown", args, 5)
    assert steering.at(50) == 0.1
    assert steering.end == 100


def test_a_killed_cooldown_goes_on_where_it_was(tmp_path: Path, start: Start) -> None:
    run = a_run(tmp_path, epochs=1000)
    pid = start(run)
    progress(run, 2)
    send(run, "cooldown", by="test", length="60")
    end = answered(run, 1)["end"]
    progress(run, end - 50)
    os.kill(pid, signal.SIGKILL)
    wait(lambda: not run.alive(), "the end")
    start(run)
    wait(lambda: run.state() is RunState.COMPLETED, "the completion")
    assert run.history().done == end
    assert rates(run)[-1] == pytest.approx(0.05 / 60)


def test_a_run_is_repeated_from_its_log_with_all_that_was_done_to_it(tmp_path: Path, start: Start) -> None:
    first = a_run(tmp_path, schedule="cosine(0.05)", epochs=30)
    start(first)
    for number, (command, args) in enumerate(
        [("scale-rate", {"factor": 0.5}), ("set-rate", {"lr": 0.03}), ("follow-schedule", {}),
         ("cooldown", {"length": "10"})]
    ):  # fmt: skip
        progress(first, first.history().done + 3)
        send(first, command, by="test", **args)
        assert answered(first, number + 1)["accepted"]
    ending(first)
    again = RunStore(tmp_path / "runs").create(repeat(first))
    assert [each.command for each in again.spec.interventions] == [
        "scale-rate", "set-rate", "follow-schedule", "cooldown",
    ]  # fmt: skip
    pid = start(again)
    # Killed on the way, it does nothing of it twice and leaves nothing out.
    progress(again, again.spec.interventions[1].step + 1)
    os.kill(pid, signal.SIGKILL)
    wait(lambda: not again.alive(), "the end")
    start(again)
    wait(lambda: again.state() is RunState.COMPLETED, "the completion")
    assert again.history().done == first.history().done
    for name in ("lr", "train_loss"):
        theirs, ours = (run.history().columns("report")[name].tolist() for run in (first, again))
        assert theirs == ours
    for name in ("train_loss", "test_loss", "test_acc"):
        theirs, ours = (run.history().columns("epoch")[name].tolist() for run in (first, again))
        assert theirs == ours
    theirs, ours = weights(first), weights(again)
    assert all(torch.equal(theirs[name], ours[name]) for name in theirs)
    assert repeat(again).interventions == again.spec.interventions


def test_what_was_done_after_the_last_report_of_a_killed_run_is_repeated(tmp_path: Path) -> None:
    run = a_run(tmp_path, epochs=10)
    with EventWriter(run.events_path) as log:
        log.emit("started", updates=10 * PER_EPOCH, steps_per_epoch=PER_EPOCH)
        log.emit("report", step=20, lr=0.05, train_loss=1.0)
        log.emit("command", id="a", command="set-rate", by="test", step=24, lr=0.02, accepted=True)
    assert run.history().done == 21
    assert repeat(run).interventions == (Intervention(24, "set-rate", {"lr": 0.02}),)


def test_the_command_line_steers_a_run_and_repeats_it_to_the_same_figures(
    tmp_path: Path, start: Start
) -> None:
    write(tmp_path / "data", tiny(96, 24))
    first = a_run(tmp_path, str(tmp_path / "data"), schedule="cosine(0.05)", epochs=1000)
    start(first, SLOW=0.02)
    progress(first, 3)
    there = ("--runs-dir", str(tmp_path / "runs"))
    for words in (("rate", first.id, "x0.5"), ("cooldown", first.id, "--length", "5", "--final-lr", "0.001")):
        assert lrtui("runs", *words, *there).returncode == 0
    assert ending(first)[0] is RunState.COMPLETED
    done = lrtui("train", "--from", first.id, "--name", "again", "--json", *there)
    assert done.returncode == 0, done.stderr
    log = events_of(done)
    told = [event for event in log if event["event"] == "command"]
    assert [(each["command"], each["by"]) for each in told] == [
        ("scale-rate", "the spec"), ("cooldown", "the spec"),
    ]  # fmt: skip
    epochs = first.history().columns("epoch")
    for name in ("step", "lr", "train_loss", "train_acc", "test_loss", "test_acc", "grad_norm"):
        assert [event[name] for event in log if event["event"] == "epoch"] == epochs[name].tolist()
    again = Run(Path(done.stderr.split()[-1]))
    assert again.spec.name == "again"
    theirs, ours = weights(first), weights(again)
    assert all(torch.equal(theirs[name], ours[name]) for name in theirs)


def test_interventions_that_make_no_run_are_refused(tmp_path: Path) -> None:
    from msgspec.structs import replace

    spec = a_run(tmp_path).spec
    for wrong in (Intervention(99999, "set-rate", {"lr": 0.1}), Intervention(0, "explode")):
        with pytest.raises(SpecError, match="interventions"):
            replace(spec, interventions=(wrong,)).check()


def test_what_a_spec_plans_and_cannot_be_done_is_refused_in_the_log() -> None:
    planned = [Intervention(2, "cooldown", {"length": "5", "final_lr": 0.0, "shape": "exponential"})]
    pace = Pace(np.full(10, 0.1), 5, interventions=planned)
    assert list(pace.intervene(1)) == []
    (told,) = pace.intervene(2)
    assert (told["command"], told["by"], told["step"], told["accepted"]) == ("cooldown", "the spec", 2, False)
    assert "rates above 0 at both" in told["message"]
    assert pace.settings(3) == {"lr": 0.1}


def test_a_plateau_that_takes_the_place_of_another_schedule_decides_afresh() -> None:
    horizon = Horizon(20, 5)
    schedule = parse("plateau(0.1, factor=0.5, patience=0, threshold=0.5)")

    def fresh() -> Pace:
        return Pace(np.full(20, 0.1), 5, decider=decider(schedule, horizon))

    before = fresh()
    for _ in range(2):
        before.observe(10, 1.0, 0.5)
    assert before.settings(10)["lr"] == 0.05
    same, other = fresh(), fresh()
    same.restore(before.state(), 10, 2)
    assert same.settings(10)["lr"] == 0.05
    other.restore({**before.state(), "decider": None}, 10, 2, amended=True)
    assert other.settings(10)["lr"] == 0.1
    other.observe(15, 1.0, 0.5)
    other.observe(15, 1.0, 0.5)
    assert other.settings(15)["lr"] == 0.05


def test_a_worker_that_does_not_answer_is_killed_and_the_log_says_by_whom(tmp_path: Path) -> None:
    run = a_run(tmp_path)
    stuck = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(600)"
    child = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {stuck!r}])"
    launch(run, [sys.executable, "-c", child])
    assert run.alive()
    kill(run, by="test")
    assert not run.alive()
    assert run.state() is RunState.STOPPED
    assert [event.kind for event in events(run)] == ["command", "finished"]
    assert events(run)[-1].fields["reason"] == "killed by test"
    listed = subprocess.run(["ps", "-eo", "args"], capture_output=True, text=True, check=False).stdout
    assert str(run.path) not in listed
    with pytest.raises(KillError, match="doesn't run: it is stopped"):
        kill(run, by="test")
