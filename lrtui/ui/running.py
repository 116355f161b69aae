"""Opens the app on the terminal, and says on the shell what there is to say when it has been left.

It decides nothing about what the app shows.
"""

from __future__ import annotations

import contextlib
import gc
import signal
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING

from lrtui.ui.app import LrtuiApp
from lrtui.ui.leaving import SIGNALS
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
    gc.disable()  # what is being loaded stays: searching it for garbage takes a tenth of the time
    try:
        # Who presses Ctrl-C once more than is needed hits what comes after the app, and wants no traceback.
        with contextlib.suppress(KeyboardInterrupt):
            app.run(mouse=settings.mouse)
    finally:
        gc.enable()
    # Who leaves and closes the window at once is to find everything as it was, too.
    for number in SIGNALS:
        signal.signal(number, signal.SIG_IGN)
    app.remembered.flush()
    for number in SIGNALS:
        signal.signal(number, signal.SIG_DFL)
    if app.failure is not None:
        raise app.failure
    if app.crash is not None:
        print(app.crash, file=sys.stderr)
        return 1
    if said := left_behind(app.store):
        print(said, file=sys.stderr)
    return app.return_code or 0


def left_behind(store: RunStore) -> str:
    """What goes on without the app, in one line that says how to come back; empty if nothing does."""
    from lrtui.runs.queue import waiting
    from lrtui.runs.run import RunState

    try:
        living = [(run.id, run.state() is RunState.PAUSED) for run in store.runs() if run.alive()]
        queued = len(waiting(store))
    except (RuntimeError, OSError):
        return ""
    said = []
    ways = ((False, "goes on training", "go on training"), (True, "stays paused", "stay paused"))
    for stays, one, many in ways:
        ids = [run_id for run_id, paused in living if paused is stays]
        if ids:
            said.append(f"{ids[0]} {one}" if len(ids) == 1 else f"{len(ids)} runs {many}")
    if queued:
        said.append("a run waits for its turn" if queued == 1 else f"{queued} runs wait for their turn")
    if not said:
        return ""
    ends = ", lrtui runs stop ID ends it" if living else ", lrtui runs queue shows what waits"
    return f"{', '.join(said)}; lrtui shows it live again{ends}"
