"""Your own loop in this process: rates, thinning, commands, endings (scripts: test_own_loop_scripts)."""

from __future__ import annotations

import gc
import math
import sys
import threading
import time
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from helpers_runs import until

import lrtui
from lrtui.runs import own_log, queue
from lrtui.runs.control import send
from lrtui.runs.events import Event, EventFollower
from lrtui.runs.launch import LaunchError, launch
from lrtui.runs.own_log import OwnLoopError
from lrtui.runs.own_loop import OwnRun
from lrtui.runs.spec import RunSpec, SpecError
from lrtui.runs.store import Run, RunState, RunStore
from lrtui.schedules import Horizon, parse

EXPRESSION = "warmup(10%) >> cosine(0.5, final_lr=0.01)"


class Optimizer:
    def __init__(self, *rates: Any) -> None:
        self.param_groups = [{"lr": rate} for rate in rates]


class Lazy:
    """A 0-d array that counts how often it is read back."""

    read = 0
    shape = ()

    def __init__(self, value: float) -> None:
        self.value = value

    def item(self) -> float:
        Lazy.read += 1
        return self.value


def begin(store: RunStore, **arguments: Any) -> OwnRun:
    return lrtui.start(**{"name": "mine", "runs_dir": store.root, **arguments})


def events(run: OwnRun | Run, kind: str | None = None) -> list[Event]:
    path = run.run.events_path if isinstance(run, OwnRun) else run.events_path
    return [event for event in EventFollower(path).poll() if kind in (None, event.kind)]


def test_rates_are_the_schedules_and_the_run_is_one_like_any_other(store: RunStore) -> None:
    optimizer = Optimizer(0.1, 0.01)
    run = begin(store, lr=EXPRESSION, total_steps=200, steps_per_epoch=50, seed=3, model="vit", batch_size=8)
    assert run.run.state() is RunState.RUNNING
    seen = []
    for step, lr in run.rates(optimizer):
        assert optimizer.param_groups[0]["lr"] == lr
        assert optimizer.param_groups[1]["lr"] == pytest.approx(lr / 10)
        seen.append(lr)
        run.log(train_loss=1 / (1 + step))
        if (step + 1) % 50 == 0:
            run.epoch(test_acc=step / 1000)
    assert np.array_equal(seen, parse(EXPRESSION).rates(Horizon(200, 50)))
    assert run.run.state() is RunState.RUNNING
    run.finish()
    run.finish()
    found = store.get(run.id)
    row = found.summary()
    assert (row.state, row.name, row.data, row.model, row.seed) == (
        RunState.COMPLETED,
        "mine",
        "own loop",
        "vit",
        3,
    )
    assert (row.epochs, row.last_epoch, row.done, row.updates, row.progress) == (4, 4, 200, 200, 1.0)
    assert row.best_test_acc == 0.199
    assert found.spec.horizon() == Horizon(200, 50)
    assert [event.get("epoch") for event in events(run, "epoch")] == [1, 2, 3, 4]
    last = events(run, "report")[-1]
    assert (last.get("step"), last.get("epoch"), last.get("lr")) == (199, 4.0, seen[199])
    assert last.get("train_loss") == 1 / 200


def test_the_spec_of_an_own_loop_keeps_what_its_script_says(store: RunStore) -> None:
    hyper = {
        "clip": math.inf,
        "betas": (0.9, np.float32(0.5)),
        "path": Path("a\x1b[31m"),
        "nothing": None,
        "on": True,
    }
    run = begin(store, lr=0.1, total_steps=10, **hyper)
    run.finish()
    spec = Run(run.path).spec
    assert spec == run.run.spec == RunSpec.from_toml(spec.to_toml())
    assert spec.hyper == {
        "clip": "inf",
        "betas": [0.9, 0.5],
        "path": "a\\x1b[31m",
        "nothing": "None",
        "on": True,
    }
    assert (spec.task, spec.schedule, spec.updates, spec.total_epochs()) == ("own", "constant(0.1)", 10, 1)
    assert "lenet" not in spec.to_toml()
    with pytest.raises(SpecError, match="start that script again"):
        spec.check()
    with pytest.raises(LaunchError, match="start that script again"):
        launch(run.run)
    before = run.run.events_path.read_bytes()
    with pytest.raises(LaunchError, match="start that script again"):
        queue.resume(store, run.run, "test")
    assert run.run.events_path.read_bytes() == before  # what was refused leaves no trace


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"lr": "cosin(0.1)", "total_steps": 10}, "did you mean 'cosine'|cosine"),
        ({"lr": "cosine(0.1)"}, "total_steps.*must be given with lr"),
        ({"lr": "cosine(0.1, steps=5ep)", "total_steps": 10}, "steps per epoch"),
        ({"lr": [1], "total_steps": 10}, "not list"),
        ({"lr": -1.0, "total_steps": 10}, "lr"),
        ({"total_steps": 0}, "total_steps: must be at least 1"),
        ({"total_steps": 1.5}, "total_steps: must be a whole number"),
        ({"total_steps": 10**12}, "at most"),
        ({"steps_per_epoch": True}, "steps_per_epoch: must be a whole number"),
        ({"name": "a\nb"}, "one line"),
    ],
)
def test_wrong_arguments_are_one_line_and_leave_no_run(
    store: RunStore, arguments: dict[str, Any], message: str
) -> None:
    with pytest.raises(SpecError, match=message) as caught:
        begin(store, **arguments)
    assert "\n" not in str(caught.value)
    assert store.runs() == []


