"""Open the real `lrtui` in a pseudo-terminal, have it follow the run that trains, and count what it draws.

    python tests/benchmarks/open_app.py RUNS_DIR

Prints `following` once the run is on the screen. From the line `count` on its input up to the end of the
input it counts the bytes that the app sends and the processor time it takes, and prints both. It stands for
a person's terminal in `engine_throughput`; in a process of its own, so that reading costs the measured one
nothing.
"""

from __future__ import annotations

import fcntl
import os
import pty
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from pathlib import Path

import psutil

COLUMNS, ROWS = 120, 36
PATIENCE = 60.0
F3 = b"\x1bOR"
LRTUI = str(Path(sys.executable).with_name("lrtui"))


def main() -> None:
    """Open, follow, count."""
    leader, follower = pty.openpty()
    fcntl.ioctl(follower, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))
    settings = {"TERM": "xterm-256color", "COLORTERM": "truecolor", "LC_ALL": "C.UTF-8"}
    app = subprocess.Popen(
        [LRTUI],
        stdin=follower,
        stdout=follower,
        stderr=follower,
        env={
            **os.environ,
            **settings,
            "LRTUI_RUNS_DIR": sys.argv[1],
            # Opened as for the first time: not on the screen that somebody left last.
            "LRTUI_STATE_DIR": f"{sys.argv[1]}-state",
            "OMP_NUM_THREADS": "1",
        },
        start_new_session=True,
        preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),
    )
    os.close(follower)
    try:
        if not read_until(leader, b"Explore"):
            return
        os.write(leader, F3)
        if not read_until(leader, b"examples/s"):
            return
        print("following", flush=True)
        print(*count(leader, psutil.Process(app.pid)))
    finally:
        app.send_signal(signal.SIGTERM)
        try:
            app.wait(10)
        except subprocess.TimeoutExpired:
            app.kill()
        os.close(leader)


def read_until(leader: int, wanted: bytes) -> bool:
    """Read what the app sends until it has sent `wanted`; False if it doesn't."""
    seen, until = b"", time.monotonic() + PATIENCE
    while time.monotonic() < until:
        if select.select([leader], [], [], 0.1)[0]:
            seen += os.read(leader, 65536)
            if wanted in seen:
                return True
    sys.stderr.write(f"open_app: {wanted!r} was never shown\n")
    return False


def count(leader: int, app: psutil.Process) -> tuple[int, float]:
    """Bytes and seconds of processor time between the line `count` and the end of the input."""
    counting, total, before = False, 0, 0.0
    while True:
        ready = select.select([leader, sys.stdin], [], [])[0]
        if leader in ready:
            total += len(os.read(leader, 65536)) * counting
        if sys.stdin in ready:
            if not sys.stdin.readline():
                return total, processor_time(app) - before
            counting, before = True, processor_time(app)


def processor_time(process: psutil.Process) -> float:
    """Seconds a process has used so far."""
    times = process.cpu_times()
    return float(times.user + times.system)


if __name__ == "__main__":
    main()
