"""Lays a screen out for the size that the terminal has, not for those it had on the way.

A Textual screen that is laid out for another size tells itself so by another resize. Two sizes in its queue,
with anything between them, as while updates are held back, so took turns for ever, and the app heard nothing
else.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from textual import events
from textual.message import Message

if TYPE_CHECKING:
    from textual.screen import Screen

    _Base = Screen[Any]
else:
    # A plain class: Textual looks for styles along the first base that is a node.
    _Base = object


class NewestSize(_Base):
    """A screen that takes any size for the newest. Inherit from it in front of a kind of screen."""

    async def _dispatch_message(self, message: Message) -> None:
        # The app knows the newest at once. An outdated one isn't passed over: Textual lets the last of
        # several in a row stand for all, and the newest may have been among them.
        if isinstance(message, events.Resize) and message.size != self.app.size:
            message = events.Resize(self.app.size, self.app.size)
        await super()._dispatch_message(message)
