"""Gives the focus to what stays alone, never to a widget that is on its way out.

Textual hands the focus over in a message of its own, and what was to have it may have been taken away by
then. From a widget that is gone no key finds its way to the app: nothing that is typed is heard any more.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from textual.screen import Screen
    from textual.widget import Widget

    _Base = Screen[Any]
else:
    # A plain class: Textual looks for styles along the first base that is a node.
    _Base = object


class LivingFocus(_Base):
    """A screen on which what is gone gets no focus. Inherit from it in front of a kind of screen."""

    def set_focus(
        self, widget: Widget | None, scroll_visible: bool = True, from_app_focus: bool = False
    ) -> None:
        """Focus a widget, or none; leave the focus where it is if the widget goes, or has gone."""
        if widget is None or not (widget._pruning or widget._closing):
            super().set_focus(widget, scroll_visible, from_app_focus)
