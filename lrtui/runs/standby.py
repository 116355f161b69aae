"""A process that has torch and the data loaded before anybody presses Start, then becomes the run's worker.

Importing torch takes seconds; a person who fills in a form gives them. An app keeps one such process
(`StandbyKeeper`) and hands it to `queue.start`. It is bound to the app by a socket alone: if the app ends, in
whatever way, the socket does, and a process that wasn't used ends with it. A used one has a session, a lock
and a log of its own, as any worker, and goes on. Whatever is amiss (it is dead, it doesn't answer, lrtui or
the environment has changed meanwhile), a worker is started in the ordinary way. The setting `standby`
switches it off. What the process does is `lrtui.training.standby`.
"""

from __future__ import annotations

import contextlib
import importlib.util
import json
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from lrtui.runs.launch import outer_environment
from lrtui.runs.queue import tend
from lrtui.runs.queue_slots import slots
from lrtui.runs.store import RunStore, StoreError

if TYPE_CHECKING:
    from lrtui.runs.run import Run
    from lrtui.runs.spec import RunSpec

MODULE = ("-P", "-m", "lrtui.training.standby")
NEEDED_MEMORY = 2 * 2**30
"""Bytes that must be free: torch takes up to one of them, and the machine has other things to do."""
AGAIN = 15.0
"""Seconds after which another one is started once one was used: the run that began has the machine first."""
LOOK_EVERY = 5.0
MOST_FAILURES = 3
"""It isn't tried for ever where it dies each time."""
_PATIENCE = 5.0
"""Seconds it has to answer; while it loads a library it can't."""


class Standby:
    """At most one process that stands by. May be used from several threads.

    Attributes:
        failures: how often in a row one has died before it was used.
    """

    def __init__(self) -> None:
        self.failures = 0
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._line: socket.socket | None = None
        self._began_with: tuple[object, ...] = ()
        self._closed = False

    @property
    def there(self) -> bool:
        """Whether a process stands by."""
        with self._lock:
            if self._process is not None and self._process.poll() is not None:
                self.failures += 1
                self._forget()
            return self._process is not None

    def start(self, data: str = "auto") -> None:
        """Start a process that loads this data; does nothing if there is one.

        Raises:
            OSError: if it can't be started.
        """
        with self._lock:
            if self._process is not None or self._closed:
                return
            environment = outer_environment()
            ours, theirs = socket.socketpair()
            try:
                self._process = subprocess.Popen(
                    [sys.executable, *MODULE, str(theirs.fileno()), data],
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.DEVNULL,
                    stderr=subprocess.DEVNULL,
                    env=environment,
                    pass_fds=[theirs.fileno()],
                    start_new_session=True,
                )
            except BaseException:
                ours.close()
                raise
            finally:
                theirs.close()
            self._line = ours
            self._began_with = (environment, code_on_disk())

    def become(
        self, run: Run, spec: RunSpec, lock: int, log: int, environment: Mapping[str, str]
    ) -> int | None:
        """Have the process become a run's worker; see `launch.Successor`."""
        with self._lock:
            process, line, began_with = self._process, self._line, self._began_with
            self._process = self._line = None
        if process is None or line is None:
            return None
        # Several processes are torch's launcher's to start.
        if spec.processes > 1 or began_with != (outer_environment(), code_on_disk()):
            line.close()
            _reap(process)
            return None
        changed = {name: value for name, value in environment.items() if os.environ.get(name) != value}
        message = json.dumps({"run": str(run.path), "environment": changed}).encode()
        try:
            line.settimeout(_PATIENCE)
            socket.send_fds(line, [message], [lock, log])
            answer = line.recv(16)
        except OSError:
            answer = b""
        line.close()
        if answer != b"ok":
            # It must be gone before another one gets the run.
            process.kill()
            process.wait()
            self.failures += 1
            return None
        self.failures = 0
        _reap(process)
        return process.pid

    def close(self) -> None:
        """Let a process that stands by end, and start none any more."""
        with self._lock:
            self._closed = True
            self._forget()

    def _forget(self) -> None:
        if self._line is not None:
            self._line.close()
        if self._process is not None:
            _reap(self._process)
        self._process = self._line = None


class StandbyKeeper:
    """Keeps a process standing by while there is room for a run, from a thread of its own.

    Its first look also starts what waits in the queue, as a machine that was restarted leaves it.

    Args:
        store: the runs whose number says whether there is room; a function is called in the thread.
        data: which data to load; asked each time one is started.
        standby: whether one is wanted; if not, only the queue is looked at, once.
    """

    def __init__(
        self,
        store: Callable[[], RunStore],
        data: Callable[[], str] = lambda: "auto",
        standby: bool = True,
    ) -> None:
        self.standby = Standby()
        self._wanted = standby
        self._store = store
        self._data = data
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._keep, name="standby", daemon=True)

    def start(self) -> None:
        """Begin."""
        if not self._thread.is_alive():
            self._thread.start()

    def close(self) -> None:
        """Let the process that stands by end."""
        self._over.set()
        self.standby.close()

    def _keep(self) -> None:
        with contextlib.suppress(StoreError, OSError):
            tend(self._store())
        quiet_until = 0.0
        had_one = False
        while not self._over.is_set() and self._wanted and self.standby.failures < MOST_FAILURES:
            there = self.standby.there
            if had_one and not there:
                quiet_until = time.monotonic() + AGAIN
            had_one = there
            if not there and time.monotonic() >= quiet_until and self._room():
                with contextlib.suppress(OSError):
                    self.standby.start(self._data())
                    had_one = True
            self._over.wait(LOOK_EVERY)

    def _room(self) -> bool:
        try:
            living = sum(run.alive() for run in self._store().runs())
            return living < slots() and free_memory() >= NEEDED_MEMORY
        except (StoreError, OSError):
            return False


def code_on_disk() -> tuple[int, ...]:
    """A value that changes when lrtui or torch is replaced: what a process has loaded is outdated then."""
    package = Path(__file__).parent.parent
    times = [path.stat().st_mtime_ns for path in package.rglob("*.py")]
    with contextlib.suppress(ImportError, ValueError, OSError):
        torch = importlib.util.find_spec("torch")  # looks for it, and doesn't import it
        if torch is not None and torch.origin is not None:
            times.append(Path(torch.origin).stat().st_mtime_ns)
    return len(times), max(times), sum(times)


def free_memory() -> int:
    """Bytes that a new process may take: of the machine's, or of what a container leaves it."""
    import psutil

    free = int(psutil.virtual_memory().available)
    group = Path("/sys/fs/cgroup")
    with contextlib.suppress(OSError, ValueError):
        most = int((group / "memory.max").read_text())  # "max" where there is no limit
        free = min(free, most - int((group / "memory.current").read_text()))
    return free


def _reap(process: subprocess.Popen[bytes]) -> None:
    """Have somebody wait for a child that ends some day, or it stays in the process table until then."""
    threading.Thread(target=process.wait, name="reap", daemon=True).start()
