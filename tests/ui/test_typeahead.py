"""Keys that arrive together, as a slow line sends them, land where a slow typist's would."""

from __future__ import annotations

import asyncio
from typing import ClassVar

import pytest
from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.message_pump import MessagePump
from textual.screen import ModalScreen, Screen
from textual.widget import Widget
from textual.widgets import Input, OptionList

from lrtui.ui import typeahead
from lrtui.ui.typeahead import TypeAheadApp


class Fields(TypeAheadApp):
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("slash", "find", "Find"),
        Binding("escape", "leave", "Leave"),
        Binding("d", "count", "Count"),
    ]
    counted = 0

    def compose(self) -> ComposeResult:
        yield OptionList("one", "two")
        yield Input()

    def on_mount(self) -> None:
        self.screen.set_focus(self.query_one(OptionList))

    def action_find(self) -> None:
        self.query_one(Input).focus()

    def action_leave(self) -> None:
        self.query_one(OptionList).focus()

    def action_count(self) -> None:
        self.counted += 1


def burst(app: Fields, keys: list[str]) -> None:
    for key in keys:
        character = "/" if key == "slash" else key.removeprefix("alt+")
        app.post_message(events.Key(key, character if len(character) == 1 else None))


@pytest.mark.parametrize(
    ("keys", "text", "counted"),
    [
        (["slash", "s", "g", "d"], "sgd", 0),
        (["slash", "s", "d", "escape", "d", "d"], "sd", 2),
        (["d", "slash", "x", "escape", "slash", "y", "escape", "d"], None, 2),
        (["slash", "s", "alt+d", "d"], "s", 2),
    ],
)
async def test_a_burst_of_keys_takes_effect_key_by_key(
    keys: list[str], text: str | None, counted: int
) -> None:
    app = Fields()
    async with app.run_test() as pilot:
        burst(app, keys)
        for _ in range(20):
            await pilot.pause()
        if text is not None:
            assert app.query_one(Input).value == text
        assert app.counted == counted


async def test_keys_go_on_after_the_widget_that_had_one_is_gone() -> None:
    app = Fields()
    async with app.run_test() as pilot:
        burst(app, ["slash", "a"])
        await app.query_one(OptionList).remove()
        burst(app, ["b"])
        for _ in range(20):
            await pilot.pause()
        assert app.query_one(Input).value.endswith("b")


async def test_a_long_burst_keeps_its_order() -> None:
    app = Fields()
    text = "".join(chr(ord("a") + index % 26) for index in range(200))
    async with app.run_test() as pilot:
        burst(app, ["slash", *text])
        for _ in range(200):
            await pilot.pause()
        assert app.query_one(Input).value == text


class Asks(ModalScreen[None]):
    BINDINGS: ClassVar[list[BindingType]] = [Binding("enter", "go", "Go")]
    gone = 0

    def action_go(self) -> None:
        self.gone += 1


class Opens(Widget, can_focus=True):
    """Opens a dialog as work in a thread does: while a key is on its way."""

    def on_key(self) -> None:
        self.app.push_screen(Asks())


class Opening(TypeAheadApp):
    def compose(self) -> ComposeResult:
        yield Opens()

    def on_mount(self) -> None:
        self.query_one(Opens).focus()


async def test_a_key_says_nothing_to_a_dialog_that_opens_while_it_is_on_its_way() -> None:
    app = Opening()
    async with app.run_test() as pilot:
        app.post_message(events.Key("enter", None))
        for _ in range(10):
            await pilot.pause()
        asks = app.screen
        assert isinstance(asks, Asks)
        assert asks.gone == 0
        app.post_message(events.Key("enter", None))
        for _ in range(10):
            await pilot.pause()
        assert asks.gone == 1


class Next(Screen[None]):
    BINDINGS: ClassVar[list[BindingType]] = [Binding("enter", "go", "Go")]
    gone = 0

    def action_go(self) -> None:
        self.gone += 1


class Goes(Widget, can_focus=True):
    """Has another screen take the place of this one while a key is on its way."""

    def on_key(self) -> None:
        self.app.switch_screen(Next())


class Going(TypeAheadApp):
    def on_mount(self) -> None:
        self.push_screen(First())


class First(Screen[None]):
    def compose(self) -> ComposeResult:
        yield Goes()


async def test_a_key_acts_on_the_screen_that_takes_the_place_of_another() -> None:
    app = Going()
    async with app.run_test() as pilot:
        app.screen.query_one(Goes).focus()
        await pilot.pause()
        app.post_message(events.Key("enter", None))
        for _ in range(10):
            await pilot.pause()
        shown = app.screen
        assert isinstance(shown, Next)
        assert shown.gone == 1


class Loses(Fields):
    """A widget that is taken away takes with it what was to follow the key."""

    lost = 0

    def _follow(self, place: MessagePump | None) -> None:
        if self.lost:
            super()._follow(place)
        self.lost += 1


async def test_a_key_does_not_wait_for_the_next_one_when_the_one_before_got_lost() -> None:
    app = Loses()
    async with app.run_test():
        burst(app, ["d", "d"])
        await asyncio.sleep(typeahead.PATIENCE + 1)
        assert app.counted == 2
