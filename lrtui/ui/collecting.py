"""Spares the app the long pauses of Python's garbage collector, which would stop it for a tenth of a second.

A full collection looks at every object there is, and most of them, the modules and the widgets of the
screens, are there for as long as the app is. It looks at nothing else and decides nothing else.
"""

from __future__ import annotations

import gc

from textual.app import App

AFTER = 1.0
"""Seconds from showing a screen until it is taken to be complete."""


class CollectingApp(App[None]):
    """An app whose screens, once shown, aren't searched for garbage. Inherit from it in place of `App`.

    Attributes:
        keeps_screens: whether that is so: only where the app is all that its process is for.
    """

    keeps_screens: bool = False
    _kept: frozenset[str] = frozenset()

    def keep_screen(self, mode: str) -> None:
        """A screen that stays has just been shown: the first time, leave it out of later searches."""
        if self.keeps_screens and mode not in self._kept:
            self._kept |= {mode}
            self.set_timer(AFTER, self._keep)

    def _keep(self) -> None:
        gc.freeze()
        gc.enable()  # it may have been off while the app was loaded
