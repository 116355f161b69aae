"""What goes wrong around a run ends it in a named state, and all that was logged stays readable."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import msgspec
import pytest
import torch
from quick_runs import UPDATES, Start, a_run, alive, count, ending, events, wait
from quick_worker import TEST, TRAIN
from tiny_images import tiny, write

from lrtui.runs.datasets import FILES
from lrtui.runs.run import Run, RunState
from lrtui.training.reasons import reason_of


def rewrite(run: Run, **values: object) -> Run:
    """Change a run's spec behind the back of every check."""
    run.spec_path.chmod(0o600)
    run.spec_path.write_text(msgspec.structs.replace(run.spec, **values).to_toml())
    return Run(run.path)


def test_a_rate_of_a_million_ends_as_diverged_with_a_strict_log(tmp_path: Path, start: Start) -> None:
    run = a_run(tmp_path, schedule="constant(1e6)")
    start(run)
    assert ending(run)[0] is RunState.DIVERGED
    assert [event.kind for event in events(run)][-2:] == ["diagnosis", "finished"]
    text = run.events_path.read_text()
    assert "NaN" not in text
    lines = [json.loads(line) for line in text.splitlines()]
    spoilt = [line for line in lines if "nonfinite" in line and line["event"] != "diagnosis"]
    assert spoilt
    assert all(line["train_loss"] is None for line in spoilt if "train_loss" in line["nonfinite"])


@pytest.mark.parametrize(
    ("values", "word"),
    [
        ({"device": "cuda:7"}, "cuda:7"),
        ({"schedule": "cosin(0.1)"}, "cosine"),
        ({"epochs": 0}, "epochs"),
        ({"data": "/nowhere/at/all"}, "/nowhere/at/all"),
        ({"train_examples": TRAIN + 1}, "start a new run"),
    ],
)
def test_what_cannot_be_trained_is_a_failure_with_a_reason(
    tmp_path: Path, start: Start, values: dict[str, object], word: str
) -> None:
    run = rewrite(a_run(tmp_path), **values)
    start(run)
    state, reason = ending(run)
    assert state is RunState.FAILED
    assert word in reason
    assert "Traceback" in run.log_path.read_text()


def test_a_spec_that_is_no_spec_is_a_failure_with_a_reason(tmp_path: Path, start: Start) -> None:
    run = a_run(tmp_path)
    run.spec_path.write_text("schedule = ")
    start(run)
    assert ending(Run(run.path))[0] is RunState.FAILED


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


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (MemoryError(), "out of memory: choose a smaller"),
        (
            RuntimeError("MPS backend out of memory (MPS allocated: 17.71 GB)"),
            "out of memory: choose a smaller",
        ),
        (
            RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried"),
            "out of memory: choose a smaller",
        ),
        (RuntimeError("mat1 and mat2 shapes"), "RuntimeError: mat1 and mat2 shapes"),
        (OSError(28, "No space left on device"), "no room on the disk (No space left on device): make some"),
        (PermissionError(13, "Permission denied", "/a\x1bb"), "/a\\x1bb: "),
    ],
)
def test_what_failed_is_said_in_one_line_with_the_remedy(error: Exception, reason: str) -> None:
    assert reason_of(error).startswith(reason)


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
    wait(lambda: count(run, "finished") == 2, "the second ending")
    assert ending(run)[0] is RunState.FAILED
    assert path.read_bytes() == before
    assert torch.load(path, weights_only=True)["state"]["done"] == 6


def test_a_worker_whose_folder_is_deleted_ends_quietly(tmp_path: Path, start: Start) -> None:
    run = a_run(tmp_path, epochs=10_000)
    pid = start(run)
    wait(lambda: count(run, "report") > 0, "the first report")
    shutil.rmtree(run.path)

    wait(lambda: not alive(pid), "its end")
    assert not run.path.exists()


@pytest.mark.parametrize("how", ["vanishes", "is cut short"])
def test_a_data_file_that_goes_bad_before_the_start_is_named(tmp_path: Path, start: Start, how: str) -> None:
    folder = tmp_path / "data"
    write(folder, tiny(TRAIN, TEST))
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
    write(folder, tiny(TRAIN, TEST))
    run = a_run(tmp_path, data=str(folder))
    start(run, OUT_OF_MEMORY_AT=8)
    wait(lambda: count(run, "started") > 0, "the start")
    shutil.rmtree(folder)
    ending(run)
    assert run.history().done == 8
    start(run)
    wait(lambda: count(run, "finished") == 2, "the second ending")
    state, reason = ending(run)
    assert state is RunState.FAILED
    assert str(folder) in reason
    assert run.history().columns("report")["step"].tolist() == list(range(8)), "the log is what it was"
