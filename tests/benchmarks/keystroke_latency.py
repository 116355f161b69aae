"""How long a keystroke in Explore takes to the screen, on an idle machine and while every core trains.

    python tests/benchmarks/keystroke_latency.py [--keys 100] [--only idle|spin|train]

Drives the real `lrtui` in a pseudo-terminal of 120x35 with a horizon of a million updates, and types digits
into the expression and deletes them again; each changes the peak, so the axis, too. What comes out is kept
with the time it came at, and replayed into a terminal emulator afterwards, so that the emulator costs the
measured app nothing. Three times of each key: until the character stands in the expression, until the chart
is what it is before the next key, and until the numbers under it are the new schedule's, for which every
update has to be looked at. `spin` is a process on every core that only computes; `train` is a real run with a
thread on every core, on the data that is found. Prints p50, p95 and the ratio to idle.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import random
import select
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pyte

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
from tests.end_to_end.terminal import KEYS, LRTUI, Terminal

COLUMNS, ROWS = 120, 35
EPOCHS, BATCH = 100, 1
"""On the 10,000 embedded images: a million updates."""
EXPRESSION = "warmup(5ep) >> cosine(0.25, final_lr=0.01)"
BEHIND = "cosine(0."
"""What the cursor stands behind: each digit typed there makes the rate another one altogether."""
DIGITS = "137"
LEFT = 62
"""Columns of catalogue and parts, beside which the chart is drawn."""
PAUSE = 0.25
"""Seconds between two keys, more or less: a person who types slowly enough to look."""
QUIET = 0.4
"""Seconds without a byte: less than the cursor of a text field takes to blink."""
PATIENCE = 60.0
LIMIT_MS = 50.0

Chunk = tuple[float, bytes]


class Recorder(Terminal):
    """A terminal that only writes down what comes and when; `replay` shows it later."""

    def _read(self) -> None:
        self.chunks: list[Chunk] = []
        while True:
            try:
                if not select.select([self._master], [], [], 1.0)[0]:
                    continue
                chunk = os.read(self._master, 65536)
            except (OSError, ValueError):
                return
            if not chunk:
                return
            self.chunks.append((time.monotonic(), chunk))


def main() -> None:
    """Measure under each load and print a line for each."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--keys", type=int, default=100, help="keystrokes under each load")
    parser.add_argument("--only", choices=LOADS, help="under one load")
    options = parser.parse_args()
    print(f"{EXPRESSION} on {EPOCHS * 10_000:,} updates, {COLUMNS}x{ROWS}, {os.cpu_count()} cores")
    idle: dict[str, float] = {}
    for name in [options.only] if options.only else LOADS:
        with tempfile.TemporaryDirectory() as folder, LOADS[name](Path(folder)):
            found = measure(Path(folder), options.keys)
        for what, milliseconds in found.items():
            p50, p95 = np.percentile(milliseconds, [50, 95])
            idle.setdefault(what, p95)
            line = f"{name:6} {what:9}  p50 {p50:6.1f} ms   p95 {p95:6.1f} ms   worst {max(milliseconds):.0f}"
            print(f"{line}   {p95 / idle[what]:.2f} times idle" if name != "idle" else line, flush=True)
    print(f"the aim: within {LIMIT_MS:.0f} ms at p95 under every load")


def measure(folder: Path, keys: int) -> dict[str, list[float]]:
    """Type, and return the milliseconds of each key until the character, the curve and the numbers."""
    environment = own_folders(folder)
    state = folder / "state" / "app.json"
    state.parent.mkdir()
    draft = {"expression": EXPRESSION, "epochs": EPOCHS, "batch_size": BATCH, "data": "embedded"}
    state.write_text(json.dumps({"draft": draft, "screen": "explore"}))
    typed = EXPRESSION.index(BEHIND) + len(BEHIND)
    terminal = Recorder([LRTUI], environment, COLUMNS, ROWS)
    with terminal:
        settled(terminal, "Explore")
        terminal.send("f2")  # with a run that trains, the app opens on that
        settled(terminal, f"lr(t) = {EXPRESSION}")
        terminal.send("i", "home", *(["right"] * typed), "9")
        settled(terminal, "cosine(0.925,")
        terminal.send("backspace")
        settled(terminal, "cosine(0.25,")
        pressed: list[tuple[float, str]] = []
        rng, added = random.Random(0), ""
        for _ in range(keys):
            key = "backspace" if len(added) == 2 or (added and rng.random() < 0.3) else rng.choice(DIGITS)
            added = added[:-1] if key == "backspace" else added + key
            pressed.append((time.monotonic(), f"0.{added}25"))
            os.write(terminal._master, KEYS.get(key, key).encode())
            time.sleep(PAUSE * rng.uniform(0.8, 1.2))
        settled(terminal, f"cosine(0.{added}25,")
        chunks = list(terminal.chunks)
        terminal.process.send_signal(signal.SIGTERM)
        terminal.process.wait(PATIENCE)
    return replay(chunks, pressed)


