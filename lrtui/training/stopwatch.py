"""Measure time spent on one thing that is often broken off, such as training (by pauses)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from time import perf_counter


class Stopwatch:
    """Adds up running seconds; of any number of laps, each counts since it was last taken itself."""

    def __init__(self) -> None:
        self._total = 0.0
        self._since: float | None = None
        self._taken: dict[str, float] = {}

    @contextmanager
    def running(self) -> Iterator[None]:
        """Run for the block."""
        self._since = perf_counter()
        try:
            yield
        finally:
            self._total, self._since = self._read(), None

    @contextmanager
    def stopped(self) -> Iterator[None]:
        """Stand still for the block if it is running at all."""
        if self._since is None:
            yield
            return
        self._total = self._read()
        try:
            yield
        finally:
            self._since = perf_counter()

    def lap(self, name: str) -> float:
        """Running seconds since this lap was last taken; never quite 0, so that it can divide."""
        total = self._read()
        lap = total - self._taken.get(name, 0.0)
        self._taken[name] = total
        return max(lap, 1e-9)

    def read(self, name: str) -> float:
        """Running seconds since this lap was last taken, without taking it; never quite 0."""
        return max(self._read() - self._taken.get(name, 0.0), 1e-9)

    def put(self, name: str, seconds: float) -> None:
        """Have a lap stand at so many seconds, as of a watch that was lost."""
        self._taken[name] = self._read() - seconds

    def _read(self) -> float:
        return self._total + (perf_counter() - self._since if self._since is not None else 0.0)
