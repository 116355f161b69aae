"""Whether a terminal takes what is sent: by its device, and by its own answers from the far end of the line.

A pseudo-terminal takes some 4 to 64 KiB that nobody reads, an SSH connection megabytes: an hour of updates.
So after every few KiB the terminal is asked where its cursor is, which all terminals answer (DSR 6, ECMA-48),
and while answers are due, no more than about a screenful is sent. Terminals that never answer are judged by
their device alone. Knows no app and no screen.
"""

from __future__ import annotations

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

FIRST_WAIT = 1.0
"""Seconds after the first question within which one that answers at all has done so, even on a bad line."""

LAST_WAIT = 2.0
"""Seconds that leaving waits at most for the last answer: what comes later would be typed into the shell."""


class Flow:
    """Counts what was sent and what was answered. Its methods may be called by any thread."""

    def __init__(self, fd: int | None = None) -> None:
        """Watch a file descriptor; None for that of stderr, where Textual writes."""
        self._fd = fd
        self._lock = threading.RLock()
        self._sent = self._answered = self._asked_at = 0
        self._questions: deque[int] = deque()
        self._due = 0  # answers that are to come; more than questions once those were given up
        self._answers = False
        self._patience = PATIENCE
        self._since = self._first = self._leave_at = time.monotonic()
        self._over = False

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
            due = probe or (self._answers and self._sent - self._asked_at >= ASK_EVERY)
            if due and not self._over:
                if not self._questions:
                    self._since = time.monotonic()
                if probe:
                    self._first = time.monotonic()
                self._asked_at = self._sent
                return text + self._ask()
            return text

    def answered(self) -> bool:
        """Take an answer; False if nothing was asked."""
        with self._lock:
            if not self._due:
                return False
            if self._over and not self._answers:
                self._leave_at = time.monotonic() + LAST_WAIT  # it does answer: the last one comes, too
            self._answers = True
            self._due -= 1
            if self._due >= len(self._questions):
                return True  # to a question of which nothing was expected any more
            self._answered = max(self._answered, self._questions.popleft())
            self._since = time.monotonic()
            self._patience = PATIENCE
            return True

    def alive(self) -> None:
        """Somebody types: what that does is to be seen, once, whatever became of the answers."""
        with self._lock:
            self._answered = max(self._answered, self._sent - MOST)

    def restart(self) -> None:
        """Wait for no answer before something is sent; those that are due will come all the same."""
        with self._lock:
            self._give_up()

    def resume(self) -> None:
        """Begin anew after a stay in the shell: what was answered meanwhile, the shell has got."""
        with self._lock:
            self._over = False
            self._due = 0
            self._give_up()

    def last_question(self) -> str:
        """A question to be sent behind all else; when it is answered, nothing is under way any more.

        Empty for a terminal that had the time to answer the first one and didn't.
        """
        now = time.monotonic()
        with self._lock:
            self._over = True
            self._leave_at = now + LAST_WAIT if self._answers else self._first + FIRST_WAIT
            if self._leave_at <= now:
                self._due = 0
                return ""
            return self._ask()

    def waits_for_last_answer(self) -> bool:
        """Whether the answer to the last question is still to be waited for."""
        with self._lock:
            return self._due > 0 and time.monotonic() < self._leave_at

    def _ask(self) -> str:
        self._questions.append(self._sent)
        self._due += 1
        return ASK

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
