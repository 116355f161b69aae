"""One of the processes that train a run together: `python -m lrtui.training.rank RUN_DIR SINCE`.

torch's launcher starts it, with its number in the environment. It trains as the worker of a run with a single
process would; only the first one hears commands and writes to the run's folder.
"""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import threading
import time
import traceback
from pathlib import Path
from typing import Any

GRACE = 4.0
"""Seconds from the launcher's word to end, which another's death causes, until this one obeys for sure."""


class Quiet:
    """Looks after a process that doesn't lead: says and hears nothing."""

    subject: Any = None

    def emit(self, kind: str, /, **fields: Any) -> None:
        """Say nothing."""

    def keep(self, best: bool = False) -> None:
        """Keep nothing."""

    def closed(self, best: bool) -> None:
        """Keep nothing."""

    def poll(self, step: int | None = None) -> None:
        """Hear nothing."""


def main(path: str, since: str) -> int:
    """Train this process's part of the run, and return the exit status."""
    from lrtui.runs.events import EventWriter
    from lrtui.runs.run import Run
    from lrtui.training.ending import Interrupted, Vanished
    from lrtui.training.oversight import Oversight
    from lrtui.training.past import Past
    from lrtui.training.processes import Result, leave_result
    from lrtui.training.worker import Progress, train

    run, progress = Run(Path(path)), Progress()
    past = Past(run.events_path)
    if int(os.environ["RANK"]) > 0:
        with contextlib.suppress(Interrupted):
            train(run, Quiet(), progress, past, together=True)
        return 0
    with EventWriter(run.events_path) as writer:
        # Signals are the worker's: it passes them on as commands.
        oversight = Oversight(run, writer, None, past.answered, float(since), past.history.done)
        try:
            result = Result(*train(run, oversight, progress, past, together=True))
        except Interrupted as stop:
            result = Result("stopped", str(stop))
        except Vanished as gone:
            print(f"rank: {gone}; nothing left to do", file=sys.stderr)
            return 1
    leave_result(run, result)
    # A stop before the first update is news to the others, which wait for this one: let them be ended.
    return 0 if oversight.subject is not None else 1


def watch(parent: int) -> None:
    """See to it that this process ends when its worker is gone, or when it is to end and doesn't.

    From threads of their own: the first one may wait for a process that is gone, somewhere in torch, where no
    handler of a signal comes to run.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})  # in all threads there will be

    def follow_the_worker() -> None:
        while os.getppid() == parent:
            time.sleep(0.05)
        os._exit(1)

    def obey_the_launcher() -> None:
        signal.sigwait({signal.SIGTERM})
        time.sleep(GRACE)
        os._exit(128 + signal.SIGTERM)

    for work in (follow_the_worker, obey_the_launcher):
        threading.Thread(target=work, name="watch", daemon=True).start()


def fail(error: Exception) -> int:
    """Have the launcher know in words why this process failed, and return the exit status."""
    from torch.distributed.elastic.multiprocessing.errors import record

    from lrtui.training.reasons import reason_of

    @record
    def tell() -> None:
        raise RuntimeError(reason_of(error)) from None

    traceback.print_exception(error)
    with contextlib.suppress(RuntimeError):
        tell()
    return 1


if __name__ == "__main__":
    watch(os.getppid())  # before torch has threads
    try:
        status = main(*sys.argv[1:])
    except Exception as error:  # noqa: BLE001 -- whatever it is, the launcher is told
        status = fail(error)
    sys.stdout.flush()
    sys.stderr.flush()
    # Threads of torch's that wait for a process which is gone would keep this one.
    os._exit(status)
