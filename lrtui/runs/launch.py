"""Starting a run's worker: a process of its own that outlives the app and holds the run's lock throughout.

Knows nothing of what the worker does, and imports none of it. Stopping is a command (see `control`).
"""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from typing import Protocol

from lrtui.runs import life
from lrtui.runs.files import FILE_MODE
from lrtui.runs.queue_marker import mark_launched
from lrtui.runs.run import Run, RunState
from lrtui.runs.spec import OWN, RunSpec, SpecError
from lrtui.runs.text import one_line

WORKER = ("-P", "-m", "lrtui.training.worker")
"""How Python starts the worker; -P keeps files in the run's folder from being imported as modules."""

_THREAD_VARIABLES = ("OMP_NUM_THREADS", "MKL_NUM_THREADS")
_BEFORE = "LRTUI_THREADS_BEFORE"
"""What those were before a worker got its own: a worker starts others, when it ends and runs are queued."""
_RESUME_PATIENCE = 20.0


class LaunchError(RuntimeError):
    """A run that couldn't be started; the message is one line."""


class Successor(Protocol):
    """A process that is there already and may become a run's worker (see `standby`)."""

    def become(
        self, run: Run, spec: RunSpec, lock: int, log: int, environment: Mapping[str, str]
    ) -> int | None:
        """Have it become the worker, with these open files as its lock and its output.

        Returns:
            Its process id; None if it can't, and then it never will: another process is to be started.
        """


def launch(run: Run, command: Sequence[str] | None = None, standby: Successor | None = None) -> int:
    """Start the worker of a run, detached from this process, and return its process id.

    The worker has a session of its own, no input, its output in `worker.log`, and the run's folder as its
    working folder. This process takes the lock and the worker inherits it, so that there is no moment at
    which a run that is being started looks dead, and none at which it can be started twice. The lock goes
    when the worker does, however it ends.

    Args:
        run: the run; its spec says how many threads the worker gets.
        command: what to start in place of the worker; the run's folder and `--lock-fd N` are put behind it.
        standby: a process that becomes the worker, if it can.

    Raises:
        LaunchError: if it is running already, its spec can't be read, or the process can't be started.
    """
    spec = _startable(run)
    start = list(command) if command is not None else [sys.executable, *WORKER]
    _ask_elsewhere(run)
    try:
        lock = os.open(run.lock_path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, FILE_MODE)
        try:
            _take(lock, run)
            # Before anything runs: whatever becomes of it, nobody takes it for one that still waits.
            mark_launched(run.path)
            # The worker of a run that is taken up again obeys no command older than this.
            os.utime(lock)
            with contextlib.ExitStack() as stack:
                log = os.open(run.log_path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, FILE_MODE)
                stack.callback(os.close, log)
                environment = worker_environment(spec.threads)
                pid = None
                if standby is not None and command is None:
                    pid = standby.become(run, spec, lock, log, environment)
                if pid is None:
                    process = subprocess.Popen(
                        [*start, str(run.path), "--lock-fd", str(lock)],
                        stdin=subprocess.DEVNULL,
                        stdout=log,
                        stderr=log,
                        cwd=run.path,
                        env=environment,
                        pass_fds=[lock],
                        start_new_session=True,
                    )
                    pid = process.pid
                    # Somebody has to wait for the child, or it stays in the process table for as long as
                    # this app runs.
                    threading.Thread(target=process.wait, name=f"reap {run.id}", daemon=True).start()
            # For people who look into the folder, and for `kill`.
            os.ftruncate(lock, 0)
            os.pwrite(lock, f"{pid}\n".encode(), 0)
        finally:
            # Closing this end alone: an explicit unlock would take the lock from the worker too.
            os.close(lock)
    except OSError as error:
        raise LaunchError(f"run {run.id} can't be started: {one_line(error)}") from error
    return pid


def _startable(run: Run) -> RunSpec:
    """The spec of a run that lrtui has a worker for; LaunchError if it hasn't."""
    try:
        spec = run.spec
    except SpecError as error:
        raise LaunchError(f"run {run.id} can't be started: {error}") from error
    if spec.task == OWN:
        raise LaunchError(f"run {run.id} is a script's own loop: start that script again")
    return spec


def worker_environment(threads: int | None) -> dict[str, str]:
    """The environment of a worker with so many threads, None for as many as it likes."""
    environment = outer_environment()
    if threads is not None:
        before = {name: environment[name] for name in _THREAD_VARIABLES if name in environment}
        environment[_BEFORE] = json.dumps(before)
        environment.update(dict.fromkeys(_THREAD_VARIABLES, str(threads)))
    return environment


def outer_environment() -> dict[str, str]:
    """This process's environment, without what `worker_environment` has put into it if it is a worker."""
    environment = dict(os.environ)
    try:
        before = json.loads(environment.pop(_BEFORE, "null"))
    except ValueError:
        before = None
    if isinstance(before, dict):
        for name in _THREAD_VARIABLES:
            environment.pop(name, None)
        environment.update({name: str(value) for name, value in before.items() if name in _THREAD_VARIABLES})
    return environment


def take_up(run: Run, command: Sequence[str] | None = None) -> int:
    """Start a worker for a run that has ended before its time, and return its process id.

    It goes on from the run's last checkpoint, in the same folder, however many runs train (`queue.resume`
    waits for its turn). Returns once the run no longer counts as ended, or its worker is gone again (waits a
    few seconds at most).

    Raises:
        LaunchError: if the run lives, has nothing left to do, or can't be started.
    """
    check_take_up(run)
    pid = launch(run, command)
    deadline = time.monotonic() + _RESUME_PATIENCE
    while run.state().ended and run.alive() and time.monotonic() < deadline:
        time.sleep(0.02)
    return pid


def check_take_up(run: Run) -> None:
    """See that a run has ended with something left to do, and that lrtui can do it; LaunchError if not."""
    _startable(run)
    state = run.state()
    if not state.ended:
        raise LaunchError(f"run {run.id} hasn't ended: it is {state}")
    if state in (RunState.COMPLETED, RunState.DIVERGED) and run.history().amended is None:
        if state is RunState.COMPLETED:
            raise LaunchError(
                f"run {run.id} has completed all its epochs: there is nothing left to do; give it more epochs"
            )
        raise LaunchError(f"run {run.id} has diverged and would again: give it another schedule")


def adopt_lock(fd: int) -> None:
    """For the worker: keep the lock that was handed over to itself; a child of it might outlive it."""
    os.set_inheritable(fd, False)


def take_lock(run: Run) -> int:
    """For a worker started by hand: take the run's lock; returns the descriptor that holds it.

    Raises:
        LaunchError: if another worker has it.
        OSError: if the run's folder can't be written.
    """
    _ask_elsewhere(run)
    lock = os.open(run.lock_path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, FILE_MODE)
    try:
        _take(lock, run)
    except BaseException:
        os.close(lock)
        raise
    return lock


def _ask_elsewhere(run: Run) -> None:
    """Refuse a run that lives on another machine, which its lock may not tell."""
    if not life.trusted(run.path) and run.alive():
        raise LaunchError(f"run {run.id} is running already, perhaps on another machine")


def _take(lock: int, run: Run) -> None:
    """Lock exclusively; LaunchError if the run has a worker."""
    try:
        life.take_patiently(lock)
    except BlockingIOError:
        raise LaunchError(f"run {run.id} is running already") from None
