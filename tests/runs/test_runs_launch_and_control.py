from __future__ import annotations

import fcntl
import json
import os
import re
import signal
import stat
import subprocess
import sys
import threading
import time
from pathlib import Path

import psutil
import pytest
from helpers_runs import START, a_spec, log, started, until, worker

from lrtui.runs.control import Command, CommandReader, ControlError, answered_commands, send
from lrtui.runs.events import Event, encode
from lrtui.runs.launch import LaunchError, adopt_lock, launch, take_lock
from lrtui.runs.store import Run, RunState, RunStore, StoreError

SLEEP = worker("(folder / 'ready').touch(); time.sleep(30)")


def ready(run: Run) -> bool:
    return until(lambda: (run.path / "ready").exists())


def kill(pid: int, number: int = signal.SIGKILL) -> None:
    os.kill(pid, number)


def test_a_worker_lives_from_its_first_instant_until_it_is_killed(store: RunStore) -> None:
    run = store.create(a_spec())
    assert not run.alive()
    pid = launch(run, SLEEP)
    assert run.alive()
    assert run.state() is RunState.STARTING
    assert ready(run)
    log(run, [started()])
    assert run.state() is RunState.RUNNING
    assert run.state(run.history()) is RunState.RUNNING
    assert Run(run.path).alive()
    with pytest.raises(StoreError, match="still at work: stop it first"):
        store.delete(run)
    kill(pid)
    assert until(lambda: not run.alive())
    assert run.state() is RunState.CRASHED
    assert until(lambda: not psutil.pid_exists(pid)), "the dead worker is still in the process table"
    store.delete(run)
    assert store.runs() == []


def test_a_worker_is_detached(store: RunStore) -> None:
    script = """
print("hello from", os.getcwd())
print("stdin:", repr(sys.stdin.read()), os.environ.get("OMP_NUM_THREADS"), file=sys.stderr)
(folder / "session").write_text(f"{os.getsid(0)} {os.getpid()}")
"""
    run = store.create(a_spec(threads=3))
    launch(run, worker(script))
    assert until(lambda: not run.alive())
    printed = run.log_path.read_text()
    assert f"hello from {run.path}" in printed
    assert "stdin: '' 3" in printed
    session, pid = (run.path / "session").read_text().split()
    assert session == pid
    assert stat.S_IMODE(run.log_path.stat().st_mode) == stat.S_IMODE(run.lock_path.stat().st_mode) == 0o600
    assert run.lock_path.read_text().split() == [pid]


def test_files_in_the_folder_are_not_imported(store: RunStore) -> None:
    from lrtui.runs.launch import WORKER

    run = store.create(a_spec())
    (run.path / "lrtui").mkdir()
    (run.path / "lrtui" / "__init__.py").write_text("open('imported', 'w')")
    launch(run, [sys.executable, WORKER[0], "-c", "import lrtui.runs"])
    assert until(lambda: not run.alive())
    assert not (run.path / "imported").exists()
    assert run.log_path.read_text() == ""


