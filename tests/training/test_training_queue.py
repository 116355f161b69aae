"""A real worker in the queue: its end makes room, whoever else is there."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from quick_runs import Start, a_run, alive, count, ending, wait

from lrtui.runs import queue
from lrtui.runs.queue_marker import FILE, encode_marker, new_marker
from lrtui.runs.run import RunState
from lrtui.runs.store import RunStore

sys.path.insert(0, str(Path(__file__).parent.parent / "runs"))
from helpers_standin import end_all, stand_in, starts, waiters


def test_a_worker_that_ends_starts_the_next_run_with_the_threads_that_were_there_before(
    start: Start, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stand_in(tmp_path / "site", monkeypatch)
    monkeypatch.setenv("LRTUI_SLOTS", "1")
    run = a_run(tmp_path)
    store = RunStore(tmp_path / "runs")
    before = '{"OMP_NUM_THREADS": "7"}'
    start(run, PYTHONPATH=str(tmp_path / "site"), LRTUI_SLOTS="1", LRTUI_THREADS_BEFORE=before)
    wait(lambda: count(run, "report") > 0, "reports")
    # Marked as an app would have it that is gone by now, and its waiter, too.
    waits = store.create(run.spec, mark=encode_marker(new_marker("an app")))
    assert not waiters(store)
    assert ending(run)[0] is RunState.COMPLETED
    wait(lambda: waits.state() is RunState.RUNNING, "the next run")
    ((started, _, _, threads),) = starts(store)
    assert (started, threads) == (waits.id, "1")  # as its spec has it
    end_all(store)


def test_a_worker_takes_its_mark_away_and_says_that_it_goes_on(start: Start, tmp_path: Path) -> None:
    run = a_run(tmp_path)
    pid = start(run, SLOW="0.05")
    wait(lambda: count(run, "report") > 1, "reports")
    queue.stop(RunStore(tmp_path / "runs"), run, by="test")
    assert ending(run)[0] is RunState.STOPPED
    wait(lambda: not alive(pid), "the end of the process, which looks at the queue last")
    (run.path / FILE).write_bytes(encode_marker(new_marker("test")))
    assert run.state() is RunState.QUEUED
    start(run)
    wait(lambda: count(run, "resuming") == 1, "its first word")
    wait(lambda: not (run.path / FILE).exists(), "the mark's end")
    assert ending(run)[0] is RunState.COMPLETED
