"""A run that several processes train together: started through torch's own launcher, and ended as one.

This is the worker's side; the processes themselves are `rank`. The first of them writes the log, obeys
commands and leaves in a file how the training came out; what happens to any of them happens to the run.
"""

from __future__ import annotations

import os
import signal
import sys
import uuid
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from lrtui.runs.control import Command, send
from lrtui.runs.files import write_file
from lrtui.runs.text import printable
from lrtui.training.background import in_background
from lrtui.training.ending import Vanished
from lrtui.training.oversight import Oversight
from lrtui.training.signals import Signals

if TYPE_CHECKING:
    from torch.distributed.elastic.multiprocessing.errors import ChildFailedError, ProcessFailure

    from lrtui.runs.run import Run
    from lrtui.training.worker import Progress

RESULT = ".result.json"
SHUTDOWN_SECONDS = 5
"""How long the others have to go by themselves when one is dead, before they are killed."""


class ProcessDied(RuntimeError):  # noqa: N818 -- it says what happened
    """One of a run's processes died or failed; the message is one line."""


class Result(msgspec.Struct):
    """How the training came out, as the first process tells it: as in the ending."""

    outcome: str
    reason: str


class Early(Oversight):
    """Hears what is asked while the launcher is imported, which takes seconds: there is no first process yet.

    It stops, pauses and goes on. All else is left unanswered for the first process, and so is what comes
    after that and may take it back.
    """

    def _answer(self, command: Command) -> None:
        name = command.command
        if name == "stop" or (name == "resume" and self._paused) or (name == "pause" and not self._waiting):
            super()._answer(command)
        else:
            self._waiting.append(command)


def train_in_processes(
    run: Run, count: int, signals: Signals, since: float, progress: Progress, early: Early
) -> tuple[str, str]:
    """Train a run in `count` processes; returns outcome and reason.

    Args:
        run: the run; this process holds its lock.
        count: of processes.
        signals: one that comes means stop, and is passed on as a command.
        since: see `Oversight`.
        progress: is told how many updates were made, whatever happens.
        early: hears what is asked before there is a process to be asked.

    Raises:
        Interrupted: the run is to stop, and no process was started.
        Vanished: the run's folder is gone.
        ProcessDied: one of the processes died or failed; none is left.
    """
    in_background(_import_launcher, early.poll)
    early.poll()
    result = run.path / RESULT
    result.unlink(missing_ok=True)
    forwarded = False

    def pass_on() -> None:
        nonlocal forwarded
        if signals.received is not None and not forwarded:
            forwarded = True
            send(run, "stop", by=signals.received)

    try:
        # The launcher wants signals for itself where it can have them; in a thread it can't.
        in_background(lambda: _launch(run.path, count, since), pass_on)
    except ProcessDied:
        # Where the first one came to an end before that, the others failed for want of it.
        if run.events_path.exists() and not result.exists():
            raise
    finally:
        progress.step = run.history().done
    try:
        found = msgspec.json.decode(result.read_bytes(), type=Result)
    except FileNotFoundError:
        raise Vanished(f"{run.path} is gone") from None
    result.unlink(missing_ok=True)
    return found.outcome, found.reason


def leave_result(run: Run, result: Result) -> None:
    """For the first process: tell the worker how the training came out."""
    write_file(run.path / RESULT, msgspec.json.encode(result))


def _import_launcher() -> None:
    from torch.distributed.launcher import api  # noqa: F401


def _launch(path: Path, count: int, since: float) -> None:
    """Start the processes and wait until all are done; ProcessDied if one isn't as it should be."""
    # Older versions of torch give the processes half a minute; `rank` sees to it that they need less.
    os.environ.setdefault("TORCH_ELASTIC_SHUTDOWN_TIMEOUT", str(SHUTDOWN_SECONDS))
    from torch.distributed.elastic.multiprocessing.errors import ChildFailedError
    from torch.distributed.launcher.api import LaunchConfig, elastic_launch

    configuration = LaunchConfig(
        min_nodes=1,
        max_nodes=1,
        nproc_per_node=count,
        run_id=uuid.uuid4().hex,
        rdzv_backend="c10d",
        rdzv_endpoint="localhost:0",
        max_restarts=0,
        monitor_interval=0.1,
        local_addr="localhost",
    )
    command = ("-P", "-m", "lrtui.training.rank", str(path), repr(since))
    try:
        elastic_launch(configuration, sys.executable)(*command)
    except ChildFailedError as error:
        raise ProcessDied(_words(error, count)) from error


def _words(error: ChildFailedError, count: int) -> str:
    """What happened first, as far as it can be told: the others then fail for want of the one."""
    failures: dict[int, ProcessFailure] = error.failures
    killed = {rank: failure for rank, failure in failures.items() if failure.exitcode < 0}
    rank, failure = min((killed or failures).items(), key=lambda each: each[1].timestamp)
    which = f"process {rank + 1} of {count}"
    if failure.exitcode < 0:
        number = -failure.exitcode
        name = signal.Signals(number).name if number in set(signal.Signals) else f"signal {number}"
        return f"{which} was killed ({name}); resume the run to go on from its last checkpoint"
    said = failure.message.get("message", "") if isinstance(failure.message, dict) else str(failure.message)
    # `rank` puts its reason into one.
    said = said.removeprefix("RuntimeError: ") or f"exit status {failure.exitcode}"
    return f"{which}: {printable(said, 400)}"
