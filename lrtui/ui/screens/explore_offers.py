"""What is typed or pasted into Explore's expression that is no schedule of ours: a saved name, a call.

It says how that reads; to take it is the person's decision, and putting it into the draft another class's.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from textual import events

from lrtui.experiments.saved import SIGN
from lrtui.ui.keys import key_for
from lrtui.ui.screens.explore_layout import ExploreLayout
from lrtui.ui.widgets.expression_input import ExpressionInput

if TYPE_CHECKING:
    from lrtui.ui.pasting import Offer


class ExploreOffers(ExploreLayout):
    """The expression in other words than ours."""

    def __init__(self) -> None:
        """Begin with nothing saved and nothing offered."""
        super().__init__()
        self.saved: Mapping[str, str] = {}
        self.offered: Offer | None = None
        """What the expression is in another library's words, while it isn't one of ours."""

    def say_offer(self) -> None:
        """Say what the expression is in another library's words, if it is anything."""
        found = self.offered
        if found is None:
            return
        notes = found.notes
        if found.other is not None:
            other = "updates" if found.counts == "epochs" else "epochs"
            turn = key_for("expression.clock")
            notes = (f"its numbers are taken as {found.counts}; {turn} takes them as {other}", *notes)
        self.line.offer(found.words, notes, possible=found.schedule is not None)

    def action_turn_clock(self) -> None:
        """Take the numbers of another library's call as epochs instead of updates, or as updates again."""
        turned = None if self.offered is None else self.offered.turned()
        if turned is not None:
            self.offered = turned
            self.say_offer()
        elif self.lrtui.draft.error is None:
            turn = key_for("expression.clock")
            self.line.say(f"{turn} is for a call of torch or timm: paste one here, and it counts epochs",
                          notice=True)  # fmt: skip

    def offer_of(self, text: str) -> Offer | None:
        """What text is that is no schedule of ours: a saved one's name, another's call, or nothing known."""
        return _saved_offer(text, self.saved) or _offer(text)

    def on_paste(self, event: events.Paste) -> None:
        """What is pasted while no field has the focus is meant for the expression."""
        event.stop()
        self.line.input.paste(event.text, whole=True)
        self.set_focus(self.line.input)

    async def on_expression_input_pasted(self, event: ExpressionInput.Pasted) -> None:
        """Look at several lines as they were pasted: in one line they may not be code any more."""
        found = _offer(event.text)
        if self.lrtui.draft.error is not None and found is not None and found.schedule is not None:
            self.offered = found
            self.say_offer()


def _saved_offer(text: str, saved: Mapping[str, str]) -> Offer | None:
    if not text.lstrip().startswith(SIGN):
        return None
    from lrtui.ui.pasting import saved_offer

    return saved_offer(text, saved)


def _offer(text: str) -> Offer | None:
    from lrtui.ui.pasting import offer  # five libraries' readers, first needed when something is wrong

    return offer(text)
