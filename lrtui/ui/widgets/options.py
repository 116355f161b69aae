"""Textual's list of options, without its error when it is paged through before it has been laid out."""

from __future__ import annotations

import contextlib

from textual.widgets import OptionList


class Options(OptionList):
    """An `OptionList` that stays where it is when it has no page yet: just filled, hidden, no column wide."""

    def action_page_up(self) -> None:
        """Go up a page."""
        with contextlib.suppress(KeyError, IndexError):
            super().action_page_up()  # type: ignore[no-untyped-call]

    def action_page_down(self) -> None:
        """Go down a page."""
        with contextlib.suppress(KeyError, IndexError):
            super().action_page_down()  # type: ignore[no-untyped-call]
