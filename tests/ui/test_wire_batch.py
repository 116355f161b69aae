"""What Textual draws while updates are held back, and throws away, is drawn again afterwards."""

from __future__ import annotations

import asyncio
from typing import Any

from textual.app import ComposeResult
from textual.widgets import Static

from lrtui.ui.wire import SparingApp


class Held(SparingApp):
    shown: list[str]

    def compose(self) -> ComposeResult:
        self.shown = []
        yield Static("before")

    def _display(self, screen: Any, renderable: Any) -> None:
        super()._display(screen, renderable)
        if renderable is not None and not self._batch_count:
            self.shown.append(renderable.render_segments(self.console))


async def test_what_is_drawn_while_updates_are_held_back_is_shown_afterwards() -> None:
    app = Held()
    async with app.run_test() as pilot:
        await pilot.pause(0.1)
        with app.batch_update():
            words = app.query_one(Static)
            words.update("after")
            # As a screen does that is laid out on its way to the front.
            app.screen._compositor.update_widgets({words})
            app.screen._compositor_refresh()
            app.screen._dirty_widgets.clear()
            app.shown.clear()
        await pilot.pause(0.2)
        assert any("after" in text for text in app.shown)


async def test_a_batch_in_which_nothing_was_drawn_costs_no_drawing() -> None:
    app = Held()
    async with app.run_test() as pilot:
        await pilot.pause(0.1)
        app.shown.clear()
        with app.batch_update():
            pass
        await pilot.pause(0.2)
        assert app.shown == []


async def test_what_became_due_while_updates_were_held_back_is_shown_afterwards() -> None:
    app = Held()
    async with app.run_test() as pilot:
        await pilot.pause(0.1)
        with app.batch_update():
            app.query_one(Static).update("after")
            await asyncio.sleep(0.2)  # the screen has its idle moment, in which it may draw nothing
            app.shown.clear()
        await asyncio.sleep(0.5)
        assert any("after" in text for text in app.shown)
