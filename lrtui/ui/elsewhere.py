"""What can be done on the other screens, for the palette: it is found from everywhere, and goes there first.

Only what is searched for is listed: without a search the palette is about the screen in front.
"""

from __future__ import annotations

import asyncio
import importlib
from functools import partial
from time import monotonic
from typing import TYPE_CHECKING, Any, cast

from textual.binding import Binding
from textual.command import Hit, Hits, Provider
from textual.screen import Screen

from lrtui.ui.commands import run_or_say
from lrtui.ui.keys import own_bindings, shown_keys
from lrtui.ui.off_loop import off_loop

if TYPE_CHECKING:
    from lrtui.ui.app import LrtuiApp

SCREENS = {"explore": "ExploreScreen", "train": "TrainScreen", "runs": "RunsScreen"}

PATIENCE = 0.5
"""Seconds that a search waits for the screens to be loaded; the next letter asks again."""

BEHIND = 0.9
"""What a fit elsewhere counts, against one on the screen in front."""


class ElsewhereCommands(Provider):
    """The actions of the screens that aren't in front; these are loaded in a thread as the palette opens."""

    _loading: asyncio.Task[dict[str, type[Screen[Any]]]] | None = None

    async def startup(self) -> None:
        """Begin to load the screens."""
        self._loading = asyncio.create_task(off_loop(_screens))

    async def search(self, query: str) -> Hits:
        """The actions whose name has the text in it, or nearly."""
        if self._loading is None:
            return
        done, _ = await asyncio.wait({self._loading}, timeout=PATIENCE)
        app, matcher = cast("LrtuiApp", self.app), self.matcher(query)
        here = {binding.id for kind in type(self.screen).__mro__ for binding in own_bindings(kind)}
        for mode, kind in self._loading.result().items() if done else ():
            known = set(here)
            for binding in own_bindings(kind) if mode != app.current_mode else ():
                if binding.system or not binding.description or binding.id in known:
                    continue
                known.add(binding.id)
                title = f"{mode.title()}: {binding.description} ({shown_keys(app, binding)[0]})"
                score = matcher.match(title)
                if score > 0:
                    run = partial(_begin, app, mode, binding)
                    yield Hit(BEHIND * score, matcher.highlight(title), run, title, binding.tooltip)


def _screens() -> dict[str, type[Screen[Any]]]:
    """The screens by their modes; importing those that weren't shown yet takes its time."""
    return {
        mode: getattr(importlib.import_module(f"lrtui.ui.screens.{mode}"), name)
        for mode, name in SCREENS.items()
    }


def _begin(app: LrtuiApp, mode: str, binding: Binding) -> None:
    """Go there in a task of its own: the app goes on while the screen fills."""
    app.run_worker(_go(app, mode, binding), name="elsewhere")


async def _go(app: LrtuiApp, mode: str, binding: Binding) -> None:
    """Show the screen and, when there is something to act on, do it there."""
    await app.action_show(mode)
    screen = app.screen
    while app.screen is screen and monotonic() < getattr(screen, "fills_until", 0.0):
        await asyncio.sleep(0.02)
    if app.current_mode == mode and app.screen is screen:
        await run_or_say(app, binding.action, binding.description, screen)