def settled(terminal: Recorder, sign: str) -> None:
    """Wait until something is on the screen and nothing has come for a while."""
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        time.sleep(0.1)
        chunks = list(terminal.chunks)
        if chunks and time.monotonic() - chunks[-1][0] > QUIET and sign in shown(chunks):
            return
    raise SystemExit(
        f"the app doesn't come to rest with {sign!r} on its screen:\n{shown(list(terminal.chunks))}"
    )


def shown(chunks: list[Chunk]) -> str:
    """The screen after all that has come."""
    screen = pyte.Screen(COLUMNS, ROWS)
    stream = pyte.ByteStream(screen)
    for _, data in chunks:
        stream.feed(data)
    return "\n".join(screen.display)


def replay(chunks: list[Chunk], pressed: list[tuple[float, str]]) -> dict[str, list[float]]:
    """Look for the first chunk after each key with which the screen shows what the key leads to."""
    screen = pyte.Screen(COLUMNS, ROWS)
    stream = pyte.ByteStream(screen)
    found: dict[str, list[float]] = {"character": [], "curve": [], "numbers": []}
    place = 0
    for number, (at, value) in enumerate(pressed):
        next_at = pressed[number + 1][0] if number + 1 < len(pressed) else math.inf
        signs = {"character": f"cosine({value},", "numbers": f"peak {float(f'{float(value):.4g}'):g} at"}
        seen: list[tuple[float, list[str]]] = []
        while place < len(chunks) and chunks[place][0] < next_at:
            came, data = chunks[place]
            stream.feed(data)
            place += 1
            if came >= at:
                seen.append((came, list(screen.display)))
        times = {
            what: next((came for came, lines in seen if any(sign in line for line in lines)), None)
            for what, sign in signs.items()
        }
        if seen:
            last = chart(seen[-1][1])
            different = [index for index, (_, lines) in enumerate(seen) if chart(lines) != last]
            times["curve"] = seen[different[-1] + 1 if different else 0][0]
        for what in found:  # what didn't come took at least until the next key, which takes its place
            came_at = times.get(what) or min(next_at, at + PATIENCE)
            found[what].append(1000 * (came_at - at))
    return found


def chart(lines: list[str]) -> list[str]:
    """The part of the screen that the chart is drawn on: right of the parts, down to the numbers of x."""
    axis = next((row for row, line in enumerate(lines) if "└" in line[LEFT:]), len(lines))
    return [line[LEFT:] for line in lines[3 : axis + 2]]


def own_folders(folder: Path) -> dict[str, str]:
    """Folders that have nothing to do with the person's own."""
    return {
        "LRTUI_RUNS_DIR": str(folder / "runs"),
        "LRTUI_STATE_DIR": str(folder / "state"),
        "LRTUI_CONFIG_DIR": str(folder / "config"),
    }


@contextmanager
def idle(folder: Path) -> Iterator[None]:
    """Nothing else."""
    yield


@contextmanager
def spin(folder: Path) -> Iterator[None]:
    """A process on every core that computes, with the priority that a worker has."""
    hogs = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(os.cpu_count() or 1)]
    try:
        time.sleep(1.0)
        yield
    finally:
        for hog in hogs:
            hog.kill()
            hog.wait()


@contextmanager
def train(folder: Path) -> Iterator[None]:
    """A real run with a thread on every core, from before the app opens until after it has closed."""
    environment = {**os.environ, **own_folders(folder)}
    start = f"train --lr cosine(0.1) --epochs 50000 --threads {os.cpu_count()} --detach"
    subprocess.run([LRTUI, *start.split()], env=environment, check=True, stdout=subprocess.DEVNULL)
    try:
        yield
    finally:
        (name,) = [each.name for each in (folder / "runs").iterdir() if (each / "spec.toml").exists()]
        subprocess.run([LRTUI, "runs", "stop", name], env=environment, check=True, stdout=subprocess.DEVNULL)
        time.sleep(3.0)


LOADS = {"idle": idle, "spin": spin, "train": train}


if __name__ == "__main__":
    main()
