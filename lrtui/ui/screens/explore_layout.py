"""Where things stand in Explore: its widgets, how they share the room, and how the focus goes between them.

What the widgets show and what a change does is the business of the classes built on this one.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from textual.containers import Horizontal, Vertical
from textual.widget import Widget

from lrtui.ui.screens.base import ModeScreen
from lrtui.ui.widgets.ask_line import AskLine
from lrtui.ui.widgets.catalogue import Catalogue, CatalogueList, FilterInput, How
from lrtui.ui.widgets.expression_input import ExpressionLine
from lrtui.ui.widgets.horizon_form import HorizonForm
from lrtui.ui.widgets.parameter_form import ParameterForm
from lrtui.ui.widgets.phase_list import PhaseList
from lrtui.ui.widgets.preview_pane import PreviewPane

WIDE = 110
"""From this many columns on catalogue and parts stand side by side; as the app's -wide breakpoint."""


class ExploreLayout(ModeScreen):
    """Expression on top; catalogue, parts and preview side by side, or one of the first two when narrow."""

    AUTO_FOCUS = "#entries"
    DEFAULT_CSS: ClassVar[str] = """
    ExploreLayout {
        & #main { height: 1fr; }
        & #catalogue { width: 32; }
        & #parts { width: 34; }
        & #form { height: 1fr; min-height: 3; }
        & #ask { padding: 0 1; }
        & #view { width: 1fr; padding: 0 0 0 1; }
        & #catalogue, & #phases, & #form, & #horizon {
            border: none;
            border-top: solid $border-blurred;
            border-title-color: $foreground;
            padding: 0 1 0 1;
        }
        & #catalogue:focus-within, & #phases:focus, & #form:focus-within, & #horizon:focus-within {
            border-top: solid $primary;
            border-title-color: $primary;
            border-title-style: bold;
        }
        & #phases { padding: 0; border-bottom: blank; border-subtitle-color: $text-muted; }
        &.-narrow #parts, &.-narrow #catalogue { width: 29; }
        &.-very-wide #catalogue { width: 36; }
        &.-very-wide #parts { width: 44; }
        &.-short #phases { max-height: 7; }
    }
    """

    def __init__(self) -> None:
        """Begin with the catalogue open."""
        super().__init__()
        self._how: How = "use"
        self._browsing = True

    def body(self) -> Iterable[Widget]:
        """Expression on top; catalogue, parts and preview side by side."""
        draft = self.lrtui.draft
        self.line = ExpressionLine(draft.expression, id="line")
        self.catalogue = Catalogue(id="catalogue")
        self.phases = PhaseList(id="phases")
        self.form = ParameterForm(id="form")
        self.horizon = HorizonForm(draft, id="horizon")
        self.pane = PreviewPane(id="view")
        self.ask = AskLine(id="ask")
        yield self.line
        yield self.ask
        with Horizontal(id="main"):
            yield self.catalogue
            self.parts = Vertical(self.phases, self.form, self.horizon, id="parts")
            yield self.parts
            yield self.pane

    @property
    def _narrow(self) -> bool:
        return self.app.size.width < WIDE

    def on_resize(self) -> None:
        """Show catalogue and parts side by side, or one of them where there is room for one only."""
        self._arrange()

    def _arrange(self) -> None:
        self.catalogue.display = self._browsing or not self._narrow
        self.parts.display = not (self._browsing and self._narrow)

    def _go(self, widget: Widget) -> None:
        """Focus at once: the next key may be waiting already, and is meant for the widget."""
        if self.catalogue in widget.ancestors:
            self._browsing = True
        elif self.parts in widget.ancestors:
            self._browsing = False
        self._arrange()
        self.set_focus(widget)

    def _open_catalogue(self) -> None:
        self._go(self.query_one(CatalogueList))

    def action_catalogue(self) -> None:
        """To the catalogue, or from it to the phases."""
        if self.catalogue.has_focus_within:
            self.action_leave_field()
        else:
            self._open_catalogue()

    def action_filter(self) -> None:
        """To the line that filters the catalogue."""
        self._go(self.query_one(FilterInput))

    def action_go(self, id: str) -> None:
        """To a widget by its id."""
        if id == "phases":
            self._reset_how()
        self._go(self.query_one(f"#{id}"))

    def action_horizon(self) -> None:
        """To the number of epochs."""
        self._browsing = False
        self._arrange()
        self.horizon.focus_first()

    def action_leave_field(self) -> None:
        """From a field, the expression or the catalogue to the phases."""
        self.action_go("phases")

    def _reset_how(self) -> None:
        """What is chosen in the catalogue goes in place of what is selected again."""
        self._how = "use"
        self.catalogue.border_title = "Catalogue"