def test_a_run_is_not_started_twice(store: RunStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lrtui.runs.life.PATIENCE", 0.05)
    run = store.create(a_spec())
    pid = launch(run, SLEEP)
    with pytest.raises(LaunchError, match="is running already"):
        launch(run, SLEEP)
    with pytest.raises(LaunchError, match="is running already"):
        take_lock(run)
    kill(pid)


def test_two_at_once_start_one(store: RunStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lrtui.runs.life.PATIENCE", 0.05)
    run = store.create(a_spec())
    pids: list[int] = []
    refused: list[str] = []

    def start() -> None:
        try:
            pids.append(launch(run, SLEEP))
        except LaunchError as error:
            refused.append(str(error))

    threads = [threading.Thread(target=start) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(pids), len(refused)) == (1, 3)
    kill(pids[0])


def test_somebody_looking_does_not_keep_a_run_from_starting(store: RunStore) -> None:
    run = store.create(a_spec())
    run.lock_path.touch()
    with run.lock_path.open() as looker:
        fcntl.flock(looker, fcntl.LOCK_SH)
        threading.Timer(0.2, lambda: fcntl.flock(looker, fcntl.LOCK_UN)).start()
        pid = launch(run, SLEEP)
    assert run.alive()
    kill(pid)


def test_the_lock_is_the_workers_even_when_it_has_children(store: RunStore) -> None:
    script = """
from lrtui.runs.launch import adopt_lock
import subprocess
adopt_lock(lock)
child = subprocess.Popen(["sleep", "30"], close_fds=False)
(folder / "child").write_text(str(child.pid)); (folder / "ready").touch(); time.sleep(30)
"""
    run = store.create(a_spec())
    pid = launch(run, worker(script))
    assert ready(run)
    kill(pid)
    try:
        assert until(lambda: not run.alive(), 3)
    finally:
        kill(int((run.path / "child").read_text()))


def test_a_run_outlives_the_app_that_started_it(store: RunStore) -> None:
    run = store.create(a_spec())
    app = f"""
import sys, time; sys.path.insert(0, {str(Path(__file__).parent)!r})
from pathlib import Path
from lrtui.runs.launch import launch
from lrtui.runs.run import Run
print(launch(Run(Path({str(run.path)!r})), {SLEEP!r}), flush=True)
time.sleep(30)
"""
    with subprocess.Popen(
        [sys.executable, "-c", app], stdout=subprocess.PIPE, start_new_session=True
    ) as process:
        assert process.stdout is not None
        pid = int(process.stdout.readline())
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    assert ready(run)
    assert run.alive()
    kill(pid)
    assert until(lambda: not run.alive())


def test_what_cannot_be_started_is_one_line(store: RunStore) -> None:
    run = store.create(a_spec())
    with pytest.raises(LaunchError, match="No such file") as caught:
        launch(run, ["/no/such/program"])
    assert str(caught.value).isprintable()
    assert not run.alive()
    run.spec_path.unlink()
    with pytest.raises(LaunchError, match="the spec can't be read"):
        launch(Run(run.path), SLEEP)
    store.delete(run)
    with pytest.raises(LaunchError, match="can't be started"):
        launch(Run(run.path), SLEEP)


def test_a_worker_started_by_hand_takes_the_lock_itself(store: RunStore) -> None:
    run = store.create(a_spec())
    fd = take_lock(run)
    assert run.alive()
    adopt_lock(fd)
    os.close(fd)
    assert not run.alive()


def test_the_end_comes_before_the_lock_goes(store: RunStore) -> None:
    """However the moments fall, a run that ends well is never seen as crashed."""
    script = """
(folder / "events.jsonl").write_bytes(b'{"event":"started","time":1}\\n')
time.sleep(0.05)
with open(folder / "events.jsonl", "ab") as file:
    file.write(b'{"event":"finished","time":2,"outcome":"completed"}\\n')
"""
    for _ in range(3):
        run = store.create(a_spec())
        launch(run, worker(script))
        seen: list[RunState] = []
        while not seen or not seen[-1].ended:
            seen.append(Run(run.path).state())
        assert seen[-1] is RunState.COMPLETED
        assert set(seen) <= {RunState.STARTING, RunState.RUNNING, RunState.COMPLETED}


def test_commands_arrive_in_order_and_once(store: RunStore) -> None:
    run = store.create(a_spec())
    reader = CommandReader(run.commands_path)
    assert reader.poll() == []
    ids = [send(run, "pause", "app"), send(run, "set-rate", "cli", lr=0.1), send(run, "stop", "app")]
    commands = reader.poll()
    assert [command.id for command in commands] == ids
    assert [command.command for command in commands] == ["pause", "set-rate", "stop"]
    assert commands[1].args == {"lr": 0.1}
    assert commands[1].by == "cli"
    assert abs(commands[0].time - time.time()) < 5
    assert re.fullmatch("[0-9a-f]{32}", ids[0])
    assert reader.poll() == []
    assert all(json.loads(line) for line in run.commands_path.read_text().splitlines())


def test_a_command_is_never_obeyed_twice(store: RunStore) -> None:
    run = store.create(a_spec())
    reader = CommandReader(run.commands_path)
    send(run, "pause", "app")
    send(run, "resume", "app")
    assert len(reader.poll()) == 2
    lines = run.commands_path.read_bytes().splitlines(keepends=True)
    run.commands_path.write_bytes(lines[0])
    assert reader.poll() == []
    send(run, "stop", "app")
    assert [command.command for command in reader.poll()] == ["stop"]


def test_rubbish_among_commands_is_passed_over(store: RunStore) -> None:
    run = store.create(a_spec())
    run.commands_path.write_bytes(b'rubbish\n[]\n{"id":3,"command":"stop"}\n{"id":"x"}\n\xff\n{"id":"a","com')
    reader = CommandReader(run.commands_path)
    assert reader.poll() == []
    assert reader.skipped == 5
    send(run, "stop", "app")
    assert [command.command for command in reader.poll()] == ["stop"]
    assert reader.skipped == 6


def test_a_newer_versions_command_is_read(store: RunStore) -> None:
    run = store.create(a_spec())
    run.commands_path.write_bytes(b'{"id":"a","command":"stop","urgent":true}\n')
    assert CommandReader(run.commands_path).poll() == [Command(id="a", command="stop")]


def test_many_senders_at_once_lose_nothing(store: RunStore) -> None:
    run = store.create(a_spec())
    threads = [
        threading.Thread(target=lambda: [send(run, "pause", "app") for _ in range(25)]) for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    reader = CommandReader(run.commands_path)
    assert len(reader.poll()) == 200
    assert reader.skipped == 0


def test_a_command_that_cannot_be_sent(store: RunStore) -> None:
    run = store.create(a_spec())
    with pytest.raises(ControlError, match="can't be a command"):
        send(run, "stop\x1b", "app")
    store.delete(run)
    with pytest.raises(ControlError, match="couldn't be sent to run"):
        send(run, "stop", "app")
    assert not run.path.exists()


def test_a_pause_shows_while_the_worker_lives(store: RunStore) -> None:
    run = store.create(a_spec())
    pid = launch(run, SLEEP)
    log(run, [started()])
    with run.events_path.open("ab") as file:
        file.write(b'{"event":"command","time":1700000001,"command":"pause"}\n')
    assert run.state() is RunState.PAUSED
    assert run.state(run.history()) is RunState.PAUSED
    assert run.summary().duration > START / 1e6
    with run.events_path.open("ab") as file:
        file.write(encode(started(START + 5)) + b"\n")
    assert run.state() is RunState.RUNNING
    kill(pid)


def test_a_resumed_worker_passes_over_what_is_answered(store: RunStore) -> None:
    run = store.create(a_spec())
    answered = [send(run, "pause", "app"), send(run, "resume", "app")]
    events = [Event("command", 1.0, {"id": id_, "command": "pause"}) for id_ in answered]
    events += [Event("command", 1.0, {"id": 7}), Event("report", 1.0, {"id": "x"}), Event("command", 1.0, {})]
    assert answered_commands(events) == frozenset(answered)
    send(run, "stop", "app")
    reader = CommandReader(run.commands_path, answered_commands(events))
    assert [command.command for command in reader.poll()] == ["stop"]
