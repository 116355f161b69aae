"""The catalogue's page on one family, over Explore: what it is, its curve, its values, its sources."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.widgets import Static

from lrtui.experiments.presets import Preset
from lrtui.schedules import Family, Horizon, ScheduleError, sample
from lrtui.schedules.pages import example, page
from lrtui.ui.keys import with_keys
from lrtui.ui.plotting import Axis, Series, render, to_ansi
from lrtui.ui.screens.dialog import Dialog

CURVE_HEIGHT = 9
HORIZON = Horizon(400, 40)


class FamilyPage(Dialog[None]):
    """One page that scrolls."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,h,enter", "close", "Close", id="dialog.close", tooltip="Close the page"),
    ]
    DEFAULT_CSS: ClassVar[str] = """
    FamilyPage {
        & > Vertical { width: 84; }
        & #page { height: auto; max-height: 100%; scrollbar-size-vertical: 1; }
        & Static { height: auto; }
        & #lesson { border-bottom: solid $border-blurred; }
        & #curve { color: $primary; text-wrap: nowrap; }
    }
    """

    def __init__(self, kind: Family, preset: Preset | None = None) -> None:
        """Take the family to tell about, and the experiment that it is part of, to be told about first."""
        super().__init__()
        self._kind, self._preset = kind, preset

    def compose(self) -> ComposeResult:
        """Words, curve, values."""
        with Vertical() as box:
            box.border_title = self._kind.title
            box.border_subtitle = with_keys("{dialog.close} closes, ↑ ↓ scroll")
            with VerticalScroll(id="page"):
                width = max(min(int(self.app.size.width * 0.96), 84) - 6, 24)  # less border, padding, bar
                if self._preset is not None:
                    said = f"{self._preset.title}: {self._preset.expression}\n\n{self._preset.lesson}\n"
                    yield Static(said, id="lesson", markup=False)
                about, formula, *rest = page(self._kind, width).split("\n\n")
                yield Static(f"{about}\n\n{formula}\n", markup=False)
                curve = self._curve(width)
                if curve:
                    yield Static(curve, id="curve", markup=False)
                yield Static("\n" + "\n\n".join(rest), markup=False)

    def on_mount(self) -> None:
        """Let the arrow keys scroll."""
        self.query_one("#page").focus()

    def action_close(self) -> None:
        """Close."""
        self.dismiss()

    def _curve(self, width: int) -> str:
        shown = example(self._kind)
        if shown is None:
            return ""
        try:
            updates, rates = sample(shown, HORIZON)
        except ScheduleError:
            return ""
        series = [Series(str(shown), updates / 40.0, rates, marker="")]
        x, y = Axis(0.0, 10.0, label="epochs"), Axis(0.0, kind="rate")
        return f"{shown}\n{to_ansi(render(series, x, y, width, CURVE_HEIGHT), 'plain')}"
