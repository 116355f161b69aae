"""Runs on small data, workers on them that need not load torch anew, and looking at what they log."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec
import torch
from quick_worker import TEST, TRAIN

from lrtui.runs.events import Event, EventFollower
from lrtui.runs.run import Run, RunState
from lrtui.runs.spec import make_spec
from lrtui.runs.store import RunStore

PATIENCE = 120.0
PER_EPOCH = 6
UPDATES = 2 * PER_EPOCH

Start = Callable[..., int]


@contextmanager
def starting() -> Iterator[Start]:
    """A process with torch loaded, and what has it start a worker on a run; that returns its process id."""
    command = [sys.executable, str(Path(__file__).with_name("quick_worker.py"))]
    pipe, environment = subprocess.PIPE, {**os.environ, "OMP_NUM_THREADS": "1"}
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True, env=environment) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        orders, answers = process.stdin, process.stdout

        def start(run: Run, **settings: object) -> int:
            words = [str(run.path), *(f"{name}={value}" for name, value in settings.items())]
            orders.write("\t".join(words) + "\n")
            orders.flush()
            return int(answers.readline())

        yield start


def a_run(tmp_path: Path, data: str = "embedded", **values: object) -> Run:
    usual = {"schedule": "constant(0.05)", "epochs": 2, "batch_size": 16, "threads": 1, "device": "cpu"}
    spec = make_spec(data=data, **{**usual, **values})  # type: ignore[arg-type]
    run = RunStore(tmp_path / "runs").create(spec)
    if data == "embedded":
        run.spec_path.chmod(0o600)
        small = msgspec.structs.replace(spec, train_examples=TRAIN, test_examples=TEST)
        run.spec_path.write_text(small.to_toml())
    return Run(run.path)


def events(run: Run) -> list[Event]:
    log = EventFollower(run.events_path)
    found = log.poll()
    assert log.skipped == 0
    return found


def count(run: Run, kind: str) -> int:
    """How many events of a kind the run has logged."""
    return sum(event.kind == kind for event in events(run))


def wait(condition: Callable[[], bool], what: str, every: float = 0.01) -> None:
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, f"waited in vain for {what}"
        time.sleep(every)


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def ending(run: Run) -> tuple[RunState, str]:
    """How the run ended, in words; the worker must have gone."""
    wait(lambda: count(run, "finished") > 0, "the ending")
    wait(lambda: not run.alive(), "the end")
    last = events(run)[-1]
    assert last.kind == "finished"
    reason = str(last.fields["reason"])
    assert "\n" not in reason
    return run.state(), reason


def answered(run: Run, number: int) -> dict[str, Any]:
    """The fields of the answer to the `number`th command, once it is there."""
    wait(lambda: count(run, "command") >= number, f"answer {number}")
    return [event for event in events(run) if event.kind == "command"][number - 1].fields


def progress(run: Run, updates: int) -> None:
    wait(lambda: run.history().done >= updates, f"{updates} updates")


def rates(run: Run) -> list[float]:
    return run.history().columns("report")["lr"].tolist()


def weights(run: Run) -> dict[str, torch.Tensor]:
    state = torch.load(run.path / "checkpoints" / "last.pt", weights_only=True)
    return state["state"]["model"]  # type: ignore[no-any-return]
