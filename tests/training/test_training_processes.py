"""Several processes train one run as one would, under the same commands; if one dies, the run has failed."""

from __future__ import annotations

import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import msgspec
import numpy as np
import psutil
import pytest
import torch
from engines import make
from quick_runs import Start, a_run, count, ending, events, wait
from tiny_images import tiny, write

from lrtui.runs.control import Command, CommandReader, send
from lrtui.runs.events import EventWriter
from lrtui.runs.interventions import repeat
from lrtui.runs.launch import launch, take_up
from lrtui.runs.run import Run, RunState
from lrtui.runs.spec import RunSpec, SpecError, make_spec
from lrtui.runs.store import RunStore
from lrtui.training import processes
from lrtui.training.ending import Interrupted, Vanished
from lrtui.training.processes import Early, Result
from lrtui.training.resident import epoch_order
from lrtui.training.worker import Progress
from tests.cli.commands import lrtui

IMAGES = tiny(484, 48)  # 61 batches of 8, the last one of 4


def processes_of(run: Run) -> dict[int, psutil.Process]:
    """The run's training processes by their rank."""
    found = {}
    for process in psutil.process_iter():
        try:
            if "lrtui.training.rank" in (words := process.cmdline()) and str(run.path) in words:
                found[int(process.environ()["RANK"])] = process
        except (psutil.NoSuchProcess, psutil.AccessDenied, KeyError):
            continue
    return found


def test_two_processes_train_as_one_obey_and_die_together(tmp_path: Path, start: Start) -> None:
    write(tmp_path / "data", IMAGES)
    store = RunStore(tmp_path / "runs")
    both = store.create(
        make_spec(
            schedule="constant(0.05, steps=61) >> constant(0.01)", batch_size=8, epochs=100_000,
            average="ema", data=tmp_path / "data", device="cpu", threads=2, processes=2,
        )
    )  # fmt: skip
    send(both, "finish", by="test")
    launch(both)
    assert ending(both) == (RunState.STOPPED, "stopped after its epoch by test")
    assert both.history().done == events(both)[-1].fields["step"] == 61
    assert not processes_of(both)
    shown = lrtui("runs", "show", both.id, "--runs-dir", str(tmp_path / "runs")).stdout
    assert "device    cpu, 2 processes\n" in shown

    # With half the batch each, they have followed the loss of a single process, update by update.
    engine, _ = make("constant(0.05)", images=IMAGES, batch_size=8)
    for index in epoch_order(len(IMAGES.train_labels), 0, 0).split(8):
        engine.step(index)
    books = torch.load(both.path / "checkpoints" / "last.pt", weights_only=True)["state"]["books"]
    assert float((books[0] - engine.books.figures[0])[:50].abs().max()) < 1e-4

    # Taken up, they go on where they were, stand still, and set their rate.
    take_up(both)
    wait(lambda: both.history().done > 61, "the resumption")
    (resumed,) = [event for event in events(both) if event.kind == "resumed"]
    assert (resumed.fields["step"], resumed.fields["processes"]) == (61, 2)
    send(both, "pause", by="test")
    wait(lambda: both.state() is RunState.PAUSED, "the pause")
    done = both.history().done
    time.sleep(0.3)
    assert both.history().done == done
    send(both, "set-rate", by="test", lr=0.001)
    send(both, "resume", by="test")
    wait(lambda: (both.history().columns("report")["lr"] == 0.001).sum() >= 2, "the rate set by hand")
    wait(lambda: (both.history().columns("epoch")["lr"] == 0.001).any(), "an epoch at it")

    # One of the two is killed.
    processes_of(both)[1].kill()
    began = time.monotonic()
    wait(lambda: count(both, "finished") == 2 and not both.alive(), "the end")
    assert time.monotonic() - began < 10
    assert both.state() is RunState.FAILED
    assert events(both)[-1].fields["reason"].startswith("process 2 of 2 was killed (SIGKILL)")
    assert events(both)[-1].fields["step"] == both.history().done
    assert not processes_of(both)
    answers = [
        (event.get("command"), event.get("accepted")) for event in events(both) if event.kind == "command"
    ]
    assert answers == [("finish", True), ("pause", True), ("set-rate", True), ("resume", True)]

    # One that does the same alone finds the same figures, but for the order of sums: the rates are low enough
    # for that to make no difference however many epochs there were.
    epochs = both.history().columns("epoch")
    alone = store.create(msgspec.structs.replace(repeat(both), processes=1, epochs=len(epochs["epoch"])))
    assert [each.command for each in alone.spec.interventions] == ["set-rate"]
    start(alone, SLOW=0)
    assert ending(alone)[0] is RunState.COMPLETED
    expected = alone.history().columns("epoch")
    for name in ("train_loss", "test_loss", "ema_test_loss", "grad_norm"):
        np.testing.assert_allclose(epochs[name], expected[name], rtol=1e-3, err_msg=name)
    # On noise many an answer hangs by the last bits: a few examples of 484 and of 48 may change sides.
    np.testing.assert_allclose(epochs["train_acc"], expected["train_acc"], atol=5 / 484)
    np.testing.assert_allclose(epochs["test_acc"], expected["test_acc"], atol=3 / 48)


