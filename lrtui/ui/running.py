"""Opens the app on the terminal, and says on the shell what there is to say when it has been left.

It decides nothing about what the app shows.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import TYPE_CHECKING

from lrtui.ui.app import LrtuiApp
from lrtui.ui.state_file import FILE_NAME, StateFile, state_folder

if TYPE_CHECKING:
    from lrtui.runs.store import RunStore
    from lrtui.settings import Settings


def run_app(store: RunStore | Callable[[], RunStore], settings: Settings) -> int:
    """Open the app on the terminal and return the exit code when it is left.

    Raises:
        StoreError: a store that was given as a function can't be opened.
    """
    app = LrtuiApp(store, settings=settings, remembered=StateFile(state_folder() / FILE_NAME))
    app.stands_by = settings.standby
    app.keeps_screens = True
    app.note_signals()
    app.run(mouse=settings.mouse)
    app.remembered.flush()
    if app.failure is not None:
        raise app.failure
    if app.crash is not None:
        print(app.crash, file=sys.stderr)
        return 1
    going_on = _training(app.store)
    if going_on:
        what = f"{going_on[0]} goes on" if len(going_on) == 1 else f"{len(going_on)} runs go on"
        print(f"{what} training; lrtui shows it live again, lrtui runs stop ID ends it", file=sys.stderr)
    return app.return_code or 0


def _training(store: RunStore) -> list[str]:
    """Ids of the runs that have a living worker; none if the folder can't be read."""
    try:
        return [run.id for run in store.runs() if run.alive()]
    except (RuntimeError, OSError):
        return []
