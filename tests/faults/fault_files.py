"""Faults of files: torn, cut, with flipped bytes and swapped lines, and a disk that is full."""

from __future__ import annotations

import json
import random
import shutil
import subprocess
import sys
from pathlib import Path

from fault_counts import Counts, start

import lrtui
from lrtui.cli.following import progress_line, sentence
from lrtui.runs.compare import compare
from lrtui.runs.events import EventError, decode
from lrtui.runs.store import Run, RunStore

FILES = ("events.jsonl", "spec.toml", "commands.jsonl", "labels.toml", "lock")


def a_good_run(folder: Path) -> Run:
    """An ended run with twenty epochs, labels and all."""
    expression = "warmup(5%) >> cosine(0.1)"
    with lrtui.start("good", expression, total_steps=40, steps_per_epoch=2, runs_dir=folder) as run:
        for step, _ in run.rates():
            run.log(train_loss=1 / (1 + step), train_acc=step / 40)
            if step % 2:
                run.epoch(test_acc=step / 50, test_loss=1.0)
    store = RunStore(folder)
    store.tag(run.run, ["good"])
    store.note(run.run, "a line\nand another")
    return run.run


def tear_logs(folder: Path, rounds: int, dice: random.Random) -> Counts:
    """Cut a log at a random byte, and let a new writer go on: whole lines before it are all there."""
    counts = Counts()
    good = a_good_run(folder / "good").events_path.read_bytes()
    runs = folder / "torn"
    for number in range(rounds):
        run = Run(runs / f"20261122-000000-torn-{number:04d}")
        shutil.copytree(next((folder / "good").iterdir()), run.path)
        cut = dice.randrange(len(good) + 1)
        tail = dice.choice([b"", b"", b"\x00" * dice.randrange(1, 4096), dice.randbytes(30), b'\n{"event":'])
        run.events_path.write_bytes(good[:cut] + tail)
        from lrtui.runs.events import EventWriter

        with EventWriter(run.events_path) as log:
            log.emit("epoch", epoch=1000, step=1)
        counts.faults += 1
        counts.readable(run)
        expected = [
            json.loads(line)["epoch"] for line in good[:cut].split(b"\n")[:-1] if b'"event":"epoch"' in line
        ]
        found = run.history().columns("epoch")["epoch"].tolist()
        counts.epochs_logged += len(expected) + 1
        counts.epochs_lost += len({*expected, 1000} - set(found))
    return counts


def mutate(folder: Path, rounds: int, dice: random.Random) -> Counts:
    """Damage specs, logs, commands and labels in every way; no run may fail to open, list or compare."""
    counts = Counts()
    good = a_good_run(folder / "good")
    original = {name: (good.path / name).read_bytes() for name in FILES if (good.path / name).exists()}
    runs = folder / "mutated"
    for number in range(rounds):
        run = Run(runs / f"20261122-000000-bad-{number % 50:04d}")
        run.path.mkdir(parents=True, exist_ok=True)
        for name, data in original.items():
            (run.path / name).write_bytes(data)
        for name in dice.sample(FILES[:4], dice.randint(1, 2)):
            data = original.get(name, b"")
            for _ in range(dice.randint(1, 3)):
                data = _damage(data, dice)
            (run.path / name).write_bytes(data)
        counts.faults += 1
        counts.readable(run)
        try:
            compare([Run(run.path), good], target=0.5)
            for line in (run.path / "events.jsonl").read_bytes().split(b"\n"):
                _decoded(line)
            told = [sentence(event) for event in run.follow().follower.poll()]
            told.append(progress_line(run.history(), run.state()))
            assert all(line.isprintable() for line in told)
        except Exception as error:  # noqa: BLE001  (that is what is counted)
            counts.unreadable_runs += 1
            counts.problem(f"{number}: {type(error).__name__}: {error}")
            shutil.copytree(run.path, folder / f"kept-{number}")
    return counts


def _decoded(line: bytes) -> None:
    try:
        decode(line)
    except EventError as error:
        assert "\n" not in str(error)  # noqa: PT017  (no test: a line that isn't one is refused in one line)


