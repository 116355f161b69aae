"""Faults of processes: workers and apps killed at random moments, readers frozen, commands given at once."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

from fault_counts import Counts, all_events, start, until

from lrtui.runs.control import send
from lrtui.runs.store import RunState, RunStore

LOOP = """
import signal, sys, time, lrtui
signal.signal(signal.SIGINT, signal.default_int_handler)  # background jobs inherit that it is ignored
run = lrtui.start(lr="cosine(0.1)", total_steps=int(sys.argv[1]), steps_per_epoch=1)
print(run.id, flush=True)
for step, lr in run.rates():
    run.log(train_loss=1 / (1 + step))
    run.epoch(test_acc=0.5)
    print(step + 1, flush=True)          # acknowledged: from now on this epoch may not be lost
    time.sleep(float(sys.argv[2]))
run.finish()
"""

# A stand-in for the worker that needs no torch: the same log, lock and commands.
WORKER = """
import sys, time, pathlib
from lrtui.runs.control import CommandReader
from lrtui.runs.events import EventWriter
from lrtui.runs.launch import adopt_lock
from lrtui.runs.run import Run
run = Run(pathlib.Path(sys.argv[1]))
adopt_lock(int(sys.argv[3]))
commands = CommandReader(run.commands_path)
with EventWriter(run.events_path) as log:
    log.emit("started", device="cpu", updates=40, steps_per_epoch=1)
    outcome = "completed"
    for step in range(40):
        log.emit("epoch", epoch=step + 1, step=step, lr=0.1, test_acc=0.5)
        if any(command.command == "stop" for command in commands.poll()):
            outcome = "stopped"
            break
        time.sleep(0.02)
    log.emit("finished", outcome=outcome, step=step + 1)
"""

APP = """
import os, sys, time
from lrtui.runs.launch import launch
from lrtui.runs.spec import make_spec
from lrtui.runs.store import RunStore
run = RunStore().create(make_spec(schedule="0.1", epochs=40, data="embedded"))
print(launch(run, [sys.executable, "-c", sys.argv[1]]), run.id, flush=True)
follower = run.follow()
while True:
    follower.poll()
    time.sleep(0.01)
"""


def kill_loops(folder: Path, rounds: int, dice: random.Random) -> Counts:
    """Kill a script with its loop, by SIGKILL, SIGTERM or Ctrl-C, at a random moment."""
    counts = Counts()
    for _ in range(rounds):
        number = dice.choice([signal.SIGKILL, signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
        process = start(LOOP, folder, "100000", str(dice.choice([0.0, 0.001, 0.01])))
        assert process.stdout is not None
        run_id = process.stdout.readline().strip()
        time.sleep(dice.uniform(0, 0.4))
        process.send_signal(number)
        acknowledged = [int(line) for line in process.stdout.read().split("\n") if line.isdigit()]
        process.wait(10)
        counts.faults += 1
        counts.gone(process.pid)
        run = RunStore(folder).get(run_id)
        counts.readable(run)
        counts.epochs(run, max(acknowledged, default=0))
        counts.state(run, RunState.STOPPED if number == signal.SIGINT else RunState.CRASHED)
    return counts


def kill_apps(folder: Path, rounds: int, dice: random.Random) -> Counts:
    """Kill the app that started and follows a run, and now and then the worker a moment later."""
    counts = Counts()
    for _ in range(rounds):
        app = start(APP, folder, WORKER)
        assert app.stdout is not None
        worker, run_id = app.stdout.readline().split()
        run = RunStore(folder).get(run_id)
        time.sleep(dice.uniform(0, 0.5))
        app.kill()
        app.wait(10)
        app.stdout.close()
        counts.faults += 1
        what = dice.choice(["leave", "stop", "kill"])
        if what == "stop":
            send(run, "stop", "suite")
        elif what == "kill":
            # Only once it has spoken: before that, there is no worker yet but an interpreter that starts.
            until(lambda run=run: run.summary().last_epoch > 0, 20)  # type: ignore[misc]
            seen = run.summary().last_epoch
            os.kill(int(worker), signal.SIGKILL)
        until(lambda run=run: run.state().ended, 30)  # type: ignore[misc]
        counts.gone(app.pid, int(worker))
        counts.readable(run)
        ends = {
            "leave": (RunState.COMPLETED,),
            "stop": (RunState.STOPPED,),
            "kill": (RunState.CRASHED, RunState.COMPLETED),
        }
        counts.state(run, *ends[what])
        counts.epochs(run, 40 if what == "leave" else seen if what == "kill" else run.summary().last_epoch)
    return counts


def freeze_readers(folder: Path, rounds: int, dice: random.Random) -> Counts:
    """Stop a reader in its tracks while the run goes on; it must miss nothing, and the run must not care."""
    counts = Counts()
    for _ in range(rounds):
        loop = start(LOOP, folder, "300", "0.003")
        assert loop.stdout is not None
        run_id = loop.stdout.readline().strip()
        command = [
            sys.executable,
            "-m",
            "lrtui",
            "runs",
            "watch",
            run_id,
            "--json",
            "--runs-dir",
            str(folder),
        ]
        reader = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        time.sleep(dice.uniform(0.2, 0.6))
        reader.send_signal(signal.SIGSTOP)
        loop.stdout.read()
        loop.wait(30)
        reader.send_signal(signal.SIGCONT)
        output, _ = reader.communicate(timeout=30)
        counts.faults += 1
        run = RunStore(folder).get(run_id)
        counts.readable(run)
        counts.state(run, RunState.COMPLETED)
        counts.epochs(run, 300)
        counts.epochs_lost += 300 - output.count('{"event":"epoch"')
        counts.gone(loop.pid, reader.pid)
    return counts


SENDER = """
import sys, time, random
from lrtui.runs.control import send
from lrtui.runs.store import RunStore
run = RunStore().get(sys.argv[1])
follower = run.follow()
for number in range(int(sys.argv[2])):
    print(send(run, random.choice(["pause", "resume", "set-rate"]), sys.argv[3], lr=0.01), flush=True)
    follower.poll()
    time.sleep(random.uniform(0, 0.01))
"""


def race_commands(folder: Path, rounds: int, dice: random.Random) -> Counts:
    """Two apps and a command line give commands to one run at once: each must be answered, once."""
    counts = Counts()
    for _ in range(rounds):
        loop = start(LOOP, folder, "100000", "0.01")
        assert loop.stdout is not None
        run_id = loop.stdout.readline().strip()
        run = RunStore(folder).get(run_id)
        each = dice.randint(10, 40)
        senders = [
            start(SENDER, folder, run_id, str(each), name) for name in ("app 1", "app 2", "command line")
        ]
        sent = [line for sender in senders for line in sender.communicate(timeout=60)[0].split()]
        last = send(run, "stop", "suite")
        until(lambda run=run: run.state().ended, 20)  # type: ignore[misc]
        rest = loop.communicate(timeout=20)[0].split()
        counts.faults += 1
        answered = [event.get("id") for event in all_events(run) if event.kind == "command"]  # type: ignore[attr-defined]
        counts.commands_lost += (
            len(set(sent) | {last}) - len(set(answered)) + len(answered) - len(set(answered))
        )
        counts.commands_lost += abs(len(sent) - 3 * each)
        counts.readable(run)
        counts.state(run, RunState.STOPPED)
        counts.epochs(run, max(map(int, rest), default=0))
        counts.gone(loop.pid, *(sender.pid for sender in senders))
    return counts
