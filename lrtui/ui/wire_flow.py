"""Whether a terminal takes what is sent: by its device, and by its own answers from the far end of the line.

A pseudo-terminal takes some 4 to 64 KiB that nobody reads, an SSH connection megabytes: an hour of updates.
So after every few KiB the terminal is asked where its cursor is, which all terminals answer (DSR 6, ECMA-48),
and while answers are due, no more than about a screenful is sent. Terminals that never answer are judged by
their device alone. Knows no app and no screen.
"""

from __future__ import annotations

import asyncio
import select
import sys
import threading
import time
from collections import deque

ASK = "\x1b[6n"

ASK_EVERY = 2048
"""Bytes between two questions."""

MOST = 8192
"""Bytes sent at most while an answer is due: about a screenful."""

PATIENCE = 10.0
"""Seconds without an answer after which the screen is sent all the same: it may have got lost. Doubles."""

LAST_WAIT = 0.3
"""Seconds that leaving waits for answers: what comes later would be typed into the shell."""


class Flow:
    """Counts what was sent and what was answered. Its methods may be called by any thread."""

    def __init__(self, fd: int | None = None) -> None:
        """Watch a file descriptor; None for that of stderr, where Textual writes."""
        self._fd = fd
        self._lock = threading.RLock()
        self._sent = self._answered = self._asked_at = 0
        self._questions: deque[int] = deque()
        self._answers = False
        self._patience = PATIENCE
        self._since = time.monotonic()

    def open(self) -> bool:
        """Whether something may be sent now."""
        if not self._writable():
            return False
        with self._lock:
            if not self._answers or self._sent - self._answered <= MOST:
                return True
            if time.monotonic() - self._since < self._patience:
                return False
            self._patience *= 2
            self._give_up()
            return True

    def sending(self, text: str) -> str:
        """The text with a question behind it when one is due."""
        with self._lock:
            self._sent += len(text.encode())
            probe = not self._answers and not self._asked_at
            if probe or (self._answers and self._sent - self._asked_at >= ASK_EVERY):
                if not self._questions:
                    self._since = time.monotonic()
                self._asked_at = self._sent
                self._questions.append(self._sent)
                return text + ASK
            return text

    def answered(self) -> bool:
        """Take an answer; False if nothing was asked."""
        with self._lock:
            if not self._questions:
                return False
            self._answers = True
            self._answered = max(self._answered, self._questions.popleft())
            self._since = time.monotonic()
            self._patience = PATIENCE
            return True

    def alive(self) -> None:
        """Somebody types: what that does is to be seen, once, whatever became of the answers."""
        with self._lock:
            self._answered = max(self._answered, self._sent - MOST)

    def restart(self) -> None:
        """Expect no answers to what was asked before: the terminal was somebody else's meanwhile."""
        with self._lock:
            self._give_up()

    async def last_answers(self) -> None:
        """Wait a moment for answers that are due; ask nothing any more."""
        until = time.monotonic() + LAST_WAIT
        with self._lock:
            due = self._answers and bool(self._questions)
            self._answers = False
            self._asked_at = self._asked_at or 1
        while due and self._questions and time.monotonic() < until:
            await asyncio.sleep(0.01)

    def _give_up(self) -> None:
        """Count everything as answered; the next bytes bring a question of their own."""
        self._questions.clear()
        self._answered = self._sent
        self._asked_at = min(self._asked_at, max(self._sent - ASK_EVERY, 1))
        self._since = time.monotonic()

    def _writable(self) -> bool:
        try:
            fd = sys.__stderr__.fileno() if self._fd is None and sys.__stderr__ else self._fd
            return fd is None or bool(select.select([], [fd], [], 0)[1])
        except (OSError, ValueError):
            return True
