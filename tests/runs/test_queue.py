"""The queue with real processes: one start a run, the next when one ends in whatever way, no app needed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from helpers_runs import a_spec, finished, log, started, until
from helpers_standin import end_all, stand_in, starts, waiters

from lrtui.runs import queue
from lrtui.runs.events import EventFollower
from lrtui.runs.launch import LaunchError, launch
from lrtui.runs.queue import QueueError
from lrtui.runs.queue_marker import FILE, queue_lock, read_marker
from lrtui.runs.store import Run, RunState, RunStore


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[RunStore]:
    """A folder whose workers are stand-ins, two at a time; all of them are gone afterwards."""
    stand_in(tmp_path / "site", monkeypatch)
    monkeypatch.setenv("LRTUI_SLOTS", "2")
    store = RunStore(tmp_path / "runs")
    store.root.mkdir()
    yield store
    end_all(store)


def started_ids(store: RunStore) -> list[str]:
    """The runs that were started, in order; one that was started twice is there twice."""
    return [each[0] for each in starts(store)]


def add(store: RunStore, count: int = 1, **changes: object) -> list[Run]:
    return [queue.start(store, a_spec(name=f"r{at}", **changes), "test") for at in range(count)]


def end(run: Run) -> None:
    (run.path / "end").touch()
    assert until(lambda: not run.alive())


def states(runs: list[Run]) -> list[str]:
    return [str(run.state()) for run in runs]


def settled(runs: list[Run], *expected: str) -> bool:
    return until(lambda: states(runs) == list(expected), 60)


def test_as_many_run_as_there_is_room_for_and_the_next_one_when_one_ends(store: RunStore) -> None:
    runs = add(store, 4)
    assert settled(runs, "running", "running", "queued", "queued")
    assert [run.id for run in queue.waiting(store)] == [runs[2].id, runs[3].id]
    assert [row.state for row in store.summaries()][:2] == [RunState.QUEUED, RunState.QUEUED]
    assert len(waiters(store)) == 1
    end(runs[1])
    assert settled(runs, "running", "completed", "running", "queued")
    # However it ends: the kernel lets go of the lock.
    os.kill(int(runs[0].lock_path.read_text()), signal.SIGKILL)
    assert settled(runs, "crashed", "completed", "running", "running")
    assert started_ids(store) == [run.id for run in runs]
    assert until(lambda: not waiters(store), 30), "nothing waits any more"


def test_the_queue_goes_on_when_the_waiter_was_killed_and_somebody_looks(store: RunStore) -> None:
    runs = add(store, 3)
    assert settled(runs, "running", "running", "queued")
    (waiter,) = waiters(store)
    waiter.kill()
    assert until(lambda: not waiters(store))
    end(runs[0])
    time.sleep(0.3)
    assert runs[2].state() is RunState.QUEUED  # the stand-in starts nothing when it ends
    assert [run.id for run in queue.tend(RunStore(store.root))] == [runs[2].id]
    assert settled(runs, "completed", "running", "running")


def test_many_at_once_start_every_run_once(store: RunStore, tmp_path: Path) -> None:
    """Six processes that put runs in, look, and look again, while runs end and waiters are killed."""
    script = tmp_path / "hammer.py"
    script.write_text(f"""
import sys, time
from pathlib import Path
sys.path.insert(0, {str(Path(__file__).parent)!r})
from helpers_runs import a_spec
from lrtui.runs import queue
from lrtui.runs.store import RunStore
store = RunStore(Path({str(store.root)!r}))
for _ in range(4):
    queue.start(store, a_spec(), "test")
until = time.monotonic() + 60
while queue.waiting(store) and time.monotonic() < until:
    queue.tend(store)
