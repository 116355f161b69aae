"""One of the processes that train a run together: `python -m lrtui.training.rank RUN_DIR SINCE`.

torch's launcher starts it, with its number in the environment. It trains as the worker of a run with a single
process would; only the first one hears commands and writes to the run's folder.
"""

from __future__ import annotations

import os
import sys
import threading
import time
import traceback
from pathlib import Path
from typing import Any

from lrtui.training.signals import Signals

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
    signals = Signals()
    threading.Thread(target=_watch, args=(signals, os.getppid()), name="watch", daemon=True).start()
    from lrtui.runs.events import EventWriter
    from lrtui.runs.run import Run
    from lrtui.training.ending import Interrupted, Vanished
    from lrtui.training.oversight import Oversight
    from lrtui.training.past import Past
    from lrtui.training.processes import Result, leave_result
    from lrtui.training.worker import Progress, prepare_environment, train

    prepare_environment()
    run, progress = Run(Path(path)), Progress()
    past = Past(run.events_path)

    from lrtui.training.team import Team

    team = Team(run.spec.device)
    try:
        if not team.leads:
            train(run, Quiet(), progress, past, team)
            return 0
        with EventWriter(run.events_path) as writer:
            # Signals are the worker's: it passes them on as commands.
            oversight = Oversight(run, writer, None, past.answered, float(since), past.history.done)
            outcome, reason = train(run, oversight, progress, past, team)
        leave_result(run, Result(outcome, reason, progress.step))
    except Interrupted as stop:
        if team.leads:
            leave_result(run, Result("stopped", str(stop), progress.step))
    except Vanished as gone:
        print(f"rank: {gone}; nothing left to do", file=sys.stderr)
    team.leave()
    return 0


def _watch(signals: Signals, parent: int) -> None:
    """End this process when its worker is gone, or when it is to end and doesn't."""
    told: float | None = None
    while True:
        time.sleep(0.1)
        if os.getppid() != parent:
            os._exit(1)
        if signals.received is not None:
            told = time.monotonic() if told is None else told
            if time.monotonic() - told > GRACE:
                os._exit(1)


if __name__ == "__main__":
    from torch.distributed.elastic.multiprocessing.errors import record

    from lrtui.training.worker import reason_of

    @record
    def entry() -> int:
        """Have the launcher know why this process failed."""
        try:
            return main(*sys.argv[1:])
        except Exception as error:  # noqa: BLE001 -- whatever it is, the launcher is told in words
            traceback.print_exc()
            raise RuntimeError(reason_of(error)) from None

    status = entry() or 0
    sys.stdout.flush()
    sys.stderr.flush()
    # Threads of torch's that wait for a process which is gone would keep this one.
    os._exit(status)
