"""A process that runs workers without loading torch anew: reads run folders from stdin and forks for each.

A line is a folder and, after tabs, what is to be put into that worker's environment (`NAME=VALUE`).

What the forked processes run is the worker itself, with changes that only save time: small data, a report
after every update, a compiler that does nothing, and updates that take a moment, so that there is time to
interrupt them.
"""

from __future__ import annotations

import os
import resource
import signal
import sys
import time

import torch
from tiny_images import tiny

from lrtui.training import data, engine, session, update, worker

TRAIN, TEST = 96, 24


class Uncompiled:
    """A compiler that takes a moment and does nothing."""

    def __init__(self, model: torch.nn.Module) -> None:
        self._model = model

    def warm(self, *given: object) -> None:
        time.sleep(float(os.environ["COMPILING"]))

    def __call__(self, images: torch.Tensor) -> torch.Tensor:
        return self._model(images)  # type: ignore[no-any-return]


def prepare() -> None:
    # The first optimizer of a process imports half of torch.
    torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=0.1).zero_grad()
    images = tiny(TRAIN, TEST)
    data.load_embedded = lambda: images  # type: ignore[assignment]
    session.prepare.__defaults__ = (0.0, None)
    engine.POLL_EVERY = 0.0
    update.Compiled = Uncompiled  # type: ignore[assignment,misc]
    step = engine.Engine.step

    def slow_step(self: engine.Engine, index: torch.Tensor) -> None:
        if os.environ.get("OUT_OF_MEMORY_AT") == str(self.done):
            raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 20.00 MiB")
        step(self, index)
        time.sleep(float(os.environ.get("SLOW", "0.004")))

    engine.Engine.step = slow_step  # type: ignore[method-assign]


def main() -> None:
    prepare()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for the children
    for line in sys.stdin:
        path, *settings = line.strip().split("\t")
        pid = os.fork()
        if not pid:
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            os.environ.update(setting.split("=", 1) for setting in settings)
            if "LARGEST_FILE" in os.environ:
                limit = int(os.environ["LARGEST_FILE"])
                resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
            with open(os.path.join(path, "worker.log"), "ab") as log:  # noqa: PTH118, PTH123
                os.dup2(log.fileno(), 1)
                os.dup2(log.fileno(), 2)
            os._exit(worker.main([path]))
        print(pid, flush=True)


if __name__ == "__main__":
    main()
