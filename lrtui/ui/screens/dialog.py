"""What every dialog is built on: it can be closed any number of times, and closes nothing but itself.

Textual's `dismiss` takes away whatever screen is on top. A second enter, a click on a button that is on its
way out, or work in a thread that ends after the dialog was left would take another screen, or end the app.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, cast

from textual import events
from textual.await_complete import AwaitComplete
from textual.message import Message
from textual.screen import ModalScreen, ScreenResultType

from lrtui.ui.keymap import KeysInForce
from lrtui.ui.living_focus import LivingFocus
from lrtui.ui.newest_size import NewestSize

if TYPE_CHECKING:
    from lrtui.ui.app import LrtuiApp


class ClosesItself(KeysInForce, NewestSize, LivingFocus):
    """A screen whose `dismiss` concerns itself alone. Inherit from it in front of a kind of screen."""

    async def _dispatch_message(self, message: Message) -> None:
        # One that was closed before it was there has nothing that it could fill.
        if isinstance(message, events.Mount) and not self._is_open():
            return
        await super()._dispatch_message(message)

    def _is_open(self) -> bool:
        return any(self in stack for stack in self.app._screen_stacks.values())

    def dismiss(self, result: Any = None) -> AwaitComplete:
        """Close the screen with a result, and what lies on it; one that is gone already stays gone."""
        if self not in self.app.screen_stack:
            return AwaitComplete.nothing()  # type: ignore[no-untyped-call,no-any-return]
        while self.app.screen is not self:
            self.app.pop_screen()
        return super().dismiss(result)


class Dialog(ClosesItself, ModalScreen[ScreenResultType]):
    """A modal screen that gives a result of some type when it is closed: a box in the middle of the screen.

    A dialog says how wide its box is, and what is in it.
    """

    DEFAULT_CSS: ClassVar[str] = """
    Dialog {
        align: center middle;
        & > Vertical {
            max-width: 98%; height: auto; max-height: 96%; padding: 0 1; background: $surface;
            border: round $primary; border-title-color: $primary; border-subtitle-color: $text-muted;
        }
        & OptionList, & OptionList:focus { border: none; padding: 0; background: transparent; }
    }
    """

    @property
    def lrtui(self) -> LrtuiApp:
        """The app, by its own type."""
        return cast("LrtuiApp", self.app)
