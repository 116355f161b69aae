"""Faults of the real thing: `lrtui` in a terminal and workers that train, killed at random moments."""

from __future__ import annotations

import contextlib
import os
import random
import signal
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path

from fault_counts import Counts, alive, all_events, until

from lrtui.runs.control import send
from lrtui.runs.store import Run, RunState, RunStore
from tests.end_to_end.terminal import LRTUI, Terminal

EPOCHS = 4
PATIENCE = 240.0


def kill_real(folder: Path, rounds: int, dice: random.Random) -> Counts:
    """Kill a worker, the app that shows it or both; watch through it all; take the run up again to its end.

    Two apps and a command line look on and give commands. Every epoch that a reader was shown must still be
    there in the end, once.
    """
    counts = Counts()
    for _ in range(rounds):
        counts.add(_one(folder, dice))
    return counts


def _one(folder: Path, dice: random.Random) -> Counts:
    counts = Counts(faults=1)
    environment = {
        "LRTUI_RUNS_DIR": str(folder),
        "LRTUI_CONFIG_DIR": str(folder.with_name("config")),
        "LRTUI_STANDBY": "0",
        "OMP_NUM_THREADS": "1",
    }
    with Terminal([LRTUI], environment) as app, Terminal([LRTUI], environment, 80, 24) as other:
        run = _train(folder, environment)
        pids = [app.process.pid, other.process.pid]
        for terminal in (app, other):
            terminal.wait_for("F4 Runs", PATIENCE)  # on Explore, or on Train as there is a run already
            terminal.send("f4")
            terminal.wait_for(lambda text: "Age" in text and run.summary().schedule in text, PATIENCE)
            terminal.send("enter")
        with Shown(run) as shown:
            until(lambda: run.summary().done > 0, PATIENCE)
            pids.append(_pid(run))
            what = dice.choice(["app", "worker", "both", "race"])
            _wait(dice.uniform(0, 2.0))
            if what in ("app", "both"):
                os.kill(app.process.pid, dice.choice([signal.SIGKILL, signal.SIGKILL, signal.SIGHUP]))
            if what in ("worker", "both"):
                os.kill(pids[-1], dice.choice([signal.SIGKILL, signal.SIGKILL, signal.SIGTERM]))
                until(lambda: not alive(pids[-1]), 60)
            if what == "race":
                _race(run, environment, counts)
            if what == "app":
                # Nothing may have happened to the run.
                until(lambda: run.state().ended, PATIENCE)
                counts.state(run, RunState.COMPLETED)
            else:
                until(lambda: run.state().ended, PATIENCE)
                counts.state(run, RunState.CRASHED, RunState.STOPPED, RunState.COMPLETED)
                counts.readable(run)
                if run.state() is not RunState.COMPLETED:
                    _lrtui(environment, "runs", "resume", run.id)
                    until(lambda: run.state() is RunState.COMPLETED, PATIENCE)
                    pids.append(_pid(run))
                counts.state(run, RunState.COMPLETED)
        counts.epochs(run, EPOCHS)
        counts.epochs_lost += len(shown.epochs - set(range(1, EPOCHS + 1)))
        once = run.history().columns("epoch")["epoch"].tolist()
        if once != list(range(1, EPOCHS + 1)):
            counts.problem(f"{run.path}: the epochs are {once}")
            counts.epochs_lost += 1
        counts.readable(run)
        # The other app has seen it all, and says so.
        if what != "race":
            try:
                other.wait_for(lambda text: "completed" in text.lower(), 60)
            except AssertionError as error:
                counts.wrong_states += 1
                counts.problem(str(error)[:2000])
    counts.gone(*(pid for pid in pids if pid))
    return counts


def _race(run: Run, environment: dict[str, str], counts: Counts) -> None:
    """Commands from three sides at once: each is answered once, and the run ends as stopped."""
    sent: list[str] = []
    senders = [
        threading.Thread(target=lambda word=word, by=by: sent.append(send(run, word, by=by)))  # type: ignore[misc]
        for word, by in (
            ("pause", "app 1"),
            ("checkpoint", "app 2"),
            ("resume", "app 2"),
            ("resume", "app 1"),
        )
    ]
    for sender in senders:
        sender.start()
    for sender in senders:
        sender.join()
    sent.append(send(run, "resume", by="suite"))
    _lrtui(environment, "runs", "stop", run.id)
    until(lambda: run.state().ended, PATIENCE)
    answered = [event.get("id") for event in all_events(run) if event.kind == "command"]  # type: ignore[attr-defined]
    if run.state() is RunState.STOPPED:
        counts.commands_lost += sum(answered.count(command) != 1 for command in sent)


