"""A stand-in for the worker, for processes that a test doesn't start itself: a waiter, a command, an app.

A copy of it as `sitecustomize` in a folder of `PYTHONPATH` makes every Python that would run the worker, or a
process standing by, run this: it logs its start in `starts` beside the run, writes a short log, and ends when
there is a file `end` in the run's folder or `end-all` beside it. It loads no torch.
"""

from __future__ import annotations

import json
import os
import socket
import sys
import time
from pathlib import Path


def work(folder: Path, kind: str) -> None:
    with (folder.parent / "starts").open("a") as starts:
        starts.write(f"{folder.name} {os.getpid()} {kind} {os.environ.get('OMP_NUM_THREADS')}\n")
    (folder / "queued").unlink(missing_ok=True)
    tell(folder, {"event": "started", "updates": 80, "steps_per_epoch": 40})
    while not (folder / "end").exists() and not (folder.parent / "end-all").exists():
        time.sleep(0.01)
    tell(folder, {"event": "finished", "outcome": "completed", "reason": ""})


def tell(folder: Path, event: dict[str, object]) -> None:
    with (folder / "events.jsonl").open("a") as file:
        file.write(json.dumps({**event, "time": time.time()}) + "\n")


def stand_by(line: socket.socket) -> None:
    message, files, _, _ = socket.recv_fds(line, 2**20, 2)
    if not message:
        return
    order = json.loads(message)
    os.environ.update(order["environment"])
    line.sendall(b"ok")
    line.close()
    os.write(files[1], b"stood by\n")
    work(Path(order["run"]), "standby")


for module in ("lrtui.training.worker", "lrtui.training.standby"):
    if module in sys.orig_argv:
        argument = sys.orig_argv[sys.orig_argv.index(module) + 1]
        if module == "lrtui.training.worker":
            work(Path(argument), "worker")
        else:
            stand_by(socket.socket(fileno=int(argument)))
        os._exit(0)
