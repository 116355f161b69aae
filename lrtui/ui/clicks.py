"""Clicks on what has just been taken away hit nothing; Textual would look for where it was, and end the app.

It concerns the moment between a widget's removal and the next layout, and knows no widget.
"""

from __future__ import annotations

from textual import events
from textual.app import App


class ClicksApp(App[None]):
    """An app that can be clicked at any moment. Inherit from it in place of `App`."""

    async def on_event(self, event: events.Event) -> None:
        """Take one event, unless it is a click on a widget that is no longer there."""
        if isinstance(event, events.MouseDown) and not event.is_forwarded and self._hits_nothing(event):
            return
        await super().on_event(event)

    def _hits_nothing(self, event: events.MouseDown) -> bool:
        if not self.screen_stack:
            return True
        widget, _ = self.screen.get_widget_and_offset_at(event.x, event.y)
        return widget is not None and widget is not self.screen and widget.parent is None
