"""What the screens share, the runs and the draft: opened and made in a thread, since disks may not answer.

The runs folder and the data that the draft counts on may lie on a server that hangs. The first frame stands
then, says so and can be left; everything else begins when both are there.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from textual.app import App

from lrtui.ui.off_loop import off_loop

if TYPE_CHECKING:
    from lrtui.runs.store import RunStore
    from lrtui.ui.state import Draft
    from lrtui.ui.state_file import StateFile


class HoldingApp(App[None]):
    """An app that holds the store of runs and the draft. Inherit from it in place of `App`.

    Attributes:
        failure: what prevents the store from being opened; the app ends with it.
    """

    remembered: StateFile
    failure: Exception | None = None
    _store: RunStore | Callable[[], RunStore]
    _draft: Draft | None = None
    _looking: asyncio.Task[Any] | None = None
    _warned: bool = False

    async def get_ready(self, patience: float) -> bool:
        """Have store and draft made in a thread; whether they are there within so many seconds."""
        if not callable(self._store) and self._draft is not None:
            return True
        if self._looking is None:
            self._looking = asyncio.create_task(off_loop(self._look_at_disks))
            self._looking.add_done_callback(lambda done: done.exception())  # whoever asks next meets it, too
        done, _ = await asyncio.wait({self._looking}, timeout=patience)
        return bool(done)

    def _look_at_disks(self) -> None:
        self.store  # noqa: B018
        self.draft  # noqa: B018

    @property
    def store(self) -> RunStore:
        """The runs; opened when first asked for."""
        if callable(self._store):
            self._store = self._store()
        return self._store

    def open_store(self) -> bool:
        """Open the store, or leave the app with what prevents it; return whether it is open."""
        try:
            if self.store.unwritable and not self._warned:
                text = f"{self.store.unwritable}; here runs can be looked at, and not changed"
                self.notify(text[:1].upper() + text[1:], severity="warning", timeout=12, markup=False)
            self._warned = True
            return True
        except (RuntimeError, OSError) as error:
            self.failure = error
            self.exit(return_code=2)
            return False

    @property
    def draft(self) -> Draft:
        """The run that is being put together; made when first asked for, after the first frame."""
        if self._draft is None:
            from lrtui.ui.kept_draft import kept_draft

            self._draft = kept_draft(self.remembered)
        return self._draft

    def keep_draft(self) -> None:
        """Remember the draft for the next opening."""
        if self._draft is not None:
            from lrtui.ui.kept_draft import keep

            keep(self.remembered, self._draft)
