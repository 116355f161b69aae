"""What the three screens have in common: the tabs on top, the footer, the guide for the help screen."""

from __future__ import annotations

from collections.abc import Iterable
from time import monotonic
from typing import TYPE_CHECKING, ClassVar, cast

from textual.app import ComposeResult
from textual.screen import Screen
from textual.widget import Widget

from lrtui.ui.keymap import KeysInForce
from lrtui.ui.living_focus import LivingFocus
from lrtui.ui.newest_size import NewestSize
from lrtui.ui.widgets.key_bar import KeyBar
from lrtui.ui.widgets.tab_bar import TabBar

if TYPE_CHECKING:
    from lrtui.ui.app import LrtuiApp


class ModeScreen(KeysInForce, NewestSize, LivingFocus, Screen[None]):
    """A screen with a tab of its own. Subclasses give MODE, GUIDE and `body()`.

    GUIDE says in a few plain sentences what to do first; the help screen shows it above the keys, which it
    collects from the bindings of the screen and of the widgets on it, tooltips being their plain words. A
    subclass with a method `draft_changed()` is told when the draft changed while it is in front; one that
    cares about changes made elsewhere reads `self.lrtui.draft` in `on_screen_resume`.
    """

    FILLS: ClassVar[float] = 0.0
    """Seconds that keys wait at most, when the screen is first shown, for it to call `filled()`."""

    MODE: ClassVar[str] = ""
    GUIDE: ClassVar[str] = ""

    def __init__(self) -> None:
        super().__init__()
        self.mode = self.MODE
        self.fills_until = monotonic() + self.FILLS

    def filled(self) -> None:
        """Let keys act: what they act on is there."""
        if self.fills_until:
            self.fills_until = 0.0
            self.lrtui.screen_filled()

    @property
    def lrtui(self) -> LrtuiApp:
        """The app, by its own type."""
        return cast("LrtuiApp", self.app)

    def compose(self) -> ComposeResult:
        """Lay out tabs, body and footer."""
        yield TabBar(self.mode)
        yield from self.body()
        yield KeyBar()

    def body(self) -> Iterable[Widget]:
        """The widgets between tabs and footer."""
        raise NotImplementedError
