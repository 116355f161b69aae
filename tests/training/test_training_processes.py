"""Several processes train one run as one would, under the same commands; if one dies, the run has failed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import msgspec
import numpy as np
import psutil
import pytest
from quick_runs import Start, a_run, count, ending, events, wait
from tiny_images import tiny

from lrtui.runs.control import send
from lrtui.runs.launch import launch, take_up
from lrtui.runs.run import Run, RunState
from lrtui.runs.spec import RunSpec, SpecError, make_spec
from lrtui.runs.store import RunStore
from lrtui.training import idx


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Little data in files: the real processes read them."""
    folder = tmp_path / "data"
    folder.mkdir()
    images = tiny(240, 48)
    for name, array in (
        ("train-images-idx3-ubyte", images.train_images), ("train-labels-idx1-ubyte", images.train_labels),
        ("t10k-images-idx3-ubyte", images.test_images), ("t10k-labels-idx1-ubyte", images.test_labels),
    ):  # fmt: skip
        (folder / name).write_bytes(idx.encode(array))
    return folder


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


def test_two_processes_train_as_one_obey_and_die_together(tmp_path: Path, folder: Path, start: Start) -> None:
    # 240 examples in batches of 26: the last one, of 6, isn't divided evenly by what the processes take.
    given = {
        "schedule": "constant(0.01)",
        "batch_size": 26,
        "device": "cpu",
        "threads": 2,
        "data": str(folder),
    }
    store = RunStore(tmp_path / "runs")
    both = store.create(make_spec(**given, epochs=100_000, processes=2, average="ema"))  # type: ignore[arg-type]
    worker = launch(both)
    wait(lambda: count(both, "epoch") >= 4, "four epochs")

    send(both, "pause", by="test")
    wait(lambda: both.state() is RunState.PAUSED, "the pause")
    done = both.history().done
    time.sleep(0.5)
    assert both.history().done == done
    send(both, "set-rate", by="test", lr=0.005)
    send(both, "resume", by="test")
    wait(lambda: (both.history().columns("report")["lr"] == 0.005).sum() >= 2, "the rate set by hand")
    os.kill(worker, signal.SIGTERM)
    assert ending(both) == (RunState.STOPPED, "stopped by SIGTERM")
    answers = [
        (event.get("command"), event.get("accepted")) for event in events(both) if event.kind == "command"
    ]
    assert answers == [("pause", True), ("set-rate", True), ("resume", True), ("stop", True)]
    assert not processes_of(both)

    # A single process gives the same figures, but for the order of sums.
    alone = store.create(make_spec(**given, epochs=4, average="ema"))  # type: ignore[arg-type]
    start(alone)
    assert ending(alone)[0] is RunState.COMPLETED
    for name in ("train_loss", "train_acc", "test_loss", "test_acc", "ema_test_loss", "grad_norm"):
        ours, theirs = (run.history().columns("epoch")[name][:4] for run in (both, alone))
        np.testing.assert_allclose(ours, theirs, rtol=1e-4, atol=1e-6, err_msg=name)

    # Taken up, it goes on where it was, at the rate set by hand; then one of the two is killed.
    done = both.history().done
    take_up(both)
    wait(lambda: both.history().done > done + 5, "the resumption")
    (resumed,) = [event for event in events(both) if event.kind == "resumed"]
    assert resumed.fields["step"] == done
    assert both.history().columns("report")["lr"][-1] == 0.005
    processes_of(both)[1].kill()
    began = time.monotonic()
    state, reason = ending_after(both, 2)
    assert time.monotonic() - began < 10
    assert state is RunState.FAILED
    assert reason.startswith("process 2 of 2 was killed (SIGKILL)")
    assert not processes_of(both)


def ending_after(run: Run, number: int) -> tuple[RunState, str]:
    """How the run ended the `number`th time."""
    wait(lambda: count(run, "finished") >= number and not run.alive(), "the end")
    return run.state(), str(events(run)[-1].fields["reason"])


def test_a_process_whose_worker_is_killed_ends_itself() -> None:
    orphan = (
        "import os, time; from threading import Thread; from lrtui.training.rank import _watch;"
        "from lrtui.training.signals import Signals;"
        "Thread(target=_watch, args=(Signals(), os.getppid()), daemon=True).start();"
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
        ({"batch_size": 17}, "are more than the 1 examples of an epoch's last update"),
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