""")
    hammers = [subprocess.Popen([sys.executable, str(script)]) for _ in range(6)]
    over = time.monotonic() + 100
    most = 0
    while any(hammer.poll() is None for hammer in hammers) and time.monotonic() < over:
        alive = [run for run in store.runs() if run.alive()]
        most = max(most, len(alive))
        for run in alive:
            if run.state() is RunState.RUNNING:
                (run.path / "end").touch()
        time.sleep(0.01)
    assert [hammer.wait(10) for hammer in hammers] == [0] * 6
    (store.root / "end-all").touch()
    runs = store.runs()
    assert len(runs) == 24
    assert settled(runs, *["completed"] * 24)
    assert sorted(started_ids(store)) == sorted(run.id for run in runs)
    assert most == 2
    assert not list(store.root.glob(f"*/{FILE}"))


def test_order_front_and_out(store: RunStore) -> None:
    runs = add(store, 5)
    assert settled(runs[:2], "running", "running")
    queue.to_front(store, runs[4])
    assert [run.id for run in queue.waiting(store)] == [runs[4].id, runs[2].id, runs[3].id]
    queue.to_front(store, runs[4])
    queue.to_front(store, runs[3])
    assert [run.id for run in queue.waiting(store)] == [runs[3].id, runs[4].id, runs[2].id]
    assert queue.stop(store, runs[4], "test") is None
    assert runs[4].state() is RunState.STOPPED
    asked, ending = EventFollower(runs[4].events_path).poll()
    assert (asked.kind, asked.get("command"), asked.get("by")) == ("command", "stop", "test")
    assert (ending.kind, ending.get("outcome")) == ("finished", "stopped")
    assert "taken out of the queue by test" in runs[4].summary().reason
    for wrong in (runs[4], runs[0]):
        with pytest.raises(QueueError, match="isn't queued: it is"):
            queue.withdraw(store, wrong, "test")
        with pytest.raises(QueueError, match="isn't queued: it is"):
            queue.to_front(store, wrong)
        with pytest.raises(QueueError, match="isn't queued: it is"):
            queue.start_now(store, wrong)
    queue.start_now(store, runs[2])
    assert settled(runs, "running", "running", "running", "queued", "stopped")
    end(runs[0])
    time.sleep(0.5)
    assert runs[3].state() is RunState.QUEUED  # two still train
    end(runs[1])
    assert settled(runs, "completed", "completed", "running", "running", "stopped")


def test_a_queued_run_that_is_deleted_does_not_start_and_is_stopped_when_restored(store: RunStore) -> None:
    runs = add(store, 3)
    assert settled(runs, "running", "running", "queued")
    gone = store.delete(runs[2])
    assert gone is not None
    end(runs[0])
    assert queue.waiting(store) == []
    assert store.restore(gone).state() is RunState.STOPPED
    assert len(started_ids(store)) == 2


def test_an_ended_run_is_taken_up_in_its_turn(store: RunStore) -> None:
    ended = store.create(a_spec())
    log(ended, [started(), finished(1_700_000_010.0, "stopped")])
    ended.lock_path.touch()
    assert ended.summary().state is RunState.STOPPED
    runs = add(store, 2)
    queue.resume(store, ended, "test")
    assert ended.summary().state is ended.state() is RunState.QUEUED
    assert not ended.state().ended
    with pytest.raises(LaunchError, match="hasn't ended: it is queued"):
        queue.resume(store, ended, "test")
    end(runs[0])
    assert settled([ended], "running")
    end(ended)
    with pytest.raises(LaunchError, match="nothing left to do"):
        queue.resume(store, ended, "test")
    assert started_ids(store).count(ended.id) == 1


def test_a_run_whose_spec_is_damaged_stays_as_it_ended(store: RunStore) -> None:
    ended = store.create(a_spec())
    log(ended, [started(), finished(1_700_000_010.0, "stopped")])
    ended.lock_path.touch()
    ended.spec_path.write_text("schedule = [")
    before = ended.events_path.read_bytes()
    with pytest.raises(LaunchError, match="can't be started: the spec isn't TOML"):
        queue.resume(store, Run(ended.path), "test")
    assert ended.events_path.read_bytes() == before
    assert Run(ended.path).state() is RunState.STOPPED


def test_one_that_cannot_be_started_says_so_and_lets_the_next_one_go(store: RunStore) -> None:
    runs = add(store, 4)
    assert settled(runs, "running", "running", "queued", "queued")
    # Written whole, but no spec.
    runs[2].spec_path.chmod(0o600)
    runs[2].spec_path.write_text("schedule = 3\n")
    end(runs[0])
    assert settled(runs, "completed", "running", "failed", "running")
    assert "can't be started" in Run(runs[2].path).summary().reason


def test_a_run_that_needs_more_slots_is_not_overtaken(store: RunStore) -> None:
    (small,) = add(store)
    (large,) = add(store, processes=2)
    (other,) = add(store)
    assert settled([small, large, other], "running", "queued", "queued")
    end(small)
    assert settled([small, large, other], "completed", "running", "queued")


def test_a_run_started_by_hand_while_it_is_queued_is_not_started_again(store: RunStore) -> None:
    runs = add(store, 3)
    with queue_lock(store.root):
        queue.launch(runs[2])
    assert settled(runs, "running", "running", "running")
    end(runs[2])
    end(runs[0])
    assert queue.tend(store) == []
    assert started_ids(store).count(runs[2].id) == 1
    assert runs[2].state() is RunState.COMPLETED


def test_a_worker_that_dies_before_its_first_word_is_not_tried_again(
    store: RunStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried: list[str] = []

    def launch_stillborn(run: Run, standby: object = None) -> None:
        tried.append(run.id)
        launch(run, [sys.executable, "-c", "raise SystemExit('no torch here')"])

    monkeypatch.setattr(queue, "launch", launch_stillborn)
    (run,) = add(store)
    assert settled([run], "crashed")
    assert queue.tend(store) == queue.waiting(store) == []
    assert tried == [run.id]
    assert run.summary().reason == "no torch here"


def test_a_damaged_mark_is_none(store: RunStore) -> None:
    run = store.create(a_spec())
    log(run, [started(), finished(1_700_000_010.0)])
    for text in (b"", b"{", b"[]", b'{"since":"x","place":1}', b"\xff" * 9000):
        (run.path / FILE).write_bytes(text)
        assert read_marker(run.path) is None
        assert run.state() is RunState.COMPLETED
    assert queue.tend(store) == []
