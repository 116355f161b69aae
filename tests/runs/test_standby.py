"""The process that stands by, without torch: used, dead, halted, outdated, switched off, never left over."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from helpers_runs import a_spec, until
from helpers_standin import end_all, processes, stand_in, starts

from lrtui.runs import queue, standby
from lrtui.runs.standby import Standby, StandbyKeeper
from lrtui.runs.store import Run, RunState, RunStore

LRTUI = str(Path(sys.executable).with_name("lrtui"))


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[RunStore]:
    stand_in(tmp_path / "site", monkeypatch)
    monkeypatch.setenv("LRTUI_SLOTS", "9")
    monkeypatch.setenv("LRTUI_STANDBY", "1")
    store = RunStore(tmp_path / "runs")
    store.root.mkdir()
    yield store
    end_all(store)


@pytest.fixture(autouse=True)
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """It may still be loading when it is needed, and a busy machine takes its time."""
    monkeypatch.setattr(standby, "_PATIENCE", 60.0)


@pytest.fixture
def ready(store: RunStore) -> Iterator[Standby]:
    """What has a process stand by; a test starts it itself, since pytest changes the environment before."""
    ready = Standby()
    yield ready
    ready.close()


def kinds(store: RunStore) -> list[str]:
    return [each[2] for each in starts(store)]


def begin(store: RunStore, ready: Standby, **changes: object) -> Run:
    run = queue.start(store, a_spec(**changes), "test", standby=ready)
    assert until(lambda: run.state() is RunState.RUNNING)
    return run


def test_it_becomes_the_worker(store: RunStore, ready: Standby) -> None:
    ready.start()
    assert ready.there
    run = begin(store, ready, threads=3)
    assert not ready.there
    ((run_id, pid, kind, threads),) = starts(store)
    assert (run_id, kind, threads) == (run.id, "standby", "3")
    assert run.lock_path.read_text().split() == [pid]
    assert os.getpgid(int(pid)) == os.getsid(int(pid)) == int(pid)
    assert run.log_path.read_text() == "stood by\n"
    os.kill(int(pid), signal.SIGKILL)
    assert until(lambda: not run.alive()), "nobody else holds the lock"
    assert until(lambda: not psutil.pid_exists(int(pid))), "it is still in the process table"
    # The next one is a worker as any.
    begin(store, ready)
    assert kinds(store) == ["standby", "worker"]


def test_one_that_died_or_is_halted_is_no_loss(
    store: RunStore, ready: Standby, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(standby, "_PATIENCE", 0.3)
    for number in (signal.SIGKILL, signal.SIGSTOP):
        ready.start()
        assert ready._process is not None
        pid = ready._process.pid
        os.kill(pid, number)
        begin(store, ready)
        # It must not wake up and train the same run.
        assert until(lambda pid=pid: not psutil.pid_exists(pid))
    assert kinds(store) == ["worker", "worker"]
    assert ready.failures == 2


@pytest.mark.parametrize("what", ["processes", "environment", "code"])
def test_one_that_does_not_fit_ends_unused(
    store: RunStore, ready: Standby, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    ready.start()
    assert ready._process is not None
    pid = ready._process.pid
    if what == "environment":
        monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "1")
    elif what == "code":
        monkeypatch.setattr(standby, "code_on_disk", lambda: (0,))
    begin(store, ready, processes=2 if what == "processes" else 1)
    assert kinds(store) == ["worker"]
    assert until(lambda: not psutil.pid_exists(pid))
    assert ready.failures == 0


def test_what_counts_as_other_code(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    package = tmp_path / "lrtui"
    (package / "runs").mkdir(parents=True)
    monkeypatch.setattr(standby, "__file__", str(package / "runs" / "standby.py"))
    module = package / "a.py"
    module.touch()
    seen = {standby.code_on_disk()}
    (package / "b.py").touch()
    seen.add(standby.code_on_disk())
    os.utime(module, (1, 1))
    seen.add(standby.code_on_disk())
    assert len(seen) == 3
    assert standby.code_on_disk() in seen


def an_app(store: RunStore, tmp_path: Path, use: bool) -> subprocess.Popen[str]:
    """A process that has one stand by, prints its id, uses it or not, and waits."""
    script = tmp_path / "app.py"
    script.write_text(f"""
import sys, time
sys.path.insert(0, {str(Path(__file__).parent)!r})
from pathlib import Path
from helpers_runs import a_spec
from lrtui.runs import queue
from lrtui.runs.standby import Standby
from lrtui.runs.store import RunStore
ready = Standby()
ready.start()
pid = ready._process.pid
if {use}:
    queue.start(RunStore(Path({str(store.root)!r})), a_spec(), "test", standby=ready)
