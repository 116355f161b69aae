"""Keys typed ahead of the app: one takes its whole effect before the next is given to a widget.

Textual hands each key to what has the focus when the key arrives, and runs a key's action only when the
key has bubbled back to the app. Of `/sgd` in one packet, as a slow line sends it, all four letters would
go to the list that `/` is about to leave. Here the second key waits for the first one's way to end.
"""

from __future__ import annotations

from collections import deque
from time import monotonic
from typing import Any

from textual import events
from textual.app import App
from textual.message_pump import MessagePump

PATIENCE = 1.0
"""Seconds after which a key that has not come back (its widget is busy or gone) holds up no others."""


class TypeAheadApp(App[None]):
    """An app that keeps keys in step with the focus. Inherit from it in place of `App`."""

    def __init__(self, *args: Any, **settings: Any) -> None:
        """Take what `App` takes."""
        super().__init__(*args, **settings)
        self._waiting: deque[events.Key] = deque()
        self._released_at: float | None = None  # when the key on its way is given up; None if there is none

    async def on_event(self, event: events.Event) -> None:
        """Take one event; a key that comes while another is on its way waits for it."""
        if not isinstance(event, events.Key) or event.is_forwarded:
            await super().on_event(event)
            return
        if self._on_its_way():
            self._waiting.append(event)
        else:
            await self._hand_over(event)

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
        if self._waiting:
            key = self._waiting.popleft()
            # Given as a message, so that everything that is in the queue by now comes first.
            self._released_at = monotonic() + PATIENCE
            self.call_later(self._hand_over, key)
