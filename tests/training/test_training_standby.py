"""A real process standing by: the same bits as without, detached, and nothing taken before it is used."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest
import torch
from quick_runs import a_run, alive, ending, events, wait
from tiny_images import tiny

from lrtui.runs.datasets import FILES, find_data
from lrtui.runs.launch import launch
from lrtui.runs.run import Run, RunState
from lrtui.runs.standby import Standby
from lrtui.training import data
from lrtui.training.idx import encode
from lrtui.training.standby import prepare_torch


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A small data set as files."""
    images = tiny(96, 24)
    arrays = (images.train_images, images.train_labels, images.test_images, images.test_labels)
    folder = tmp_path / "data"
    folder.mkdir()
    for name, array in zip(FILES.values(), arrays, strict=True):
        (folder / name).write_bytes(encode(array))
    return folder


def told(run: Run) -> list[dict[str, object]]:
    """What the run logged of its training, without what a clock says."""
    clock = ("seconds", "examples_per_sec", "memory", "cpu_load")
    return [
        {name: value for name, value in event.fields.items() if name not in clock}
        for event in events(run)
        if event.kind == "epoch"
    ]


def weights(run: Run) -> dict[str, torch.Tensor]:
    state = torch.load(run.path / "checkpoints" / "last.pt", weights_only=True)
    return state["state"]["model"]  # type: ignore[no-any-return]


def test_it_trains_to_the_same_bits_as_a_worker_started_anew(
    tmp_path: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Otherwise it is read when torch is imported, long before the spec is known.
    monkeypatch.delenv("OMP_NUM_THREADS")
    pairs = []
    for threads in (1, None):
        ready = Standby()
        ready.start(str(folder))
        assert ready._process is not None
        waited = ready._process.pid
        spec = {"data": str(folder), "threads": threads, "average": "ema()"}
        anew, stood_by = (a_run(tmp_path / f"{name}{threads}", **spec) for name in ("anew", "stood-by"))
        launch(anew)
        assert launch(stood_by, standby=ready) == waited
        pairs.append((anew, stood_by))
    for anew, stood_by in pairs:
        assert ending(anew)[0] is ending(stood_by)[0] is RunState.COMPLETED
        assert told(anew) == told(stood_by)
        assert len(told(anew)) == 2
        names = [event.fields["device_name"] for run in (anew, stood_by) for event in events(run)[:1]]
        assert names[0] == names[1]
        assert weights(anew).keys() == weights(stood_by).keys()
        assert all(torch.equal(value, weights(stood_by)[name]) for name, value in weights(anew).items())
        assert stood_by.log_path.read_text() == ""


def test_a_stop_reaches_one_that_is_still_importing(tmp_path: Path) -> None:
    from lrtui.runs.control import send

    ready = Standby()
    ready.start("embedded")
    run = a_run(tmp_path)
    pid = launch(run, standby=ready)
    send(run, "stop", by="test")
    assert ending(run) == (RunState.STOPPED, "stopped by test")
    wait(lambda: not alive(pid), "the end of the process")


def test_an_unused_one_ends_in_the_middle_of_its_imports(tmp_path: Path) -> None:
    ready = Standby()
    ready.start("embedded")
    assert ready._process is not None
    process = ready._process
    time.sleep(0.7)
    ready.close()
    wait(lambda: process.poll() is not None, "its end")
    assert process.returncode == 0


def test_getting_ready_begins_no_device_draws_nothing_and_sets_no_threads(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def begun(*_: object, **__: object) -> None:
        raise AssertionError("it took a device")

    for name in ("init", "_lazy_init"):
        monkeypatch.setattr(torch.cuda, name, begun)
    before, threads = torch.get_rng_state(), torch.get_num_threads()
    prepare_torch()
    assert torch.equal(torch.get_rng_state(), before)
    assert torch.get_num_threads() == threads
    assert not torch.cuda.is_initialized()
    with pytest.raises(AssertionError, match="it took a device"):
        torch.zeros(1, device="cuda")


def test_data_that_is_held_is_given_once_and_only_as_long_as_the_files_are_the_same(folder: Path) -> None:
    source = find_data(folder)
    assert data.held(source) is None
    data.hold(str(folder))
    given = data.held(source)
    assert given is not None
    assert len(given.train_labels) == 96
    assert data.held(source) is None
    data.hold("embedded")
    assert data.held(source) is None
    data.hold(str(folder))
    os.utime(folder / FILES["test_labels"], (1, 1))
    assert data.held(source) is None
    data.hold("download")
    assert data.held(find_data("download")) is None
