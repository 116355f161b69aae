"""The thread that reads the terminal sleeps while nobody types, and wakes for keys and for the end."""

from __future__ import annotations

import os
import select
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import pytest

from lrtui.ui.idle_input import ROUNDS, EndOfInput


@dataclass
class Reading:
    """A thread that asks as Textual's does, with rounds that take no time."""

    keys: int
    end: EndOfInput
    rounds: int = 0
    read: bytes = b""
    thread: threading.Thread = field(init=False)

    def start(self) -> None:
        self.thread = threading.Thread(target=self._run, daemon=True)
        self.thread.start()

    def _run(self) -> None:
        self.end.reader = threading.get_ident()
        while not self.end.is_set():
            self.rounds += 1
            if select.select([self.keys], [], [], 0)[0]:
                self.read += os.read(self.keys, 64)


@pytest.fixture
def typed() -> Iterator[tuple[Reading, int]]:
    terminal, hand = os.pipe()
    reading = Reading(terminal, EndOfInput(terminal))
    reading.start()
    yield reading, hand
    reading.end.set()
    reading.thread.join(5)
    assert not reading.thread.is_alive()
    os.close(terminal)
    os.close(hand)


def until(what: Callable[[], object]) -> None:
    deadline = time.monotonic() + 10
    while not what():
        assert time.monotonic() < deadline
        time.sleep(0.005)


def test_it_sleeps_until_a_key_comes_and_gives_a_lone_escape_its_time(typed: tuple[Reading, int]) -> None:
    reading, hand = typed
    until(lambda: reading.rounds == ROUNDS)
    time.sleep(0.1)
    assert reading.rounds == ROUNDS
    os.write(hand, b"\x1b")
    until(lambda: reading.rounds == 2 * ROUNDS + 1)
    assert reading.read == b"\x1b"
    time.sleep(0.1)
    assert reading.rounds == 2 * ROUNDS + 1


def test_others_are_answered_at_once_and_it_begins_again_after_a_pause(typed: tuple[Reading, int]) -> None:
    reading, hand = typed
    until(lambda: reading.rounds == ROUNDS)
    assert not reading.end.is_set()
    reading.end.set()  # suspended
    reading.thread.join(5)
    assert not reading.thread.is_alive()
    assert reading.end.is_set()
    reading.end.clear()
    reading.start()
    os.write(hand, b"q")
    until(lambda: reading.read == b"q")


def test_what_was_just_read_is_waited_on_before_sleeping() -> None:
    """A lone escape is known by the rounds in which nothing follows it, however long it was quiet before."""
    reader, writer = os.pipe()
    end = EndOfInput(reader)
    end.reader = threading.get_ident()
    for _ in range(ROUNDS):
        assert not end.is_set()
    end.heard()
    for _ in range(ROUNDS):
        assert not end.is_set()  # without it, it would sleep here
    os.close(writer)
    os.close(reader)
