"""The app's side of the process that stands by: started once the first screen is there, gone with the app.

What it does is `lrtui.runs.standby`'s business, which is imported only then.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from textual.app import App

if TYPE_CHECKING:
    from lrtui.runs.standby import Standby, StandbyKeeper

AFTER = 1.0
"""Seconds from the first screen until a process that stands by is started: the screen comes first."""


class StandingByApp(App[None]):
    """An app that may have a process ready to become a run's worker. Inherit from it in place of `App`.

    Attributes:
        stands_by: whether it may; None also leaves the queue alone.
    """

    stands_by: bool | None = None
    store: Any
    draft: Any
    _keeper: StandbyKeeper | None = None

    @property
    def standby(self) -> Standby | None:
        """What may become the worker of a run that is started here."""
        return None if self._keeper is None else self._keeper.standby

    def painted(self) -> None:
        """The first screen is there: what nobody waits for may begin a little later."""
        if self.stands_by is not None:
            self.set_timer(AFTER, partial(self._stand_by, self.stands_by))

    def _stand_by(self, standby: bool) -> None:
        from lrtui.runs.standby import StandbyKeeper

        self._keeper = StandbyKeeper(lambda: self.store, lambda: self.draft.data, standby)
        self._keeper.start()

    def on_unmount(self) -> None:
        """Leave no process that stands by."""
        if self._keeper is not None:
            self._keeper.close()
