"""What goes wrong around a run ends it in a named state, and all that was logged stays readable."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
import numpy as np
import pytest
import torch
from quick_worker import TEST, TRAIN
from tiny_images import tiny

from lrtui.runs.datasets import FILES
from lrtui.runs.events import Event, EventFollower
from lrtui.runs.run import Run, RunState
from lrtui.runs.spec import make_spec
from lrtui.runs.store import RunStore

PATIENCE = 120.0
UPDATES = 12  # two epochs of six

Start = Callable[..., int]


@pytest.fixture(scope="module")
def start() -> Iterator[Start]:
    """Starts a worker on a run, with settings in its environment; returns its process id."""
    command = [sys.executable, str(Path(__file__).with_name("quick_worker.py"))]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin is not None
        assert process.stdout is not None

        def go(run: Run, **settings: object) -> int:
            words = [str(run.path), *(f"{name}={value}" for name, value in settings.items())]
            process.stdin.write("\t".join(words) + "\n")  # type: ignore[union-attr]
            process.stdin.flush()  # type: ignore[union-attr]
            return int(process.stdout.readline())  # type: ignore[union-attr]

        yield go


def a_run(tmp_path: Path, data: str = "embedded", **values: object) -> Run:
    settings = {"schedule": "constant(0.05)", "epochs": 2, "threads": 1, "device": "cpu", **values}
    spec = make_spec(data=data, batch_size=16, **settings)  # type: ignore[arg-type]
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


def wait(condition: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, f"waited in vain for {what}"
        time.sleep(0.01)


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def ending(run: Run) -> tuple[RunState, str]:
    """How the run ended, in words; the worker must have gone."""
    wait(lambda: any(event.kind == "finished" for event in events(run)), "the ending")
    wait(lambda: not run.alive(), "the end")
    last = events(run)[-1]
    assert last.kind == "finished"
    reason = str(last.fields["reason"])
    assert "\n" not in reason
    return run.state(), reason


def test_out_of_memory_names_the_remedy_and_the_run_can_be_taken_up(tmp_path: Path, start: Start) -> None:
    run = a_run(tmp_path)
    start(run, OUT_OF_MEMORY_AT=8)
    state, reason = ending(run)
    assert state is RunState.FAILED
    assert reason == "out of memory: choose a smaller batch size, other data or another device"
    assert run.history().columns("report")["step"].tolist() == list(range(8))
    start(run)
    wait(lambda: run.state() is RunState.COMPLETED, "the completion")
    assert run.history().columns("report")["step"].tolist() == list(range(UPDATES))


def test_a_disk_too_full_for_a_checkpoint_fails_the_run_and_leaves_the_log(
    tmp_path: Path, start: Start
) -> None:
    """The kernel refuses to let any file grow as large as a checkpoint."""
    run = a_run(tmp_path)
    start(run, LARGEST_FILE=150_000)
    state, reason = ending(run)
    assert state is RunState.FAILED
    assert reason == "no room on the disk (File too large): make some and resume the run"
    history = run.history()
    assert history.columns("report")["step"].tolist() == list(range(6))
    assert history.columns("epoch")["epoch"].tolist() == [1], "the epoch is in the log before it is saved"
    assert list((run.path / "checkpoints").iterdir()) == [], "half a checkpoint is left behind"
    start(run)
    wait(lambda: run.state() is RunState.COMPLETED, "the completion")


def test_a_disk_that_fills_up_later_leaves_the_checkpoint_before(tmp_path: Path, start: Start) -> None:
    run = a_run(tmp_path)
    start(run, OUT_OF_MEMORY_AT=8)
    ending(run)
    path = run.path / "checkpoints" / "last.pt"
    before = path.read_bytes()
    start(run, LARGEST_FILE=150_000)
    wait(lambda: sum(event.kind == "finished" for event in events(run)) == 2, "the second ending")
    assert ending(run)[0] is RunState.FAILED
    assert path.read_bytes() == before
    assert torch.load(path, weights_only=True)["state"]["done"] == 6


def test_a_worker_whose_folder_is_deleted_ends(tmp_path: Path, start: Start) -> None:
    run = a_run(tmp_path, epochs=10_000)
    pid = start(run)
    wait(lambda: any(event.kind == "report" for event in events(run)), "the first report")
    shutil.rmtree(run.path)

    wait(lambda: not alive(pid), "its end")
    assert not run.path.exists()


def write_idx(folder: Path) -> None:
    """Small data in the layout of the four files."""
    images = tiny(TRAIN, TEST)
    arrays = (images.train_images, images.train_labels, images.test_images, images.test_labels)
    folder.mkdir()
    for name, array in zip(FILES.values(), arrays, strict=True):
        sizes = np.array(array.shape, ">u4").tobytes()
        (folder / name).write_bytes(bytes([0, 0, 8, array.ndim]) + sizes + array.tobytes())


@pytest.mark.parametrize("how", ["vanishes", "is cut short"])
def test_a_data_file_that_goes_bad_before_the_start_is_named(tmp_path: Path, start: Start, how: str) -> None:
    folder = tmp_path / "data"
    write_idx(folder)
    run = a_run(tmp_path, data=str(folder))
    file = folder / FILES["test_images"]
    if how == "vanishes":
        file.unlink()
    else:
        file.write_bytes(file.read_bytes()[:1000])
    start(run)
    state, reason = ending(run)
    assert state is RunState.FAILED
    assert file.name in reason


def test_data_that_vanish_while_it_trains_are_not_missed_until_it_is_taken_up(
    tmp_path: Path, start: Start
) -> None:
    folder = tmp_path / "data"
    write_idx(folder)
    run = a_run(tmp_path, data=str(folder))
    start(run, OUT_OF_MEMORY_AT=8)
    wait(lambda: any(event.kind == "started" for event in events(run)), "the start")
    shutil.rmtree(folder)
    ending(run)
    assert run.history().done == 8
    start(run)
    wait(lambda: sum(event.kind == "finished" for event in events(run)) == 2, "the second ending")
    state, reason = ending(run)
    assert state is RunState.FAILED
    assert str(folder) in reason
    assert run.history().columns("report")["step"].tolist() == list(range(8)), "the log is what it was"
