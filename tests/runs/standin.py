"""A stand-in for the worker in processes that a test doesn't start itself (the queue's waiter, a command).

`PYTHONPATH` with this folder's copy as `sitecustomize` makes every Python that would run the worker run this:
it logs its start in `starts`, writes a short log and ends when it is told to, or by itself.
"""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path

if "lrtui.training.worker" in sys.orig_argv:
    folder = Path(sys.orig_argv[sys.orig_argv.index("lrtui.training.worker") + 1])
    with (folder.parent / "starts").open("a") as starts:
        starts.write(f"{folder.name} {os.getpid()} {os.environ.get('OMP_NUM_THREADS')}\n")
    (folder / "queued").unlink(missing_ok=True)
    log = folder / "events.jsonl"
    started = {"event": "started", "time": time.time(), "updates": 80, "steps_per_epoch": 40}
    with log.open("a") as file:
        file.write(json.dumps(started) + "\n")
    while not (folder / "end").exists() and not (folder.parent / "end-all").exists():
        time.sleep(0.01)
    finished = {"event": "finished", "time": time.time(), "outcome": "completed", "reason": ""}
    with log.open("a") as file:
        file.write(json.dumps(finished) + "\n")
    os._exit(0)
