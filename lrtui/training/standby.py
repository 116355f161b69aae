"""A worker that waits for its run: `python -m lrtui.training.standby FD DATA`.

It imports torch and reads the data while a person still chooses, at low priority. Then it waits on a socket
that it has inherited. What comes through there is a run's folder with the run's lock and log as open files,
and from then on it is that run's worker and nobody else's; or the socket's end, and it ends at once. Until
then it touches no accelerator, draws no random number and sets no number of threads.
"""

from __future__ import annotations

import contextlib
import json
import os
import select
import socket
import sys
import threading

LOOK_AFTER_PARENT = 5.0
"""Seconds between two looks whether the parent is still there, should its end of the socket be held open."""
LOW_PRIORITY = 10


class Order:
    """What is to be done: a run's folder, its lock and its log, and what to put into the environment."""

    def __init__(self, message: bytes, files: list[int]) -> None:
        said = json.loads(message)
        self.run = str(said["run"])
        self.environment = {str(name): str(value) for name, value in said["environment"].items()}
        self.lock, self.log = files


def main(channel: int, data: str) -> int:
    """Get ready, wait, and train the run that is named; the exit status is the worker's."""
    line = socket.socket(fileno=channel)
    line.set_inheritable(False)
    parent = os.getppid()
    preparation = Preparation(data)
    order = wait(line, parent)
    if order is None:
        os._exit(0)  # in the middle of an import, perhaps: nothing is lost
    preparation.light.wait()
    from lrtui.training import worker
    from lrtui.training.signals import Signals

    signals = Signals()  # from here on, to end means to leave an ending
    os.chdir(order.run)
    os.environ.update(order.environment)
    for stream in (1, 2):
        os.dup2(order.log, stream)
    os.close(order.log)
    line.sendall(b"ok")
    line.close()
    return worker.main([order.run, "--lock-fd", str(order.lock)], signals, preparation.join)


def wait(line: socket.socket, parent: int) -> Order | None:
    """Wait for a run; None when there will be none: whoever started this process is gone, or said so."""
    while os.getppid() == parent:
        if not select.select([line], [], [], LOOK_AFTER_PARENT)[0]:
            continue
        try:
            message, files, _, _ = socket.recv_fds(line, 2**20, 2)
        except OSError:
            return None
        return Order(message, files) if message and len(files) == 2 else None
    return None


class Preparation:
    """Everything slow, done in a thread of low priority: the thread that will train isn't slowed by it."""

    def __init__(self, data: str) -> None:
        self.light = threading.Event()
        """Set once all that the worker imports besides torch is there."""
        self._data = data
        self._thread = threading.Thread(target=self._run, name="preparation", daemon=True)
        self._thread.start()

    def join(self) -> None:
        """Wait until all is done; raise what has gone wrong with torch, as an import in the worker would."""
        self._thread.join()
        from lrtui.training import session  # noqa: F401

    def _run(self) -> None:
        if sys.platform == "linux":  # where a priority is a thread's own, and can't be raised again
            with contextlib.suppress(OSError):
                os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), LOW_PRIORITY)
        try:
            from lrtui.training import data, worker

            worker.import_light()
        finally:
            self.light.set()
        worker.prepare_environment()
        with contextlib.suppress(Exception):  # whatever it is, the worker meets it again and says it
            prepare_torch()
            data.hold(self._data)


def prepare_torch() -> None:
    """Import all of torch that a run needs; makes no random number and asks for no device."""
    import torch

    from lrtui.training import session  # noqa: F401

    # The first optimizer of a process imports half of torch.
    torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=0.1).zero_grad()


if __name__ == "__main__":
    status = main(int(sys.argv[1]), sys.argv[2])
    from lrtui.training.worker import leave

    leave(status)