class Shown:
    """The epochs that a reader was shown while it looked on."""

    def __init__(self, run: Run) -> None:
        self.epochs: set[float] = set()
        self._follower = run.follow()
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)

    def __enter__(self) -> Shown:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join(60)
        self._poll()

    def _look(self) -> None:
        while not self._over.wait(0.05):
            self._poll()

    def _poll(self) -> None:
        for event in self._follower.poll():
            if event.kind == "epoch":
                self.epochs.add(float(event.get("epoch") or 0))


def _pid(run: Run) -> int:
    with contextlib.suppress(OSError, ValueError):
        return int(run.lock_path.read_text())
    return 0


def _train(folder: Path, environment: dict[str, str]) -> Run:
    """Start a real worker from the command line; it says the run's id, and its folder, last."""
    command = ["train", "--lr", "cosine(0.3)", "--epochs", str(EPOCHS), "--data", "embedded", "--detach"]
    return RunStore(folder).get(_lrtui(environment, *command).split()[-2])


def _wait(seconds: float) -> None:
    time.sleep(seconds)


def _lrtui(environment: dict[str, str], *arguments: str) -> str:
    done = subprocess.run(
        [LRTUI, *arguments],
        capture_output=True,
        text=True,
        check=False,
        stdin=subprocess.DEVNULL,
        timeout=PATIENCE,
        env={**os.environ, **environment},
    )
    return done.stdout


@contextlib.contextmanager
def small_disk(folder: Path, size: str = "8m") -> Iterator[bool]:
    """A tmpfs of that size mounted on a folder for a while, where that may be done; says whether."""
    folder.mkdir(parents=True, exist_ok=True)
    mount = ["mount", "-t", "tmpfs", "-o", f"size={size},mode=700", "tmpfs", str(folder)]
    mounted = os.geteuid() == 0 and subprocess.run(mount, capture_output=True, check=False).returncode == 0
    try:
        yield mounted
    finally:
        if mounted:
            subprocess.run(["umount", "-l", str(folder)], capture_output=True, check=False)


def fill_real(folder: Path, rounds: int, dice: random.Random) -> Counts:
    """Fill the disk under a worker that trains: its run ends in words, what it had logged stays, and resumes.

    Where nothing can be mounted there is no such disk, and nothing is counted.
    """
    counts = Counts()
    for number in range(rounds):
        disk = folder / f"disk-{number}"
        with small_disk(disk) as mounted:
            if not mounted:
                return counts
            counts.add(_filled(disk, dice))
    return counts


def _filled(disk: Path, dice: random.Random) -> Counts:
    counts = Counts(faults=1)
    environment = {"LRTUI_RUNS_DIR": str(disk / "runs"), "OMP_NUM_THREADS": "1"}
    run = _train(disk / "runs", environment)
    with Shown(run) as shown:
        until(lambda: run.summary().done > 0, PATIENCE)
        pid = _pid(run)
        _wait(dice.uniform(0, 2.0))
        ballast = disk / "ballast"
        with contextlib.suppress(OSError), ballast.open("wb", buffering=0) as file:
            while True:
                file.write(b"x" * 4096)
        until(lambda: run.state().ended, PATIENCE)
    counts.readable(run)
    counts.state(run, RunState.FAILED, RunState.STOPPED, RunState.COMPLETED, RunState.CRASHED)
    before = len(shown.epochs)
    counts.epochs(run, before)
    ballast.unlink()
    if run.state() is not RunState.COMPLETED:
        _lrtui(environment, "runs", "resume", run.id)
        until(lambda: run.state() is RunState.COMPLETED, PATIENCE)
    counts.state(run, RunState.COMPLETED)
    counts.epochs(run, EPOCHS)
    counts.gone(pid, _pid(run))
    return counts
