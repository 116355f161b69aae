"""Keys typed ahead of the app: one takes its whole effect before the next is given to a widget.

Textual hands each key to what has the focus when the key arrives, and runs a key's action only when the
key has bubbled back to the app. Of `/sgd` in one packet, as a slow line sends it, all four letters would
go to the list that `/` is about to leave. Here the second key waits for the first one's way to end.

Keys also wait, for a while, for a screen that has nothing yet for them to act on: the `e` of `F4 e` is meant
for the list of runs, which is still being read. Function keys and those with ctrl go past it.
"""

from __future__ import annotations

from collections import deque
from time import monotonic
from typing import Any

from textual import events
from textual.app import App
from textual.message_pump import MessagePump
from textual.screen import Screen
from textual.timer import Timer

PATIENCE = 1.0
"""Seconds after which a key that has not come back (its widget is busy or gone) holds up no others."""


class TypeAheadApp(App[None]):
    """An app that keeps keys in step with the focus. Inherit from it in place of `App`."""

    def __init__(self, *args: Any, **settings: Any) -> None:
        """Take what `App` takes."""
        super().__init__(*args, **settings)
        self._waiting: deque[events.Key] = deque()
        self._released_at: float | None = None  # when the key on its way is given up; None if there is none
        self._screen_timer: Timer | None = None
        self._overdue_timer: Timer | None = None
        self._awaited: Screen[Any] | None = None  # the screen that keys wait for
        self._given: tuple[events.Key, Screen[Any]] | None = None  # the key on its way, and whose it is

    async def on_event(self, event: events.Event) -> None:
        """Take one event; a key that comes while another is on its way waits for it."""
        if not isinstance(event, events.Key) or event.is_forwarded:
            if self._given is not None and event is self._given[0] and self._came_between(self._given[1]):
                return
            await super().on_event(event)
            return
        letter = event.character or ""
        if event.key.startswith("alt+") and letter.isalnum() and event.key not in self.active_bindings:
            # Escape and a letter typed quickly: a terminal sends the same for both.
            for key in (events.Key("escape", "\x1b"), events.Key(letter, letter)):
                await self.on_event(key)
            return
        if self._screen_fills() and _is_function_key(event.key):
            self._drop_letters()  # they were meant for the screen that is being left
        if self._on_its_way() or self._held(event.key):
            self._waiting.append(event)
            self._look_when_overdue()
        else:
            await self._hand_over(event)

    @property
    def has_keys_to_act_on(self) -> bool:
        """Whether something that was typed hasn't had its whole effect yet."""
        return self._released_at is not None or bool(self._waiting)

    def screen_filled(self) -> None:
        """The present screen has what keys act on: those that waited for it go now."""
        if self._screen_timer is not None:
            self._screen_timer.stop()
            self._screen_timer = None
        if self._awaited is not None and self._awaited is not self.screen:
            self._drop_letters()
        self._awaited = None
        if self._released_at is None:
            self._release()

    def _came_between(self, screen: Screen[Any]) -> bool:
        """Whether a dialog opened or closed, by work in a thread, since a key was given to a screen.

        The key wasn't meant for what is there now. It is, where one screen has taken the place of another.
        """
        return self.screen is not screen and (self.screen.is_modal or screen.is_modal)

    def _look_when_overdue(self) -> None:
        """See to it that keys don't wait for one whose widget is gone until somebody presses another."""
        if self._released_at is not None and self._overdue_timer is None:
            left = max(self._released_at - monotonic(), 0.0)
            self._overdue_timer = self.set_timer(left + 0.01, self._overdue)

    def _overdue(self) -> None:
        self._overdue_timer = None
        if self._waiting and self._on_its_way():
            self._look_when_overdue()

    def _drop_letters(self) -> None:
        self._waiting = deque(key for key in self._waiting if _goes_past(key.key))

    def _screen_fills(self) -> bool:
        return bool(self.screen_stack) and monotonic() < getattr(self.screen, "fills_until", 0.0)

    def _held(self, key: str) -> bool:
        """Whether the key has to wait for its screen; sees to it that it won't wait for ever."""
        if not self._screen_fills() or _goes_past(key):
            return False
        if self._screen_timer is None:
            left = getattr(self.screen, "fills_until", 0.0) - monotonic()
            self._awaited = self.screen
            self._screen_timer = self.set_timer(max(left, 0.0) + 0.01, self.screen_filled)
        return True

    def _on_its_way(self) -> bool:
        if self._released_at is None:
            return False
        if monotonic() < self._released_at:
            return True
        self._release()
        return self._released_at is not None

    async def _hand_over(self, key: events.Key) -> None:
        self._released_at = monotonic() + PATIENCE
        target = self.focused or (self.screen if self.screen_stack else self)
        self._given = (key, self.screen) if self.screen_stack else None
        await super().on_event(key)
        # What follows the key through the same queues, widget by widget, arrives just after it.
        self._follow(target)

    def _follow(self, place: MessagePump | None) -> None:
        if place is None or place is self:
            # Once more around: an action of the key may have asked for the focus in a message of its own.
            self.call_later(self.call_later, self._release)
        elif not place.call_later(self._follow, place._parent):
            self._release()  # the widget is gone, and the key with it

    def _release(self) -> None:
        self._released_at = None
        if self._waiting and not self._held(self._waiting[0].key):
            key = self._waiting.popleft()
            # Given as a message, so that everything that is in the queue by now comes first.
            self._released_at = monotonic() + PATIENCE
            self.call_later(self._hand_over, key)


def _goes_past(key: str) -> bool:
    """Keys that don't act on what a screen shows: F1 to F12, and those with ctrl."""
    return key.startswith("ctrl+") or _is_function_key(key)


def _is_function_key(key: str) -> bool:
    return key[:1] == "f" and key[1:].isdigit()
