"""Waits until an app is at rest: nothing asked for is still on its way, so its picture is final."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable
from weakref import WeakSet

import pytest
from textual.app import App
from textual.pilot import Pilot
from textual.timer import Timer

from lrtui.ui.following import Poller

SHORT = 2.0
"""Seconds: a timer that rings once, and this soon, brings something; a longer one takes something away."""

PATIENCE = 60.0

LONG_LIVED = ("RunsFollower", "RunsLister", "LogReader", "remembered", "asyncio_")
"""How threads begin that are there as long as their screen, the app or the loop is."""


class Pollers:
    """Knows the threads that follow runs, and how often each has looked."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self._active: WeakSet[Poller] = WeakSet()
        self._looks: dict[int, int] = {}
        start = Poller.start

        def started(poller: Poller) -> None:
            if poller not in self._active:
                self._active.add(poller)
                self._count(poller)
            start(poller)

        monkeypatch.setattr(Poller, "start", started)

    def _count(self, poller: Poller) -> None:
        look: Callable[[], None] = poller.poll

        def counted() -> None:
            try:
                look()
            finally:
                self._looks[id(poller)] = self._looks.get(id(poller), 0) + 1

        poller.poll = counted  # type: ignore[method-assign]

    async def look(self) -> None:
        """Have each look twice: the first may have begun before the last thing that was done."""
        for _ in range(2):
            before = {poller: self._looks.get(id(poller), 0) for poller in self._active if poller.active}
            for poller in before:
                poller.wake()
            await until(lambda before=before: not any(map(self._waits, before, before.values())))

    def _waits(self, poller: Poller, looks: int) -> bool:
        return poller.active and self._looks.get(id(poller), 0) <= looks


async def until(condition: Callable[[], bool]) -> None:
    """Wait for something to become true."""
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, "the app never comes to rest"
        await asyncio.sleep(0.005)


def busy(app: App[None], threads: set[threading.Thread]) -> bool:
    """Whether a worker, a thread that isn't one of `threads` or a timer is about to bring something."""
    if any(worker.is_running for worker in app.workers):
        return True
    others = set(threading.enumerate()) - threads
    if any(not thread.name.startswith(LONG_LIVED) for thread in others):
        return True
    nodes = [app, *(node for screen in app.screen_stack for node in screen.walk_children(with_self=True))]
    return any(_rings_soon(timer) for node in nodes for timer in node._timers)


def _rings_soon(timer: Timer) -> bool:
    going = timer._task is not None and not timer._task.done()
    return going and timer._repeat is not None and timer._interval < SHORT


async def rest(pilot: Pilot[None], pollers: Pollers, threads: set[threading.Thread]) -> None:
    """Wait until the app is at rest, and still is after what that may have brought."""
    app, calm = pilot.app, 0
    deadline = time.monotonic() + PATIENCE
    while calm < 2:
        assert time.monotonic() < deadline, "the app never comes to rest"
        await until(lambda: app.current_mode != "start" and not busy(app, threads))
        await pollers.look()
        await pilot.pause(0.02)
        await pilot.pause(0)
        calm = 0 if busy(app, threads) else calm + 1
