"""A run that has ended is given more epochs or another schedule, and goes on as that says."""

from __future__ import annotations

from pathlib import Path

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

from lrtui.runs.amend import AmendError, amend
from lrtui.runs.control import send
from lrtui.runs.run import Run, RunState
from lrtui.runs.spec import SpecError


def test_a_completed_run_is_extended_and_says_so(tmp_path: Path, start: Start) -> None:
    run = a_run(tmp_path, schedule="linear(0.05)", epochs=2)
    start(run)
    assert ending(run)[0] is RunState.COMPLETED
    with pytest.raises(SpecError, match="more than the 2 it has begun"):
        amend(run, epochs=1)
    with pytest.raises(AmendError, match="just that already"):
        amend(run, epochs=2)
    amend(run, epochs=5, schedule="constant(0.02)")
    assert Run(run.path).spec.epochs == 5
    assert (run.path / "spec.1.toml").read_text().count("linear(0.05)") == 1
    start(run)
    wait(lambda: run.history().done == 5 * PER_EPOCH, "the further epochs")
    wait(lambda: not run.alive(), "the end")
    assert run.state() is RunState.COMPLETED
    assert (run.history().updates, run.summary().updates, run.summary().epochs) == (30, 30, 5)
    assert rates(run)[-18:] == [0.02] * 18
    assert run.history().columns("epoch")["epoch"].tolist() == [1, 2, 3, 4, 5]
    (said,) = [event for event in events(run) if event.kind == "amended"]
    assert said.fields == {"step": 12, "epochs": [2, 5], "schedule": ["linear(0.05)", "constant(0.02)"]}


def test_extending_keeps_to_the_bit_what_a_longer_run_would_have_been(tmp_path: Path, start: Start) -> None:
    """With a schedule that doesn't know its end, two epochs and two more are four."""
    long, short = (a_run(tmp_path / name, epochs=epochs) for name, epochs in (("a", 4), ("b", 2)))
    start(long)
    start(short)
    ending(long)
    ending(short)
    amend(short, epochs=4)
    start(short)
    wait(lambda: short.history().done == 4 * PER_EPOCH and not short.alive(), "the further epochs")
    theirs, ours = weights(long), weights(short)
    assert all(torch.equal(theirs[name], ours[name]) for name in theirs)
    for name in ("train_loss", "test_acc"):
        theirs_, ours_ = (run.history().columns("epoch")[name].tolist() for run in (long, short))
        assert theirs_ == ours_


def test_a_cooled_down_run_goes_on_within_its_epoch(tmp_path: Path, start: Start) -> None:
    run = a_run(tmp_path, epochs=500)
    start(run)
    progress(run, 2)
    send(run, "pause", by="test")
    step = answered(run, 1)["step"]
    send(run, "cooldown", by="test", length=str(PER_EPOCH - step % PER_EPOCH + 2))
    end = answered(run, 2)["end"]
    assert end % PER_EPOCH == 2
    send(run, "resume", by="test")
    ending(run)
    amend(run, epochs=end // PER_EPOCH + 2)
    start(run)
    wait(lambda: count(run, "finished") == 2 and not run.alive(), "the completion")
    assert run.history().columns("epoch")["epoch"].tolist() == list(range(1, end // PER_EPOCH + 3))
    assert rates(run)[-1] == 0.05


def test_a_diverged_run_goes_on_with_another_schedule(tmp_path: Path, start: Start) -> None:
    run = a_run(tmp_path, schedule="constant(0.05, steps=8) >> constant(1e9)", epochs=3)
    start(run)
    assert ending(run)[0] is RunState.DIVERGED
    amend(run, schedule="constant(0.05)")
    start(run)
    wait(lambda: run.state() is RunState.COMPLETED, "the completion")
    assert np.isfinite(run.history().columns("epoch")["test_loss"]).all()


def test_a_running_run_is_not_amended(tmp_path: Path, start: Start) -> None:
    run = a_run(tmp_path, epochs=1000)
    start(run)
    progress(run, 1)
    with pytest.raises(AmendError, match="stop it before"):
        amend(run, epochs=2000)
    send(run, "stop", by="test")
    ending(run)
