"""How many run together, on which GPU, with how many threads; no GPU is needed."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from helpers_runs import a_spec

from lrtui.runs import queue_slots
from lrtui.runs.queue_slots import (
    assign_device,
    assigned_device,
    default_slots,
    gpus,
    needs,
    slots,
    with_threads,
)
from lrtui.runs.store import Run, RunStore
from lrtui.settings import settings_path


@pytest.fixture(autouse=True)
def no_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("LRTUI_SLOTS", raising=False)
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    monkeypatch.setattr("sys.platform", "linux")


def have(monkeypatch: pytest.MonkeyPatch, cards: int, cores: int = 2) -> None:
    monkeypatch.setattr(queue_slots, "_cuda_gpus", lambda: cards)
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(range(cores)), raising=False)


def test_one_a_gpu_or_one_for_every_two_cores(monkeypatch: pytest.MonkeyPatch) -> None:
    for cores, expected in ((1, 1), (2, 1), (3, 1), (4, 2), (6, 3), (64, 4)):
        have(monkeypatch, 0, cores)
        assert default_slots() == slots() == expected
    have(monkeypatch, 4, 2)
    assert slots() == 4
    settings_path().parent.mkdir(parents=True, exist_ok=True)
    settings_path().write_text("slots = 5\n")
    assert slots() == 5
    monkeypatch.setenv("LRTUI_SLOTS", "7")
    assert slots() == 7
    monkeypatch.setenv("LRTUI_SLOTS", "many")  # is said elsewhere, and costs only itself
    assert slots() == 5


def test_gpus_that_are_hidden_do_not_count(monkeypatch: pytest.MonkeyPatch) -> None:
    have(monkeypatch, 4)
    for visible, expected in (("", 0), ("-1", 0), ("2", 1), ("0,3", 2), ("1,-1,2", 1), ("0,1,2,3,4", 4)):
        monkeypatch.setenv("CUDA_VISIBLE_DEVICES", visible)
        assert gpus() == expected


def test_the_driver_is_asked_without_torch(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("0000:01:00.0", "0000:02:00.0"):
        (tmp_path / "gpus" / name).mkdir(parents=True)
    monkeypatch.setattr(queue_slots, "_DRIVER", tmp_path / "gpus")
    assert queue_slots._cuda_gpus.__wrapped__() == 2
    monkeypatch.setattr(queue_slots, "_DRIVER", tmp_path / "none")
    monkeypatch.setenv("PATH", str(tmp_path))
    assert queue_slots._cuda_gpus.__wrapped__() == 0
    tool = tmp_path / "nvidia-smi"
    tool.write_text(
        '#!/bin/sh\necho "GPU 0: NVIDIA A100 (UUID: GPU-1)"\necho "GPU 1: NVIDIA A100 (UUID: GPU-2)"\n'
    )
    tool.chmod(0o700)
    assert queue_slots._cuda_gpus.__wrapped__() == 2
    tool.write_text("#!/bin/sh\necho no driver; exit 9\n")
    assert queue_slots._cuda_gpus.__wrapped__() == 0


def test_threads_are_shared_out_and_stand_in_the_spec(monkeypatch: pytest.MonkeyPatch) -> None:
    have(monkeypatch, 0, 8)
    assert with_threads(a_spec(), 4).threads == 2
    assert with_threads(a_spec(), 3).threads == 2
    assert with_threads(a_spec(), 100).threads == 1
    assert with_threads(a_spec(), 1).threads is None
    assert with_threads(a_spec(threads=5), 4).threads == 5
    have(monkeypatch, 2, 8)
    assert with_threads(a_spec(), 2).threads is None
    assert with_threads(a_spec(device="cpu"), 2).threads == 4


def test_a_run_takes_a_slot_a_process_but_never_more_than_there_are() -> None:
    assert [needs(a_spec(processes=count), 4) for count in (1, 3, 8)] == [1, 3, 4]


def test_each_run_gets_the_gpu_that_the_fewest_use(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    have(monkeypatch, 3)
    store = RunStore(tmp_path / "runs")

    def given(living: list[Run], **changes: object) -> Run:
        run = store.create(a_spec(**changes))
        assign_device(run, living)
        return run

    first = given([])
    assert assigned_device(first) == "cuda:0"
    second = given([first])
    assert assigned_device(second) == "cuda:1"
    # A run that has named its GPU, one on the CPU, and one that takes two.
    named, on_cpu = given([], device="cuda:2"), given([], device="cpu")
    assert assigned_device(named) is assigned_device(on_cpu) is None
    assert assigned_device(given([first, named, on_cpu])) == "cuda:1"
    assert assigned_device(given([given([], processes=2)])) == "cuda:2"
    assert assigned_device(given([first, second, named])) == "cuda:0"
    # With a single one there is nothing to choose, and what was chosen before holds no more.
    have(monkeypatch, 1)
    assign_device(second, [])
    assert assigned_device(second) is None


def test_the_note_of_a_gpu_is_read_with_care(tmp_path: Path) -> None:
    run = RunStore(tmp_path / "runs").create(a_spec())
    for text in ("cuda:x", "cpu", "", "cuda:"):
        (run.path / "device").write_text(text)
        assert assigned_device(run) is None
    (run.path / "device").write_bytes(b"\xff\xfe")
    assert assigned_device(run) is None