def _damage(data: bytes, dice: random.Random) -> bytes:
    kind = dice.randrange(8)
    place = dice.randrange(len(data) + 1)
    if kind == 0:
        return data[:place]
    if kind == 1:
        return data[:place] + dice.randbytes(dice.randint(1, 8)) + data[place + dice.randint(0, 8) :]
    if kind == 2 and data:
        flipped = bytearray(data)
        for _ in range(dice.randint(1, 10)):
            flipped[dice.randrange(len(data))] ^= 1 << dice.randrange(8)
        return bytes(flipped)
    lines = data.split(b"\n")
    if kind == 3:
        dice.shuffle(lines)
        return b"\n".join(lines)
    values = [
        b"1e999",
        b"-1",
        b"null",
        b"[]",
        b"{}",
        b'"x"',
        b"true",
        b"9" * 400,
        b"nan",
        b"0.5",
        b"1e308",
        b'"\\u001b[2J"',
    ]
    parts = data.split(b":" if kind < 6 else b" = ")
    if len(parts) > 1:
        at = dice.randrange(1, len(parts))
        rest = parts[at].lstrip(b'-0123456789.e+"abcdefghijklmnopqrstuvwxyz')
        parts[at] = dice.choice(values) + rest
        return (b":" if kind < 6 else b" = ").join(parts)
    return data + data[:place]


FULL = """
import json, os, resource, signal, subprocess, sys
from pathlib import Path
from lrtui.runs.events import EventWriter
folder = Path(sys.argv[1])
room = "limit"
mount = ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", folder]
# Only in a mount space of its own: nothing may be left mounted.
if sys.argv[3:] == ["apart"] and subprocess.run(mount, capture_output=True).returncode == 0:
    room = "tmpfs"
else:
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[2]), resource.RLIM_INFINITY))
acknowledged, refused = [], 0
ballast = folder / "ballast"
ballast.write_bytes(b"x" * 20_000)
with EventWriter(folder / "events.jsonl") as log:
    for epoch in range(1, 2000):
        try:
            log.emit("epoch", epoch=epoch, step=epoch, note="x" * (epoch % 97))
        except OSError:
            refused += 1
            if refused == 20:
                ballast.unlink()                       # somebody makes room; the log must go on
                resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
            if refused > 60:
                break
        else:
            acknowledged.append(epoch)
found = set()
for line in (folder / "events.jsonl").read_bytes().split(b"\\n"):
    try:
        found.add(json.loads(line)["epoch"])
    except (ValueError, KeyError):
        pass
print(json.dumps([room, len(acknowledged), len(set(acknowledged) - found), refused]))
"""


def fill_disks(folder: Path, rounds: int, dice: random.Random) -> Counts:
    """Log on a small tmpfs (where none can be mounted: up to a limit) until it is full, and on."""
    counts = Counts()
    for number in range(rounds):
        small = folder / f"disk-{number}"
        small.mkdir(parents=True)
        limit = str(dice.randrange(21_000, 60_000))
        command = [sys.executable, "-c", FULL, str(small), limit]
        if shutil.which("unshare") and _may_unshare():
            command = ["unshare", "-rm", *command, "apart"]
        process = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
        counts.faults += 1
        try:
            _, logged, lost, refused = json.loads(process.stdout)
        except ValueError:
            counts.unreadable_runs += 1
            counts.problem(f"full disk: {process.stderr[-300:]}")
            continue
        counts.epochs_logged += logged
        counts.epochs_lost += lost
        if not refused:
            counts.problem("the disk never was full")
            counts.wrong_states += 1
    return counts


def _may_unshare() -> bool:
    return subprocess.run(["unshare", "-rm", "true"], capture_output=True, check=False).returncode == 0


LOOP_ON_FULL_DISK = """
import sys, signal, resource, warnings
warnings.simplefilter("ignore")
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
import lrtui
run = lrtui.start(lr=0.1, total_steps=2000, steps_per_epoch=1)
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[1]), resource.RLIM_INFINITY))
made = 0
for step, lr in run.rates():
    run.epoch(test_acc=0.5)
    made += 1
print(made)
"""


def train_on_full_disks(folder: Path, rounds: int, dice: random.Random) -> Counts:
    """A training whose log can't be written goes on to its end; its run opens and doesn't claim an ending."""
    counts = Counts()
    for _ in range(rounds):
        process = start(LOOP_ON_FULL_DISK, folder, str(dice.randrange(500, 20_000)))
        output = process.communicate(timeout=60)[0]
        counts.faults += 1
        run = RunStore(folder).runs()[0]
        counts.readable(run)
        counts.state(run, type(run.state()).CRASHED)
        if output.strip() != "2000":
            counts.wrong_states += 1
            counts.problem(f"{run.path}: the training broke off: {output!r}")
        counts.gone(process.pid)
    return counts