def test_reports_come_by_time_and_the_last_is_never_lost(
    store: RunStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(own_log, "REPORT_EVERY", 3600.0)
    Lazy.read = 0
    with begin(store, lr=0.1, total_steps=1000) as run:
        for step, _ in run.rates():
            run.log(train_loss=Lazy(step))
            if step == 500:
                run.log(rare=7)
    reports = events(run, "report")
    assert Lazy.read == 2
    assert [(report.get("step"), report.get("train_loss"), report.get("rare")) for report in reports] == [
        (0, 0.0, None),
        (500, None, 7),
        (999, 999.0, None),
    ]


def test_a_few_reports_a_second_while_it_runs(store: RunStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(own_log, "REPORT_EVERY", 0.05)
    run = begin(store, lr=0.1, total_steps=2_000_000)
    until_ = time.monotonic() + 0.5
    for _ in run.rates():
        if time.monotonic() > until_:
            break
    run.finish()
    assert 4 <= len(events(run, "report")) <= 12  # bare ones: update, epoch, rate
    assert run.run.state() is RunState.STOPPED
    assert "of 2,000,000" in events(run)[-1].get("reason")


def test_only_logging(store: RunStore) -> None:
    with begin(store) as run:
        for value in range(5):
            run.log(train_loss=float(value))
        run.log(step=41, train_loss=math.nan, lr=0.5)
        run.epoch(epoch=1, test_acc=0.25)
    row = run.run.summary()
    assert (row.state, row.done, row.updates, row.epochs, row.schedule) == (
        RunState.COMPLETED,
        42,
        None,
        None,
        "",
    )
    last = events(run, "report")[-1]
    assert (last.get("step"), last.get("lr")) == (41, 0.5)
    assert math.isnan(last.get("train_loss"))
    assert (row.best_test_acc, row.last_epoch) == (0.25, 1)
    with pytest.raises(SpecError, match="how many updates"):
        run.run.spec.horizon()


def test_no_schedule_but_an_optimizer_reports_its_rate(store: RunStore) -> None:
    optimizer = Optimizer(0.3)
    with begin(store, total_steps=3) as run:
        for step, lr in run.rates(optimizer):
            assert lr == 0.3 / 2**step
            optimizer.param_groups[0]["lr"] = lr / 2
    assert run.run.state() is RunState.COMPLETED
    with begin(store, total_steps=1) as run:
        assert all(math.isnan(lr) for _, lr in run.rates())


@pytest.mark.parametrize(
    ("metrics", "message"),
    [
        ({"loss": np.zeros(3)}, r"'loss' must be a single number, not of shape \(3,\)"),
        ({"loss": "low"}, "a str"),
        ({"time": 1}, "can be called 'time'"),
        ({"loss": None}, "a NoneType"),
    ],
)
def test_what_is_no_metric_is_said_at_once(store: RunStore, metrics: dict[str, Any], message: str) -> None:
    with begin(store) as run, pytest.raises(OwnLoopError, match=message):
        run.log(**metrics)


def test_stop_pause_resume_and_rates_by_hand(store: RunStore) -> None:
    run = begin(store, lr="linear(1, final_lr=0)", total_steps=10_000_000)
    seen: list[float] = []
    optimizer = Optimizer(1.0)

    def loop() -> None:
        for _, lr in run.rates(optimizer):
            seen.append(lr)
            time.sleep(0.001)
        run.finish()

    thread = threading.Thread(target=loop)
    thread.start()
    other = store.get(run.id)
    send(other, "set-rate", "cli", lr=0.125)
    assert until(lambda: bool(seen) and seen[-1] == 0.125)
    assert optimizer.param_groups[0]["lr"] == 0.125
    send(other, "scale-rate", "cli", factor=0.5)
    assert until(lambda: 0.49 < seen[-1] <= 0.5)
    send(other, "follow-schedule", "cli")
    assert until(lambda: seen[-1] > 0.99)
    send(other, "pause", "app")
    assert until(lambda: other.state() is RunState.PAUSED)
    count = len(seen)
    time.sleep(0.1)
    assert len(seen) <= count + 1
    send(other, "resume", "app")
    assert until(lambda: len(seen) > count + 1)
    for wrong in ({"lr": -1}, {"lr": "x"}, {"lr": math.inf}, {"lr": True}, {}):
        send(other, "set-rate", "app", **wrong)
    send(other, "explode", "app")
    send(other, "stop", "app\x1b")
    thread.join(10)
    assert not thread.is_alive()
    assert other.state() is RunState.STOPPED
    assert events(run)[-1].get("reason") == "stopped by app\\x1b"
    answers = [(event.get("command"), event.get("accepted")) for event in events(run, "command")]
    assert answers == [
        ("set-rate", True), ("scale-rate", True), ("follow-schedule", True), ("pause", True),
        ("resume", True), *[("set-rate", False)] * 5, ("explode", False), ("stop", True),
    ]  # fmt: skip
    assert events(run, "command")[0].get("lr") == 0.125


def test_an_exception_fails_the_run_and_passes_on(store: RunStore) -> None:
    with pytest.raises(ZeroDivisionError), begin(store, total_steps=10) as run:
        run.log(train_loss=1 / 0)
    assert run.run.state() is RunState.FAILED
    assert run.run.summary().reason == "ZeroDivisionError: division by zero"
    with pytest.raises(KeyboardInterrupt), begin(store, total_steps=10) as run:
        raise KeyboardInterrupt
    assert (run.run.state(), run.run.summary().reason) == (RunState.STOPPED, "interrupted (Ctrl-C)")
    with pytest.raises(SystemExit), begin(store, total_steps=10) as run:
        raise SystemExit(3)
    assert run.run.state() is RunState.FAILED


def test_a_run_that_is_dropped_ends(store: RunStore) -> None:
    run = begin(store, total_steps=10)
    found = run.run
    run.log(train_loss=1)
    del run
    gc.collect()
    assert found.state() is RunState.STOPPED
    assert "after 1 of 10" in found.summary().reason
    for _ in begin(store, lr=1, total_steps=10).rates():
        pass
    gc.collect()
    assert store.runs()[0].state() is RunState.COMPLETED


def test_only_an_exception_since_its_start_makes_a_dropped_run_fail(
    store: RunStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "last_value", ValueError("of an earlier line"), raising=False)
    monkeypatch.setattr(sys, "last_exc", sys.last_value, raising=False)
    for later, state in ((None, RunState.STOPPED), (ValueError("its own"), RunState.FAILED)):
        run = begin(store, total_steps=10)
        found = run.run
        if later is not None:
            monkeypatch.setattr(sys, "last_exc", later)
        del run
        gc.collect()
        assert found.state() is state


def test_an_update_that_is_logged_late_takes_back_none_that_is_done(store: RunStore) -> None:
    run = begin(store, total_steps=10)
    run.log(step=9, train_loss=1)
    run.log(step=3, norm=2)
    run.finish()
    assert run.run.state() is RunState.COMPLETED
    assert events(run)[-1].get("step") == 10


def test_after_the_end_logging_warns_once_and_nothing_breaks(store: RunStore) -> None:
    run = begin(store, total_steps=1)
    run.finish("diverged", "loss is nan")
    with pytest.warns(RuntimeWarning, match="is finished"):
        run.log(train_loss=1)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        run.log(train_loss=1)
        run.epoch(test_acc=1)
        assert list(run.rates()) != []
    assert run.run.state() is RunState.DIVERGED
    assert events(run)[-1].kind == "finished"
    with pytest.raises(OwnLoopError, match="no outcome"):
        run.finish("won")


def test_a_full_disk_costs_reports_and_not_the_training(
    store: RunStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = begin(store, lr=1, total_steps=5)

    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(run._log._writer, "emit", full)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        assert len([run.log(train_loss=1) for _ in run.rates()]) == 5
        run.epoch(test_acc=1)
        run.finish()
    assert "No space left on device; training goes on" in str(caught[0].message)
    assert len(caught) == 1
    assert run.run.state() is RunState.CRASHED  # it has no ending, and says so


def test_a_loop_taken_up_again_goes_on_with_the_schedule(store: RunStore) -> None:
    rates = parse("cosine(1)").rates(Horizon(10))
    with begin(store, lr="cosine(1)", total_steps=10) as run:
        assert list(run.rates(start=7)) == [(step, rates[step]) for step in (7, 8, 9)]
        for wrong in (-1, 11):
            with pytest.raises(OwnLoopError, match="start must be"):
                run.rates(start=wrong)
        with pytest.raises(OwnLoopError, match="param_groups"):
            run.rates(object())
    assert run.run.state() is RunState.COMPLETED


def test_groups_without_a_rate_to_compare_with_get_the_same(store: RunStore) -> None:
    optimizer = Optimizer(0.0, 0.1)
    with begin(store, lr=2, total_steps=1) as run:
        for _ in run.rates(optimizer):
            optimizer.param_groups.append({"lr": 5.0})
    assert [group["lr"] for group in optimizer.param_groups] == [2.0, 2.0, 5.0]