print(pid, flush=True)
time.sleep(60)
""")
    return subprocess.Popen(
        [sys.executable, str(script)], stdout=subprocess.PIPE, text=True, start_new_session=True
    )


@pytest.mark.parametrize("used", [False, True])
def test_when_the_app_is_killed_only_a_used_one_goes_on(store: RunStore, tmp_path: Path, used: bool) -> None:
    with an_app(store, tmp_path, used) as app:
        assert app.stdout is not None
        pid = int(app.stdout.readline())
        assert psutil.pid_exists(pid)
        os.killpg(app.pid, signal.SIGKILL)
    if not used:
        assert until(lambda: not psutil.pid_exists(pid) or psutil.Process(pid).status() == "zombie", 10)
        return
    (run,) = store.runs()
    assert until(lambda: run.state() is RunState.RUNNING)
    assert kinds(store) == ["standby"]
    (run.path / "end").touch()
    assert until(lambda: run.state() is RunState.COMPLETED)


def keeper(store: RunStore, monkeypatch: pytest.MonkeyPatch, **changes: bool) -> StandbyKeeper:
    monkeypatch.setattr(standby, "LOOK_EVERY", 0.05)
    monkeypatch.setattr(standby, "AGAIN", 0.3)
    monkeypatch.setattr(standby, "free_memory", lambda: 2**33)
    kept = StandbyKeeper(lambda: store, **changes)
    kept.start()
    return kept


def test_a_new_one_stands_by_a_little_later(store: RunStore, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = keeper(store, monkeypatch)
    try:
        assert until(lambda: kept.standby.there)
        begin(store, kept.standby)
        assert not kept.standby.there
        assert until(lambda: kept.standby.there)
        # One that died is replaced, too; but not for ever.
        for _ in range(standby.MOST_FAILURES):
            assert until(lambda: kept.standby.there)
            assert kept.standby._process is not None
            kept.standby._process.kill()
            assert until(lambda: not kept.standby.there)
        time.sleep(0.6)
        assert not kept.standby.there
    finally:
        kept.close()


def test_none_stands_by_without_room_memory_or_leave(
    store: RunStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LRTUI_SLOTS", "1")
    run = begin(store, Standby())
    full = keeper(store, monkeypatch)
    off = keeper(store, monkeypatch, standby=False)
    time.sleep(0.4)
    assert not any(kept.standby.there for kept in (full, off))
    (run.path / "end").touch()
    assert until(lambda: full.standby.there)
    full.close()
    poor = keeper(store, monkeypatch)
    monkeypatch.setattr(standby, "free_memory", lambda: 2**30)
    time.sleep(0.4)
    for kept in (full, off, poor):
        kept.close()
        assert not kept.standby.there


def test_a_queue_that_a_restart_left_standing_goes_on_when_an_app_opens(
    store: RunStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    from lrtui.runs.queue_marker import encode_marker, new_marker

    run = store.create(a_spec(), mark=encode_marker(new_marker("before the restart")))
    assert run.state() is RunState.QUEUED
    kept = keeper(store, monkeypatch, standby=False)
    assert until(lambda: run.state() is RunState.RUNNING)
    kept.close()


def test_free_memory_is_a_number_of_bytes() -> None:
    assert 0 < standby.free_memory() <= psutil.virtual_memory().total


def test_a_real_app_has_one_stand_by_after_it_has_painted_and_never_leaves_it(
    store: RunStore, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    from tests.end_to_end.terminal import Terminal

    monkeypatch.setenv("LRTUI_RUNS_DIR", str(store.root))
    monkeypatch.setenv("LRTUI_MARK", str(tmp_path))

    def standing_by() -> list[psutil.Process]:
        found = []
        for process in processes("lrtui.training.standby"):
            with pytest.MonkeyPatch.context():
                try:
                    if process.environ().get("LRTUI_MARK") == str(tmp_path):
                        found.append(process)
                except psutil.Error:
                    pass
        return found

    with Terminal([LRTUI], cwd=tmp_path) as terminal:
        terminal.wait_for("lr(t)")
        assert until(lambda: len(standing_by()) == 1, 60)
        terminal.send("f3")
        terminal.wait_for("Start (s")
        terminal.send("s")
        assert until(lambda: kinds(store) == ["standby"], 60)
        terminal.process.kill()
    (run,) = store.runs()
    assert run.state() is RunState.RUNNING
    (run.path / "end").touch()
    assert until(lambda: run.state() is RunState.COMPLETED)
    with Terminal([LRTUI], cwd=tmp_path) as terminal:
        assert until(lambda: len(standing_by()) == 1, 60)
        terminal.process.kill()
        assert until(lambda: not standing_by(), 10), "killed with the app"
    for off, value in (("--no-standby", "1"), ("--ascii", "0")):
        with Terminal([LRTUI, off], {"LRTUI_STANDBY": value}, cwd=tmp_path) as terminal:
            terminal.wait_for(lambda text: "Start (s" in text or "lr(t)" in text, 60)
            time.sleep(2.5)
            assert not standing_by()
