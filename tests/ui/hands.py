"""Keys given to the app as fast as each has had its effect, for tests that press very many."""

from __future__ import annotations

import asyncio

from textual import events
from textual.keys import _character_to_key, key_to_character

from lrtui.ui.app import LrtuiApp


async def type_key(app: LrtuiApp, name: str) -> None:
    """Give the app a key, and wait until it has had its whole effect; nothing is waited for to be painted."""
    key = _character_to_key(name) if len(name) == 1 else name
    app.post_message(events.Key(key, name if len(name) == 1 else key_to_character(key)))
    await asyncio.sleep(0)
    until = asyncio.get_running_loop().time() + 60
    while app.has_keys_to_act_on and app.is_running:
        assert asyncio.get_running_loop().time() < until, f"{name} has no end on {app.screen}"
        await asyncio.sleep(0)