def test_what_the_first_process_said_counts_and_what_happened_to_the_others_only_without(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A stop by signal while the others still wait for the first, a death, and a folder that is deleted."""
    run, progress, signals = a_run(tmp_path), Progress(), SimpleNamespace(received="SIGTERM")
    with EventWriter(run.events_path) as log:
        log.emit("report", step=6, train_loss=1.0)

    def launched(work: Callable[[], object]) -> tuple[str, str]:
        def launch(*given: object) -> None:
            work()
            raise processes.ProcessDied("process 2 of 2 was killed (SIGKILL)")

        monkeypatch.setattr(processes, "_launch", launch)
        early = SimpleNamespace(poll=lambda: None)  # whatever comes, comes later
        return processes.train_in_processes(run, 2, signals, 0.0, progress, early)

    def stop() -> None:
        found: list[Command] = []
        reader = CommandReader(run.commands_path)
        wait(lambda: bool(found) or found.extend(reader.poll()) is not None, "the signal to be passed on")
        assert [(each.command, each.by) for each in found] == [("stop", "SIGTERM")]
        processes.leave_result(run, Result("stopped", "stopped by SIGTERM"))

    assert launched(stop) == ("stopped", "stopped by SIGTERM")
    assert progress.step == 7
    with pytest.raises(processes.ProcessDied, match="process 2 of 2"):
        launched(lambda: None)
    with pytest.raises(Vanished):
        launched(lambda: shutil.rmtree(run.path))


def test_what_comes_before_there_is_a_process_is_obeyed_or_left_to_it(tmp_path: Path) -> None:
    run = a_run(tmp_path)

    def answered() -> list[tuple[str, bool]]:
        return [(str(each.get("command")), bool(each.get("accepted"))) for each in events(run)]

    with EventWriter(run.events_path) as log:
        early = Early(run, log, None)
        send(run, "pause", by="test")
        threading.Timer(0.3, lambda: send(run, "resume", by="test")).start()
        early.poll()  # it stands still meanwhile
        assert answered() == [("pause", True), ("resume", True)]
        for name in ("finish", "resume", "pause", "checkpoint"):
            send(run, name, by="test")
        early.poll()
        assert len(answered()) == 2  # to be answered by the first process, in this order
        send(run, "stop", by="test")
        with pytest.raises(Interrupted, match="stopped by test"):
            processes.train_in_processes(run, 2, SimpleNamespace(received=None), 0.0, Progress(), early)
        assert answered()[2:] == [("stop", True)]


def test_a_process_whose_worker_is_killed_ends_itself() -> None:
    orphan = (
        "import os, time; from lrtui.training.rank import watch; watch(os.getppid());"
        "print(os.getpid(), flush=True); time.sleep(600)"
    )
    parent = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {orphan!r}])"
    with subprocess.Popen([sys.executable, "-c", parent], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        pid = int(process.stdout.readline())
        process.kill()
        wait(lambda: not psutil.pid_exists(pid), "the end of the orphan")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"device": "mps"}, "need device auto, cpu or cuda"),
        ({"compile": True}, "leave out compile"),
        ({"batch_size": 17}, "are more than an epoch's last update has examples, 1: choose"),
        ({"test_examples": 1}, "are more than there are test examples, 1"),
        ({"processes": 0}, "must be at least 1"),
    ],
)
def test_what_several_processes_cannot_train_is_refused(
    tmp_path: Path, change: dict[str, object], said: str
) -> None:
    changed = {"processes": 2, "train_examples": 52, **change}
    spec: RunSpec = msgspec.structs.replace(a_run(tmp_path).spec, **changed)
    with pytest.raises(SpecError, match=said):
        spec.check()
